/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Finds things by bytes: several may have the same key, and are met in the order in
 * which they were added. Keys and things are borrowed. Nothing is ever taken out.
 */
#ifndef CHECK_INDEX_H
#define CHECK_INDEX_H

#include "base/bytes.h"

struct index_row;

/* Zeroed memory is an empty one. */
struct index {
	struct index_row *rows; /* owned; as they were added */
	uint32_t *first;        /* owned; the last row of each chain plus one; 0: none */
	size_t count, rows_room;
	size_t room; /* chains: a power of two; 0: none yet */
};

void index_add(struct index *index, struct bytes key, const void *thing);

/* The next with this key, or NULL. *at starts at 0 and is moved. */
const void *index_next(const struct index *index, struct bytes key, size_t *at);
void index_clear(struct index *index); /* empty again, with its room */
void index_done(struct index *index);

#endif
