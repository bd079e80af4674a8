/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Writes exports. Each file is made beside its target, gets the owner,
 * mode and extended attributes of what it replaces, is synced, renamed over it,
 * and the directory is synced; a reader sees the old or the new, never between.
 * A new directory is made whole under another name and then renamed; in a
 * directory that was there nothing is exchanged before every new file is on the
 * disk, then each by itself, stale ones last. All paths are resolved inside the root.
 * SIGINT, SIGTERM and SIGHUP wait until all is done.
 *
 * No journal: this serves exports, whose target is no system's store.
 */
#ifndef CHANGE_REPLACE_H
#define CHANGE_REPLACE_H

#include <stdbool.h>

#include "base/bytes.h"

struct edits;
struct err;
struct root;

/* False without `overwrite` if something is there (ERR_USAGE). */
bool replace_file(const struct root *root, const char *path, struct bytes content, bool overwrite,
		  struct err *err);

/* Edits with names relative to the directory `path`, none with a slash. */
bool replace_directory(const struct root *root, const char *path, const struct edits *edits, bool overwrite,
		       struct err *err);

#endif
