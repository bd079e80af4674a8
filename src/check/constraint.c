/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/constraint.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"
#include "check/member.h"
#include "check/path.h"
#include "check/reason.h"
#include "check/rule.h"
#include "check/subtree.h"
#include "model/anchor.h"

/* One run of a rule over a path. */
struct run {
	const struct trial *trial;
	struct bounds *names; /* of each certificate, read when first needed */
	bool *read;
	size_t work;
	bool store;     /* the constraints are the store's, not the certificate's own */
	bool exhausted; /* of LIMIT_CONSTRAINT_WORK */
	size_t told;
};

static const struct bounds *names_at(struct run *run, size_t depth)
{
	if (!run->read[depth])
		bounds_names(run->trial->path->at[depth], depth == 0, &run->names[depth]);
	run->read[depth] = true;
	return &run->names[depth];
}

static void tell(struct run *run, size_t depth, const struct bound *name, size_t by, const char *clause,
		 const struct bound *subtree)
{
	struct buf text = { 0 };
	char ca[MEMBER_NAME];

	if (run->told++ >= LIMIT_NAMES_TOLD)
		return;
	bound_put(name, &text);
	if (name->from != NULL)
		buf_print(&text, " (%s)", name->from);
	buf_print(&text, " %s", clause);
	if (subtree != NULL) {
		buf_byte(&text, ' ');
		bound_put(subtree, &text);
	}
	if (run->store)
		buf_text(&text, ", by what the store keeps beside ");
	else
		buf_text(&text, ", by the nameConstraints of ");
	buf_print(&text, "%s, %zu above", member_name(run->trial->path->at[by], ca), by - depth);
	buf_byte(&text, '\0');
	reasons_add(run->trial->reasons, REASON_NAME_CONSTRAINT, run->trial->path->at[depth], depth,
		    subtree != NULL ? "RFC 5280 section 6.1.3 (c)" : "RFC 5280 section 6.1.3 (b)", "%s",
		    (const char *)text.at);
	buf_done(&text);
}

/* Types for which there is no comparison. RFC 5280 section 4.2.1.10: process it, or reject. */
static bool comparable(enum general_name_type type)
{
	return type == GENERAL_RFC822 || type == GENERAL_DNS || type == GENERAL_DIRECTORY ||
	       type == GENERAL_URI || type == GENERAL_IP;
}

static void hold_name(struct run *run, size_t depth, const struct bound *name, size_t by,
		      const struct bounds *trees)
{
	/* a URI without a host is well formed, and matters only to constraints of URIs; so does a subject, or
	 * a host that is not its A-labels, to theirs */
	bool alone = name->type == GENERAL_URI || name->utf8 ||
		     (name->type == GENERAL_DIRECTORY && name->from != NULL);
	bool odd = name->odd && !alone, bounded = false, permitted = false;

	if (trees->of[name->type] == 0 && !odd)
		return;
	if (name->odd || !comparable(name->type)) {
		tell(run, depth, name, by,
		     name->odd ? "is malformed and cannot be held against the constraints"
			       : "is of a type whose constraints cannot be checked",
		     NULL);
		return;
	}
	for (size_t i = 0; i < trees->count; i++) {
		const struct bound *tree = &trees->all[i];

		if (tree->type != name->type)
			continue;
		bounded = bounded || !tree->excluded;
		if (tree->excluded && bound_touches(name, tree)) {
			tell(run, depth, name, by, "is excluded with", tree);
			return;
		}
		permitted = permitted || (!tree->excluded && bound_within(name, tree));
	}
	if (bounded && !permitted)
		tell(run, depth, name, by, "is in no permitted subtree", NULL);
}

/* All names of one certificate against one extension. */
static void hold(struct run *run, size_t depth, size_t by, const struct bounds *trees)
{
	const struct bounds *names = names_at(run, depth);

	for (enum general_name_type type = 0; type < GENERAL_TYPES; type++) {
		size_t pairs = names->of[type] * trees->of[type];

		if (pairs > LIMIT_CONSTRAINT_WORK - run->work) {
			run->exhausted = true;
			reasons_add(run->trial->reasons, REASON_SEARCH_LIMIT, run->trial->path->at[depth],
				    depth, "RFC 5280 section 8",
				    "its %zu names of type %s and %zu name constraints are more than the %u "
				    "comparisons that are made for one target",
				    names->of[type], general_name_words[type], trees->of[type],
				    (unsigned)LIMIT_CONSTRAINT_WORK);
			return;
		}
		run->work += pairs;
	}
	for (size_t i = 0; i < names->count; i++)
		hold_name(run, depth, &names->all[i], by, trees);
	if (cert_is_odd(&run->trial->path->at[depth]->cert, ODD_ALT_NAME) && run->told++ == 0)
		reasons_add(run->trial->reasons, REASON_NAME_CONSTRAINT, run->trial->path->at[depth], depth,
			    "RFC 5280 section 4.2.1.6",
			    "%s, and is not held against the constraints of the certificate %zu above",
			    odds[ODD_ALT_NAME].text, by - depth);
}

static bool exempt(const struct member *member, size_t depth)
{
	return depth > 0 && bytes_equal(member->subject, member->issuer);
}

/* Why an extension cannot be applied, with the base that is at fault. */
static void tell_malformed(struct run *run, size_t by, const struct bounds *trees, const char *why)
{
	struct buf text = { 0 };

	buf_text(&text, why);
	if (trees->count > 0 && trees->all[trees->count - 1].odd) {
		buf_text(&text, ": ");
		bound_put(&trees->all[trees->count - 1], &text);
	}
	buf_byte(&text, '\0');
	reasons_add(run->trial->reasons, REASON_MALFORMED, run->trial->path->at[by], by,
		    "RFC 5280 section 4.2.1.10", "the name constraints%s cannot be applied: %s",
		    run->store ? " that the store keeps beside it" : "", (const char *)text.at);
	buf_done(&text);
}

static void apply(struct run *run, size_t by, struct bytes name_constraints)
{
	const struct path *path = run->trial->path;
	const char *why = NULL;
	struct bounds trees;

	if (!bounds_subtrees(name_constraints, &trees, &why))
		tell_malformed(run, by, &trees, why);
	for (size_t depth = by; why == NULL && !run->exhausted && depth-- > 0;)
		if (path->at[depth]->readable && !exempt(path->at[depth], depth))
			hold(run, depth, by, &trees);
	bounds_done(&trees);
}

/* Those of the certificate, or those that the store keeps beside it; NULL: none. */
static const struct bytes *constraints_of(const struct member *member, bool store)
{
	const struct extension *attached;

	if (!store)
		return member->readable && cert_has(&member->cert, EXT_NAME_CONSTRAINTS)
			       ? &member->cert.ext[EXT_NAME_CONSTRAINTS]
			       : NULL;
	attached = member->anchor != NULL ? anchor_attached(member->anchor, exts[EXT_NAME_CONSTRAINTS].oid)
					  : NULL;
	return attached != NULL ? &attached->value : NULL;
}

static void check(const struct trial *trial, bool store)
{
	const struct path *path = trial->path;
	struct run run = { .trial = trial, .store = store, .work = trial->work != NULL ? *trial->work : 0 };
	size_t last = path->count;

	while (last > 1 && constraints_of(path->at[last - 1], store) == NULL)
		last--;
	if (last <= 1)
		return;
	run.names = mem_zero(path->count * sizeof(*run.names));
	run.read = mem_zero(path->count * sizeof(*run.read));
	for (size_t i = last; !run.exhausted && i-- > 1;) {
		const struct bytes *constraints = constraints_of(path->at[i], store);

		if (constraints != NULL)
			apply(&run, i, *constraints);
	}
	if (trial->work != NULL)
		*trial->work = run.work;
	for (size_t i = 0; i < path->count; i++)
		bounds_done(&run.names[i]);
	free(run.names);
	free(run.read);
}

void name_constraints_check(const struct trial *trial)
{
	check(trial, false);
}

void attached_constraints_check(const struct trial *trial)
{
	check(trial, true);
}
