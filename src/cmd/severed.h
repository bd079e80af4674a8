/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Files that have other names (hard links), and are to be replaced: what is written is a new file, so that
 * the other names keep what stands there now, after an undo too.
 */
#ifndef CMD_SEVERED_H
#define CMD_SEVERED_H

struct changing;

void severed_find(struct changing *changing); /* of staged tasks: a warning for each that has such a file */

#endif
