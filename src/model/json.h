/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Anchors and notes as JSON objects (json-c), and anchors back: the one place
 * that knows the keys of anchorage-inventory(5). Objects returned are the
 * caller's (json_object_put). All text is valid UTF-8 whatever the input held.
 */
#ifndef MODEL_JSON_H
#define MODEL_JSON_H

#include <stdbool.h>

#include "base/bytes.h"

struct anchor;
struct err;
struct json_object;
struct store;

enum { JSON_SCHEMA = 1 };

struct json_object *json_text(struct bytes text); /* a string, by text_utf8() */

/*
 * Members of an object, which has none of that key yet; keys are constants; nothing is added for a text that
 * is NULL and for CLOCK_NONE.
 */
void json_add(struct json_object *to, const char *key, struct json_object *value); /* which becomes its own */
void json_add_text(struct json_object *to, const char *key, const char *text);
void json_add_bool(struct json_object *to, const char *key, bool is);
void json_add_number(struct json_object *to, const char *key, int64_t number);
void json_add_hex(struct json_object *to, const char *key, struct bytes bytes);
void json_add_base64(struct json_object *to, const char *key, struct bytes bytes);
void json_add_time(struct json_object *to, const char *key, int64_t at);

/*
 * With `with_der` the certificate itself too, as base64 under "der". An entry
 * without a certificate always has it: the issuer's Name, or the key.
 */
struct json_object *json_anchor(const struct anchor *anchor, bool with_der);

struct json_object *json_notes(const struct store *store);

/*
 * Adds the entry to `into`; what is odd about it is noted with `at`. False: it is
 * no entry, or contradicts itself, err says how, and nothing was added.
 */
bool json_read_anchor(struct json_object *from, size_t at, struct store *into, struct err *err);

/* Adds a note of the store that was written; false if it is none. */
bool json_read_note(struct json_object *from, struct store *into);

/* The words for enum anchor_names and enum note_level. */
extern const char *const json_names[], *const json_levels[];

#endif
