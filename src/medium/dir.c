/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A directory in which every file holds certificates: /usr/local/share/ca-certificates,
 * a certs.d folder, an exported pem-directory. Not recursive: a directory below
 * it is noted. A certificate reached by two names is one anchor.
 */
#include <stdlib.h>
#include <strings.h>

#include "base/err.h"
#include "base/root.h"
#include "medium/file.h"
#include "medium/listing.h"
#include "medium/medium.h"
#include "model/place.h"
#include "model/store.h"

/* Whether a file is called what certificate files are called, so that it not being one is worth a warning. */
static bool certificate_name(const char *name)
{
	static const char *const suffixes[] = { ".crt", ".cer", ".pem", ".der", ".p7b", ".p7c", ".p11-kit" };
	const char *dot = strrchr(name, '.');

	for (size_t i = 0; dot != NULL && i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
		if (strcasecmp(dot, suffixes[i]) == 0)
			return true;
	return false;
}

static enum note_level level_of(const struct err *err, const char *name)
{
	if (err->code == ERR_SYSTEM || err->code == ERR_LIMIT || err->code == ERR_DAMAGED)
		return NOTE_ERROR;
	return err->code == ERR_UNKNOWN && !certificate_name(name) ? NOTE_INFO : NOTE_WARN;
}

static bool dir_read(const struct place *place, const struct root *root, struct store *into, struct err *err)
{
	struct listing listing;
	const char *dir = place->paths[0];
	size_t files = 0, count;

	if (!listing_read(root, dir, &listing, err))
		return false;
	for (size_t i = 0; i < listing.count; i++) {
		char *path = listing_path(dir, listing.names[i]);
		struct err one = { 0 };

		if (root_is_directory(root, path)) {
			store_note_file(into, NOTE_INFO, path, NOTE_NOWHERE,
					"a directory; it is not looked into");
		} else {
			files++;
			if (!file_read_entry(path, root, NULL, into, &one))
				store_note_file(into, level_of(&one, listing.names[i]), path, NOTE_NOWHERE,
						"%s", one.text);
		}
		free(path);
	}
	count = listing.count;
	listing_done(&listing);
	if (into->count > 0 || store_incomplete(into))
		return true;
	if (files > 0)
		return err_set(err, ERR_UNKNOWN, "no certificate in this directory of %zu file%s", files,
			       files == 1 ? "" : "s");
	if (count > 0)
		return err_set(
			err, ERR_UNKNOWN,
			"only directories are in this one, and they are not looked into; name one of them");
	store_note(into, NOTE_WARN, NOTE_NOWHERE, "an empty directory");
	return true;
}

const struct medium medium_dir = {
	.kind = { "dir", "directory of certificate files", CAN_MANY },
	.read = dir_read,
};
