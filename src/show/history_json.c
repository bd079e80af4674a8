/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <json-c/json.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/text.h"
#include "change/journal.h"
#include "model/json.h"
#include "show/history.h"
#include "show/put.h"
#include "show/show.h"

static void add_text(struct json_object *to, const char *key, const char *text)
{
	if (text != NULL)
		json_object_object_add(to, key, json_text(bytes_of(text)));
}

static void add_number(struct json_object *to, const char *key, int64_t number)
{
	json_object_object_add(to, key, json_object_new_int64(number));
}

static struct json_object *stand_object(const struct stand *stand)
{
	static const char *const words[] = {
		[WAS_UNKNOWN] = "unknown", [WAS_ABSENT] = "absent",       [WAS_FILE] = "file",
		[WAS_LINK] = "link",       [WAS_DIRECTORY] = "directory",
	};
	struct json_object *object = json_object_new_object();
	struct buf hex = { 0 };
	char mode[8];

	add_text(object, "is", words[stand->was.kind]);
	if (stand->was.kind == WAS_ABSENT)
		return object;
	snprintf(mode, sizeof(mode), "%04o", stand->mode & 07777);
	add_text(object, "mode", mode);
	add_number(object, "uid", stand->uid);
	add_number(object, "gid", stand->gid);
	add_text(object, "target", stand->was.target);
	if (stand->was.kind == WAS_FILE) {
		text_hex((struct bytes){ stand->was.id, DIGEST_LEN }, &hex);
		json_object_object_add(object, "sha256", json_text(buf_view(&hex)));
	}
	buf_done(&hex);
	return object;
}

static struct json_object *touched_object(const struct touched *touched)
{
	static const char *const words[] = {
		[EDIT_FILE] = "write",          [EDIT_LINK] = "link", [EDIT_REMOVE] = "remove",
		[EDIT_DIRECTORY] = "directory", [EDIT_RUN] = "run",
	};
	struct json_object *object = json_object_new_object();

	add_text(object, "do", words[touched->kind]);
	add_text(object, "path", touched->path);
	add_text(object, "store", touched->store);
	if (touched->kind == EDIT_RUN)
		return object;
	json_object_object_add(object, "before", stand_object(&touched->before));
	json_object_object_add(object, "after", stand_object(&touched->after));
	return object;
}

static struct json_object *entry_object(const struct entry *entry)
{
	struct json_object *object = json_object_new_object(), *all = json_object_new_array();
	char at[CLOCK_TEXT];

	clock_text(entry->at, at);
	add_number(object, "id", entry->id);
	add_text(object, "at", at);
	add_text(object, "state", entry_words[entry->state]);
	add_text(object, "command", entry->command);
	add_text(object, "summary", entry->summary);
	add_text(object, "who", entry->who);
	if (entry->undoes != 0)
		add_number(object, "undoes", entry->undoes);
	if (entry->undone_by != 0)
		add_number(object, "undone_by", entry->undone_by);
	for (size_t i = 0; i < entry->count; i++)
		json_object_array_add(all, touched_object(&entry->all[i]));
	json_object_object_add(object, "touched", all);
	return object;
}

void show_history_json(struct show *show, const struct entries *entries, const struct entry *one)
{
	struct json_object *root = json_object_new_object(), *all = json_object_new_array(),
			   *notes = json_object_new_array();
	const char *text;

	add_number(root, "schema", JSON_SCHEMA);
	add_text(root, "command", show->name);
	if (one != NULL)
		json_object_array_add(all, entry_object(one));
	for (size_t i = entries != NULL ? entries->count : 0; i-- > 0;)
		json_object_array_add(all, entry_object(&entries->all[i]));
	for (size_t i = 0; entries != NULL && i < entries->notes.count; i++)
		json_object_array_add(notes, json_text(bytes_of(entries->notes.all[i])));
	json_object_object_add(root, "entries", all);
	json_object_object_add(root, "notes", notes);
	text = json_object_to_json_string_ext(root, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
	put_json(show, bytes_of(text));
	put(show, "\n");
	json_object_put(root);
}
