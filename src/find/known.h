/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads the table of known-bad certificates and keys (model/known.h) that comes with the program. */
#ifndef FIND_KNOWN_H
#define FIND_KNOWN_H

#include <stdbool.h>

struct err;
struct known;

/* The file of the host `path`; NULL: the one that is installed or lies in the build tree. */
bool known_load(const char *path, struct known *ret, struct err *err);

#endif
