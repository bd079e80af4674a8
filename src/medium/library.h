/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * NSS's libraries, looked for in the host's library directories. They are
 * programs: loaded in the helper process only, and never out of a root.
 */
#ifndef MEDIUM_LIBRARY_H
#define MEDIUM_LIBRARY_H

#include <stdbool.h>

/* The path of the first `name` ("libsoftokn3.so") that fits; NULL: there is none. Owned by the caller. */
char *library_find(const char *name);

/*
 * Whether the file at this path of the host is, behind all links, one of that name
 * ("libsoftokn3.so", "libsoftokn3-1.so"), and made for the machine that this
 * program is made for.
 */
bool library_fits(const char *path, const char *name);

#endif
