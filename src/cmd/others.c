/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/others.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "cmd/call.h"
#include "cmd/generated.h"
#include "cmd/host.h"
#include "model/anchor.h"
#include "model/store.h"

enum { MOST = 12, SHORT = 8 };

static bool ends_trust(const struct request *request)
{
	return request->kind == REQUEST_REMOVE || request->kind == REQUEST_DISTRUST;
}

static bool any_ends(const struct changing *changing)
{
	for (size_t i = 0; i < changing->requests.count; i++)
		if (ends_trust(&changing->requests.all[i]))
			return true;
	return false;
}

/* The path itself, or something in that directory. */
static bool is_in(const char *path, const char *directory)
{
	size_t len = strlen(directory);

	return path != NULL && strncmp(path, directory, len) == 0 && (path[len] == '\0' || path[len] == '/');
}

static bool task_writes(const struct root *root, const struct task *task, const char *at)
{
	bool writes = false;

	for (size_t i = 0; !writes && i < task->staged.edits.count; i++)
		writes = is_in(task->staged.edits.all[i].path, at);
	for (size_t i = 0; !writes && i < task->staged.file_count; i++) {
		char *path = root_resolve(root, task->staged.files[i].path);

		writes = is_in(path, at) || is_in(task->staged.files[i].path, at);
		free(path);
	}
	return writes;
}

/* One of the stores that were asked: what became of it there is told already. */
static bool is_asked(const struct changing *changing, const struct spot *spot)
{
	for (size_t i = 0; i < changing->count; i++)
		if (strcmp(changing->targets[i].name, spot->place.name) == 0)
			return true;
	return false;
}

/* Whether it is made of one of them, or the same file. */
static bool is_changed(const struct changing *changing, const struct spot *spot)
{
	const struct root *root = &changing->run->root;
	bool changed = false;

	for (size_t i = 0; !changed && i < changing->count; i++) {
		for (size_t k = 0; !changed && k < spot->place.path_count; k++) {
			char *path = root_resolve(root, spot->place.paths[k]);

			changed = task_writes(root, &changing->tasks[i],
					      path != NULL ? path : spot->place.paths[k]);
			free(path);
		}
	}
	return changed;
}

/* What is built in, or said by a configuration, no command of ours takes away. */
static bool can_change(const struct spot *spot)
{
	return spot->write == NULL ||
	       (strncmp(spot->write, "none", 4) != 0 && strncmp(spot->write, "config", 6) != 0);
}

/* `generated`: no command changes it alone, and the system, which it is made of, does not trust it any more,
 * or cannot be read; NULL: it is not made of it. */
static void tell(const struct changing *changing, const struct surveyed *one, const struct request *request,
		 const struct generated *generated, struct texts *ret)
{
	const char *name = one->spot->place.name;
	char *root = call_root(changing->run);
	struct buf text = { 0 };

	buf_print(&text, "%s still trusts ", name);
	anchor_name(request->anchor, &text);
	if (generated != NULL && generated->failed) {
		buf_print(&text,
			  ", and the system it is made of cannot be changed: 'anchorage %srefresh' says why",
			  root);
	} else if (generated != NULL) {
		buf_print(&text, ", and the system it is made of does not: anchorage %srefresh", root);
	} else if (can_change(one->spot)) {
		buf_print(&text, ": anchorage %s%s --to '%s' ", root,
			  request->kind == REQUEST_DISTRUST ? "distrust" : "remove", name);
		text_hex((struct bytes){ request->anchor->id, SHORT }, &text);
	} else {
		buf_text(&text, ", and no command takes it away there");
	}
	buf_byte(&text, '\0');
	texts_take(ret, (char *)text.at);
	free(root);
}

static bool still_trusts(const struct surveyed *one, const struct anchor *anchor)
{
	const struct anchor *there = one->store != NULL ? store_find(one->store, anchor->id) : NULL;

	return there != NULL && anchor_trusted(there) != 0;
}

static bool system_trusts(const struct host *host, const struct anchor *anchor)
{
	for (size_t i = 0; i < host->count; i++)
		if (strcmp(host->all[i].spot->place.name, "system") == 0)
			return still_trusts(&host->all[i], anchor);
	return false;
}

/* By what is known of such files everywhere. */
static bool is_made_by_tool(const struct spot *spot)
{
	return spot->write != NULL && strcmp(spot->write, "tool, the distribution's own") == 0;
}

/* What the system's tools make is changed with the system, and told with it. */
static bool is_generated(struct generated *generated, const struct changing *changing,
			 const struct spot *spot)
{
	return strcmp(spot->place.name, "system") != 0 && spot->place.path_count > 0 &&
	       (generated_has(generated, changing->run, spot->place.paths[0]) ||
		(generated->failed && is_made_by_tool(spot)));
}

/* What is told of one store; how many sentences that would be. */
static size_t tell_store(const struct changing *changing, const struct host *host, const struct surveyed *one,
			 struct generated *generated, struct texts *ret)
{
	size_t told = 0;

	for (size_t k = 0; k < changing->requests.count; k++) {
		const struct request *request = &changing->requests.all[k];
		bool made;

		if (!ends_trust(request) || !still_trusts(one, request->anchor))
			continue;
		made = is_generated(generated, changing, one->spot);
		if (made && system_trusts(host, request->anchor))
			continue;
		told++;
		if (ret != NULL)
			tell(changing, one, request, made ? generated : NULL, ret);
	}
	return told;
}

void others_tell(const struct changing *changing, bool done, struct texts *ret)
{
	struct run quiet = *changing->run;
	size_t told = 0, most = quiet.show.verbose > 0 ? SIZE_MAX : MOST;
	struct generated generated = { 0 };
	struct host host = { 0 };

	quiet.show.quiet = true;
	/* A user cannot take from the system; and of a whole list the review has told. */
	if (!any_ends(changing) || changing->options->user || changing->review_count > 0 ||
	    !host_find(&quiet, &host))
		return;
	host_read(&quiet, &host);
	for (size_t i = 0; i < host.count; i++) {
		const struct surveyed *one = &host.all[i];

		if (one->spot->state == SPOT_EFFECTIVE && !is_asked(changing, one->spot) &&
		    (done || !is_changed(changing, one->spot)))
			told += tell_store(changing, &host, one, &generated, told < most ? ret : NULL);
	}
	if (told > most)
		texts_take(ret, mem_print("%zu more stores still trust it; -v names them", told - most));
	generated_done(&generated);
	host_done(&host);
}
