/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit.h"

#include "make.h"

#include <gnutls/abstract.h>
#include <gnutls/x509.h>

/* 2026-01-01 and 2036-01-01 */
enum { FROM = 1767225600, TO = 2082758400 };

static void ok(int code)
{
	if (code < 0)
		fail_msg("GnuTLS: %s", gnutls_strerror(code));
}

/* PKCS#8 of RFC 8410 section 7, the seed being the number over and over again. */
static gnutls_x509_privkey_t private_key(unsigned number)
{
	uint8_t der[48] = { 0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06,
			    0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20 };
	gnutls_datum_t datum = { der, sizeof(der) };
	gnutls_x509_privkey_t key;

	for (size_t i = 16; i < sizeof(der); i++)
		der[i] = (uint8_t)(number >> (8 * (i % 4)));
	ok(gnutls_x509_privkey_init(&key));
	ok(gnutls_x509_privkey_import_pkcs8(key, &datum, GNUTLS_X509_FMT_DER, NULL, GNUTLS_PKCS_PLAIN));
	return key;
}

static void set_name(gnutls_x509_crt_t crt, const char *cn, bool issuer)
{
	int (*set)(gnutls_x509_crt_t, const char *, unsigned, const void *, unsigned) =
		issuer ? gnutls_x509_crt_set_issuer_dn_by_oid : gnutls_x509_crt_set_dn_by_oid;

	ok(set(crt, GNUTLS_OID_X520_COMMON_NAME, 0, cn, (unsigned)strlen(cn)));
}

static void set_extensions(gnutls_x509_crt_t crt, const struct make *how)
{
	gnutls_x509_name_constraints_t names;
	gnutls_datum_t dns = { (unsigned char *)(uintptr_t)how->permitted, 0 };

	if (!how->leaf)
		ok(gnutls_x509_crt_set_basic_constraints(crt, 1, -1));
	if (how->usage != NULL)
		ok(gnutls_x509_crt_set_key_purpose_oid(crt, how->usage, 0));
	if (how->host != NULL)
		ok(gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_DNSNAME, how->host,
							(unsigned)strlen(how->host), GNUTLS_FSAN_SET));
	if (how->fetch != NULL) {
		gnutls_datum_t url = { (unsigned char *)(uintptr_t)how->fetch, (unsigned)strlen(how->fetch) };

		ok(gnutls_x509_crt_set_authority_info_access(crt, GNUTLS_IA_CAISSUERS_URI, &url));
	}
	if (how->permitted == NULL)
		return;
	dns.size = (unsigned)strlen(how->permitted);
	ok(gnutls_x509_name_constraints_init(&names));
	ok(gnutls_x509_name_constraints_add_permitted(names, GNUTLS_SAN_DNSNAME, &dns));
	ok(gnutls_x509_crt_set_name_constraints(crt, names, 1));
	gnutls_x509_name_constraints_deinit(names);
}

void make_cert(const struct make *how, struct buf *to)
{
	const char *cn = how->cn != NULL ? how->cn : "Test";
	gnutls_x509_privkey_t key = private_key(how->key);
	gnutls_x509_privkey_t signer = private_key(how->issuer != NULL ? how->issuer_key : how->key);
	unsigned serial = how->serial > 0 ? how->serial : 1;
	uint8_t bytes[] = { (uint8_t)(serial >> 24 & 0x7f), (uint8_t)(serial >> 16), (uint8_t)(serial >> 8),
			    (uint8_t)serial };
	size_t skip = serial > 0xffffff ? 0 : serial > 0x7fff ? 1 : serial > 0x7f ? 2 : 3;
	gnutls_datum_t der = { NULL, 0 };
	gnutls_x509_crt_t crt, issuer;
	gnutls_privkey_t sign;

	ok(gnutls_x509_crt_init(&crt));
	ok(gnutls_x509_crt_init(&issuer));
	ok(gnutls_privkey_init(&sign));
	ok(gnutls_x509_crt_set_version(crt, 3));
	ok(gnutls_x509_crt_set_serial(crt, bytes + skip, sizeof(bytes) - skip));
	ok(gnutls_x509_crt_set_activation_time(crt, FROM));
	ok(gnutls_x509_crt_set_expiration_time(crt, TO));
	set_name(crt, cn, false);
	ok(gnutls_x509_crt_set_key(crt, key));
	set_extensions(crt, how);
	set_name(issuer, how->issuer != NULL ? how->issuer : cn, false);
	ok(gnutls_x509_crt_set_key(issuer, signer));
	ok(gnutls_privkey_import_x509(sign, signer, 0));
	ok(gnutls_x509_crt_privkey_sign(crt, issuer, sign, GNUTLS_DIG_SHA512, 0));
	ok(gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_DER, &der));
	buf_bytes(to, (struct bytes){ der.data, der.size });
	gnutls_free(der.data);
	gnutls_privkey_deinit(sign);
	gnutls_x509_crt_deinit(crt);
	gnutls_x509_crt_deinit(issuer);
	gnutls_x509_privkey_deinit(key);
	gnutls_x509_privkey_deinit(signer);
}

void make_spki(unsigned key, struct buf *to)
{
	gnutls_x509_privkey_t private = private_key(key);
	gnutls_datum_t der = { NULL, 0 };
	gnutls_pubkey_t public;
	gnutls_privkey_t abstract;

	ok(gnutls_privkey_init(&abstract));
	ok(gnutls_pubkey_init(&public));
	ok(gnutls_privkey_import_x509(abstract, private, 0));
	ok(gnutls_pubkey_import_privkey(public, abstract, 0, 0));
	ok(gnutls_pubkey_export2(public, GNUTLS_X509_FMT_DER, &der));
	buf_bytes(to, (struct bytes){ der.data, der.size });
	gnutls_free(der.data);
	gnutls_pubkey_deinit(public);
	gnutls_privkey_deinit(abstract);
	gnutls_x509_privkey_deinit(private);
}
