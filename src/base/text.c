/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/text.h"

#include <strings.h>

#include "base/buf.h"

struct range {
	uint32_t first, last;
};

/* Characters that a terminal obeys or hides: Unicode's Cc, Cf, Zl, Zp and nobody's. */
static const struct range unsafe[] = {
	{ 0x0, 0x1f },      { 0x7f, 0x9f },     { 0xad, 0xad },        { 0x61c, 0x61c },   { 0x180e, 0x180e },
	{ 0x200b, 0x200f }, { 0x2028, 0x202e }, { 0x2060, 0x206f },    { 0xd800, 0xf8ff }, { 0xfeff, 0xfeff },
	{ 0xfff0, 0xfffb }, { 0xfffe, 0xffff }, { 0xe0000, 0x10ffff },
};

/* East Asian Width W and F, coarsely: what terminals draw two columns wide. */
static const struct range wide[] = {
	{ 0x1100, 0x115f },   { 0x2e80, 0x303e },   { 0x3041, 0xa4cf }, { 0xac00, 0xd7a3 },
	{ 0xf900, 0xfaff },   { 0xfe30, 0xfe6f },   { 0xff00, 0xff60 }, { 0xffe0, 0xffe6 },
	{ 0x1f300, 0x1faff }, { 0x20000, 0x3fffd },
};

/* Combining marks: no column of their own. */
static const struct range zero[] = {
	{ 0x300, 0x36f },   { 0x483, 0x489 },   { 0x591, 0x5bd },   { 0x610, 0x61a },   { 0x64b, 0x65f },
	{ 0x1ab0, 0x1aff }, { 0x1dc0, 0x1dff }, { 0x20d0, 0x20ff }, { 0xfe00, 0xfe0f }, { 0xfe20, 0xfe2f },
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static bool within(uint32_t rune, const struct range *ranges, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (rune >= ranges[i].first && rune <= ranges[i].last)
			return true;
	return false;
}

uint32_t text_rune(struct bytes *rest)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	struct bytes all = *rest;
	uint8_t lead = all.at[0];
	size_t len = lead < 0x80 ? 1 : lead >> 5 == 6 ? 2 : lead >> 4 == 14 ? 3 : lead >> 3 == 30 ? 4 : 0;
	uint32_t rune = len < 2 ? lead : lead & (0x7fu >> len);

	*rest = bytes_skip(all, 1);
	if (len == 1)
		return rune;
	if (len == 0 || len > all.len)
		return TEXT_BAD;
	for (size_t i = 1; i < len; i++) {
		if (all.at[i] >> 6 != 2)
			return TEXT_BAD;
		rune = rune << 6 | (all.at[i] & 0x3f);
	}
	if (rune < least[len] || rune > 0x10ffff || (rune >= 0xd800 && rune <= 0xdfff))
		return TEXT_BAD;
	*rest = bytes_skip(all, len);
	return rune;
}

/* How many bytes at the start are printable ASCII that nothing has to be done about. */
static size_t plain(struct bytes text)
{
	size_t n = 0;

	while (n < text.len && text.at[n] >= ' ' && text.at[n] < 0x7f && text.at[n] != '\\')
		n++;
	return n;
}

void text_escape(struct bytes from, struct buf *to)
{
	for (;;) {
		size_t n = plain(from);
		struct bytes before;
		uint32_t rune;

		buf_bytes(to, (struct bytes){ from.at, n });
		from = bytes_skip(from, n);
		if (from.len == 0)
			return;
		before = from;
		rune = text_rune(&from);
		if (rune == TEXT_BAD)
			buf_print(to, "\\x%02x", before.at[0]);
		else if (rune == '\\')
			buf_text(to, "\\\\");
		else if (within(rune, unsafe, COUNT(unsafe)))
			buf_print(to, "\\u{%X}", rune);
		else
			buf_bytes(to, (struct bytes){ before.at, before.len - from.len });
	}
}

static int digit(uint8_t c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The byte that \xNN at the start stands for; -1: there is none. */
static int escaped_byte(struct bytes text)
{
	int high, low;

	if (text.len < 4 || text.at[0] != '\\' || text.at[1] != 'x')
		return -1;
	high = digit(text.at[2]);
	low = digit(text.at[3]);
	return high < 0 || low < 0 ? -1 : high << 4 | low;
}

void text_utf8(struct bytes from, struct buf *to)
{
	while (from.len > 0) {
		struct bytes before = from;

		if (text_rune(&from) == TEXT_BAD || escaped_byte(before) >= 0)
			buf_print(to, "\\x%02x", before.at[0]);
		else
			buf_bytes(to, (struct bytes){ before.at, before.len - from.len });
	}
}

void text_from_utf8(struct bytes from, struct buf *to)
{
	while (from.len > 0) {
		int byte = escaped_byte(from);

		buf_byte(to, byte >= 0 ? (unsigned)byte : from.at[0]);
		from = bytes_skip(from, byte >= 0 ? 4 : 1);
	}
}

void text_json(struct bytes json, struct buf *to)
{
	while (json.len > 0) {
		struct bytes before;
		size_t n = 0;
		uint32_t rune;

		while (n < json.len && json.at[n] < 0x7f)
			n++;
		buf_bytes(to, (struct bytes){ json.at, n });
		json = before = bytes_skip(json, n);
		if (json.len == 0)
			return;
		rune = text_rune(&json);
		if (rune == TEXT_BAD || !within(rune, unsafe, COUNT(unsafe)))
			buf_bytes(to, (struct bytes){ before.at, before.len - json.len });
		else if (rune < 0x10000)
			buf_print(to, "\\u%04x", rune);
		else
			buf_print(to, "\\u%04x\\u%04x", 0xd800 + ((rune - 0x10000) >> 10),
				  0xdc00 + (rune & 0x3ff));
	}
}

static char *as_string(struct bytes from, void (*convert)(struct bytes, struct buf *))
{
	struct buf buf = { 0 };

	convert(from, &buf);
	buf_byte(&buf, '\0');
	return (char *)buf.at;
}

char *text_escaped(struct bytes from)
{
	return as_string(from, text_escape);
}

char *text_valid(struct bytes from)
{
	return as_string(from, text_utf8);
}

size_t text_columns(struct bytes utf8)
{
	size_t columns = 0;

	while (utf8.len > 0) {
		uint32_t rune = utf8.at[0];

		if (rune < 0x80) {
			utf8 = bytes_skip(utf8, 1);
			columns++;
			continue;
		}
		rune = text_rune(&utf8);
		columns += within(rune, zero, COUNT(zero)) ? 0 : within(rune, wide, COUNT(wide)) ? 2 : 1;
	}
	return columns;
}

void text_hex(struct bytes from, struct buf *to)
{
	static const char digits[] = "0123456789abcdef";
	uint8_t *room = buf_room(to, 2 * from.len);

	for (size_t i = 0; i < from.len; i++) {
		room[2 * i] = (uint8_t)digits[from.at[i] >> 4];
		room[2 * i + 1] = (uint8_t)digits[from.at[i] & 15];
	}
	to->len += 2 * from.len;
}

void text_quote(const char *word, struct buf *to)
{
	buf_byte(to, '\'');
	for (const char *c = word; *c != '\0'; c++)
		if (*c == '\'')
			buf_text(to, "'\"'\"'"); /* without a backslash, which text_escape() would double */
		else
			buf_byte(to, (uint8_t)*c);
	buf_byte(to, '\'');
}

void text_shell(const char *word, struct buf *to)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+,:@%";

	if (word[0] != '\0' && word[strspn(word, plain)] == '\0')
		buf_text(to, word);
	else
		text_quote(word, to);
}

bool text_white(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\f';
}

struct bytes text_trim(struct bytes line)
{
	while (line.len > 0 && text_white(line.at[0]))
		line = bytes_skip(line, 1);
	while (line.len > 0 && text_white(line.at[line.len - 1]))
		line.len--;
	return line;
}

static bool has_word(struct bytes in, const char *word, size_t len)
{
	for (size_t i = 0; i + len <= in.len; i++)
		if (strncasecmp((const char *)in.at + i, word, len) == 0)
			return true;
	return false;
}

bool text_has_words(struct bytes in, const char *words)
{
	while (*words != '\0') {
		size_t len = strcspn(words, " ");

		if (len > 0 && !has_word(in, words, len))
			return false;
		words += len + (words[len] == ' ');
	}
	return true;
}

void text_utf16(struct bytes from, struct buf *to)
{
	while (from.len > 0) {
		uint8_t byte = from.at[0];
		uint32_t rune = text_rune(&from);

		if (rune == TEXT_BAD)
			rune = byte;
		if (rune >= 0x10000) {
			buf_be16(to, 0xd800 + ((rune - 0x10000) >> 10));
			rune = 0xdc00 + ((rune - 0x10000) & 0x3ff);
		}
		buf_be16(to, rune);
	}
}

void text_from_utf16(struct bytes bmp, struct buf *to)
{
	for (size_t i = 0; i + 1 < bmp.len; i += 2) {
		uint32_t rune = (uint32_t)bmp.at[i] << 8 | bmp.at[i + 1], low = 0;

		if (i + 3 < bmp.len)
			low = (uint32_t)bmp.at[i + 2] << 8 | bmp.at[i + 3];
		if (rune >> 10 == 0x36 && low >> 10 == 0x37) {
			rune = 0x10000 + ((rune & 0x3ff) << 10) + (low & 0x3ff);
			i += 2;
		}
		if (rune < 0x80) {
			buf_byte(to, rune);
			continue;
		}
		if (rune >= 0x10000) {
			buf_byte(to, 0xf0 | rune >> 18);
			buf_byte(to, 0x80 | (rune >> 12 & 0x3f));
		} else if (rune >= 0x800) {
			buf_byte(to, 0xe0 | rune >> 12);
		}
		buf_byte(to, rune >= 0x800 ? 0x80 | (rune >> 6 & 0x3f) : 0xc0 | rune >> 6);
		buf_byte(to, 0x80 | (rune & 0x3f));
	}
}
