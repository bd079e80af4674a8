/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Whether others than its owner can change what a file will say: by writing
 * it, or by putting another in its place, in its directory or one above, unless the
 * sticky bit keeps them from that. Directories are those of the path as it is written; access
 * lists (ACL) count as far as the mode shows them.
 */
#ifndef MEDIUM_SHARED_H
#define MEDIUM_SHARED_H

struct root;

/* Who can, and where, as a sentence; NULL: nobody, or it cannot be told. Owned by the caller. */
char *shared_by(const struct root *root, const char *path);

#endif
