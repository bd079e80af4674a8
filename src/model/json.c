/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/json.h"

#include <json-c/json.h>

#include "base/base64.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/text.h"
#include "model/anchor.h"
#include "model/der.h"
#include "model/facts.h"
#include "model/store.h"

const char *const json_names[] = {
	[ANCHOR_CERTIFICATE] = "certificate",
	[ANCHOR_FINGERPRINT] = "fingerprint",
	[ANCHOR_ISSUER_SERIAL] = "issuer-serial",
	[ANCHOR_KEY] = "key",
};

const char *const json_levels[] = {
	[NOTE_INFO] = "info",
	[NOTE_WARN] = "warning",
	[NOTE_ERROR] = "error",
};

/* Whether it is the same in JSON's strings: ASCII without a backslash. */
static bool is_plain(struct bytes text)
{
	uint8_t all = 0;

	for (size_t i = 0; i < text.len; i++)
		all |= text.at[i];
	return all < 0x80 && (text.len == 0 || memchr(text.at, '\\', text.len) == NULL);
}

struct json_object *json_text(struct bytes text)
{
	struct buf valid = { 0 };
	struct json_object *object;

	if (is_plain(text))
		return json_object_new_string_len((const char *)text.at, (int)text.len);
	text_utf8(text, &valid);
	object = json_object_new_string_len((const char *)valid.at, (int)valid.len);
	buf_done(&valid);
	return object;
}

void json_add(struct json_object *to, const char *key, struct json_object *value)
{
	json_object_object_add_ex(to, key, value,
				  JSON_C_OBJECT_ADD_KEY_IS_NEW | JSON_C_OBJECT_ADD_CONSTANT_KEY);
}

void json_add_text(struct json_object *to, const char *key, const char *text)
{
	if (text != NULL)
		json_add(to, key, json_text(bytes_of(text)));
}

void json_add_bool(struct json_object *to, const char *key, bool is)
{
	json_add(to, key, json_object_new_boolean(is));
}

void json_add_number(struct json_object *to, const char *key, int64_t number)
{
	json_add(to, key, json_object_new_int64(number));
}

void json_add_hex(struct json_object *to, const char *key, struct bytes bytes)
{
	struct buf hex = { 0 };

	text_hex(bytes, &hex);
	json_add(to, key, json_object_new_string_len((const char *)hex.at, (int)hex.len));
	buf_done(&hex);
}

void json_add_base64(struct json_object *to, const char *key, struct bytes bytes)
{
	struct buf text = { 0 };

	base64_write(bytes, 0, &text);
	json_add(to, key, json_object_new_string_len((const char *)text.at, (int)text.len));
	buf_done(&text);
}

void json_add_time(struct json_object *to, const char *key, int64_t at)
{
	char text[CLOCK_TEXT];

	if (at == CLOCK_NONE)
		return;
	clock_text(at, text);
	json_add_text(to, key, text);
}

static void add_facts(struct json_object *to, const struct anchor *anchor)
{
	struct json_object *key = json_object_new_object();
	struct facts facts;

	facts_of(anchor, &facts);
	json_add_text(to, "subject", facts.subject);
	json_add_text(to, "issuer", facts.issuer);
	json_add_text(to, "serial", facts.serial);
	json_add_time(to, "not_before", facts.not_before);
	json_add_time(to, "not_after", facts.not_after);
	json_add_text(key, "type", facts.key_type);
	json_add_number(key, "bits", facts.key_bits);
	if (facts.curve[0] != '\0')
		json_add_text(key, "curve", facts.curve);
	json_add(to, "key", key);
	json_add_text(to, "signature", facts.signature);
	json_add_bool(to, "ca", facts.ca);
	json_add_bool(to, "self_signed", facts.self_signed);
	facts_done(&facts);
}

static void add_trust(struct json_object *to, const struct anchor *anchor)
{
	struct json_object *trust = json_object_new_object(), *after = json_object_new_object();
	uint16_t trusted = anchor_trusted(anchor);

	for (unsigned i = 0; i < PURPOSE_COUNT; i++) {
		const char *name = i < PURPOSE_ROWS ? purposes[i].name : "other";
		bool distrusted = anchor->distrusted >> i & 1;

		json_add_text(trust, name,
			      distrusted         ? "distrusted"
			      : trusted >> i & 1 ? "anchor"
						 : "unspecified");
		json_add_time(after, name, anchor->distrust_after[i]);
	}
	json_add(to, "trust", trust);
	json_add(to, "distrust_after", after);
}

static struct json_object *constraint(const struct extension *extension)
{
	struct json_object *object = json_object_new_object();
	struct buf oid = { 0 };

	der_oid_text(extension->oid, &oid);
	json_add(object, "oid", json_text(buf_view(&oid)));
	for (unsigned i = 0; i < EXT_ROWS; i++)
		if (bytes_equal(exts[i].oid, extension->oid))
			json_add_text(object, "name", exts[i].name);
	json_add_bool(object, "critical", extension->critical);
	json_add_hex(object, "der", extension->whole);
	buf_done(&oid);
	return object;
}

static void add_constraints(struct json_object *to, const struct anchor *anchor)
{
	struct json_object *all = json_object_new_array();

	for (size_t i = 0; i < anchor->attached_count; i++)
		json_object_array_add(all, constraint(&anchor->attached[i]));
	json_add(to, "constraints", all);
}

static void add_origin(struct json_object *to, const struct origin *origin)
{
	struct json_object *object = json_object_new_object();

	if (origin->file != NULL)
		json_add_text(object, "file", origin->file);
	if (origin->line > 0)
		json_add_number(object, "line", origin->line);
	if (origin->at > 0)
		json_add_number(object, "at", (int64_t)origin->at);
	if (origin->alias != NULL)
		json_add_text(object, "alias", origin->alias);
	json_add(to, "origin", object);
	if (origin->uri != NULL)
		json_add_text(to, "pkcs11_uri", origin->uri);
}

static void add_odd(struct json_object *to, const struct cert *cert)
{
	struct json_object *all = json_object_new_array();

	for (unsigned i = 0; i < ODD_ROWS; i++)
		if (cert->odd >> i & 1)
			json_object_array_add(all, json_object_new_string(odds[i].name));
	json_add(to, "odd", all);
}

static void add_der(struct json_object *to, const struct anchor *anchor)
{
	struct buf text = { 0 };

	base64_write(anchor->names == ANCHOR_ISSUER_SERIAL ? anchor->cert.issuer
		     : anchor->names == ANCHOR_KEY         ? anchor->cert.spki
							   : anchor->cert.der,
		     0, &text);
	json_add(to, "der", json_object_new_string_len((const char *)text.at, (int)text.len));
	buf_done(&text);
}

/* A label that its text does not spell, as it is no UTF-8, is given as bytes too. */
static void add_label(struct json_object *to, const char *label)
{
	struct buf text = { 0 };

	json_add_text(to, "label", label);
	if (!is_plain(bytes_of(label)))
		text_utf8(bytes_of(label), &text);
	if (text.len > 0 && !bytes_equal(buf_view(&text), bytes_of(label)))
		json_add_hex(to, "label_hex", bytes_of(label));
	buf_done(&text);
}

struct json_object *json_anchor(const struct anchor *anchor, bool with_der)
{
	struct json_object *object = json_object_new_object();
	uint8_t key_id[ID_LEN];

	if (anchor->names == ANCHOR_CERTIFICATE || anchor->names == ANCHOR_FINGERPRINT)
		json_add_hex(object, "sha256", (struct bytes){ anchor->id, ID_LEN });
	else
		json_add_text(object, "names", json_names[anchor->names]);
	if (anchor_key_id(anchor, key_id))
		json_add_hex(object, "spki_sha256", (struct bytes){ key_id, ID_LEN });
	add_facts(object, anchor);
	add_label(object, anchor->label);
	add_origin(object, &anchor->origin);
	add_trust(object, anchor);
	add_constraints(object, anchor);
	if (anchor->mozilla_policy)
		json_add_bool(object, "mozilla_policy", true);
	if (anchor->cert.odd != 0)
		add_odd(object, &anchor->cert);
	if (anchor->names != ANCHOR_FINGERPRINT && (with_der || anchor->names != ANCHOR_CERTIFICATE))
		add_der(object, anchor);
	return object;
}

static struct json_object *note_object(const struct note *note)
{
	struct json_object *object = json_object_new_object();

	json_add_text(object, "level", json_levels[note->level]);
	if (note->file != NULL)
		json_add_text(object, "file", note->file);
	if (note->line > 0)
		json_add_number(object, "line", note->line);
	if (note->at != NOTE_NOWHERE)
		json_add_number(object, "at", (int64_t)note->at);
	json_add_text(object, "text", note->text);
	return object;
}

struct json_object *json_notes(const struct store *store)
{
	struct json_object *all = json_object_new_array();

	for (size_t i = 0; i < store->note_count; i++)
		json_object_array_add(all, note_object(&store->notes[i]));
	return all;
}
