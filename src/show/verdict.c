/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "show/verdict.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/text.h"
#include "check/evidence.h"
#include "check/judge.h"
#include "check/member.h"
#include "check/policy.h"
#include "check/question.h"
#include "check/revocation.h"
#include "check/rule.h"
#include "model/der.h"
#include "model/name.h"
#include "show/put.h"
#include "show/show.h"

enum { ID_SHOWN = 8, STEP = 2, PATH_NAME = 44, FIELD = 19 };

enum answer { ANSWER_ACCEPTED, ANSWER_REJECTED, ANSWER_UNKNOWN };

static const struct {
	const char *word;
	enum color color;
} answers[] = {
	[ANSWER_ACCEPTED] = { "accepted", COLOR_GREEN },
	[ANSWER_REJECTED] = { "rejected", COLOR_RED },
	[ANSWER_UNKNOWN] = { "unknown", COLOR_YELLOW },
};

static enum answer answer_of(const struct judged *row)
{
	return row->verdict == NULL                        ? ANSWER_UNKNOWN
	       : row->verdict->outcome == OUTCOME_ACCEPTED ? ANSWER_ACCEPTED
							   : ANSWER_REJECTED;
}

static void put_answer(struct show *show, const struct judged *row)
{
	put_color(show, answers[answer_of(row)].color, answers[answer_of(row)].word);
}

/* The end of a line that began at `start`. */
static void end_line(struct show *show, size_t start, size_t hang)
{
	put_fold(show, start, hang);
	put(show, "\n");
}

static void field(struct show *show, const char *name)
{
	put_print(show, "      %-13s", name);
}

static void put_text(struct show *show, const char *text)
{
	put_escaped(show, bytes_of(text));
}

static void put_name(struct show *show, const struct member *member, bool whole)
{
	struct buf name = { 0 };

	if (!member->readable)
		buf_text(&name, "(a certificate that cannot be read)");
	else if (whole)
		name_text(member->cert.subject, &name);
	else
		name_short(member->cert.subject, &name);
	put_escaped(show, name.len > 0 ? buf_view(&name) : bytes_of("(empty)"));
	buf_done(&name);
}

/* Where it stood, or which line of the store says it. */
static void put_where(struct show *show, const struct member *member)
{
	const struct origin *origin = member->anchor != NULL ? &member->anchor->origin : NULL;

	if (member->from != MEMBER_STORE && member->where != NULL) {
		put_text(show, member->where);
		return;
	}
	if (origin == NULL || (origin->file == NULL && origin->uri == NULL)) {
		put_text(show, member->where != NULL ? member->where : "the store");
		return;
	}
	put_place(show, origin->file != NULL ? origin->file : origin->uri);
	if (origin->line > 0)
		put_print(show, ":%u", origin->line);
	if (origin->alias != NULL) {
		put(show, ", alias ");
		put_text(show, origin->alias);
	}
}

void show_asked_purpose(struct show *show, const struct question *question)
{
	struct buf oid = { 0 };

	if (question->purpose != PURPOSE_OTHER) {
		put(show, purposes[question->purpose].name);
		return;
	}
	if (purpose_any(question->purpose_oid))
		buf_text(&oid, "any purpose");
	else if (!der_oid_text(question->purpose_oid, &oid))
		buf_text(&oid, "an OID");
	put_escaped(show, buf_view(&oid));
	buf_done(&oid);
}

/* "rejected: chain.pem for server-auth, as www.example.com, against system, at 2026-…" */
static void put_head(struct show *show, const struct judged *row, bool store, size_t start)
{
	char at[CLOCK_TEXT];

	clock_text(row->question->at, at);
	put_place(show, row->target);
	put(show, " for ");
	show_asked_purpose(show, row->question);
	if (!row->purpose_given)
		put(show, " (the default)");
	if (row->question->reference.type != REFERENCE_NONE) {
		put(show, ", as ");
		put_text(show, row->question->reference.typed);
	}
	if (store) {
		put(show, ", against ");
		put_place(show, row->store);
	}
	put_print(show, ", at %s", at);
	end_line(show, start, 4);
}

static void put_others(struct show *show, const struct reason *reason)
{
	const struct reason_row *row = &reasons_table[reason->code];
	int number = reason->openssl != 0 ? reason->openssl : row->openssl;
	const char *openssl = verdict_openssl(number);
	char gnutls[VERDICT_GNUTLS];
	size_t start;

	verdict_gnutls(row->gnutls, gnutls);
	if (openssl == NULL && gnutls[0] == '\0')
		return;
	start = show->out.len;
	field(show, "others say");
	if (openssl != NULL)
		put_print(show, "OpenSSL %d %s", number, openssl);
	put_print(show, "%s%s", openssl != NULL && gnutls[0] != '\0' ? "; " : "", gnutls);
	end_line(show, start, FIELD);
}

/* `named`: whose reason it is stands nowhere else; of the target it need not. */
static void put_code(struct show *show, const struct reason *reason, bool named)
{
	put_color(show, COLOR_BOLD, reasons_table[reason->code].code);
	if (named && reason->member != NULL && reason->depth > 0) {
		put(show, " (");
		put_name(show, reason->member, false);
		put(show, ")");
	}
	put(show, ": ");
	put_text(show, reason->text != NULL && reason->text[0] != '\0' ? reason->text
								       : reasons_table[reason->code].brief);
}

static void put_reason(struct show *show, const struct reason *reason)
{
	const struct member *member = reason->member;
	size_t start;

	put(show, "\n");
	start = show->out.len;
	put(show, "  ");
	put_code(show, reason, false);
	end_line(show, start, 4);
	if (member != NULL) {
		start = show->out.len;
		field(show, "certificate");
		put_name(show, member, true);
		end_line(show, start, FIELD);
		field(show, "");
		put_hex(show, (struct bytes){ member->id, ID_LEN }, ID_SHOWN);
		put(show, ", ");
		put_where(show, member);
		put(show, "\n");
	}
	if (reason->source != NULL) {
		field(show, "rule");
		put_text(show, reason->source);
		put(show, "\n");
	}
	put_others(show, reason);
	start = show->out.len;
	field(show, "do this");
	put_text(show, reason_what_to_do(reason));
	end_line(show, start, FIELD);
}

/* How wide the names of a path are: on a terminal no wider than they need. */
static size_t path_width(const struct show *show, const struct path *path)
{
	size_t most = 0;

	for (size_t i = 0; i < path->count && show->columns > 0; i++) {
		struct buf name = { 0 }, shown = { 0 };
		size_t width;

		if (path->at[i]->readable)
			name_short(path->at[i]->cert.subject, &name);
		text_escape(buf_view(&name), &shown);
		width = STEP * i + text_columns(buf_view(&shown));
		most = width > most ? width : most;
		buf_done(&name);
		buf_done(&shown);
	}
	return show->columns > 0 && most < PATH_NAME ? most : PATH_NAME;
}

/* One certificate of a path, deeper for each step; names up to `width` columns with what is before them. */
static void put_step(struct show *show, const struct path *path, size_t i, const struct standing *status,
		     size_t width)
{
	const struct member *member = path->at[i];
	size_t depth = STEP * (i < PATH_NAME / STEP / 2 ? i : PATH_NAME / STEP / 2), line = show->out.len,
	       start, end;
	struct buf name = { 0 };
	char until[CLOCK_TEXT];

	put_print(show, "    %*s", (int)depth, "");
	start = show->out.len;
	if (show->verbose > 0)
		put_name(show, member, true);
	else if (member->readable)
		name_short(member->cert.subject, &name);
	if (show->verbose == 0)
		put_cell(show, name.len > 0 ? buf_view(&name) : bytes_of("(empty)"),
			 width > depth ? width - depth : 0, false);
	buf_done(&name);
	end = show->out.len;
	put(show, end > start ? "  " : "");
	put_hex(show, (struct bytes){ member->id, ID_LEN }, ID_SHOWN);
	if (member->readable) {
		clock_date(member->cert.not_after, until);
		put_print(show, "  until %s", until);
	}
	put(show, path->anchored && i + 1 == path->count ? "  anchor, " : "  ");
	put_where(show, member);
	if (status != NULL && (status->state == STATE_GOOD || status->state == STATE_REVOKED))
		put_print(show, "  %s", verdict_states[status->state]);
	end_line(show, line, 6 + depth);
}

static void put_path(struct show *show, const struct attempt *attempt)
{
	size_t width = path_width(show, &attempt->path);

	for (size_t i = 0; i < attempt->path.count; i++)
		put_step(show, &attempt->path, i,
			 attempt->revocation != NULL ? &attempt->revocation[i] : NULL, width);
	if (!attempt->path.anchored)
		put(show, "    … and no anchor of the store above it\n");
}

static void put_status(struct show *show, const struct attempt *attempt, size_t i)
{
	const struct standing *status = &attempt->revocation[i];
	const char *reason = status->state == STATE_REVOKED ? verdict_crl_reason(status->reason) : NULL;
	char when[CLOCK_TEXT];
	size_t start = show->out.len;

	put(show, "    ");
	put_name(show, attempt->path.at[i], false);
	put_print(show, ": %s", verdict_states[status->state]);
	if (status->state == STATE_REVOKED) {
		clock_text(status->when, when);
		put_print(show, " at %s%s%s", when, reason != NULL ? ", " : "", reason != NULL ? reason : "");
	}
	if (status->by != NULL && status->by->where != NULL) {
		put(show, ", says ");
		put_text(show, status->by->where);
	}
	if (status->why != NULL) {
		put(show, ": ");
		put_text(show, status->why);
	}
	end_line(show, start, 6);
}

/* What is known of revocation: in one line where nothing is, else for each certificate. */
static void put_revocation(struct show *show, const struct judged *row)
{
	const struct attempt *best = row->verdict->best;
	bool any = false;

	if (best != NULL && best->path.anchored && best->path.count == 1)
		return; /* an anchor is trusted until the store says otherwise */
	if (row->question->revocation == REVOCATION_OFF) {
		put(show, "\n  revocation was not looked at (--revocation=off)\n");
		return;
	}
	for (size_t i = 0; best != NULL && best->revocation != NULL && i + 1 < best->path.count; i++)
		any = any || best->revocation[i].state == STATE_GOOD || best->revocation[i].useless ||
		      best->revocation[i].state == STATE_REVOKED || show->verbose > 0;
	if (!any) {
		put(show,
		    "\n  revocation is not known: no CRL and no OCSP answer tells it (--crl, --ocsp)\n");
		return;
	}
	put(show, "\n  revocation:\n");
	for (size_t i = 0; i + 1 < best->path.count; i++)
		put_status(show, best, i);
}

/* With -v: under which certificate policies an accepted path is valid (RFC 9618 section 5.5), if any. */
static void put_policies(struct show *show, const struct judged *row)
{
	struct policies policies = { 0 };

	if (row->verdict->outcome != OUTCOME_ACCEPTED)
		return;
	policies_of(&row->verdict->best->path, row->question, &policies);
	if (policies.count > 0 || policies.any)
		put(show, "\n  valid under the policies: ");
	for (size_t i = 0; i < policies.count; i++) {
		struct buf oid = { 0 };

		der_oid_text(policies.oids[i], &oid);
		put_print(show, "%s%.*s", i > 0 ? ", " : "", (int)oid.len, (const char *)oid.at);
		buf_done(&oid);
	}
	if (policies.count > 0 || policies.any)
		put_print(show, "%s\n", !policies.any ? "" : policies.count > 0 ? ", and any other" : "any");
	policies_done(&policies);
}

/* With -vv: what was looked at and does not speak against the path. */
static void put_rules(struct show *show, const struct attempt *attempt)
{
	bool any = false;

	put(show, "      rules that have nothing against it: ");
	for (unsigned rule = 0; rule < RULE_ROWS; rule++) {
		bool broken =
			!attempt->path.anchored && (rule == RULE_REVOCATION || rule == RULE_MUST_STAPLE);

		for (size_t i = 0; i < attempt->reasons.count; i++)
			broken = broken || attempt->reasons.all[i].rule == rule;
		if (broken)
			continue;
		put_print(show, "%s%s", any ? ", " : "", rules[rule].name);
		any = true;
	}
	put(show, any ? "\n" : "none\n");
}

static void put_attempts(struct show *show, const struct verdict *verdict)
{
	put_print(show, "\n  %zu path%s tried:\n", verdict->tried, verdict->tried == 1 ? "" : "s");
	for (size_t i = 0; i < verdict->count; i++) {
		const struct attempt *attempt = &verdict->attempts[i];

		put_print(show, "  path %zu: %s\n", i + 1,
			  attempt->reasons.count == 0 ? "nothing speaks against it" : "refused");
		put_path(show, attempt);
		if (show->verbose > 1)
			put_rules(show, attempt);
		for (size_t k = 0; k < attempt->reasons.count; k++) {
			put_print(show, "      rule %s, ", rules[attempt->reasons.all[k].rule].name);
			put_code(show, &attempt->reasons.all[k], true);
			if (attempt->reasons.all[k].source != NULL) {
				put(show, " (");
				put_text(show, attempt->reasons.all[k].source);
				put(show, ")");
			}
			put(show, "\n");
		}
	}
	if (verdict->tried > verdict->count)
		put_print(show, "  and %zu more, not kept\n", verdict->tried - verdict->count);
}

/* What was missing matters where something was missing; with -vv it is always told. */
static bool missing(const struct attempt *best, enum wish_kind kind)
{
	if (best == NULL)
		return false;
	if (kind == WISH_ISSUER)
		return reasons_have(&best->reasons, REASON_INCOMPLETE_CHAIN);
	return reasons_have(&best->reasons, REASON_REVOCATION_UNKNOWN) ||
	       reasons_have(&best->reasons, REASON_MUST_STAPLE);
}

static void put_wishes(struct show *show, const struct wishes *wishes, const struct attempt *best)
{
	bool any = false;

	static const char *const kinds[] = {
		[WISH_ISSUER] = "an issuer",
		[WISH_CRL] = "a CRL",
		[WISH_OCSP] = "an OCSP answer",
	};

	for (size_t i = 0; i < wishes->count; i++) {
		if (show->verbose < 2 && !missing(best, wishes->all[i].kind))
			continue;
		put_print(show, "%s    %s for ", any ? "" : "\n  what would have helped:\n",
			  kinds[wishes->all[i].kind]);
		any = true;
		put_name(show, wishes->all[i].member, false);
		if (wishes->all[i].url != NULL) {
			put(show, ": ");
			put_text(show, wishes->all[i].url);
		}
		put(show, "\n");
	}
}

/* What is easily not meant: the wrong one first in the file, or --with=FILE with the target in FILE. */
static void put_target(struct show *show, const struct path *path)
{
	const struct member *target = path->at[0];

	if (target->readable && target->cert.ca)
		put(show, "\n  what was judged is a CA: it is the first certificate that was given\n");
	else if (path->anchored && path->count == 1)
		put(show,
		    "\n  what was judged is itself an anchor: it is trusted as it is, whoever issued it\n");
}

static void put_details(struct show *show, const struct judged *row)
{
	const struct verdict *verdict = row->verdict;
	const struct attempt *best = verdict->best;

	for (size_t i = 0; best != NULL && i < best->reasons.count; i++)
		put_reason(show, &best->reasons.all[i]);
	if (best != NULL) {
		put_print(show, "\n  path%s:\n",
			  verdict->outcome == OUTCOME_ACCEPTED ? ""
			  : verdict->tried > 1                 ? ", the one nearest to passing"
							       : "");
		put_path(show, best);
		put_target(show, &best->path);
	}
	put_revocation(show, row);
	if (show->verbose > 0) {
		put_policies(show, row);
		put_attempts(show, verdict);
	}
	if (show->verbose == 0 && verdict->tried > 1)
		put_print(show, "\n  %zu paths were tried; -v tells them all\n", verdict->tried);
	put_wishes(show, &verdict->wishes, best);
}

/* "incomplete-chain: …; expired: …" behind the verdict of one row of many. */
static void put_reasons_short(struct show *show, const struct judged *row, size_t start, size_t hang)
{
	const struct attempt *best = row->verdict != NULL ? row->verdict->best : NULL;

	if (row->verdict == NULL) {
		put(show, "  ");
		put_text(show, row->trouble);
	}
	for (size_t i = 0; best != NULL && i < best->reasons.count; i++) {
		put(show, i > 0 ? "; " : "  ");
		put_code(show, &best->reasons.all[i], true);
	}
	end_line(show, start, hang);
}

static void put_matrix(struct show *show, const struct judged *rows, size_t count)
{
	put_head(show, &rows[0], false, show->out.len);
	for (size_t i = 0; i < count; i++) {
		size_t start = show->out.len;

		put(show, "  ");
		put_answer(show, &rows[i]);
		put(show, answer_of(&rows[i]) == ANSWER_UNKNOWN ? "   " : "  ");
		put_place(show, rows[i].store);
		put(show, rows[i].verdict != NULL && rows[i].verdict->outcome == OUTCOME_ACCEPTED ? "" : ":");
		put_reasons_short(show, &rows[i], start, 12);
	}
	if (show->verbose == 0)
		return;
	for (size_t i = 0; i < count; i++) {
		if (rows[i].verdict == NULL)
			continue;
		put(show, "\n");
		put_answer(show, &rows[i]);
		put(show, " against ");
		put_place(show, rows[i].store);
		put(show, "\n");
		put_details(show, &rows[i]);
	}
}

void show_verdict(struct show *show, const struct judged *rows, size_t count, bool brief, bool lines)
{
	size_t start;

	if (show->json) {
		show_verdict_json(show, rows, count, lines);
		return;
	}
	if (show->quiet)
		return;
	if (count > 1) {
		put_matrix(show, rows, count);
		return;
	}
	start = show->out.len;
	put_answer(show, &rows[0]);
	put(show, ": ");
	if (brief && show->verbose == 0) {
		put_place(show, rows[0].target);
		put_reasons_short(show, &rows[0], start, 4);
		return;
	}
	put_head(show, &rows[0], true, start);
	if (rows[0].verdict != NULL)
		put_details(show, &rows[0]);
	else
		put_reasons_short(show, &rows[0], start, 4);
}
