/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/edit.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* "/a//b/./c" as "/a/b/c", by which two stores that share a file find it; ".." stays, since links come first.
 */
static char *plain(const char *path)
{
	char *ret = mem_string(path, strlen(path)), *to = ret;

	for (const char *at = path; *at != '\0';) {
		if (at[0] == '/' && (at[1] == '/' || (at[1] == '.' && at[2] == '/')))
			at += at[1] == '/' ? 1 : 2;
		else
			*to++ = *at++;
	}
	while (to - ret > 1 && (to[-1] == '/' || (to[-1] == '.' && to[-2] == '/' && to - ret > 2)))
		to--;
	*to = '\0';
	return ret;
}

const char *const edit_deeds[] = {
	[EDIT_FILE] = "write",          [EDIT_LINK] = "link", [EDIT_REMOVE] = "remove",
	[EDIT_DIRECTORY] = "directory", [EDIT_RUN] = "run",
};

struct edit *edits_add(struct edits *edits, enum edit_kind kind, const char *path)
{
	struct edit *edit;

	edits->all = mem_grow(edits->all, edits->count, sizeof(*edits->all));
	edit = &edits->all[edits->count++];
	*edit = (struct edit){ .kind = kind, .path = plain(path) };
	return edit;
}

struct edit *edits_find(const struct edits *edits, const char *path)
{
	for (size_t i = edits->count; i-- > 0;)
		if (edits->all[i].kind != EDIT_RUN && strcmp(edits->all[i].path, path) == 0)
			return &edits->all[i];
	return NULL;
}

static void edit_done(struct edit *edit)
{
	free(edit->path);
	free(edit->target);
	free(edit->was.target);
	if (edit->as != NULL)
		stand_done(edit->as);
	free(edit->as);
	free(edit->store);
	buf_done(&edit->content);
	buf_done(&edit->undo);
}

void edits_drop(struct edits *edits, size_t index)
{
	edit_done(&edits->all[index]);
	memmove(&edits->all[index], &edits->all[index + 1], (--edits->count - index) * sizeof(*edits->all));
}

void edits_done(struct edits *edits)
{
	for (size_t i = 0; i < edits->count; i++)
		edit_done(&edits->all[i]);
	free(edits->all);
	*edits = (struct edits){ 0 };
}
