/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/cursor.h"

struct bytes cursor_take(struct cursor *c, size_t n)
{
	struct bytes out = { NULL, 0 };

	if (c->bad || n > c->all.len - c->pos) {
		c->bad = true;
		return out;
	}
	out.at = c->all.at + c->pos;
	out.len = n;
	c->pos += n;
	return out;
}

static uint64_t big_endian(struct cursor *c, size_t n)
{
	struct bytes b = cursor_take(c, n);
	uint64_t value = 0;

	for (size_t i = 0; i < b.len; i++)
		value = value << 8 | b.at[i];
	return value;
}

uint8_t cursor_byte(struct cursor *c)
{
	return (uint8_t)big_endian(c, 1);
}

uint16_t cursor_be16(struct cursor *c)
{
	return (uint16_t)big_endian(c, 2);
}

uint32_t cursor_be32(struct cursor *c)
{
	return (uint32_t)big_endian(c, 4);
}

uint64_t cursor_be64(struct cursor *c)
{
	return big_endian(c, 8);
}

uint32_t cursor_le32(struct cursor *c)
{
	return __builtin_bswap32(cursor_be32(c));
}
