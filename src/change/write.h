/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The steps of writing that exports and changes share: a file is made under a name
 * of its own beside its target, filled, synced. All paths are resolved inside the root;
 * names are in an open directory. Errors are told with the name and errno.
 */
#ifndef CHANGE_WRITE_H
#define CHANGE_WRITE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"

struct err;
struct root;

/* Longer than any name that is made here. */
enum { WRITE_NAME = 64 };

/* "cannot WHAT 'NAME': " and errno, which stays as it was. Always false. */
bool write_failed(struct err *err, const char *what, const char *name);

/* Splits a path into its directory, which is opened inside the root, and its last name. -1, and errno. */
int write_parent(const struct root *root, const char *path, const char **ret_name, struct err *err);

/* A name nobody else uses, for what becomes the target in a moment. */
void write_temporary_name(char ret[WRITE_NAME]);

/* Creates a file nobody else uses; -1, and an empty name. */
int write_temporary(int dir, char ret_name[WRITE_NAME]);

/* Creates `name` anew, close-on-exec; what is there is not followed and not replaced. */
int write_create(int dir, const char *name, unsigned mode);

/* All of the content; `name` is for errors. The second closes the descriptor in any case. */
bool write_all(int fd, const char *name, struct bytes content, struct err *err);
bool write_and_close(int fd, const char *name, struct bytes content, struct err *err);

/* Puts the content of `name` on the disk; errors call it `as`. */
bool write_sync_file(int dir, const char *name, const char *as, struct err *err);
bool write_sync_directory(int dir, struct err *err);

/*
 * Syncing many files one by one costs a cache flush for each (20 ms for 144); one
 * syncfs(2) covers them all (5 ms), and more than ours: it is worth it beyond so many.
 */
enum { WRITE_FEW = 8 };

#endif
