/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the files of a store cannot say of what is asked, and what --on-lossy makes of that. */
#ifndef CMD_LOSSY_H
#define CMD_LOSSY_H

#include "cmd/change.h"

/* The losses of what is staged, in place of those that were found before. */
void lossy_find(struct task *task);

/* Leaves the store out, or warns. */
void lossy_weigh(struct changing *changing, struct task *task);

#endif
