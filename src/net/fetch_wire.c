/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/fetch_wire.h"

#include "base/cursor.h"
#include "base/limits.h"

size_t fetch_begin(struct buf *to, enum fetch_type type)
{
	size_t begun = to->len;

	buf_be32(to, 0);
	buf_byte(to, type);
	return begun;
}

void fetch_put(struct buf *to, enum fetch_field field, struct bytes value)
{
	buf_byte(to, field);
	buf_be32(to, (uint32_t)value.len);
	buf_bytes(to, value);
}

void fetch_put_number(struct buf *to, enum fetch_field field, uint64_t value)
{
	buf_byte(to, field);
	buf_be32(to, 8);
	buf_be64(to, value);
}

void fetch_finish(struct buf *to, size_t begun)
{
	size_t len = to->len - begun - 4;

	for (int i = 0; i < 4; i++)
		to->at[begun + (size_t)i] = (uint8_t)(len >> (24 - 8 * i));
}

uint64_t fetch_number(const struct fetch_message *message, enum fetch_field field)
{
	struct cursor c = { .all = message->field[field] };

	return cursor_be64(&c);
}

enum fetch_got fetch_next(struct bytes all, size_t *at, struct fetch_message *ret)
{
	struct cursor head = { .all = bytes_skip(all, *at) }, c = { .pos = 0 };
	size_t len = cursor_be32(&head);
	unsigned type;

	if (head.bad)
		return FETCH_SHORT;
	if (len == 0 || len > LIMIT_FETCH_MESSAGE)
		return FETCH_BAD;
	c.all = cursor_take(&head, len);
	if (head.bad)
		return FETCH_SHORT;
	type = cursor_byte(&c);
	if (type == 0 || type >= FETCH_TYPES)
		return FETCH_BAD;
	*ret = (struct fetch_message){ .type = (enum fetch_type)type };
	while (cursor_left(&c) > 0) {
		unsigned field = cursor_byte(&c);
		size_t size = cursor_be32(&c);

		if (c.bad || field >= FETCH_FIELDS || fetch_has(ret, (enum fetch_field)field))
			return FETCH_BAD;
		ret->present |= UINT32_C(1) << field;
		ret->field[field] = cursor_take(&c, size);
	}
	if (c.bad)
		return FETCH_BAD;
	*at += 4 + len;
	return FETCH_GOT;
}
