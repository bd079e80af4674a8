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

enum { HEAD = 16, ID_SHOWN = 8, KEY_SHOWN = 12, MOST_TRUST = 48, LEAST_NAME = 16 };

/* Columns of a row but those of trust and name. */
enum { OTHERS = 2 * ID_SHOWN + 2 + 10 + 2 + KEY_SHOWN + 2 + 2 };

/*
 * A row is formatted in the order of the store, which is that of its memory, and
 * sorted afterwards: the names stand in one buffer, the lines in another.
 */
struct row {
	uint8_t head[HEAD]; /* the name's start in small letters: decides without a look elsewhere, mostly */
	uint8_t id[ID_SHOWN]; /* the identity's start: the same between equal names */
	const struct anchor *anchor;
	size_t name, line;
	unsigned name_len, line_len;
};

static int by_name(const void *a, const void *b, void *names)
{
	const struct row *x = a, *y = b;
	int order = memcmp(x->head, y->head, HEAD);

	if (order == 0 && x->name_len >= HEAD)
		order = strcasecmp((const char *)names + x->name, (const char *)names + y->name);
	if (order == 0)
		order = memcmp(x->id, y->id, ID_SHOWN);
	return order != 0 ? order : memcmp(x->anchor->id, y->anchor->id, ID_LEN);
}

static void name_row(const struct anchor *anchor, struct buf *names, struct row *ret)
{
	*ret = (struct row){ .anchor = anchor, .name = names->len };
	memcpy(ret->id, anchor->id, ID_SHOWN);
	anchor_name(anchor, names);
	ret->name_len = (unsigned)(names->len - ret->name);
	for (size_t k = 0; k < HEAD && k < ret->name_len; k++)
		ret->head[k] = (uint8_t)tolower(names->at[ret->name + k]);
	buf_byte(names, '\0');
}

/* Most anchors are simply that, and need no text to be measured. */
static bool simple(const struct anchor *anchor)
{
	for (size_t i = 0; i < PURPOSE_COUNT; i++)
		if (anchor->distrust_after[i] != CLOCK_NONE)
			return false;
	return anchor->trusted == PURPOSES_ALL && anchor->distrusted == 0 && anchor->attached_count == 0;
}

/* On a terminal it may take a third of the line, and leaves some of it to the name. */
static size_t trust_width(const struct show *show, const struct pick *pick)
{
	struct buf text = { 0 };
	size_t least = strlen("anchor"), width = least, most;

	for (size_t i = 0; i < pick->count; i++) {
		text.len = 0;
		if (!simple(pick->anchors[i]))
			show_trust(pick->anchors[i], &text);
		if (text.len > width)
			width = text.len;
	}
	buf_done(&text);
	most = show->columns > 0 ? show->columns / 3 : MOST_TRUST;
	if (show->columns > 0 && show->columns < OTHERS + LEAST_NAME + most)
		most = show->columns < OTHERS + LEAST_NAME + least ? least
								   : show->columns - OTHERS - LEAST_NAME;
	return width < most ? width : most;
}

/* What the heading counts; with a purpose only what concerns that. */
struct sum {
	size_t anchors, expired, early, distrusted, partly;
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
		ret->early += trusted && anchor_not_before(anchor) != CLOCK_NONE &&
			      anchor_not_before(anchor) > show->at;
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
	put_count(show, sum.early, "not yet valid");
	put_count(show, sum.distrusted, "distrusted");
	put_count(show, sum.partly, "distrusted in part");
	if (one->store->how != NULL) {
		put(show, " (");
		put_escaped(show, bytes_of(one->store->how));
		put(show, ")");
	}
	put(show, "\n");
}

static void put_row(struct show *show, const struct anchor *anchor, struct bytes name, size_t width,
		    struct buf *scratch)
{
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
	before = OTHERS + width;
	put_cell(show, name, show->columns > before + 8 ? show->columns - before : 0,
		 show->columns > before + 8);
	while (show->out.len > 0 && show->out.at[show->out.len - 1] == ' ')
		show->out.len--;
	put(show, "\n");
}

static void put_rows(struct show *show, const struct pick *pick, size_t width)
{
	struct row *rows = mem_zero((pick->count + 1) * sizeof(*rows));
	struct show lines = *show; /* its lines are held back until they are sorted */
	struct buf names = { 0 }, scratch = { 0 };

	lines.to = NULL;
	lines.out = (struct buf){ 0 };
	for (size_t i = 0; i < pick->count; i++) {
		struct row *row = &rows[i];

		name_row(pick->anchors[i], &names, row);
		row->line = lines.out.len;
		put_row(&lines, row->anchor, (struct bytes){ names.at + row->name, row->name_len }, width,
			&scratch);
		row->line_len = (unsigned)(lines.out.len - row->line);
	}
	if (pick->count > 1)
		qsort_r(rows, pick->count, sizeof(*rows), by_name, names.at);
	for (size_t i = 0; i < pick->count; i++)
		put_bytes(show, (struct bytes){ lines.out.at + rows[i].line, rows[i].line_len });
	free(rows);
	buf_done(&lines.out);
	buf_done(&names);
	buf_done(&scratch);
}

static void put_listed(struct show *show, const struct listed *one)
{
	size_t width = trust_width(show, one->pick);

	heading(show, one);
	if (one->pick->count == 0)
		return;
	put_color(show, COLOR_DIM, "FINGERPRINT       EXPIRES     KEY           ");
	if (show->color)
		put(show, "\033[2m");
	put_cell(show, bytes_of("TRUST"), width, false);
	put(show, show->color ? "  NAME\033[0m\n" : "  NAME\n");
	put_rows(show, one->pick, width);
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
