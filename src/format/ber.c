/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 *   element  ::= tag length contents | tag 80 element* 00 00
 *   string   ::= 04 length bytes | 24 length string* | 24 80 string* 00 00
 *
 * A tag with the bit 20 is constructed, and only such may have the length 80. An
 * OCTET STRING that is constructed becomes a primitive one.
 */
#include "format/ber.h"

#include "base/buf.h"
#include "base/cursor.h"
#include "base/limits.h"
#include "model/der.h"

enum { CONSTRUCTED = 0x20, LONG_TAG = 0x1f, INDEFINITE = 0x80, PIECES = DER_OCTET_STRING | CONSTRUCTED };

/* What may be inside a length that is written down, or the rest where it is not. */
static struct cursor contents(struct cursor *in, bool *ret_indefinite)
{
	unsigned length = cursor_byte(in), bytes = length & 0x7f;
	size_t size = length;

	*ret_indefinite = length == INDEFINITE;
	if (length > INDEFINITE) {
		in->bad |= bytes > sizeof(uint32_t);
		for (size = 0; bytes > 0 && !in->bad; bytes--)
			size = size << 8 | cursor_byte(in);
	}
	return der_into(*ret_indefinite ? bytes_skip(in->all, in->pos) : cursor_take(in, size));
}

/* Whether the end of contents without a length is here; it is stepped over. */
static bool ends_here(struct cursor *in)
{
	if (!bytes_start(bytes_skip(in->all, in->pos), (struct bytes){ (const uint8_t *)"\0\0", 2 }))
		return false;
	in->pos += 2;
	return true;
}

/* The next element; `pieces`: of a string, of which only the bytes are wanted. */
/* NOLINTNEXTLINE(misc-no-recursion): no deeper than LIMIT_BER_DEPTH */
static void convert(struct cursor *in, bool pieces, unsigned depth, struct buf *to)
{
	unsigned tag = cursor_byte(in);
	bool indefinite, joined = tag == PIECES, ended = false;
	struct cursor inner = contents(in, &indefinite);
	struct buf body = { 0 };

	in->bad |= (tag & LONG_TAG) == LONG_TAG || depth > LIMIT_BER_DEPTH ||
		   (indefinite && !(tag & CONSTRUCTED)) || (pieces && !joined && tag != DER_OCTET_STRING);
	if (in->bad)
		return;
	if (!(tag & CONSTRUCTED))
		buf_bytes(&body, inner.all);
	while ((tag & CONSTRUCTED) && !inner.bad && !ended) {
		ended = indefinite ? ends_here(&inner) : cursor_left(&inner) == 0;
		if (!ended)
			convert(&inner, joined, depth + 1, &body);
	}
	in->bad |= inner.bad;
	if (indefinite)
		cursor_take(in, inner.pos);
	if (pieces)
		buf_bytes(to, buf_view(&body));
	else
		der_write(to, joined ? DER_OCTET_STRING : tag, buf_view(&body));
	buf_done(&body);
}

bool ber_to_der(struct bytes from, size_t *ret_used, struct buf *to)
{
	struct cursor in = der_into(from);

	if (from.len > LIMIT_BER_SIZE)
		return false;
	convert(&in, false, 0, to);
	if (!in.bad)
		*ret_used = in.pos;
	return !in.bad;
}
