/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads the table of known-bad certificates and keys (model/known.h) that comes with the program. */
#ifndef FIND_KNOWN_H
#define FIND_KNOWN_H

#include <stdbool.h>

struct err;
struct known;
struct store;

/*
 * The file of the host `path`; NULL: the one that is installed or lies in the build tree. Where none of the
 * certificates of `about` is in it, nor its key, it is left unread, and *ret has no rows; NULL: it is read.
 */
bool known_load(const char *path, const struct store *about, struct known *ret, struct err *err);

#endif
