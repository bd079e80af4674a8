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

static struct json_object *stand_object(const struct stand *stand)
{
	struct json_object *object = json_object_new_object();
	char mode[8];

	json_add_text(object, "is", was_words[stand->was.kind]);
	if (stand->was.kind == WAS_ABSENT)
		return object;
	snprintf(mode, sizeof(mode), "%04o", stand->mode & 07777);
	json_add_text(object, "mode", mode);
	json_add_number(object, "uid", stand->uid);
	json_add_number(object, "gid", stand->gid);
	json_add_text(object, "target", stand->was.target);
	if (stand->was.kind == WAS_FILE)
		json_add_hex(object, "sha256", (struct bytes){ stand->was.id, DIGEST_LEN });
	return object;
}

static struct json_object *touched_object(const struct touched *touched)
{
	struct json_object *object = json_object_new_object();

	json_add_text(object, "do", edit_deeds[touched->kind]);
	json_add_text(object, "path", touched->path);
	json_add_text(object, "store", touched->store);
	if (touched->kind == EDIT_RUN)
		return object;
	json_add(object, "before", stand_object(&touched->before));
	json_add(object, "after", stand_object(&touched->after));
	return object;
}

static struct json_object *entry_object(const struct entry *entry)
{
	struct json_object *object = json_object_new_object(), *all = json_object_new_array();
	char at[CLOCK_TEXT];

	clock_text(entry->at, at);
	json_add_number(object, "id", entry->id);
	json_add_text(object, "at", at);
	json_add_text(object, "state", entry_words[entry->state]);
	json_add_text(object, "command", entry->command);
	json_add_text(object, "summary", entry->summary);
	json_add_text(object, "who", entry->who);
	if (entry->undoes != 0)
		json_add_number(object, "undoes", entry->undoes);
	if (entry->undone_by != 0)
		json_add_number(object, "undone_by", entry->undone_by);
	for (size_t i = 0; i < entry->count; i++)
		json_object_array_add(all, touched_object(&entry->all[i]));
	json_add(object, "touched", all);
	return object;
}

void show_history_json(struct show *show, const struct entries *entries, size_t most, const struct entry *one)
{
	struct json_object *root = json_object_new_object(), *all = json_object_new_array(),
			   *notes = json_object_new_array();
	const char *text;

	json_add_number(root, "schema", JSON_SCHEMA);
	json_add_text(root, "command", show->name);
	if (one != NULL)
		json_object_array_add(all, entry_object(one));
	for (size_t i = entries != NULL ? entries->count : 0; i-- > 0 && most-- > 0;)
		json_object_array_add(all, entry_object(&entries->all[i]));
	for (size_t i = 0; entries != NULL && i < entries->notes.count; i++)
		json_object_array_add(notes, json_text(bytes_of(entries->notes.all[i])));
	json_add(root, "entries", all);
	json_add(root, "notes", notes);
	text = json_object_to_json_string_ext(root, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
	put_json(show, bytes_of(text));
	put(show, "\n");
	json_object_put(root);
}
