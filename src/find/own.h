/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The program's own data files: installed, or beside it if it was not installed, as then they are of the same
 * build. */
#ifndef FIND_OWN_H
#define FIND_OWN_H

#include <stdbool.h>

#include "base/bytes.h"

struct store;

/* Where "data/NAME" lies beside the program, else `installed`; on the host. Owned by the caller. */
char *own_path(const char *name, const char *installed);

/*
 * Whether a table of ours has something to say of one of these: certificates and keys stand in it by their
 * SHA-256, in small hex digits. To look for them is much quicker than to read the table.
 */
bool own_names(struct bytes table, const struct store *certificates);

#endif
