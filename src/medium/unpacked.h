/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the process that unpacks told (medium/unpack.h): for each archive a log of
 * its entries in their order, and the content of those that were wanted in
 * numbered files of a directory.
 */
#ifndef MEDIUM_UNPACKED_H
#define MEDIUM_UNPACKED_H

#include "base/arena.h"
#include "medium/unpack.h"

struct err;
struct store;

struct unpacked_entry {
	enum unpack_type type; /* _OTHER to _FILE, or _UNIT */
	bool wanted;           /* of a directory */
	const char *path, *target;
	uint32_t stage; /* of _FILE: the name of its content, as a number */
	uint32_t unit;  /* of _UNIT */
};

struct unpacked_unit {
	struct unpacked_entry *all;
	size_t count;
};

struct unpacked {
	struct arena arena; /* owns the strings */
	struct unpacked_unit *units;
	size_t unit_count, entries, files;
	int stage; /* the directory, borrowed */
	uint32_t stages;
	uint64_t kept, told; /* bytes in it; and of everything else */
};

/* Called whenever something was told. */
struct unpacked_watch {
	void (*call)(void *user, const char *name, uint64_t bytes, size_t entries); /* or NULL */
	void *user;
};

/*
 * Runs the job; `name` is what notes call the archive. False: nothing could be
 * read. What ended early has a NOTE_ERROR. Free with unpacked_done(), also after
 * a failure.
 */
bool unpacked_read(const struct unpack_job *job, const char *name, int stage, struct store *notes,
		   const struct unpacked_watch *watch, struct unpacked *ret, struct err *err);
void unpacked_done(struct unpacked *unpacked);

/* The content of a numbered file, up to `most` bytes. False: it is longer, or cannot be read. */
bool unpacked_load(const struct unpacked *unpacked, uint32_t stage, size_t most, struct buf *to);

#endif
