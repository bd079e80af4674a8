/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * In the process that unpacks: which files are told with their content. A file is
 * wanted by its path or its head, or as soon as a PEM certificate is met in it.
 */
#ifndef MEDIUM_UNPACK_KEEP_H
#define MEDIUM_UNPACK_KEEP_H

#include "medium/sniff.h"
#include "medium/unpack_out.h"

/* Whether the path is what was asked for, or near below it. */
bool keep_asked(const struct image_want *want, const char *full);

/* Whether what was asked for is in the archive at this path. */
bool keep_asked_inside(const struct image_want *want, const char *full);

/* One file; starts as { .u, .unit, .path, .full } and zeros. */
struct keep {
	struct unpack *u;
	uint32_t unit;
	const char *path, *full; /* in its archive, and from the top */
	bool on, all;            /* it is told; all of it, and not only what is around certificates */
	bool around;             /* it is told, and of it what is around certificates */
	bool over;               /* it is too large, and no more of it is told */
	uint64_t until, told;    /* tell up to here; the end of what was told last */
	size_t bytes;
	struct buf head; /* kept until it is known */
	uint8_t tail[SNIFF_OVERLAP];
	size_t tail_len;
};

void keep_begin(struct keep *k, struct bytes head, uint64_t size);

/* The next block, which stands `at`; `last`: there is no other. */
void keep_block(struct keep *k, struct bytes block, uint64_t at, bool last);
void keep_end(struct keep *k, uint64_t size);

#endif
