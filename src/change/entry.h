/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the history says of one change, as JSON (entry.json of change/journal.h), and
 * back: the one place that knows its keys. Contents are not in it. What is read may
 * be anybody's: paths are absolute, without "..", and what does not fit is an error.
 */
#ifndef CHANGE_ENTRY_H
#define CHANGE_ENTRY_H

#include <stdbool.h>

#include "base/bytes.h"

struct buf;
struct entry;
struct err;

void entry_write(const struct entry *entry, struct buf *to);

/* `ret` is zeroed but for its id and state; free it with entry_done() also after a failure. */
bool entry_read(struct bytes json, struct entry *ret, struct err *err);

#endif
