/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "stage/resulting.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/mem.h"
#include "base/root.h"
#include "medium/medium.h"
#include "medium/scratch.h"
#include "model/pick.h"
#include "model/place.h"
#include "model/store.h"
#include "stage/folder.h"

static bool lay_file(int dir, const char *name, const struct folder_file *file, struct err *err)
{
	return fd_write_new(dir, name, buf_view(&file->content)) ||
	       err_set(err, ERR_SYSTEM, "a copy of '%s' cannot be written: %s", file->name, strerror(errno));
}

/* The p11-kit that is asked may be newer than the one for which the folder is kept. */
static bool lay_old(int dir, const struct folder_file *file, struct err *err)
{
	char *name = mem_print("%s/%s", trust_parts[TRUST_BLOCKLIST], strrchr(file->name, '/') + 1);
	bool ok = lay_file(dir, name, file, err);

	free(name);
	return ok;
}

/* The folder as it will be, as the directory `name` in `at`. */
static bool lay_folder(int at, const char *name, const struct folder *folder, struct err *err)
{
	int dir = mkdirat(at, name, 0700) == 0
			  ? openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
			  : -1;
	bool ok = dir >= 0;

	for (size_t i = TRUST_TOP + 1; ok && i < TRUST_PARTS; i++)
		ok = mkdirat(dir, trust_parts[i], 0700) == 0;
	if (!ok)
		err_set(err, ERR_SYSTEM, "no copy of '%s' can be made: %s", folder->path, strerror(errno));
	for (size_t i = 0; ok && i < folder->count; i++)
		if (!folder->all[i].gone)
			ok = lay_file(dir, folder->all[i].name, &folder->all[i], err) &&
			     (!folder->old || folder->all[i].part != TRUST_BLACKLIST ||
			      lay_old(dir, &folder->all[i], err));
	if (dir >= 0)
		close(dir);
	return ok;
}

/* What is said of a copy is meant of the folder. */
static char *moved(const char *text, const char *from, const char *to)
{
	const char *hit = text != NULL ? strstr(text, from) : NULL;

	return hit == NULL ? NULL : mem_print("%.*s%s%s", (int)(hit - text), text, to, hit + strlen(from));
}

static void rename_all(struct store *store, const char *from, const char *to)
{
	for (size_t i = 0; i < store->count; i++) {
		char *file = moved(store->anchors[i].origin.file, from, to);

		if (file != NULL)
			store->anchors[i].origin.file = arena_text(&store->arena, bytes_of(file));
		free(file);
	}
	for (size_t i = 0; i < store->note_count; i++) {
		char *file = moved(store->notes[i].file, from, to);

		if (file != NULL)
			store->notes[i].file = arena_text(&store->arena, bytes_of(file));
		free(file);
	}
}

static struct store *read_copies(const struct folder *folders, size_t count, struct err *err)
{
	struct scratch scratch = { .fd = -1 };
	struct root host = { .fd = -1 };
	struct place place = { 0 };
	struct store *store = NULL;
	bool ok = root_open(NULL, &host, err) && scratch_make(&scratch, err);

	place_set(&place, "what the trust directories will be", "p11-kit");
	for (size_t i = 0; ok && i < count; i++) {
		char *name = mem_print("%zu", i), *path = mem_print("%s/%zu", scratch.path, i);

		ok = lay_folder(scratch.fd, name, &folders[i], err);
		place_add_path(&place, path);
		free(name);
		free(path);
	}
	if (ok)
		store = medium_read(&place, &host, err);
	for (size_t i = 0; store != NULL && i < count; i++)
		rename_all(store, place.paths[i], folders[i].path);
	place_done(&place);
	scratch_done(&scratch);
	root_done(&host);
	return store;
}

static struct store *read_there(const struct folder *folders, size_t count, struct err *err)
{
	struct place place = { 0 };
	struct store *store = NULL;

	place_set(&place, "trust directories", "p11-kit");
	for (size_t i = 0; i < count; i++)
		if (root_has(folders[i].root, folders[i].path))
			place_add_path(&place, folders[i].path);
	if (place.path_count > 0)
		store = medium_read(&place, folders[0].root, err);
	else
		store = store_new("no trust directory");
	place_done(&place);
	return store;
}

struct store *resulting_store(const struct folder *folders, size_t count, struct err *err)
{
	bool changed = false;
	struct store *store;

	for (size_t i = 0; i < count; i++)
		changed |= folder_changed(&folders[i]);
	store = changed ? read_copies(folders, count, err) : read_there(folders, count, err);
	for (size_t i = 0; store != NULL && i < store->note_count; i++) {
		const struct note *note = &store->notes[i];

		if (note->level != NOTE_ERROR)
			continue;
		err_set(err, ERR_DAMAGED,
			"%s: %s; what is made of the trust directories would lack it, so nothing is changed",
			note->file != NULL ? note->file : folders[0].path, note->text);
		store_free(store);
		store = NULL;
	}
	return store;
}

static int by_place(const void *a, const void *b)
{
	const struct anchor *x = *(const struct anchor *const *)a, *y = *(const struct anchor *const *)b;
	int order = strcmp(x->origin.file != NULL ? x->origin.file : "",
			   y->origin.file != NULL ? y->origin.file : "");

	if (order == 0)
		order = (x->origin.line > y->origin.line) - (x->origin.line < y->origin.line);
	return order != 0 ? order : memcmp(x->id, y->id, ID_LEN);
}

void resulting_sort(struct pick *pick)
{
	if (pick->count > 1)
		qsort(pick->anchors, pick->count, sizeof(const struct anchor *), by_place);
}
