/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How the text views write: into show->out, flushed when it grows and there is a stream. */
#ifndef SHOW_PUT_H
#define SHOW_PUT_H

#include "base/bytes.h"

struct show;

enum color { COLOR_NONE, COLOR_BOLD, COLOR_DIM, COLOR_RED, COLOR_GREEN, COLOR_YELLOW };

void put(struct show *show, const char *text);
void put_bytes(struct show *show, struct bytes text); /* as they are: what was put before */
void put_print(struct show *show, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void put_color(struct show *show, enum color color, const char *text); /* only where show->color */
void put_escaped(struct show *show, struct bytes text);
void put_json(struct show *show, struct bytes json);  /* by text_json() */
void put_place(struct show *show, const char *place); /* a store or file; "-" is standard input */

/* Escaped, filled with spaces up to `width` columns; with `cut` shortened to them and ended by "…". */
void put_cell(struct show *show, struct bytes text, size_t width, bool cut);

/*
 * On a terminal: the line that begins at `start` of show->out and ends there is broken at its spaces, and
 * goes on `hang` columns in. A word that is too long stays whole.
 */
void put_fold(struct show *show, size_t start, size_t hang);

void put_hex(struct show *show, struct bytes bytes, size_t most); /* the first `most` bytes */
void put_date(struct show *show, int64_t at);                     /* coloured by show->at: past, near, fine */

#endif
