/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Stores of packages that are changed in place: whoever does that is warned that an upgrade
 * undoes it, and it is recorded with the change, so that `refresh` does it again.
 */
#ifndef CMD_OVERLAID_H
#define CMD_OVERLAID_H

#include "cmd/change.h"

struct overlays;

/* Adds the warnings, and the records as files of our own. Once, when stores and requests are known. */
void overlaid_find(struct changing *changing);

/*
 * Adds what is recorded to the requests of the stores that are concerned, or of `all` that are
 * recorded; they borrow from `ret`, which overlays_done() frees. False: said.
 */
bool overlaid_again(struct changing *changing, bool all, struct overlays *ret);

#endif
