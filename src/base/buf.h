/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Bytes being written: grows at its end, owned by whoever declared it. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>

#include "base/bytes.h"

struct buf {
	uint8_t *at;
	size_t len, room;
};

void buf_byte(struct buf *buf, unsigned byte);
void buf_be16(struct buf *buf, unsigned value);
void buf_be32(struct buf *buf, uint32_t value);
void buf_be64(struct buf *buf, uint64_t value);
void buf_le32(struct buf *buf, uint32_t value);
void buf_bytes(struct buf *buf, struct bytes bytes);
void buf_text(struct buf *buf, const char *text);
void buf_number(struct buf *buf, unsigned number); /* decimal */
void buf_print(struct buf *buf, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_vprint(struct buf *buf, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));

/* Room for n more bytes, not yet part of the buffer: add to len what was used. */
uint8_t *buf_room(struct buf *buf, size_t n);

struct bytes buf_view(const struct buf *buf); /* valid until the next write */
void buf_done(struct buf *buf);

#endif
