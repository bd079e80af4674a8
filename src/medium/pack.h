/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Archives of our own: files in a tar. They are written here, and read by libarchive in
 * the helper process (medium/helper.h), sealed, with bytes in and bytes out. Names are
 * kept as they are; owner, mode and links are nothing that it knows. What is read may be
 * anybody's: it is within the limits it is given, and its answer is checked.
 */
#ifndef MEDIUM_PACK_H
#define MEDIUM_PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct err;

struct packed {
	char *name; /* owned */
	struct buf content;
};

struct pack {
	struct packed *all; /* owned */
	size_t count;
};

/* A new one at the end, valid until the next. */
struct packed *pack_add(struct pack *pack, const char *name);
const struct packed *pack_find(const struct pack *pack, const char *name); /* the first, or NULL */
void pack_done(struct pack *pack);

/* Appends a file to the archive `to`, or what stands behind the last. `at`: its time, in seconds. */
bool pack_file(const char *name, struct bytes content, int64_t at, struct buf *to, struct err *err);
void pack_end(struct buf *to);

/* One archive of several that are read by one helper. */
struct pack_source {
	int fd;          /* borrowed; from 3 on; read from where it stands */
	struct pack got; /* regular files, in their order; pack_done() */
	char *damage;    /* owned; why it could not be read, or NULL */
};

/*
 * Up to `most` files of each, up to LIMIT_HISTORY_ENTRY bytes of all together. What is damaged
 * is said in its row; false: nothing could be read.
 */
bool pack_read(struct pack_source *all, size_t count, size_t most, struct err *err);

#endif
