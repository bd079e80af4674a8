/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/edit.h"

#include <stdlib.h>

#include "base/mem.h"

struct edit *edits_add(struct edits *edits, enum edit_kind kind, const char *path)
{
	struct edit *edit;

	edits->all = mem_grow(edits->all, edits->count, sizeof(*edits->all));
	edit = &edits->all[edits->count++];
	*edit = (struct edit){ .kind = kind, .path = mem_string(path, strlen(path)) };
	return edit;
}

void edits_done(struct edits *edits)
{
	for (size_t i = 0; i < edits->count; i++) {
		free(edits->all[i].path);
		free(edits->all[i].target);
		buf_done(&edits->all[i].content);
	}
	free(edits->all);
	*edits = (struct edits){ 0 };
}
