/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "medium/wire.h"

#include "base/cursor.h"
#include "base/limits.h"

size_t wire_begin(struct buf *to, enum wire_type type)
{
	size_t begun = to->len;

	buf_be32(to, 0);
	buf_byte(to, type);
	return begun;
}

void wire_put(struct buf *to, unsigned field, struct bytes value)
{
	buf_byte(to, field);
	buf_be32(to, (uint32_t)value.len);
	buf_bytes(to, value);
}

void wire_put_number(struct buf *to, unsigned field, uint64_t value)
{
	buf_byte(to, field);
	buf_be32(to, 8);
	buf_be64(to, value);
}

void wire_end(struct buf *to, size_t begun)
{
	size_t len = to->len - begun - 4;

	for (int i = 0; i < 4; i++)
		to->at[begun + (size_t)i] = (uint8_t)(len >> (24 - 8 * i));
}

uint64_t wire_number(const struct wire *wire, unsigned field)
{
	struct cursor c = { .all = wire->field[field] };

	return cursor_be64(&c);
}

enum wire_got wire_next(struct bytes all, size_t *at, struct wire *ret)
{
	struct cursor head = { .all = bytes_skip(all, *at) }, c = { .pos = 0 };
	size_t len = cursor_be32(&head);
	unsigned type;

	if (head.bad)
		return WIRE_SHORT;
	if (len == 0 || len > LIMIT_TOKEN_RECORD)
		return WIRE_BAD;
	c.all = cursor_take(&head, len);
	if (head.bad)
		return WIRE_SHORT;
	type = cursor_byte(&c);
	if (type == 0 || type >= WIRE_TYPES)
		return WIRE_BAD;
	*ret = (struct wire){ .type = (enum wire_type)type };
	while (cursor_left(&c) > 0) {
		unsigned field = cursor_byte(&c);
		size_t size = cursor_be32(&c);

		if (c.bad || field >= WIRE_FIELDS || wire_has(ret, field))
			return WIRE_BAD;
		ret->present |= UINT32_C(1) << field;
		ret->field[field] = cursor_take(&c, size);
	}
	if (c.bad)
		return WIRE_BAD;
	*at += 4 + len;
	return WIRE_GOT;
}
