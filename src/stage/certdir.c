/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "stage/certdir.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/root.h"
#include "format/format.h"
#include "medium/medium.h"
#include "model/anchor.h"
#include "model/edit.h"
#include "model/pick.h"
#include "model/place.h"
#include "model/request.h"
#include "stage/checked.h"
#include "stage/put.h"

static bool ends(const char *name, const char *suffix)
{
	size_t len = strlen(name), n = strlen(suffix);

	return len > n && strcmp(name + len - n, suffix) == 0;
}

void certdir_done(struct certdir *dir)
{
	for (size_t i = 0; i < dir->count; i++) {
		free(dir->files[i].path);
		store_free(dir->files[i].store);
	}
	free(dir->files);
	listing_done(&dir->names);
}

static bool read_file(struct certdir *dir, const char *name, struct err *err)
{
	char *path = listing_path(dir->path, name);
	struct place place;
	struct store *store;

	place_set(&place, path, "pem");
	place_add_path(&place, path);
	store = medium_read(&place, dir->root, err);
	place_done(&place);
	if (store == NULL) {
		free(path);
		return false;
	}
	dir->files = mem_grow(dir->files, dir->count, sizeof(*dir->files));
	dir->files[dir->count++] = (struct certdir_file){ path, store };
	return true;
}

bool certdir_read(struct certdir *dir, struct err *err)
{
	if (!root_is_directory(dir->root, dir->path))
		return !root_has(dir->root, dir->path) ||
		       err_set(err, ERR_UNSUPPORTED, "'%s' is no directory, which it has to be", dir->path);
	if (!listing_read(dir->root, dir->path, &dir->names, err))
		return err_in(err, "%s", dir->path);
	for (size_t i = 0; i < dir->names.count; i++)
		if (ends(dir->names.names[i], dir->suffix) && !read_file(dir, dir->names.names[i], err))
			return false;
	return true;
}

const struct anchor *certdir_find(const struct certdir *dir, const uint8_t id[ID_LEN])
{
	const struct anchor *ret = NULL;

	for (size_t i = 0; i < dir->count && ret == NULL; i++)
		ret = store_find(dir->files[i].store, id);
	return ret;
}

/* Letters, digits, and what file names have besides; no more of it than a file name may have. */
static char *stem_of(const char *prefix, const struct anchor *anchor)
{
	enum { MOST = 100 };
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_";
	struct buf name = { 0 };

	if (prefix != NULL)
		buf_text(&name, prefix);
	anchor_name(anchor, &name);
	if (name.len > MOST)
		name.len = MOST;
	for (size_t i = 0; i < name.len; i++) {
		uint8_t c = name.at[i];

		if (c == '\0' || strchr(plain, c) == NULL || (i == 0 && (c == '.' || c == '-')))
			name.at[i] = '_';
	}
	buf_byte(&name, '\0');
	return (char *)name.at;
}

/* A path that neither the directory nor an edit has. */
static char *free_path(const struct certdir *dir, const char *prefix, const struct anchor *anchor,
		       const struct edits *edits)
{
	char *stem = stem_of(prefix, anchor), *ret = mem_print("%s/%s%s", dir->path, stem, dir->suffix);

	for (unsigned i = 2; root_has(dir->root, ret) || edits_find(edits, ret) != NULL; i++) {
		free(ret);
		ret = mem_print("%s/%s-%u%s", dir->path, stem, i, dir->suffix);
	}
	free(stem);
	return ret;
}

bool certdir_add(const struct certdir *dir, const char *prefix, const struct anchor *anchor, int64_t at,
		 struct edits *edits, char **ret_path, struct err *err)
{
	struct pick pick = { .anchors = &anchor, .count = 1 };
	struct style style = { .at = at };
	char *path = free_path(dir, prefix, anchor, edits);
	struct buf text = { 0 };
	bool ok = put_directory(edits, dir->root, dir->store, dir->path, err) &&
		  checked_write(&format_pem, &pick, &style, &text, err) &&
		  put_file(edits, dir->root, dir->store, path, buf_view(&text), 0644, err);

	buf_done(&text);
	if (ok)
		*ret_path = path;
	else
		free(path);
	return ok;
}

/* Some of several in a file: the others stay as they stand there. */
static bool take_out(const struct certdir *dir, const struct certdir_file *file,
		     const struct requests *requests, int64_t at, struct edits *edits, struct err *err)
{
	struct amend_terms terms = { .at = at };
	bool *done = mem_zero((requests->count + 1) * sizeof(*done)), ok;
	struct buf was = { 0 }, text = { 0 };

	ok = root_read(dir->root, file->path, &was, err) &&
	     format_pem.amend(buf_view(&was), requests, &terms, done, &text, err) &&
	     put_file(edits, dir->root, dir->store, file->path, buf_view(&text), 0644, err);
	buf_done(&was);
	buf_done(&text);
	free(done);
	return ok || err_in(err, "%s", file->path);
}

static bool drop_from(const struct certdir *dir, const struct certdir_file *file,
		      const struct requests *requests, int64_t at, struct edits *edits, struct err *err)
{
	struct requests out = { 0 };
	bool ok = true;

	for (size_t i = 0; i < requests->count; i++) {
		const struct request *request = &requests->all[i];

		if ((request->kind == REQUEST_REMOVE || request->kind == REQUEST_DISTRUST) &&
		    store_find(file->store, request->anchor->id) != NULL)
			requests_add(&out, REQUEST_REMOVE, request->anchor);
	}
	if (out.count > 0 && out.count >= file->store->count)
		ok = put_may_go(file->store, file->path, err) &&
		     put_nothing(edits, dir->root, dir->store, file->path, err);
	else if (out.count > 0)
		ok = take_out(dir, file, &out, at, edits, err);
	requests_done(&out);
	return ok;
}

bool certdir_drop(const struct certdir *dir, const struct requests *requests, int64_t at, struct edits *edits,
		  struct err *err)
{
	bool ok = true;

	for (size_t i = 0; ok && i < dir->count; i++)
		ok = drop_from(dir, &dir->files[i], requests, at, edits, err);
	return ok;
}
