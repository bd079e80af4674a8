/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Performing edits: all of them or none, over all stores at once. Every edit's path
 * is looked at again and must stand as it was when it was staged; the journal is
 * prepared; new contents are written beside their targets, with the owner, mode,
 * extended attributes and label of what they replace, and synced; then each is
 * exchanged with its target, what it replaced goes, and directories are synced; the
 * journal is finished; programs are run last, on the host only. What fails before the
 * end is taken back at once; what is killed is taken back by the next start
 * (apply_recover()): whatever is on the disk then, the journal knows of it. Programs that
 * have not heard of what was done are told by the next start too (apply_catch_up()).
 *
 * The state must be locked. Signals that end the process wait.
 */
#ifndef CHANGE_APPLY_H
#define CHANGE_APPLY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/texts.h"

struct edits;
struct err;
struct state;

struct change {
	const char *command, *summary;
	int64_t at;
	unsigned undoes; /* the entry that this takes back; 0: none */
};

struct applied {
	unsigned id;        /* of the journal's entry; 0: nothing was changed */
	struct texts stale; /* ERR_CHANGED: paths that others changed since they were staged */
	struct texts said;  /* what the programs that were run complained of */
	bool program_failed;
};

/*
 * False: nothing was changed (ret->id is 0), or taking it back failed too, which err says
 * with the entry's id. Free `ret` in any case.
 */
bool apply_edits(struct state *state, const struct change *change, const struct edits *edits,
		 struct applied *ret, struct err *err);
void applied_done(struct applied *applied);

/*
 * Takes back what a killed run left: each path that stands as the entry would have left it
 * gets what stood there before; what others have changed since is left alone and named
 * in `ret_left`. Temporary files of ours go. `*ret_id` is 0 if there was nothing.
 */
bool apply_recover(struct state *state, unsigned *ret_id, struct texts *ret_left, struct err *err);

/*
 * Tells the programs of the distribution of a change that was done by a run that was killed before it had
 * told them all; what they complain of is added to `ret_said`. `*ret_id` is 0 if there was nothing.
 */
bool apply_catch_up(struct state *state, unsigned *ret_id, struct texts *ret_said, struct err *err);

#endif
