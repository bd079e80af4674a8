/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/clock.h"
#include "model/anchor.h"
#include "model/store.h"
#include "show/show.h"

/* The names of a set of purposes, with commas. */
static void names(uint16_t set, struct buf *to)
{
	bool any = false;

	for (unsigned i = 0; i < PURPOSE_COUNT; i++) {
		if (!(set & PURPOSE_BIT(i)))
			continue;
		buf_print(to, "%s%s", any ? "," : "", i < PURPOSE_ROWS ? purposes[i].name : "other");
		any = true;
	}
}

void show_dates(const struct anchor *anchor, struct buf *to)
{
	bool any = false;

	for (unsigned i = 0; i < PURPOSE_COUNT; i++) {
		char date[CLOCK_TEXT];

		if (anchor->distrust_after[i] == CLOCK_NONE)
			continue;
		clock_date(anchor->distrust_after[i], date);
		buf_print(to, "%s%s until %s", any ? "; " : "", i < PURPOSE_ROWS ? purposes[i].name : "other",
			  date);
		any = true;
	}
	if (!any)
		buf_text(to, "none");
}

static bool dated(const struct anchor *anchor)
{
	for (unsigned i = 0; i < PURPOSE_COUNT; i++)
		if (anchor->distrust_after[i] != CLOCK_NONE)
			return true;
	return false;
}

static bool limited(const struct anchor *anchor)
{
	for (size_t i = 0; i < anchor->attached_count; i++)
		if (!bytes_equal(anchor->attached[i].oid, exts[EXT_EXTENDED_KEY_USAGE].oid))
			return true;
	return false;
}

/* Where every purpose is in one of two sets, the smaller one is named: the larger would fill a line. */
static void both(uint16_t trusted, uint16_t distrusted, struct buf *to)
{
	if (__builtin_popcount(trusted) < __builtin_popcount(distrusted)) {
		names(trusted, to);
		buf_text(to, "; all else distrusted");
	} else {
		buf_text(to, "anchor; not ");
		names(distrusted, to);
	}
}

void show_purposes(const struct anchor *anchor, struct buf *to)
{
	uint16_t trusted = anchor_trusted(anchor), distrusted = anchor->distrusted;

	if (distrusted == PURPOSES_ALL)
		buf_text(to, "distrusted");
	else if (trusted == PURPOSES_ALL)
		buf_text(to, "anchor");
	else if (trusted != 0 && (trusted | distrusted) == PURPOSES_ALL)
		both(trusted, distrusted, to);
	else if (trusted == 0 && distrusted == 0)
		buf_text(to, "none");
	else {
		names(trusted, to);
		buf_text(to, trusted != 0 && distrusted != 0 ? "; not " : distrusted != 0 ? "not " : "");
		names(distrusted, to);
	}
}

void show_trust(const struct anchor *anchor, struct buf *to)
{
	show_purposes(anchor, to);
	if (dated(anchor)) {
		buf_text(to, "; ");
		show_dates(anchor, to);
	}
	if (limited(anchor))
		buf_text(to, "; constrained");
}
