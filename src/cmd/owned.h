/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Stores that belong to packages, whose next upgrade undoes what is changed in them:
 * that is said, and noted for `refresh` (stage/overlay.h).
 */
#ifndef CMD_OWNED_H
#define CMD_OWNED_H

#include "cmd/change.h"

/* Marks the targets that are so, warns of each, and has the notes changed with them. False: said. */
bool owned_find(struct changing *changing);

/* Makes the edits of the notes, when all stores are staged. */
void owned_stage(struct changing *changing);

/* Adds the stores that are noted, with what is to be done in them again. False: err. */
bool owned_again(struct changing *changing, struct err *err);

#endif
