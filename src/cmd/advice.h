/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is left for people once a change is done: software that has a store of its own and does not see it,
 * stores that go on trusting what was removed, and processes that still hold what stood there before.
 */
#ifndef CMD_ADVICE_H
#define CMD_ADVICE_H

#include "base/texts.h"
#include "cmd/change.h"

struct held;

/* The files that a change replaces, as they are now: to be asked before it is done. */
struct replaced {
	struct held *all; /* owned; and the paths too: staging again frees the edits' */
	size_t count;
};
void replaced_find(const struct changing *changing, struct replaced *ret);
void replaced_done(struct replaced *replaced);

/* Adds sentences to `ret`, after the end that it came to. Tells nothing where it cannot find out. */
void advice_find(const struct changing *changing, enum change_end end, const struct replaced *replaced,
		 struct texts *ret);

#endif
