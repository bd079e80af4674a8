/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Stores that belong to packages, whose next upgrade undoes what is changed in them:
 * that is said, and noted for `refresh` (stage/overlay.h).
 */
#ifndef CMD_OWNED_H
#define CMD_OWNED_H

#include "cmd/change.h"

/* Warns of each target that is so, and has it noted with the change. All requests are there. False: said. */
bool owned_find(struct changing *changing);

#endif
