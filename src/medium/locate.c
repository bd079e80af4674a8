/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "medium/locate.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "medium/file.h"
#include "model/store.h"

static int by_file(const void *a, const void *b)
{
	return strcmp((*(struct anchor *const *)a)->origin.file, (*(struct anchor *const *)b)->origin.file);
}

static int by_id(const void *a, const void *b)
{
	return memcmp(a, (*(const struct anchor *const *)b)->id, ID_LEN);
}

/* The anchors of one file, which stand beside each other. */
static void locate_in(struct anchor **anchors, size_t count, const struct root *root)
{
	struct store *store = store_new(anchors[0]->origin.file);
	const struct anchor **found = NULL;
	struct err err = { 0 };

	if (file_read(anchors[0]->origin.file, root, NULL, store, &err)) {
		found = store_by_id(store);
		for (size_t i = 0; i < count; i++) {
			const struct anchor **hit = bsearch(anchors[i]->id, found, store->count,
							    sizeof(const struct anchor *), by_id);

			if (hit != NULL)
				anchors[i]->origin.line = (*hit)->origin.line;
		}
	}
	free(found);
	store_free(store);
}

void locate_lines(struct store *store, const struct root *root)
{
	struct anchor **anchors = mem_zero((store->count + 1) * sizeof(struct anchor *));
	size_t count = 0, end;

	for (size_t i = 0; i < store->count; i++)
		if (store->anchors[i].origin.file != NULL && store->anchors[i].origin.line == 0)
			anchors[count++] = &store->anchors[i];
	if (count > 1)
		qsort(anchors, count, sizeof(*anchors), by_file);
	for (size_t start = 0; start < count; start = end) {
		for (end = start + 1; end < count && by_file(&anchors[start], &anchors[end]) == 0; end++)
			;
		locate_in(anchors + start, end - start, root);
	}
	free(anchors);
}
