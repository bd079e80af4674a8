/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 *   Certificate     ::= SEQUENCE { tbs, AlgorithmIdentifier, BIT STRING }
 *   TBSCertificate  ::= SEQUENCE { [0] version DEFAULT v1, serial, signature, issuer,
 *                       validity, subject, spki, [1] id?, [2] id?, [3] extensions? }
 */
#include "model/cert.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/limits.h"
#include "model/cert_ext.h"
#include "model/der.h"
#include "model/name.h"

const struct odd_row odds[ODD_ROWS] = {
	[ODD_SERIAL_NEGATIVE] = { "serial-negative", "the serial number is negative",
				  "RFC 5280 section 4.1.2.2" },
	[ODD_SERIAL_ZERO] = { "serial-zero", "the serial number is zero", "RFC 5280 section 4.1.2.2" },
	[ODD_SERIAL_LONG] = { "serial-long", "the serial number has more than 20 octets",
			      "RFC 5280 section 4.1.2.2" },
	[ODD_SERIAL_PADDED] = { "serial-padded", "the serial number is not encoded minimally",
				"X.690 section 8.3.2" },
	[ODD_DEFAULT_ENCODED] = { "default-encoded", "a default value is written out", "X.690 section 11.5" },
	[ODD_TIME_FORM] = { "time-form", "a date before 2050 is a GeneralizedTime, or one has no seconds",
			    "RFC 5280 section 4.1.2.5" },
	[ODD_TIME_ORDER] = { "time-order", "it ends before it begins", "RFC 5280 section 4.1.2.5" },
	[ODD_ISSUER_EMPTY] = { "issuer-empty", "the issuer has no name", "RFC 5280 section 4.1.2.4" },
	[ODD_NAME_PART_EMPTY] = { "name-part-empty", "a relative name in the subject or issuer is empty",
				  "X.501 section 9.3" },
	[ODD_BASIC_CONSTRAINTS] = { "basic-constraints", "basicConstraints cannot be read",
				    "RFC 5280 section 4.2.1.9" },
	[ODD_KEY_USAGE] = { "key-usage", "keyUsage cannot be read", "RFC 5280 section 4.2.1.3" },
	[ODD_KEY_ID] = { "key-id", "a key identifier cannot be read", "RFC 5280 section 4.2.1.2" },
	[ODD_EXTENDED_KEY_USAGE] = { "ext-key-usage", "extKeyUsage cannot be read",
				     "RFC 5280 section 4.2.1.12" },
	[ODD_ALT_NAME] = { "alt-name", "an alternative name cannot be read", "RFC 5280 section 4.2.1.6" },
	[ODD_UNIQUE_ID] = { "unique-id", "it has a unique identifier", "RFC 5280 section 4.1.2.8" },
};

static bool read_version(struct cursor *tbs, struct cert *cert)
{
	uint64_t version = 0;

	cert->version = 1;
	if (!der_peek(tbs, DER_EXPLICIT(0)))
		return true;
	struct cursor in = der_into(der_take(tbs, DER_EXPLICIT(0)));

	if (!der_read_unsigned(der_take(&in, DER_INTEGER), 2, &version) || !der_ended(&in))
		return false;
	cert->version = (uint8_t)(version + 1);
	cert_mark(cert, ODD_DEFAULT_ENCODED, version == 0);
	return true;
}

static bool read_serial(struct cursor *tbs, struct cert *cert)
{
	struct bytes s = der_take(tbs, DER_INTEGER);
	bool padded;

	cert->serial = s;
	if (s.len == 0)
		return false;
	padded = s.len > 1 && ((s.at[0] == 0 && s.at[1] < 0x80) || (s.at[0] == 0xff && s.at[1] >= 0x80));
	cert_mark(cert, ODD_SERIAL_PADDED, padded);
	cert_mark(cert, ODD_SERIAL_NEGATIVE, s.at[0] >= 0x80);
	cert_mark(cert, ODD_SERIAL_ZERO, s.len == 1 && s.at[0] == 0);
	cert_mark(cert, ODD_SERIAL_LONG, s.len > 20 && !(s.len == 21 && s.at[0] == 0));
	return true;
}

static bool read_validity(struct cursor *tbs, struct cert *cert)
{
	struct cursor in = der_into(der_take(tbs, DER_SEQUENCE));
	bool odd = false;

	if (!der_take_time(&in, &cert->not_before, &odd) || !der_take_time(&in, &cert->not_after, &odd) ||
	    !der_ended(&in))
		return false;
	cert_mark(cert, ODD_TIME_FORM, odd);
	cert_mark(cert, ODD_TIME_ORDER, cert->not_after < cert->not_before);
	return true;
}

static bool read_spki(struct cursor *tbs, struct cert *cert)
{
	cert->spki = der_take_whole(tbs, DER_SEQUENCE);
	struct cursor outer = der_into(cert->spki), in = der_into(der_take(&outer, DER_SEQUENCE));

	cert->key_algorithm = der_take_algorithm(&in);
	cert->key = der_take_octets(&in);
	return der_ended(&in);
}

/* What follows the key: unique identifiers and extensions. */
static bool read_rest(struct cursor *tbs, struct cert *cert, struct err *err)
{
	static const unsigned ids[] = { DER_CONTEXT(1), DER_CONTEXT(2) };
	int least = 1;

	for (size_t i = 0; i < 2; i++)
		if (der_peek(tbs, ids[i])) {
			der_take_bits(tbs, ids[i]);
			cert_mark(cert, ODD_UNIQUE_ID, true);
			least = 2;
		}
	if (tbs->bad)
		return err_set(err, ERR_DAMAGED, "a unique identifier is no BIT STRING");
	if (der_peek(tbs, DER_EXPLICIT(3))) {
		struct cursor in = der_into(der_take(tbs, DER_EXPLICIT(3)));

		least = 3;
		cert->extensions = der_take(&in, DER_SEQUENCE);
		if (!der_ended(&in))
			return err_set(err, ERR_DAMAGED, "the extensions are no SEQUENCE");
	}
	if (!der_ended(tbs))
		return err_set(err, ERR_DAMAGED, "something unknown follows the extensions");
	if (cert->version < least)
		return err_set(err, ERR_DAMAGED, "version %d, with fields that are new in version %d",
			       cert->version, least);
	return cert_ext_read(cert, err);
}

static bool read_name(struct cursor *tbs, struct cert *cert, const char *which, struct bytes *ret,
		      struct err *err)
{
	*ret = der_take_whole(tbs, DER_SEQUENCE);
	if (tbs->bad || !name_valid(*ret))
		return err_set(err, ERR_DAMAGED, "the %s is no Name, or has more than %d parts", which,
			       LIMIT_NAME_PARTS);
	cert_mark(cert, ODD_NAME_PART_EMPTY, name_has_empty(*ret));
	return true;
}

static bool read_tbs(struct bytes body, struct cert *cert, struct err *err)
{
	struct cursor tbs = der_into(body);
	struct bytes algorithm;

	if (!read_version(&tbs, cert))
		return err_set(err, ERR_DAMAGED, "the version is not 1, 2 or 3");
	if (!read_serial(&tbs, cert))
		return err_set(err, ERR_DAMAGED, "the serial number is no INTEGER");
	algorithm = der_take_algorithm(&tbs);
	if (tbs.bad)
		return err_set(err, ERR_DAMAGED, "the signed signature algorithm is no AlgorithmIdentifier");
	if (!bytes_equal(algorithm, cert->signature_algorithm))
		return err_set(err, ERR_DAMAGED, "the signed and the outer signature algorithm differ");
	if (!read_name(&tbs, cert, "issuer", &cert->issuer, err))
		return false;
	if (!read_validity(&tbs, cert))
		return err_set(err, ERR_DAMAGED, "the validity is not two times in the form of RFC 5280");
	if (!read_name(&tbs, cert, "subject", &cert->subject, err))
		return false;
	if (!read_spki(&tbs, cert))
		return err_set(err, ERR_DAMAGED, "the public key is no SubjectPublicKeyInfo");
	cert_mark(cert, ODD_ISSUER_EMPTY, cert->issuer.len <= 2);
	cert->self_issued = bytes_equal(cert->issuer, cert->subject);
	return read_rest(&tbs, cert, err);
}

bool cert_read(struct bytes der, struct cert *ret, struct err *err)
{
	struct cert cert = { .der = der, .path_len = -1 };
	struct cursor file = der_into(der), in = der_into(der_take(&file, DER_SEQUENCE)), tbs;

	*ret = (struct cert){ .der = der, .path_len = -1, .not_before = CLOCK_NONE, .not_after = CLOCK_NONE };
	if (der.len > LIMIT_CERTIFICATE_SIZE)
		return err_set(err, ERR_LIMIT, "larger than %zu KiB", LIMIT_CERTIFICATE_SIZE >> 10);
	if (file.bad)
		return err_set(err, ERR_DAMAGED, "no DER SEQUENCE, or one that is cut short");
	if (!der_ended(&file))
		return err_set(err, ERR_DAMAGED, "%zu bytes follow the certificate", cursor_left(&file));
	cert.tbs = der_take_whole(&in, DER_SEQUENCE);
	if (in.bad)
		return err_set(err, ERR_DAMAGED, "not a Certificate: it does not begin with a SEQUENCE");
	cert.signature_algorithm = der_take_algorithm(&in);
	if (in.bad)
		return err_set(err, ERR_DAMAGED, "the outer signature algorithm is no AlgorithmIdentifier");
	cert.signature = der_take_octets(&in);
	if (in.bad)
		return err_set(err, ERR_DAMAGED, "the signature is no BIT STRING");
	if (!der_ended(&in))
		return err_set(err, ERR_DAMAGED, "something unknown follows the signature");
	tbs = der_into(cert.tbs);
	if (!read_tbs(der_take(&tbs, DER_SEQUENCE), &cert, err))
		return false;
	*ret = cert;
	return true;
}
