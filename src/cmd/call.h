/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How the program is called again, in advice that people paste into a shell: with the --root and
 * the --user of this run, without which the command would change another host, or another store.
 */
#ifndef CMD_CALL_H
#define CMD_CALL_H

#include <stdbool.h>

struct run;

/* "--root=/mnt " or "": the options that lead back to this root, for a shell, with a blank behind. Yours. */
char *call_root(const struct run *run);

/* "anchorage --root=/mnt undo --user". Yours. */
char *call_command(const struct run *run, const char *command, bool user);

#endif
