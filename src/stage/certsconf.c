/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "stage/certsconf.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/root.h"
#include "base/text.h"

/* The scripts' `read` trims the line; what is left of it is the path, spaces inside included. */
static void line_parse(struct certsconf_line *line)
{
	struct bytes body = bytes_of(line->text);

	line->off = body.len > 0 && body.at[0] == '!';
	if (body.len == 0 || body.at[0] == '#')
		return;
	body = text_trim(line->off ? bytes_skip(body, 1) : body);
	if (body.len == 0)
		return;
	line->path = (const char *)body.at;
	line->len = body.len;
}

static void add(struct certsconf *conf, const uint8_t *at, size_t len)
{
	struct certsconf_line *line;

	conf->lines = mem_grow(conf->lines, conf->count, sizeof(*conf->lines));
	line = &conf->lines[conf->count++];
	*line = (struct certsconf_line){ .text = mem_string((const char *)at, len) };
	line_parse(line);
}

bool certsconf_read(const struct root *root, const char *path, struct certsconf *ret, struct err *err)
{
	struct certsconf conf = { .there = root_has(root, path) };
	struct buf file = { 0 };
	bool ok = !conf.there || root_read(root, path, &file, err) || err_in(err, "%s", path);

	for (size_t at = 0; ok && at < file.len;) {
		const uint8_t *newline = memchr(file.at + at, '\n', file.len - at);
		size_t len = newline != NULL ? (size_t)(newline - file.at) - at : file.len - at;

		add(&conf, file.at + at, len);
		conf.cut = newline == NULL;
		at += len + 1;
	}
	buf_done(&file);
	if (ok)
		*ret = conf;
	return ok;
}

void certsconf_switch(struct certsconf *conf, size_t line, bool on)
{
	struct certsconf_line *it = &conf->lines[line];
	char *text;

	if (it->path == NULL || it->off == !on)
		return;
	text = mem_print("%s%.*s", on ? "" : "!", (int)it->len, it->path);
	free(it->text);
	*it = (struct certsconf_line){ .text = text };
	line_parse(it);
	conf->changed = true;
}

void certsconf_write(const struct certsconf *conf, struct buf *to)
{
	for (size_t i = 0; i < conf->count; i++) {
		buf_text(to, conf->lines[i].text);
		if (i + 1 < conf->count || !conf->cut)
			buf_byte(to, '\n');
	}
}

void certsconf_done(struct certsconf *conf)
{
	for (size_t i = 0; i < conf->count; i++)
		free(conf->lines[i].text);
	free(conf->lines);
	*conf = (struct certsconf){ 0 };
}
