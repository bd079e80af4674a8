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

static void dates(const struct anchor *anchor, struct buf *to)
{
	for (unsigned i = 0; i < PURPOSE_COUNT; i++) {
		char date[CLOCK_TEXT];

		if (anchor->distrust_after[i] == CLOCK_NONE)
			continue;
		clock_date(anchor->distrust_after[i], date);
		buf_print(to, "; %s until %s", i < PURPOSE_ROWS ? purposes[i].name : "other", date);
	}
}

static bool limited(const struct anchor *anchor)
{
	for (size_t i = 0; i < anchor->attached_count; i++)
		if (!bytes_equal(anchor->attached[i].oid, exts[EXT_EXTENDED_KEY_USAGE].oid))
			return true;
	return false;
}

void show_trust(const struct anchor *anchor, struct buf *to)
{
	uint16_t trusted = anchor_trusted(anchor);

	if (trusted == PURPOSES_ALL)
		buf_text(to, "anchor");
	else if (trusted != 0)
		names(trusted, to);
	else
		buf_text(to, anchor->distrusted == PURPOSES_ALL ? "distrusted"
			     : anchor->distrusted != 0          ? ""
								: "none");
	if (anchor->distrusted != 0 && anchor->distrusted != PURPOSES_ALL) {
		buf_text(to, trusted != 0 ? "; not " : "not ");
		names(anchor->distrusted, to);
	}
	dates(anchor, to);
	if (limited(anchor))
		buf_text(to, "; constrained");
}
