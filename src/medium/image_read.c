/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * An archive, a package or a container image as one store: every file in it that a
 * format recognises. Which of them a program uses is not asked here; to read one
 * of them, or a directory, ARCHIVE!/path names it.
 */
#include "medium/image_read.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "medium/file.h"
#include "medium/image.h"
#include "medium/listing.h"
#include "medium/sniff.h"
#include "model/place.h"
#include "model/store.h"

struct walk {
	const struct root *root;
	const struct image *image;
	struct store *into;
	size_t files;
};

static enum note_level level_of(const struct err *err, const char *path)
{
	if (err->code == ERR_SYSTEM || err->code == ERR_LIMIT)
		return NOTE_ERROR;
	return err->code == ERR_DAMAGED && sniff_name(path) ? NOTE_ERROR : NOTE_INFO;
}

static void read_one(struct walk *w, const char *path)
{
	size_t notes = w->into->note_count;
	struct err err = { 0 };

	w->files++;
	if (!file_read_entry(path, w->root, NULL, w->into, &err))
		store_note_file(w->into, level_of(&err, path), path, NOTE_NOWHERE, "%s", err.text);
	/* Source code and documents with a certificate in them: not meant to be read as a store. */
	for (; !sniff_name(path) && notes < w->into->note_count; notes++)
		if (w->into->notes[notes].level == NOTE_WARN)
			w->into->notes[notes].level = NOTE_INFO;
}

static bool is_other(const struct walk *w, const char *path)
{
	for (size_t i = 0; i < w->image->other_count; i++)
		if (w->root->fd == w->image->root.fd && strcmp(w->image->others[i], path) == 0)
			return true;
	return false;
}

/* Links are passed over: what they lead to is in the image too, or it is not here. */
static bool walk(struct walk *w, const char *path, struct err *err)
{
	struct listing listing;

	if (!listing_read(w->root, path, &listing, err))
		return false;
	for (size_t i = 0; i < listing.count; i++) {
		char *below = listing_path(path, listing.names[i]), *link = root_link(w->root, below);
		struct err one = { 0 };

		if (link != NULL)
			;
		else if (!root_is_directory(w->root, below))
			read_one(w, below);
		else if (!is_other(w, below) && !walk(w, below, &one))
			store_note_file(w->into, NOTE_ERROR, below, NOTE_NOWHERE, "%s", one.text);
		free(link);
		free(below);
	}
	listing_done(&listing);
	return true;
}

static bool says_the_same(const struct anchor *a, const struct anchor *b)
{
	return a->trusted == b->trusted && a->distrusted == b->distrusted && b->attached_count == 0 &&
	       memcmp(a->distrust_after, b->distrust_after, sizeof(a->distrust_after)) == 0;
}

/* A bundle, the files it is made of, and what was made from it: the first of a certificate is enough. */
static void drop_copies(struct store *into, size_t first)
{
	const struct anchor **all = store_by_id(into);
	bool *again = mem_zero((into->count + 1) * sizeof(*again));
	size_t kept = first, copies = 0;

	for (size_t i = 0, next; i < into->count; i = next)
		for (next = i + 1; next < into->count && memcmp(all[next]->id, all[i]->id, ID_LEN) == 0;
		     next++)
			if (says_the_same(all[i], all[next]))
				again[all[next] - into->anchors] = true;
	for (size_t i = first; i < into->count; i++) {
		copies += again[i];
		if (!again[i])
			into->anchors[kept++] = into->anchors[i];
	}
	into->count = kept;
	if (copies > 0)
		store_note(into, NOTE_INFO, NOTE_NOWHERE,
			   "%zu certificates stand in it more than once and are listed by the first file",
			   copies);
	free(again);
	free(all);
}

/* Why there is nothing, where a part could not be read. */
static bool nothing(const struct store *store, struct err *err)
{
	for (size_t i = 0; i < store->note_count; i++)
		if (store->notes[i].level == NOTE_ERROR)
			return err_set(err, ERR_DAMAGED, "not all of it can be read: %s",
				       store->notes[i].text);
	return false;
}

static bool read_all(const struct image *image, const struct root *root, const char *path, struct store *into,
		     struct err *err)
{
	struct walk w = { .root = root, .image = image, .into = into };
	size_t first = into->count;

	into->kind = &medium_image.kind;
	if (into->how == NULL)
		into->how = image->system ? "every certificate file of a whole system, whatever uses it"
					  : "every certificate file in it";
	if (!walk(&w, path, err))
		return false;
	drop_copies(into, first);
	if (into->count > first)
		return true;
	err_set(err, ERR_UNKNOWN, "no certificate in this archive of %zu file%s", image->files,
		image->files == 1 ? "" : "s");
	nothing(into, err);
	return false;
}

/* --- a path inside --- */

/* The last archive within the image that the path goes through becomes the root: its links start there. */
static bool enter(const struct image *image, const char *inner, struct root *ret, const char **ret_rest,
		  struct err *err)
{
	size_t len = strlen(inner);

	*ret = (struct root){ .fd = fcntl(image->root.fd, F_DUPFD_CLOEXEC, 0),
			      .path = mem_print("%s", image->root.path) };
	*ret_rest = inner;
	for (; len > 0 && ret->fd >= 0; len--) {
		char *path;
		int fd = -1;

		if (inner[len - 1] != '!' || (inner[len] != '/' && inner[len] != '\0'))
			continue;
		path = mem_string(inner, len);
		if (root_is_directory(&image->root, path))
			fd = root_open_at(&image->root, path, O_PATH | O_DIRECTORY);
		if (fd >= 0) {
			root_done(ret);
			*ret = (struct root){ .fd = fd, .path = mem_print("%s%s", image->root.path, path) };
			*ret_rest = inner[len] != '\0' ? inner + len : "/";
		}
		free(path);
		if (fd >= 0)
			break;
	}
	return ret->fd >= 0 || err_set(err, ERR_SYSTEM, "%s", strerror(errno));
}

/* What was read has paths in the image; the user's begin with the archive's. */
static void rename_origins(struct store *store, size_t anchors, size_t notes, const char *in,
			   const char *inner)
{
	size_t len = strlen(inner);
	char *whole;

	for (; anchors < store->count; anchors++) {
		struct origin *origin = &store->anchors[anchors].origin;

		if (origin->file == NULL || strncmp(origin->file, inner, len) != 0)
			continue;
		whole = mem_print("%s%s", in, origin->file);
		origin->file = arena_text(&store->arena, bytes_of(whole));
		free(whole);
	}
	for (; notes < store->note_count; notes++) {
		struct note *note = &store->notes[notes];

		if (note->file == NULL || strncmp(note->file, inner, len) != 0)
			continue;
		whole = mem_print("%s%s", in, note->file);
		note->file = arena_text(&store->arena, bytes_of(whole));
		free(whole);
	}
}

/* Whether it is an archive in the archive, which is a folder with the mark. */
static bool is_archive(const struct root *root, const char *path, char **ret_folder)
{
	char *folder = mem_print("%s!", path);

	*ret_folder = folder;
	if (root_is_directory(root, folder))
		return true;
	free(folder);
	*ret_folder = NULL;
	return false;
}

static bool nothing_at(const struct store *into, struct err *err)
{
	err_set(err, ERR_ABSENT, "there is no such file in it");
	return nothing(into, err);
}

static bool read_rest(const struct place *place, const struct image *image, const struct root *root,
		      const char *rest, image_reader reader, struct store *into, struct err *err)
{
	struct place inner;
	bool all = place->kind == NULL || strcmp(place->kind, medium_image.kind.name) == 0, ok;
	char *folder = NULL;

	if (all && rest[strspn(rest, "/")] == '\0')
		return read_all(image, root, "/", into, err);
	if (all && is_archive(root, rest, &folder)) {
		ok = read_all(image, root, folder, into, err);
		free(folder);
		return ok;
	}
	if (image->odd != NULL)
		return err_set(err, ERR_UNSUPPORTED, "%s; it is not read", image->odd);
	if (!root_has(root, rest))
		return nothing_at(into, err);
	place_set(&inner, place->name, place->kind);
	place_add_path(&inner, rest);
	ok = reader(&inner, root, into, err);
	place_done(&inner);
	return ok;
}

bool image_read_inside(const struct place *place, const char *archive, const char *inner,
		       const struct root *root, image_reader reader, struct store *into, struct err *err)
{
	char *asked = mem_print("%s", inner);
	struct image_want want = { .asked = asked, .stores = true };
	struct root inside = { .fd = -1 };
	struct image image;
	size_t anchors, notes;
	const char *rest = inner;
	bool ok = false;

	for (size_t len = strlen(asked); len > 0 && asked[len - 1] == '/'; len--)
		asked[len - 1] = '\0';
	if (asked[0] == '\0')
		want.asked = NULL;
	if (!image_open(root, archive, &want, into, &image, err)) {
		free(asked);
		return false;
	}
	anchors = into->count;
	notes = into->note_count;
	if (enter(&image, inner, &inside, &rest, err))
		ok = read_rest(place, &image, &inside, rest, reader, into, err);
	rename_origins(into, anchors, notes, inside.path, "/");
	root_done(&inside);
	image_done(&image);
	free(asked);
	return ok;
}

static bool image_read(const struct place *place, const struct root *root, struct store *into,
		       struct err *err)
{
	return image_read_inside(place, place->paths[0], "/", root, NULL, into, err);
}

const struct medium medium_image = {
	.kind = { "image", "package, archive or container image", CAN_ALL },
	.read = image_read,
};
