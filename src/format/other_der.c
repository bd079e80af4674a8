/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is DER and is taken for a certificate, told by the tags at its front:
 *
 *	Certificate              { { [0] version OPTIONAL, INTEGER, SEQUENCE, SEQUENCE, SEQUENCE, ... } ... }
 *	CertificationRequest     { { INTEGER, SEQUENCE, SEQUENCE, [0] ... } ... }           RFC 2986 section 4
 *	CertificateList          { { INTEGER OPTIONAL, SEQUENCE, SEQUENCE, Time ... } ... }  RFC 5280
 *section 5.1 OCSPResponse             { ENUMERATED ... }                                          RFC 6960
 *section 4.2.1 SubjectPublicKeyInfo     { SEQUENCE, BIT STRING }                                    RFC 5280
 *section 4.1 PrivateKeyInfo           { INTEGER, SEQUENCE, OCTET STRING ... }                     RFC 5208
 *section 5 EncryptedPrivateKeyInfo  { SEQUENCE, OCTET STRING }                                  RFC 5208
 *section 6 RSAPrivateKey            { INTEGER, INTEGER, INTEGER ... }                           RFC 8017
 *section A.1.2 ECPrivateKey             { INTEGER, OCTET STRING ... }                               RFC 5915
 *section 3
 */
#include "format/payload.h"

#include "model/der.h"

enum { TAGS = 4 };

static const char request[] = "a certificate request, and no certificate yet: have a CA sign it",
		  crl[] = "a revocation list (CRL), and no certificate; verify takes it with --crl",
		  ocsp[] = "an OCSP response, and no certificate; verify takes it with --ocsp",
		  public_key[] = "a public key without a certificate",
		  private_key[] = "a private key, which is not read",
		  locked[] = "an encrypted private key, which is not read";

static const struct {
	bool inner; /* the tags are those within its first element */
	const char *tags, *is;
} rows[] = {
	{ true, "\x02\x30\x30\xa0", request },  { true, "\x02\x30\x30\x17", crl },
	{ true, "\x02\x30\x30\x18", crl },      { true, "\x30\x30\x17", crl },
	{ true, "\x30\x30\x18", crl },          { false, "\x0a", ocsp },
	{ false, "\x30\x03", public_key },      { false, "\x30\x04", locked },
	{ false, "\x02\x30\x04", private_key }, { false, "\x02\x02\x02", private_key },
	{ false, "\x02\x04", private_key },
};

/* Of the first elements; all but the last must be there whole. */
static void read_tags(struct bytes body, char ret[TAGS + 1])
{
	struct cursor in = der_into(body);
	size_t n = 0;

	for (; n < TAGS && in.pos < body.len; n++) {
		ret[n] = (char)body.at[in.pos];
		der_next(&in);
		if (in.bad) {
			n++;
			break;
		}
	}
	ret[n] = '\0';
}

const char *payload_other(struct bytes der)
{
	char outer[TAGS + 1], inner[TAGS + 1];

	read_tags(payload_inside(der), outer);
	read_tags(payload_inside(payload_inside(der)), inner);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strncmp(rows[i].inner ? inner : outer, rows[i].tags, strlen(rows[i].tags)) == 0)
			return rows[i].is;
	return NULL;
}
