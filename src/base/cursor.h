/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A forward reader over borrowed bytes that cannot run past the end.
 *
 * The first short read makes the cursor bad for good: every later read returns
 * zero or an empty view. Callers read a whole record and test `bad` once.
 */
#ifndef BASE_CURSOR_H
#define BASE_CURSOR_H

#include "base/bytes.h"

struct cursor {
	struct bytes all;
	size_t pos;
	bool bad;
};

uint8_t cursor_byte(struct cursor *c);
uint16_t cursor_be16(struct cursor *c);
uint32_t cursor_be32(struct cursor *c);
uint64_t cursor_be64(struct cursor *c);
uint32_t cursor_le32(struct cursor *c);

/* The next n bytes, or an empty view (and a bad cursor) if fewer are left. */
struct bytes cursor_take(struct cursor *c, size_t n);

/* 0 for a bad cursor. */
static inline size_t cursor_left(const struct cursor *c)
{
	return c->bad ? 0 : c->all.len - c->pos;
}

#endif
