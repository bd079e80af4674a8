/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/arena.h"

#include <stdalign.h>
#include <stddef.h>
#include <stdlib.h>

#include "base/mem.h"

#if defined(__SANITIZE_ADDRESS__)
#define CHUNK_SIZE 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CHUNK_SIZE 0
#endif
#endif
#ifndef CHUNK_SIZE
#define CHUNK_SIZE ((size_t)1000) /* of the first: many arenas hold little, and glibc is quick up to 1032 */
#endif

enum { CHUNK_MOST = 8 << 20, CHUNK_KEPT = 64 << 10 };

struct arena_chunk {
	struct arena_chunk *next;
	size_t used, size;
	alignas(max_align_t) uint8_t room[];
};

static struct arena_chunk *chunk_new(size_t size)
{
	struct arena_chunk *chunk = malloc(sizeof(*chunk) + size);

	if (chunk == NULL)
		mem_out();
	mem_huge(chunk, size);
	chunk->next = NULL;
	chunk->used = 0;
	chunk->size = size;
	return chunk;
}

/* Four times the last one's, so that much takes few. Under a sanitizer the exact size, else the end would be
 * padded. */
static size_t chunk_size(const struct arena_chunk *last, size_t size, size_t need)
{
	size_t most = last == NULL ? CHUNK_SIZE : last->size < CHUNK_MOST / 4 ? 4 * last->size : CHUNK_MOST;

	return CHUNK_SIZE == 0 ? size : need > most ? need : most;
}

void *arena_take(struct arena *arena, size_t size)
{
	size_t need = (size + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
	struct arena_chunk *chunk = arena->chunks;

	if (need < size)
		mem_out();
	if (chunk == NULL || chunk->size - chunk->used < need) {
		chunk = chunk_new(chunk_size(chunk, size, need));
		chunk->next = arena->chunks;
		arena->chunks = chunk;
	}
	chunk->used += CHUNK_SIZE == 0 ? size : need;
	return chunk->room + chunk->used - (CHUNK_SIZE == 0 ? size : need);
}

struct bytes arena_bytes(struct arena *arena, struct bytes from)
{
	uint8_t *to = arena_take(arena, from.len);

	if (from.len > 0)
		memcpy(to, from.at, from.len);
	return (struct bytes){ to, from.len };
}

char *arena_text(struct arena *arena, struct bytes from)
{
	char *to = arena_take(arena, from.len + 1);

	if (from.len > 0)
		memcpy(to, from.at, from.len);
	to[from.len] = '\0';
	return to;
}

void arena_clear(struct arena *arena)
{
	struct arena_chunk *kept = arena->chunks;

	if (kept == NULL || CHUNK_SIZE == 0 || kept->size > CHUNK_KEPT) {
		arena_done(arena);
		return;
	}
	arena->chunks = kept->next;
	arena_done(arena);
	kept->next = NULL;
	kept->used = 0;
	arena->chunks = kept;
}

void arena_done(struct arena *arena)
{
	struct arena_chunk *chunk = arena->chunks, *next;

	for (; chunk != NULL; chunk = next) {
		next = chunk->next;
		free(chunk);
	}
	arena->chunks = NULL;
}
