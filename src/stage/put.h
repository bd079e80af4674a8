/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Edits that know what they replace. Each of these looks at what stands at the path,
 * adds an edit only if that is not what is wanted, and puts into it what stands
 * there (struct was). Paths are absolute in the root; a link is replaced itself, and
 * not what it points to. What is there in the wrong kind (a directory for a file)
 * is an error.
 */
#ifndef STAGE_PUT_H
#define STAGE_PUT_H

#include <stdbool.h>

#include "base/bytes.h"

struct edits;
struct err;
struct root;
struct store;
struct was;

/* What stands at the path. False: it is there and cannot be read. free() was.target. */
bool put_look(const struct root *root, const char *path, struct was *ret, struct err *err);

/* `store`: for people, or NULL. A link at the path is replaced by the file. */
bool put_file(struct edits *edits, const struct root *root, const char *store, const char *path,
	      struct bytes content, unsigned mode, struct err *err);
/*
 * The same in place of a file that the caller has read: `was` is what it read, which is not read again.
 * Whether it stands there still is looked at when the edit is performed.
 */
void put_over(struct edits *edits, const char *store, const char *path, struct bytes was,
	      struct bytes content);
bool put_link(struct edits *edits, const struct root *root, const char *store, const char *path,
	      const char *target, struct err *err);
bool put_nothing(struct edits *edits, const struct root *root, const char *store, const char *path,
		 struct err *err);

/*
 * Whether the file, of which `held` was read, may go when its last certificate does. False: it has a
 * private key too, which nobody asked to go.
 */
bool put_may_go(const struct store *held, const char *path, struct err *err);

/* The directory and those above it that are missing. */
bool put_directory(struct edits *edits, const struct root *root, const char *store, const char *path,
		   struct err *err);

#endif
