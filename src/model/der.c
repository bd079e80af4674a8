/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/der.h"

#include <errno.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/clock.h"

/* Reads the header at `in`; the length is that of the body. */
static inline bool header(struct bytes in, uint8_t *tag, size_t *head, size_t *body)
{
	size_t count, len = 0;

	if (in.len < 2 || (in.at[0] & 0x1f) == 0x1f)
		return false;
	*tag = in.at[0];
	if (in.at[1] < 0x80) {
		*head = 2;
		*body = in.at[1];
		return true;
	}
	count = in.at[1] & 0x7f;
	if (count < 1 || count > 4 || in.len < 2 + count || in.at[2] == 0)
		return false;
	for (size_t i = 0; i < count; i++)
		len = len << 8 | in.at[2 + i];
	*head = 2 + count;
	*body = len;
	return len >= 0x80;
}

enum { ANY_TAG = 0x100 };

/* The walk of a certificate is little else than this; it is the same code in each of the three below. */
static inline struct der element(struct cursor *c, unsigned tag)
{
	struct der out = { 0 };
	size_t head, body, left = cursor_left(c);
	struct bytes in = { left > 0 ? c->all.at + c->pos : NULL, left };

	if (!header(in, &out.tag, &head, &body) || body > left - head || (tag != ANY_TAG && out.tag != tag)) {
		c->bad = true;
		return (struct der){ 0 };
	}
	out.whole = (struct bytes){ in.at, head + body };
	out.body = (struct bytes){ in.at + head, body };
	c->pos += head + body;
	return out;
}

struct der der_next(struct cursor *c)
{
	return element(c, ANY_TAG);
}

bool der_peek(const struct cursor *c, unsigned tag)
{
	return cursor_left(c) > 0 && c->all.at[c->pos] == tag;
}

struct bytes der_take(struct cursor *c, unsigned tag)
{
	return element(c, tag).body;
}

struct bytes der_take_whole(struct cursor *c, unsigned tag)
{
	return element(c, tag).whole;
}

bool der_ended(const struct cursor *c)
{
	return !c->bad && c->pos == c->all.len;
}

size_t der_size(struct bytes head)
{
	uint8_t tag;
	size_t before, body;

	return header(head, &tag, &before, &body) ? before + body : 0;
}

bool der_read_boolean(struct bytes body, bool *ret)
{
	if (body.len != 1 || (body.at[0] != 0 && body.at[0] != 0xff))
		return false;
	*ret = body.at[0] != 0;
	return true;
}

bool der_read_unsigned(struct bytes body, uint64_t most, uint64_t *ret)
{
	uint64_t value = 0;

	if (body.len < 1 || body.len > 9 || body.at[0] >= 0x80)
		return false;
	if (body.len > 1 && body.at[0] == 0 && body.at[1] < 0x80)
		return false;
	if (body.len == 9 && body.at[0] != 0)
		return false;
	for (size_t i = 0; i < body.len; i++)
		value = value << 8 | body.at[i];
	if (value > most)
		return false;
	*ret = value;
	return true;
}

static bool padded(struct bytes n)
{
	return n.len > 1 && ((n.at[0] == 0 && n.at[1] < 0x80) || (n.at[0] == 0xff && n.at[1] >= 0x80));
}

bool der_integer_valid(struct bytes body)
{
	return body.len > 0 && !padded(body);
}

struct bytes der_integer_trim(struct bytes body)
{
	while (padded(body))
		body = bytes_skip(body, 1);
	return body;
}

static int two(const uint8_t *at)
{
	return (at[0] - '0') * 10 + at[1] - '0';
}

/* YYMMDDHHMMZ, which X.680 allows and roots of the last century have, is odd. */
bool der_take_time(struct cursor *c, int64_t *ret, bool *ret_odd)
{
	bool general = der_peek(c, DER_GENERALIZED_TIME);
	struct bytes t = der_take(c, general ? DER_GENERALIZED_TIME : DER_UTC_TIME);
	bool short_of_seconds = !general && t.len == 11;
	int year;

	if (t.at == NULL || (t.len != (general ? 15 : 13) && !short_of_seconds) || t.at[t.len - 1] != 'Z')
		return false;
	for (size_t i = 0; i + 1 < t.len; i++)
		if (t.at[i] < '0' || t.at[i] > '9')
			return false;
	year = general ? two(t.at) * 100 + two(t.at + 2) : two(t.at);
	if (!general)
		year += year < 50 ? 2000 : 1900;
	if (short_of_seconds || (general && year < 2050))
		*ret_odd = true;
	t = bytes_skip(t, general ? 4 : 2);
	return clock_from(year, two(t.at), two(t.at + 2), two(t.at + 4), two(t.at + 6),
			  short_of_seconds ? 0 : two(t.at + 8), ret);
}

struct bytes der_take_algorithm(struct cursor *c)
{
	struct bytes body = der_take(c, DER_SEQUENCE);
	struct cursor in = der_into(body);

	if (!der_oid_valid(der_take(&in, DER_OID)))
		c->bad = true;
	if (cursor_left(&in) > 0)
		der_next(&in);
	if (!der_ended(&in))
		c->bad = true;
	return body;
}

struct bytes der_take_bits(struct cursor *c, unsigned tag)
{
	struct bytes body = der_take(c, tag);

	if (body.at == NULL || body.len == 0 || body.at[0] > 7 || (body.len == 1 && body.at[0] != 0))
		c->bad = true;
	return bytes_skip(body, 1);
}

struct bytes der_take_octets(struct cursor *c)
{
	struct bytes body = der_take(c, DER_BIT_STRING);

	if (body.len == 0 || body.at[0] != 0)
		c->bad = true;
	return bytes_skip(body, 1);
}

void der_write(struct buf *to, unsigned tag, struct bytes body)
{
	buf_byte(to, tag);
	if (body.len < 0x80) {
		buf_byte(to, (unsigned)body.len);
	} else {
		unsigned count = 0;

		for (size_t rest = body.len; rest > 0; rest >>= 8)
			count++;
		buf_byte(to, 0x80 | count);
		for (unsigned i = count; i-- > 0;)
			buf_byte(to, (unsigned)(body.len >> (8 * i)));
	}
	buf_bytes(to, body);
}

bool der_oid_valid(struct bytes body)
{
	for (size_t i = 0; i < body.len; i++)
		if (body.at[i] == 0x80 && (i == 0 || body.at[i - 1] < 0x80))
			return false;
	return body.len > 0 && body.at[body.len - 1] < 0x80;
}

bool der_oid_text(struct bytes body, struct buf *to)
{
	size_t start = to->len;
	uint64_t arc = 0;
	bool first = true;

	if (!der_oid_valid(body))
		return false;
	for (size_t i = 0; i < body.len; i++) {
		if (arc > UINT64_MAX >> 7) {
			to->len = start;
			return false;
		}
		arc = arc << 7 | (body.at[i] & 0x7f);
		if (body.at[i] >= 0x80)
			continue;
		if (first) /* it holds two */
			buf_print(to, "%d.%llu",
				  arc < 40   ? 0
				  : arc < 80 ? 1
					     : 2,
				  (unsigned long long)(arc < 80 ? arc % 40 : arc - 80));
		else
			buf_print(to, ".%llu", (unsigned long long)arc);
		first = false;
		arc = 0;
	}
	return true;
}

static void write_arc(struct buf *to, uint64_t arc)
{
	int shift = 63;

	while (shift > 0 && arc >> shift == 0)
		shift -= 7;
	for (; shift >= 0; shift -= 7)
		buf_byte(to, (unsigned)(arc >> shift & 0x7f) | (shift > 0 ? 0x80 : 0));
}

bool der_oid_read(const char *dotted, struct buf *to)
{
	size_t start = to->len, count = 0;
	uint64_t top = 0;

	for (const char *p = dotted; *p != '\0'; count++) {
		char *end;
		unsigned long long arc;

		if (*p < '0' || *p > '9' || (*p == '0' && p[1] >= '0' && p[1] <= '9'))
			goto bad;
		errno = 0;
		arc = strtoull(p, &end, 10);
		if (errno != 0 || arc > UINT64_MAX - 80 || (*end != '.' && *end != '\0') ||
		    (*end == '.' && end[1] == '\0'))
			goto bad;
		if (count == 0)
			top = arc;
		else if (count == 1)
			write_arc(to, top * 40 + arc);
		else
			write_arc(to, arc);
		if (top > 2 || (count == 1 && top < 2 && arc > 39))
			goto bad;
		p = *end == '.' ? end + 1 : end;
	}
	if (count >= 2)
		return true;
bad:
	to->len = start;
	return false;
}
