/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "peer.h"

#include <stdlib.h>

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>

#include "base/buf.h"
#include "base/text.h"
#include "model/der.h"
#include "model/key.h"
#include "model/name.h"

enum { ROOM = 8192 }; /* the longest serial number or identifier asked for */

static void differs(struct buf *to, const char *field, struct bytes ours, struct bytes theirs)
{
	if (bytes_equal(ours, theirs))
		return;
	buf_print(to, "  %s: ours ", field);
	text_hex((struct bytes){ ours.at, ours.len > 64 ? 64 : ours.len }, to);
	buf_print(to, " (%zu), GnuTLS ", ours.len);
	text_hex((struct bytes){ theirs.at, theirs.len > 64 ? 64 : theirs.len }, to);
	buf_print(to, " (%zu)\n", theirs.len);
}

static void differs_number(struct buf *to, const char *field, int64_t ours, int64_t theirs)
{
	if (ours != theirs)
		buf_print(to, "  %s: ours %lld, GnuTLS %lld\n", field, (long long)ours, (long long)theirs);
}

static void differs_text(struct buf *to, const char *field, const char *ours, const char *theirs)
{
	if (strcmp(ours, theirs) != 0)
		buf_print(to, "  %s: ours '%s', GnuTLS '%s'\n", field, ours, theirs);
}

static struct bytes bytes_of_datum(const gnutls_datum_t *datum)
{
	return (struct bytes){ datum->data, datum->size };
}

static void compare_names(const struct cert *c, gnutls_x509_crt_t crt, struct buf *to)
{
	static const struct {
		const char *field, *text_field;
		size_t at;
		int (*raw)(gnutls_x509_crt_t, gnutls_datum_t *);
		int (*text)(gnutls_x509_crt_t, gnutls_datum_t *, unsigned);
	} rows[] = {
		{ "issuer", "issuer as text", offsetof(struct cert, issuer),
		  gnutls_x509_crt_get_raw_issuer_dn, gnutls_x509_crt_get_issuer_dn3 },
		{ "subject", "subject as text", offsetof(struct cert, subject), gnutls_x509_crt_get_raw_dn,
		  gnutls_x509_crt_get_dn3 },
	};

	for (size_t i = 0; i < 2; i++) {
		struct bytes name = *(const struct bytes *)((const char *)c + rows[i].at);
		struct buf text = { 0 };
		gnutls_datum_t datum = { NULL, 0 };

		if (rows[i].raw(crt, &datum) >= 0)
			differs(to, rows[i].field, name, bytes_of_datum(&datum));
		gnutls_free(datum.data);
		datum = (gnutls_datum_t){ NULL, 0 };
		name_text(name, &text);
		buf_byte(&text, '\0');
		if (rows[i].text(crt, &datum, 0) >= 0)
			differs_text(to, rows[i].text_field, (char *)text.at,
				     datum.size > 0 ? (char *)datum.data : "(empty)");
		else if (text.at[0] != '#' && strcmp((char *)text.at, "(empty)") != 0)
			buf_print(to, "  %s: GnuTLS has none\n", rows[i].text_field);
		gnutls_free(datum.data);
		buf_done(&text);
	}
}

static void compare_times(const struct cert *c, gnutls_x509_crt_t crt, struct buf *to)
{
	int64_t end = gnutls_x509_crt_get_expiration_time(crt);

	/* GnuTLS has 0 for everything before 1970. */
	differs_number(to, "notBefore", c->not_before < 0 ? 0 : c->not_before,
		       gnutls_x509_crt_get_activation_time(crt));
	/* 99991231235959Z is a word of its own: RFC 5280 section 4.1.2.5. */
	if (end != GNUTLS_X509_NO_WELL_DEFINED_EXPIRATION)
		differs_number(to, "notAfter", c->not_after < 0 ? 0 : c->not_after, end);
	else
		differs_number(to, "notAfter", c->not_after, 253402300799);
}

/* The contents of the one OCTET STRING that an extension's value is. */
static struct bytes octets(struct bytes value)
{
	struct cursor in = der_into(value);

	return der_take(&in, DER_OCTET_STRING);
}

static struct bytes authority_key_id(struct bytes value)
{
	struct cursor outer = der_into(value), in = der_into(der_take(&outer, DER_SEQUENCE));

	return der_take(&in, DER_CONTEXT(0));
}

static void compare_key_ids(const struct cert *c, gnutls_x509_crt_t crt, struct buf *to)
{
	uint8_t room[ROOM];
	size_t size = sizeof(room);
	int code = gnutls_x509_crt_get_subject_key_id(crt, room, &size, NULL);

	if (cert_is_odd(c, ODD_KEY_ID))
		return;
	if (code >= 0 || code == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
		differs(to, "subjectKeyIdentifier", octets(c->ext[EXT_SUBJECT_KEY_ID]),
			(struct bytes){ room, code >= 0 ? size : 0 });
	size = sizeof(room);
	code = gnutls_x509_crt_get_authority_key_id(crt, room, &size, NULL);
	if (code >= 0 || code == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
		differs(to, "authorityKeyIdentifier", authority_key_id(c->ext[EXT_AUTHORITY_KEY_ID]),
			(struct bytes){ room, code >= 0 ? size : 0 });
}

/* Whether GnuTLS could read an extension, or there is none of the kind. */
static bool readable(int code)
{
	return code >= 0 || code == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE;
}

/* What we find odd is not compared: GnuTLS reads BER booleans, and -1 as 255. */
static void compare_constraints(const struct cert *c, gnutls_x509_crt_t crt, struct buf *to)
{
	unsigned critical = 0, ca = 0;
	int path_len = -1;
	int code = gnutls_x509_crt_get_basic_constraints(crt, &critical, &ca, &path_len);

	if (cert_is_odd(c, ODD_BASIC_CONSTRAINTS))
		return;
	differs_number(to, "basicConstraints can be read", 1, readable(code));
	differs_number(to, "has basicConstraints", cert_has(c, EXT_BASIC_CONSTRAINTS), code >= 0);
	if (code < 0)
		return;
	differs_number(to, "cA", c->ca, ca != 0);
	differs_number(to, "pathLenConstraint", c->path_len, path_len);
	differs_number(to, "basicConstraints critical", c->critical >> EXT_BASIC_CONSTRAINTS & 1,
		       critical != 0);
}

static void compare_usage(const struct cert *c, gnutls_x509_crt_t crt, struct buf *to)
{
	unsigned critical = 0, usage = 0;
	int code = gnutls_x509_crt_get_key_usage(crt, &usage, &critical);

	if (cert_is_odd(c, ODD_KEY_USAGE))
		return;
	differs_number(to, "keyUsage can be read", 1, readable(code));
	differs_number(to, "has keyUsage", cert_has(c, EXT_KEY_USAGE), code >= 0);
	for (unsigned bit = 0; code >= 0 && bit < 9; bit++)
		differs_number(to, "keyUsage bit", c->key_usage >> bit & 1,
			       usage >> (bit < 8 ? 7 - bit : 15) & 1);
}

/* The dotted text of an OID's contents, NUL behind it; "" if it has none. */
static const char *dotted(struct bytes oid, struct buf *room)
{
	room->len = 0;
	der_oid_text(oid, room);
	buf_byte(room, '\0');
	return (const char *)room->at;
}

static void compare_purposes(const struct cert *c, gnutls_x509_crt_t crt, struct buf *to)
{
	struct buf room = { 0 };
	struct bytes oid;
	size_t at = 0;

	for (unsigned i = 0;; i++) {
		char theirs[256] = "";
		size_t size = sizeof(theirs);
		int code = gnutls_x509_crt_get_key_purpose_oid(crt, i, theirs, &size, NULL);
		bool more = cert_has(c, EXT_EXTENDED_KEY_USAGE) &&
			    cert_oid_next(c->ext[EXT_EXTENDED_KEY_USAGE], &at, &oid);

		if (cert_is_odd(c, ODD_EXTENDED_KEY_USAGE))
			break;
		differs_number(to, "extKeyUsage can be read", 1, readable(code));
		differs_text(to, "extKeyUsage", more ? dotted(oid, &room) : "", theirs);
		if (!more || code < 0)
			break;
	}
	buf_done(&room);
}

static void compare_extensions(const struct cert *c, gnutls_x509_crt_t crt, struct buf *to)
{
	struct cursor in = der_into(c->extensions);
	struct buf room = { 0 };

	for (unsigned i = 0;; i++) {
		struct extension one = { 0 };
		char theirs[1024] = "";
		size_t size = sizeof(theirs);
		unsigned critical = 0;
		gnutls_datum_t value = { NULL, 0 };
		bool odd, more = cursor_left(&in) > 0 &&
				 extension_read(der_take_whole(&in, DER_SEQUENCE), &one, &odd);
		int code = gnutls_x509_crt_get_extension_info(crt, i, theirs, &size, &critical);

		if (more != (code >= 0))
			buf_print(to, "  extension %u: %s\n", i + 1, more ? "only ours" : "only GnuTLS's");
		if (!more || code < 0)
			break;
		differs_text(to, "extension", dotted(one.oid, &room), theirs);
		differs_number(to, "critical", one.critical, critical != 0);
		if (gnutls_x509_crt_get_extension_data2(crt, i, &value) >= 0)
			differs(to, theirs, one.value, bytes_of_datum(&value));
		gnutls_free(value.data);
		for (int ext = 0; ext < EXT_ROWS; ext++)
			if (bytes_equal(exts[ext].oid, one.oid))
				differs(to, exts[ext].name, c->ext[ext], one.value);
	}
	buf_done(&room);
}

static const char *curve_name(gnutls_x509_crt_t crt)
{
	static const struct {
		gnutls_ecc_curve_t curve;
		const char *name;
	} rows[] = {
		{ GNUTLS_ECC_CURVE_SECP192R1, "P-192" }, { GNUTLS_ECC_CURVE_SECP224R1, "P-224" },
		{ GNUTLS_ECC_CURVE_SECP256R1, "P-256" }, { GNUTLS_ECC_CURVE_SECP384R1, "P-384" },
		{ GNUTLS_ECC_CURVE_SECP521R1, "P-521" },
	};
	gnutls_ecc_curve_t curve = GNUTLS_ECC_CURVE_INVALID;

	gnutls_x509_crt_get_pk_ecc_raw(crt, &curve, NULL, NULL);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].curve == curve)
			return rows[i].name;
	return "";
}

/* SHA-256 of the SubjectPublicKeyInfo as GnuTLS makes it again from these bytes. */
static bool key_id_of(struct bytes spki, uint8_t ret[32])
{
	gnutls_datum_t der = { (unsigned char *)(uintptr_t)spki.at, (unsigned)spki.len };
	gnutls_pubkey_t key;
	size_t size = 32;
	bool ok;

	if (gnutls_pubkey_init(&key) < 0)
		return false;
	ok = gnutls_pubkey_import(key, &der, GNUTLS_X509_FMT_DER) >= 0 &&
	     gnutls_pubkey_get_key_id(key, GNUTLS_KEYID_USE_SHA256, ret, &size) >= 0;
	gnutls_pubkey_deinit(key);
	return ok;
}

/* GnuTLS hashes a key of a kind it knows not as it stands, but as it would write it. */
static void compare_spki(const struct cert *c, gnutls_x509_crt_t crt, struct buf *to)
{
	uint8_t theirs[32], ours[32], again[32];
	size_t size = sizeof(theirs);

	if (gnutls_x509_crt_get_key_id(crt, GNUTLS_KEYID_USE_SHA256, theirs, &size) < 0 ||
	    gnutls_hash_fast(GNUTLS_DIG_SHA256, c->spki.at, c->spki.len, ours) < 0)
		return;
	if (key_id_of(c->spki, again) && memcmp(again, theirs, 32) == 0)
		return;
	differs(to, "SHA-256 of the SubjectPublicKeyInfo", (struct bytes){ ours, 32 },
		(struct bytes){ theirs, 32 });
}

static void compare_key(const struct cert *c, gnutls_x509_crt_t crt, struct buf *to)
{
	static const struct {
		const char *type;
		int algorithm;
	} rows[] = {
		{ "RSA", GNUTLS_PK_RSA },
		{ "RSA-PSS", GNUTLS_PK_RSA_PSS },
		{ "EC", GNUTLS_PK_ECDSA },
		{ "DSA", GNUTLS_PK_DSA },
		{ "Ed25519", GNUTLS_PK_EDDSA_ED25519 },
		{ "Ed448", GNUTLS_PK_EDDSA_ED448 },
		{ "X25519", GNUTLS_PK_ECDH_X25519 },
		{ "X448", GNUTLS_PK_ECDH_X448 },
		{ "GOST R 34.10-2001", GNUTLS_PK_GOST_01 },
		{ "GOST R 34.10-2012-256", GNUTLS_PK_GOST_12_256 },
		{ "GOST R 34.10-2012-512", GNUTLS_PK_GOST_12_512 },
	};
	struct key key = key_of(c);
	unsigned bits = 0;
	int algorithm = gnutls_x509_crt_get_pk_algorithm(crt, &bits);

	compare_spki(c, crt, to);
	if (algorithm <= 0) /* a kind it does not know, or numbers it cannot read */
		return;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		differs_number(to, rows[i].type, strcmp(key.type, rows[i].type) == 0,
			       algorithm == rows[i].algorithm);
	if (algorithm == GNUTLS_PK_ECDSA)
		key.bits = (key.bits + 7) / 8 * 8;           /* it calls P-521 a key of 528 bits */
	if (bits > 0 && strncmp(key.type, "ML-DSA", 6) != 0) /* of which GnuTLS 3.8.9 tells the octets */
		differs_number(to, "bits of the key", key.bits, bits);
	if (algorithm == GNUTLS_PK_ECDSA)
		differs_text(to, "curve", key.curve != NULL ? key.curve : "", curve_name(crt));
}

static void compare_signature(const struct cert *c, gnutls_x509_crt_t crt, struct buf *to)
{
	struct cursor in = der_into(c->signature_algorithm);
	struct buf room = { 0 };
	char oid[256] = "";
	char signature[ROOM];
	size_t size = sizeof(oid);

	if (gnutls_x509_crt_get_signature_oid(crt, oid, &size) >= 0)
		differs_text(to, "signature algorithm", dotted(der_take(&in, DER_OID), &room), oid);
	size = sizeof(signature);
	if (gnutls_x509_crt_get_signature(crt, signature, &size) >= 0)
		differs(to, "signature", c->signature, (struct bytes){ (uint8_t *)signature, size });
	buf_done(&room);
}

void peer_compare(const struct cert *ours, gnutls_x509_crt_t theirs, struct buf *differ)
{
	uint8_t serial[ROOM];
	size_t size = sizeof(serial);

	differs_number(differ, "version", ours->version, gnutls_x509_crt_get_version(theirs));
	if (gnutls_x509_crt_get_serial(theirs, serial, &size) >= 0)
		differs(differ, "serial", ours->serial, (struct bytes){ serial, size });
	compare_names(ours, theirs, differ);
	compare_times(ours, theirs, differ);
	compare_key(ours, theirs, differ);
	compare_signature(ours, theirs, differ);
	compare_extensions(ours, theirs, differ);
	compare_constraints(ours, theirs, differ);
	compare_usage(ours, theirs, differ);
	compare_key_ids(ours, theirs, differ);
	compare_purposes(ours, theirs, differ);
}
