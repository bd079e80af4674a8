/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A program of the distribution that must hear of a change. It is run as root with
 * an environment of its own making (PATH, HOME, LANG), in "/", with what it is to be
 * told on its standard input; what it prints is kept, up to LIMIT_RUN_WORDS. It may take
 * LIMIT_RUN_MS. On the host only.
 */
#ifndef CHANGE_PROGRAM_H
#define CHANGE_PROGRAM_H

#include <stdbool.h>

#include "base/bytes.h"

struct buf;
struct err;

/* False: it could not be started, failed, or was stopped; err says which. */
bool program_run(const char *path, struct bytes input, struct buf *ret_said, struct err *err);

#endif
