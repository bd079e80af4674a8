/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "show/refresh.h"

#include <json-c/json.h>

#include "base/text.h"
#include "check/refresh.h"
#include "model/anchor.h"
#include "model/json.h"
#include "show/put.h"
#include "show/show.h"

enum { SHORT = 8 };

static const struct {
	const char *sign;
	enum color color;
	const char *head;
} rows[REFRESH_KINDS] = {
	[REFRESH_REMOVED] = { "-", COLOR_RED, "removed" },
	[REFRESH_ADDED] = { "+", COLOR_GREEN, "added" },
	[REFRESH_TRUST] = { "~", COLOR_YELLOW, "with other trust" },
	[REFRESH_DISTRUST_AFTER] = { "~", COLOR_YELLOW,
				     "with another date after which what they issued is not trusted" },
	[REFRESH_KEPT] = { "=", COLOR_DIM, "kept as they are" },
};

static const struct anchor *about(const struct refresh_entry *entry)
{
	return entry->after != NULL ? entry->after : entry->before;
}

static void put_change(struct show *show, const struct refresh_entry *entry)
{
	struct buf was = { 0 }, is = { 0 };

	show_purposes(entry->before, &was);
	show_purposes(entry->after, &is);
	put(show, ": ");
	put_bytes(show, buf_view(&was));
	put(show, " -> ");
	put_bytes(show, buf_view(&is));
	buf_done(&was);
	buf_done(&is);
}

static void put_entry(struct show *show, const struct refresh_entry *entry)
{
	size_t start = show->out.len;
	struct buf name = { 0 };

	anchor_name(about(entry), &name);
	put(show, "  ");
	put_color(show, rows[entry->kind].color, rows[entry->kind].sign);
	put(show, " ");
	put_hex(show, (struct bytes){ about(entry)->id, ID_LEN }, SHORT);
	put(show, "  ");
	put_escaped(show, buf_view(&name));
	if (entry->kind == REFRESH_TRUST && entry->before != NULL && entry->after != NULL)
		put_change(show, entry);
	if (entry->text[0] != '\0') {
		put(show, ": ");
		put_escaped(show, bytes_of(entry->text));
	}
	put_fold(show, start, 6);
	put(show, "\n");
	buf_done(&name);
}

static void put_sum(struct show *show, const struct refresh *refresh)
{
	const char *comma = "  ";

	for (int kind = 0; kind < REFRESH_KINDS; kind++)
		if (refresh->kinds[kind] > 0) {
			put_print(show, "%s%zu %s", comma, refresh->kinds[kind], rows[kind].head);
			comma = ", ";
		}
	put_print(show, "%sanchors of the list: %zu before, %zu afterwards\n", comma, refresh->before,
		  refresh->after);
}

void show_refresh(struct show *show, const struct reviewed *reviewed)
{
	const struct refresh *refresh = reviewed->refresh;

	if (show->json || show->quiet)
		return;
	put_color(show, COLOR_BOLD, "Review");
	put(show, " of ");
	put_place(show, reviewed->store);
	if (reviewed->was != NULL)
		put_print(show, " (%s)", reviewed->was);
	put(show, " against ");
	put_place(show, reviewed->source);
	if (reviewed->is != NULL)
		put_print(show, " (%s)", reviewed->is);
	put(show, "\n");
	for (size_t i = 0; i < refresh->count; i++)
		put_entry(show, &refresh->all[i]);
	put_sum(show, refresh);
}

/* --- JSON --- */

static void add_text(struct json_object *to, const char *key, const char *text)
{
	json_add(to, key, text != NULL ? json_text(bytes_of(text)) : NULL);
}

static struct json_object *entry_json(const struct refresh_entry *entry)
{
	struct json_object *to = json_object_new_object();
	struct buf name = { 0 };

	add_text(to, "kind", refresh_words[entry->kind]);
	json_add_hex(to, "sha256", (struct bytes){ about(entry)->id, ID_LEN });
	anchor_name(about(entry), &name);
	json_add(to, "name", json_text(buf_view(&name)));
	if (entry->cause != CAUSE_NONE)
		add_text(to, "cause", cause_words[entry->cause]);
	if (entry->text[0] != '\0')
		add_text(to, "text", entry->text);
	if (entry->asks)
		add_text(to, "request", request_words[entry->request]);
	buf_done(&name);
	return to;
}

struct json_object *refresh_json(const struct reviewed *all, size_t count)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < count; i++) {
		struct json_object *one = json_object_new_object(), *entries = json_object_new_array();
		const struct refresh *refresh = all[i].refresh;

		add_text(one, "store", all[i].store);
		add_text(one, "source", all[i].source);
		add_text(one, "edition_was", all[i].was);
		add_text(one, "edition", all[i].is);
		json_add_number(one, "before", (int64_t)refresh->before);
		json_add_number(one, "after", (int64_t)refresh->after);
		for (size_t k = 0; k < refresh->count; k++)
			json_object_array_add(entries, entry_json(&refresh->all[k]));
		json_add(one, "entries", entries);
		json_object_array_add(array, one);
	}
	return array;
}
