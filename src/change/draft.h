/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What an entry of the history does to one path, step by step: a draft beside the
 * target, under a name that follows from the entry's id and so is found again after a
 * death; the exchange, after which the draft's name holds what stood there before; the
 * end, when that goes. And the way back from each of these, which is the same whether
 * it is gone at once or after a death: it looks at what is there.
 */
#ifndef CHANGE_DRAFT_H
#define CHANGE_DRAFT_H

#include <stdbool.h>
#include <stddef.h>

#include "change/stand.h"
#include "change/write.h"

struct err;
struct root;
struct texts;
struct touched;

/* The directories that one change works in, each opened once. */
struct folders {
	const struct root *root; /* borrowed */
	struct folder {
		char *path; /* owned */
		int fd;
	} * all; /* owned */
	size_t count;
};

bool folders_sync(const struct folders *folders, struct err *err); /* each once */
void folders_done(struct folders *folders);

struct draft {
	struct touched *touched; /* borrowed */
	int dir;                 /* borrowed; -1: the directory is not there yet */
	const char *name;        /* in touched->path */
	char temporary[WRITE_NAME];
	struct which which; /* what is to be replaced */
};

/* Opens the directory, if it is there. */
bool draft_begin(struct folders *folders, unsigned id, size_t index, struct touched *touched,
		 struct draft *ret, struct err *err);

/* `times`: the new file gets the time that the entry says. `sync`: it is put on the disk now. */
bool draft_make(struct draft *draft, bool times, bool sync, struct err *err);
bool draft_exchange(struct draft *draft, struct err *err);
bool draft_end(struct draft *draft, struct err *err);

/*
 * Back to what stood before, if it is what the entry left; what is neither is named in `left`.
 * Temporary files go.
 */
bool draft_back(struct draft *draft, struct texts *left, struct err *err);

#endif
