/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a change costs: the purposes that end, and the given chains that would no longer verify. */
#ifndef CMD_COST_H
#define CMD_COST_H

#include "cmd/change.h"

/* Adds sentences on the purposes that end to changing->facts. Requests and targets are there. `on`: the day
 * on which that will be asked; CLOCK_NONE: it is asked now. */
void cost_tell(struct changing *changing, int64_t on);

/*
 * Of what was staged: tries each chain of changing->against (files, or directories of files) with every store
 * as it is and as it would be: by what is asked, and by each file that would be replaced, whatever goes out
 * of it. Adds warnings "breaks-chain", and sentences.
 */
bool cost_weigh(struct changing *changing, struct err *err);

/* The same for what is asked, but is not for now: nothing is staged, and the warnings become sentences. */
bool cost_later(struct changing *changing, const struct option_list *against, struct err *err);

#endif
