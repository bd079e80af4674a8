/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * All stores of a host as JSON: an inventory of several stores, which format/inventory.c
 * reads back.
 */
#include <json-c/json.h>

#include "base/clock.h"
#include "model/json.h"
#include "model/spot.h"
#include "model/store.h"
#include "show/json.h"
#include "show/put.h"
#include "show/show.h"

enum { HOW = JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE };

static void add_texts(struct json_object *to, const char *key, const struct texts *texts)
{
	struct json_object *all = json_object_new_array();

	for (size_t i = 0; i < texts->count; i++)
		json_object_array_add(all, json_text(bytes_of(texts->all[i])));
	json_add(to, key, all);
}

static void add_aliases(struct json_object *to, const struct spot *spot)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < spot->alias_count; i++) {
		struct json_object *entry = json_object_new_object();

		json_add_text(entry, "name", spot->aliases[i].name);
		json_add_text(entry, "place", spot->aliases[i].path);
		json_object_array_add(array, entry);
	}
	json_add(to, "aliases", array);
}

static struct json_object *note(const char *level, const char *text)
{
	struct json_object *object = json_object_new_object();

	json_add_text(object, "level", level);
	json_add_text(object, "text", text);
	return object;
}

/* What is to be said of the place, and what its reader said. */
static struct json_object *notes(const struct surveyed *one)
{
	struct json_object *all = one->store != NULL ? json_notes(one->store) : json_object_new_array();

	if (one->failed != NULL)
		json_object_array_add(all, note("error", one->failed));
	for (size_t i = 0; i < one->spot->notes.count; i++)
		json_object_array_add(all, note("info", one->spot->notes.all[i]));
	return all;
}

static struct json_object *head(const struct surveyed *one)
{
	const struct spot *spot = one->spot;
	struct json_object *to = json_object_new_object();

	json_add_text(to, "name", spot->place.name);
	json_add_text(to, "kind", show_kind(one));
	json_add_text(to, "place", spot->place.paths[0]);
	if (one->read)
		json_add_number(to, "count", (int64_t)(one->store != NULL ? one->store->count : 0));
	if (one->store != NULL)
		json_add_number(to, "trusted", (int64_t)show_trusted(one->store));
	if (one->read)
		json_add_bool(to, "readable", one->store != NULL);
	json_add_bool(to, "writable", spot->writable);
	json_add_bool(to, "effective", spot->state == SPOT_EFFECTIVE);
	json_add_text(to, "state", spot_words[spot->state]);
	json_add_text(to, "by", spot->by);
	add_texts(to, "feeds", &spot->feeds);
	add_texts(to, "used_by", &spot->used_by);
	json_add_text(to, "owner", spot->owner);
	json_add_text(to, "write", spot->write);
	json_add_time(to, "changed", spot->changed);
	if (one->store != NULL)
		json_add_time(to, "newest", show_newest(one->store));
	add_aliases(to, spot);
	if (one->twin != NULL)
		json_add_text(to, "equals", one->twin->place.name);
	return to;
}

/* An object of which the last bracket is open still. */
static void put_open(struct show *show, struct json_object *object)
{
	struct bytes text = bytes_of(json_object_to_json_string_ext(object, HOW));

	text.len--; /* not behind put_json(), which may have written everything */
	put_json(show, text);
	json_object_put(object);
}

static void put_object(struct show *show, struct json_object *object)
{
	put_json(show, bytes_of(json_object_to_json_string_ext(object, HOW)));
	json_object_put(object);
}

/* Files that hold certificates and are no store's. */
static void put_unclaimed(struct show *show, const struct scanned *scanned)
{
	put(show, ",\"unclaimed\":[");
	for (size_t i = 0; i < scanned->count; i++) {
		struct json_object *one = json_object_new_object();

		json_add_text(one, "place", scanned->all[i].path);
		json_add_text(one, "kind", scanned->all[i].kind);
		if (scanned->all[i].count > 0)
			json_add_number(one, "count", (int64_t)scanned->all[i].count);
		put(show, i > 0 ? ",\n" : "\n");
		put_object(show, one);
	}
	put(show, "]");
}

void show_stores_json(struct show *show, const struct surveyed *all, size_t count,
		      const struct scanned *scanned)
{
	put_print(show, "{\"schema\":1,\"command\":\"%s\",\"stores\":[", show->name);
	for (size_t i = 0; i < count; i++) {
		const struct store *store = all[i].store;

		put(show, i > 0 ? ",\n" : "\n");
		put_open(show, head(&all[i]));
		put(show, ",\"notes\":");
		put_object(show, notes(&all[i]));
		if (all[i].read)
			put(show, ",\"anchors\":[");
		for (size_t k = 0; store != NULL && k < store->count; k++) {
			put(show, k > 0 ? ",\n" : "\n");
			put_object(show, json_anchor(&store->anchors[k], false));
		}
		put(show, all[i].read ? "]}" : "}");
	}
	put(show, "]");
	if (scanned != NULL)
		put_unclaimed(show, scanned);
	put(show, "}\n");
}

void show_matrix_json(struct show *show, const struct anchor *anchor, const struct surveyed *all,
		      const struct anchor *const *in, const struct anchor *const *issuer, size_t count)
{
	put_print(show, "{\"schema\":1,\"command\":\"%s\",\"certificate\":", show->name);
	put_object(show, json_anchor(anchor, true));
	put(show, ",\"stores\":[");
	for (size_t i = 0; i < count; i++) {
		struct json_object *one = json_object_new_object();
		const struct spot *spot = all[i].spot;

		json_add_text(one, "store", spot->place.name);
		json_add_text(one, "kind", show_kind(&all[i]));
		json_add_text(one, "place", spot->place.paths[0]);
		json_add_bool(one, "readable", all[i].store != NULL);
		json_add_bool(one, "effective", spot->state == SPOT_EFFECTIVE);
		json_add_text(one, "state", all[i].store != NULL ? show_state(in[i]) : "unknown");
		if (in[i] != NULL)
			json_add(one, "entry", json_anchor(in[i], false));
		if (issuer != NULL && issuer[i] != NULL)
			json_add(one, "issuer", json_anchor(issuer[i], false));
		json_add(one, "notes", notes(&all[i]));
		put(show, i > 0 ? ",\n" : "\n");
		put_object(show, one);
	}
	put(show, "]}\n");
}
