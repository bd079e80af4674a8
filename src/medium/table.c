/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "medium/medium.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/root.h"
#include "format/format.h"
#include "medium/file.h"
#include "medium/image.h"
#include "medium/image_read.h"
#include "medium/listing.h"
#include "medium/locate.h"
#include "model/hashlink.h"
#include "model/place.h"
#include "model/store.h"

const struct medium *const media[] = {
	&medium_dir,    &medium_hashdir, &medium_image,  &medium_nss,
	&medium_p11kit, &medium_pkcs11,  &medium_policy, NULL,
};

static const struct medium *medium_named(const char *name)
{
	for (size_t i = 0; media[i] != NULL; i++)
		if (strcmp(media[i]->kind.name, name) == 0)
			return media[i];
	return NULL;
}

const struct kind *medium_kind(unsigned index)
{
	unsigned count = 0;

	for (size_t i = 0; media[i] != NULL; i++)
		if (media[i]->kind.brief != NULL && count++ == index)
			return &media[i]->kind;
	for (size_t i = 0; formats[i] != NULL; i++)
		if (count++ == index)
			return &formats[i]->kind;
	return NULL;
}

static bool trust_name(const char *name)
{
	const char *dot = strrchr(name, '.');

	return strcmp(name, "anchors") == 0 || strcmp(name, "blocklist") == 0 ||
	       strcmp(name, "blacklist") == 0 || (dot != NULL && strcmp(dot, ".p11-kit") == 0);
}

/* cert8.db is no longer read, but to say so is the medium's. */
static bool nss_name(const char *name)
{
	return strcmp(name, "cert9.db") == 0 || strcmp(name, "cert8.db") == 0;
}

const char *medium_directory_kind(const char *path, const struct root *root)
{
	struct listing listing;
	struct err err = { 0 };
	const char *kind = "dir";

	if (!listing_read(root, path, &listing, &err))
		return kind;
	for (size_t i = 0; i < listing.count; i++) {
		if (nss_name(listing.names[i])) {
			kind = "nss";
			break;
		}
		if (trust_name(listing.names[i])) {
			kind = "p11-kit";
			break;
		}
		if (hashlink_is(listing.names[i]))
			kind = "hashdir";
	}
	listing_done(&listing);
	return kind;
}

/* What only its name tells: SQLite files are many, and so are the files of dbm. */
static const char *file_kind(const char *path)
{
	const char *slash = strrchr(path, '/');

	return nss_name(slash != NULL ? slash + 1 : path) ? "nss" : NULL;
}

/* Whether something was stepped over that should have been there. */
static bool warned(const struct store *store)
{
	for (size_t i = 0; i < store->note_count; i++)
		if (store->notes[i].level >= NOTE_WARN)
			return true;
	return false;
}

static bool read_place(const struct place *place, const struct root *root, struct store *into,
		       struct err *err)
{
	const char *kind = place->kind;
	const struct medium *medium;
	char *archive, *inner;
	bool ok;

	if (image_split(root, place->paths[0], &archive, &inner)) {
		ok = image_read_inside(place, archive, inner, root, read_place, into, err);
		free(archive);
		free(inner);
		return ok;
	}
	if (kind == NULL && image_is(root, place->paths[0]))
		kind = medium_image.kind.name;
	if (kind == NULL && root_is_directory(root, place->paths[0]))
		kind = medium_directory_kind(place->paths[0], root);
	else if (kind == NULL)
		kind = file_kind(place->paths[0]);
	medium = kind != NULL ? medium_named(kind) : NULL;
	if (medium != NULL) {
		into->kind = &medium->kind;
		if (!medium->read(place, root, into, err))
			return false;
		if (medium->no_lines)
			locate_lines(into, root);
		return true;
	}
	if (!file_read(place->paths[0], root, kind != NULL ? format_named(kind) : NULL, into, err))
		return false;
	if (into->count == 0 && into->part_count == 0 && warned(into))
		store_note_file(into, NOTE_ERROR, place->paths[0], NOTE_NOWHERE,
				"nothing of it could be read as an anchor");
	return true;
}

struct store *medium_read(const struct place *place, const struct root *root, struct err *err)
{
	struct store *store = store_new(place->name);

	if (place->how != NULL)
		store->how = arena_text(&store->arena, bytes_of(place->how));
	if (!read_place(place, root, store, err)) {
		err_in(err, "%s", strcmp(place->name, "-") == 0 ? "standard input" : place->name);
		store_free(store);
		return NULL;
	}
	store_finish(store);
	return store;
}
