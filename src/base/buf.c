/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"

uint8_t *buf_room(struct buf *buf, size_t n)
{
	size_t room = buf->room > 0 ? buf->room : 256;
	uint8_t *at;

	if (buf->at != NULL && buf->room - buf->len >= n)
		return buf->at + buf->len;
	while (room - buf->len < n)
		room = room > SIZE_MAX / 2 ? SIZE_MAX : 2 * room;
	at = realloc(buf->at, room);
	if (at == NULL)
		mem_out();
	buf->at = at;
	buf->room = room;
	return buf->at + buf->len;
}

void buf_bytes(struct buf *buf, struct bytes bytes)
{
	if (bytes.len > 0)
		memcpy(buf_room(buf, bytes.len), bytes.at, bytes.len);
	buf->len += bytes.len;
}

void buf_byte(struct buf *buf, unsigned byte)
{
	*buf_room(buf, 1) = (uint8_t)byte;
	buf->len++;
}

void buf_be16(struct buf *buf, unsigned value)
{
	buf_byte(buf, value >> 8);
	buf_byte(buf, value);
}

void buf_be32(struct buf *buf, uint32_t value)
{
	buf_be16(buf, value >> 16);
	buf_be16(buf, value);
}

void buf_be64(struct buf *buf, uint64_t value)
{
	buf_be32(buf, (uint32_t)(value >> 32));
	buf_be32(buf, (uint32_t)value);
}

void buf_le32(struct buf *buf, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		buf_byte(buf, value >> (8 * i));
}

void buf_text(struct buf *buf, const char *text)
{
	buf_bytes(buf, bytes_of(text));
}

void buf_number(struct buf *buf, unsigned number)
{
	char digits[3 * sizeof(number)];
	size_t at = sizeof(digits);

	do
		digits[--at] = (char)('0' + number % 10);
	while ((number /= 10) > 0);
	buf_bytes(buf, (struct bytes){ (const uint8_t *)digits + at, sizeof(digits) - at });
}

void buf_vprint(struct buf *buf, const char *fmt, va_list ap)
{
	va_list again;
	uint8_t *at = buf_room(buf, 1);
	size_t room = buf->room - buf->len;
	int n;

	va_copy(again, ap);
	n = vsnprintf((char *)at, room, fmt, ap);
	if (n > 0 && (size_t)n >= room)
		n = vsnprintf((char *)buf_room(buf, (size_t)n + 1), (size_t)n + 1, fmt, again);
	if (n > 0)
		buf->len += (size_t)n;
	va_end(again);
}

void buf_print(struct buf *buf, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vprint(buf, fmt, ap);
	va_end(ap);
}

struct bytes buf_view(const struct buf *buf)
{
	return (struct bytes){ buf->at, buf->len };
}

void buf_done(struct buf *buf)
{
	free(buf->at);
	*buf = (struct buf){ 0 };
}
