/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/builder.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/mem.h"
#include "check/index.h"
#include "check/key_id.h"
#include "check/member.h"
#include "check/pool.h"
#include "check/signature.h"
#include "check/trust.h"

struct candidate {
	const struct member *member;
	unsigned score, order;
};

struct candidates {
	struct candidate *all;
	size_t count;
};

/* Whether a path may end here: the store has it as an anchor for something. */
static bool may_end(const struct builder *builder, const struct member *member)
{
	const struct anchor *anchor = member->anchor;

	if (anchor == NULL || anchor->trusted == 0)
		return false;
	return builder->only == NULL || builder->only == anchor;
}

static bool same_entity(const struct member *a, const struct member *b)
{
	const struct bytes *x = a->cert.ext, *y = b->cert.ext;

	return memcmp(a->id, b->id, ID_LEN) == 0 ||
	       (bytes_equal(a->cert.spki, b->cert.spki) && bytes_equal(a->subject, b->subject) &&
		bytes_equal(x[EXT_SUBJECT_ALT_NAME], y[EXT_SUBJECT_ALT_NAME]));
}

static bool in_path(const struct builder *builder, const struct member *member)
{
	for (size_t i = builder->count; i-- > 0;)
		if (same_entity(builder->path[i], member))
			return true;
	return false;
}

/* Hints only: every candidate has its turn. */
static unsigned score(const struct builder *builder, const struct member *last, const struct member *issuer)
{
	const struct cert *cert = &issuer->cert;
	bool valid = cert->not_before <= builder->at && builder->at <= cert->not_after;

	return 8 * (unsigned)key_id_compare(&last->cert, cert) + 4 * valid + 2 * may_end(builder, issuer) +
	       (cert->ca || cert->version < 3);
}

static void add(const struct builder *builder, struct candidates *to, const struct member *issuer)
{
	const struct member *last = builder->path[builder->count - 1];

	if (in_path(builder, issuer))
		return;
	to->all = mem_grow(to->all, to->count, sizeof(*to->all));
	to->all[to->count] = (struct candidate){ issuer, score(builder, last, issuer), (unsigned)to->count };
	to->count++;
}

static int by_score(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	if (x->score != y->score)
		return x->score > y->score ? -1 : 1;
	return (x->order > y->order) - (x->order < y->order);
}

/* What is given and stands in the store too is the store's. */
static void gather_given(const struct builder *builder, const struct index *from, struct candidates *to)
{
	const struct bytes name = builder->path[builder->count - 1]->issuer;
	const struct member *given;
	size_t at = 0;

	while ((given = index_next(from, name, &at)) != NULL)
		if (given->anchor == NULL || given->anchor->names != ANCHOR_CERTIFICATE)
			add(builder, to, given);
}

static void gather(struct builder *builder, struct candidates *to)
{
	const struct bytes name = builder->path[builder->count - 1]->issuer;
	const struct trust_entry *entry;
	size_t at = 0;

	while ((entry = trust_by_subject(builder->pool->trust, name, &at)) != NULL)
		add(builder, to, pool_store(builder->pool, entry));
	gather_given(builder, builder->common, to);
	gather_given(builder, builder->own, to);
	if (to->count > 1)
		qsort(to->all, to->count, sizeof(*to->all), by_score);
	builder->steps += (unsigned)(to->count / 8); /* looking at them is work too */
}

static bool told(struct builder *builder, bool anchored)
{
	const struct path path = { builder->path, builder->count, anchored };

	if (builder->bad_links && builder->bad == 0)
		return false; /* was told when only good links counted */
	if (builder->paths >= LIMIT_PATHS) {
		builder->exhausted = true;
		return false;
	}
	builder->paths++;
	builder->anchored |= anchored;
	return builder->judge(builder->to, &path);
}

/* One certificate of the path, and the ways on from it. */
struct step {
	struct candidates by;
	size_t next; /* of them */
	size_t on;   /* how many led on */
	bool ends;   /* the path may end here */
	bool bad;    /* the signature of the one below is not good */
};

/* Nothing is above a root. One that has its own issuer's name and was signed by another key is none. */
static bool signed_itself(const struct builder *builder, const struct member *member)
{
	return member_self_issued(member) &&
	       signature_of(builder->signatures, member, member) == SIGNATURE_GOOD;
}

/* The path goes on to this one. True: it ends here, and was taken. */
static bool enter(struct builder *builder, const struct member *member, bool bad)
{
	struct step *step;

	builder->path = mem_grow(builder->path, builder->count, sizeof(const struct member *));
	builder->ways = mem_grow(builder->ways, builder->count, sizeof(*builder->ways));
	builder->path[builder->count] = member;
	step = &builder->ways[builder->count++];
	*step = (struct step){ .ends = may_end(builder, member), .bad = bad };
	builder->bad += bad;
	if (step->ends && told(builder, true))
		return true;
	if (!step->ends || !signed_itself(builder, member))
		gather(builder, &step->by);
	return false;
}

static void leave(struct builder *builder)
{
	struct step *step = &builder->ways[--builder->count];

	builder->bad -= step->bad;
	free(step->by.all);
}

/*
 * A key that says it is another one is no issuer whose signature is bad, but no issuer; nor is any other than
 * itself the issuer of what has signed itself, such as a root of which the store has a namesake.
 */
static bool leads_on(const struct builder *builder, enum signature_answer answer, const struct member *last,
		     const struct member *issuer)
{
	return answer == SIGNATURE_GOOD ||
	       (builder->bad_links && key_id_compare(&last->cert, &issuer->cert) != KEY_ID_CLASHES &&
		!signed_itself(builder, last));
}

/* The next way on from the last of the path, or NULL. */
static const struct member *way_on(struct builder *builder, bool *ret_bad)
{
	const struct member *last = builder->path[builder->count - 1];
	struct step *step = &builder->ways[builder->count - 1];

	while (step->next < step->by.count) {
		const struct member *issuer = step->by.all[step->next++].member;
		enum signature_answer answer = signature_of(builder->signatures, last, issuer);

		builder->exhausted |= builder->steps++ >= LIMIT_STEPS || answer == SIGNATURE_BUDGET;
		if (builder->exhausted)
			return NULL;
		if (leads_on(builder, answer, last, issuer)) {
			step->on++;
			*ret_bad = answer != SIGNATURE_GOOD;
			return issuer;
		}
	}
	return NULL;
}

/* All paths from the target. The way back is kept here, as no stack is large enough for a hostile chain. */
static bool search(struct builder *builder, const struct member *target)
{
	bool taken = enter(builder, target, false), bad;

	while (builder->count > 0) {
		const struct member *issuer = taken || builder->exhausted ? NULL : way_on(builder, &bad);
		const struct step *step = &builder->ways[builder->count - 1];

		if (issuer != NULL) {
			taken = enter(builder, issuer, bad);
			continue;
		}
		if (!taken && !builder->exhausted && step->on == 0 && !step->ends)
			taken = told(builder, false);
		leave(builder);
	}
	return taken;
}

bool builder_run(struct builder *builder, const struct member *target)
{
	bool taken = search(builder, target);

	if (!taken && !builder->anchored && !builder->exhausted) {
		builder->bad_links = true;
		taken = search(builder, target);
	}
	free(builder->path);
	free(builder->ways);
	builder->path = NULL;
	builder->ways = NULL;
	return taken;
}
