/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * An edit is a deed that has not been done: a file, a link, a removal, a directory,
 * or a program that is run when all else is in place. stage/ makes edits; only
 * change/ performs them. An export's paths are relative to its target; those of a
 * change are absolute, in the root.
 */
#ifndef MODEL_EDIT_H
#define MODEL_EDIT_H

#include "base/buf.h"
#include "model/stand.h"

enum edit_kind {
	EDIT_FILE,      /* the whole content */
	EDIT_LINK,      /* a symbolic link */
	EDIT_REMOVE,    /* a file or link; a directory (was.kind), unless something is in it */
	EDIT_DIRECTORY, /* a directory that is not there */
	EDIT_RUN,       /* a program of the distribution that must hear of the change; on the host only */
};
extern const char *const edit_deeds[]; /* what is done: "write", "link", "remove", "directory", "run" */

struct edit {
	enum edit_kind kind;
	char *path;         /* owned; of EDIT_RUN the program */
	struct buf content; /* of EDIT_FILE; of EDIT_RUN its standard input */
	struct buf undo;    /* of EDIT_RUN: its standard input when the change is taken back */
	char *target;       /* of EDIT_LINK, owned */
	struct was was;     /* what stood there when it was staged, and must still when it is done */
	unsigned mode;      /* of a new file or directory; 0: 0644, 0755. What is replaced keeps its own */
	struct stand *as;   /* owned or NULL: owner, mode, times and attributes, whatever stands there */
	bool database;      /* SQLite: its locks are taken, and nobody may have it open */
	char *store;        /* owned or NULL: the place that it belongs to, for people */
};

struct edits {
	struct edit *all; /* owned, in the order in which they are done */
	size_t count;
};

/* A new edit at the end, valid until the next. The path is copied, without "//", "/./" and "/" at its end. */
struct edit *edits_add(struct edits *edits, enum edit_kind kind, const char *path);
struct edit *edits_find(const struct edits *edits, const char *path); /* the last for this path, or NULL */
void edits_drop(struct edits *edits, size_t index);
void edits_done(struct edits *edits);

#endif
