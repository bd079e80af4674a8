/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * An edit is a deed that has not been done: one file, link or removal.
 * A medium stages edits; only change/ performs them.
 */
#ifndef MODEL_EDIT_H
#define MODEL_EDIT_H

#include "base/buf.h"

enum edit_kind {
	EDIT_FILE,   /* the whole content */
	EDIT_LINK,   /* a symbolic link */
	EDIT_REMOVE, /* a file or link */
};

struct edit {
	enum edit_kind kind;
	char *path;         /* owned */
	struct buf content; /* of EDIT_FILE */
	char *target;       /* of EDIT_LINK, owned */
};

struct edits {
	struct edit *all; /* owned, in the order in which they are done */
	size_t count;
};

/* A new edit at the end, valid until the next. The path is copied. */
struct edit *edits_add(struct edits *edits, enum edit_kind kind, const char *path);
void edits_done(struct edits *edits);

#endif
