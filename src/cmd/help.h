/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Help, completion and the list of all tables, made from the tables. */
#ifndef CMD_HELP_H
#define CMD_HELP_H

#include "cmd/cmd.h"

void help_all(struct show *show, const struct option *globals);
void help_cmd(struct show *show, const struct cmd *cmd, const struct option *globals);

/* What could stand where the last of these words is begun, a line each; words[0] follows the program's name.
 */
void help_complete(struct show *show, const struct option *globals, int count, char **words);

/* "table<TAB>name", a line for each row of each table: what the manual and the tests must know; behind a
 * warning its severity. */
void help_tables(struct show *show, const struct option *globals);

#endif
