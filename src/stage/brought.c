/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "stage/brought.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/root.h"
#include "base/text.h"
#include "model/anchor.h"
#include "model/store.h"
#include "stage/put.h"
#include "stage/stager.h"

/* The field in front of the next tab, which the line is moved behind. */
static struct bytes next_field(struct bytes *line)
{
	const uint8_t *tab = line->len > 0 ? memchr(line->at, '\t', line->len) : NULL;
	struct bytes field = { line->at, tab != NULL ? (size_t)(tab - line->at) : line->len };

	*line = bytes_skip(*line, field.len + 1);
	return field;
}

static char *text_of(struct bytes field)
{
	return mem_string((const char *)field.at, field.len);
}

static bool read_id(struct bytes hex, uint8_t ret[ID_LEN])
{
	char pair[3] = "", *end;

	if (hex.len != (size_t)2 * ID_LEN)
		return false;
	for (size_t i = 0; i < ID_LEN; i++) {
		memcpy(pair, hex.at + 2 * i, 2);
		ret[i] = (uint8_t)strtoul(pair, &end, 16);
		if (end != pair + 2)
			return false;
	}
	return true;
}

static bool read_line(struct bytes line, struct brought *into)
{
	struct bytes what = next_field(&line);
	struct anchor *anchor;
	uint8_t id[ID_LEN];
	struct store *to;

	if (bytes_equal(what, bytes_of("list")) && into->publisher == NULL) {
		into->publisher = text_of(next_field(&line));
		into->edition = text_of(next_field(&line));
		into->source = text_of(next_field(&line));
		return true;
	}
	to = bytes_equal(what, bytes_of("+"))   ? into->came
	     : bytes_equal(what, bytes_of("-")) ? into->went
						: NULL;
	if (to == NULL || !read_id(next_field(&line), id))
		return false;
	anchor = store_add_fingerprint(to, id);
	store_label(to, anchor, next_field(&line));
	return true;
}

bool brought_read(const struct root *root, const char *path, struct brought *ret, struct err *err)
{
	struct buf file = { 0 };
	struct bytes text;
	bool ok = true;

	*ret = (struct brought){ .came = store_new(path), .went = store_new(path) };
	if (root_has(root, path))
		ok = root_read(root, path, &file, err) || err_in(err, "%s", path);
	text = buf_view(&file);
	for (unsigned number = 1; ok && text.len > 0; number++) {
		const uint8_t *end = memchr(text.at, '\n', text.len);
		struct bytes line = { text.at, end != NULL ? (size_t)(end - text.at) : text.len };

		text = bytes_skip(text, line.len + 1);
		if (line.len > 0 && line.at[0] != '#' && !read_line(line, ret))
			ok = err_set(
				err, ERR_DAMAGED,
				"%s: line %u is not as anchorage writes it; without the file, refresh takes "
				"for yours what it cannot tell apart",
				path, number);
	}
	store_finish(ret->came);
	store_finish(ret->went);
	buf_done(&file);
	return ok;
}

void brought_done(struct brought *brought)
{
	free(brought->publisher);
	free(brought->edition);
	free(brought->source);
	store_free(brought->came);
	store_free(brought->went);
	*brought = (struct brought){ .came = NULL };
}

/* --- writing --- */

static const struct request *asked(const struct requests *requests, const uint8_t id[ID_LEN])
{
	for (size_t i = requests->count; i-- > 0;)
		if (memcmp(requests->all[i].anchor->id, id, ID_LEN) == 0)
			return &requests->all[i];
	return NULL;
}

/* Names come escaped out of the file, and go into it so. */
static void put_row(struct buf *to, char sign, const uint8_t id[ID_LEN], struct bytes name)
{
	buf_print(to, "%c\t", sign);
	text_hex((struct bytes){ id, ID_LEN }, to);
	buf_byte(to, '\t');
	buf_bytes(to, name);
	buf_byte(to, '\n');
}

static void put_old(struct buf *to, char sign, const struct store *store, const struct requests *requests)
{
	for (size_t i = 0; i < store->count; i++)
		if (asked(requests, store->anchors[i].id) == NULL)
			put_row(to, sign, store->anchors[i].id, bytes_of(store->anchors[i].label));
}

static void put_new(struct buf *to, const struct request *request)
{
	struct buf name = { 0 }, safe = { 0 };

	anchor_name(request->anchor, &name);
	text_escape(buf_view(&name), &safe);
	put_row(to, request->kind == REQUEST_TRUST ? '+' : '-', request->anchor->id, buf_view(&safe));
	buf_done(&name);
	buf_done(&safe);
}

static void write_all(const struct brought *was, const struct target *target, const struct requests *requests,
		      struct buf *to)
{
	buf_text(to, "# What anchorage refresh brought (+) and took (-).\nlist\t");
	buf_text(to, target->label);
	buf_byte(to, '\n');
	for (int gone = 0; gone < 2; gone++) {
		put_old(to, gone ? '-' : '+', gone ? was->went : was->came, requests);
		for (size_t i = 0; i < requests->count; i++)
			if ((requests->all[i].kind != REQUEST_TRUST) == gone)
				put_new(to, &requests->all[i]);
	}
}

static bool stage(const struct root *root, const struct target *target, const struct requests *requests,
		  const struct terms *terms, struct staged *ret, struct err *err)
{
	struct staged staged = { 0 };
	struct buf content = { 0 };
	struct brought was;
	char *slash, *above;
	bool ok;

	(void)terms;
	ok = brought_read(root, target->path, &was, err);
	above = mem_print("%s", target->path);
	slash = strrchr(above, '/');
	if (ok && slash != NULL && slash != above) {
		*slash = '\0';
		ok = put_directory(&staged.edits, root, target->name, above, err);
	}
	if (ok) {
		write_all(&was, target, requests, &content);
		ok = put_file(&staged.edits, root, target->name, target->path, buf_view(&content), 0, err);
	}
	if (ok)
		*ret = staged;
	else
		staged_done(&staged);
	brought_done(&was);
	buf_done(&content);
	free(above);
	return ok;
}

const struct stager stager_brought = {
	.name = "record",
	.brief = "what refresh brought",
	.stage = stage,
};
