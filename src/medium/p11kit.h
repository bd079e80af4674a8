/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A path that p11-kit's trust module reads: a directory, or a file of which all
 * is an anchor. Between what the module says of it and the store: files that
 * made nothing are told, and the one file that kills the module is found by
 * reading the others without it.
 */
#ifndef MEDIUM_P11KIT_H
#define MEDIUM_P11KIT_H

#include "base/buf.h"
#include "medium/scratch.h"
#include "medium/trustdir.h"

struct token_slot;

struct trust_path {
	const struct root *root; /* borrowed, as is the path */
	const char *path;
	const char *uri; /* of the token, where it has one that others could use; borrowed; or NULL */
	bool directory;  /* `files` is meant */
	struct trustdir files;
	struct scratch copies; /* what the module is given in its place; or nothing */
	int fd;                /* what the module is given, owned unless it is the copies's; or -1 */
	struct buf records;    /* what the module said */
};

/* Looks whether it is a directory, with notes on what p11-kit will not read. */
bool trust_path_scan(struct trust_path *path, struct store *into, struct err *err);

/*
 * For a path in which a helper died: gathers what can be read without what it
 * died of, which becomes a NOTE_ERROR. False: nothing can be.
 */
bool trust_path_recover(struct trust_path *path, const struct token_slot *dead, struct store *into,
			struct err *err);

/* Lines that p11-kit printed: kept for the report of a path, or notes. */
void trust_paths_hear(struct trust_path *paths, size_t count, struct bytes said, struct store *into);

/* Records to anchors, and notes on the files that made none. */
void trust_path_store(struct trust_path *path, struct store *into);

void trust_path_done(struct trust_path *path);

#endif
