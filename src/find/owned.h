/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Whether a file is a package's store that is written anew on each upgrade, by the
 * patterns of sites.conf(5) alone: nothing is searched, so that it is asked before every
 * change. Wherever the software lies, what is below its directory is known.
 */
#ifndef FIND_OWNED_H
#define FIND_OWNED_H

struct site;
struct sites;

/* The row with `write = overlay` to whose files the path belongs; NULL: none. */
const struct site *owned_by(const struct sites *sites, const char *path);

#endif
