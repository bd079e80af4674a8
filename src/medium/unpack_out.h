/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* In the process that unpacks: what it says to its parent, and what it may cost. */
#ifndef MEDIUM_UNPACK_OUT_H
#define MEDIUM_UNPACK_OUT_H

#include "base/err.h"
#include "medium/unpack.h"
#include "medium/unpack_share.h"
#include "model/store.h"

struct unpack {
	const struct image_want *want;
	int out;
	struct share share;
	bool quiet;         /* it is another process's turn, which tells the same */
	struct buf send;    /* not yet written */
	uint64_t in, bytes; /* read, and come out on all levels */
	size_t entries, names, kept, files;
	uint32_t units;
	int64_t until, alive; /* the end of its time; when it last said that it goes on */
};

/* A record. */
void unpack_tell(struct unpack *u, enum unpack_type type, uint32_t unit, uint64_t number, struct bytes path,
		 struct bytes text);
void unpack_note(struct unpack *u, enum note_level level, const char *path, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
_Noreturn void unpack_stop(struct unpack *u, enum err_code code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* So many bytes came out of something: ends the process where a limit is reached. */
void unpack_charge(struct unpack *u, size_t bytes);
void unpack_flush(struct unpack *u);

#endif
