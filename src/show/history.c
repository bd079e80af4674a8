/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "show/history.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "change/journal.h"
#include "model/anchor.h"
#include "model/stand.h"
#include "model/store.h"
#include "show/put.h"
#include "show/show.h"

enum { ID = 4, WHEN = 16, STATE = 14, MOST_WHO = 20, MOST_NAMES = 8, HASH = 8 };

/* "2026-11-23 16:10", UTC as all times here. */
static void put_when(struct show *show, int64_t at)
{
	char text[CLOCK_TEXT];

	clock_text(at, text);
	if (text[0] != '-') {
		text[10] = ' ';
		text[WHEN] = '\0';
	}
	put_cell(show, bytes_of(text), WHEN, false);
}

static void state_text(const struct entry *entry, struct buf *to)
{
	if (entry->state == ENTRY_UNDONE)
		buf_print(to, "undone by %u", entry->undone_by);
	else
		buf_text(to, entry_words[entry->state]);
}

static enum color state_color(enum entry_state state)
{
	return state == ENTRY_PREPARED || state == ENTRY_UNTOLD ? COLOR_RED
	       : state == ENTRY_DONE                            ? COLOR_NONE
								: COLOR_DIM;
}

static size_t who_width(const struct entries *entries)
{
	size_t width = strlen("WHO");

	for (size_t i = 0; i < entries->count; i++) {
		char *text = text_escaped(bytes_of(entries->all[i].who));
		size_t columns = text_columns(bytes_of(text));

		if (columns > width)
			width = columns;
		free(text);
	}
	return width < MOST_WHO ? width : MOST_WHO;
}

static void put_row(struct show *show, const struct entry *entry, size_t who)
{
	struct buf state = { 0 };
	size_t start = show->out.len, hang = ID + WHEN + STATE + who + 8;

	put_print(show, "%*u  ", ID, entry->id);
	put_when(show, entry->at);
	put(show, "  ");
	state_text(entry, &state);
	for (size_t i = state.len; i < STATE; i++)
		buf_byte(&state, ' ');
	buf_byte(&state, '\0');
	put_color(show, state_color(entry->state), (const char *)state.at);
	put(show, "  ");
	put_cell(show, bytes_of(entry->who), who, true);
	put(show, "  ");
	put_escaped(show, bytes_of(entry->summary));
	put_fold(show, start, show->columns < 2 * hang + 20 ? ID + 2 : hang);
	put(show, "\n");
	buf_done(&state);
}

void show_history(struct show *show, const struct entries *entries, size_t most, const char *where)
{
	size_t who = who_width(entries), older = entries->count > most ? entries->count - most : 0;

	if (show->json) {
		show_history_json(show, entries, most, NULL);
		return;
	}
	if (entries->count == 0) {
		if (!show->quiet) {
			put(show, "No changes: there is no history in ");
			put_escaped(show, bytes_of(where));
			put(show, "\n");
		}
		return;
	}
	if (!show->quiet)
		put_print(show, "%*s  %-*s  %-*s  %-*s  %s\n", ID, "ID", WHEN, "WHEN (UTC)", STATE, "STATE",
			  (int)who, "WHO", "WHAT");
	for (size_t i = entries->count; i-- > older;)
		put_row(show, &entries->all[i], who);
	if (older > 0 && !show->quiet)
		put_print(show, "%*s  and %zu older; --last=%zu shows them all\n", ID, "", older,
			  entries->count);
}

/* --- one --- */

static const char *sign(const struct touched *touched)
{
	if (touched->kind == EDIT_RUN)
		return "!";
	if (touched->after.was.kind == WAS_ABSENT)
		return "-";
	return touched->before.was.kind == WAS_ABSENT ? "+" : "~";
}

static void put_stand(struct show *show, const struct stand *stand)
{
	if (stand->was.kind == WAS_ABSENT) {
		put(show, "absent");
		return;
	}
	if (stand->was.kind == WAS_LINK) /* whose mode says nothing */
		put(show, "link");
	else
		put_print(show, "%s %04o", stand->was.kind == WAS_FILE ? "file" : "directory", stand->mode);
	put_print(show, " %u:%u", (unsigned)stand->uid, (unsigned)stand->gid);
	if (stand->was.kind == WAS_FILE) {
		put(show, " sha256 ");
		put_hex(show, (struct bytes){ stand->was.id, DIGEST_LEN }, DIGEST_LEN);
	} else if (stand->was.kind == WAS_LINK) {
		put(show, " -> ");
		put_escaped(show, bytes_of(stand->was.target));
	}
}

static void put_touched(struct show *show, const struct touched *touched)
{
	const char *mark = sign(touched);

	put(show, "  ");
	put_color(show, *mark == '-' ? COLOR_RED : *mark == '+' ? COLOR_GREEN : COLOR_YELLOW, mark);
	put(show, " ");
	put_escaped(show, bytes_of(touched->path));
	if (touched->after.was.kind == WAS_LINK) {
		put(show, " -> ");
		put_escaped(show, bytes_of(touched->after.was.target));
	}
	if (touched->kind == EDIT_RUN)
		put(show, " (run, and told of the change)");
	if (touched->store != NULL) {
		put(show, "  [");
		put_escaped(show, bytes_of(touched->store));
		put(show, "]");
	}
	put(show, "\n");
	if (show->verbose == 0 || touched->kind == EDIT_RUN)
		return;
	put(show, "      before  ");
	put_stand(show, &touched->before);
	put(show, "\n      after   ");
	put_stand(show, &touched->after);
	put(show, "\n");
}

void show_entry(struct show *show, const struct entry *entry)
{
	struct buf state = { 0 };
	size_t start;

	if (show->json) {
		show_history_json(show, NULL, 0, entry);
		return;
	}
	state_text(entry, &state);
	buf_byte(&state, '\0');
	start = show->out.len;
	put_print(show, "Change %u: ", entry->id);
	put_escaped(show, bytes_of(entry->summary));
	put_fold(show, start, 2);
	put(show, "\n  ");
	put_when(show, entry->at);
	put(show, " UTC, by ");
	put_escaped(show, bytes_of(entry->who));
	put(show, ", with ");
	put_escaped(show, bytes_of(entry->command));
	put(show, "; ");
	put_color(show, state_color(entry->state), (const char *)state.at);
	if (entry->undoes != 0)
		put_print(show, "; it took back change %u", entry->undoes);
	put(show, "\n");
	for (size_t i = 0; i < entry->count; i++)
		put_touched(show, &entry->all[i]);
	buf_done(&state);
}

/* --- three versions of a path --- */

/* What one store has and the other has not, by name. */
static void put_names(struct show *show, const struct store *in, const struct store *not_in, const char *mark)
{
	size_t told = 0, more = 0;

	for (size_t i = 0; i < in->count; i++) {
		struct buf name = { 0 };

		if (store_find(not_in, in->anchors[i].id) != NULL)
			continue;
		if (told == MOST_NAMES) {
			more++;
			continue;
		}
		told++;
		anchor_name(&in->anchors[i], &name);
		put_print(show, "      %s ", mark);
		put_escaped(show, buf_view(&name));
		put(show, "\n");
		buf_done(&name);
	}
	if (more > 0)
		put_print(show, "      %s and %zu more\n", mark, more);
}

static void put_version(struct show *show, const struct versions *versions, size_t i, const char *what)
{
	const struct stand *stand = versions->stands[i];
	const struct store *store = versions->stores[i], *last = i > 0 ? versions->stores[i - 1] : NULL;

	put_print(show, "    %-8s  ", what);
	if (stand->was.kind != WAS_FILE) {
		put_stand(show, stand);
	} else {
		if (store != NULL)
			put_print(show, "%zu certificate%s, ", store->count, store->count == 1 ? "" : "s");
		put_print(show, "%zu bytes, mode %04o, sha256 ", stand->content.len, stand->mode);
		put_hex(show, (struct bytes){ stand->was.id, DIGEST_LEN }, HASH);
		put(show, "…");
	}
	put(show, "\n");
	if (store != NULL && last != NULL) {
		put_names(show, store, last, "+");
		put_names(show, last, store, "-");
	}
}

void show_versions(struct show *show, const struct versions *versions)
{
	static const char *const words[] = { "before", "as left", "now" };

	if (show->json || show->quiet)
		return;
	put(show, "  ");
	put_escaped(show, bytes_of(versions->path));
	put_print(show, " %s", versions->how);
	if (versions->later != 0)
		put_print(show, ", by change %u", versions->later);
	put(show, "\n");
	for (size_t i = 0; i < 3; i++)
		put_version(show, versions, i, words[i]);
}
