/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/base64.h"

#include <endian.h>

#include "base/buf.h"

/* Values of the 64 characters; 64 white space, 65 padding, 66 foreign. */
enum { SPACE = 64, PAD = 65, FOREIGN = 66 };

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

#define F FOREIGN
#define S SPACE
static const uint8_t value[256] = {
	F,  F,  F,  F,  F,  F,  F,  F,  F,  S,  S,  F,  F,  S,   F,  F,  F,  F,  F,  F,  F,  F,  F,  F,
	F,  F,  F,  F,  F,  F,  F,  F,  S,  F,  F,  F,  F,  F,   F,  F,  F,  F,  F,  62, F,  F,  F,  63,
	52, 53, 54, 55, 56, 57, 58, 59, 60, 61, F,  F,  F,  PAD, F,  F,  F,  0,  1,  2,  3,  4,  5,  6,
	7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20,  21, 22, 23, 24, 25, F,  F,  F,  F,  F,
	F,  26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38,  39, 40, 41, 42, 43, 44, 45, 46, 47, 48,
	49, 50, 51, F,  F,  F,  F,  F,  F,  F,  F,  F,  F,  F,   F,  F,  F,  F,  F,  F,  F,  F,  F,  F,
	F,  F,  F,  F,  F,  F,  F,  F,  F,  F,  F,  F,  F,  F,   F,  F,  F,  F,  F,  F,  F,  F,  F,  F,
	F,  F,  F,  F,  F,  F,  F,  F,  F,  F,  F,  F,  F,  F,   F,  F,  F,  F,  F,  F,  F,  F,  F,  F,
	F,  F,  F,  F,  F,  F,  F,  F,  F,  F,  F,  F,  F,  F,   F,  F,  F,  F,  F,  F,  F,  F,  F,  F,
	F,  F,  F,  F,  F,  F,  F,  F,  F,  F,  F,  F,  F,  F,   F,  F,  F,  F,  F,  F,  F,  F,  F,  F,
	F,  F,  F,  F,  F,  F,  F,  F,  F,  F,  F,  F,  F,  F,   F,  F,
};
#undef F
#undef S

/* One group that is not four plain characters: spaces inside it, padding, or the end. */
static bool slow_group(struct bytes text, size_t *pos, uint8_t *to, size_t *len, bool *ended)
{
	unsigned group = 0, count = 0, pads = 0;

	for (; *pos < text.len && count + pads < 4; ++*pos) {
		uint8_t v = value[text.at[*pos]];

		if (v == SPACE)
			continue;
		if (v == FOREIGN || (v == PAD && count < 2) || (v < SPACE && pads > 0))
			return false;
		if (v == PAD) {
			pads++;
			continue;
		}
		group = group << 6 | v;
		count++;
	}
	if (count + pads != 4 && count + pads != 0)
		return false;
	*ended = pads > 0 || count == 0;
	group <<= 6 * pads;
	for (unsigned i = 0; i + 1 < count; i++)
		to[(*len)++] = (uint8_t)(group >> (16 - 8 * i));
	return true;
}

bool base64_read(struct bytes text, uint8_t *to, size_t *ret_len, size_t *ret_at)
{
	size_t pos = 0, len = 0;
	bool ended = false, ok = true;

	while (ok && !ended) {
		while (pos + 4 <= text.len) {
			unsigned a = value[text.at[pos]], b = value[text.at[pos + 1]];
			unsigned c = value[text.at[pos + 2]], d = value[text.at[pos + 3]];

			if ((a | b | c | d) < SPACE) {
				uint32_t group = htobe32(a << 26 | b << 20 | c << 14 | d << 8);

				memcpy(to + len, &group,
				       sizeof(group)); /* four bytes: the last is overwritten */
				len += 3;
				pos += 4;
			} else if (a == SPACE) { /* the end of a line, mostly */
				pos++;
			} else {
				break;
			}
		}
		ok = slow_group(text, &pos, to, &len, &ended);
	}
	for (; ok && pos < text.len; pos++)
		if (value[text.at[pos]] != SPACE) {
			ok = false;
			break;
		}
	*ret_len = len;
	*ret_at = pos;
	return ok;
}

void base64_write(struct bytes from, size_t width, struct buf *to)
{
	size_t groups = from.len / 3 + (from.len % 3 > 0),
	       lines = width > 0 ? groups / ((width + 3) / 4) + 1 : 0;
	uint8_t *start = buf_room(to, 4 * groups + lines), *out = start;
	size_t column = 0;

	for (size_t i = 0; i < from.len; i += 3) {
		size_t left = from.len - i;
		unsigned group = (unsigned)from.at[i] << 16;

		group |= left > 1 ? (unsigned)from.at[i + 1] << 8 : 0;
		group |= left > 2 ? from.at[i + 2] : 0;
		*out++ = (uint8_t)alphabet[group >> 18];
		*out++ = (uint8_t)alphabet[group >> 12 & 63];
		*out++ = left > 1 ? (uint8_t)alphabet[group >> 6 & 63] : '=';
		*out++ = left > 2 ? (uint8_t)alphabet[group & 63] : '=';
		column += 4;
		if (width > 0 && (column >= width || left <= 3)) {
			*out++ = '\n';
			column = 0;
		}
	}
	to->len += (size_t)(out - start);
}
