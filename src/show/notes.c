/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/text.h"
#include "change/loss.h"
#include "model/anchor.h"
#include "model/store.h"
#include "show/show.h"

static const struct {
	const char *word;
	const char *color;
} levels[] = {
	[NOTE_INFO] = { "note", "2" },
	[NOTE_WARN] = { "warning", "33" },
	[NOTE_ERROR] = { "error", "31" },
};

/* Without -v only what someone should act on; -q leaves the errors. */
static bool shown(const struct show *show, enum note_level level)
{
	if (level == NOTE_ERROR || show->quiet)
		return level == NOTE_ERROR;
	return level == NOTE_WARN || show->verbose > 0;
}

void show_say(const struct show *show, const char *who, const char *text)
{
	struct buf line = { 0 };

	buf_print(&line, "%s: ", who);
	text_escape(bytes_of(text), &line);
	buf_byte(&line, '\n');
	fwrite(line.at, 1, line.len, show->notes);
	buf_done(&line);
}

void show_said(const struct show *show, const char *text, size_t len)
{
	fwrite(text, 1, len, show->notes);
}

static void place(const char *place, struct buf *to)
{
	text_escape(bytes_of(strcmp(place, "-") == 0 ? "standard input" : place), to);
}

void show_notes(const struct show *show, const struct store *store)
{
	struct buf line = { 0 };
	size_t hidden = 0;

	if (show->json)
		return;
	for (size_t i = 0; i < store->note_count; i++) {
		const struct note *note = &store->notes[i];
		bool color = show->notes_color;

		if (!shown(show, note->level)) {
			hidden++;
			continue;
		}
		line.len = 0;
		buf_print(&line, "anchorage: %s%s%s%s%s: ", color ? "\033[" : "",
			  color ? levels[note->level].color : "", color ? "m" : "", levels[note->level].word,
			  color ? "\033[0m" : "");
		place(note->file != NULL ? note->file : store->place, &line);
		if (note->line > 0)
			buf_print(&line, ": line %u", note->line);
		else if (note->at != NOTE_NOWHERE)
			buf_print(&line, ": byte %zu", note->at);
		buf_text(&line, ": ");
		text_escape(bytes_of(note->text), &line);
		buf_byte(&line, '\n');
		fwrite(line.at, 1, line.len, show->notes);
	}
	if (hidden > 0 && !show->quiet) {
		line.len = 0;
		buf_text(&line, "anchorage: ");
		place(store->place, &line);
		buf_print(&line, ": %zu more note%s; -v shows %s\n", hidden, hidden == 1 ? "" : "s",
			  hidden == 1 ? "it" : "them");
		fwrite(line.at, 1, line.len, show->notes);
	}
	buf_done(&line);
}

void show_candidate(const struct show *show, const struct anchor *anchor, const struct store *store)
{
	struct buf line = { 0 }, name = { 0 };

	anchor_name(anchor, &name);
	buf_text(&line, "  ");
	if (anchor->names == ANCHOR_CERTIFICATE || anchor->names == ANCHOR_FINGERPRINT)
		text_hex((struct bytes){ anchor->id, ID_LEN }, &line);
	else
		buf_print(&line, "%-*s", 2 * ID_LEN, "-");
	buf_text(&line, "  ");
	text_escape(buf_view(&name), &line);
	buf_done(&name);
	buf_text(&line, "  (");
	place(store->place, &line);
	buf_text(&line, ")\n");
	fwrite(line.at, 1, line.len, show->notes);
	buf_done(&line);
}

enum { NAMED = 3 };

void show_losses(const struct show *show, const struct losses *losses, const char *target)
{
	if (show->quiet)
		return;
	for (size_t i = 0; i < losses->count; i++) {
		const struct loss *loss = &losses->all[i];
		struct buf line = { 0 }, name = { 0 };

		if (loss->row->small && show->verbose == 0)
			continue;
		buf_print(&line, "anchorage: %s: %zu entr%s %s, ", target, loss->count,
			  loss->count == 1 ? "y" : "ies", loss->row->text);
		if (loss->dropped)
			buf_text(&line, "left out: ");
		else
			buf_print(&line, "and here %s: ", loss->row->then);
		for (size_t k = 0; k < loss->count && (k < NAMED || show->verbose > 0); k++) {
			name.len = 0;
			anchor_name(loss->anchors[k], &name);
			buf_text(&line, k > 0 ? ", '" : "'");
			text_escape(buf_view(&name), &line);
			buf_byte(&line, '\'');
		}
		if (loss->count > NAMED && show->verbose == 0)
			buf_print(&line, " and %zu more (-v names them)", loss->count - NAMED);
		buf_byte(&line, '\n');
		fwrite(line.at, 1, line.len, show->notes);
		buf_done(&line);
		buf_done(&name);
	}
}

void show_ask(const struct show *show, const char *question)
{
	struct buf line = { 0 };

	text_escape(bytes_of(question), &line);
	buf_text(&line, " [y/N] ");
	fwrite(line.at, 1, line.len, show->notes);
	fflush(show->notes);
	buf_done(&line);
}
