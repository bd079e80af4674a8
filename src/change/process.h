/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What other processes of this machine do, as /proc tells it. Who may not look into
 * a process does not see it: a change of a system is root's, who may.
 */
#ifndef CHANGE_PROCESS_H
#define CHANGE_PROCESS_H

#include <stdbool.h>
#include <stdint.h>

struct root;

/*
 * Whether the program or script `name` runs, by the first two words of its command
 * line, in this root (chrooted into it, where it is no host). `ret_who` (may be NULL): "NAME (process 77)",
 * free() it.
 */
bool process_runs(const struct root *root, const char *name, char **ret_who);

/* Whether another process than this one has the file open. */
bool process_opens(uint64_t device, uint64_t inode, char **ret_who);

#endif
