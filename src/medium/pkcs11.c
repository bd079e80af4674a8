/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Tokens as the host's PKCS#11 configuration has them: what its trust policy is,
 * and what an URI names.
 */
#include <stdlib.h>

#include "base/err.h"
#include "base/root.h"
#include "medium/medium.h"
#include "medium/p11kit.h"
#include "medium/token.h"
#include "model/place.h"
#include "model/store.h"

/* What is done with an answer. */
struct taking {
	const struct root *root;
	struct store *into;
	const char *query; /* ends the URI of an object */
	bool narrow;       /* objects were named, and not whole tokens */
	size_t matched, read;
	struct err err; /* why a token was not read */
};

/* A token of p11-kit's trust module: its slot is described by the path, if that has less than 64 bytes. */
static bool take_trust_path(struct taking *t, const struct token_slot *slot)
{
	struct trust_path path = {
		.root = t->root,
		.path = slot->description,
		.uri = slot->uri,
		.fd = -1,
	};
	struct err none = { 0 };
	bool ok = true;

	/* A path of the policy may be missing: p11-kit takes it for empty, and so it is. */
	if (!trust_path_scan(&path, t->into, &none))
		store_note_file(t->into, none.code == ERR_ABSENT ? NOTE_INFO : NOTE_ERROR, path.path,
				NOTE_NOWHERE, "%s", none.text);
	if (slot->death == NULL)
		buf_bytes(&path.records, buf_view(&slot->records));
	else
		ok = trust_path_recover(&path, slot, t->into, &t->err) || err_in(&t->err, "'%s'", path.path);
	if (ok)
		trust_path_store(&path, t->into);
	trust_path_done(&path);
	return ok;
}

static void take_token(struct taking *t, const struct token_slot *slot)
{
	struct token_said said = {
		.records = buf_view(&slot->records),
		.place = slot->p11kit ? slot->description : NULL,
		.label = slot->label[0] != '\0' ? slot->label : slot->description,
		.uri = slot->uri,
		.query = t->query,
		.partly = t->narrow,
	};

	if (slot->p11kit && strlen(slot->description) == 64) {
		said.place = NULL;
		store_note_file(
			t->into, NOTE_INFO, slot->description, NOTE_NOWHERE,
			"the path is longer than what PKCS#11 can tell (64 bytes): files in it that made "
			"nothing are not seen");
	}
	token_store(&said, t->into);
}

static void take_slot(struct taking *t, const struct token_slot *slot)
{
	bool path = slot->p11kit && strlen(slot->description) < 64 && !t->narrow;

	t->matched += slot->matched || slot->death != NULL;
	if (path) {
		if (take_trust_path(t, slot))
			t->read++;
		else
			store_note(t->into, NOTE_ERROR, NOTE_NOWHERE, "%s", t->err.text);
		return;
	}
	if (slot->death == NULL) {
		take_token(t, slot);
		t->read += slot->matched;
		return;
	}
	err_set(&t->err, ERR_DAMAGED, "the module '%s' %s while it showed %s '%s', which is not read",
		slot->module, slot->death, slot->p11kit ? "the path" : "the token",
		slot->p11kit || slot->label[0] == '\0' ? slot->description : slot->label);
	store_note(t->into, NOTE_ERROR, NOTE_NOWHERE, "%s", t->err.text);
}

static bool take(struct taking *t, const struct token_question *question, struct err *err)
{
	struct token_answer answer = { 0 };
	struct token_said loose = { .query = "" };
	bool ok = token_ask(question, &answer, err);

	if (!ok)
		goto out;
	loose.records = buf_view(&answer.notes);
	token_store(&loose, t->into);
	trust_paths_hear(NULL, 0, buf_view(&answer.said), t->into);
	for (size_t i = 0; i < answer.count; i++)
		take_slot(t, &answer.slots[i]);
	if (answer.death != NULL)
		store_note(t->into, NOTE_ERROR, NOTE_NOWHERE, "%s; what it would have shown is not read",
			   answer.death);
	ok = t->read > 0;
	if (!ok && t->matched > 0)
		*err = t->err;
	else if (!ok && answer.death != NULL)
		err_set(err, ERR_DAMAGED, "%s", answer.death);
	else if (!ok)
		err_set(err, ERR_ABSENT, "no token %s",
			question->uri != NULL ? "matches this URI" : "is in p11-kit's trust policy");
out:
	token_answer_done(&answer);
	return ok;
}

static bool policy_read(const struct place *place, const struct root *root, struct store *into,
			struct err *err)
{
	struct taking t = { .root = root, .into = into, .query = "" };
	struct token_question question = { .from = TOKEN_POLICY, .silence_ms = token_tuning.silence_ms };

	(void)place;
	if (!root_is_host(root))
		return err_set(err, ERR_ABSENT,
			       "p11-kit's trust policy is that of the host and not of a root");
	if (into->how == NULL)
		into->how = "p11-kit's trust policy";
	return take(&t, &question, err);
}

/* Whether the URI has this attribute; its value is *ret, in RFC 7512's `after` part: "pkcs11:" or "?". */
static bool attribute_of(const char *uri, char part, const char *name, struct bytes *ret)
{
	const char *at = strchr(uri, part), *end = NULL;
	size_t len = strlen(name);

	for (; at != NULL; at = *end == (part == ':' ? ';' : '&') ? end : NULL) {
		at++;
		end = at + strcspn(at, part == ':' ? ";?" : "&");
		if (strncmp(at, name, len) == 0 && at[len] == '=') {
			*ret = (struct bytes){ (const uint8_t *)at + len + 1, (size_t)(end - at) - len - 1 };
			return true;
		}
	}
	return false;
}

/* Of the query only what finds the module: a PIN is nobody's business. */
static char *query_of(const char *uri)
{
	static const char *const names[] = { "module-path", "module-name" };
	struct buf query = { 0 };
	struct bytes value;

	for (size_t i = 0; i < 2; i++)
		if (attribute_of(uri, '?', names[i], &value))
			buf_print(&query, "%c%s=%.*s", query.len > 0 ? '&' : '?', names[i], (int)value.len,
				  (const char *)value.at);
	buf_byte(&query, 0);
	return (char *)query.at;
}

static bool pkcs11_read(const struct place *place, const struct root *root, struct store *into,
			struct err *err)
{
	const char *uri = place->path_count == 1 ? place->paths[0] : "";
	struct taking t = { .root = root, .into = into };
	struct token_question question = {
		.from = TOKEN_URI,
		.uri = uri,
		.silence_ms = token_tuning.silence_ms,
	};
	struct bytes value;
	char *query;
	bool ok;

	if (strncmp(uri, "pkcs11:", 7) != 0)
		return err_set(err, ERR_USAGE, "one PKCS#11 URI is needed: pkcs11:…");
	if (!root_is_host(root))
		return err_set(
			err, ERR_UNSUPPORTED,
			"a PKCS#11 token is the host's and cannot be read inside a root; give the file "
			"or directory in the root instead");
	t.narrow = attribute_of(uri, ':', "object", &value) || attribute_of(uri, ':', "id", &value);
	t.query = query = query_of(uri);
	ok = take(&t, &question, err);
	if (ok && t.narrow && into->count == 0 && !store_incomplete(into))
		ok = err_set(err, ERR_ABSENT, "no certificate matches this URI");
	free(query);
	return ok;
}

const struct medium medium_policy = {
	.kind = { "policy", NULL, CAN_ALL & ~(unsigned)CAN_DISTRUST_AFTER_ANY }, /* is named "system" */
	.no_lines = true,
	.read = policy_read,
};

const struct medium medium_pkcs11 = {
	.kind = { "pkcs11", NULL, CAN_ALL & ~(unsigned)CAN_DISTRUST_AFTER_ANY }, /* an URI names itself */
	.no_lines = true,
	.read = pkcs11_read,
};
