/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The files in /usr/local/share/ca-certificates that count, in the order of their
 * paths' bytes, as `find -L … | sort` has them; what lies there and does not count is
 * noted. Opens directories only.
 */
#ifndef STAGE_CALOCAL_H
#define STAGE_CALOCAL_H

#include <stdbool.h>
#include <stddef.h>

struct err;
struct root;
struct texts;

struct calocal {
	struct calocal_file {
		char *path;  /* owned */
		bool linked; /* a directory on the way is a symbolic link */
	} * all;
	size_t count;
};

/* `deep`: Debian's way, *.crt in all directories; else Alpine's, all files that are not hidden. A missing
 * directory is empty. */
bool calocal_find(const struct root *root, bool deep, struct calocal *ret, struct texts *notes,
		  struct err *err);
void calocal_done(struct calocal *local);

#endif
