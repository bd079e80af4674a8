/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Writes tar archives of the ustar kind (POSIX.1-1988): plain files of ours, with short
 * names and mode 0600. No owners, links or directories; larger files and longer names,
 * for which tar has extensions, are refused. Nothing is read: that is libarchive's.
 */
#ifndef FORMAT_USTAR_H
#define FORMAT_USTAR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

struct err;

/* Appends one file. `at`: its time, in seconds. `to` is untouched on failure. */
bool ustar_file(const char *name, struct bytes content, int64_t at, struct buf *to, struct err *err);
/* What stands behind the last. */
void ustar_end(struct buf *to);

#endif
