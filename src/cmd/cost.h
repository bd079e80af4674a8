/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a removal costs: the purposes that end, and the given chains that would no longer verify. */
#ifndef CMD_COST_H
#define CMD_COST_H

#include "cmd/change.h"

struct store;

/*
 * Adds sentences to changing->facts and warnings "breaks-chain" for each store that is changed; `against`:
 * files, or directories of files, each with a chain. Requests and targets are there. `with`: what is added at
 * the same time, or NULL. False: said.
 */
bool cost_find(struct changing *changing, const struct option_list *against, const struct store *with);

/* What was found is not for now: the warnings become sentences. */
void cost_later(struct changing *changing);

#endif
