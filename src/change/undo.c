/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "change/undo.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "change/journal.h"
#include "change/stand.h"
#include "model/edit.h"

static bool same_owner(const struct stand *a, const struct stand *b)
{
	return a->mode == b->mode && a->uid == b->uid && a->gid == b->gid;
}

static bool same(const struct stand *a, const struct stand *b)
{
	return was_same(&a->was, &b->was) && (a->was.kind != WAS_FILE || same_owner(a, b));
}

/* Why it is not what the entry left. */
static const char *how(const struct stand *now, const struct stand *after)
{
	if (now->was.kind == WAS_ABSENT)
		return "is gone";
	if (after->was.kind == WAS_ABSENT)
		return "is there again";
	if (now->was.kind != after->was.kind)
		return now->was.kind == WAS_LINK        ? "is a link now"
		       : now->was.kind == WAS_DIRECTORY ? "is a directory now"
							: "is a file now";
	return was_same(&now->was, &after->was) ? "has another owner or mode" : "was changed since";
}

/* The last entry behind `id` that touched the path and was not taken back. */
static unsigned later(const struct entries *history, unsigned id, const char *path)
{
	for (size_t i = history->count; i-- > 0;) {
		const struct entry *entry = &history->all[i];

		for (size_t j = 0; entry->id > id && entry_stands(entry) && j < entry->count; j++)
			if (entry->all[j].kind != EDIT_RUN && strcmp(entry->all[j].path, path) == 0)
				return entry->id;
	}
	return 0;
}

static struct edit *add(struct edits *edits, enum edit_kind kind, const struct touched *touched)
{
	struct edit *edit = edits_add(edits, kind, touched->path);

	if (touched->store != NULL)
		edit->store = mem_string(touched->store, strlen(touched->store));
	edit->database = touched->database;
	return edit;
}

static void add_program(struct edits *edits, const struct touched *touched)
{
	struct edit *edit = add(edits, EDIT_RUN, touched);

	buf_bytes(&edit->content, buf_view(&touched->undo));
	buf_bytes(&edit->undo, buf_view(&touched->input));
}

/* A directory is no conflict: what others put into it stays, and so does it. */
static bool is_directory(const struct touched *touched)
{
	return touched->before.was.kind == WAS_DIRECTORY || touched->after.was.kind == WAS_DIRECTORY;
}

static void add_directory(struct edits *edits, const struct touched *touched, const struct stand *now)
{
	const struct stand *before = &touched->before;
	struct edit *edit;

	if (before->was.kind == WAS_DIRECTORY && now->was.kind == WAS_ABSENT) {
		edit = add(edits, EDIT_DIRECTORY, touched);
		edit->as = mem_zero(sizeof(*edit->as));
		stand_copy(before, edit->as);
	} else if (before->was.kind == WAS_ABSENT && now->was.kind == WAS_DIRECTORY) {
		add(edits, EDIT_REMOVE, touched)->was.kind = WAS_DIRECTORY;
	}
}

static void add_before(struct edits *edits, const struct touched *touched, const struct stand *now)
{
	const struct stand *before = &touched->before;
	enum was_kind was = before->was.kind;
	struct edit *edit = add(edits,
				was == WAS_FILE   ? EDIT_FILE
				: was == WAS_LINK ? EDIT_LINK
						  : EDIT_REMOVE,
				touched);

	was_copy(&now->was, &edit->was);
	if (was == WAS_ABSENT)
		return;
	edit->as = mem_zero(sizeof(*edit->as));
	stand_copy(before, edit->as);
	buf_bytes(&edit->content, buf_view(&before->content));
	if (was == WAS_LINK)
		edit->target = mem_string(before->was.target, strlen(before->was.target));
}

static void add_conflict(struct conflicts *conflicts, size_t index, const char *text, unsigned id)
{
	conflicts->all = mem_grow(conflicts->all, conflicts->count, sizeof(*conflicts->all));
	conflicts->all[conflicts->count++] =
		(struct conflict){ .touched = index, .text = mem_string(text, strlen(text)), .later = id };
}

/* These hear of a change; where all is as it was there is none. */
static bool only_programs(const struct edits *edits)
{
	for (size_t i = 0; i < edits->count; i++)
		if (edits->all[i].kind != EDIT_RUN)
			return false;
	return true;
}

bool undo_stage(const struct root *root, const struct entry *entry, const struct entries *history, bool force,
		struct edits *ret, struct conflicts *ret_conflicts, struct err *err)
{
	bool ok = true;

	*ret = (struct edits){ 0 };
	*ret_conflicts = (struct conflicts){ 0 };
	for (size_t i = entry->count; ok && i-- > 0;) {
		const struct touched *touched = &entry->all[i];
		struct stand now = { 0 };

		if (touched->kind == EDIT_RUN) {
			add_program(ret, touched);
			continue;
		}
		ok = stand_look(root, touched->path, true, &now, err);
		if (!ok)
			break;
		if (is_directory(touched)) {
			add_directory(ret, touched, &now);
		} else if (!same(&now, &touched->before)) {
			if (!same(&now, &touched->after))
				add_conflict(ret_conflicts, i, how(&now, &touched->after),
					     later(history, entry->id, touched->path));
			add_before(ret, touched, &now);
		}
		stand_done(&now);
	}
	if (!ok || (ret_conflicts->count > 0 && !force) || only_programs(ret))
		edits_done(ret);
	return ok;
}

void conflicts_done(struct conflicts *conflicts)
{
	for (size_t i = 0; i < conflicts->count; i++)
		free(conflicts->all[i].text);
	free(conflicts->all);
	*conflicts = (struct conflicts){ 0 };
}
