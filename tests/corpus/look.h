/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reading as the tool does it, and then asking all that a listing asks. */
#ifndef CORPUS_LOOK_H
#define CORPUS_LOOK_H

#include "base/bytes.h"
#include "base/err.h"

struct format;
struct store;

/*
 * What `format` makes of the bytes, finished, with every fact of every anchor made
 * once; NULL and *err on failure. The bytes are given in memory of exactly their
 * size, so that a sanitizer sees a read behind them.
 */
struct store *look(const struct format *format, struct bytes file, struct err *err);

/* Anchors, or at least a note of what was there instead: anything but silence. */
bool look_says_something(const struct store *store);

#endif
