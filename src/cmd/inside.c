/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/inside.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/text.h"
#include "cmd/cmd.h"
#include "find/find.h"
#include "find/survey.h"
#include "medium/helper.h"
#include "medium/image_read.h"
#include "medium/medium.h"
#include "model/place.h"
#include "model/store.h"

enum { EVERY_MS = 500 };

static struct {
	const struct run *run;
	int64_t next;
	bool shown;
} progress;

static void show(void *unused, const char *name, uint64_t bytes, size_t entries)
{
	int64_t now = helper_now();
	char *text;

	(void)unused;
	if (name == NULL) { /* what is told next begins a line of its own */
		if (progress.shown)
			show_progress(&progress.run->show, "%s", "");
		progress.shown = false;
		progress.next = 0;
	} else if (progress.next == 0) {
		progress.next = now + EVERY_MS; /* most are read before that */
	} else if (now >= progress.next) {
		text = text_escaped(bytes_of(name));
		show_progress(&progress.run->show, "%s: %zu files, %llu MiB", text, entries,
			      (unsigned long long)(bytes >> 20));
		free(text);
		progress.next = now + EVERY_MS;
		progress.shown = true;
	}
}

void inside_show_progress(const struct run *run)
{
	progress.run = run;
	image_watched(run->show.quiet ? NULL : show, NULL);
}

static bool wants(const void *wanted, const char *path)
{
	return survey_wants(wanted, path);
}

bool inside_open(const struct run *run, const char *archive, struct store *notes, struct image *ret,
		 struct err *err)
{
	struct wanted_paths wanted = { 0 };
	struct image_want want = { .file = wants, .data = &wanted, .stores = true };
	bool ok = survey_wanted(&run->root, NULL, &wanted, err) &&
		  (image_open(&run->root, archive, &want, notes, ret, err) || err_in(err, "%s", archive));

	wanted_done(&wanted);
	return ok;
}

/* What stands behind the mark and is neither a name nor a kind and a path would be a file of another root, or
 * standard input. */
static bool is_inside(const struct place *place, const char *archive, const char *name, struct err *err)
{
	return place->paths[0][0] == '/' || err_set(err, ERR_USAGE,
						    "%s: there is no store '%s' in it; 'anchorage stores %s' "
						    "lists them, and a path begins "
						    "with a slash",
						    archive, name, archive);
}

/* The first of the candidates that is there. */
static struct store *read_named(const struct image *image, const char *text, const char *archive,
				const char *name, const struct store *notes, struct err *err)
{
	struct survey survey;
	struct place *places = NULL;
	struct store *store = NULL;
	size_t count = 0;

	survey_here(&image->root, &survey);
	survey.image = &image->environment;
	if (!find_places_of(&survey, name, medium_kind, &places, &count, err))
		err_in(err, "%s", archive);
	for (size_t i = 0; i < count && store == NULL && is_inside(&places[i], archive, name, err); i++) {
		free(places[i].name);
		places[i].name = mem_string(text, strlen(text));
		store = image_read_place(image, archive, notes, &places[i], err);
		if (store == NULL && err->code != ERR_ABSENT)
			break;
	}
	find_done(places, count);
	return store;
}

struct store *inside_store(const struct run *run, const char *text, const char *archive, const char *name,
			   struct err *err)
{
	struct store *notes = store_new(archive), *store = NULL;
	struct image image;

	if (inside_open(run, archive, notes, &image, err)) {
		store = read_named(&image, text, archive, name, notes, err);
		image_done(&image);
	}
	store_free(notes);
	return store;
}
