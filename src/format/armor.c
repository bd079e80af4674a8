/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "format/armor.h"

#include "base/base64.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/text.h"

enum { LINE = 64 };

static const char begin[] = "-----BEGIN ", end[] = "-----END ", dashes[] = "-----";

static struct bytes until(struct bytes from, const char *to)
{
	return (struct bytes){ from.at, (size_t)((const uint8_t *)to - from.at) };
}

static size_t find(struct bytes file, size_t from, const char *what)
{
	struct bytes rest = bytes_skip(file, from);
	const uint8_t *hit = rest.len > 0 ? memmem(rest.at, rest.len, what, strlen(what)) : NULL;

	return hit != NULL ? (size_t)(hit - file.at) : SIZE_MAX;
}

static bool starts_line(struct bytes file, size_t at)
{
	static const uint8_t mark[] = { 0xef, 0xbb, 0xbf };

	if (at >= 3 && memcmp(file.at + at - 3, mark, 3) == 0)
		at -= 3;
	return at == 0 || file.at[at - 1] == '\n' || file.at[at - 1] == '\r';
}

/* The type between the opening and the closing dashes of the line at `at`; empty if it has none. */
static struct bytes line_type(struct bytes file, size_t at, size_t opening, size_t *ret_after)
{
	struct bytes rest = bytes_skip(file, at + opening);
	size_t most = rest.len < LIMIT_ARMOR_TYPE ? rest.len : LIMIT_ARMOR_TYPE;
	const uint8_t *newline = most > 0 ? memchr(rest.at, '\n', most) : NULL;
	struct bytes line =
		newline != NULL ? until(rest, (const char *)newline) : (struct bytes){ rest.at, most };
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

/* An empty line behind text and before more of it: the end of headers to OpenSSL. Counts the lines it sees.
 */
static bool has_blank_line(struct bytes body, unsigned *lines)
{
	const uint8_t *line = NULL, *newline;
	struct bytes rest = body;
	bool has = false;

	while (rest.len > 0 && (newline = memchr(rest.at, '\n', rest.len)) != NULL) {
		size_t len = (size_t)(newline - rest.at);

		if (len > 1 || (len == 1 && rest.at[0] != '\r'))
			line = rest.at;
		else if (line != NULL && len + 1 < rest.len)
			has = true;
		rest = bytes_skip(rest, len + 1);
		++*lines;
	}
	return has;
}

/* What OpenSSL 3.0, GnuTLS 3.7, p11-kit 0.24 and Python 3.11 were seen to do with such files. */
static const char *odd_of(struct bytes file, const struct armor *armor, size_t body, size_t end_at,
			  bool blank)
{
	struct bytes text = bytes_skip(file, body);
	size_t spaces = 0;

	if (!starts_line(file, armor->at) && armor->gap.len == 0)
		return "it begins on the line on which the block before it ends: OpenSSL and all that use it "
		       "read nothing of such a file";
	if (!starts_line(file, armor->at))
		return "its BEGIN does not start the line: OpenSSL passes over the block";
	while (spaces < text.len && (text.at[spaces] == ' ' || text.at[spaces] == '\t'))
		spaces++;
	if (spaces + 1 < text.len && text.at[spaces] == '\r' && text.at[spaces + 1] != '\n')
		return "its lines end in CR alone: OpenSSL and all that use it read nothing of such a file";
	if (armor->cut)
		return NULL;
	if (!starts_line(file, end_at))
		return "its END does not start the line: OpenSSL passes over the block";
	if (blank)
		return "there is an empty line in it: OpenSSL and all that use it do not read the block";
	return NULL;
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
	*ret_is_end = false;
	for (size_t at = from; at < file.len; at++) {
		const uint8_t *dash = memchr(file.at + at, '-', file.len - at);
		struct bytes here;

		if (dash == NULL)
			break;
		at = (size_t)(dash - file.at);
		here = bytes_skip(file, at);
		*ret_is_end = bytes_start(here, bytes_of(end));
		if (*ret_is_end || bytes_start(here, bytes_of(begin)))
			return at;
	}
	return file.len;
}

bool armor_next(struct bytes file, struct armor_at *at, struct armor *ret)
{
	size_t begins = find(file, at->pos, begin), body, ends;
	struct bytes end_type = { NULL, 0 };
	unsigned lines = 0;
	bool is_end, blank;

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
	blank = has_blank_line(ret->body, &lines);
	if (ret->body.at == file.at + body) { /* else there were headers, whose lines are not counted yet */
		at->line += lines;
		at->counted = ends;
	}
	ret->odd = odd_of(file, ret, body, ends, blank);
	return true;
}

const char *armor_stray(struct bytes gap, bool last, size_t *ret_at)
{
	size_t line = gap.len;

	*ret_at = find(gap, 0, end);
	if (*ret_at != SIZE_MAX)
		return "an END line without its BEGIN line: what stands before it is not read";
	while (line > 0 && gap.at[line - 1] != '\n' && gap.at[line - 1] != '\r')
		line--;
	if (!last || line == gap.len || !bytes_start(bytes_of(begin), bytes_skip(gap, line)))
		return NULL;
	*ret_at = line;
	return "the file ends within a BEGIN line";
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
	buf_text(to, to->len > 0 ? "\n# " : "# ");
	text_escape(label, to);
	buf_byte(to, '\n');
}
