/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One file, whatever its format: the step that every medium with files shares.
 */
#ifndef MEDIUM_FILE_H
#define MEDIUM_FILE_H

#include "base/bytes.h"

struct err;
struct format;
struct root;
struct store;

/*
 * Reads `path` ("-": standard input) into the store, by `format` or, where that
 * is NULL, by what its bytes look like. New anchors and notes get the path as
 * their file. False: nothing of it could be read; err leaves the path to the caller.
 */
bool file_read(const char *path, const struct root *root, const struct format *format, struct store *into,
	       struct err *err);

/* The same for an entry of a directory, where nobody meant a pipe or a device to be read. */
bool file_read_entry(const char *path, const struct root *root, const struct format *format,
		     struct store *into, struct err *err);

/* The same for bytes that are at hand already. */
bool file_read_bytes(const char *path, struct bytes bytes, const struct format *format, struct store *into,
		     struct err *err);

#endif
