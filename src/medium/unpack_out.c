/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "medium/unpack_out.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "base/cursor.h"
#include "base/fd.h"
#include "base/limits.h"
#include "medium/helper.h"

enum { SEND = 1 << 16 };

void unpack_flush(struct unpack *u)
{
	if (!fd_write(u->out, buf_view(&u->send)))
		_exit(0); /* nobody listens */
	u->send.len = 0;
}

void unpack_tell(struct unpack *u, enum unpack_type type, uint32_t unit, uint64_t number, struct bytes path,
		 struct bytes text)
{
	if (u->quiet && type != UNPACK_ALIVE && type != UNPACK_STOP && type != UNPACK_END)
		return;
	buf_byte(&u->send, type);
	buf_be32(&u->send, unit);
	buf_be64(&u->send, number);
	buf_be32(&u->send, (uint32_t)path.len);
	buf_be32(&u->send, (uint32_t)text.len);
	buf_bytes(&u->send, path);
	buf_bytes(&u->send, text);
	if (u->send.len >= SEND)
		unpack_flush(u);
}

void unpack_note(struct unpack *u, enum note_level level, const char *path, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	unpack_tell(u, UNPACK_NOTE, 0, level, bytes_of(path), bytes_of(text));
}

_Noreturn void unpack_stop(struct unpack *u, enum err_code code, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	unpack_tell(u, UNPACK_STOP, 0, code, bytes_of(""), bytes_of(text));
	unpack_flush(u);
	_exit(0);
}

void unpack_charge(struct unpack *u, size_t bytes)
{
	int64_t now = helper_now();

	u->bytes += bytes;
	if (u->bytes > LIMIT_IMAGE_BYTES)
		unpack_stop(u, ERR_LIMIT, "more than %llu GiB come out of it, which is the limit",
			    (unsigned long long)(LIMIT_IMAGE_BYTES >> 30));
	if (u->bytes > LIMIT_IMAGE_FREE && u->bytes / LIMIT_IMAGE_RATIO > u->in)
		unpack_stop(u, ERR_LIMIT,
			    "it unpacks to more than %d times its size, as a bomb does: %llu MiB came out of "
			    "%llu KiB",
			    LIMIT_IMAGE_RATIO, (unsigned long long)(u->bytes >> 20),
			    (unsigned long long)(u->in >> 10));
	if (now - u->alive >= 1000) {
		u->alive = now;
		unpack_tell(u, UNPACK_ALIVE, 0, u->bytes, bytes_of(""), bytes_of(""));
		unpack_flush(u);
	}
	if (now > u->until)
		unpack_stop(u, ERR_LIMIT, "it was read for %d seconds, which is the limit",
			    LIMIT_IMAGE_MS / 1000);
}

enum unpack_got unpack_next(struct bytes all, size_t *at, struct unpack_record *ret)
{
	struct cursor c = { .all = bytes_skip(all, *at) };
	uint32_t path, text;

	ret->type = cursor_byte(&c);
	ret->unit = cursor_be32(&c);
	ret->number = cursor_be64(&c);
	path = cursor_be32(&c);
	text = cursor_be32(&c);
	if (c.bad)
		return UNPACK_SHORT;
	if (ret->type == 0 || ret->type >= UNPACK_TYPES || path > UNPACK_MOST || text > UNPACK_MOST - path)
		return UNPACK_BAD;
	ret->path = cursor_take(&c, path);
	ret->text = cursor_take(&c, text);
	if (c.bad)
		return UNPACK_SHORT;
	*at += c.pos;
	return UNPACK_GOT;
}
