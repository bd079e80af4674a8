/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "show/json.h"

#include <json-c/json.h>

#include "base/clock.h"
#include "base/text.h"
#include "change/loss.h"
#include "check/diff.h"
#include "check/hosts.h"
#include "model/anchor.h"
#include "model/json.h"
#include "model/pick.h"
#include "model/store.h"
#include "show/put.h"
#include "show/show.h"

enum { HOW = JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE };

/* Serialises and frees. */
static void put_object(struct show *show, struct json_object *object)
{
	put_json(show, bytes_of(json_object_to_json_string_ext(object, HOW)));
	json_object_put(object);
}

static void put_string(struct show *show, const char *text)
{
	put_object(show, json_text(bytes_of(text)));
}

static void put_head(struct show *show)
{
	put_print(show, "{\"schema\":1,\"command\":\"%s\"", show->name);
}

void show_error_json(struct show *show, const char *error)
{
	struct json_object *root = json_object_new_object();

	json_add_number(root, "schema", JSON_SCHEMA);
	json_add_text(root, "command", show->name);
	json_add_text(root, "error", error);
	put_object(show, root);
	put(show, "\n");
}

/* "store":…,"how":…,"anchors":[…],"notes":[…], one anchor a line so that a large store needs no tree in
 * memory. */
static void put_store(struct show *show, const struct listed *one)
{
	put(show, "\"store\":");
	put_string(show, one->store->place);
	if (one->store->how != NULL) {
		put(show, ",\"how\":");
		put_string(show, one->store->how);
	}
	put(show, ",\"anchors\":[");
	for (size_t i = 0; i < one->pick->count; i++) {
		put(show, i > 0 ? ",\n" : "\n");
		put_object(show, json_anchor(one->pick->anchors[i], false));
	}
	put(show, "],\"notes\":");
	put_object(show, json_notes(one->store));
}

/* One store is the object itself; of several, also if only one could be read, each is one in "stores". */
void show_list_json(struct show *show, const struct listed *all, size_t count, char *const *failed,
		    size_t failed_count)
{
	put_head(show);
	put(show, ",");
	if (count + failed_count == 1) {
		put_store(show, &all[0]);
	} else {
		put(show, "\"stores\":[");
		for (size_t i = 0; i < count; i++) {
			put(show, i > 0 ? ",{" : "{");
			put_store(show, &all[i]);
			put(show, "}");
		}
		put(show, "],\"errors\":[");
		for (size_t i = 0; i < failed_count; i++) {
			put(show, i > 0 ? "," : "");
			put_string(show, failed[i]);
		}
		put(show, "]");
	}
	put(show, "}\n");
}

static void add_side(struct json_object *change, const char *key, const struct anchor *anchor)
{
	if (anchor != NULL)
		json_add(change, key, json_anchor(anchor, false));
}

static struct json_object *change_of(const struct diff_entry *e)
{
	struct json_object *change = json_object_new_object();
	struct json_object *anchor = json_anchor(e->after != NULL ? e->after : e->before, false), *value;

	json_add(change, "kind", json_object_new_string(diff_words[e->kind]));
	json_object_object_foreach(anchor, key, member)
	{
		if (strcmp(key, "sha256") == 0 || strcmp(key, "subject") == 0 || strcmp(key, "label") == 0)
			json_object_object_add(change, key, json_object_get(member));
	}
	if (e->kind == DIFF_REISSUED && json_object_object_get_ex(anchor, "sha256", &value))
		json_add_hex(change, "was_sha256", (struct bytes){ e->before->id, ID_LEN });
	json_object_put(anchor);
	add_side(change, "before", e->before);
	add_side(change, "after", e->after);
	return change;
}

void show_diff_json(struct show *show, const struct store *before, const struct store *after,
		    const struct diff *diff)
{
	put_head(show);
	put(show, ",\"old\":");
	put_string(show, before->place);
	put(show, ",\"new\":");
	put_string(show, after->place);
	put_print(show, ",\"same\":%zu,\"changes\":[", diff->same);
	for (size_t i = 0; i < diff->count; i++) {
		put(show, i > 0 ? ",\n" : "\n");
		put_object(show, change_of(&diff->entries[i]));
	}
	put(show, "],\"old_notes\":");
	put_object(show, json_notes(before));
	put(show, ",\"new_notes\":");
	put_object(show, json_notes(after));
	put(show, "}\n");
}

static const char *const host_words[] = {
	[HOST_ADDED] = "store-added",          [HOST_REMOVED] = "store-removed",   [HOST_CHANGED] = "",
	[HOST_UNREAD_BEFORE] = "store-unread", [HOST_UNREAD_NOW] = "store-unread",
};

static void put_of_host(struct show *show, struct json_object *object, const struct store *store, bool *any)
{
	json_add(object, "store", json_text(bytes_of(store->place)));
	put(show, *any ? ",\n" : "\n");
	put_object(show, object);
	*any = true;
}

/* A store that came or went, or what changed in one; *any: something was put before. */
static void put_host_change(struct show *show, const struct host_change *change, bool *any)
{
	struct json_object *object;

	for (size_t i = 0; i < change->diff.count; i++)
		put_of_host(show, change_of(&change->diff.entries[i]), change->store, any);
	if (change->kind == HOST_CHANGED)
		return;
	object = json_object_new_object();
	json_add(object, "kind", json_object_new_string(host_words[change->kind]));
	json_add_number(object, "count", (int64_t)change->store->count);
	put_of_host(show, object, change->store, any);
}

void show_hosts_json(struct show *show, const struct store *before, const struct store *after,
		     const struct hosts *hosts)
{
	bool any = false;

	put_head(show);
	put(show, ",\"old\":");
	put_string(show, before->place);
	put(show, ",\"new\":");
	put_string(show, after->place);
	put_print(show, ",\"same\":%zu,\"changes\":[", hosts->same);
	for (size_t i = 0; i < hosts->count; i++)
		put_host_change(show, &hosts->all[i], &any);
	put(show, "]}\n");
}

const char *show_state(const struct anchor *in)
{
	if (in == NULL)
		return "absent";
	if (anchor_trusted(in) != 0)
		return "trusted";
	return in->distrusted != 0 ? "distrusted" : "present";
}

void show_certificate_json(struct show *show, const struct anchor *anchor, const struct store *const *stores,
			   const struct anchor *const *in, const struct anchor *const *issuer, size_t count)
{
	put_head(show);
	put(show, ",\"certificate\":");
	put_object(show, json_anchor(anchor, true));
	put(show, ",\"stores\":[");
	for (size_t i = 0; i < count; i++) {
		put(show, i > 0 ? ",\n{\"store\":" : "\n{\"store\":");
		put_string(show, stores[i]->place);
		put_print(show, ",\"state\":\"%s\"", show_state(in[i]));
		if (in[i] != NULL) {
			put(show, ",\"entry\":");
			put_object(show, json_anchor(in[i], false));
		}
		if (issuer != NULL && issuer[i] != NULL) {
			put(show, ",\"issuer\":");
			put_object(show, json_anchor(issuer[i], false));
		}
		put(show, ",\"notes\":");
		put_object(show, json_notes(stores[i]));
		put(show, "}");
	}
	put(show, "]}\n");
}

void show_exported_json(struct show *show, const struct pick *pick, const struct losses *losses,
			const char *format, const char *to)
{
	put_head(show);
	put_print(show, ",\"format\":\"%s\",\"to\":", format);
	if (to != NULL)
		put_string(show, to);
	else
		put(show, "null");
	put_print(show, ",\"count\":%zu,\"losses\":[", pick->count);
	for (size_t i = 0; i < losses->count; i++) {
		const struct loss *loss = &losses->all[i];

		put_print(show, "%s{\"code\":\"%s\",\"dropped\":%s,\"text\":\"%s, %s%s\",\"sha256\":[",
			  i > 0 ? ",\n" : "\n", loss->row->name, loss->dropped ? "true" : "false",
			  loss->row->text, loss->dropped ? "left out" : "and here ",
			  loss->dropped ? "" : loss->row->then);
		for (size_t k = 0; k < loss->count; k++) {
			put(show, k > 0 ? ",\"" : "\"");
			put_hex(show, (struct bytes){ loss->anchors[k]->id, ID_LEN }, ID_LEN);
			put(show, "\"");
		}
		put(show, "]}");
	}
	put(show, "]}\n");
}
