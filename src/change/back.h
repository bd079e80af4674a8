/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The way back of an entry that was begun and not finished: at once, or after a
 * death. Last things first; what fails does not keep the rest from being tried.
 */
#ifndef CHANGE_BACK_H
#define CHANGE_BACK_H

#include <stdbool.h>

struct entry;
struct err;
struct root;
struct texts;

/* All paths of the entry, which has its contents; synced. What others changed is named in `left`. */
bool back_all(const struct root *root, const struct entry *entry, struct texts *left, struct err *err);

#endif
