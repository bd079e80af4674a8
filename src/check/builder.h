/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Finds candidate paths depth first, the most likely first, and hands each to
 * whoever judges it, until one is taken or nothing is left. Names are compared in
 * canonical form (RFC 5280 section 7.1); key identifiers order and never exclude. A
 * link whose signature is bad leads on only where nothing else led to an anchor, so
 * that the path can be told. No certificate, and no other with the same subject, key
 * and alternative names, stands in a path twice. There is no limit of length, but of work:
 * LIMIT_SIGNATURES, LIMIT_STEPS, LIMIT_PATHS.
 */
#ifndef CHECK_BUILDER_H
#define CHECK_BUILDER_H

#include <stdint.h>

#include "check/path.h"

struct anchor;
struct index;
struct pool;
struct signatures;
struct step;

struct builder {
	struct pool *pool;
	struct signatures *signatures;
	const struct index *common, *own; /* members that may help, by subject: any target, this one */
	int64_t at;                       /* the time: what is valid then is tried first */
	const struct anchor *only;        /* the anchor to end at; NULL: any */
	bool (*judge)(void *to, const struct path *path); /* true: taken, no more */
	void *to;

	const struct member **path; /* owned; as far as it goes */
	struct step *ways;          /* owned; the ways on from each of them */
	size_t count, bad;          /* bad: links among them whose signature is */
	unsigned steps, paths;
	bool anchored;  /* a path to an anchor was found */
	bool bad_links; /* those with a bad signature are followed too */
	bool exhausted; /* a budget was used up */
};

/* Fills what is above the blank line first. True: a path was taken. */
bool builder_run(struct builder *builder, const struct member *target);

#endif
