/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The history as `history` and `undo` look at it: read, nothing made and nothing locked. */
#ifndef CMD_PAST_H
#define CMD_PAST_H

#include "change/journal.h"
#include "change/state.h"
#include "cmd/cmd.h"

struct past {
	char *path; /* owned: of the state, in the root */
	char *list; /* owned: the command that lists it */
	struct state state;
	struct entries entries;
};

/* What is odd in it is said. past_done() in any case. */
bool past_open(const struct run *run, bool user, struct past *ret, struct err *err);
void past_done(struct past *past);

bool past_id(const struct past *past, const char *text, unsigned *ret, struct err *err);
const struct entry *past_find(const struct past *past, unsigned id); /* or NULL */
const struct entry *past_newest(const struct past *past);            /* done, and no undo; or NULL */

/* Whether this user changed something for itself, which is in another history. */
bool past_is_users(const struct run *run);

#endif
