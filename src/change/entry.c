/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "change/entry.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/base64.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "change/journal.h"
#include "model/json.h"

enum { DEPTH = 8, OCTAL = 8 };

static const char *const edit_words[] = {
	[EDIT_FILE] = "file",           [EDIT_LINK] = "link", [EDIT_REMOVE] = "remove",
	[EDIT_DIRECTORY] = "directory", [EDIT_RUN] = "run",
};
enum { EDIT_KINDS = EDIT_RUN + 1 };

/* --- writing --- */

static struct json_object *stand_object(const struct stand *stand)
{
	struct json_object *object = json_object_new_object(), *attributes;
	char mode[OCTAL];

	json_add_text(object, "is", was_words[stand->was.kind]);
	if (stand->was.kind == WAS_FILE)
		json_add_hex(object, "sha256", (struct bytes){ stand->was.id, DIGEST_LEN });
	json_add_text(object, "target", stand->was.target);
	if (stand->was.kind == WAS_ABSENT)
		return object;
	snprintf(mode, sizeof(mode), "%04o", stand->mode & 07777);
	json_add_text(object, "mode", mode);
	json_add_number(object, "uid", stand->uid);
	json_add_number(object, "gid", stand->gid);
	json_add_number(object, "mtime", stand->mtime);
	json_add_number(object, "mtime_nsec", stand->mtime_nsec);
	if (stand->attribute_count == 0)
		return object;
	attributes = json_object_new_array();
	for (size_t i = 0; i < stand->attribute_count; i++) {
		struct json_object *one = json_object_new_object();

		json_add_text(one, "name", stand->attributes[i].name);
		json_add_base64(one, "value", buf_view(&stand->attributes[i].value));
		json_object_array_add(attributes, one);
	}
	json_add(object, "attributes", attributes);
	return object;
}

static struct json_object *touched_object(const struct touched *touched)
{
	struct json_object *object = json_object_new_object();

	json_add_text(object, "edit", edit_words[touched->kind]);
	json_add_text(object, "path", touched->path);
	json_add_text(object, "store", touched->store);
	if (touched->kind == EDIT_RUN) {
		json_add_base64(object, "input", buf_view(&touched->input));
		json_add_base64(object, "undo", buf_view(&touched->undo));
		return object;
	}
	if (touched->database)
		json_add_bool(object, "database", true);
	json_add(object, "before", stand_object(&touched->before));
	json_add(object, "after", stand_object(&touched->after));
	return object;
}

void entry_write(const struct entry *entry, struct buf *to)
{
	struct json_object *object = json_object_new_object(), *all = json_object_new_array();
	char at[CLOCK_TEXT];

	clock_text(entry->at, at);
	json_add_number(object, "schema", JSON_SCHEMA);
	json_add_number(object, "id", entry->id);
	json_add_text(object, "command", entry->command);
	json_add_text(object, "summary", entry->summary);
	json_add_text(object, "who", entry->who);
	json_add_text(object, "at", at);
	if (entry->undoes != 0)
		json_add_number(object, "undoes", entry->undoes);
	for (size_t i = 0; i < entry->count; i++)
		json_object_array_add(all, touched_object(&entry->all[i]));
	json_add(object, "touched", all);
	buf_text(to, json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN));
	buf_byte(to, '\n');
	json_object_put(object);
}

/* --- reading --- */

static bool bad(struct err *err, const char *key)
{
	return err_set(err, ERR_DAMAGED, "its '%s' is missing or makes no sense", key);
}

static struct json_object *member(struct json_object *from, const char *key, enum json_type type)
{
	struct json_object *value;

	return json_object_object_get_ex(from, key, &value) && json_object_is_type(value, type) ? value
												: NULL;
}

static bool read_number(struct json_object *from, const char *key, int64_t least, int64_t most, int64_t *ret,
			struct err *err)
{
	struct json_object *value = member(from, key, json_type_int);
	int64_t number = value != NULL ? json_object_get_int64(value) : 0;

	if (value == NULL || number < least || number > most)
		return bad(err, key);
	*ret = number;
	return true;
}

/* NULL in *ret where it is absent; a NUL within would hide what is behind it. */
static bool read_text(struct json_object *from, const char *key, bool needed, char **ret, struct err *err)
{
	struct json_object *value = member(from, key, json_type_string);
	struct buf text = { 0 };

	if (value == NULL)
		return !needed || bad(err, key);
	text_from_utf8((struct bytes){ (const uint8_t *)json_object_get_string(value),
				       (size_t)json_object_get_string_len(value) },
		       &text);
	if (text.len > 0 && memchr(text.at, '\0', text.len) == NULL)
		*ret = mem_string((const char *)text.at, text.len);
	else if (text.len == 0)
		*ret = mem_string("", 0);
	buf_done(&text);
	return *ret != NULL || bad(err, key);
}

static bool read_base64(struct json_object *from, const char *key, struct buf *ret, struct err *err)
{
	struct json_object *value = member(from, key, json_type_string);
	struct bytes in;
	size_t len, at;

	if (value == NULL)
		return bad(err, key);
	in = (struct bytes){ (const uint8_t *)json_object_get_string(value),
			     (size_t)json_object_get_string_len(value) };
	if (!base64_read(in, buf_room(ret, base64_room(in.len)), &len, &at))
		return bad(err, key);
	ret->len += len;
	return true;
}

static bool read_word(struct json_object *from, const char *key, const char *const *words, unsigned count,
		      unsigned *ret, struct err *err)
{
	struct json_object *value = member(from, key, json_type_string);

	for (unsigned i = 0; value != NULL && i < count; i++)
		if (strcmp(json_object_get_string(value), words[i]) == 0) {
			*ret = i;
			return true;
		}
	return bad(err, key);
}

static int digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool read_hash(struct json_object *from, uint8_t ret[DIGEST_LEN], struct err *err)
{
	struct json_object *value = member(from, "sha256", json_type_string);
	const char *text = value != NULL ? json_object_get_string(value) : "";

	if (strlen(text) != (size_t)DIGEST_LEN * 2)
		return bad(err, "sha256");
	for (size_t i = 0; i < DIGEST_LEN; i++) {
		int high = digit(text[2 * i]), low = digit(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return bad(err, "sha256");
		ret[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

static bool read_mode(struct json_object *from, unsigned *ret, struct err *err)
{
	struct json_object *value = member(from, "mode", json_type_string);
	const char *text = value != NULL ? json_object_get_string(value) : "";
	unsigned mode = 0;

	if (text[0] == '\0' || strlen(text) > 4)
		return bad(err, "mode");
	for (; *text != '\0'; text++) {
		if (*text < '0' || *text > '7')
			return bad(err, "mode");
		mode = mode << 3 | (unsigned)(*text - '0');
	}
	*ret = mode;
	return true;
}

static bool read_attributes(struct json_object *from, struct stand *ret, struct err *err)
{
	struct json_object *all = member(from, "attributes", json_type_array);
	size_t count = all != NULL ? json_object_array_length(all) : 0;

	for (size_t i = 0; i < count; i++) {
		struct json_object *one = json_object_array_get_idx(all, i);
		struct xattr attribute = { 0 };
		bool ok = json_object_is_type(one, json_type_object) &&
			  read_text(one, "name", true, &attribute.name, err) &&
			  read_base64(one, "value", &attribute.value, err);

		ret->attributes = mem_grow(ret->attributes, ret->attribute_count, sizeof(*ret->attributes));
		ret->attributes[ret->attribute_count++] = attribute;
		if (!ok)
			return bad(err, "attributes");
	}
	return true;
}

static bool read_stand(struct json_object *of, const char *key, struct stand *ret, struct err *err)
{
	struct json_object *from = member(of, key, json_type_object);
	int64_t uid = 0, gid = 0;
	unsigned kind = WAS_UNKNOWN;

	if (from == NULL || !read_word(from, "is", was_words, WAS_KINDS, &kind, err) || kind == WAS_UNKNOWN)
		return bad(err, key);
	ret->was.kind = (enum was_kind)kind;
	if (kind == WAS_ABSENT)
		return true;
	if ((kind == WAS_FILE && !read_hash(from, ret->was.id, err)) ||
	    (kind == WAS_LINK && !read_text(from, "target", true, &ret->was.target, err)))
		return false;
	if (!read_mode(from, &ret->mode, err) || !read_number(from, "uid", 0, UINT32_MAX, &uid, err) ||
	    !read_number(from, "gid", 0, UINT32_MAX, &gid, err) ||
	    !read_number(from, "mtime", INT64_MIN, INT64_MAX, &ret->mtime, err) ||
	    !read_number(from, "mtime_nsec", 0, 999999999, &ret->mtime_nsec, err))
		return false;
	ret->uid = (uid_t)uid;
	ret->gid = (gid_t)gid;
	ret->whole = kind == WAS_FILE;
	return read_attributes(from, ret, err);
}

/* Absolute, and every part of it a name. */
static bool is_path(const char *path)
{
	if (path[0] != '/' || path[1] == '\0')
		return false;
	for (const char *part = path; part != NULL; part = strchr(part, '/')) {
		size_t len = strcspn(++part, "/");

		if (len == 0 || (len == 1 && part[0] == '.') || (len == 2 && memcmp(part, "..", 2) == 0))
			return false;
	}
	return true;
}

static bool read_touched(struct json_object *from, struct touched *ret, struct err *err)
{
	struct json_object *database;
	unsigned kind = 0;

	if (!json_object_is_type(from, json_type_object) ||
	    !read_word(from, "edit", edit_words, EDIT_KINDS, &kind, err) ||
	    !read_text(from, "path", true, &ret->path, err) ||
	    !read_text(from, "store", false, &ret->store, err))
		return bad(err, "touched");
	ret->kind = (enum edit_kind)kind;
	if (!is_path(ret->path))
		return bad(err, "path");
	if (kind == EDIT_RUN)
		return read_base64(from, "input", &ret->input, err) &&
		       read_base64(from, "undo", &ret->undo, err);
	database = member(from, "database", json_type_boolean);
	ret->database = database != NULL && json_object_get_boolean(database);
	return read_stand(from, "before", &ret->before, err) && read_stand(from, "after", &ret->after, err);
}

static bool read_members(struct json_object *from, struct entry *ret, struct err *err)
{
	struct json_object *all = member(from, "touched", json_type_array);
	struct json_object *at = member(from, "at", json_type_string);
	size_t count = all != NULL ? json_object_array_length(all) : 0;
	int64_t id = 0, undoes = 0;

	if (!read_number(from, "id", 1, INT32_MAX, &id, err) || id != ret->id)
		return bad(err, "id");
	if (!read_text(from, "command", true, &ret->command, err) ||
	    !read_text(from, "summary", true, &ret->summary, err) ||
	    !read_text(from, "who", true, &ret->who, err))
		return false;
	if (at == NULL || !clock_read(json_object_get_string(at), &ret->at))
		return bad(err, "at");
	if (member(from, "undoes", json_type_int) != NULL &&
	    !read_number(from, "undoes", 1, INT32_MAX, &undoes, err))
		return false;
	ret->undoes = (unsigned)undoes;
	if (all == NULL || count > LIMIT_HISTORY_TOUCHED)
		return bad(err, "touched");
	for (size_t i = 0; i < count; i++) {
		ret->all = mem_grow(ret->all, ret->count, sizeof(*ret->all));
		ret->all[ret->count++] = (struct touched){ 0 };
		if (!read_touched(json_object_array_get_idx(all, i), &ret->all[i], err))
			return false;
	}
	return true;
}

bool entry_read(struct bytes json, struct entry *ret, struct err *err)
{
	struct json_tokener *tokener = json_tokener_new_ex(DEPTH);
	struct json_object *object = NULL;
	bool ok;

	if (tokener == NULL)
		mem_out();
	if (json.len < INT32_MAX)
		object = json_tokener_parse_ex(tokener, (const char *)json.at, (int)json.len);
	ok = json_object_is_type(object, json_type_object)
		     ? read_members(object, ret, err)
		     : err_set(err, ERR_DAMAGED, "it is no JSON object");
	json_object_put(object);
	json_tokener_free(tokener);
	return ok;
}

static void touched_done(struct touched *touched)
{
	free(touched->path);
	free(touched->store);
	stand_done(&touched->before);
	stand_done(&touched->after);
	buf_done(&touched->input);
	buf_done(&touched->undo);
}

void entry_done(struct entry *entry)
{
	for (size_t i = 0; i < entry->count; i++)
		touched_done(&entry->all[i]);
	free(entry->all);
	free(entry->command);
	free(entry->summary);
	free(entry->who);
	*entry = (struct entry){ 0 };
}

void entries_done(struct entries *entries)
{
	for (size_t i = 0; i < entries->count; i++)
		entry_done(&entries->all[i]);
	free(entries->all);
	texts_done(&entries->notes);
	*entries = (struct entries){ 0 };
}
