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
#include "model/der.h"
#include "model/name.h"

#define OID(text)                                                                                            \
	{                                                                                                    \
		(const uint8_t *)(text), sizeof(text) - 1                                                    \
	}

const struct ext_row exts[EXT_ROWS] = {
	[EXT_BASIC_CONSTRAINTS] = { "basicConstraints", OID("\x55\x1d\x13") },
	[EXT_KEY_USAGE] = { "keyUsage", OID("\x55\x1d\x0f") },
	[EXT_SUBJECT_KEY_ID] = { "subjectKeyIdentifier", OID("\x55\x1d\x0e") },
	[EXT_AUTHORITY_KEY_ID] = { "authorityKeyIdentifier", OID("\x55\x1d\x23") },
	[EXT_EXTENDED_KEY_USAGE] = { "extKeyUsage", OID("\x55\x1d\x25") },
	[EXT_SUBJECT_ALT_NAME] = { "subjectAltName", OID("\x55\x1d\x11") },
	[EXT_NAME_CONSTRAINTS] = { "nameConstraints", OID("\x55\x1d\x1e") },
	[EXT_CERTIFICATE_POLICIES] = { "certificatePolicies", OID("\x55\x1d\x20") },
	[EXT_POLICY_MAPPINGS] = { "policyMappings", OID("\x55\x1d\x21") },
	[EXT_POLICY_CONSTRAINTS] = { "policyConstraints", OID("\x55\x1d\x24") },
	[EXT_INHIBIT_ANY_POLICY] = { "inhibitAnyPolicy", OID("\x55\x1d\x36") },
	[EXT_CRL_DISTRIBUTION_POINTS] = { "cRLDistributionPoints", OID("\x55\x1d\x1f") },
	[EXT_AUTHORITY_INFO_ACCESS] = { "authorityInfoAccess", OID("\x2b\x06\x01\x05\x05\x07\x01\x01") },
};

const struct odd_row odds[ODD_ROWS] = {
	[ODD_SERIAL_NEGATIVE] = { "serial-negative", "the serial number is negative",
				  "RFC 5280 section 4.1.2.2" },
	[ODD_SERIAL_ZERO] = { "serial-zero", "the serial number is zero", "RFC 5280 section 4.1.2.2" },
	[ODD_SERIAL_LONG] = { "serial-long", "the serial number has more than 20 octets",
			      "RFC 5280 section 4.1.2.2" },
	[ODD_SERIAL_PADDED] = { "serial-padded", "the serial number is not encoded minimally",
				"X.690 section 8.3.2" },
	[ODD_VERSION] = { "version", "extensions or unique identifiers in a version that has none",
			  "RFC 5280 section 4.1.2.1" },
	[ODD_DEFAULT_ENCODED] = { "default-encoded", "a default value is written out", "X.690 section 11.5" },
	[ODD_TIME_FORM] = { "time-form", "a date before 2050 is a GeneralizedTime",
			    "RFC 5280 section 4.1.2.5" },
	[ODD_TIME_ORDER] = { "time-order", "it ends before it begins", "RFC 5280 section 4.1.2.5" },
	[ODD_ALGORITHMS_DIFFER] = { "algorithms-differ",
				    "the signed and the outer signature algorithm differ",
				    "RFC 5280 section 4.1.1.2" },
	[ODD_ISSUER_EMPTY] = { "issuer-empty", "the issuer has no name", "RFC 5280 section 4.1.2.4" },
	[ODD_EXTENSION_TWICE] = { "extension-twice", "an extension occurs twice", "RFC 5280 section 4.2" },
	[ODD_BASIC_CONSTRAINTS] = { "basic-constraints", "basicConstraints cannot be read",
				    "RFC 5280 section 4.2.1.9" },
	[ODD_KEY_USAGE] = { "key-usage", "keyUsage cannot be read", "RFC 5280 section 4.2.1.3" },
	[ODD_KEY_ID] = { "key-id", "a key identifier cannot be read", "RFC 5280 section 4.2.1.2" },
	[ODD_EXTENDED_KEY_USAGE] = { "ext-key-usage", "extKeyUsage cannot be read",
				     "RFC 5280 section 4.2.1.12" },
	[ODD_UNIQUE_ID] = { "unique-id", "it has a unique identifier", "RFC 5280 section 4.1.2.8" },
};

static void mark(struct cert *cert, enum odd odd, bool is)
{
	if (is)
		cert->odd |= 1u << odd;
}

static int two(const uint8_t *at)
{
	return (at[0] - '0') * 10 + at[1] - '0';
}

/* YYMMDDHHMMSSZ or YYYYMMDDHHMMSSZ, nothing else (RFC 5280 section 4.1.2.5). */
static bool read_time(struct cursor *in, int64_t *ret, bool *ret_odd)
{
	bool general = der_peek(in, DER_GENERALIZED_TIME);
	struct bytes t = der_take(in, general ? DER_GENERALIZED_TIME : DER_UTC_TIME);
	int year;

	if (t.len != (general ? 15 : 13) || t.at[t.len - 1] != 'Z')
		return false;
	for (size_t i = 0; i + 1 < t.len; i++)
		if (t.at[i] < '0' || t.at[i] > '9')
			return false;
	year = general ? two(t.at) * 100 + two(t.at + 2) : two(t.at);
	if (!general)
		year += year < 50 ? 2000 : 1900;
	else if (year < 2050)
		*ret_odd = true;
	t = bytes_skip(t, general ? 4 : 2);
	return clock_from(year, two(t.at), two(t.at + 2), two(t.at + 4), two(t.at + 6), two(t.at + 8), ret);
}

static void read_basic_constraints(struct cert *cert, struct bytes value)
{
	struct cursor outer = der_into(value), in = der_into(der_take(&outer, DER_SEQUENCE));
	uint64_t path_len = 0;
	bool ca = false, has_len = false, ok = der_ended(&outer);

	if (der_peek(&in, DER_BOOLEAN)) {
		ok = ok && der_read_boolean(der_take(&in, DER_BOOLEAN), &ca);
		mark(cert, ODD_DEFAULT_ENCODED, ok && !ca);
	}
	if (der_peek(&in, DER_INTEGER)) {
		has_len = true;
		ok = ok && der_read_unsigned(der_take(&in, DER_INTEGER), INT32_MAX, &path_len);
	}
	if (!ok || !der_ended(&in)) {
		mark(cert, ODD_BASIC_CONSTRAINTS, true);
		return;
	}
	cert->ca = ca;
	cert->path_len = has_len ? (int32_t)path_len : -1;
}

static void read_key_usage(struct cert *cert, struct bytes value)
{
	struct cursor outer = der_into(value);
	struct bytes bits = der_take(&outer, DER_BIT_STRING);
	uint16_t usage = 0;

	if (!der_ended(&outer) || bits.len < 1 || bits.len > 3 || bits.at[0] > 7 ||
	    (bits.len == 1 && bits.at[0] != 0)) {
		mark(cert, ODD_KEY_USAGE, true);
		return;
	}
	for (unsigned i = 0; i < 8 * (bits.len - 1); i++)
		if (bits.at[1 + i / 8] >> (7 - i % 8) & 1)
			usage |= (uint16_t)(1u << i);
	cert->key_usage = usage;
}

static void read_key_id(struct cert *cert, struct bytes value)
{
	struct cursor outer = der_into(value);

	der_take(&outer, DER_OCTET_STRING);
	mark(cert, ODD_KEY_ID, !der_ended(&outer));
}

static void read_authority_key_id(struct cert *cert, struct bytes value)
{
	struct cursor outer = der_into(value), in = der_into(der_take(&outer, DER_SEQUENCE));

	while (cursor_left(&in) > 0)
		der_next(&in);
	mark(cert, ODD_KEY_ID, !der_ended(&outer) || !der_ended(&in));
}

static void read_extended_key_usage(struct cert *cert, struct bytes value)
{
	struct cursor outer = der_into(value), in = der_into(der_take(&outer, DER_SEQUENCE));

	do
		der_take(&in, DER_OID);
	while (cursor_left(&in) > 0);
	mark(cert, ODD_EXTENDED_KEY_USAGE, !der_ended(&outer) || !der_ended(&in));
}

static void (*const ext_readers[EXT_ROWS])(struct cert *, struct bytes) = {
	[EXT_BASIC_CONSTRAINTS] = read_basic_constraints,
	[EXT_KEY_USAGE] = read_key_usage,
	[EXT_SUBJECT_KEY_ID] = read_key_id,
	[EXT_AUTHORITY_KEY_ID] = read_authority_key_id,
	[EXT_EXTENDED_KEY_USAGE] = read_extended_key_usage,
};

bool extension_read(struct bytes whole, struct extension *ret, bool *ret_odd)
{
	struct cursor outer = der_into(whole), in = der_into(der_take(&outer, DER_SEQUENCE));
	struct extension out = { .whole = whole };

	out.oid = der_take(&in, DER_OID);
	if (der_peek(&in, DER_BOOLEAN)) {
		if (!der_read_boolean(der_take(&in, DER_BOOLEAN), &out.critical))
			return false;
		*ret_odd = !out.critical;
	}
	out.value = der_take(&in, DER_OCTET_STRING);
	if (out.oid.len == 0 || !der_ended(&in) || !der_ended(&outer))
		return false;
	*ret = out;
	return true;
}

static enum ext ext_of(struct bytes oid)
{
	enum ext ext = 0;

	while (ext < EXT_ROWS && !bytes_equal(exts[ext].oid, oid))
		ext++;
	return ext;
}

static bool oid_before(struct bytes extensions, struct bytes oid, const uint8_t *end)
{
	struct cursor in = der_into(extensions);

	while (in.pos < extensions.len && in.all.at + in.pos < end) {
		struct cursor one = der_into(der_take(&in, DER_SEQUENCE));

		if (bytes_equal(der_take(&one, DER_OID), oid))
			return true;
	}
	return false;
}

static bool read_extensions(struct cert *cert, struct err *err)
{
	struct cursor in = der_into(cert->extensions);

	for (int count = 0; cursor_left(&in) > 0; count++) {
		struct extension one;
		bool odd = false;
		enum ext ext;

		if (count >= LIMIT_EXTENSIONS)
			return err_set(err, ERR_LIMIT, "more than %d extensions", LIMIT_EXTENSIONS);
		if (!extension_read(der_take_whole(&in, DER_SEQUENCE), &one, &odd))
			return err_set(err, ERR_DAMAGED, "extension %d is no DER Extension", count + 1);
		mark(cert, ODD_DEFAULT_ENCODED, odd);
		ext = ext_of(one.oid);
		if (ext == EXT_ROWS ? oid_before(cert->extensions, one.oid, one.whole.at)
				    : cert_has(cert, ext)) {
			mark(cert, ODD_EXTENSION_TWICE, true);
			continue;
		}
		if (ext == EXT_ROWS)
			continue;
		cert->present |= 1u << ext;
		cert->critical |= one.critical ? 1u << ext : 0;
		cert->ext[ext] = one.value;
		if (ext_readers[ext] != NULL)
			ext_readers[ext](cert, one.value);
	}
	return true;
}

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
	mark(cert, ODD_DEFAULT_ENCODED, version == 0);
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
	mark(cert, ODD_SERIAL_PADDED, padded);
	mark(cert, ODD_SERIAL_NEGATIVE, s.at[0] >= 0x80);
	mark(cert, ODD_SERIAL_ZERO, s.len == 1 && s.at[0] == 0);
	mark(cert, ODD_SERIAL_LONG, s.len > 20 && !(s.len == 21 && s.at[0] == 0));
	return true;
}

static bool read_validity(struct cursor *tbs, struct cert *cert)
{
	struct cursor in = der_into(der_take(tbs, DER_SEQUENCE));
	bool odd = false;

	if (!read_time(&in, &cert->not_before, &odd) || !read_time(&in, &cert->not_after, &odd) ||
	    !der_ended(&in))
		return false;
	mark(cert, ODD_TIME_FORM, odd);
	mark(cert, ODD_TIME_ORDER, cert->not_after < cert->not_before);
	return true;
}

static bool read_spki(struct cursor *tbs, struct cert *cert)
{
	cert->spki = der_take_whole(tbs, DER_SEQUENCE);
	struct cursor outer = der_into(cert->spki), in = der_into(der_take(&outer, DER_SEQUENCE));

	cert->key_algorithm = der_take(&in, DER_SEQUENCE);
	cert->key = der_take(&in, DER_BIT_STRING);
	if (!der_ended(&in) || cert->key.len == 0 || cert->key.at[0] > 7)
		return false;
	cert->key = bytes_skip(cert->key, 1);
	return true;
}

/* What follows the key: unique identifiers and extensions. */
static bool read_rest(struct cursor *tbs, struct cert *cert, struct err *err)
{
	static const unsigned ids[] = { DER_CONTEXT(1), DER_CONTEXT(2) };

	for (size_t i = 0; i < 2; i++) {
		if (!der_peek(tbs, ids[i]))
			continue;
		der_take(tbs, ids[i]);
		mark(cert, ODD_UNIQUE_ID, true);
		mark(cert, ODD_VERSION, cert->version < 2);
	}
	if (der_peek(tbs, DER_EXPLICIT(3))) {
		struct cursor in = der_into(der_take(tbs, DER_EXPLICIT(3)));

		cert->extensions = der_take(&in, DER_SEQUENCE);
		if (!der_ended(&in))
			return err_set(err, ERR_DAMAGED, "the extensions are no SEQUENCE");
		mark(cert, ODD_VERSION, cert->version < 3);
		if (!read_extensions(cert, err))
			return false;
	}
	return der_ended(tbs) || err_set(err, ERR_DAMAGED, "something unknown follows the extensions");
}

static bool read_tbs(struct bytes body, struct cert *cert, struct bytes *ret_inner, struct err *err)
{
	struct cursor tbs = der_into(body);

	if (!read_version(&tbs, cert))
		return err_set(err, ERR_DAMAGED, "the version is not 1, 2 or 3");
	if (!read_serial(&tbs, cert))
		return err_set(err, ERR_DAMAGED, "the serial number is no INTEGER");
	*ret_inner = der_take(&tbs, DER_SEQUENCE);
	cert->issuer = der_take_whole(&tbs, DER_SEQUENCE);
	if (tbs.bad)
		return err_set(err, ERR_DAMAGED, "the signature algorithm or the issuer is no SEQUENCE");
	if (!name_valid(cert->issuer))
		return err_set(err, ERR_DAMAGED, "the issuer is no Name, or has more than %d parts",
			       LIMIT_NAME_PARTS);
	if (!read_validity(&tbs, cert))
		return err_set(err, ERR_DAMAGED, "the validity is not two times in the form of RFC 5280");
	cert->subject = der_take_whole(&tbs, DER_SEQUENCE);
	if (tbs.bad || !name_valid(cert->subject))
		return err_set(err, ERR_DAMAGED, "the subject is no Name, or has more than %d parts",
			       LIMIT_NAME_PARTS);
	if (!read_spki(&tbs, cert))
		return err_set(err, ERR_DAMAGED, "the public key is no SubjectPublicKeyInfo");
	mark(cert, ODD_ISSUER_EMPTY, cert->issuer.len <= 2);
	cert->self_issued = bytes_equal(cert->issuer, cert->subject);
	return read_rest(&tbs, cert, err);
}

bool cert_read(struct bytes der, struct cert *ret, struct err *err)
{
	struct cert cert = { .der = der, .path_len = -1 };
	struct cursor file = der_into(der), in = der_into(der_take(&file, DER_SEQUENCE));
	struct bytes inner = { NULL, 0 };

	*ret = (struct cert){ .der = der, .path_len = -1, .not_before = CLOCK_NONE, .not_after = CLOCK_NONE };
	if (der.len > LIMIT_CERTIFICATE_SIZE)
		return err_set(err, ERR_LIMIT, "larger than %zu KiB", LIMIT_CERTIFICATE_SIZE >> 10);
	if (file.bad)
		return err_set(err, ERR_DAMAGED, "no DER SEQUENCE, or one that is cut short");
	if (!der_ended(&file))
		return err_set(err, ERR_DAMAGED, "%zu bytes follow the certificate", cursor_left(&file));
	cert.tbs = der_take_whole(&in, DER_SEQUENCE);
	cert.signature_algorithm = der_take(&in, DER_SEQUENCE);
	cert.signature = der_take(&in, DER_BIT_STRING);
	if (!der_ended(&in) || cert.signature.len == 0 || cert.signature.at[0] > 7)
		return err_set(err, ERR_DAMAGED,
			       "not a Certificate: no signed part, algorithm and signature");
	cert.signature = bytes_skip(cert.signature, 1);
	struct cursor tbs = der_into(cert.tbs);

	if (!read_tbs(der_take(&tbs, DER_SEQUENCE), &cert, &inner, err))
		return false;
	mark(&cert, ODD_ALGORITHMS_DIFFER, !bytes_equal(inner, cert.signature_algorithm));
	*ret = cert;
	return true;
}

bool cert_extension(const struct cert *cert, struct bytes oid, struct extension *ret)
{
	struct cursor in = der_into(cert->extensions);
	bool odd;

	while (cursor_left(&in) > 0) {
		struct extension one;

		if (!extension_read(der_take_whole(&in, DER_SEQUENCE), &one, &odd))
			return false;
		if (bytes_equal(one.oid, oid)) {
			*ret = one;
			return true;
		}
	}
	return false;
}

bool cert_oid_next(struct bytes sequence_of, size_t *at, struct bytes *ret)
{
	struct cursor outer = der_into(sequence_of), in = der_into(der_take(&outer, DER_SEQUENCE));

	in.pos = *at;
	*ret = der_take(&in, DER_OID);
	*at = in.pos;
	return !in.bad;
}
