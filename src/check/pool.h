/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The members that a judge has made. A certificate that comes with many targets is
 * read, named and copied once; what comes with one target is told apart from it by
 * a member of that target, since it stands somewhere else. The target itself is not
 * kept. Bounded by LIMIT_POOL and LIMIT_POOL_SIZE, after which nothing more is kept.
 */
#ifndef CHECK_POOL_H
#define CHECK_POOL_H

#include "base/arena.h"
#include "check/index.h"

struct given;
struct member;
struct trust;
struct trust_entry;

struct pool {
	const struct trust *trust;
	struct arena arena;
	struct index by_der;      /* of members that are kept: a hash of theirs costs more than a look */
	struct index names;       /* from a Name as it stands to its canonical form */
	size_t copied;            /* bytes of certificates and names */
	struct member **of_store; /* owned; by the number of the entry, made when it is asked for */
};

void pool_init(struct pool *pool, const struct trust *trust);
void pool_done(struct pool *pool);

/* The member of an entry of the store, for the life of the pool. */
const struct member *pool_store(struct pool *pool, const struct trust_entry *entry);

/* One that is kept; its bytes are copied, or borrowed for the life of the pool. */
const struct member *pool_keep(struct pool *pool, const struct given *given, bool copy);

/* One of a target's, in that target's arena. The bytes of what is kept are copied. */
struct member *pool_beside(struct pool *pool, const struct given *given, struct arena *arena);

/* The target, in its arena. */
struct member *pool_target(struct pool *pool, const struct given *given, struct arena *arena);

#endif
