/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "maker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/x509.h>

#include "base/clock.h"
#include "base/mem.h"
#include "model/der.h"

enum { MOST = 256, KEY_ID = 20 };

static struct recipe recipes[MOST];
static size_t recipe_count;

static struct key {
	char *name;
	gnutls_privkey_t private;
	struct buf spki;
	bool rsa;
} keys[MOST];
static size_t key_count;

static void must(int code, const char *what)
{
	if (code >= 0)
		return;
	printf("Bail out! %s: %s\n", what, gnutls_strerror(code));
	exit(99);
}

struct recipe *maker_recipe(const char *name)
{
	for (size_t i = 0; i < recipe_count; i++)
		if (strcmp(recipes[i].name, name) == 0)
			return &recipes[i];
	recipes[recipe_count] = (struct recipe){ .name = name };
	return &recipes[recipe_count++];
}

void maker_say(struct recipe *recipe, const char *word)
{
	if (recipe->count < sizeof(recipe->words) / sizeof(recipe->words[0]))
		recipe->words[recipe->count++] = word;
}

/* The value of the last "KEY=VALUE", "" for a plain "KEY", NULL if it was not said. */
static const char *said(const struct recipe *recipe, const char *key)
{
	size_t len = strlen(key);

	for (size_t i = recipe->count; i-- > 0;) {
		const char *word = recipe->words[i];

		if (strncmp(word, key, len) == 0 && (word[len] == '=' || word[len] == '\0'))
			return word[len] == '=' ? word + len + 1 : "";
	}
	return NULL;
}

static bool says(const struct recipe *recipe, const char *key, const char *value)
{
	const char *is = said(recipe, key);

	return is != NULL && strcmp(is, value) == 0;
}

/* Writes body with tag and length, and empties it. */
static void wrap(struct buf *to, unsigned tag, struct buf *body)
{
	der_write(to, tag, buf_view(body));
	buf_done(body);
	*body = (struct buf){ 0 };
}

static void put_oid(struct buf *to, const char *dotted)
{
	struct buf oid = { 0 };

	if (!der_oid_read(dotted, &oid)) {
		printf("Bail out! '%s' is no OID\n", dotted);
		exit(99);
	}
	wrap(to, DER_OID, &oid);
}

static void put_hex(struct buf *to, const char *hex)
{
	unsigned byte;

	for (; sscanf(hex, "%2x", &byte) == 1; hex += 2)
		buf_byte(to, byte);
}

static void put_number(struct buf *to, unsigned tag, unsigned number)
{
	struct buf body = { 0 };

	if (number > 0x7f)
		buf_byte(&body, number > 0x7fff ? 0xff : number >> 8);
	buf_byte(&body, number & 0xff);
	wrap(to, tag, &body);
}

static void put_string(struct buf *to, unsigned tag, const char *text)
{
	der_write(to, tag, bytes_of(text));
}

/* "Some_Name": a common name; empty: no part. */
static void put_name(struct buf *to, const char *cn)
{
	struct buf name = { 0 }, set = { 0 }, part = { 0 };

	if (cn[0] != '\0') {
		put_oid(&part, "2.5.4.3");
		put_string(&part, DER_UTF8_STRING, cn);
		wrap(&set, DER_SEQUENCE, &part);
		wrap(&name, DER_SET, &set);
	}
	wrap(to, DER_SEQUENCE, &name);
}

static struct key *key_named(const char *name, bool rsa, unsigned bits)
{
	struct key *key = &keys[key_count];
	gnutls_pubkey_t public;
	gnutls_datum_t der = { NULL, 0 };

	for (size_t i = 0; i < key_count; i++)
		if (strcmp(keys[i].name, name) == 0)
			return &keys[i];
	key_count++;
	key->name = mem_string(name, strlen(name));
	key->rsa = rsa;
	must(gnutls_privkey_init(&key->private), "a key");
	must(gnutls_privkey_generate(key->private, rsa ? GNUTLS_PK_RSA : GNUTLS_PK_ECDSA,
				     rsa ? bits : GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0),
	     "a key");
	must(gnutls_pubkey_init(&public), "a key");
	must(gnutls_pubkey_import_privkey(public, key->private, 0, 0), "a key");
	must(gnutls_pubkey_export2(public, GNUTLS_X509_FMT_DER, &der), "a key");
	buf_bytes(&key->spki, (struct bytes){ der.data, der.size });
	gnutls_free(der.data);
	gnutls_pubkey_deinit(public);
	return key;
}

/* "rsa=1024": keys of that kind are of the certificates that say so. */
static struct key *key_of(const struct recipe *recipe)
{
	const char *name = said(recipe, "key"), *bits = said(recipe, "rsa");
	char *full = mem_print("%s %s", name != NULL ? name : recipe->name, bits != NULL ? bits : "");
	struct key *key = key_named(full, bits != NULL, bits != NULL ? (unsigned)atoi(bits) : 0);

	free(full);
	return key;
}

void maker_spki(const char *key, struct buf *to)
{
	buf_bytes(to, buf_view(&key_of(maker_recipe(key))->spki));
}

static struct bytes key_id(const struct key *key, uint8_t room[32])
{
	must(gnutls_hash_fast(GNUTLS_DIG_SHA256, key->spki.at, key->spki.len, room), "a hash");
	return (struct bytes){ room, KEY_ID };
}

static const struct recipe *issuer_of(const struct recipe *recipe)
{
	const char *by = said(recipe, "by");

	return by != NULL ? maker_recipe(by) : recipe;
}

static const char *cn_of(const struct recipe *recipe)
{
	const char *cn = said(recipe, "cn");

	return cn != NULL ? cn : recipe->name;
}

static void put_time(struct buf *to, const char *text)
{
	char date[CLOCK_TEXT], out[16];
	int64_t at;

	if (!clock_read(text, &at)) {
		printf("Bail out! '%s' is no time\n", text);
		exit(99);
	}
	clock_text(at, date); /* 2026-01-01T00:00:00Z */
	snprintf(out, sizeof(out), "%.2s%.2s%.2s%.2s%.2s%.2sZ", date + 2, date + 5, date + 8, date + 11,
		 date + 14, date + 17);
	put_string(to, DER_UTC_TIME, out);
}

static void put_algorithm(struct buf *to, const struct key *key, bool sha1)
{
	struct buf body = { 0 };

	put_oid(&body, key->rsa ? (sha1 ? "1.2.840.113549.1.1.5" : "1.2.840.113549.1.1.11")
				: (sha1 ? "1.2.840.10045.4.1" : "1.2.840.10045.4.3.2"));
	if (key->rsa)
		der_write(&body, DER_NULL, (struct bytes){ NULL, 0 });
	wrap(to, DER_SEQUENCE, &body);
}

/* An Extension; takes the value's contents. */
static void put_extension(struct buf *to, const char *oid, bool critical, struct buf *value)
{
	struct buf body = { 0 };

	put_oid(&body, oid);
	if (critical)
		der_write(&body, DER_BOOLEAN, (struct bytes){ (const uint8_t *)"\xff", 1 });
	wrap(&body, DER_OCTET_STRING, value);
	wrap(to, DER_SEQUENCE, &body);
}

static void put_ip(struct buf *to, const char *text)
{
	unsigned b[8] = { 0 };
	int n = sscanf(text, "%u.%u.%u.%u/%u.%u.%u.%u", &b[0], &b[1], &b[2], &b[3], &b[4], &b[5], &b[6],
		       &b[7]);

	for (int i = 0; i < n; i++)
		buf_byte(to, b[i]);
}

/* "dns:www.example.com", or the bare value of dns=www.example.com with its kind. */
static void put_general(struct buf *to, const char *kind, size_t len, const char *value)
{
	static const struct {
		const char *kind;
		unsigned tag;
	} kinds[] = { { "mail", 0x81 }, { "dns", 0x82 }, { "uri", 0x86 } };
	struct buf body = { 0 };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strlen(kinds[i].kind) == len && strncmp(kind, kinds[i].kind, len) == 0) {
			put_string(to, kinds[i].tag, value);
			return;
		}
	if (len == 2 && strncmp(kind, "ip", 2) == 0) {
		put_ip(&body, value);
		wrap(to, 0x87, &body);
	} else if (len == 3 && strncmp(kind, "dir", 3) == 0) {
		put_name(&body, value);
		wrap(to, 0xa4, &body);
	} else {
		printf("Bail out! no kind of name '%s'\n", kind);
		exit(99);
	}
}

static void put_alt_names(const struct recipe *recipe, struct buf *to)
{
	struct buf names = { 0 }, value = { 0 };
	static const char *const kinds[] = { "dns", "ip", "mail", "uri", "dir" };

	for (size_t i = 0; i < recipe->count; i++)
		for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
			size_t len = strlen(kinds[k]);

			if (strncmp(recipe->words[i], kinds[k], len) == 0 && recipe->words[i][len] == '=')
				put_general(&names, kinds[k], len, recipe->words[i] + len + 1);
		}
	if (names.len == 0 || said(recipe, "no-san") != NULL) {
		buf_done(&names);
		return;
	}
	wrap(&value, DER_SEQUENCE, &names);
	put_extension(to, "2.5.29.17", says(recipe, "cn", ""), &value);
}

/* Comma-separated words, each given to `put`. */
static void each(const char *list, void (*put)(struct buf *, const char *), struct buf *to)
{
	char *copy = mem_string(list, strlen(list)), *save = NULL;

	for (char *word = strtok_r(copy, ",", &save); word != NULL; word = strtok_r(NULL, ",", &save))
		put(to, word);
	free(copy);
}

static void put_purpose(struct buf *to, const char *word)
{
	static const char *const oids[][2] = {
		{ "serverAuth", "1.3.6.1.5.5.7.3.1" },
		{ "clientAuth", "1.3.6.1.5.5.7.3.2" },
		{ "codeSigning", "1.3.6.1.5.5.7.3.3" },
		{ "emailProtection", "1.3.6.1.5.5.7.3.4" },
		{ "timeStamping", "1.3.6.1.5.5.7.3.8" },
		{ "OCSPSigning", "1.3.6.1.5.5.7.3.9" },
		{ "any", "2.5.29.37.0" },
	};

	for (size_t i = 0; i < sizeof(oids) / sizeof(oids[0]); i++)
		if (strcmp(oids[i][0], word) == 0)
			word = oids[i][1];
	put_oid(to, word);
}

static void put_eku(const char *list, bool critical, struct buf *to)
{
	struct buf oids = { 0 }, value = { 0 };

	each(list, put_purpose, &oids);
	wrap(&value, DER_SEQUENCE, &oids);
	put_extension(to, "2.5.29.37", critical, &value);
}

static void put_usage(const char *list, struct buf *to)
{
	static const char *const words[] = { "digitalSignature", "nonRepudiation", "keyEncipherment",
					     "dataEncipherment", "keyAgreement",   "keyCertSign",
					     "cRLSign",          "encipherOnly" };
	struct buf bits = { 0 }, value = { 0 };
	unsigned set = 0, last = 0;

	for (unsigned i = 0; i < 8; i++)
		if (strstr(list, words[i]) != NULL) {
			set |= 0x80u >> i;
			last = i;
		}
	buf_byte(&bits, 7 - last);
	buf_byte(&bits, set);
	wrap(&value, DER_BIT_STRING, &bits);
	put_extension(to, "2.5.29.15", true, &value);
}

static void put_subtrees(const struct recipe *recipe, const char *key, unsigned tag, struct buf *to)
{
	struct buf trees = { 0 }, tree = { 0 };
	size_t len = strlen(key);

	for (size_t i = 0; i < recipe->count; i++) {
		const char *word = recipe->words[i], *colon = strchr(word, ':');

		if (strncmp(word, key, len) != 0 || word[len] != '=' || colon == NULL)
			continue;
		put_general(&tree, word + len + 1, (size_t)(colon - word) - len - 1, colon + 1);
		wrap(&trees, DER_SEQUENCE, &tree);
	}
	if (trees.len > 0)
		wrap(to, tag, &trees);
	buf_done(&trees);
}

static void put_constraints(const struct recipe *recipe, struct buf *to)
{
	struct buf both = { 0 }, value = { 0 };

	put_subtrees(recipe, "permit", 0xa0, &both);
	put_subtrees(recipe, "exclude", 0xa1, &both);
	if (both.len == 0 && said(recipe, "empty-constraint") == NULL)
		return;
	wrap(&value, DER_SEQUENCE, &both);
	put_extension(to, "2.5.29.30", true, &value);
}

void maker_extension(const char *word, struct buf *to)
{
	struct recipe alone = { .name = "", .words = { word }, .count = 1 };

	if (strncmp(word, "eku=", 4) == 0)
		put_eku(word + 4, true, to);
	else
		put_constraints(&alone, to);
}

static void put_policy(struct buf *to, const char *word)
{
	struct buf info = { 0 };

	put_oid(&info, word);
	wrap(to, DER_SEQUENCE, &info);
}

static void put_policies(const struct recipe *recipe, struct buf *to)
{
	const char *policies = said(recipe, "policy"), *map = said(recipe, "map"),
		   *any = said(recipe, "inhibit-any"), *explicit = said(recipe, "require-explicit"),
		   *inhibit = said(recipe, "inhibit-map");
	struct buf a = { 0 }, b = { 0 }, value = { 0 };

	if (policies != NULL) {
		each(policies, put_policy, &a);
		wrap(&value, DER_SEQUENCE, &a);
		put_extension(to, "2.5.29.32", false, &value);
	}
	if (map != NULL) {
		char *from = mem_string(map, strcspn(map, ":"));

		put_oid(&a, from);
		put_oid(&a, map + strlen(from) + 1);
		wrap(&b, DER_SEQUENCE, &a);
		wrap(&value, DER_SEQUENCE, &b);
		put_extension(to, "2.5.29.33", true, &value);
		free(from);
	}
	if (explicit != NULL || inhibit != NULL) {
		if (explicit != NULL)
			put_number(&a, 0x80, (unsigned)atoi(explicit));
		if (inhibit != NULL)
			put_number(&a, 0x81, (unsigned)atoi(inhibit));
		wrap(&value, DER_SEQUENCE, &a);
		put_extension(to, "2.5.29.36", true, &value);
	}
	if (any != NULL) {
		put_number(&value, DER_INTEGER, (unsigned)atoi(any));
		put_extension(to, "2.5.29.54", true, &value);
	}
}

static void put_key_ids(const struct recipe *recipe, struct buf *to)
{
	struct buf value = { 0 }, body = { 0 };
	uint8_t room[32];

	if (!says(recipe, "ski", "none")) {
		der_write(&value, DER_OCTET_STRING, key_id(key_of(recipe), room));
		put_extension(to, "2.5.29.14", says(recipe, "ski", "critical"), &value);
	}
	if (says(recipe, "aki", "none") || (said(recipe, "by") == NULL && said(recipe, "aki") == NULL))
		return;
	key_id(key_of(issuer_of(recipe)), room);
	room[0] ^= says(recipe, "aki", "wrong") ? 1 : 0;
	der_write(&body, 0x80, (struct bytes){ room, KEY_ID });
	wrap(&value, DER_SEQUENCE, &body);
	put_extension(to, "2.5.29.35", says(recipe, "aki", "critical"), &value);
}

static void put_basic(const struct recipe *recipe, struct buf *to)
{
	const char *length = said(recipe, "pathlen");
	struct buf body = { 0 }, value = { 0 };

	if (says(recipe, "bc", "none") || (said(recipe, "ca") == NULL && length == NULL))
		return;
	if (said(recipe, "ca") != NULL && !says(recipe, "bc", "no-ca"))
		der_write(&body, DER_BOOLEAN, (struct bytes){ (const uint8_t *)"\xff", 1 });
	if (length != NULL)
		put_number(&body, DER_INTEGER, (unsigned)atoi(length));
	wrap(&value, DER_SEQUENCE, &body);
	put_extension(to, "2.5.29.19", !says(recipe, "bc", "plain"), &value);
}

/* "crldp=URL", "ocsp=URL", "issuers=URL", "staple", "ext=OID:c:HEX", "ext=OID:n:HEX". */
static void put_others(const struct recipe *recipe, struct buf *to)
{
	const char *dp = said(recipe, "crldp"), *ocsp = said(recipe, "ocsp");
	struct buf a = { 0 }, b = { 0 }, value = { 0 };

	if (dp != NULL) {
		put_string(&a, 0x86, dp);
		wrap(&b, 0xa0, &a);
		wrap(&a, 0xa0, &b);
		wrap(&b, DER_SEQUENCE, &a);
		wrap(&value, DER_SEQUENCE, &b);
		put_extension(to, "2.5.29.31", false, &value);
	}
	if (ocsp != NULL) {
		put_oid(&a, "1.3.6.1.5.5.7.48.1");
		put_string(&a, 0x86, ocsp);
		wrap(&b, DER_SEQUENCE, &a);
		wrap(&value, DER_SEQUENCE, &b);
		put_extension(to, "1.3.6.1.5.5.7.1.1", false, &value);
	}
	if (said(recipe, "staple") != NULL) {
		put_number(&a, DER_INTEGER, 5);
		wrap(&value, DER_SEQUENCE, &a);
		put_extension(to, "1.3.6.1.5.5.7.1.24", false, &value);
	}
	for (size_t i = 0; i < recipe->count; i++) {
		char oid[128], critical, hex[1024] = "";

		if (sscanf(recipe->words[i], "ext=%127[0-9.]:%c:%1023s", oid, &critical, hex) < 2)
			continue;
		put_hex(&value, hex);
		put_extension(to, oid, critical == 'c', &value);
	}
}

static void put_extensions(const struct recipe *recipe, struct buf *to)
{
	bool ca = said(recipe, "ca") != NULL;
	const char *usage = said(recipe, "ku"), *eku = said(recipe, "eku");
	struct buf all = { 0 }, list = { 0 };

	put_basic(recipe, &all);
	put_key_ids(recipe, &all);
	if (usage == NULL)
		usage = ca ? "keyCertSign,cRLSign" : "digitalSignature";
	if (strcmp(usage, "none") != 0)
		put_usage(usage, &all);
	if (eku == NULL && !ca)
		eku = "serverAuth";
	if (eku != NULL && strcmp(eku, "none") != 0)
		put_eku(eku, said(recipe, "eku-critical") != NULL, &all);
	put_alt_names(recipe, &all);
	put_constraints(recipe, &all);
	put_policies(recipe, &all);
	put_others(recipe, &all);
	if (says(recipe, "version", "1")) {
		buf_done(&all);
		return;
	}
	wrap(&list, DER_SEQUENCE, &all);
	wrap(to, DER_EXPLICIT(3), &list);
}

/* The outer SEQUENCE around what is signed. "signed=KEY": by another key than the issuer's. */
static void put_signed(const struct recipe *recipe, struct buf *tbs, struct buf *to)
{
	const char *other = said(recipe, "signed");
	struct key *key = key_of(other != NULL ? maker_recipe(other) : issuer_of(recipe));
	bool sha1 = says(recipe, "hash", "sha1");
	struct buf whole = { 0 }, bits = { 0 };
	gnutls_datum_t data = { tbs->at, (unsigned)tbs->len }, signature = { NULL, 0 };
	gnutls_sign_algorithm_t algorithm =
		key->rsa ? (sha1 ? GNUTLS_SIGN_RSA_SHA1 : GNUTLS_SIGN_RSA_SHA256)
			 : (sha1 ? GNUTLS_SIGN_ECDSA_SHA1 : GNUTLS_SIGN_ECDSA_SHA256);

	must(gnutls_privkey_sign_data2(key->private, algorithm, 0, &data, &signature), "a signature");
	buf_bytes(&whole, buf_view(tbs));
	put_algorithm(&whole, key, sha1);
	buf_byte(&bits, 0);
	buf_bytes(&bits, (struct bytes){ signature.data, signature.size });
	gnutls_free(signature.data);
	wrap(&whole, DER_BIT_STRING, &bits);
	wrap(to, DER_SEQUENCE, &whole);
	buf_done(tbs);
}

static void put_serial(const struct recipe *recipe, struct buf *to)
{
	const char *hex = said(recipe, "serial");
	struct buf serial = { 0 };

	if (hex != NULL)
		put_hex(&serial, hex);
	else
		buf_byte(&serial, (unsigned)(recipe - recipes) + 1);
	wrap(to, DER_INTEGER, &serial);
}

void maker_certificate(struct recipe *recipe)
{
	const struct recipe *issuer = issuer_of(recipe);
	const char *from = said(recipe, "from"), *until = said(recipe, "until");
	bool ca = said(recipe, "ca") != NULL;
	struct buf body = { 0 }, tbs = { 0 }, part = { 0 };

	if (!says(recipe, "version", "1")) {
		put_number(&part, DER_INTEGER, 2);
		wrap(&body, DER_EXPLICIT(0), &part);
	}
	put_serial(recipe, &body);
	put_algorithm(&body,
		      key_of(said(recipe, "signed") != NULL ? maker_recipe(said(recipe, "signed")) : issuer),
		      says(recipe, "hash", "sha1"));
	put_name(&body, said(recipe, "issuer") != NULL ? said(recipe, "issuer") : cn_of(issuer));
	put_time(&part, from != NULL ? from : ca ? "2020-01-01" : "2025-01-01");
	put_time(&part, until != NULL ? until : ca ? "2035-01-01" : "2026-01-01");
	wrap(&body, DER_SEQUENCE, &part);
	put_name(&body, cn_of(recipe));
	buf_bytes(&body, buf_view(&key_of(recipe)->spki));
	put_extensions(recipe, &body);
	wrap(&tbs, DER_SEQUENCE, &body);
	put_signed(recipe, &tbs, &recipe->der);
}

static void put_revoked(struct buf *to, const char *name)
{
	struct buf entry = { 0 };

	put_serial(maker_recipe(name), &entry);
	put_time(&entry, "2025-03-01");
	wrap(to, DER_SEQUENCE, &entry);
}

/* "crl NAME by=CA revoked=A,B from=… until=…" */
void maker_crl(struct recipe *recipe)
{
	const struct recipe *issuer = issuer_of(recipe);
	const char *from = said(recipe, "from"), *until = said(recipe, "until"),
		   *revoked = said(recipe, "revoked");
	struct buf body = { 0 }, tbs = { 0 }, part = { 0 }, value = { 0 }, list = { 0 };
	uint8_t room[32];

	put_number(&body, DER_INTEGER, 1);
	put_algorithm(&body, key_of(issuer), says(recipe, "hash", "sha1"));
	put_name(&body, cn_of(issuer));
	put_time(&body, from != NULL ? from : "2025-05-01");
	put_time(&body, until != NULL ? until : "2025-07-01");
	if (revoked != NULL) {
		each(revoked, put_revoked, &part);
		wrap(&body, DER_SEQUENCE, &part);
	}
	der_write(&part, 0x80, key_id(key_of(issuer), room));
	wrap(&value, DER_SEQUENCE, &part);
	put_extension(&list, "2.5.29.35", false, &value);
	put_number(&value, DER_INTEGER, 1);
	put_extension(&list, "2.5.29.20", false, &value);
	put_others(recipe, &list);
	wrap(&part, DER_SEQUENCE, &list);
	wrap(&body, DER_EXPLICIT(0), &part);
	wrap(&tbs, DER_SEQUENCE, &body);
	put_signed(recipe, &tbs, &recipe->der);
}

void maker_forget(void)
{
	for (size_t i = 0; i < recipe_count; i++)
		buf_done(&recipes[i].der);
	recipe_count = 0;
}

void maker_done(void)
{
	maker_forget();
	for (size_t i = 0; i < key_count; i++) {
		free(keys[i].name);
		gnutls_privkey_deinit(keys[i].private);
		buf_done(&keys[i].spki);
	}
	key_count = 0;
}
