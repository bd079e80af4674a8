/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The names in one directory, sorted by bytes, so that a store reads the same everywhere. */
#ifndef MEDIUM_LISTING_H
#define MEDIUM_LISTING_H

#include <stdbool.h>
#include <stddef.h>

struct err;
struct root;

struct listing {
	char **names; /* owned; without "." and ".." */
	size_t count;
};

/* False: it is no directory, cannot be read, or has more than LIMIT_DIRECTORY_ENTRIES. */
bool listing_read(const struct root *root, const char *path, struct listing *ret, struct err *err);
void listing_done(struct listing *listing);

/* "path/name"; free() it. */
char *listing_path(const char *path, const char *name);

#endif
