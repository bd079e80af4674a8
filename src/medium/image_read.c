/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * An archive, a package or a container image as one store: every file in it that a
 * format recognises, NSS databases and trust directories. Which of them a program uses is not asked here; to
 * read one of them, or a directory, ARCHIVE!/path names it.
 */
#include "medium/image_read.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "format/format.h"
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

/*
 * What is there of a large file around its certificates (medium/image.h): piece by
 * piece, so that memory does not hold what is not there.
 */
static bool read_pieces(struct walk *w, const char *path, int fd, struct err *err)
{
	struct buf piece = { 0 };
	off_t from = 0, to;
	bool any = false;

	while ((from = lseek(fd, from, SEEK_DATA)) >= 0 && (to = lseek(fd, from, SEEK_HOLE)) > from) {
		ssize_t n;
		size_t first = w->into->count;

		piece.len = 0;
		n = pread(fd, buf_room(&piece, (size_t)(to - from)), (size_t)(to - from), from);
		piece.len = n > 0 ? (size_t)n : 0;
		if (sniff_pem(buf_view(&piece)) < piece.len &&
		    file_read_bytes(path, buf_view(&piece), format_named("pem"), w->into, err))
			any = true;
		for (; first < w->into->count; first++)
			w->into->anchors[first].origin.line = 0; /* it would be counted from the piece */
		from = to;
	}
	buf_done(&piece);
	return any || err_set(err, ERR_UNKNOWN, "no certificate, though it has the words");
}

/* A program, source code or a document with a certificate in it: no store, and not written to be read as one.
 */
static bool read_among(struct walk *w, const char *path, struct err *err)
{
	struct store *into = w->into;
	size_t first = into->note_count, found = into->count, others;
	enum note_level level = NOTE_INFO;
	struct stat st;
	int fd = root_open_file(w->root, path, err);
	bool ok;

	if (fd < 0 || fstat(fd, &st) != 0)
		return false;
	if ((size_t)st.st_size > LIMIT_IMAGE_HEAD && st.st_blocks * 512 < st.st_size)
		ok = read_pieces(w, path, fd, err);
	else
		ok = file_read_entry(path, w->root, NULL, into, err);
	close(fd);
	found = into->count - found;
	others = into->note_count - first;
	for (size_t i = first; found > 0 && i < into->note_count; i++)
		if (into->notes[i].level == NOTE_ERROR)
			level = NOTE_WARN;
	into->note_room -= others;
	into->note_count = first;
	if (ok && found > 0 && others > 0)
		store_note_file(into, level, path, NOTE_NOWHERE,
				"%zu certificate%s among other things, and %s; read by itself it says more",
				found, found == 1 ? "" : "s",
				level == NOTE_WARN ? "what cannot be read" : "what is no part of them");
	else if (ok && others > 0)
		store_note_file(into, NOTE_INFO, path, NOTE_NOWHERE, "it has the words, and no certificate");
	return ok;
}

static void read_one(struct walk *w, const char *path)
{
	struct err err = { 0 };
	bool ok;

	w->files++;
	if (sniff_name(path))
		ok = file_read_entry(path, w->root, NULL, w->into, &err);
	else
		ok = read_among(w, path, &err);
	if (!ok)
		store_note_file(w->into, level_of(&err, path), path, NOTE_NOWHERE, "%s", err.text);
}

static bool is_other(const struct walk *w, const char *path)
{
	for (size_t i = 0; i < w->image->other_count; i++)
		if (strcmp(w->root->path, w->image->root.path) == 0 && strcmp(w->image->others[i], path) == 0)
			return true;
	return false;
}

/*
 * A directory whose files mean something together: an NSS database, or a trust
 * directory, in which some are distrusted by where they are. It is read as that, or
 * is an error: its files by themselves would say the contrary.
 */
static const struct medium *whole_medium(const struct walk *w, const char *path)
{
	const char *kind = medium_directory_kind(path, w->root);

	return strcmp(kind, "nss") == 0 ? &medium_nss : strcmp(kind, "p11-kit") == 0 ? &medium_p11kit : NULL;
}

static void read_whole(struct walk *w, const struct medium *medium, const char *path)
{
	struct place place;
	struct err err = { 0 };

	w->files++;
	place_set(&place, path, medium->kind.name);
	place_add_path(&place, path);
	if (!medium->read(&place, w->root, w->into, &err))
		store_note_file(w->into, NOTE_ERROR, path, NOTE_NOWHERE, "%s", err.text);
	place_done(&place);
}

/* Whether it was read with the directory that it is in. */
static bool part_of(const struct medium *medium, const char *name, bool directory)
{
	static const char *const trust[] = { "anchors", "blocklist", "blacklist" };
	static const char *const nss[] = { "cert9.db", "key4.db", "pkcs11.txt",
					   "cert8.db", "key3.db", "secmod.db" };
	bool is = medium == &medium_p11kit && !directory;

	for (size_t i = 0; medium == &medium_p11kit && directory && i < sizeof(trust) / sizeof(trust[0]); i++)
		is = is || strcmp(name, trust[i]) == 0;
	for (size_t i = 0; medium == &medium_nss && !directory && i < sizeof(nss) / sizeof(nss[0]); i++)
		is = is || strcmp(name, nss[i]) == 0;
	return is;
}

/* Links are passed over: what they lead to is in the image too, or it is not here. */
/* NOLINTNEXTLINE(misc-no-recursion): no deeper than what was laid out, LIMIT_IMAGE_PARTS for each archive */
static bool walk(struct walk *w, const char *path, struct err *err)
{
	const struct medium *medium = whole_medium(w, path);
	struct listing listing;

	if (!listing_read(w->root, path, &listing, err))
		return false;
	if (medium != NULL)
		read_whole(w, medium, path);
	for (size_t i = 0; i < listing.count; i++) {
		char *below = listing_path(path, listing.names[i]), *link = root_link(w->root, below);
		bool directory = link == NULL && root_is_directory(w->root, below);
		struct err one = { 0 };

		if (link != NULL || part_of(medium, listing.names[i], directory))
			;
		else if (!directory)
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
			   "%zu time%s a certificate stands in it that was listed already", copies,
			   copies == 1 ? "" : "s");
	free(again);
	free(all);
}

/* Why there is nothing, where a part could not be read. */
static bool nothing(const struct store *store, struct err *err)
{
	for (size_t i = 0; i < store->note_count; i++) {
		const struct note *note = &store->notes[i];
		const char *inner = note->file != NULL ? strchr(note->file, '!') : NULL;

		if (note->level != NOTE_ERROR)
			continue;
		err_set(err, ERR_DAMAGED, "%s", note->text);
		return inner != NULL && err_in(err, "'%s'", inner + 1);
	}
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
	if (image->files > 0)
		err_set(err, ERR_UNKNOWN, "no certificate in this archive of %zu file%s", image->files,
			image->files == 1 ? "" : "s");
	else
		err_set(err, ERR_UNKNOWN, "there is no file in this archive");
	return nothing(into, err);
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
		      const char *rest, image_reader *reader, struct store *into, struct err *err)
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
	ok = reader != NULL && reader(&inner, root, into, err);
	place_done(&inner);
	return ok;
}

/* Whether what was noted, "ARCHIVE!/b.tar", matters to who asked for one path: it is on the way there. */
static bool matters(const struct note *note, const char *archive, const char *asked)
{
	size_t len = strlen(archive), on_way;
	const char *about;

	if (note->file == NULL || strncmp(note->file, archive, len) != 0 || note->file[len] != '!')
		return note->level == NOTE_ERROR; /* about all of it */
	about = note->file + len + 1;
	on_way = strlen(about);
	return strncmp(asked, about, on_way) == 0 || strncmp(asked, about, strlen(asked)) == 0 ||
	       (note->level == NOTE_ERROR && sniff_layer(about));
}

static void keep_what_matters(struct store *store, size_t first, const char *archive, const char *asked)
{
	size_t kept = first;

	for (size_t i = first; i < store->note_count; i++)
		if (matters(&store->notes[i], archive, asked))
			store->notes[kept++] = store->notes[i];
	store->note_room -= store->note_count - kept;
	store->note_count = kept;
}

bool image_read_inside(const struct place *place, const char *archive, const char *inner,
		       const struct root *root, image_reader *reader, struct store *into, struct err *err)
{
	char *asked = mem_print("%s", inner);
	struct image_want want = { .asked = asked, .stores = true };
	struct root inside = { .fd = -1 };
	struct image image;
	size_t anchors, notes, before = into->note_count;
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
	if (want.asked != NULL)
		keep_what_matters(into, before, archive, asked);
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

static bool concerns(const struct note *note, const char *archive, const struct place *place)
{
	for (size_t i = 0; i < place->path_count; i++)
		if (matters(note, archive, place->paths[i]))
			return true;
	return false;
}

struct store *image_read_place(const struct image *image, const char *archive, const struct store *notes,
			       const struct place *place, struct err *err)
{
	struct store *store = medium_read(place, &image->root, err);

	if (store == NULL)
		return NULL;
	rename_origins(store, 0, 0, image->root.path, "/");
	for (size_t i = 0; i < notes->note_count; i++)
		if (concerns(&notes->notes[i], archive, place))
			store_note_file(store, notes->notes[i].level, notes->notes[i].file,
					notes->notes[i].at, "%s", notes->notes[i].text);
	return store;
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
