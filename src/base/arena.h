/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Memory that is taken piece by piece and freed all at once: what a store owns.
 * Pieces never move. Under a sanitizer each piece is an allocation of its own,
 * so that a read past its end is seen.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/bytes.h"

struct arena {
	struct arena_chunk *chunks; /* newest first */
};

void *arena_take(struct arena *arena, size_t size);               /* not zeroed; aligned for any type */
struct bytes arena_bytes(struct arena *arena, struct bytes from); /* a copy */
char *arena_text(struct arena *arena, struct bytes from);         /* a copy with a final NUL */
void arena_done(struct arena *arena);
void arena_clear(struct arena *arena); /* empty, as arena_done(), with room for little kept */

#endif
