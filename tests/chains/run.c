/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Chain cases: stanzas of text with a clock of their own, made into certificates by
 * maker.c and judged. README tells the words.
 *
 *   run                       all cases of tests/chains/NAME.txt, as TAP
 *   run --off RULE            with a rule switched off: the sentences that no longer hold, a line each
 *   run --rules, run --lints  the names of the rules, and of the rows of the profile
 *   run --off-lint LINT       the same with such a row switched off
 *   run --make DIR <STANZA    writes what a stanza makes as DIR/NAME.pem
 *   run --only WORDS          the cases whose sentence has the words, with all that was found out
 */
#include "expect.h"
#include "maker.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "check/evidence.h"
#include "check/judge.h"
#include "check/lint.h"
#include "check/member.h"
#include "check/question.h"
#include "check/reference.h"
#include "check/rule.h"
#include "format/armor.h"
#include "model/der.h"
#include "model/proof.h"
#include "model/store.h"

enum { MOST_LINES = 64, MOST_WORDS = 32 };

/* What every stanza begins with; a "cert" of the same name adds words to these. */
static const char world[] = "cert root ca\n"
			    "cert inter ca by=root\n"
			    "cert leaf by=inter dns=www.example.com\n";

struct stanza {
	const char *sentence;
	char *lines[MOST_LINES];
	size_t count;
};

/* A case, made. */
struct trial_of {
	struct question question;
	struct evidence evidence;
	struct proof crls[8], ocsp[8];
	const char *tried[64], *anchors[64][MOST_WORDS], *distrusts[16][3], *expect[16];
	size_t tried_count, anchor_count, distrust_count, expect_count;
	struct bytes policies[8];
	struct arena arena;
};

static void bail(const char *what, const char *of)
{
	printf("Bail out! %s '%s'\n", what, of);
	exit(99);
}

static int64_t time_of(const char *text)
{
	int64_t at;

	if (!clock_read(text, &at))
		bail("no time", text);
	return at;
}

static uint16_t purposes_of(const char *list)
{
	uint16_t set = 0;

	for (unsigned i = 0; i < PURPOSE_ROWS; i++)
		if (strstr(list, purposes[i].name) != NULL)
			set |= PURPOSE_BIT(i);
	return set;
}

static enum purpose purpose_of(const char *name)
{
	for (unsigned i = 0; i < PURPOSE_ROWS; i++)
		if (strcmp(purposes[i].name, name) == 0)
			return (enum purpose)i;
	return PURPOSE_OTHER;
}

static bool makes(const char *word)
{
	return strcmp(word, "cert") == 0 || strcmp(word, "crl") == 0 || strcmp(word, "ocsp") == 0;
}

static void say_recipe(char **words, size_t count)
{
	struct recipe *recipe = maker_recipe(words[1]);

	for (size_t i = 2; i < count; i++)
		maker_say(recipe, words[i]);
}

static void ask_purpose(struct trial_of *t, const char *name)
{
	struct buf oid = { 0 };

	t->question.purpose = purpose_of(name);
	if (t->question.purpose != PURPOSE_OTHER)
		t->question.purpose_oid = purposes[t->question.purpose].der;
	else if (der_oid_read(strcmp(name, "any") == 0 ? "2.5.29.37.0" : name, &oid))
		t->question.purpose_oid = arena_bytes(&t->arena, buf_view(&oid));
	else
		bail("no purpose", name);
	buf_done(&oid);
}

static void ask_policy(struct trial_of *t, const char *dotted)
{
	struct buf oid = { 0 };

	if (!der_oid_read(dotted, &oid))
		bail("no OID", dotted);
	t->policies[t->question.policy.count++] = arena_bytes(&t->arena, buf_view(&oid));
	t->question.policy.oids = t->policies;
	buf_done(&oid);
}

static void ask_revocation(struct trial_of *t, const char *word)
{
	t->question.revocation = strcmp(word, "require") == 0  ? REVOCATION_REQUIRE
				 : strcmp(word, "prefer") == 0 ? REVOCATION_PREFER
							       : REVOCATION_OFF;
}

static void ask_name(struct trial_of *t, const char *name)
{
	struct err err = { 0 };

	if (!reference_read(name, &t->arena, &t->question.reference, &err))
		bail(err.text, name);
}

static void ask_time(struct trial_of *t, const char *text)
{
	t->question.at = time_of(text);
}

static void ask_depth(struct trial_of *t, const char *text)
{
	t->question.max_depth = (int)strtol(text, NULL, 10);
}

static void set_built(struct trial_of *t, const char *text)
{
	t->evidence.clock.built = time_of(text);
}

/* Lines of one word and its value; lines that only switch something on have NULL. */
static const struct {
	const char *word;
	void (*with)(struct trial_of *t, const char *value);
	size_t flag; /* the offset of a bool */
} lines[] = {
	{ "at", ask_time, 0 },
	{ "purpose", ask_purpose, 0 },
	{ "as", ask_name, 0 },
	{ "depth", ask_depth, 0 },
	{ "revocation", ask_revocation, 0 },
	{ "policy", ask_policy, 0 },
	{ "built", set_built, 0 },
	{ "explicit-policy", NULL, offsetof(struct trial_of, question.policy.explicit_policy) },
	{ "inhibit-mapping", NULL, offsetof(struct trial_of, question.policy.inhibit_mapping) },
	{ "inhibit-any", NULL, offsetof(struct trial_of, question.policy.inhibit_any) },
	{ "strict", NULL, offsetof(struct trial_of, question.strict) },
	{ "unsynchronised", NULL, offsetof(struct trial_of, evidence.clock.unsynchronised) },
	{ "live", NULL, offsetof(struct trial_of, evidence.live) },
};

static bool ask(struct trial_of *t, char **words, size_t count)
{
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		if (strcmp(lines[i].word, words[0]) != 0)
			continue;
		if (lines[i].with == NULL)
			*((bool *)(void *)((char *)t + lines[i].flag)) = true;
		else if (count == 2)
			lines[i].with(t, words[1]);
		else
			bail("one value belongs behind", words[0]);
		return true;
	}
	return false;
}

static void read_line(struct trial_of *t, char *line)
{
	char *words[MOST_WORDS + 1] = { 0 }, *save = NULL;
	size_t count = 0;

	for (char *word = strtok_r(line, " \t", &save); word != NULL && count < MOST_WORDS;
	     word = strtok_r(NULL, " \t", &save))
		words[count++] = word;
	if (count == 0 || ask(t, words, count))
		return;
	if (makes(words[0]) && count > 1) {
		say_recipe(words, count);
	} else if (strcmp(words[0], "anchor") == 0 && count > 1) {
		memcpy(t->anchors[t->anchor_count++], words + 1, (MOST_WORDS - 1) * sizeof(char *));
	} else if (strncmp(words[0], "distrust", 8) == 0 && count == 2) {
		t->distrusts[t->distrust_count][0] = words[0];
		t->distrusts[t->distrust_count++][1] = words[1];
	} else if (strcmp(words[0], "try") == 0) {
		for (t->tried_count = 0; t->tried_count + 1 < count; t->tried_count++)
			t->tried[t->tried_count] = words[t->tried_count + 1];
	} else if (strcmp(words[0], "expect") == 0) {
		for (size_t i = 1; i < count; i++)
			t->expect[t->expect_count++] = words[i];
	} else {
		bail("a line that means nothing begins with", words[0]);
	}
}

static void say_of_anchor(struct store *store, struct anchor *anchor, const char *word)
{
	struct buf extension = { 0 };
	const char *value = strchr(word, '=') != NULL ? strchr(word, '=') + 1 : "";

	if (strncmp(word, "for=", 4) == 0) {
		anchor->trusted = purposes_of(value);
	} else if (strncmp(word, "not=", 4) == 0) {
		anchor->distrusted |= purposes_of(value);
	} else if (strncmp(word, "after=", 6) == 0) {
		anchor->distrust_after[PURPOSE_SERVER_AUTH] = time_of(value);
	} else {
		maker_extension(word, &extension);
		if (!store_attach(store, anchor, buf_view(&extension)))
			bail("nothing that a store attaches", word);
	}
	buf_done(&extension);
}

static void add_distrust(struct store *store, const char *what, const char *name)
{
	const struct recipe *recipe = maker_recipe(name);
	struct buf spki = { 0 };
	struct cert cert;
	struct err err;

	if (strcmp(what, "distrust-key") == 0) {
		maker_spki(name, &spki);
		store_add_key(store, buf_view(&spki))->distrusted = PURPOSES_ALL;
		buf_done(&spki);
	} else if (strcmp(what, "distrust-serial") == 0) {
		if (cert_read(buf_view(&recipe->der), &cert, &err))
			store_add_issuer_serial(store, cert.issuer, cert.serial)->distrusted = PURPOSES_ALL;
	} else {
		store_add(store, buf_view(&recipe->der), 0)->distrusted = PURPOSES_ALL;
	}
}

static struct store *make_store(const struct trial_of *t)
{
	struct store *store = store_new("the store");

	for (size_t i = 0; i < t->anchor_count; i++) {
		struct anchor *anchor = store_add(store, buf_view(&maker_recipe(t->anchors[i][0])->der), 0);

		anchor->trusted = PURPOSES_ALL;
		for (size_t k = 1; t->anchors[i][k] != NULL; k++)
			say_of_anchor(store, anchor, t->anchors[i][k]);
	}
	for (size_t i = 0; i < t->distrust_count; i++)
		add_distrust(store, t->distrusts[i][0], t->distrusts[i][1]);
	store_finish(store);
	return store;
}

static bool said_of(const struct recipe *recipe, const char *word)
{
	for (size_t i = 0; i < recipe->count; i++)
		if (strcmp(recipe->words[i], word) == 0)
			return true;
	return false;
}

/* Certificates are made when a line names them; all that a stanza names are few. */
static void make_all(struct trial_of *t, const struct stanza *stanza)
{
	for (size_t i = 0; i < stanza->count; i++) {
		char copy[1024], *save = NULL;
		const char *what, *name;
		struct recipe *recipe;

		snprintf(copy, sizeof(copy), "%s", stanza->lines[i]);
		what = strtok_r(copy, " \t", &save);
		name = strtok_r(NULL, " \t", &save);
		if (what == NULL || name == NULL || !makes(what))
			continue;
		recipe = maker_recipe(name); /* it is there, so its own copy of the name is not taken */
		if (recipe->der.len > 0)
			continue;
		if (strcmp(what, "cert") == 0) {
			maker_certificate(recipe);
			continue;
		}
		if (strcmp(what, "crl") == 0) {
			maker_crl(recipe);
			proof_read(PROOF_CRL, buf_view(&recipe->der), recipe->name, &t->arena,
				   &t->crls[t->evidence.crl_count++]);
			continue;
		}
		maker_ocsp(recipe);
		proof_read(PROOF_OCSP, buf_view(&recipe->der), recipe->name, &t->arena,
			   &t->ocsp[t->evidence.ocsp_count++]);
		if (said_of(recipe, "stapled"))
			t->evidence.stapled = t->evidence.ocsp_count;
	}
	t->evidence.crls = t->crls;
	t->evidence.ocsp = t->ocsp;
}

static bool judge_case(struct trial_of *t, bool loud)
{
	struct store *store = make_store(t);
	struct trust *trust = trust_new(store);
	struct judge *judge = judge_new(trust, &t->question, &t->evidence);
	struct given given[64];
	struct verdict verdict = { 0 };
	bool ok;

	for (size_t i = 0; i < t->tried_count; i++)
		given[i] = (struct given){ buf_view(&maker_recipe(t->tried[i])->der), t->tried[i] };
	judge_try(judge, given, t->tried_count, &verdict);
	ok = expected(t->expect, t->expect_count, &verdict);
	if (loud)
		expect_tell(&verdict);
	verdict_done(&verdict);
	judge_free(judge);
	trust_free(trust);
	store_free(store);
	return ok;
}

struct plan {
	uint64_t off, lints_off;
	const char *only;
	bool quiet; /* only what fails, and no TAP */
	int count, failed;
};

/* Whether the sentence holds. */
static bool run_stanza(const struct stanza *stanza, const struct plan *plan, bool loud)
{
	struct trial_of t = {
		.question = { .max_depth = -1, .rules_off = plan->off, .lints_off = plan->lints_off },
	};
	struct stanza copy = { .count = 0 };
	bool ok;

	t.evidence.clock = (struct clock_facts){ .built = CLOCK_NONE };
	t.question.at = time_of("2025-06-01T12:00:00Z");
	ask_purpose(&t, "server-auth");
	t.tried[0] = "leaf";
	t.tried[1] = "inter";
	t.tried_count = 2;
	for (const char *at = world; *at != '\0'; at += strcspn(at, "\n") + 1)
		copy.lines[copy.count++] = mem_string(at, strcspn(at, "\n"));
	for (size_t i = 0; i < stanza->count; i++)
		copy.lines[copy.count++] = mem_string(stanza->lines[i], strlen(stanza->lines[i]));
	struct stanza whole = { .count = copy.count };
	for (size_t i = 0; i < copy.count; i++) {
		whole.lines[i] = mem_string(copy.lines[i], strlen(copy.lines[i]));
		read_line(&t, copy.lines[i]);
	}
	if (t.anchor_count == 0)
		t.anchors[t.anchor_count++][0] = "root";
	if (t.expect_count == 0)
		bail("nothing is expected of", stanza->sentence);
	make_all(&t, &whole);
	ok = judge_case(&t, loud);
	maker_forget();
	for (size_t i = 0; i < copy.count; i++) {
		free(copy.lines[i]);
		free(whole.lines[i]);
	}
	arena_done(&t.arena);
	return ok;
}

static void finish(struct stanza *stanza, struct plan *plan)
{
	bool wanted = stanza->sentence != NULL &&
		      (plan->only == NULL || strstr(stanza->sentence, plan->only) != NULL),
	     ok;

	if (!wanted) {
		stanza->count = 0;
		return;
	}
	ok = run_stanza(stanza, plan, plan->only != NULL);
	plan->count++;
	plan->failed += !ok;
	if (!plan->quiet)
		printf("%s %d - %s\n", ok ? "ok" : "not ok", plan->count, stanza->sentence);
	else if (!ok)
		printf("%s\n", stanza->sentence);
	if (!ok && !plan->quiet && plan->only == NULL)
		run_stanza(stanza, plan, true);
	stanza->count = 0;
	fflush(stdout);
}

static void run_file(const char *path, struct plan *plan)
{
	FILE *file = fopen(path, "r");
	char *text = NULL, *line, *save = NULL;
	struct stanza stanza = { 0 };
	size_t room = 0;
	ssize_t len;

	if (file == NULL)
		bail("no file", path);
	len = getdelim(&text, &room, '\0', file);
	fclose(file);
	for (line = len > 0 ? strtok_r(text, "\n", &save) : NULL; line != NULL;
	     line = strtok_r(NULL, "\n", &save)) {
		if (line[0] == '#')
			continue;
		if (strncmp(line, "= ", 2) == 0) {
			finish(&stanza, plan);
			stanza.sentence = line + 2;
		} else if (stanza.count < MOST_LINES) {
			stanza.lines[stanza.count++] = line;
		}
	}
	finish(&stanza, plan);
	free(text);
}

static int is_cases(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return len > 4 && strcmp(entry->d_name + len - 4, ".txt") == 0;
}

static void run_all(struct plan *plan)
{
	const char *srcdir = getenv("srcdir");
	char *dir = mem_print("%s/tests/chains", srcdir != NULL ? srcdir : ".");
	struct dirent **names;
	int count = scandir(dir, &names, is_cases, alphasort);

	for (int i = 0; i < count; i++) {
		char *path = mem_print("%s/%s", dir, names[i]->d_name);

		run_file(path, plan);
		free(path);
		free(names[i]);
	}
	if (count >= 0)
		free(names);
	free(dir);
}

/* As PEM, by what it is. */
static void write_recipe(const char *dir, const char *what, const struct recipe *recipe)
{
	char *path = mem_print("%s/%s.pem", dir, recipe->name);
	FILE *file = fopen(path, "w");
	struct buf text = { 0 };

	if (file == NULL)
		bail("cannot write", path);
	armor_write(&text,
		    strcmp(what, "cert") == 0  ? "CERTIFICATE"
		    : strcmp(what, "crl") == 0 ? "X509 CRL"
					       : "OCSP RESPONSE",
		    buf_view(&recipe->der));
	fwrite(text.at, 1, text.len, file);
	fclose(file);
	buf_done(&text);
	free(path);
}

static char *keep_copy(const char *text)
{
	char *copy = mem_string(text, strlen(text));

	maker_keep(copy);
	return copy;
}

static int make_files(const char *dir)
{
	struct trial_of t = { .question = { .max_depth = -1 } };
	struct stanza stanza = { .count = 0 };
	char *line = NULL;
	size_t room = 0;

	while (getline(&line, &room, stdin) > 0 && stanza.count < MOST_LINES) {
		line[strcspn(line, "\n")] = '\0';
		if (line[0] != '#' && line[0] != '\0')
			maker_keep(stanza.lines[stanza.count++] = mem_string(line, strlen(line)));
	}
	free(line);
	for (size_t i = 0; i < stanza.count; i++)
		read_line(&t, keep_copy(stanza.lines[i]));
	make_all(&t, &stanza);
	for (size_t i = 0; i < stanza.count; i++) {
		char *save = NULL, *what = strtok_r(stanza.lines[i], " ", &save),
		     *name = strtok_r(NULL, " ", &save);

		if (name != NULL && makes(what))
			write_recipe(dir, what, maker_recipe(name));
	}
	arena_done(&t.arena);
	maker_done();
	return 0;
}

static uint64_t rule_named(const char *name)
{
	for (size_t i = 0; i < RULE_ROWS; i++)
		if (strcmp(rules[i].name, name) == 0)
			return (uint64_t)1 << i;
	bail("no rule", name);
	return 0;
}

static uint64_t lint_named(const char *name)
{
	for (size_t i = 0; i < lint_count; i++)
		if (strcmp(lints[i].name, name) == 0)
			return (uint64_t)1 << i;
	bail("no row of the profile", name);
	return 0;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "", *value = argc > 2 ? argv[2] : NULL;
	struct plan plan = { 0 };

	if (strcmp(what, "--rules") == 0)
		for (size_t i = 0; i < RULE_ROWS; i++)
			puts(rules[i].name);
	else if (strcmp(what, "--lints") == 0)
		for (size_t i = 0; i < lint_count; i++)
			puts(lints[i].name);
	else if (strcmp(what, "--make") == 0 && value != NULL)
		return make_files(value);
	if (strcmp(what, "--rules") == 0 || strcmp(what, "--lints") == 0)
		return 0;
	if (strcmp(what, "--only") == 0)
		plan.only = value;
	if (strcmp(what, "--off") == 0 && value != NULL)
		plan.off = rule_named(value);
	if (strcmp(what, "--off-lint") == 0 && value != NULL)
		plan.lints_off = lint_named(value);
	plan.quiet = plan.off != 0 || plan.lints_off != 0;
	run_all(&plan);
	maker_done();
	if (!plan.quiet)
		printf("1..%d\n", plan.count);
	return plan.failed > 0;
}
