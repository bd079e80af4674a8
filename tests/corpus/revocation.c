/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Third-party cases of single CRLs and OCSP answers: what is the state of this certificate,
 * by this evidence, its issuer being trusted for that? The chains of these cases pass no
 * profile (keys of 1024 bits, issuers without basicConstraints), so that only the state can
 * be held against what is expected. Each disagreement stands below, with its reason.
 */
#include "corpus.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/root.h"
#include "check/evidence.h"
#include "check/judge.h"
#include "check/member.h"
#include "check/question.h"
#include "check/revocation.h"
#include "check/rule.h"
#include "medium/evidence.h"
#include "medium/file.h"
#include "model/store.h"

enum { PERCENT = 95, LINE = 4096, MOST = 3 };

/* Known disagreements; the reason is what the RFC says. */
static const struct {
	const char *id, *reason;
} disagreements[] = {
	{ "crl::bad_idp_indirectcrl", "RFC 5280 section 6.3.3 (b) (1): an indirect CRL of the certificate's "
				      "own issuer is about its certificates "
				      "too; pkits::4.14.22 demands it, boringssl reads no indirect CRLs" },
};

static const struct root host = { .fd = -1 };

/* One case: the certificates of its path, and what is kept for them. */
struct one {
	struct store *trusted;
	struct store *files[MOST];
	struct given given[MOST];
	size_t count;
	struct evidence_files evidence;
};

static struct store *read_certs(const char *dir, const char *name)
{
	char *path = mem_print("%s/%s", dir, name);
	struct store *store = store_new(path);
	struct err err = { 0 };

	if (!file_read(path, &host, NULL, store, &err) || store->count == 0) {
		store_free(store);
		store = NULL;
	}
	free(path);
	return store;
}

static void add(struct one *one, const char *dir, const char *name)
{
	struct store *store = read_certs(dir, name);

	if (store == NULL)
		return;
	one->files[one->count] = store;
	one->given[one->count] = (struct given){ store->anchors[0].cert.der, name };
	one->count++;
}

static bool read_case(const char *dir, enum proof_kind kind, struct one *one)
{
	char *path = mem_print("%s/%s", dir, kind == PROOF_CRL ? "crl.pem" : "ocsp.der");
	struct err err = { 0 };
	bool ok = evidence_read(&host, path, kind, &one->evidence, &err);

	free(path);
	one->trusted = read_certs(dir, "trusted.pem");
	add(one, dir, "peer.pem");
	add(one, dir, "issuer.pem");
	if (one->trusted != NULL)
		store_finish(one->trusted);
	return ok && one->trusted != NULL && one->count > 0;
}

static void one_done(struct one *one)
{
	for (size_t i = 0; i < one->count; i++)
		store_free(one->files[i]);
	store_free(one->trusted);
	evidence_files_done(&one->evidence);
}

/* The path as the case has it: certificate, its issuer where that is not the anchor, anchor. */
static enum revocation_state state_of(const struct one *one, int64_t at, struct buf *why)
{
	struct question question = { .purpose = PURPOSE_OTHER,
				     .at = at,
				     .max_depth = -1,
				     .revocation = REVOCATION_REQUIRE,
				     .rules_off = UINT64_C(1) << RULE_STRENGTH };
	struct evidence evidence = { .crls = one->evidence.crls,
				     .crl_count = one->evidence.crl_count,
				     .ocsp = one->evidence.ocsp,
				     .ocsp_count = one->evidence.ocsp_count,
				     .clock = { .given = true } };
	struct trust *trust = trust_new(one->trusted);
	struct judge *judge = judge_new(trust, &question, &evidence);
	struct given anchor = { one->trusted->anchors[0].cert.der, "trusted.pem" };
	const struct member *at_path[MOST];
	struct standing standing[MOST] = { { .state = STATE_NOT_CHECKED } };
	struct path path = { at_path, 0, true };
	struct reasons reasons = { 0 };
	struct wishes wishes = { 0 };
	struct trial trial = { .question = &question,
			       .evidence = &evidence,
			       .path = &path,
			       .judge = judge,
			       .reasons = &reasons,
			       .wishes = &wishes,
			       .revocation = standing };
	enum revocation_state state;

	for (size_t i = 0; i < one->count; i++)
		if (i == 0 || !bytes_equal(one->given[i].der, anchor.der))
			path.at[path.count++] = judge_member(judge, &one->given[i]);
	path.at[path.count++] = judge_member(judge, &anchor);
	revocation_check(&trial);
	state = standing[0].state;
	if (standing[0].why != NULL)
		buf_text(why, standing[0].why);
	reasons_done(&reasons);
	wishes_done(&wishes);
	judge_free(judge);
	trust_free(trust);
	return state;
}

static bool known(const char *id)
{
	for (size_t i = 0; i < sizeof(disagreements) / sizeof(disagreements[0]); i++)
		if (strcmp(disagreements[i].id, id) == 0)
			return true;
	return false;
}

/* In the column "features" the states have names. */
static bool agrees(const char *expected, const char *features, enum revocation_state state)
{
	if ((strcmp(expected, "SUCCESS") == 0) != (state == STATE_GOOD))
		return false;
	return (strncmp(features, "revoked", 7) != 0 && strncmp(features, "REVOKED", 7) != 0) ||
	       state == STATE_REVOKED;
}

struct score {
	size_t right, all, unknown;
};

/* A row of index.tsv: id, dir, expected … time_epoch is the eighth, features the thirteenth. */
static void run_row(const char *corpus, char *line, struct score *score)
{
	static const char *const words[] = { "not checked", "good", "unknown", "revoked" };
	char *fields[16] = { NULL }, *rest = line;
	struct one one = { 0 };
	struct buf why = { 0 };
	enum revocation_state state = STATE_UNKNOWN;
	char *dir;

	for (size_t i = 0; i < 16 && rest != NULL; i++)
		fields[i] = strsep(&rest, "\t");
	if (fields[15] == NULL)
		return;
	dir = mem_print("%s/cases/%s", corpus, fields[1]);
	if (read_case(dir, fields[0][0] == 'c' ? PROOF_CRL : PROOF_OCSP, &one))
		state = state_of(&one, strtoll(fields[7], NULL, 10), &why);
	score->all++;
	if (agrees(fields[2], fields[12], state)) {
		score->right++;
	} else {
		score->unknown += !known(fields[0]);
		tap_say("  %s%s: expected %s (%s), ours %s: %.*s", known(fields[0]) ? "known: " : "",
			fields[0], fields[2], fields[12], words[state], (int)why.len, (const char *)why.at);
	}
	buf_done(&why);
	one_done(&one);
	free(dir);
}

static void run_corpus(const struct corpus *corpus, const char *name)
{
	const char *dir = corpus_named(corpus, name);
	char *path = dir != NULL ? mem_print("%s/index.tsv", dir) : NULL, line[LINE];
	FILE *index = path != NULL ? fopen(path, "r") : NULL;
	struct score score = { 0 };

	free(path);
	if (index == NULL) {
		tap_skip(name, corpus->missing != NULL ? corpus->missing : "it has no index.tsv");
		return;
	}
	if (fgets(line, sizeof(line), index) == NULL)
		line[0] = '\0';
	while (fgets(line, sizeof(line), index) != NULL)
		run_row(dir, line, &score);
	fclose(index);
	tap_say("%s: %zu of %zu states are as expected", name, score.right, score.all);
	tap(score.all > 0 && 100 * score.right >= PERCENT * score.all && score.unknown == 0,
	    "%s: %d %% of the states are as expected, and the others are explained", name, PERCENT);
}

int main(void)
{
	struct corpus corpus = corpus_find();

	run_corpus(&corpus, "crl-boringssl");
	run_corpus(&corpus, "ocsp-boringssl");
	corpus_done(&corpus);
	return tap_end();
}
