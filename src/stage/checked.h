/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Writing by a format, and reading back what was written before anybody else can. */
#ifndef STAGE_CHECKED_H
#define STAGE_CHECKED_H

#include <stdbool.h>

#include "base/bytes.h"

struct amend_terms;
struct buf;
struct err;
struct format;
struct pick;
struct requests;
struct store;
struct style;

/* Appends to `to`. False: the format cannot, or what it wrote does not hold exactly the picked certificates.
 */
bool checked_write(const struct format *format, const struct pick *pick, const struct style *style,
		   struct buf *to, struct err *err);

/*
 * Appends to `to` the file with the requests done; *ret_store is what it holds then, finished and
 * yours. `done` has a place for each request. False: the format cannot, or what it made holds
 * something else than what the file held before and what the requests ask.
 */
bool checked_amend(const struct format *format, struct bytes file, const struct requests *requests,
		   const struct amend_terms *terms, bool *done, struct buf *to, struct store **ret_store,
		   struct err *err);

#endif
