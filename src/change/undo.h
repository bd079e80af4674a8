/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The edits that take an entry of the journal back: what stood before it stands
 * again, byte, mode, owner and link. Where a path does not stand as the entry left it
 * somebody has changed it since: that is a conflict, and without `force` there are no
 * edits for anything. Performed by apply_edits(), which journals it like any other change.
 */
#ifndef CHANGE_UNDO_H
#define CHANGE_UNDO_H

#include <stdbool.h>
#include <stddef.h>

struct edits;
struct entries;
struct entry;
struct err;
struct root;

struct conflict {
	size_t touched; /* its index in the entry */
	char *text;     /* owned: how it stands now, "was changed since", "is gone" */
	unsigned later; /* the entry of ours that changed it since; 0: none of ours */
};

struct conflicts {
	struct conflict *all;
	size_t count;
};

/* `entry` was read with its contents; `history`: all of them, for conflict.later. Free both results. */
bool undo_stage(const struct root *root, const struct entry *entry, const struct entries *history, bool force,
		struct edits *ret, struct conflicts *ret_conflicts, struct err *err);
void conflicts_done(struct conflicts *conflicts);

#endif
