/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/diff.h"
#include "check/hosts.h"

#include "model/anchor.h"
#include "model/store.h"
#include "show/constraint.h"
#include "show/json.h"
#include "show/put.h"
#include "show/show.h"

enum { ID_SHOWN = 8 };

static void put_name(struct show *show, const struct anchor *anchor)
{
	struct buf name = { 0 };

	anchor_name(anchor, &name);
	put_escaped(show, buf_view(&name));
	buf_done(&name);
}

/* What is no certificate has no fingerprint that anyone could look for. */
static void put_id(struct show *show, const struct anchor *anchor)
{
	if (anchor->names == ANCHOR_CERTIFICATE || anchor->names == ANCHOR_FINGERPRINT)
		put_hex(show, (struct bytes){ anchor->id, ID_LEN }, ID_SHOWN);
	else
		put_cell(show, bytes_of("-"), (size_t)2 * ID_SHOWN, false);
}

/* "  trust: old -> new" under the entry's line. */
static void put_change(struct show *show, const char *what, struct bytes before, struct bytes after)
{
	put_print(show, "    %s: ", what);
	put_escaped(show, before);
	put(show, " -> ");
	put_escaped(show, after);
	put(show, "\n");
}

static void put_texts(struct show *show, const char *what, const struct diff_entry *e,
		      void (*text)(const struct anchor *anchor, struct buf *to))
{
	struct buf before = { 0 }, after = { 0 };

	text(e->before, &before);
	text(e->after, &after);
	put_change(show, what, buf_view(&before), buf_view(&after));
	buf_done(&before);
	buf_done(&after);
}

static void constraint_texts(const struct anchor *anchor, struct buf *to)
{
	for (size_t i = 0; i < anchor->attached_count; i++) {
		buf_text(to, i > 0 ? ", " : "");
		constraint_text(&anchor->attached[i], to);
	}
	if (anchor->attached_count == 0)
		buf_text(to, "none");
}

static void constraints(struct show *show, const struct diff_entry *e)
{
	put_texts(show, "constraints", e, constraint_texts);
}

/* What came or went is worth a second line if it is not plainly an anchor. */
static void alone(struct show *show, const struct diff_entry *e)
{
	struct buf trust = { 0 };

	show_trust(e->after != NULL ? e->after : e->before, &trust);
	if (!bytes_equal(buf_view(&trust), bytes_of("anchor")))
		put_print(show, "    trust: %.*s\n", (int)trust.len, (const char *)trust.at);
	buf_done(&trust);
}

static void reissued(struct show *show, const struct diff_entry *e)
{
	uint8_t before[ID_LEN], after[ID_LEN];
	bool key = anchor_key_id(e->before, before) && anchor_key_id(e->after, after) &&
		   memcmp(before, after, ID_LEN) == 0;

	put(show, "    was ");
	put_id(show, e->before);
	put(show, key ? ", the same key, " : ", another key, ");
	put(show, "expires ");
	put_date(show, anchor_not_after(e->before));
	put(show, " -> ");
	put_date(show, anchor_not_after(e->after));
	put(show, "\n");
}

static void trust(struct show *show, const struct diff_entry *e)
{
	put_texts(show, "trust", e, show_purposes);
}

static void distrust_after(struct show *show, const struct diff_entry *e)
{
	put_texts(show, "distrust after", e, show_dates);
}

static void label(struct show *show, const struct diff_entry *e)
{
	put_change(show, "label", bytes_of(e->before->label), bytes_of(e->after->label));
}

static const struct {
	const char *sign, *word;
	enum color color;
	void (*detail)(struct show *show, const struct diff_entry *e);
} kinds[DIFF_KINDS] = {
	[DIFF_ADDED] = { "+", "added", COLOR_GREEN, alone },
	[DIFF_REMOVED] = { "-", "removed", COLOR_RED, alone },
	[DIFF_REISSUED] = { "=", "reissued", COLOR_YELLOW, reissued },
	[DIFF_TRUST] = { "~", "with other trust", COLOR_YELLOW, trust },
	[DIFF_DISTRUST_AFTER] = { "~", "with another distrust-after", COLOR_YELLOW, distrust_after },
	[DIFF_CONSTRAINTS] = { "~", "with other constraints", COLOR_YELLOW, constraints },
	[DIFF_LABEL] = { "~", "with another label", COLOR_YELLOW, label },
};

static void put_entry(struct show *show, const struct diff_entry *e)
{
	const struct anchor *anchor = e->after != NULL ? e->after : e->before;

	put_color(show, kinds[e->kind].color, kinds[e->kind].sign);
	put(show, " ");
	put_id(show, anchor);
	put(show, "  ");
	put_name(show, anchor);
	put(show, "\n");
	kinds[e->kind].detail(show, e);
}

void show_diff(struct show *show, const struct store *before, const struct store *after,
	       const struct diff *diff)
{
	bool any = false;

	if (show->json) {
		show_diff_json(show, before, after, diff);
		return;
	}
	for (size_t i = 0; i < diff->count; i++)
		put_entry(show, &diff->entries[i]);
	if (show->quiet)
		return;
	put_place(show, before->place);
	put_print(show, " (%zu) -> ", before->count);
	put_place(show, after->place);
	put_print(show, " (%zu): ", after->count);
	for (size_t i = 0; i < DIFF_KINDS; i++) {
		if (diff->kinds[i] == 0)
			continue;
		put_print(show, "%s%zu %s", any ? ", " : "", diff->kinds[i], kinds[i].word);
		any = true;
	}
	put_print(show, "%s%zu the same\n", any ? ", " : "", diff->same);
}

static void put_host_change(struct show *show, const struct host_change *change)
{
	const struct store *store = change->store;

	if (change->kind == HOST_ADDED)
		put_color(show, COLOR_GREEN, "+ store ");
	else if (change->kind == HOST_REMOVED)
		put_color(show, COLOR_RED, "- store ");
	if (show->color)
		put(show, "\033[1m");
	put_place(show, store->place);
	put(show, show->color ? "\033[0m" : "");
	if (change->kind == HOST_ADDED || change->kind == HOST_REMOVED)
		put_print(show, ", %zu entr%s\n", store->count, store->count == 1 ? "y" : "ies");
	else if (change->kind == HOST_CHANGED)
		put(show, ":\n");
	else
		put_print(show, ": it could not be read %s, and is not compared\n",
			  change->kind == HOST_UNREAD_BEFORE ? "before" : "now");
	for (size_t i = 0; i < change->diff.count; i++)
		put_entry(show, &change->diff.entries[i]);
}

void show_hosts(struct show *show, const struct store *before, const struct store *after,
		const struct hosts *hosts)
{
	size_t came = 0, went = 0;

	if (show->json) {
		show_hosts_json(show, before, after, hosts);
		return;
	}
	for (size_t i = 0; i < hosts->count; i++) {
		put_host_change(show, &hosts->all[i]);
		came += hosts->all[i].kind == HOST_ADDED;
		went += hosts->all[i].kind == HOST_REMOVED;
	}
	if (show->quiet)
		return;
	put_place(show, before->place);
	put_print(show, " (%zu stores) -> ", before->part_count);
	put_place(show, after->place);
	put_print(show, " (%zu stores): ", after->part_count);
	if (came > 0)
		put_print(show, "%zu new, ", came);
	if (went > 0)
		put_print(show, "%zu gone, ", went);
	if (hosts->count > came + went)
		put_print(show, "%zu changed, ", hosts->count - came - went);
	put_print(show, "%zu the same\n", hosts->same);
}
