/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gnutls/crypto.h>
#include <gnutls/x509.h>

#include "base/clock.h"
#include "base/mem.h"
#include "model/der.h"

enum { MOST = 2048 };

static struct recipe recipes[MOST];
static size_t recipe_count;

static struct key keys[MOST];
static size_t key_count;

void must(int code, const char *what)
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
const char *said(const struct recipe *recipe, const char *key)
{
	size_t len = strlen(key);

	for (size_t i = recipe->count; i-- > 0;) {
		const char *word = recipe->words[i];

		if (strncmp(word, key, len) == 0 && (word[len] == '=' || word[len] == '\0'))
			return word[len] == '=' ? word + len + 1 : "";
	}
	return NULL;
}

bool says(const struct recipe *recipe, const char *key, const char *value)
{
	const char *is = said(recipe, key);

	return is != NULL && strcmp(is, value) == 0;
}

unsigned number_of(const char *text)
{
	return (unsigned)strtoul(text, NULL, 10);
}

/* Writes body with tag and length, and empties it. */
void wrap(struct buf *to, unsigned tag, struct buf *body)
{
	der_write(to, tag, buf_view(body));
	buf_done(body);
	*body = (struct buf){ 0 };
}

void put_oid(struct buf *to, const char *dotted)
{
	struct buf oid = { 0 };

	if (!der_oid_read(dotted, &oid)) {
		printf("Bail out! '%s' is no OID\n", dotted);
		exit(99);
	}
	wrap(to, DER_OID, &oid);
}

/* Two hex digits; -1: they are none. */
static int hex_byte(const char *at)
{
	char digits[3] = "", *end;
	unsigned long byte;

	if (at[0] != '\0')
		memcpy(digits, at, 2);
	byte = strtoul(digits, &end, 16);

	return end == digits + 2 ? (int)byte : -1;
}

void put_hex(struct buf *to, const char *hex)
{
	for (; hex_byte(hex) >= 0; hex += 2)
		buf_byte(to, (unsigned)hex_byte(hex));
}

void put_number(struct buf *to, unsigned tag, unsigned number)
{
	struct buf body = { 0 };

	if (number > 0x7f)
		buf_byte(&body, number > 0x7fff ? 0xff : number >> 8);
	buf_byte(&body, number & 0xff);
	wrap(to, tag, &body);
}

void put_string(struct buf *to, unsigned tag, const char *text)
{
	der_write(to, tag, bytes_of(text));
}

/* A common name, in which %1b is a byte; empty: no part. */
void put_name(struct buf *to, const char *cn)
{
	struct buf name = { 0 }, set = { 0 }, part = { 0 }, text = { 0 };

	if (cn[0] != '\0') {
		put_oid(&part, "2.5.4.3");
		for (; *cn != '\0'; cn++)
			if (cn[0] == '%' && hex_byte(cn + 1) >= 0) {
				buf_byte(&text, (unsigned)hex_byte(cn + 1));
				cn += 2;
			} else {
				buf_byte(&text, (unsigned char)*cn);
			}
		wrap(&part, DER_UTF8_STRING, &text);
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
	must(gnutls_privkey_generate(key->private, rsa ? GNUTLS_PK_RSA : GNUTLS_PK_ECDSA, bits, 0), "a key");
	must(gnutls_pubkey_init(&public), "a key");
	must(gnutls_pubkey_import_privkey(public, key->private, 0, 0), "a key");
	must(gnutls_pubkey_export2(public, GNUTLS_X509_FMT_DER, &der), "a key");
	buf_bytes(&key->spki, (struct bytes){ der.data, der.size });
	gnutls_free(der.data);
	gnutls_pubkey_deinit(public);
	return key;
}

static unsigned bits_of(const char *rsa, const char *curve)
{
	if (rsa != NULL)
		return number_of(rsa);
	return (unsigned)GNUTLS_CURVE_TO_BITS(curve != NULL && strcmp(curve, "384") == 0
						      ? GNUTLS_ECC_CURVE_SECP384R1
						      : GNUTLS_ECC_CURVE_SECP256R1);
}

/* "rsa=1024", "curve=384": keys of that kind are of the certificates that say so. */
struct key *key_for(const struct recipe *recipe)
{
	const char *name = said(recipe, "key"), *rsa = said(recipe, "rsa"), *curve = said(recipe, "curve");
	char *full = mem_print("%s %s %s", name != NULL ? name : recipe->name, rsa != NULL ? rsa : "",
			       curve != NULL ? curve : "");
	struct key *key = key_named(full, rsa != NULL, bits_of(rsa, curve));

	free(full);
	return key;
}

void maker_spki(const char *key, struct buf *to)
{
	buf_bytes(to, buf_view(&key_for(maker_recipe(key))->spki));
}

struct bytes key_id(const struct key *key, uint8_t room[32])
{
	must(gnutls_hash_fast(GNUTLS_DIG_SHA256, key->spki.at, key->spki.len, room), "a hash");
	return (struct bytes){ room, KEY_ID };
}

const struct recipe *issuer_of(const struct recipe *recipe)
{
	const char *by = said(recipe, "by");

	return by != NULL ? maker_recipe(by) : recipe;
}

const char *cn_of(const struct recipe *recipe)
{
	const char *cn = said(recipe, "cn");

	return cn != NULL ? cn : recipe->name;
}

void put_time(struct buf *to, const char *text)
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

/* How a recipe signs with a key; "hash=", and SHA-256 for want of it. */
static const struct {
	const char *hash;
	bool rsa;
	const char *oid;
	gnutls_sign_algorithm_t sign;
} signings[] = {
	{ "md5", true, "1.2.840.113549.1.1.4", GNUTLS_SIGN_RSA_MD5 },
	{ "sha1", true, "1.2.840.113549.1.1.5", GNUTLS_SIGN_RSA_SHA1 },
	{ "sha1", false, "1.2.840.10045.4.1", GNUTLS_SIGN_ECDSA_SHA1 },
	{ "sha256", true, "1.2.840.113549.1.1.11", GNUTLS_SIGN_RSA_SHA256 },
	{ "sha256", false, "1.2.840.10045.4.3.2", GNUTLS_SIGN_ECDSA_SHA256 },
	{ "sha384", false, "1.2.840.10045.4.3.3", GNUTLS_SIGN_ECDSA_SHA384 },
};

static size_t signing_of(const struct key *key, const struct recipe *recipe)
{
	const char *hash = said(recipe, "hash") != NULL ? said(recipe, "hash") : "sha256";

	for (size_t i = 0; i < sizeof(signings) / sizeof(signings[0]); i++)
		if (signings[i].rsa == key->rsa && strcmp(signings[i].hash, hash) == 0)
			return i;
	printf("Bail out! no hash '%s' for this key\n", hash);
	exit(99);
}

void put_algorithm(struct buf *to, const struct key *key, const struct recipe *recipe)
{
	struct buf body = { 0 };

	put_oid(&body, signings[signing_of(key, recipe)].oid);
	if (key->rsa)
		der_write(&body, DER_NULL, (struct bytes){ NULL, 0 });
	wrap(to, DER_SEQUENCE, &body);
}

/* An Extension; takes the value's contents. */
void put_extension(struct buf *to, const char *oid, bool critical, struct buf *value)
{
	struct buf body = { 0 };

	put_oid(&body, oid);
	if (critical)
		der_write(&body, DER_BOOLEAN, (struct bytes){ (const uint8_t *)"\xff", 1 });
	wrap(&body, DER_OCTET_STRING, value);
	wrap(to, DER_SEQUENCE, &body);
}

/* Comma-separated words, each given to `put`. */
void each(const char *list, void (*put)(struct buf *, const char *), struct buf *to)
{
	char *copy = mem_string(list, strlen(list)), *save = NULL;

	for (char *word = strtok_r(copy, ",", &save); word != NULL; word = strtok_r(NULL, ",", &save))
		put(to, word);
	free(copy);
}

/* The outer SEQUENCE around what is signed. "signed=KEY": by another key than the issuer's. */
void put_signed(const struct recipe *recipe, struct buf *tbs, struct buf *to)
{
	const char *other = said(recipe, "signed");
	struct key *key = key_for(other != NULL ? maker_recipe(other) : issuer_of(recipe));
	struct buf whole = { 0 }, bits = { 0 };
	gnutls_datum_t data = { tbs->at, (unsigned)tbs->len }, signature = { NULL, 0 };
	gnutls_sign_algorithm_t algorithm = signings[signing_of(key, recipe)].sign;

	must(gnutls_privkey_sign_data2(key->private, algorithm, 0, &data, &signature), "a signature");
	buf_bytes(&whole, buf_view(tbs));
	put_algorithm(&whole, key, recipe);
	buf_byte(&bits, 0);
	buf_bytes(&bits, (struct bytes){ signature.data, signature.size });
	gnutls_free(signature.data);
	wrap(&whole, DER_BIT_STRING, &bits);
	wrap(to, DER_SEQUENCE, &whole);
	buf_done(tbs);
}

void put_serial(const struct recipe *recipe, struct buf *to)
{
	const char *hex = said(recipe, "serial");
	struct buf serial = { 0 };

	if (hex != NULL)
		put_hex(&serial, hex);
	else if (recipe - recipes < 0x7f)
		buf_byte(&serial, (unsigned)(recipe - recipes) + 1);
	else
		buf_be32(&serial, 0x10000000 + (uint32_t)(recipe - recipes));
	wrap(to, DER_INTEGER, &serial);
}

void put_relative(const char *cn, struct buf *to)
{
	struct buf part = { 0 }, set = { 0 };

	put_oid(&part, "2.5.4.3");
	put_string(&part, DER_UTF8_STRING, cn);
	wrap(&set, DER_SEQUENCE, &part);
	wrap(to, 0xa1, &set);
}

/* The contents of cRLDistributionPoints with one point, or as often as "points=N" says, of "crldp=URL",
 * "crldp-behind=TEXT" and "crl-issuer=NAME". */
static void put_point(const struct recipe *recipe, struct buf *to)
{
	const char *dp = said(recipe, "crldp"), *behind = said(recipe, "crldp-behind"),
		   *issuer = said(recipe, "crl-issuer"), *reasons = said(recipe, "crldp-reasons");
	struct buf point = { 0 }, a = { 0 }, b = { 0 };

	if (dp != NULL) {
		put_string(&a, 0x86, dp);
		wrap(&b, 0xa0, &a);
	} else if (behind != NULL) {
		put_relative(behind, &b);
	}
	if (b.len > 0)
		wrap(&point, 0xa0, &b);
	if (reasons != NULL) {
		put_hex(&a, reasons);
		wrap(&point, 0x81, &a);
	}
	if (issuer != NULL) {
		put_name(&a, issuer);
		wrap(&b, 0xa4, &a);
		wrap(&point, 0xa2, &b);
	}
	if (point.len == 0)
		return;
	wrap(&a, DER_SEQUENCE, &point);
	for (long i = said(recipe, "points") != NULL ? strtol(said(recipe, "points"), NULL, 10) : 1; i > 0;
	     i--)
		buf_bytes(&b, buf_view(&a));
	buf_done(&a);
	wrap(to, DER_SEQUENCE, &b);
}

/* "crldp=URL", "ocsp=URL", "issuers=URL", "staple", "ext=OID:c:HEX", "ext=OID:n:HEX". */
void put_others(const struct recipe *recipe, struct buf *to)
{
	const char *ocsp = said(recipe, "ocsp");
	struct buf a = { 0 }, b = { 0 }, value = { 0 };

	put_point(recipe, &value);
	if (value.len > 0)
		put_extension(to, "2.5.29.31", false, &value);
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

static char **kept;
static size_t kept_count;

const char *maker_keep(char *take)
{
	kept = mem_grow(kept, kept_count, sizeof(*kept));
	kept[kept_count++] = take;
	return take;
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
	for (size_t i = 0; i < kept_count; i++)
		free(kept[i]);
	free(kept);
	kept = NULL;
	kept_count = 0;
}

void put_given(const struct recipe *recipe, const char *key, struct buf *to)
{
	size_t len = strlen(key);

	for (size_t i = 0; i < recipe->count; i++) {
		char oid[128], critical, hex[1024] = "";
		struct buf value = { 0 };

		if (strncmp(recipe->words[i], key, len) != 0 || recipe->words[i][len] != '=' ||
		    sscanf(recipe->words[i] + len + 1, "%127[0-9.]:%c:%1023s", oid, &critical, hex) < 2)
			continue;
		put_hex(&value, hex);
		put_extension(to, oid, critical == 'c', &value);
	}
}
