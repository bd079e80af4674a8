/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "show/verdict.h"

#include <json-c/json.h>

#include "base/clock.h"
#include "base/text.h"
#include "check/evidence.h"
#include "check/judge.h"
#include "check/member.h"
#include "check/question.h"
#include "check/revocation.h"
#include "model/json.h"
#include "model/name.h"
#include "show/put.h"
#include "show/show.h"

enum { HOW = JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE };

static void add(struct json_object *to, const char *key, struct json_object *value)
{
	json_object_object_add(to, key, value);
}

static void add_text(struct json_object *to, const char *key, const char *text)
{
	add(to, key, text != NULL ? json_text(bytes_of(text)) : NULL);
}

static void add_number(struct json_object *to, const char *key, int64_t number)
{
	add(to, key, json_object_new_int64(number));
}

static void add_time(struct json_object *to, const char *key, int64_t at)
{
	char text[CLOCK_TEXT];

	clock_text(at, text);
	add_text(to, key, at != CLOCK_NONE ? text : NULL);
}

static void add_id(struct json_object *to, const struct member *member)
{
	struct buf hex = { 0 };

	if (member != NULL)
		text_hex((struct bytes){ member->id, ID_LEN }, &hex);
	add(to, "sha256", member != NULL ? json_text(buf_view(&hex)) : NULL);
	buf_done(&hex);
}

static void add_where(struct json_object *to, const struct member *member)
{
	const struct origin *origin = member->anchor != NULL ? &member->anchor->origin : NULL;

	if (member->from != MEMBER_STORE || origin == NULL || origin->file == NULL) {
		add_text(to, "where", member->where);
		return;
	}
	if (origin->line > 0) {
		struct buf text = { 0 };

		buf_print(&text, "%s:%u", origin->file, origin->line);
		add(to, "where", json_text(buf_view(&text)));
		buf_done(&text);
	} else {
		add_text(to, "where", origin->file);
	}
}

/* Certificates that are in no store are told like those that are; they have no trust. */
static struct json_object *certificate(const struct member *member)
{
	struct anchor made = { .names = ANCHOR_CERTIFICATE, .label = "" };
	struct json_object *object;

	if (member->anchor != NULL && member->anchor->names == ANCHOR_CERTIFICATE) {
		object = json_anchor(member->anchor, false);
	} else {
		made.readable = member->readable;
		made.cert = member->cert;
		memcpy(made.id, member->id, ID_LEN);
		for (size_t i = 0; i < PURPOSE_COUNT; i++)
			made.distrust_after[i] = CLOCK_NONE;
		made.origin.file = member->where;
		object = json_anchor(&made, false);
	}
	add_text(object, "from",
		 member->from == MEMBER_TARGET  ? "target"
		 : member->from == MEMBER_GIVEN ? "given"
						: "store");
	return object;
}

static struct json_object *reason_of(const struct reason *reason)
{
	const struct reason_row *row = &reasons_table[reason->code];
	struct json_object *object = json_object_new_object();
	int openssl = reason->openssl != 0 ? reason->openssl : row->openssl;
	struct buf subject = { 0 };
	char gnutls[VERDICT_GNUTLS];

	if (reason->member != NULL && reason->member->readable)
		name_text(reason->member->cert.subject, &subject);
	verdict_gnutls(row->gnutls, gnutls);
	add_text(object, "code", row->code);
	add_id(object, reason->member);
	add(object, "subject", reason->member != NULL ? json_text(buf_view(&subject)) : NULL);
	add(object, "depth", reason->member != NULL ? json_object_new_int64((int64_t)reason->depth) : NULL);
	if (reason->member != NULL)
		add_where(object, reason->member);
	else
		add(object, "where", NULL);
	add_text(object, "text", reason->text != NULL && reason->text[0] != '\0' ? reason->text : row->brief);
	add_text(object, "rule", reason->source);
	add_text(object, "remedy", reason_what_to_do(reason));
	add(object, "openssl_code", openssl != 0 ? json_object_new_int64(openssl) : NULL);
	add_text(object, "gnutls_status", gnutls[0] != '\0' ? gnutls : NULL);
	buf_done(&subject);
	return object;
}

static struct json_object *reasons_of(const struct attempt *attempt)
{
	struct json_object *all = json_object_new_array();

	for (size_t i = 0; attempt != NULL && i < attempt->reasons.count; i++)
		json_object_array_add(all, reason_of(&attempt->reasons.all[i]));
	return all;
}

static struct json_object *path_of(const struct attempt *attempt)
{
	struct json_object *all = json_object_new_array();

	for (size_t i = 0; attempt != NULL && i < attempt->path.count; i++)
		json_object_array_add(all, certificate(attempt->path.at[i]));
	return all;
}

static struct json_object *status_of(const struct member *member, const struct standing *status)
{
	struct json_object *object = json_object_new_object();

	add_id(object, member);
	add_text(object, "state", verdict_states[status->state]);
	add_text(object, "by", status->by != NULL ? status->by->where : NULL);
	if (status->state == STATE_REVOKED) {
		add_time(object, "when", status->when);
		add_text(object, "reason", verdict_crl_reason(status->reason));
	}
	if (status->why != NULL)
		add_text(object, "why", status->why);
	return object;
}

static struct json_object *wish_of(const struct wish *wish)
{
	static const char *const kinds[] = {
		[WISH_ISSUER] = "issuer",
		[WISH_CRL] = "crl",
		[WISH_OCSP] = "ocsp",
	};
	struct json_object *object = json_object_new_object();

	add_text(object, "kind", kinds[wish->kind]);
	add_id(object, wish->member);
	add_text(object, "url", wish->url);
	return object;
}

static struct json_object *revocation_of(const struct judged *row)
{
	struct json_object *object = json_object_new_object(), *states = json_object_new_array();
	struct json_object *wishes = json_object_new_array();
	const struct attempt *best = row->verdict->best;

	for (size_t i = 0; best != NULL && best->revocation != NULL && i + 1 < best->path.count; i++)
		json_object_array_add(states, status_of(best->path.at[i], &best->revocation[i]));
	for (size_t i = 0; i < row->verdict->wishes.count; i++)
		json_object_array_add(wishes, wish_of(&row->verdict->wishes.all[i]));
	add_text(object, "mode", verdict_modes[row->question->revocation]);
	add(object, "states", states);
	add(object, "wishes", wishes);
	return object;
}

/* With -v, every path that was tried. */
static struct json_object *attempts_of(const struct verdict *verdict)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < verdict->count; i++) {
		struct json_object *entry = json_object_new_object(), *ids = json_object_new_array();
		const struct attempt *attempt = &verdict->attempts[i];

		for (size_t k = 0; k < attempt->path.count; k++) {
			struct json_object *step = json_object_new_object();

			add_id(step, attempt->path.at[k]);
			add_where(step, attempt->path.at[k]);
			json_object_array_add(ids, step);
		}
		add(entry, "path", ids);
		add(entry, "anchored", json_object_new_boolean(attempt->path.anchored));
		add(entry, "reasons", reasons_of(attempt));
		json_object_array_add(list, entry);
	}
	return list;
}

static void add_purpose(struct show *show, struct json_object *to, const struct judged *row)
{
	size_t start = show->out.len;

	show_asked_purpose(show, row->question); /* it never is long enough to be flushed */
	add(to, "purpose", json_text((struct bytes){ show->out.at + start, show->out.len - start }));
	show->out.len = start;
	add(to, "purpose_given", json_object_new_boolean(row->purpose_given));
}

static struct json_object *result_of(struct show *show, const struct judged *row)
{
	struct json_object *object = json_object_new_object();
	const struct verdict *verdict = row->verdict;

	add_text(object, "target", row->target);
	add_text(object, "store", row->store);
	add_purpose(show, object, row);
	add_text(object, "name",
		 row->question->reference.type != REFERENCE_NONE ? row->question->reference.typed : NULL);
	add_time(object, "time", row->question->at);
	add_text(object, "verdict",
		 verdict == NULL                        ? "unknown"
		 : verdict->outcome == OUTCOME_ACCEPTED ? "accepted"
							: "rejected");
	if (verdict == NULL)
		add_text(object, "error", row->trouble);
	add(object, "reasons", reasons_of(verdict != NULL ? verdict->best : NULL));
	add(object, "path", path_of(verdict != NULL ? verdict->best : NULL));
	add(object, "anchored",
	    json_object_new_boolean(verdict != NULL && verdict->best != NULL &&
				    verdict->best->path.anchored));
	add_number(object, "paths_tried", verdict != NULL ? (int64_t)verdict->tried : 0);
	if (show->verbose > 0 && verdict != NULL)
		add(object, "attempts", attempts_of(verdict));
	add(object, "revocation", verdict != NULL ? revocation_of(row) : json_object_new_object());
	add(object, "tls", json_object_new_object()); /* of a server; there is none in a file */
	add(object, "notes", row->notes != NULL ? json_notes(row->notes) : json_object_new_array());
	return object;
}

static void put_frame(struct show *show)
{
	put_print(show, "{\"schema\":%d,\"command\":\"%s\",\"results\":[", JSON_SCHEMA, show->name);
}

void show_verdict_json(struct show *show, const struct judged *rows, size_t count, bool lines)
{
	if (lines)
		put_frame(show);
	for (size_t i = 0; i < count; i++) {
		struct json_object *object = result_of(show, &rows[i]);

		put(show, i == 0 ? "" : lines ? "," : ",\n");
		put(show, json_object_to_json_string_ext(object, HOW));
		json_object_put(object);
	}
	put(show, lines ? "]}\n" : "");
}

void show_verdicts_begin(struct show *show, bool lines)
{
	if (show->json && !lines)
		put_frame(show);
}

void show_verdicts_next(struct show *show, bool lines)
{
	if (show->json && !lines)
		put(show, ",\n");
}

void show_verdicts_end(struct show *show, bool lines)
{
	if (show->json && !lines)
		put(show, "]}\n");
}
