/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What an anchor says and a target cannot: computed from the anchor and from
 * kind.can, so that no writer has to tell. A loss borrows its anchors.
 */
#ifndef CHANGE_LOSS_H
#define CHANGE_LOSS_H

#include <stdbool.h>
#include <stddef.h>

struct anchor;
struct kind;
struct pick;

struct loss_row {
	const char *name; /* a word for JSON */
	unsigned can;     /* the enum kind_can that would keep it */
	unsigned needs;   /* the row is about targets that can do this; 0: all */
	bool dropped;     /* the anchor is left out; otherwise it goes in and says more than it should */
	bool small;       /* nobody is trusted more or less for it */
	bool (*has)(const struct anchor *anchor);
	const char *text; /* what it is, behind "N entries" */
	const char *then; /* what the target makes of it; NULL: it is always left out */
};

struct loss {
	const struct loss_row *row;
	const struct anchor **anchors; /* owned array */
	size_t count;
	bool dropped; /* they are left out */
};

struct losses {
	struct loss *all; /* owned; only rows that have anchors */
	size_t count;
};

/* `all` as for loss_drop(), which is to follow. */
void loss_find(const struct pick *pick, const struct kind *target, bool all, struct losses *ret);
void losses_done(struct losses *losses);

bool loss_any(const struct losses *losses); /* one that is not small */

/* Takes out of the pick what cannot be written at all; with `all`, everything that would lose something that
 * is not small. */
void loss_drop(struct pick *pick, const struct kind *target, bool all);

#endif
