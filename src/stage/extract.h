/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a system makes of its trust directories for programs that do not ask p11-kit:
 * bundles, hashed directories and key stores, each a row, as the system's own tool
 * makes them by `trust extract`. A file that says the same as what would be written
 * is left as it stands, whatever order it has or time it tells.
 */
#ifndef STAGE_EXTRACT_H
#define STAGE_EXTRACT_H

#include <stdbool.h>

#include "model/pick.h"

struct err;
struct root;
struct staged;
struct store;
struct terms;

enum { EXTRACT_ANY = -1, EXTRACT_LINKS = 2 };

struct extract_row {
	const char *path;   /* of a file or directory */
	const char *output; /* a name of outputs[] */
	enum filter filter;
	int purpose; /* enum purpose, or EXTRACT_ANY */
	bool comments;
	const char *head; /* text in front of a bundle; or NULL */
	/* In a directory: links that stand beside the certificates. */
	struct extract_link {
		const char *name, *target;
	} links[EXTRACT_LINKS];
	/* Another directory, with a link to each link (and, unless hash links only, each file) of this one.
	 */
	const char *mirror; /* or NULL */
	const char *back;   /* how its links lead to this one */
	bool hashes_only;   /* and only where it has such links already */
};

/*
 * Ends with a row without a path. `script`: the system's tool, whose releases differ in what they make: what
 * is not there and not named in it is not made. NULL: all is made.
 */
struct extract {
	const struct extract_row *rows;
	const char *script;
};

/* Adds the edits, and every file and directory that programs read. `store`: as resulting_store(). */
bool extract_stage(const struct extract *extract, const struct root *root, const char *name,
		   const struct store *store, const struct terms *terms, struct staged *staged,
		   struct err *err);

#endif
