/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the store says of its anchors and of what it distrusts, beside the certificates' own words. */
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "check/checks.h"
#include "check/constraint.h"
#include "check/judge.h"
#include "check/member.h"
#include "check/question.h"
#include "check/rule.h"
#include "check/trust.h"
#include "model/anchor.h"
#include "model/cert_ext.h"
#include "model/der.h"
#include "model/staple.h"

static const char SOURCE[] = "the store";

static struct bytes wanted_oid(const struct question *question)
{
	return question->purpose < PURPOSE_ROWS ? purposes[question->purpose].der : question->purpose_oid;
}

static bool any_purpose(const struct question *question)
{
	return question->purpose >= PURPOSE_OTHER && purpose_any(question->purpose_oid);
}

/* "server-auth", or the number. */
static void purpose_text(const struct question *question, struct buf *to)
{
	if (question->purpose < PURPOSE_ROWS)
		buf_text(to, purposes[question->purpose].name);
	else
		der_oid_text(question->purpose_oid, to);
	buf_byte(to, '\0');
}

static const char *place_of(const struct trial *trial, const struct anchor *anchor)
{
	return anchor->origin.file != NULL ? anchor->origin.file : judge_trust(trial->judge)->store->place;
}

static bool list_has(struct bytes list, struct bytes wanted)
{
	struct bytes oid;
	size_t at = 0;

	while (cert_oid_next(list, &at, &oid))
		if (bytes_equal(oid, wanted) || purpose_any(oid))
			return true;
	return false;
}

/* The anchor's trust, purpose by purpose, and the extKeyUsage that the store attached to it. */
void store_purpose_check(const struct trial *trial)
{
	const struct path *path = trial->path;
	const struct member *last = path->at[path->count - 1];
	const struct extension *usage;
	struct buf wanted = { 0 };

	if (!path->anchored || any_purpose(trial->question))
		return;
	usage = anchor_attached(last->anchor, exts[EXT_EXTENDED_KEY_USAGE].oid);
	if (last->anchor->trusted & PURPOSE_BIT(trial->question->purpose) &&
	    (usage == NULL || list_has(usage->value, wanted_oid(trial->question))))
		return;
	purpose_text(trial->question, &wanted);
	reasons_add(trial->reasons, REASON_WRONG_PURPOSE, last, path->count - 1, SOURCE,
		    "the store trusts it, but not for %s (%s)", (const char *)wanted.at,
		    place_of(trial, last->anchor));
	buf_done(&wanted);
}

/* basicConstraints that the store attaches stand beside the certificate's own. */
static void attached_basic_check(const struct trial *trial, const struct extension *attached)
{
	const struct path *path = trial->path;
	const struct member *last = path->at[path->count - 1];
	struct cert as = { .extensions = attached->whole, .path_len = -1 };
	struct err err = { 0 };
	int32_t below = 0;

	for (size_t i = 1; i + 1 < path->count; i++)
		below += !member_self_issued(path->at[i]);
	if (!cert_ext_read(&as, &err) || cert_is_odd(&as, ODD_BASIC_CONSTRAINTS))
		reasons_add(trial->reasons, REASON_MALFORMED, last, path->count - 1, SOURCE,
			    "the basicConstraints that the store attaches to it cannot be read");
	else if (!as.ca && path->count > 1)
		reasons_add(trial->reasons, REASON_NOT_A_CA, last, path->count - 1, SOURCE,
			    "the store attaches basicConstraints to it that say that it is no CA");
	else if (as.path_len >= 0 && below > as.path_len)
		reasons_add(trial->reasons, REASON_PATH_LENGTH, last, path->count - 1, SOURCE,
			    "the store attaches a pathLenConstraint of %d to it, and %d intermediates are "
			    "below it",
			    (int)as.path_len, (int)below);
}

/* What a store attaches and some rule looks at; a key identifier is a hint. */
static bool applied(struct bytes oid)
{
	static const enum ext ours[] = { EXT_EXTENDED_KEY_USAGE, EXT_NAME_CONSTRAINTS, EXT_BASIC_CONSTRAINTS,
					 EXT_SUBJECT_KEY_ID };

	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		if (bytes_equal(exts[ours[i]].oid, oid))
			return true;
	return bytes_equal(oid, staple_reject);
}

/*
 * Of what a store attaches, purposes are RULE_STORE_PURPOSE's, names are held here, and so are
 * basicConstraints. What else is critical, known in certificates or not, may not be passed over.
 */
void store_constraint_check(const struct trial *trial)
{
	const struct path *path = trial->path;
	const struct member *last = path->at[path->count - 1];

	if (!path->anchored)
		return;
	for (size_t i = 0; i < last->anchor->attached_count; i++) {
		const struct extension *one = &last->anchor->attached[i];
		struct buf dotted = { 0 };

		if (bytes_equal(one->oid, exts[EXT_BASIC_CONSTRAINTS].oid))
			attached_basic_check(trial, one);
		if (!one->critical || applied(one->oid))
			continue;
		der_oid_text(one->oid, &dotted);
		reasons_add(trial->reasons, REASON_UNKNOWN_CRITICAL_EXTENSION, last, path->count - 1, SOURCE,
			    "the store attaches the critical extension %.*s to it, which is not understood",
			    (int)dotted.len, (const char *)dotted.at);
		buf_done(&dotted);
	}
	attached_constraints_check(trial);
}

void distrust_check(const struct trial *trial)
{
	static const char *const by[] = {
		[TRUST_BY_CERTIFICATE] = "this certificate",
		[TRUST_BY_KEY] = "its key",
		[TRUST_BY_ISSUER_SERIAL] = "its issuer and serial number",
	};

	for (size_t i = 0; i < trial->path->count; i++) {
		const struct member *member = trial->path->at[i];
		const struct anchor *anchor;
		struct buf name = { 0 };
		enum trust_why why;

		if (!member->readable)
			continue;
		anchor = trust_distrusts(judge_trust(trial->judge), member, trial->question, &why);
		if (anchor == NULL)
			continue;
		anchor_name(anchor, &name);
		reasons_add(trial->reasons, REASON_DISTRUSTED, member, i, SOURCE,
			    "the store distrusts %s, by its entry '%.*s' (%s)", by[why], (int)name.len,
			    (const char *)name.at, place_of(trial, anchor));
		buf_done(&name);
	}
}

/* The day from which it issues nothing good any more. For any purpose: where each that it is trusted for has
 * one, the last. */
static int64_t distrusted_after(const struct anchor *anchor, const struct question *question)
{
	int64_t last = CLOCK_NONE;

	if (!any_purpose(question))
		return anchor->distrust_after[question->purpose];
	for (int purpose = 0; purpose < PURPOSE_COUNT; purpose++) {
		int64_t after = anchor->distrust_after[purpose];

		if (!(anchor->trusted & PURPOSE_BIT(purpose)))
			continue;
		if (after == CLOCK_NONE)
			return CLOCK_NONE;
		last = last == CLOCK_NONE || after > last ? after : last;
	}
	return last;
}

/* Mozilla's rule: what was issued before the day stays good, judged by the notBefore of the target. */
void distrust_after_check(const struct trial *trial)
{
	const struct path *path = trial->path;
	int64_t start = path->at[0]->cert.not_before;
	char day[CLOCK_TEXT], issued[CLOCK_TEXT], name[MEMBER_NAME];

	if (!path->at[0]->readable)
		return;
	for (size_t i = 0; i < path->count; i++) {
		const struct anchor *anchor = path->at[i]->anchor;
		int64_t after = anchor != NULL ? distrusted_after(anchor, trial->question) : CLOCK_NONE;

		if (after == CLOCK_NONE || start <= after)
			continue;
		clock_text(after, day);
		clock_text(start, issued);
		reasons_add(trial->reasons, REASON_DISTRUST_AFTER, path->at[0], 0, SOURCE,
			    "valid from %s on, but what is issued under %s after %s is distrusted (%s)",
			    issued, member_name(path->at[i], name), day, place_of(trial, anchor));
	}
}
