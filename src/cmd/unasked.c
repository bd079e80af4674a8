/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/unasked.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cmd/change.h"
#include "cmd/input.h"
#include "cmd/warning.h"
#include "model/anchor.h"
#include "model/store.h"

enum {
	MOST_NAMED = 3,
	MUCH_PERCENT = 20, /* as for a newer list */
	MUCH_LEAST = 10,   /* fewer may be somebody's own */
};

/* What goes out of one store, each certificate once however many files it was in. */
struct unasked {
	struct store *gone; /* fingerprints, unfinished */
	struct buf names;
	size_t most; /* anchors of its fullest file */
};

static bool is_asked(const struct requests *requests, const struct anchor *anchor)
{
	for (size_t i = 0; i < requests->count; i++) {
		const struct anchor *about = requests->all[i].anchor;

		if (memcmp(about->id, anchor->id, ID_LEN) == 0 ||
		    (requests->all[i].kind == REQUEST_DISTRUST && anchor->readable && about->readable &&
		     bytes_equal(anchor->cert.spki, about->cert.spki)))
			return true;
	}
	return false;
}

static bool is_among(const struct store *store, const struct anchor *anchor)
{
	for (size_t i = 0; i < store->count; i++)
		if (memcmp(store->anchors[i].id, anchor->id, ID_LEN) == 0)
			return true;
	return false;
}

static void add(struct unasked *unasked, const struct anchor *anchor)
{
	if (unasked->gone->count < MOST_NAMED) {
		buf_text(&unasked->names, unasked->gone->count > 0 ? ", " : "");
		anchor_name(anchor, &unasked->names);
	}
	store_add_fingerprint(unasked->gone, anchor->id);
}

static void compare(const struct requests *requests, const struct store *before, const struct store *after,
		    struct unasked *unasked)
{
	size_t trusted = 0;

	for (size_t i = 0; i < before->count; i++) {
		const struct anchor *anchor = &before->anchors[i];

		if (anchor->names != ANCHOR_CERTIFICATE || anchor_trusted(anchor) == 0)
			continue;
		trusted++;
		if (!is_among(after, anchor) && !is_asked(requests, anchor) &&
		    !is_among(unasked->gone, anchor))
			add(unasked, anchor);
	}
	unasked->most = trusted > unasked->most ? trusted : unasked->most;
}

static void look(const struct changing *changing, const struct task *task, struct unasked *unasked)
{
	for (size_t i = 0; i < task->staged.edits.count; i++) {
		const struct edit *edit = &task->staged.edits.all[i];
		struct store *before, *after;

		if (edit->kind != EDIT_FILE || edit->was.kind != WAS_FILE)
			continue;
		before = input_quietly(changing->run, edit->path);
		after = before != NULL ? input_bytes(edit->path, buf_view(&edit->content)) : NULL;
		if (after != NULL)
			compare(&task->requests, before, after, unasked);
		store_free(before);
		store_free(after);
	}
}

static void tell(struct changing *changing, const char *name, const struct unasked *unasked)
{
	size_t gone = unasked->gone->count;
	char *text = mem_print(
		"%s: %zu anchor%s go%s that nobody asked about, since what it is made of lacks %s: %.*s%s",
		name, gone, gone == 1 ? "" : "s", gone == 1 ? "es" : "", gone == 1 ? "it" : "them",
		(int)unasked->names.len, (const char *)unasked->names.at,
		gone > MOST_NAMED ? " and others" : "");
	bool much = gone >= MUCH_LEAST && gone * 100 > unasked->most * MUCH_PERCENT;

	warnings_add(&changing->warnings, &change_warnings[much ? WARNING_SHRINKS : WARNING_TAKES_ALONG],
		     NULL, "%s", text)
		->advice = mem_print("look first at what it is made of; -v lists all that goes");
	free(text);
}

/* What is made of nothing but itself has no sources that could have lost some. */
static bool may_lose(const struct changing *changing, size_t index)
{
	return changing->undoes == 0 && task_changes(&changing->tasks[index]) &&
	       !changing->targets[index].stager->closed;
}

void unasked_find(struct changing *changing)
{
	for (size_t i = 0; i < changing->count; i++) {
		struct unasked unasked = { .gone = store_new("gone") };

		if (may_lose(changing, i))
			look(changing, &changing->tasks[i], &unasked);
		if (unasked.gone->count > 0)
			tell(changing, changing->targets[i].name, &unasked);
		store_free(unasked.gone);
		buf_done(&unasked.names);
	}
}
