/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/text.h"
#include "check/danger.h"
#include "check/roots.h"
#include "feed.h"
#include "format/format.h"
#include "model/anchor.h"
#include "model/known.h"
#include "../chains/maker.h"

#define NOW "2025-06-01"

/* What else than the certificate itself is in the world. */
enum around {
	ALONE,
	IN_STORE,      /* a store has the kin, */
	IN_LIST,       /* or a public list, */
	IN_PROGRAM,    /* or a store that says that it is in Mozilla's program */
	FORBIDDEN,     /* a store forbids the kin */
	KEY_FORBIDDEN, /* or its key */
	KNOWN_ITSELF,  /* a row of the table of known ones names the certificate, */
	KNOWN_KEY,     /* or its key */
	LISTED,        /* the table of Mozilla's roots has the kin, */
	DROPPED,       /* or had it */
	WITH_KEY,      /* a private key lies in the file, */
	WITH_PUBLIC,   /* or a public one */
	WITH_KIN,      /* the kin is in the file too */
	SHARED_FILE,
};

struct pair {
	const char *code;
	bool found;
	const char *words[8]; /* of the certificate; "ca" is good. chains/README tells them */
	enum around around;
	const char *kin[6]; /* another certificate; without words it is the same one */
	const char *row;    /* category and private_key_public of the known row */
	const char *permit; /* what the store attaches, as chains/README has it */
	uint16_t trusted;   /* 0: for everything */
};

/* A key without a known algorithm, 1.2.3. */
#define FOREIGN_KEY "spki=300b300406022a030303000102"

/* clang-format off */
static const struct pair pairs[] = {
	{ "known-bad", true, .words = { "ca" }, KNOWN_ITSELF, .row = "untrusted-ca\tno" },
	{ "known-bad", true, .words = { "ca" }, KNOWN_KEY, .row = "malware\tunknown" },
	{ "known-bad", false, .words = { "ca" }, KNOWN_KEY, .kin = { "ca" }, .row = "malware\tunknown" },
	{ "known-bad", false, .words = { "ca" }, KNOWN_ITSELF, .kin = { "ca", "key=it" }, .row = "untrusted-ca\tno" },
	{ "known-bad", false, .words = { "ca" }, KNOWN_KEY, .row = "malware\tyes" },
	{ "published-key", true, .words = { "ca" }, KNOWN_KEY, .row = "published-key-test-ca\tyes" },
	{ "published-key", true, .words = { "ca" }, KNOWN_KEY, .kin = { "ca", "key=it", "serial=77" }, .row = "mitm-software\tyes" },
	{ "published-key", false, .words = { "ca" }, KNOWN_KEY, .kin = { "ca" }, .row = "published-key-test-ca\tyes" },
	{ "published-key", false, .words = { "ca" }, KNOWN_KEY, .row = "untrusted-ca\tno" },
	{ "private-key-in-file", true, .words = { "ca" }, WITH_KEY },
	{ "private-key-in-file", false, .words = { "ca" }, WITH_PUBLIC },
	{ "distrusted", true, .words = { "ca" }, FORBIDDEN },
	{ "distrusted", true, .words = { "ca" }, KEY_FORBIDDEN },
	{ "distrusted", true, .words = { "ca" }, FORBIDDEN, .kin = { "ca", "cn=other", "key=it" } },
	{ "distrusted", true, .words = { "by=up", "ca", "serial=55" }, FORBIDDEN, .kin = { "by=up", "serial=55" } },
	{ "distrusted", false, .words = { "by=up", "ca", "serial=55" }, FORBIDDEN, .kin = { "by=up", "serial=56" } },
	{ "distrusted", false, .words = { "ca" }, FORBIDDEN, .kin = { "ca" } },
	{ "distrusted", false, .words = { "ca" }, IN_STORE },
	{ "interception-product", true, .words = { "ca", "cn=mkcert development CA" } },
	{ "interception-product", true, .words = { "ca", "cn=mitmproxy" } },
	{ "interception-product", true, .words = { "ca" }, KNOWN_KEY, .row = "mitm-software\tyes" },
	{ "interception-product", true, .words = { "ca" }, KNOWN_KEY, .row = "mitm-software\tno" },
	{ "interception-product", false, .words = { "ca" }, KNOWN_KEY, .row = "state-mitm\tno" },
	{ "interception-product", false, .words = { "ca", "cn=Proxy development CA" } },
	{ "public-subject", true, .words = { "ca" }, IN_LIST, .kin = { "ca", "cn=it" } },
	{ "public-subject", true, .words = { "ca", "cn=The  Root" }, IN_PROGRAM, .kin = { "ca", "cn=the root" } },
	{ "public-subject", false, .words = { "ca" }, IN_LIST, .kin = { "ca", "cn=it", "key=it" } },
	{ "public-subject", false, .words = { "ca" }, IN_STORE, .kin = { "ca", "cn=it" } },
	{ "unreadable", true, .words = { "ca", "ext=2.5.29.19:c:30030101ff" } },
	{ "unreadable", false, .words = { "ca", "ext=2.5.29.99:n:30030101ff" } },
	{ "bad-signature", true, .words = { "ca", "signed=other" } },
	{ "bad-signature", false, .words = { "ca", "signed=other", "aki=wrong" } },
	{ "bad-signature", false, .words = { "ca", "aki=good" } },
	{ "not-a-ca", true, .words = { "by=up" } },
	{ "not-a-ca", true, .words = { "by=up", "ca", "bc=none" } },
	{ "not-a-ca", false, .words = { "by=up", "ca" } },
	{ "not-a-ca", false, .words = { "leaf" } },
	{ "expired", true, .words = { "ca", "until=2025-05-31" } },
	{ "expired", false, .words = { "ca", "until=" NOW } },
	{ "weak-key", true, .words = { "ca", "rsa=1024" } },
	{ "weak-key", false, .words = { "ca", "rsa=2048" } },
	{ "go-negative-serial", true, .words = { "ca", "serial=80" } },
	{ "go-negative-serial", false, .words = { "ca", "serial=0080" } },
	{ "unconstrained", true, .words = { "ca" } },
	{ "unconstrained", true, .words = { "ca", "permit=dir:Some" } },
	{ "unconstrained", true, .words = { "ca", "exclude=dns:example.com" } },
	{ "unconstrained", true, .words = { "ca", "permit=dns:" } },
	{ "unconstrained", true, .words = { "ca" }, .trusted = PURPOSE_BIT(PURPOSE_EMAIL) },
	{ "unconstrained", true, .words = { "ca" }, IN_STORE },
	{ "unconstrained", false, .words = { "ca", "permit=dns:example.com" } },
	{ "unconstrained", false, .words = { "ca", "exclude=dns:" } },
	{ "unconstrained", false, .words = { "ca" }, .permit = "permit=dns:example.com" },
	{ "unconstrained", false, .words = { "ca" }, .trusted = PURPOSE_BIT(PURPOSE_CODE_SIGNING) },
	{ "unconstrained", false, .words = { "leaf" } },
	{ "unconstrained", false, .words = { "ca" }, IN_LIST },
	{ "self-signed-leaf", true, .words = { "leaf" } },
	{ "self-signed-leaf", true, .words = { "ca", "bc=no-ca" } },
	{ "self-signed-leaf", true, .words = { "leaf", "ku=none", "dns=www.example.com" } },
	{ "self-signed-leaf", false, .words = { "ca" } },
	{ "self-signed-leaf", false, .words = { "by=up" } },
	{ "intermediate", true, .words = { "by=up", "ca" } },
	{ "intermediate", true, .words = { "ca", "signed=other", "aki=wrong" } },
	{ "intermediate", false, .words = { "ca" } },
	{ "intermediate", false, .words = { "by=up" } },
	{ "no-basic-constraints", true, .words = { "ca", "version=1" } },
	{ "no-basic-constraints", true, .words = { "ca", "bc=none" } },
	{ "no-basic-constraints", false, .words = { "ca", "bc=plain" } },
	{ "no-basic-constraints", false, .words = { "leaf" } },
	{ "no-key-cert-sign", true, .words = { "ca", "ku=cRLSign" } },
	{ "no-key-cert-sign", false, .words = { "ca", "ku=keyCertSign" } },
	{ "no-key-cert-sign", false, .words = { "ca", "ku=none" } },
	{ "not-yet-valid", true, .words = { "ca", "from=2025-06-02" } },
	{ "not-yet-valid", false, .words = { "ca", "from=" NOW } },
	{ "same-subject", true, .words = { "ca" }, IN_STORE, .kin = { "ca", "cn=it" } },
	{ "same-subject", false, .words = { "ca" }, IN_STORE, .kin = { "ca", "cn=its" } },
	{ "same-subject", false, .words = { "ca" }, IN_STORE, .kin = { "ca", "cn=it", "key=it" } },
	{ "same-subject", false, .words = { "ca" }, IN_LIST, .kin = { "ca", "cn=it" } },
	{ "same-subject", false, .words = { "ca" }, FORBIDDEN, .kin = { "ca", "cn=it" } },
	{ "dropped-root", true, .words = { "ca" }, DROPPED },
	{ "dropped-root", false, .words = { "ca" }, DROPPED, .kin = { "ca", "key=it" } },
	{ "dropped-root", false, .words = { "ca" }, LISTED },
	{ "dropped-root", false, .words = { "ca" }, IN_STORE },
	{ "several-in-file", true, .words = { "ca" }, WITH_KIN, .kin = { "ca" } },
	{ "several-in-file", false, .words = { "ca" }, WITH_KIN },
	{ "shared-source", true, .words = { "ca" }, SHARED_FILE },
	{ "shared-source", false, .words = { "ca" } },
	{ "weak-signature", true, .words = { "by=up", "ca", "hash=sha1" } },
	{ "weak-signature", false, .words = { "by=up", "ca" } },
	{ "weak-signature", false, .words = { "ca", "hash=sha1" } },
	{ "unknown-critical", true, .words = { "ca", "ext=1.2.3.4:c:0500" } },
	{ "unknown-critical", false, .words = { "ca", "ext=1.2.3.4:n:0500" } },
	{ "no-name", true, .words = { "by=up", "ca", "cn=" } },
	{ "no-name", false, .words = { "by=up", "ca", "cn=x" } },
	{ "java-not-a-ca", true, .words = { "ca", "bc=none" } },
	{ "java-not-a-ca", true, .words = { "ca", "ku=cRLSign" } },
	{ "java-not-a-ca", false, .words = { "ca", "ku=none" } },
	{ "java-not-a-ca", false, .words = { "leaf" } },
	{ "python-strict", true, .words = { "ca", "bc=plain" } },
	{ "python-strict", true, .words = { "ca", "ku=none" } },
	{ "python-strict", true, .words = { "ca", "ski=none" } },
	{ "python-strict", true, .words = { "ca", "ski=critical" } },
	{ "python-strict", true, .words = { "ca", "aki=critical" } },
	{ "python-strict", true, .words = { "ca", "ku=cRLSign", "pathlen=1" } },
	{ "python-strict", true, .words = { "by=up", "ca", "cn=" } },
	{ "python-strict", false, .words = { "ca", "pathlen=1" } },
	{ "python-strict", true, .words = { "ca", "version=1" } },
	{ "python-strict", false, .words = { "by=up", "ca", "aki=none" } },
	{ "python-strict", false, .words = { "leaf", "ski=critical" } },
	{ "basic-constraints-not-critical", true, .words = { "ca", "bc=plain" } },
	{ "basic-constraints-not-critical", false, .words = { "ca", "bc=none" } },
	{ "signature-unchecked", true, .words = { "ca", FOREIGN_KEY } },
	{ "signature-unchecked", false, .words = { "ca", FOREIGN_KEY, "by=up" } },
	{ "expires-soon", true, .words = { "ca", "until=2025-08-30" } },
	{ "expires-soon", false, .words = { "ca", "until=2025-08-31" } },
	{ "expires-soon", false, .words = { "ca", "until=2025-05-31" } },
	{ "long-validity", true, .words = { "ca", "from=2020-01-01", "until=2046-01-01" } },
	{ "long-validity", false, .words = { "ca", "from=2020-01-01", "until=2045-01-01" } },
	{ "odd-key", true, .words = { "ca", "rsa=2052" } },
	{ "odd-key", false, .words = { "ca", "rsa=2048" } },
	{ "same-key", true, .words = { "ca" }, IN_STORE, .kin = { "ca", "key=it", "serial=77" } },
	{ "same-key", true, .words = { "ca" }, IN_LIST, .kin = { "by=up", "ca", "cn=it", "key=it" } },
	{ "same-key", false, .words = { "ca" }, IN_STORE, .kin = { "ca", "serial=77" } },
	{ "same-key", false, .words = { "ca" }, IN_STORE },
	{ "public-root", true, .words = { "ca" }, IN_LIST },
	{ "public-root", true, .words = { "ca" }, IN_PROGRAM },
	{ "public-root", true, .words = { "ca" }, LISTED },
	{ "public-root", false, .words = { "ca" }, DROPPED },
	{ "public-root", false, .words = { "ca" }, IN_STORE },
	{ "public-root", false, .words = { "ca" }, IN_LIST, .kin = { "ca" } },
	{ "weak-self-signature", true, .words = { "ca", "hash=sha1" } },
	{ "weak-self-signature", false, .words = { "ca" } },
	{ "weak-self-signature", false, .words = { "by=up", "ca", "hash=sha1" } },
};
/* clang-format on */

static struct recipe *make(const char *name, const char *const *words, size_t count)
{
	struct recipe *recipe = maker_recipe(name);

	for (size_t i = 0; i < count && words[i] != NULL; i++)
		maker_say(recipe, words[i]);
	return recipe;
}

/* All that danger_find() is given, and what it found. */
struct world {
	struct store *own, *other, *source; /* the last two may be NULL */
	const struct store *place;
	struct known known;
	struct roots roots;
	struct candidate candidate;
	struct warnings warnings;
};

static void put_block(const char *type, struct bytes body, struct buf *to)
{
	buf_print(to, "-----BEGIN %s-----\n", type);
	base64_write(body, 64, to);
	buf_print(to, "-----END %s-----\n", type);
}

static void put_known(const struct anchor *anchor, bool by_key, const char *row, struct known *ret)
{
	struct buf text = { 0 };
	uint8_t key[ID_LEN];
	struct err err;

	assert_true(anchor_key_id(anchor, key));
	buf_text(&text, "# a comment\nsha256\tspki_sha256\tname\tcategory\tprivate_key_public\tis_ca\t"
			"not_after\tsubject\twhy\tsource\n");
	if (by_key)
		buf_text(&text, "-");
	else
		text_hex((struct bytes){ anchor->id, ID_LEN }, &text);
	buf_text(&text, "\t");
	if (by_key)
		text_hex((struct bytes){ key, ID_LEN }, &text);
	else
		buf_text(&text, "-");
	buf_print(&text, "\tName\t%s\tTrue\t-\tCN=Name\tbecause\tsomebody\n", row);
	if (!known_read(buf_view(&text), "known", ret, &err))
		fail_msg("%s", err.text);
	buf_done(&text);
}

static void put_roots(const struct anchor *anchor, bool dropped, struct roots *ret)
{
	struct buf text = { 0 };
	struct err err;

	text_hex((struct bytes){ anchor->id, ID_LEN }, &text);
	buf_print(&text, "\t%s\t-\t-\tboth\tSome Root\n", dropped ? "2.60\t2023-05-01" : "-\t-");
	if (!roots_read(buf_view(&text), ret, &err))
		fail_msg("%s", err.text);
	buf_done(&text);
}

static void surround(const struct pair *pair, const struct recipe *it, const struct recipe *kin,
		     struct world *world)
{
	struct candidate *candidate = &world->candidate;
	struct bytes der = buf_view(kin != NULL ? &kin->der : &it->der);
	struct anchor *anchor;
	struct buf file = { 0 };

	world->other = store_new("/the/other");
	anchor = pair->around == KEY_FORBIDDEN ? store_add_key(world->other, world->own->anchors[0].cert.spki)
					       : store_add(world->other, der, 0);
	if (pair->around == FORBIDDEN || pair->around == KEY_FORBIDDEN)
		anchor->distrusted = PURPOSES_ALL;
	else
		anchor->trusted = PURPOSES_ALL;
	anchor->mozilla_policy = pair->around == IN_PROGRAM;
	world->place = world->other;
	if (pair->around == IN_LIST) {
		candidate->lists = &world->place;
		candidate->list_count = 1;
	} else if (pair->around >= IN_STORE && pair->around <= KEY_FORBIDDEN) {
		candidate->stores = &world->place;
		candidate->store_count = 1;
	} else if (pair->around == KNOWN_ITSELF || pair->around == KNOWN_KEY) {
		put_known(anchor, pair->around == KNOWN_KEY, pair->row, &world->known);
		candidate->known = &world->known;
	} else if (pair->around == LISTED || pair->around == DROPPED) {
		put_roots(anchor, pair->around == DROPPED, &world->roots);
		candidate->roots = &world->roots;
	} else if (pair->around >= WITH_KEY && pair->around <= WITH_KIN) {
		put_block("CERTIFICATE", buf_view(&it->der), &file);
		put_block(pair->around == WITH_KEY      ? "EC PRIVATE KEY"
			  : pair->around == WITH_PUBLIC ? "PUBLIC KEY"
							: "CERTIFICATE",
			  der, &file);
		world->source = feed_well(&format_pem, buf_view(&file));
		store_finish(world->source);
		candidate->source = world->source;
		buf_done(&file);
	} else if (pair->around == SHARED_FILE) {
		candidate->shared = "it may be written by its group";
	}
}

static void look(const struct pair *pair, struct world *world)
{
	static const char *const ca[] = { "ca" };
	struct recipe *up, *it, *kin = NULL;
	struct buf extension = { 0 };
	struct anchor *anchor;

	*world = (struct world){ .own = store_new("own") };
	maker_forget();
	up = make("up", ca, 1);
	it = make("it", pair->words, 8);
	maker_recipe("other");
	if (pair->kin[0] != NULL)
		kin = make("kin", pair->kin, 6);
	maker_certificate(up);
	maker_certificate(it);
	if (kin != NULL)
		maker_certificate(kin);
	anchor = store_add(world->own, buf_view(&it->der), 0);
	anchor->trusted = pair->trusted != 0 ? pair->trusted : PURPOSES_ALL;
	if (pair->permit != NULL) {
		maker_extension(pair->permit, &extension);
		assert_true(store_attach(world->own, anchor, buf_view(&extension)));
		buf_done(&extension);
	}
	world->candidate = (struct candidate){ .anchor = anchor, .file = "it's.crt" };
	assert_true(clock_read(NOW, &world->candidate.at));
	if (pair->around != ALONE)
		surround(pair, it, kin, world);
	danger_find(&world->candidate, &world->warnings);
}

static void forget(struct world *world)
{
	warnings_done(&world->warnings);
	known_done(&world->known);
	roots_done(&world->roots);
	store_free(world->own);
	store_free(world->other);
	store_free(world->source);
}

static const struct warning *found(const struct world *world, const char *code)
{
	for (size_t i = 0; i < world->warnings.count; i++)
		if (strcmp(world->warnings.all[i].row->code, code) == 0)
			return &world->warnings.all[i];
	return NULL;
}

static void every_danger_is_found_in_one_certificate_and_not_in_its_neighbour(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		const struct warning *warning;
		struct world world;

		look(&pairs[i], &world);
		warning = found(&world, pairs[i].code);
		if ((warning != NULL) != pairs[i].found)
			fail_msg("pair %zu: %s is %sfound, %s", i, pairs[i].code,
				 warning != NULL ? "" : "not ",
				 world.warnings.count > 0 ? world.warnings.all[0].text : "and nothing else");
		forget(&world);
	}
}

static void every_row_has_both_and_can_be_accepted_by_its_code(void **state)
{
	(void)state;
	for (const struct warning_row *row = dangers; row->code != NULL; row++) {
		bool has[2] = { false, false };

		for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
			if (strcmp(pairs[i].code, row->code) == 0)
				has[pairs[i].found] = true;
		if (!has[true] || !has[false] || row->means == NULL)
			fail_msg("%s", row->code);
		assert_int_equal(row->code[strspn(row->code, "abcdefghijklmnopqrstuvwxyz0123456789-")], 0);
		assert_true(!row->by_name || row->severity >= SEVERITY_HIGH);
		for (const struct warning_row *other = dangers; other < row; other++)
			assert_string_not_equal(other->code, row->code);
	}
}

static void an_ordinary_ca_is_unconstrained_and_nothing_else(void **state)
{
	const struct pair plain = { .words = { "ca" } };
	const struct pair bound = { .words = { "ca", "permit=dns:example.com" } };
	struct world world;

	(void)state;
	look(&plain, &world);
	assert_int_equal(world.warnings.count, 1);
	assert_string_equal(world.warnings.all[0].row->code, "unconstrained");
	assert_true(world.warnings.all[0].row->severity <= SEVERITY_MEDIUM);
	assert_string_equal(
		world.warnings.all[0].advice,
		"--permit-dns=DOMAIN limits it where the store can say so; a limit in the CA's own "
		"certificate holds everywhere");
	forget(&world);
	look(&bound, &world);
	assert_int_equal(world.warnings.count, 0);
	forget(&world);
}

static void the_gravest_comes_first_and_all_are_of_this_certificate(void **state)
{
	const struct pair bad = { .words = { "ca", "until=2025-01-01", "bc=plain", "hash=sha1", "serial=80" },
				  .around = KNOWN_KEY,
				  .row = "mitm-software\tyes" };
	struct world world;

	(void)state;
	look(&bad, &world);
	assert_true(world.warnings.count >= 7);
	assert_string_equal(world.warnings.all[0].row->code, "published-key");
	for (size_t i = 0; i < world.warnings.count; i++) {
		assert_ptr_equal(world.warnings.all[i].anchor, world.candidate.anchor);
		if (i > 0)
			assert_true(world.warnings.all[i - 1].row->severity >=
				    world.warnings.all[i].row->severity);
	}
	forget(&world);
}

static void several_looks_add_to_one_list_and_leave_what_is_there(void **state)
{
	const struct pair plain = { .words = { "ca", "bc=plain" } };
	struct world world;
	size_t count;

	(void)state;
	look(&plain, &world);
	count = world.warnings.count;
	danger_find(&world.candidate, &world.warnings);
	assert_int_equal(world.warnings.count, 2 * count);
	for (size_t i = 0; i < count; i++)
		assert_string_equal(world.warnings.all[i].text, world.warnings.all[count + i].text);
	forget(&world);
}

/* What is said has the values that it is about. */
static void a_warning_has_its_values(void **state)
{
	static const struct {
		struct pair pair;
		const char *words[3];
	} rows[] = {
		{ { "expired", true, .words = { "ca", "until=2025-05-01" } },
		  { "2025-05-01", "31 days ago" } },
		{ { "weak-key", true, .words = { "ca", "rsa=1024" } }, { "RSA 1024", "2048" } },
		{ { "long-validity", true, .words = { "ca", "from=2010-01-01", "until=2040-01-01" } },
		  { "2010-01-01", "2040-01-01", "30 years" } },
		{ { "intermediate", true, .words = { "by=up", "ca" } }, { "'up'" } },
		{ { "intermediate", true, .words = { "ca", "signed=other", "aki=wrong" } },
		  { "another key of 'it'" } },
		{ { "several-in-file", true, .words = { "ca" }, WITH_KIN, { "ca" } },
		  { "2 certificates", "it's.crt" } },
		{ { "same-subject", true, .words = { "ca" }, IN_STORE, { "ca", "cn=it" } },
		  { "/the/other", "2035-01-01" } },
		{ { "same-key", true, .words = { "ca" }, IN_LIST, { "ca", "key=it" } },
		  { "'kin' in /the/other" } },
		{ { "dropped-root", true, .words = { "ca" }, DROPPED },
		  { "'Some Root'", "2.60", "2023-05-01" } },
		{ { "distrusted", true, .words = { "ca" }, KEY_FORBIDDEN },
		  { "/the/other forbids its key" } },
		{ { "known-bad", true, .words = { "ca" }, KNOWN_KEY, .row = "malware\tno" },
		  { "'Name'", "because", "somebody" } },
		{ { "python-strict", true, .words = { "ca", "ku=none", "bc=plain" } }, { "89", "92" } },
		{ { "unreadable", true, .words = { "ca", "ext=2.5.29.19:c:30030101ff" } },
		  { "is there twice" } },
		{ { "weak-signature", true, .words = { "by=up", "ca", "hash=sha1" } }, { "ECDSA-SHA1" } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct warning *warning;
		struct world world;

		look(&rows[i].pair, &world);
		warning = found(&world, rows[i].pair.code);
		assert_non_null(warning);
		for (size_t k = 0; k < 3 && rows[i].words[k] != NULL; k++)
			if (strstr(warning->text, rows[i].words[k]) == NULL)
				fail_msg("no '%s' in '%s'", rows[i].words[k], warning->text);
		forget(&world);
	}
}

/* A leaf under the certificate, judged by OpenSSL as Python 3.13 has it judge; the purpose is not asked for.
 */
static bool strict_accepts(const struct recipe *it, const char *directory)
{
	static const char *const words[] = { "by=it", "dns=www.example.com" };
	struct recipe *leaf = make("below", words, 2);
	struct buf file = { 0 };

	maker_certificate(leaf);
	put_block("CERTIFICATE", buf_view(&it->der), &file);
	feed_file(directory, "ca.pem", buf_view(&file));
	file.len = 0;
	put_block("CERTIFICATE", buf_view(&leaf->der), &file);
	feed_file(directory, "leaf.pem", buf_view(&file));
	buf_done(&file);
	return feed_run(NULL,
			"openssl verify -x509_strict -partial_chain -no-CAfile -no-CApath -attime 1748736000 "
			"-CAfile %s/ca.pem %s/leaf.pem >/dev/null 2>&1",
			directory, directory);
}

static void what_fails_in_python_fails_in_openssls_strict_check(void **state)
{
	char *directory;
	size_t compared = 0;

	(void)state;
	if (!feed_run(NULL, "openssl version | grep -q '^OpenSSL [3-9]'")) {
		print_message("# no OpenSSL 3 here\n");
		skip();
	}
	directory = feed_directory();
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		struct world world;

		if (strcmp(pairs[i].code, "python-strict") != 0 || strcmp(pairs[i].words[0], "leaf") == 0)
			continue;
		look(&pairs[i], &world);
		if (strict_accepts(maker_recipe("it"), directory) == pairs[i].found)
			fail_msg("pair %zu: OpenSSL does %saccept it", i, pairs[i].found ? "" : "not ");
		compared++;
		forget(&world);
	}
	assert_true(compared >= 8);
	feed_remove(directory);
}

/* A file of two: what is said of the file is said once, and what of each certificate twice. */
static void what_is_said_of_a_file_is_said_once(void **state)
{
	const struct pair two = { .words = { "ca" }, .around = WITH_KIN, .kin = { "ca" } };
	const struct warning *several;
	struct world world;
	size_t count;

	(void)state;
	look(&two, &world);
	several = found(&world, "several-in-file");
	count = world.warnings.count;
	assert_non_null(several);
	assert_null(several->anchor);
	world.source->anchors[1].trusted = PURPOSES_ALL;
	world.candidate.anchor = &world.source->anchors[1];
	danger_find(&world.candidate, &world.warnings);
	assert_int_equal(world.warnings.count, 2 * count - 1);
	forget(&world);
}

static int end(void **state)
{
	(void)state;
	maker_done();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_danger_is_found_in_one_certificate_and_not_in_its_neighbour),
		cmocka_unit_test(every_row_has_both_and_can_be_accepted_by_its_code),
		cmocka_unit_test(an_ordinary_ca_is_unconstrained_and_nothing_else),
		cmocka_unit_test(the_gravest_comes_first_and_all_are_of_this_certificate),
		cmocka_unit_test(several_looks_add_to_one_list_and_leave_what_is_there),
		cmocka_unit_test(a_warning_has_its_values),
		cmocka_unit_test(what_fails_in_python_fails_in_openssls_strict_check),
		cmocka_unit_test(what_is_said_of_a_file_is_said_once),
	};

	return cmocka_run_group_tests(tests, NULL, end);
}
