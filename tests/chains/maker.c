/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/der.h"

/* "192.0.2.0/255.255.255.0": all its numbers. */
static void put_ip(struct buf *to, const char *text)
{
	for (char *end; *text != '\0'; text = *end != '\0' ? end + 1 : end)
		buf_byte(to, (unsigned)strtoul(text, &end, 10));
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
	if (len == 4 && strncmp(kind, "utf8", 4) == 0) {
		struct buf text = { 0 };

		put_string(&text, DER_UTF8_STRING, value);
		buf_bytes(&body,
			  (struct bytes){ (const uint8_t *)"\x06\x08\x2b\x06\x01\x05\x05\x07\x08\x09", 10 });
		wrap(&body, 0xa0, &text);
		wrap(to, 0xa0, &body);
	} else if (len == 2 && strncmp(kind, "ip", 2) == 0) {
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
	static const char *const kinds[] = { "dns", "ip", "mail", "utf8", "uri", "dir" };

	for (size_t i = 0; i < recipe->count; i++)
		for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
			size_t len = strlen(kinds[k]);

			if (strncmp(recipe->words[i], kinds[k], len) == 0 && recipe->words[i][len] == '=')
				put_general(&names, kinds[k], len, recipe->words[i] + len + 1);
		}
	for (int i = 0; said(recipe, "hosts") != NULL && i < (int)number_of(said(recipe, "hosts")); i++) {
		char host[64];

		snprintf(host, sizeof(host), "h%d.example.com", i);
		put_general(&names, "dns", 3, host);
	}
	if (names.len == 0 || said(recipe, "no-san") != NULL) {
		buf_done(&names);
		return;
	}
	wrap(&value, DER_SEQUENCE, &names);
	put_extension(to, "2.5.29.17", says(recipe, "cn", ""), &value);
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

/* "subtrees=N": as many hosts, none of which is anybody's. */
static void put_many(const struct recipe *recipe, struct buf *to)
{
	struct buf trees = { 0 }, tree = { 0 };

	for (int i = 0; said(recipe, "subtrees") != NULL && i < (int)number_of(said(recipe, "subtrees"));
	     i++) {
		char host[64];

		snprintf(host, sizeof(host), "n%d.example.net", i);
		put_general(&tree, "dns", 3, host);
		wrap(&trees, DER_SEQUENCE, &tree);
	}
	if (trees.len > 0)
		wrap(to, 0xa1, &trees);
	buf_done(&trees);
}

static void put_constraints(const struct recipe *recipe, struct buf *to)
{
	struct buf both = { 0 }, value = { 0 };

	put_subtrees(recipe, "permit", 0xa0, &both);
	put_many(recipe, &both);
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
	else if (strncmp(word, "ext=", 4) == 0)
		put_given(&alone, "ext", to);
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
			put_number(&a, 0x80, number_of(explicit));
		if (inhibit != NULL)
			put_number(&a, 0x81, number_of(inhibit));
		wrap(&value, DER_SEQUENCE, &a);
		put_extension(to, "2.5.29.36", true, &value);
	}
	if (any != NULL) {
		put_number(&value, DER_INTEGER, number_of(any));
		put_extension(to, "2.5.29.54", true, &value);
	}
}

static void put_key_ids(const struct recipe *recipe, struct buf *to)
{
	struct buf value = { 0 }, body = { 0 };
	uint8_t room[32];

	if (!says(recipe, "ski", "none")) {
		der_write(&value, DER_OCTET_STRING, key_id(key_for(recipe), room));
		put_extension(to, "2.5.29.14", says(recipe, "ski", "critical"), &value);
	}
	if (says(recipe, "aki", "none") || (said(recipe, "by") == NULL && said(recipe, "aki") == NULL))
		return;
	key_id(key_for(issuer_of(recipe)), room);
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
		put_number(&body, DER_INTEGER, number_of(length));
	wrap(&value, DER_SEQUENCE, &body);
	put_extension(to, "2.5.29.19", !says(recipe, "bc", "plain"), &value);
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

/* The key with its algorithm's OID alone: without the NULL that RSA keys have. */
static void put_bare(struct bytes spki, struct buf *to)
{
	struct cursor outer = der_into(spki), in = der_into(der_take(&outer, DER_SEQUENCE)),
		      algorithm = der_into(der_take_algorithm(&in));
	struct buf oid = { 0 }, body = { 0 };

	der_write(&oid, DER_OID, der_take(&algorithm, DER_OID));
	wrap(&body, DER_SEQUENCE, &oid);
	buf_bytes(&body, bytes_skip(in.all, in.pos));
	wrap(to, DER_SEQUENCE, &body);
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
		      key_for(said(recipe, "signed") != NULL ? maker_recipe(said(recipe, "signed")) : issuer),
		      recipe);
	put_name(&body, said(recipe, "issuer") != NULL ? said(recipe, "issuer") : cn_of(issuer));
	put_time(&part, from != NULL ? from : ca ? "2020-01-01" : "2025-01-01");
	put_time(&part, until != NULL ? until : ca ? "2035-01-01" : "2026-01-01");
	wrap(&body, DER_SEQUENCE, &part);
	put_name(&body, cn_of(recipe));
	if (said(recipe, "spki") != NULL)
		put_hex(&body, said(recipe, "spki"));
	else if (said(recipe, "bare-key") != NULL)
		put_bare(buf_view(&key_for(recipe)->spki), &body);
	else
		buf_bytes(&body, buf_view(&key_for(recipe)->spki));
	put_extensions(recipe, &body);
	wrap(&tbs, DER_SEQUENCE, &body);
	put_signed(recipe, &tbs, &recipe->der);
}
