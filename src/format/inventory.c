/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The inventory: a store as JSON (RFC 8259), as `list --json` prints it and
 * `export --format=inventory` writes it; the keys are those of
 * anchorage-inventory(5), which model/json.c knows.
 *
 *   { "schema": 1, …, "anchors": [ entry, … ], "notes": [ note, … ] }
 *   { "schema": 1, …, "stores": [ { "name": …, "anchors": […], "notes": […] }, … ] }
 *
 * The second is of a host, as `stores --json` prints it; a "store" may stand for the
 * "name", as in `list --json` of several. Each becomes a part of the store.
 *
 * Only the outer object is taken apart here; each entry is handed to json-c by
 * itself. So a large inventory needs no more memory than its anchors, a note can
 * say where an entry stands, and one that is broken does not take the rest along.
 */
#include <json-c/json.h>

#include "base/base64.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/text.h"
#include "format/format.h"
#include "model/json.h"
#include "model/pick.h"
#include "model/store.h"

#ifdef JSON_TOKENER_VALIDATE_UTF8
enum { STRICT = JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8 };
#else
enum { STRICT = JSON_TOKENER_STRICT };
#endif

/* The outer object and its list are two levels. */
enum { ENTRY_DEPTH = LIMIT_JSON_DEPTH - 2 };

struct scan;
typedef void read_one(struct scan *s, struct bytes value, size_t at);
static read_one read_entry, read_note, read_store;

static const struct list {
	const char *key;
	read_one *read;
} lists[] = { { "\"anchors\"", read_entry }, { "\"notes\"", read_note }, { "\"stores\"", read_store } };
enum { ANCHORS, NOTES, STORES, LISTS };

struct scan {
	struct bytes file;
	size_t pos;
	struct json_tokener *tokener; /* owned */
	struct store *into;
	bool has_schema;
	size_t seen[LISTS]; /* where the lists begin; 0: not seen */
	bool late[LISTS];   /* seen before the schema, and not yet read */
	bool inner;         /* one of several stores: it has none itself, and its own name */
};

static bool space(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The next character that is no white space; -1: there is none. */
static int here(struct scan *s)
{
	while (s->pos < s->file.len && space(s->file.at[s->pos]))
		s->pos++;
	return s->pos < s->file.len ? s->file.at[s->pos] : -1;
}

/* Steps over a character that must be there. */
static bool take(struct scan *s, int c)
{
	if (here(s) != c)
		return false;
	s->pos++;
	return true;
}

/* Behind a string, of which the opening quotation mark is at pos. */
static bool skip_string(struct scan *s)
{
	for (s->pos++; s->pos < s->file.len; s->pos++) {
		if (s->file.at[s->pos] == '\\')
			s->pos++;
		else if (s->file.at[s->pos] == '"') {
			s->pos++;
			return true;
		}
	}
	s->pos = s->file.len;
	return false;
}

/* Steps over any value and gives its bytes. Brackets are counted, nothing else is checked. */
static bool skip_value(struct scan *s, struct bytes *ret)
{
	size_t depth = 0, start;

	if (here(s) < 0)
		return false;
	start = s->pos;
	while (s->pos < s->file.len) {
		uint8_t c = s->file.at[s->pos];

		if (depth == 0 && s->pos > start && (c == ',' || c == ']' || c == '}' || space(c)))
			break;
		if (c == '"') {
			if (!skip_string(s))
				return false;
			if (depth == 0)
				break;
		} else {
			s->pos++;
			depth += c == '{' || c == '[';
			if ((c == '}' || c == ']') && (depth == 0 || --depth == 0))
				break;
		}
	}
	*ret = (struct bytes){ s->file.at + start, s->pos - start };
	return depth == 0;
}

static bool damaged(const struct scan *s, struct err *err)
{
	if (s->pos >= s->file.len)
		return err_set(err, ERR_DAMAGED, "the inventory is cut: it ends at byte %zu", s->file.len);
	return err_set(err, ERR_DAMAGED, "no JSON from byte %zu on", s->pos);
}

static bool ascii(struct bytes text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.at[i] >= 0x80)
			return false;
	return true;
}

/* When json-c 0.18 is strict, it takes all bytes beyond ASCII for control characters (its issue 892). */
static struct json_object *by_json_c(struct scan *s, struct bytes value)
{
	bool lenient = json_c_version_num() >> 8 == 18 && !ascii(value);

	json_tokener_reset(s->tokener);
	json_tokener_set_flags(s->tokener, lenient ? STRICT & ~JSON_TOKENER_STRICT : STRICT);
	return json_tokener_parse_ex(s->tokener, (const char *)value.at, (int)value.len);
}

/* One value; NULL: it is none, and it is noted as `what`. */
static struct json_object *parse(struct scan *s, struct bytes value, size_t at, const char *what)
{
	struct json_object *object;
	enum json_tokener_error code;

	if (value.len > LIMIT_JSON_ENTRY) {
		store_note(s->into, NOTE_ERROR, at, "%s of %zu bytes is passed over, %zu are allowed", what,
			   value.len, LIMIT_JSON_ENTRY);
		return NULL;
	}
	if (value.at[0] != '{') {
		store_note(s->into, NOTE_ERROR, at, "%s is no object", what);
		return NULL;
	}
	object = by_json_c(s, value);
	code = json_tokener_get_error(s->tokener);
	if (object == NULL)
		store_note(s->into, NOTE_ERROR, at, "%s is no JSON: %s", what, json_tokener_error_desc(code));
	return object;
}

static void read_entry(struct scan *s, struct bytes value, size_t at)
{
	struct json_object *entry = parse(s, value, at, "an entry");
	struct err err = { 0 };

	if (entry != NULL && !json_read_anchor(entry, at, s->into, &err))
		store_note(s->into, NOTE_ERROR, at, "an entry is refused: %s", err.text);
	json_object_put(entry);
}

static void read_note(struct scan *s, struct bytes value, size_t at)
{
	struct json_object *note = parse(s, value, at, "a note");

	if (note != NULL && !json_read_note(note, s->into))
		store_note(s->into, NOTE_ERROR, at, "a note that is none");
	json_object_put(note);
}

/* The list at pos, each value of which is read. */
static bool read_list(struct scan *s, read_one *read, struct err *err)
{
	struct bytes value;

	if (!take(s, '['))
		return damaged(s, err);
	if (take(s, ']'))
		return true;
	do {
		if (!skip_value(s, &value))
			return damaged(s, err);
		read(s, value, (size_t)(value.at - s->file.at));
	} while (take(s, ','));
	return take(s, ']') || damaged(s, err);
}

static bool read_schema(struct scan *s, struct bytes value, struct err *err)
{
	struct buf ours = { 0 };

	buf_print(&ours, "%d", JSON_SCHEMA);
	s->has_schema = bytes_equal(value, buf_view(&ours));
	buf_done(&ours);
	return s->has_schema ||
	       err_set(err, ERR_UNSUPPORTED, "an inventory of schema %.*s, only %d is read",
		       (int)(value.len < 20 ? value.len : 20), (const char *)value.at, JSON_SCHEMA);
}

/* A list is read when it is met, but not before the schema is known. */
static bool meet_list(struct scan *s, size_t which, struct err *err)
{
	struct bytes value;

	here(s);
	if (s->seen[which] > 0)
		return err_set(err, ERR_DAMAGED, "%s is there twice, at byte %zu and at byte %zu",
			       lists[which].key, s->seen[which], s->pos);
	s->seen[which] = s->pos;
	if (s->has_schema)
		return read_list(s, lists[which].read, err);
	s->late[which] = true;
	return skip_value(s, &value) || damaged(s, err);
}

static void read_name(struct scan *s, struct bytes value, size_t at)
{
	struct json_object *name;

	name = value.len < LIMIT_LABEL ? by_json_c(s, value) : NULL;
	if (json_object_is_type(name, json_type_string) && strlen(json_object_get_string(name)) > 0)
		s->into->place = arena_text(&s->into->arena, bytes_of(json_object_get_string(name)));
	else
		store_note(s->into, NOTE_WARN, at, "a name that is none");
	json_object_put(name);
}

static bool read_member(struct scan *s, struct err *err)
{
	size_t start = s->pos;
	struct bytes key, value;

	if (here(s) != '"' || !skip_value(s, &key) || !take(s, ':'))
		return damaged(s, err);
	for (size_t i = 0; i < (s->inner ? STORES : LISTS); i++)
		if (bytes_equal(key, bytes_of(lists[i].key)))
			return meet_list(s, i, err);
	if (!skip_value(s, &value))
		return damaged(s, err);
	if (s->inner && (bytes_equal(key, bytes_of("\"name\"")) || bytes_equal(key, bytes_of("\"store\""))))
		read_name(s, value, start);
	if (s->inner && bytes_equal(key, bytes_of("\"readable\"")))
		s->into->unread = bytes_equal(value, bytes_of("false"));
	return !bytes_equal(key, bytes_of("\"schema\"")) || read_schema(s, value, err);
}

static bool read_members(struct scan *s, struct err *err)
{
	if (!take(s, '{'))
		return err_set(err, ERR_DAMAGED, "no JSON object");
	do
		if (!read_member(s, err))
			return false;
	while (take(s, ','));
	return take(s, '}') || damaged(s, err);
}

/* One store of several, a part of the store that is read. What is wrong with it is noted, and the others are
 * read. */
static void read_store(struct scan *s, struct bytes value, size_t at)
{
	struct scan in = {
		.file = { s->file.at, at + value.len },
		.pos = at,
		.tokener = s->tokener,
		.has_schema = true,
		.inner = true,
	};
	struct err err = { 0 };

	if (value.at[0] != '{') {
		store_note(s->into, NOTE_ERROR, at, "a store is no object");
		return;
	}
	if (s->into->part_count >= LIMIT_INVENTORY_STORES) {
		store_note(s->into, NOTE_ERROR, at, "more than %d stores; the others are not read",
			   LIMIT_INVENTORY_STORES);
		s->pos = s->file.len;
		return;
	}
	in.into = store_part(s->into, "");
	in.into->kind = &format_inventory.kind;
	if (!read_members(&in, &err))
		store_note(in.into, NOTE_ERROR, at, "%s", err.text);
	if (in.into->place[0] == '\0')
		store_note(in.into, NOTE_WARN, at, "a store without a name");
}

static bool read_object(struct scan *s, struct err *err)
{
	if (bytes_start(s->file, bytes_of("\xef\xbb\xbf")))
		s->pos = 3;
	if (!read_members(s, err))
		return false;
	if (here(s) >= 0)
		store_note(s->into, NOTE_ERROR, s->pos, "%zu bytes behind the inventory are not read",
			   s->file.len - s->pos);
	return true;
}

/* What was put off, and what is missing. */
static bool read_late(struct scan *s, struct err *err)
{
	if (!s->has_schema)
		return err_set(err, ERR_UNSUPPORTED, "JSON without 'schema' is no inventory");
	if (s->seen[ANCHORS] == 0 && s->seen[STORES] == 0)
		return err_set(err, ERR_DAMAGED, "an inventory without 'anchors' and 'stores'");
	if (s->seen[ANCHORS] > 0 && s->seen[STORES] > 0)
		return err_set(err, ERR_DAMAGED,
			       "'anchors' and 'stores' are both there: is it of one or of several?");
	for (size_t i = 0; i < LISTS; i++) {
		s->pos = s->seen[i];
		if (s->late[i] && !read_list(s, lists[i].read, err))
			return false;
	}
	return true;
}

static int inventory_probe(struct bytes file)
{
	struct scan s = { .file = file };

	if (bytes_start(file, bytes_of("\xef\xbb\xbf")))
		s.pos = 3;
	if (!take(&s, '{'))
		return 0;
	here(&s);
	return bytes_start(bytes_skip(file, s.pos), bytes_of("\"schema\"")) ? 72 : 8;
}

static bool inventory_read(struct bytes file, struct store *into, struct err *err)
{
	struct scan s = { .file = file, .into = into, .tokener = json_tokener_new_ex(ENTRY_DEPTH) };
	size_t before = into->count + into->note_room;
	bool ok;

	ok = read_object(&s, err) && read_late(&s, err);
	if (ok && into->part_count == 0 && into->count + into->note_room == before)
		store_note(into, NOTE_INFO, 0, "an inventory without entries");
	json_tokener_free(s.tokener);
	return ok;
}

/* An entry; a certificate is put in here, as base64 needs none of the escapes that json-c looks for. */
static void write_entry(const struct anchor *anchor, struct buf *to)
{
	struct json_object *entry = json_anchor(anchor, false);

	text_json(bytes_of(json_object_to_json_string_ext(entry, JSON_C_TO_STRING_PLAIN |
									 JSON_C_TO_STRING_NOSLASHESCAPE)),
		  to);
	json_object_put(entry);
	if (anchor->names != ANCHOR_CERTIFICATE)
		return;
	to->len--; /* the closing bracket */
	buf_text(to, ",\"der\":\"");
	base64_write(anchor->cert.der, 0, to);
	buf_text(to, "\"}");
}

static bool inventory_write(const struct pick *from, const struct style *style, struct buf *to,
			    struct err *err)
{
	(void)style;
	(void)err;
	buf_print(to, "{\"schema\":%d,\"command\":\"export\",\"anchors\":[", JSON_SCHEMA);
	for (size_t i = 0; i < from->count; i++) {
		buf_text(to, i > 0 ? ",\n" : "\n");
		write_entry(from->anchors[i], to);
	}
	buf_text(to, "\n]}\n");
	return true;
}

const struct format format_inventory = {
	.kind = { "inventory", "JSON inventory", CAN_ALL },
	.probe = inventory_probe,
	.read = inventory_read,
	.write = inventory_write,
};
