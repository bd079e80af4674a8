/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <ctype.h>
#include <stdlib.h>
#include <strings.h>

#include "base/clock.h"
#include "base/mem.h"
#include "model/anchor.h"
#include "model/pick.h"
#include "model/store.h"
#include "show/json.h"
#include "show/put.h"
#include "show/show.h"

enum { HEAD = 16, ID_SHOWN = 8, KEY_SHOWN = 12, MOST_TRUST = 48 };

/* A row's name, kept for sorting; all names stand in one buffer. */
struct row {
	const struct anchor *anchor;
	size_t name, len;
	const struct buf *names;
	uint8_t head[HEAD]; /* the name's start in small letters: decides without a look elsewhere, mostly */
};

static int by_name(const void *a, const void *b)
{
	const struct row *x = a, *y = b;
	int order = memcmp(x->head, y->head, HEAD);

	if (order == 0 && x->len >= HEAD)
		order = strcasecmp((const char *)x->names->at + x->name,
				   (const char *)y->names->at + y->name);
	return order != 0 ? order : memcmp(x->anchor->id, y->anchor->id, ID_LEN);
}

static struct row *rows_of(const struct pick *pick, struct buf *names)
{
	struct row *rows = mem_zero((pick->count + 1) * sizeof(*rows));

	for (size_t i = 0; i < pick->count; i++) {
		struct row *row = &rows[i];

		*row = (struct row){ .anchor = pick->anchors[i], .name = names->len, .names = names };
		anchor_name(pick->anchors[i], names);
		row->len = names->len - row->name;
		for (size_t k = 0; k < HEAD && k < row->len; k++)
			row->head[k] = (uint8_t)tolower(names->at[row->name + k]);
		buf_byte(names, '\0');
	}
	if (pick->count > 1)
		qsort(rows, pick->count, sizeof(*rows), by_name);
	return rows;
}

/* Most anchors are simply that, and need no text to be measured. */
static bool simple(const struct anchor *anchor)
{
	for (size_t i = 0; i < PURPOSE_COUNT; i++)
		if (anchor->distrust_after[i] != CLOCK_NONE)
			return false;
	return anchor->trusted == PURPOSES_ALL && anchor->distrusted == 0 && anchor->attached_count == 0;
}

/* On a terminal it may take a third of the line. */
static size_t trust_width(const struct show *show, const struct pick *pick)
{
	struct buf text = { 0 };
	size_t width = strlen("anchor"), most;

	for (size_t i = 0; i < pick->count; i++) {
		text.len = 0;
		if (!simple(pick->anchors[i]))
			show_trust(pick->anchors[i], &text);
		if (text.len > width)
			width = text.len;
	}
	buf_done(&text);
	most = show->columns > 0 ? show->columns / 3 : MOST_TRUST;
	return width < most ? width : most;
}

/* What the heading counts; with a purpose only what concerns that. */
struct sum {
	size_t anchors, expired, distrusted, partly;
};

static void count(const struct show *show, const struct listed *one, struct sum *ret)
{
	const struct wanted *wanted = one->wanted;

	*ret = (struct sum){ 0 };
	for (size_t i = 0; i < one->pick->count; i++) {
		const struct anchor *anchor = one->pick->anchors[i];
		uint16_t asked = (uint16_t)(wanted->any ? PURPOSES_ALL : PURPOSE_BIT(wanted->purpose));
		bool barred = (anchor->distrusted & asked) != 0;
		bool trusted = wanted->any ? anchor_trusted(anchor) != 0
					   : anchor_serves(anchor, wanted->purpose, wanted->oid);

		ret->anchors += trusted;
		ret->distrusted += !trusted && barred;
		ret->partly += trusted && barred;
		ret->expired += trusted && anchor_not_after(anchor) != CLOCK_NONE &&
				anchor_not_after(anchor) < show->at;
	}
}

static void put_count(struct show *show, size_t count, const char *what)
{
	if (count > 0)
		put_print(show, ", %zu %s", count, what);
}

static void heading(struct show *show, const struct listed *one)
{
	struct sum sum;

	count(show, one, &sum);
	if (show->color)
		put(show, "\033[1m");
	put_place(show, one->store->place);
	put_print(show, ": %zu anchor%s", sum.anchors, sum.anchors == 1 ? "" : "s");
	if (show->color)
		put(show, "\033[0m");
	put_count(show, sum.expired, "expired");
	put_count(show, sum.distrusted, "distrusted");
	put_count(show, sum.partly, "distrusted in part");
	if (one->store->how != NULL) {
		put(show, " (");
		put_escaped(show, bytes_of(one->store->how));
		put(show, ")");
	}
	put(show, "\n");
}

static void put_row(struct show *show, const struct row *row, size_t width, struct buf *scratch)
{
	const struct anchor *anchor = row->anchor;
	struct key key = anchor_key(anchor);
	char text[KEY_TEXT];
	size_t before;

	key_text(&key, text);
	if (anchor->names == ANCHOR_CERTIFICATE || anchor->names == ANCHOR_FINGERPRINT)
		put_hex(show, (struct bytes){ anchor->id, ID_LEN }, ID_SHOWN);
	else
		put(show, "-               ");
	put(show, "  ");
	put_date(show, anchor_not_after(anchor));
	put(show, anchor_not_after(anchor) == CLOCK_NONE ? "           " : "  ");
	put_cell(show, bytes_of(text), KEY_SHOWN, false);
	put(show, "  ");
	scratch->len = 0;
	show_trust(anchor, scratch);
	if (show->color && anchor->distrusted != 0)
		put(show, "\033[31m");
	put_cell(show, buf_view(scratch), width, show->columns > 0);
	if (show->color && anchor->distrusted != 0)
		put(show, "\033[0m");
	put(show, "  ");
	before = 2 * ID_SHOWN + 2 + 10 + 2 + KEY_SHOWN + 2 + width + 2;
	put_cell(show, (struct bytes){ row->names->at + row->name, row->len },
		 show->columns > before + 8 ? show->columns - before : 0, show->columns > before + 8);
	while (show->out.len > 0 && show->out.at[show->out.len - 1] == ' ')
		show->out.len--;
	put(show, "\n");
}

static void put_listed(struct show *show, const struct listed *one)
{
	struct buf names = { 0 }, scratch = { 0 };
	struct row *rows = rows_of(one->pick, &names);
	size_t width = trust_width(show, one->pick);

	heading(show, one);
	if (one->pick->count > 0) {
		put_color(show, COLOR_DIM, "FINGERPRINT       EXPIRES     KEY           ");
		if (show->color)
			put(show, "\033[2m");
		put_cell(show, bytes_of("TRUST"), width, false);
		put(show, show->color ? "  NAME\033[0m\n" : "  NAME\n");
	}
	for (size_t i = 0; i < one->pick->count; i++)
		put_row(show, &rows[i], width, &scratch);
	free(rows);
	buf_done(&names);
	buf_done(&scratch);
}

void show_list(struct show *show, const struct listed *all, size_t count, char *const *failed,
	       size_t failed_count)
{
	if (show->json) {
		show_list_json(show, all, count, failed, failed_count);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		put(show, i > 0 ? "\n" : "");
		put_listed(show, &all[i]);
	}
}
