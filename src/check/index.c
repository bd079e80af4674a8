/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/index.h"

#include <stdlib.h>

#include "base/mem.h"

enum { KEPT = 1024 };

struct index_row {
	uint64_t hash;
	struct bytes key;
	const void *thing;
	uint32_t next; /* the next row of the chain plus one; 0: the last */
};

/* Eight bytes a step; a collision costs a comparison, no more. */
static uint64_t hash_of(struct bytes key)
{
	uint64_t hash = 0x9e3779b97f4a7c15u ^ key.len, word;

	for (; key.len >= 8; key = bytes_skip(key, 8)) {
		memcpy(&word, key.at, 8);
		hash = (hash ^ word) * 0xff51afd7ed558ccdu;
		hash ^= hash >> 32;
	}
	word = 0;
	if (key.len > 0)
		memcpy(&word, key.at, key.len);
	hash = (hash ^ word) * 0xc4ceb9fe1a85ec53u;
	return hash ^ hash >> 29;
}

/* Chains are walked from the oldest row: a row goes to the end of its chain. */
static void chain(struct index *index, uint32_t row)
{
	uint32_t *link = &index->first[index->rows[row].hash & (index->room - 1)];

	while (*link != 0)
		link = &index->rows[*link - 1].next;
	*link = row + 1;
}

static void grow(struct index *index)
{
	free(index->first);
	index->room = index->room > 0 ? 4 * index->room : 16;
	index->first = mem_zero(index->room * sizeof(*index->first));
	for (size_t i = 0; i < index->count; i++)
		index->rows[i].next = 0;
	for (size_t i = 0; i < index->count; i++)
		chain(index, (uint32_t)i);
}

void index_add(struct index *index, struct bytes key, const void *thing)
{
	if (index->count == index->rows_room) {
		index->rows = mem_grow(index->rows, index->count, sizeof(*index->rows));
		index->rows_room = index->count > 0 ? 2 * index->count : 1;
	}
	index->rows[index->count++] = (struct index_row){ hash_of(key), key, thing, 0 };
	if (index->count > index->room)
		grow(index);
	else
		chain(index, (uint32_t)(index->count - 1));
}

const void *index_next(const struct index *index, struct bytes key, size_t *at)
{
	uint64_t hash;
	uint32_t row;

	if (index->room == 0)
		return NULL;
	hash = hash_of(key);
	row = *at == 0 ? index->first[hash & (index->room - 1)] : index->rows[*at - 1].next;
	for (; row != 0; row = index->rows[row - 1].next) {
		const struct index_row *one = &index->rows[row - 1];

		if (one->hash == hash && bytes_equal(one->key, key)) {
			*at = row;
			return one->thing;
		}
	}
	return NULL;
}

void index_done(struct index *index)
{
	free(index->rows);
	free(index->first);
	*index = (struct index){ 0 };
}

void index_clear(struct index *index)
{
	if (index->room > KEPT) { /* clearing a large one would cost the next more than making it anew */
		index_done(index);
		return;
	}
	if (index->count == 0)
		return;
	memset(index->first, 0, index->room * sizeof(*index->first));
	index->count = 0;
}
