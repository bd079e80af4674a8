/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The programs of the distribution that are to hear of an entry, one after the other when all else
 * is done; on the host only. What they complain of is added to `said`.
 */
#ifndef CHANGE_TELL_H
#define CHANGE_TELL_H

#include <stdbool.h>

struct entry;
struct root;
struct texts;

bool tell_any(const struct root *root, const struct entry *entry); /* there is one that can be run */

/* False: one of them failed. */
bool tell_all(const struct root *root, const struct entry *entry, struct texts *said);

#endif
