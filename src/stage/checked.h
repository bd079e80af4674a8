/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Writing by a format, and reading back what was written before anybody else can. */
#ifndef STAGE_CHECKED_H
#define STAGE_CHECKED_H

#include <stdbool.h>

struct buf;
struct err;
struct format;
struct pick;
struct style;

/* Appends to `to`. False: the format cannot, or what it wrote does not hold exactly the picked certificates.
 */
bool checked_write(const struct format *format, const struct pick *pick, const struct style *style,
		   struct buf *to, struct err *err);

#endif
