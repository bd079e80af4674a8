/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/pool.h"

#include <stdlib.h>

#include "base/digest.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "check/judge.h"
#include "check/member.h"
#include "check/trust.h"

void pool_init(struct pool *pool, const struct trust *trust)
{
	*pool = (struct pool){ .trust = trust };
	pool->of_store = mem_zero((trust->count + 1) * sizeof(*pool->of_store));
}

void pool_done(struct pool *pool)
{
	index_done(&pool->by_der);
	index_done(&pool->names);
	free(pool->of_store);
	arena_done(&pool->arena);
}

/* The canonical form of a name that many certificates have, as an issuer's. */
static struct bytes common_name(struct pool *pool, struct bytes name, struct arena *arena)
{
	size_t at = 0;
	const struct bytes *known = index_next(&pool->names, name, &at);
	struct bytes *kept;

	if (known != NULL)
		return *known;
	if (pool->names.count >= LIMIT_POOL || pool->copied >= LIMIT_POOL_SIZE)
		return trust_name(arena, name);
	kept = arena_take(&pool->arena, sizeof(*kept));
	*kept = trust_name(&pool->arena, name);
	index_add(&pool->names, arena_bytes(&pool->arena, name), kept);
	pool->copied += 2 * name.len;
	return *kept;
}

/* Fills in what follows from the DER. */
static void read_member(struct pool *pool, struct bytes der, struct arena *arena, bool common,
			struct member *member)
{
	struct err err = { 0 };

	digest_sha256(der, member->id);
	member->anchor = trust_says(pool->trust, member->id);
	member->readable = cert_read(der, &member->cert, &err);
	if (!member->readable)
		return;
	member->issuer = common_name(pool, member->cert.issuer, arena);
	if (member->cert.self_issued)
		member->subject = member->issuer;
	else if (common)
		member->subject = common_name(pool, member->cert.subject, arena);
	else
		member->subject = trust_name(arena, member->cert.subject);
}

static struct member_memo *new_memo(struct arena *arena)
{
	struct member_memo *memo = arena_take(arena, sizeof(*memo));

	*memo = (struct member_memo){ 0 };
	return memo;
}

const struct member *pool_store(struct pool *pool, const struct trust_entry *entry)
{
	struct member **kept = &pool->of_store[entry - pool->trust->entries];

	if (*kept == NULL) {
		*kept = arena_take(&pool->arena, sizeof(**kept));
		**kept = (struct member){ .memo = new_memo(&pool->arena),
					  .cert = entry->anchor->cert,
					  .readable = entry->anchor->readable,
					  .from = MEMBER_STORE,
					  .subject = entry->subject,
					  .issuer = entry->issuer,
					  .anchor = entry->anchor };
		memcpy((*kept)->id, entry->anchor->id, ID_LEN);
	}
	return *kept;
}

static struct member *keep(struct pool *pool, const struct given *given, bool copy)
{
	struct member *member = arena_take(&pool->arena, sizeof(*member));
	struct bytes der = copy ? arena_bytes(&pool->arena, given->der) : given->der;

	*member = (struct member){ .from = MEMBER_GIVEN,
				   .where = given->where,
				   .memo = new_memo(&pool->arena) };
	read_member(pool, der, &pool->arena, true, member);
	index_add(&pool->by_der, der, member);
	pool->copied += copy ? der.len : 0;
	return member;
}

const struct member *pool_keep(struct pool *pool, const struct given *given, bool copy)
{
	size_t at = 0;
	const struct member *known = index_next(&pool->by_der, given->der, &at);

	return known != NULL ? known : keep(pool, given, copy);
}

struct member *pool_beside(struct pool *pool, const struct given *given, struct arena *arena)
{
	struct member *member = arena_take(arena, sizeof(*member));
	size_t at = 0;
	const struct member *known = index_next(&pool->by_der, given->der, &at);

	if (known == NULL && pool->by_der.count < LIMIT_POOL && pool->copied < LIMIT_POOL_SIZE)
		known = keep(pool, given, true);
	if (known != NULL) {
		*member = *known;
	} else {
		*member = (struct member){ .from = MEMBER_GIVEN, .memo = new_memo(arena) };
		read_member(pool, given->der, arena, false, member);
	}
	member->where = given->where;
	return member;
}

struct member *pool_target(struct pool *pool, const struct given *given, struct arena *arena)
{
	struct member *member = arena_take(arena, sizeof(*member));

	*member = (struct member){ .from = MEMBER_TARGET, .where = given->where };
	read_member(pool, given->der, arena, false, member);
	return member;
}
