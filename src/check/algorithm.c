/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/algorithm.h"

#include "base/buf.h"
#include "base/crypto.h"
#include "model/der.h"

#define OID(text)                                                                                            \
	{                                                                                                    \
		(const uint8_t *)(text), sizeof(text) - 1                                                    \
	}

static const struct bytes oid_pss = OID("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a");
static const struct bytes oid_mgf1 = OID("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x08");

static bool empty_or_null(struct bytes parameters)
{
	static const struct bytes null = OID("\x05\x00");

	return parameters.len == 0 || bytes_equal(parameters, null);
}

/* HashAlgorithm, contents: OID and NULL or nothing. */
static gnutls_digest_algorithm_t read_hash(struct bytes contents)
{
	gnutls_digest_algorithm_t hash = GNUTLS_DIG_UNKNOWN;
	struct cursor in = der_into(contents);
	struct bytes oid = der_take(&in, DER_OID);
	struct buf dotted = { 0 };

	if (!in.bad && empty_or_null(bytes_skip(contents, in.pos)) && der_oid_text(oid, &dotted)) {
		buf_byte(&dotted, '\0');
		hash = crypto()->oid_to_digest((const char *)dotted.at);
	}
	buf_done(&dotted);
	return hash;
}

static struct bytes explicitly(struct cursor *in, unsigned number, unsigned tag)
{
	struct cursor inside = der_into(der_take(in, DER_EXPLICIT(number)));
	struct bytes body = der_take(&inside, tag);

	in->bad = in->bad || !der_ended(&inside);
	return body;
}

/*
 * RSASSA-PSS-params ::= SEQUENCE { [0] HashAlgorithm DEFAULT sha1, [1] MaskGenAlgorithm DEFAULT mgf1SHA1,
 *	[2] saltLength DEFAULT 20, [3] trailerField DEFAULT 1 }
 */
static bool read_pss(struct bytes parameters, struct algorithm *ret)
{
	struct cursor outer = der_into(parameters), in = der_into(der_take(&outer, DER_SEQUENCE));
	gnutls_digest_algorithm_t hash = GNUTLS_DIG_SHA1, mask = GNUTLS_DIG_SHA1;
	uint64_t salt = 20, trailer = 1;
	bool ok = true;

	if (der_peek(&in, DER_EXPLICIT(0)))
		hash = read_hash(explicitly(&in, 0, DER_SEQUENCE));
	if (der_peek(&in, DER_EXPLICIT(1))) {
		struct cursor mgf = der_into(explicitly(&in, 1, DER_SEQUENCE));

		ok = bytes_equal(der_take(&mgf, DER_OID), oid_mgf1);
		mask = read_hash(der_take(&mgf, DER_SEQUENCE));
		ok = ok && der_ended(&mgf);
	}
	if (der_peek(&in, DER_EXPLICIT(2)))
		ok = ok && der_read_unsigned(explicitly(&in, 2, DER_INTEGER), 4096, &salt);
	if (der_peek(&in, DER_EXPLICIT(3)))
		ok = ok && der_read_unsigned(explicitly(&in, 3, DER_INTEGER), 1, &trailer);
	if (!ok || !der_ended(&in) || !der_ended(&outer) || hash != mask || trailer != 1 ||
	    hash == GNUTLS_DIG_UNKNOWN)
		return false;
	*ret = (struct algorithm){ .sign = crypto()->pk_to_sign(GNUTLS_PK_RSA_PSS, hash),
				   .pss = true,
				   .hash = hash,
				   .salt = (unsigned)salt };
	return true;
}

/* DigestInfo ::= SEQUENCE { SEQUENCE { hash OBJECT IDENTIFIER, NULL }, digest OCTET STRING }, up to the
 * digest. */
#define SHA2(whole, number, digest)                                                                          \
	OID("\x30" whole "\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02" number "\x05\x00\x04" digest)
static const struct {
	gnutls_sign_algorithm_t sign;
	gnutls_digest_algorithm_t hash;
	struct bytes info;
} digest_infos[] = {
	{ GNUTLS_SIGN_RSA_SHA256, GNUTLS_DIG_SHA256, SHA2("\x31", "\x01", "\x20") },
	{ GNUTLS_SIGN_RSA_SHA384, GNUTLS_DIG_SHA384, SHA2("\x41", "\x02", "\x30") },
	{ GNUTLS_SIGN_RSA_SHA512, GNUTLS_DIG_SHA512, SHA2("\x51", "\x03", "\x40") },
	{ GNUTLS_SIGN_RSA_SHA224, GNUTLS_DIG_SHA224, SHA2("\x2d", "\x04", "\x1c") },
	{ GNUTLS_SIGN_RSA_SHA1, GNUTLS_DIG_SHA1,
	  OID("\x30\x21\x30\x09\x06\x05\x2b\x0e\x03\x02\x1a\x05\x00\x04\x14") },
};

static void find_info(struct algorithm *algorithm)
{
	for (size_t i = 0; i < sizeof(digest_infos) / sizeof(digest_infos[0]); i++)
		if (digest_infos[i].sign == algorithm->sign) {
			algorithm->hash = digest_infos[i].hash;
			algorithm->info = digest_infos[i].info;
		}
}

struct algorithm algorithm_read(struct bytes contents)
{
	struct algorithm algorithm = { .sign = GNUTLS_SIGN_UNKNOWN };
	struct cursor in = der_into(contents);
	struct bytes oid = der_take(&in, DER_OID), parameters = bytes_skip(contents, in.pos);
	struct buf dotted = { 0 };

	if (bytes_equal(oid, oid_pss)) {
		read_pss(parameters, &algorithm);
	} else if (!in.bad && der_oid_text(oid, &dotted)) {
		buf_byte(&dotted, '\0');
		algorithm.sign = crypto()->oid_to_sign((const char *)dotted.at);
		if (crypto()->sign_get_pk_algorithm(algorithm.sign) == GNUTLS_PK_RSA
			    ? !empty_or_null(parameters)
			    : parameters.len > 0)
			algorithm.sign = GNUTLS_SIGN_UNKNOWN;
		find_info(&algorithm);
	}
	buf_done(&dotted);
	algorithm.secure = algorithm.sign != GNUTLS_SIGN_UNKNOWN &&
			   crypto()->sign_is_secure2(algorithm.sign, GNUTLS_SIGN_FLAG_SECURE_FOR_CERTS);
	return algorithm;
}

bool algorithm_of_key(struct bytes contents, struct algorithm *ret)
{
	struct cursor in = der_into(contents);
	struct bytes oid = der_take(&in, DER_OID), parameters = bytes_skip(contents, in.pos);

	if (!bytes_equal(oid, oid_pss) || parameters.len == 0)
		return false;
	if (!read_pss(parameters, ret))
		*ret = (struct algorithm){ .sign = GNUTLS_SIGN_UNKNOWN };
	return true;
}
