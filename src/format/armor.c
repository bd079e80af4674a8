/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "format/armor.h"

#include "base/base64.h"
#include "base/buf.h"
#include "base/text.h"

enum { LINE = 64 };

static const char begin[] = "-----BEGIN ", end[] = "-----END ", dashes[] = "-----";

static struct bytes until(struct bytes from, const char *to)
{
	return (struct bytes){ from.at, (size_t)((const uint8_t *)to - from.at) };
}

/* Whether only white space or a byte order mark stands before `at` on its line. */
static bool starts_line(struct bytes file, size_t at)
{
	static const uint8_t mark[] = { 0xef, 0xbb, 0xbf };

	while (at > 0 && (file.at[at - 1] == ' ' || file.at[at - 1] == '\t'))
		at--;
	if (at >= 3 && memcmp(file.at + at - 3, mark, 3) == 0)
		at -= 3;
	return at == 0 || file.at[at - 1] == '\n' || file.at[at - 1] == '\r';
}

/* The offset of the next line that begins with `what`, or SIZE_MAX. */
static size_t find_line(struct bytes file, size_t from, const char *what)
{
	struct bytes rest = bytes_skip(file, from);
	const uint8_t *hit;

	while (rest.len > 0 && (hit = memmem(rest.at, rest.len, what, strlen(what))) != NULL) {
		size_t at = (size_t)(hit - file.at);

		if (starts_line(file, at))
			return at;
		rest = bytes_skip(file, at + 1);
	}
	return SIZE_MAX;
}

/* The type between the opening and the closing dashes of the line at `at`; empty if it has none. */
static struct bytes line_type(struct bytes file, size_t at, size_t opening, size_t *ret_after)
{
	struct bytes rest = bytes_skip(file, at + opening);
	const uint8_t *newline = rest.len > 0 ? memchr(rest.at, '\n', rest.len) : NULL;
	struct bytes line = newline != NULL ? until(rest, (const char *)newline) : rest;
	const char *close = line.len > 0 ? memmem(line.at, line.len, dashes, strlen(dashes)) : NULL;

	if (close == NULL) {
		*ret_after = at + opening;
		return (struct bytes){ rest.at, 0 };
	}
	*ret_after = at + opening + (size_t)((const uint8_t *)close - line.at) + strlen(dashes);
	return until(line, close);
}

/* Drops "Name: value" lines and the empty line behind them (RFC 1421 section 4.6). */
static struct bytes without_headers(struct bytes body)
{
	static const char *const gaps[] = { "\n\n", "\r\n\r\n" };

	if (body.len == 0 || memchr(body.at, ':', body.len) == NULL)
		return body;
	for (size_t i = 0; i < 2; i++) {
		const uint8_t *gap = memmem(body.at, body.len, gaps[i], strlen(gaps[i]));

		if (gap != NULL)
			return bytes_skip(body, (size_t)(gap - body.at) + strlen(gaps[i]));
	}
	return body;
}

static void count_lines(struct bytes file, struct armor_at *at, size_t to)
{
	while (at->counted < to) {
		const uint8_t *newline = memchr(file.at + at->counted, '\n', to - at->counted);

		if (newline == NULL)
			break;
		at->line++;
		at->counted = (size_t)(newline - file.at) + 1;
	}
	at->counted = to;
}

/* Where the body that starts at `from` ends: its END line, the next BEGIN line, or the end of the file. */
static size_t find_end(struct bytes file, size_t from, bool *ret_is_end)
{
	size_t at = from;

	*ret_is_end = false;
	while (at < file.len) {
		const uint8_t *dash = memchr(file.at + at, '-', file.len - at);

		if (dash == NULL)
			return file.len;
		at = (size_t)(dash - file.at);
		*ret_is_end = bytes_start(bytes_skip(file, at), bytes_of(end));
		if (*ret_is_end ||
		    (starts_line(file, at) && bytes_start(bytes_skip(file, at), bytes_of(begin))))
			return at;
		at++;
	}
	return file.len;
}

bool armor_next(struct bytes file, struct armor_at *at, struct armor *ret)
{
	size_t begins = find_line(file, at->pos, begin), body, ends;
	struct bytes end_type = { NULL, 0 };
	bool is_end;

	*ret = (struct armor){ .gap = bytes_skip(file, at->pos), .gap_at = at->pos };
	if (begins == SIZE_MAX) {
		at->pos = file.len;
		return false;
	}
	ret->gap.len = begins - at->pos;
	ret->at = begins;
	count_lines(file, at, begins);
	ret->line = at->line;
	ret->type = line_type(file, begins, strlen(begin), &body);
	ends = find_end(file, body, &is_end);
	ret->body = without_headers((struct bytes){ file.at + body, ends - body });
	at->pos = ends;
	if (is_end)
		end_type = line_type(file, ends, strlen(end), &at->pos);
	ret->cut = !is_end || !bytes_equal(ret->type, end_type);
	return true;
}

bool armor_decode(const struct armor *armor, struct buf *to, size_t *ret_at)
{
	size_t len = 0, at = 0;
	bool ok = base64_read(armor->body, buf_room(to, base64_room(armor->body.len)), &len, &at);

	to->len += len;
	*ret_at = armor->body.at == NULL ? armor->at
					 : (size_t)(armor->body.at - armor->gap.at) + armor->gap_at + at;
	return ok;
}

void armor_write(struct buf *to, const char *type, struct bytes body)
{
	buf_print(to, "-----BEGIN %s-----\n", type);
	base64_write(body, LINE, to);
	buf_print(to, "-----END %s-----\n", type);
}

void armor_comment(struct buf *to, struct bytes label)
{
	buf_text(to, "# ");
	text_escape(label, to);
	buf_byte(to, '\n');
}
