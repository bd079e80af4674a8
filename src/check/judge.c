/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/judge.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/mem.h"
#include "check/builder.h"
#include "check/evidence.h"
#include "check/index.h"
#include "check/member.h"
#include "check/pool.h"
#include "check/question.h"
#include "check/revocation.h"
#include "check/rule.h"
#include "check/signature.h"
#include "check/trust.h"

/* Whether another signer is proven, found out once for a target. */
struct proven {
	const struct member *signer;
	const struct anchor *anchor;
	const struct path *path; /* NULL: it is not */
};

/* Certificates that were given, each once. */
struct set {
	size_t count;
	struct index by_id, by_subject;
	const struct member *unread; /* the first that cannot be read */
	bool cut;                    /* there were more than LIMIT_GIVEN */
};

struct judge {
	const struct trust *trust;
	const struct question *question;
	const struct evidence *evidence;
	struct pool pool;
	struct signatures *signatures;
	struct set common, own; /* what is given: for all targets, and with the one under way */
	struct proven *proven;
	size_t proven_count;
	bool asked;              /* evidence, which has a budget of its own */
	bool unproven;           /* some of it was left unchecked */
	struct verdict *verdict; /* under way */
	struct arena spare;      /* empty, for the next */
	size_t work;             /* comparisons of names made for it */
	unsigned *distance;      /* owned; of verdict->attempts: how far each is from passing */
};

struct judge *judge_new(const struct trust *trust, const struct question *question,
			const struct evidence *evidence)
{
	static const struct evidence none;
	struct judge *judge = mem_zero(sizeof(*judge));

	judge->trust = trust;
	judge->question = question;
	judge->evidence = evidence != NULL ? evidence : &none;
	judge->signatures = signatures_new(LIMIT_SIGNATURES);
	judge->distance = mem_zero(LIMIT_ATTEMPTS * sizeof(*judge->distance));
	pool_init(&judge->pool, trust);
	return judge;
}

static void set_done(struct set *set)
{
	index_done(&set->by_id);
	index_done(&set->by_subject);
	*set = (struct set){ 0 };
}

static void set_add(struct set *set, const struct member *member)
{
	struct bytes id = { member->id, ID_LEN };
	size_t at = 0;

	if (!member->readable && set->unread == NULL)
		set->unread = member;
	if (!member->readable || index_next(&set->by_id, id, &at) != NULL)
		return;
	if (set->count >= LIMIT_GIVEN) {
		set->cut = true;
		return;
	}
	set->count++;
	index_add(&set->by_id, id, member);
	index_add(&set->by_subject, member->subject, member);
}

/* Empty again, with its room. */
static void set_clear(struct set *set)
{
	index_clear(&set->by_id);
	index_clear(&set->by_subject);
	set->count = 0;
	set->unread = NULL;
	set->cut = false;
}

void judge_free(struct judge *judge)
{
	if (judge == NULL)
		return;
	signatures_free(judge->signatures);
	pool_done(&judge->pool);
	set_done(&judge->common);
	set_done(&judge->own);
	arena_done(&judge->spare);
	free(judge->proven);
	free(judge->distance);
	free(judge);
}

void judge_add(struct judge *judge, const struct given *given, size_t count)
{
	for (size_t i = 0; i < count; i++)
		set_add(&judge->common, pool_keep(&judge->pool, &given[i], false));
}

/* Rules that cost much, or ask others, have no say on a path that leads nowhere. */
static bool applies(const struct path *path, enum rule_id rule)
{
	if (!path->at[0]->readable)
		return rule == RULE_READABLE;
	return path->anchored || (rule != RULE_REVOCATION && rule != RULE_MUST_STAPLE);
}

static void try_rules(const struct trial *trial, uint64_t off)
{
	for (enum rule_id rule = 0; rule < RULE_ROWS; rule++) {
		size_t before = trial->reasons->count;

		if (!(off >> rule & 1) && applies(trial->path, rule))
			rules[rule].check(trial);
		for (; before < trial->reasons->count; before++)
			trial->reasons->all[before].rule = rule;
	}
}

/*
 * How far reasons are from none. A path without an anchor is the farthest, then one whose
 * signatures do not hold; of others the one with the least against it.
 */
static unsigned distance_of(const struct reasons *reasons)
{
	static const unsigned far[REASON_ROWS] = {
		[REASON_MALFORMED] = 100,     [REASON_BAD_SIGNATURE] = 1000,
		[REASON_SELF_SIGNED] = 10000, [REASON_INCOMPLETE_CHAIN] = 10000,
		[REASON_UNKNOWN_CA] = 10000,  [REASON_REVOKED] = 20,
		[REASON_DISTRUSTED] = 30,     [REASON_SEARCH_LIMIT] = 100000,
		[REASON_CLOCK_WRONG] = 1,     [REASON_REVOCATION_UNKNOWN] = 5,
	};
	unsigned sum = 0;

	for (size_t i = 0; i < reasons->count && i < 1000; i++)
		sum += far[reasons->all[i].code] > 0 ? far[reasons->all[i].code] : 10;
	return sum;
}

/* Reasons that every path has, as they are the target's alone. Of a target that is an anchor they may be the
 * anchor's. */
static bool hopeless(const struct path *path, const struct reasons *reasons)
{
	static const bool own[REASON_ROWS] = {
		[REASON_MALFORMED] = true,
		[REASON_CLOCK_WRONG] = true,
		[REASON_EXPIRED] = true,
		[REASON_NOT_YET_VALID] = true,
		[REASON_HOSTNAME_MISMATCH] = true,
		[REASON_NO_SUBJECT_ALT_NAME] = true,
		[REASON_UNKNOWN_CRITICAL_EXTENSION] = true,
		[REASON_WEAK_KEY] = true,
		[REASON_WEAK_SIGNATURE] = true,
	};

	for (size_t i = 0; i < reasons->count; i++)
		if (reasons->all[i].depth != 0 || !own[reasons->all[i].code])
			return false;
	return path->anchored && path->count > 1;
}

/* Copies a path for the life of the verdict. */
static struct path copy_path(struct judge *judge, const struct path *path)
{
	size_t size = path->count * sizeof(const struct member *);
	struct path copy = { arena_take(&judge->verdict->arena, size), path->count, path->anchored };

	memcpy(copy.at, path->at, size);
	return copy;
}

/* Keeps it if it passed, or there is room, or it is nearer to passing than the last kept. */
static void keep(struct judge *judge, const struct path *path, struct attempt *attempt)
{
	struct verdict *verdict = judge->verdict;
	unsigned distance = distance_of(&attempt->reasons);
	size_t at = verdict->count;

	if (at == LIMIT_ATTEMPTS) {
		at--;
		if (distance >= judge->distance[at]) {
			reasons_done(&attempt->reasons);
			return;
		}
		reasons_done(&verdict->attempts[at].reasons);
	} else {
		verdict->attempts = mem_grow(verdict->attempts, at, sizeof(*verdict->attempts));
	}
	attempt->path = copy_path(judge, path);
	reasons_sort(&attempt->reasons);
	verdict->attempts[at] = *attempt;
	judge->distance[at] = distance;
	verdict->count = at + 1;
}

/* Strangers in a chain, who cost signatures too, do not take it from its revocation. */
static void allow_evidence(struct judge *judge)
{
	if (!judge->asked && judge->evidence->crl_count + judge->evidence->ocsp_count > 0)
		signatures_allow(judge->signatures, LIMIT_EVIDENCE);
	judge->asked = true;
}

/*
 * What would have revoked it may be what was not checked: that is not "unknown", or whoever adds enough
 * strangers to a chain would be rid of its revocation.
 */
static void evidence_check(const struct trial *trial)
{
	if (trial->revocation != NULL &&
	    (trial->judge->unproven || signatures_refused(trial->judge->signatures)))
		reasons_add(trial->reasons, REASON_SEARCH_LIMIT, NULL, 0, "limits",
			    "given up after %u signatures, before all evidence of revocation was checked",
			    signatures_made(trial->judge->signatures));
}

static bool judge_path(void *to, const struct path *path)
{
	struct judge *judge = to;
	struct verdict *verdict = judge->verdict;
	struct attempt attempt = { 0 };
	struct trial trial = {
		.question = judge->question,
		.evidence = judge->evidence,
		.path = path,
		.judge = judge,
		.reasons = &attempt.reasons,
		.wishes = &verdict->wishes,
		.work = &judge->work,
	};
	bool passed, stop;

	verdict->tried++;
	if (!path->anchored && verdict->count == LIMIT_ATTEMPTS)
		return false; /* it would say no more than the others */
	if (judge->question->revocation != REVOCATION_OFF && path->anchored) {
		size_t size = path->count * sizeof(*trial.revocation);

		trial.revocation = arena_take(&verdict->arena, size);
		memset(trial.revocation, 0, size);
		attempt.revocation = trial.revocation;
		allow_evidence(judge);
	}
	try_rules(&trial, judge->question->rules_off);
	evidence_check(&trial);
	passed = attempt.reasons.count == 0 && path->anchored;
	stop = passed || hopeless(path, &attempt.reasons);
	if (passed)
		verdict->outcome = OUTCOME_ACCEPTED;
	keep(judge, path, &attempt);
	return stop;
}

static void take_given(struct judge *judge, const struct given *chain, size_t count)
{
	set_clear(&judge->own);
	for (size_t i = 1; i < count && !judge->own.cut; i++)
		set_add(&judge->own, pool_beside(&judge->pool, &chain[i], &judge->verdict->arena));
}

/* That the search was given up is said of every path that did not pass: another might have. */
static void add_limit(struct judge *judge, const struct builder *builder)
{
	struct verdict *verdict = judge->verdict;

	for (size_t i = 0; i < verdict->count; i++)
		reasons_add(&verdict->attempts[i].reasons, REASON_SEARCH_LIMIT, NULL, 0, "limits",
			    "given up after %u signatures, %u steps and %u paths",
			    signatures_made(judge->signatures), builder->steps, builder->paths);
}

static void choose(struct judge *judge, struct verdict *verdict)
{
	size_t best = 0;

	for (size_t i = 1; i < verdict->count; i++)
		if (judge->distance[i] < judge->distance[best])
			best = i;
	verdict->best = &verdict->attempts[best];
}

/* A missing issuer is not missed any more where a path was found without it. */
static void drop_issuer_wishes(struct wishes *wishes)
{
	size_t kept = 0;

	for (size_t i = 0; i < wishes->count; i++)
		if (wishes->all[i].kind != WISH_ISSUER)
			wishes->all[kept++] = wishes->all[i];
	wishes->count = kept;
}

static struct builder builder_for(struct judge *judge, bool (*found)(void *to, const struct path *path),
				  void *to)
{
	return (struct builder){
		.pool = &judge->pool,
		.signatures = judge->signatures,
		.common = &judge->common.by_subject,
		.own = &judge->own.by_subject,
		.at = judge->question->at,
		.judge = found,
		.to = to,
	};
}

void judge_try(struct judge *judge, const struct given *chain, size_t count, struct verdict *ret)
{
	struct verdict verdict = { .outcome = OUTCOME_REJECTED, .arena = judge->spare };
	struct builder builder = builder_for(judge, judge_path, judge);
	const struct member *target;

	judge->spare = (struct arena){ 0 };
	judge->verdict = &verdict;
	judge->proven_count = 0;
	judge->asked = judge->unproven = false;
	judge->work = 0;
	signatures_refill(judge->signatures, LIMIT_SIGNATURES);
	target = pool_target(&judge->pool, &chain[0], &verdict.arena);
	take_given(judge, chain, count);
	if (target->readable)
		builder_run(&builder, target);
	if (verdict.count == 0)
		judge_path(judge, &(struct path){ &target, 1, false });
	if (verdict.outcome == OUTCOME_REJECTED && (builder.exhausted || judge->common.cut || judge->own.cut))
		add_limit(judge, &builder);
	choose(judge, &verdict);
	if (verdict.outcome == OUTCOME_ACCEPTED)
		drop_issuer_wishes(&verdict.wishes);
	verdict.signatures = signatures_made(judge->signatures);
	judge->verdict = NULL;
	*ret = verdict;
}

void verdict_done(struct verdict *verdict)
{
	for (size_t i = 0; i < verdict->count; i++)
		reasons_done(&verdict->attempts[i].reasons);
	free(verdict->attempts);
	wishes_done(&verdict->wishes);
	arena_done(&verdict->arena);
	*verdict = (struct verdict){ 0 };
}

void judge_forget(struct judge *judge, struct verdict *verdict)
{
	struct arena arena = verdict->arena;

	verdict->arena = (struct arena){ 0 };
	verdict_done(verdict);
	arena_clear(&arena);
	arena_done(&judge->spare);
	judge->spare = arena;
}

struct signatures *judge_signatures(struct judge *judge)
{
	return judge->signatures;
}

void judge_gave_up(struct judge *judge)
{
	judge->unproven = true;
}

const struct trust *judge_trust(const struct judge *judge)
{
	return judge->trust;
}

/* What a path of a signer of evidence is not asked: its own evidence, and what a target is for. */
#define NOT_FOR_SIGNERS                                                                                      \
	(UINT64_C(1) << RULE_MAX_DEPTH | UINT64_C(1) << RULE_PURPOSE | UINT64_C(1) << RULE_STORE_PURPOSE |   \
	 UINT64_C(1) << RULE_NAME | UINT64_C(1) << RULE_POLICY | UINT64_C(1) << RULE_PROFILE |               \
	 UINT64_C(1) << RULE_STRICT | UINT64_C(1) << RULE_REVOCATION | UINT64_C(1) << RULE_MUST_STAPLE)

struct signer_trial {
	struct judge *judge;
	struct path *found; /* in the verdict's arena; NULL: not yet */
};

static bool judge_signer(void *to, const struct path *path)
{
	static const struct evidence none = { .clock = { .given = true } };
	struct signer_trial *of = to;
	struct judge *judge = of->judge;
	struct reasons reasons = { 0 };
	struct wishes wishes = { 0 };
	struct trial trial = {
		.question = judge->question,
		.evidence = &none,
		.path = path,
		.judge = judge,
		.reasons = &reasons,
		.wishes = &wishes,
		.work = &judge->work,
	};
	bool passed;

	if (!path->anchored)
		return false;
	try_rules(&trial, judge->question->rules_off | NOT_FOR_SIGNERS);
	passed = reasons.count == 0;
	reasons_done(&reasons);
	wishes_done(&wishes);
	if (passed) {
		of->found = arena_take(&judge->verdict->arena, sizeof(*of->found));
		*of->found = copy_path(judge, path);
	}
	return passed;
}

const struct path *judge_proves(struct judge *judge, const struct member *signer, const struct path *path)
{
	struct signer_trial of = { .judge = judge };
	struct builder builder = builder_for(judge, judge_signer, &of);

	builder.only = path->at[path->count - 1]->anchor;
	if (!path->anchored || !signer->readable)
		return NULL;
	for (size_t i = 0; i < judge->proven_count; i++)
		if (judge->proven[i].signer == signer && judge->proven[i].anchor == builder.only)
			return judge->proven[i].path;
	builder_run(&builder, signer);
	judge->unproven = judge->unproven || (of.found == NULL && builder.exhausted);
	judge->proven = mem_grow(judge->proven, judge->proven_count, sizeof(*judge->proven));
	judge->proven[judge->proven_count++] = (struct proven){ signer, builder.only, of.found };
	return of.found;
}

/* One list behind the other: *at counts on. */
const struct member *judge_by_subject(struct judge *judge, struct bytes subject, size_t *at)
{
	const struct index *of[] = { &judge->common.by_subject, &judge->trust->by_subject,
				     &judge->own.by_subject };
	const void *found = NULL;
	size_t before = 0, in;

	for (size_t i = 0; i < 3 && found == NULL; before += of[i++]->count) {
		if (i < 2 && *at >= before + of[i]->count)
			continue;
		in = *at - before;
		found = index_next(of[i], subject, &in);
		*at = before + (found != NULL ? in : of[i]->count);
		if (found != NULL && i == 1)
			found = pool_store(&judge->pool, found);
	}
	return found;
}

const struct member *judge_unread(const struct judge *judge)
{
	return judge->own.unread != NULL ? judge->own.unread : judge->common.unread;
}

const struct member *judge_member(struct judge *judge, const struct given *given)
{
	const struct member *member = pool_keep(&judge->pool, given, true);

	return member->readable ? member : NULL;
}
