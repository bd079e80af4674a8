/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/json.h"

#include <json-c/json.h>

#include "base/base64.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/text.h"
#include "model/anchor.h"
#include "model/der.h"
#include "model/facts.h"
#include "model/name.h"
#include "model/store.h"

/* An entry that is being read. */
struct entry {
	struct json_object *from;
	size_t at;
	struct store *into;
	struct err *err;
};

/* A member; NULL in *ret if it is absent or null. False: it has another type. */
static bool member(struct json_object *from, const char *key, enum json_type type, struct json_object **ret,
		   struct err *err)
{
	*ret = NULL;
	if (!json_object_object_get_ex(from, key, ret) || *ret == NULL)
		return true;
	return json_object_is_type(*ret, type) ||
	       err_set(err, ERR_DAMAGED, "'%s' is no %s", key, json_type_to_name(type));
}

static struct bytes text_of(struct json_object *string)
{
	if (string == NULL)
		return (struct bytes){ NULL, 0 };
	return (struct bytes){ (const uint8_t *)json_object_get_string(string),
			       (size_t)json_object_get_string_len(string) };
}

/* A member that is text; empty if it is absent. It lives as long as `from`. */
static bool text(struct json_object *from, const char *key, struct bytes *ret, struct err *err)
{
	struct json_object *string;

	if (!member(from, key, json_type_string, &string, err))
		return false;
	*ret = text_of(string);
	return true;
}

static int digit(uint8_t c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool hex(struct json_object *from, const char *key, struct buf *to, struct err *err)
{
	struct bytes in;

	if (!text(from, key, &in, err))
		return false;
	for (size_t i = 0; i + 1 < in.len; i += 2) {
		if (digit(in.at[i]) < 0 || digit(in.at[i + 1]) < 0)
			return err_set(err, ERR_DAMAGED, "'%s' is no hex", key);
		buf_byte(to, (unsigned)(digit(in.at[i]) << 4 | digit(in.at[i + 1])));
	}
	return in.len % 2 == 0 || err_set(err, ERR_DAMAGED, "'%s' is no hex", key);
}

/* A SHA-256; *ret_is tells whether it is there. */
static bool fingerprint(struct json_object *from, const char *key, uint8_t ret[ID_LEN], bool *ret_is,
			struct err *err)
{
	struct buf bytes = { 0 };
	bool ok = hex(from, key, &bytes, err);

	*ret_is = ok && bytes.len > 0;
	if (ok && *ret_is && bytes.len != ID_LEN)
		ok = err_set(err, ERR_DAMAGED, "'%s' has %zu bytes where %d belong", key, bytes.len, ID_LEN);
	if (ok && *ret_is)
		memcpy(ret, bytes.at, ID_LEN);
	buf_done(&bytes);
	return ok;
}

static bool base64(struct json_object *from, const char *key, struct buf *to, struct err *err)
{
	struct bytes in;
	size_t len, at;

	if (!text(from, key, &in, err))
		return false;
	if (!base64_read(in, buf_room(to, base64_room(in.len)), &len, &at))
		return err_set(err, ERR_DAMAGED, "'%s' is no base64, at its character %zu", key, at);
	to->len += len;
	return true;
}

static bool instant(struct json_object *from, const char *key, int64_t *ret, struct err *err)
{
	struct bytes in;

	if (!text(from, key, &in, err))
		return false;
	*ret = CLOCK_NONE;
	return in.len == 0 || clock_read((const char *)in.at, ret) ||
	       err_set(err, ERR_DAMAGED, "'%s' is no time", key);
}

static bool truth(struct json_object *from, const char *key, bool *ret, struct err *err)
{
	struct json_object *value;

	if (!member(from, key, json_type_boolean, &value, err))
		return false;
	*ret = value != NULL && json_object_get_boolean(value);
	return true;
}

static bool number(struct json_object *from, const char *key, unsigned *ret, struct err *err)
{
	struct json_object *value;
	int64_t n;

	*ret = 0;
	if (!member(from, key, json_type_int, &value, err))
		return false;
	n = value != NULL ? json_object_get_int64(value) : 0;
	if (n < 0 || n > INT32_MAX)
		return err_set(err, ERR_DAMAGED, "'%s' is out of range", key);
	*ret = (unsigned)n;
	return true;
}

/* What json_text() was given, into the store's arena; "" if it is absent. */
static bool keep(const struct entry *e, struct json_object *from, const char *key, char **ret)
{
	struct buf bytes = { 0 };
	struct bytes in;

	if (!text(from, key, &in, e->err))
		return false;
	text_from_utf8(in, &bytes);
	*ret = arena_text(&e->into->arena, buf_view(&bytes));
	buf_done(&bytes);
	return true;
}

/* What is told of a certificate that is not there. */
static bool read_facts(const struct entry *e, struct anchor *anchor)
{
	struct facts *facts = arena_take(&e->into->arena, sizeof(*facts));
	struct json_object *key;

	*facts = (struct facts){ .key_type = arena_text(&e->into->arena, (struct bytes){ NULL, 0 }) };
	facts->curve = facts->key_type;
	if (!member(e->from, "key", json_type_object, &key, e->err) ||
	    (key != NULL &&
	     (!keep(e, key, "type", &facts->key_type) || !keep(e, key, "curve", &facts->curve) ||
	      !number(key, "bits", &facts->key_bits, e->err))))
		return false;
	if (!keep(e, e->from, "subject", &facts->subject) || !keep(e, e->from, "issuer", &facts->issuer) ||
	    !keep(e, e->from, "serial", &facts->serial) ||
	    !keep(e, e->from, "signature", &facts->signature) ||
	    !instant(e->from, "not_before", &facts->not_before, e->err) ||
	    !instant(e->from, "not_after", &facts->not_after, e->err) ||
	    !truth(e->from, "ca", &facts->ca, e->err) ||
	    !truth(e->from, "self_signed", &facts->self_signed, e->err))
		return false;
	facts->known = facts->key_type[0] != '\0';
	anchor->told = facts;
	return true;
}

static bool read_odd(const struct entry *e, struct anchor *anchor)
{
	struct json_object *all;

	if (!member(e->from, "odd", json_type_array, &all, e->err))
		return false;
	for (size_t i = 0; all != NULL && i < json_object_array_length(all); i++) {
		const char *word = json_object_get_string(json_object_array_get_idx(all, i));

		for (unsigned k = 0; word != NULL && k < ODD_ROWS; k++)
			if (strcmp(odds[k].name, word) == 0)
				anchor->cert.odd |= 1u << k;
	}
	return true;
}

/* The purpose of a key of "trust"; PURPOSE_COUNT: none. */
static unsigned purpose_named(const char *name)
{
	for (unsigned i = 0; i < PURPOSE_ROWS; i++)
		if (strcmp(purposes[i].name, name) == 0)
			return i;
	return strcmp(name, "other") == 0 ? PURPOSE_OTHER : PURPOSE_COUNT;
}

static bool read_state(const struct entry *e, const char *key, struct json_object *value,
		       struct anchor *anchor)
{
	unsigned purpose = purpose_named(key);
	const char *state = json_object_is_type(value, json_type_string) ? json_object_get_string(value) : "";
	uint16_t bit = (uint16_t)(purpose < PURPOSE_COUNT ? PURPOSE_BIT(purpose) : 0);
	bool barred = strcmp(state, "distrusted") == 0;

	if (strcmp(state, "anchor") == 0)
		anchor->trusted |= bit;
	else if (barred)
		anchor->distrusted |= bit != 0 ? bit : PURPOSE_BIT(PURPOSE_OTHER);
	else if (strcmp(state, "unspecified") != 0)
		return err_set(e->err, ERR_DAMAGED, "'trust' has a state that is unknown");
	if (bit == 0)
		store_note(e->into, NOTE_WARN, e->at,
			   barred ? "distrust for an unknown purpose '%.64s' is kept as for all unnamed ones"
				  : "trust for an unknown purpose '%.64s' is not kept",
			   key);
	return true;
}

static bool read_trust(const struct entry *e, struct anchor *anchor)
{
	const uint16_t other = PURPOSE_BIT(PURPOSE_OTHER), rows = PURPOSES_ALL & (uint16_t)~other;
	struct json_object *trust;

	if (!member(e->from, "trust", json_type_object, &trust, e->err))
		return false;
	if (trust == NULL) {
		store_note(e->into, NOTE_WARN, e->at, "an entry that says nothing of trust");
		return true;
	}
	json_object_object_foreach(trust, key, value)
	{
		if (!read_state(e, key, value, anchor))
			return false;
	}
	if (json_object_object_get(trust, "other") != NULL)
		return true;
	if ((anchor->trusted & rows) == rows)
		anchor->trusted |= other;
	if ((anchor->distrusted & rows) == rows)
		anchor->distrusted |= other;
	return true;
}

static bool read_after(const struct entry *e, struct anchor *anchor)
{
	struct json_object *after;

	if (!member(e->from, "distrust_after", json_type_object, &after, e->err))
		return false;
	if (after == NULL)
		return true;
	json_object_object_foreach(after, key, value)
	{
		unsigned purpose = purpose_named(key);
		int64_t *to = &anchor->distrust_after[purpose < PURPOSE_COUNT ? purpose : PURPOSE_OTHER],
			date;

		(void)value;
		if (!instant(after, key, &date, e->err))
			return false;
		if (*to == CLOCK_NONE || (date != CLOCK_NONE && date < *to))
			*to = date;
		if (purpose == PURPOSE_COUNT)
			store_note(e->into, NOTE_WARN, e->at,
				   "a date for an unknown purpose '%.64s' is kept as for all unnamed ones",
				   key);
	}
	return true;
}

static bool read_constraint(const struct entry *e, struct json_object *from, struct anchor *anchor)
{
	struct buf der = { 0 };
	bool ok = json_object_is_type(from, json_type_object)
			  ? hex(from, "der", &der, e->err)
			  : err_set(e->err, ERR_DAMAGED, "a constraint is no object");

	if (ok && !store_attach(e->into, anchor, buf_view(&der)))
		ok = err_set(e->err, ERR_DAMAGED, "a constraint is no Extension");
	buf_done(&der);
	return ok;
}

static bool read_constraints(const struct entry *e, struct anchor *anchor)
{
	struct json_object *all;

	if (!member(e->from, "constraints", json_type_array, &all, e->err))
		return false;
	if (all != NULL && json_object_array_length(all) > LIMIT_ATTACHED)
		return err_set(e->err, ERR_LIMIT, "more than %d constraints", LIMIT_ATTACHED);
	for (size_t i = 0; all != NULL && i < json_object_array_length(all); i++)
		if (!read_constraint(e, json_object_array_get_idx(all, i), anchor))
			return false;
	return true;
}

static bool read_label(const struct entry *e, struct anchor *anchor)
{
	struct buf bytes = { 0 };
	struct bytes label;
	bool ok = hex(e->from, "label_hex", &bytes, e->err) && text(e->from, "label", &label, e->err);

	if (ok)
		store_label(e->into, anchor, bytes.len > 0 ? buf_view(&bytes) : label);
	buf_done(&bytes);
	return ok;
}

static bool read_origin(const struct entry *e, struct anchor *anchor)
{
	struct json_object *origin, *at = NULL;
	char *file = NULL, *alias = NULL, *uri;

	if (!member(e->from, "origin", json_type_object, &origin, e->err) ||
	    !keep(e, e->from, "pkcs11_uri", &uri) ||
	    (origin != NULL && (!keep(e, origin, "file", &file) || !keep(e, origin, "alias", &alias) ||
				!number(origin, "line", &anchor->origin.line, e->err) ||
				!member(origin, "at", json_type_int, &at, e->err))))
		return false;
	if (at != NULL && json_object_get_int64(at) > 0)
		anchor->origin.at = (size_t)json_object_get_int64(at);
	anchor->origin.file = file != NULL && file[0] != '\0' ? file : NULL;
	anchor->origin.alias = alias != NULL && alias[0] != '\0' ? alias : NULL;
	anchor->origin.uri = uri[0] != '\0' ? uri : NULL;
	return true;
}

static bool valid_key(struct bytes spki)
{
	struct cursor outer = der_into(spki), in = der_into(der_take(&outer, DER_SEQUENCE));

	der_take(&in, DER_SEQUENCE);
	der_take(&in, DER_BIT_STRING);
	return der_ended(&in) && der_ended(&outer);
}

/* An entry that names an issuer and serial number, or a key. */
static bool add_without_certificate(const struct entry *e, struct bytes names, struct bytes der)
{
	struct buf serial = { 0 };
	bool ok = hex(e->from, "serial", &serial, e->err);

	if (ok && bytes_equal(names, bytes_of(json_names[ANCHOR_ISSUER_SERIAL]))) {
		ok = (serial.len > 0 && name_valid(der)) ||
		     err_set(e->err, ERR_DAMAGED, "no serial number, or 'der' is no Name");
		if (ok)
			store_add_issuer_serial(e->into, der, buf_view(&serial));
	} else if (ok && bytes_equal(names, bytes_of(json_names[ANCHOR_KEY]))) {
		ok = valid_key(der) || err_set(e->err, ERR_DAMAGED, "'der' is no SubjectPublicKeyInfo");
		if (ok)
			store_add_key(e->into, der);
	} else if (ok) {
		ok = err_set(e->err, ERR_DAMAGED, "'names' is '%.*s', which is unknown",
			     (int)(names.len > 64 ? 64 : names.len), (const char *)names.at);
	}
	buf_done(&serial);
	return ok;
}

static bool add_certificate(const struct entry *e, struct bytes der)
{
	uint8_t id[ID_LEN], actual[ID_LEN];
	bool is;

	if (!fingerprint(e->from, "sha256", id, &is, e->err))
		return false;
	if (!is)
		return err_set(e->err, ERR_DAMAGED, "an entry without 'sha256'");
	if (der.len == 0) {
		return read_facts(e, store_add_fingerprint(e->into, id));
	}
	digest_sha256(der, actual);
	if (memcmp(id, actual, ID_LEN) != 0)
		return err_set(e->err, ERR_DAMAGED, "'sha256' is not the hash of 'der'");
	store_add(e->into, der, e->at);
	return true;
}

/* The hash of the key: told of a certificate that is not there, checked with one that is. */
static bool read_key_id(const struct entry *e, struct anchor *anchor)
{
	uint8_t id[ID_LEN], actual[ID_LEN];
	bool is;

	if (!fingerprint(e->from, "spki_sha256", id, &is, e->err))
		return false;
	if (!is)
		return true;
	if (anchor->names != ANCHOR_FINGERPRINT && anchor->names != ANCHOR_ISSUER_SERIAL)
		return (anchor_key_id(anchor, actual) && memcmp(actual, id, ID_LEN) == 0) ||
		       err_set(e->err, ERR_DAMAGED, "'spki_sha256' is not the hash of the key");
	if (anchor->names == ANCHOR_FINGERPRINT)
		anchor->told_key = arena_bytes(&e->into->arena, (struct bytes){ id, ID_LEN }).at;
	return true;
}

/* What the entry is about, added to the store; NULL: that is not to be found out. */
static struct anchor *add_entry(const struct entry *e)
{
	struct buf der = { 0 };
	struct bytes names = { NULL, 0 };
	size_t before = e->into->count;
	bool ok = text(e->from, "names", &names, e->err) && base64(e->from, "der", &der, e->err);

	if (ok && (names.len == 0 || bytes_equal(names, bytes_of(json_names[ANCHOR_CERTIFICATE])) ||
		   bytes_equal(names, bytes_of(json_names[ANCHOR_FINGERPRINT]))))
		ok = add_certificate(e, buf_view(&der));
	else if (ok)
		ok = add_without_certificate(e, names, buf_view(&der));
	buf_done(&der);
	return ok ? &e->into->anchors[before] : NULL;
}

bool json_read_anchor(struct json_object *from, size_t at, struct store *into, struct err *err)
{
	struct entry e = { .from = from, .at = at, .into = into, .err = err };
	size_t before = into->count;
	struct anchor *anchor;
	bool ok;

	if (!json_object_is_type(from, json_type_object))
		return err_set(err, ERR_DAMAGED, "an entry is no object");
	anchor = add_entry(&e);
	ok = anchor != NULL && read_key_id(&e, anchor) && read_label(&e, anchor) && read_origin(&e, anchor) &&
	     read_trust(&e, anchor) && read_after(&e, anchor) && read_constraints(&e, anchor) &&
	     truth(from, "mozilla_policy", &anchor->mozilla_policy, err) &&
	     (anchor->names != ANCHOR_FINGERPRINT || read_odd(&e, anchor));
	if (!ok)
		into->count = before;
	return ok;
}

bool json_read_note(struct json_object *from, struct store *into)
{
	struct buf path = { 0 }, said = { 0 };
	struct bytes level, file, words;
	struct json_object *at;
	size_t before = into->note_count;
	struct err err;
	unsigned line;
	int rank = NOTE_INFO;
	int64_t offset;

	if (!json_object_is_type(from, json_type_object) || !text(from, "level", &level, &err) ||
	    !text(from, "file", &file, &err) || !text(from, "text", &words, &err) ||
	    !number(from, "line", &line, &err) || !member(from, "at", json_type_int, &at, &err))
		return false;
	while (rank < NOTE_ERROR && !bytes_equal(level, bytes_of(json_levels[rank])))
		rank++;
	/* An offset says nothing without the file that it is in. */
	offset = at != NULL && file.len > 0 ? json_object_get_int64(at) : -1;
	text_from_utf8(file, &path);
	buf_byte(&path, '\0');
	text_from_utf8(words, &said);
	store_note_file(into, (enum note_level)rank, file.len > 0 ? (const char *)path.at : NULL,
			offset >= 0 ? (size_t)offset : NOTE_NOWHERE, "%.*s", (int)said.len,
			said.len > 0 ? (const char *)said.at : "");
	buf_done(&path);
	buf_done(&said);
	if (into->note_count > before)
		into->notes[before].line = line;
	return true;
}
