/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/wish.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/mem.h"
#include "check/member.h"

void wishes_add(struct wishes *wishes, enum wish_kind kind, const struct member *member, struct bytes url,
		struct bytes request)
{
	for (size_t i = 0; i < wishes->count; i++)
		if (wishes->all[i].kind == kind && bytes_equal(bytes_of(wishes->all[i].url), url) &&
		    memcmp(wishes->all[i].member->id, member->id, ID_LEN) == 0)
			return;
	if (wishes->count >= LIMIT_WISHES)
		return;
	wishes->all = mem_grow(wishes->all, wishes->count, sizeof(*wishes->all));
	wishes->all[wishes->count++] =
		(struct wish){ kind, member, arena_text(&wishes->arena, url),
			       request.len > 0 ? arena_bytes(&wishes->arena, request) : request };
}

void wishes_done(struct wishes *wishes)
{
	free(wishes->all);
	arena_done(&wishes->arena);
	*wishes = (struct wishes){ 0 };
}
