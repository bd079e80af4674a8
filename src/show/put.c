/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "show/put.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/text.h"
#include "show/show.h"

enum { FLUSH_AT = 1 << 16, NEAR = 90 * 86400 };

static const char *const codes[] = {
	[COLOR_BOLD] = "1",   [COLOR_DIM] = "2",     [COLOR_RED] = "31",
	[COLOR_GREEN] = "32", [COLOR_YELLOW] = "33",
};

void show_begin(struct show *show)
{
	*show = (struct show){ .to = stdout, .notes = stderr };
}

static bool colored(enum show_color color, FILE *stream)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	if (color != SHOW_COLOR_AUTO)
		return color == SHOW_COLOR_ALWAYS;
	return isatty(fileno(stream)) && (no == NULL || *no == '\0') &&
	       (term == NULL || strcmp(term, "dumb") != 0);
}

void show_tune(struct show *show, enum show_color color)
{
	struct winsize size;

	show->color = colored(color, show->to);
	show->notes_color = colored(color, show->notes);
	show->columns =
		show->verbose == 0 && ioctl(fileno(show->to), TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

bool show_begun(const struct show *show)
{
	return show->begun || show->out.len > 0;
}

bool show_flush(struct show *show)
{
	size_t done = show->out.len > 0 ? fwrite(show->out.at, 1, show->out.len, show->to) : 0;
	bool ok = done == show->out.len && fflush(show->to) == 0;

	show->begun = show_begun(show);
	show->out.len = 0;
	return ok && !ferror(show->to);
}

void show_done(struct show *show)
{
	buf_done(&show->out);
}

static void flush_some(struct show *show)
{
	if (show->out.len < FLUSH_AT || show->to == NULL)
		return;
	fwrite(show->out.at, 1, show->out.len, show->to); /* a failure stays in ferror() */
	show->begun = true;
	show->out.len = 0;
}

void put(struct show *show, const char *text)
{
	buf_text(&show->out, text);
	flush_some(show);
}

void put_bytes(struct show *show, struct bytes text)
{
	buf_bytes(&show->out, text);
	flush_some(show);
}

void put_print(struct show *show, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vprint(&show->out, fmt, ap);
	va_end(ap);
	flush_some(show);
}

void put_color(struct show *show, enum color color, const char *text)
{
	if (show->color && color != COLOR_NONE)
		put_print(show, "\033[%sm", codes[color]);
	put(show, text);
	if (show->color && color != COLOR_NONE)
		put(show, "\033[0m");
}

void put_escaped(struct show *show, struct bytes text)
{
	text_escape(text, &show->out);
	flush_some(show);
}

void put_json(struct show *show, struct bytes json)
{
	text_json(json, &show->out);
	flush_some(show);
}

void put_place(struct show *show, const char *place)
{
	put_escaped(show, bytes_of(strcmp(place, "-") == 0 ? "standard input" : place));
}

/* How many bytes of `text`, which has no controls, fill at most `width` columns. */
static size_t fitting(struct bytes text, size_t width)
{
	struct bytes rest = text;
	size_t fit = 0, columns = 0;

	while (rest.len > 0) {
		struct bytes before = rest;

		text_rune(&rest);
		columns += text_columns((struct bytes){ before.at, before.len - rest.len });
		if (columns > width)
			break;
		fit = text.len - rest.len;
	}
	return fit;
}

void put_cell(struct show *show, struct bytes text, size_t width, bool cut)
{
	struct bytes cell;
	size_t start = show->out.len, columns;

	text_escape(text, &show->out);
	cell = (struct bytes){ show->out.at + start, show->out.len - start };
	columns = text_columns(cell);
	if (cut && columns > width && width > 0) {
		show->out.len = start + fitting(cell, width - 1);
		buf_text(&show->out, "…");
		return;
	}
	for (; columns < width; columns++)
		buf_byte(&show->out, ' ');
	flush_some(show);
}

/* Takes one character, or one of our colours, which fills none; what it fills. */
static size_t take_columns(struct bytes *rest)
{
	struct bytes before = *rest;

	if (rest->at[0] == '\033') {
		const uint8_t *end = memchr(rest->at, 'm', rest->len);

		*rest = bytes_skip(*rest, end != NULL ? (size_t)(end - rest->at) + 1 : rest->len);
		return 0;
	}
	text_rune(rest);
	return text_columns((struct bytes){ before.at, before.len - rest->len });
}

/* How many bytes of `line` stand before the space where it is to be broken; all: it is not. */
static size_t fold_at(struct bytes line, size_t columns, size_t width)
{
	struct bytes rest = line;
	size_t space = 0;
	bool begun = false;

	while (rest.len > 0 && (columns < width || space == 0)) {
		if (rest.at[0] == ' ' && begun)
			space = line.len - rest.len;
		begun = begun || rest.at[0] != ' ';
		columns += take_columns(&rest);
	}
	if (rest.len == 0 && (columns <= width || space == 0))
		return line.len;
	return rest.len > 0 && rest.at[0] == ' ' ? line.len - rest.len : space;
}

void put_fold(struct show *show, size_t start, size_t hang)
{
	struct buf line = { 0 };
	struct bytes rest;
	size_t columns = 0;

	if (show->columns < 2 * hang + 20 || start >= show->out.len)
		return;
	buf_bytes(&line, bytes_skip(buf_view(&show->out), start));
	show->out.len = start;
	for (rest = buf_view(&line); rest.len > 0; columns = hang) {
		size_t len = fold_at(rest, columns, show->columns);

		buf_bytes(&show->out, (struct bytes){ rest.at, len });
		while (len < rest.len && show->out.at[show->out.len - 1] == ' ')
			show->out.len--;
		rest = bytes_skip(rest, len);
		while (rest.len > 0 && rest.at[0] == ' ')
			rest = bytes_skip(rest, 1);
		if (rest.len > 0)
			buf_print(&show->out, "\n%*s", (int)hang, "");
	}
	buf_done(&line);
	flush_some(show);
}

void put_hex(struct show *show, struct bytes bytes, size_t most)
{
	text_hex((struct bytes){ bytes.at, bytes.len < most ? bytes.len : most }, &show->out);
}

void put_date(struct show *show, int64_t at)
{
	char date[CLOCK_TEXT];
	enum color color = at == CLOCK_NONE       ? COLOR_NONE
			   : at < show->at        ? COLOR_RED
			   : at < show->at + NEAR ? COLOR_YELLOW
						  : COLOR_NONE;

	clock_date(at, date);
	put_color(show, color, date);
}
