/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the files of a store cannot say of what is asked: found when it is staged, and weighed by --on-lossy.
 */
#ifndef CMD_LOSSY_H
#define CMD_LOSSY_H

#include "cmd/change.h"

/* The losses of each file of what was staged, those that matter. */
void lossy_find(struct task *task);

/* Skips the store, or warns, as --on-lossy says; one that is trusted already without limits that were asked
 * for too. */
void lossy_weigh(struct changing *changing, struct task *task);

#endif
