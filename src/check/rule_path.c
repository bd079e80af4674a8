/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rules on how the certificates of a path hang together: dates, signatures, who may issue for whom. */
#include "base/clock.h"
#include "base/err.h"
#include "check/checks.h"
#include "check/clock_doubt.h"
#include "check/evidence.h"
#include "check/judge.h"
#include "check/member.h"
#include "check/question.h"
#include "check/rule.h"
#include "check/signature.h"
#include "check/trust.h"
#include "model/access.h"
#include "model/key.h"

enum { URL_TOLD = 200 };

void validity_check(const struct trial *trial)
{
	char now[CLOCK_TEXT], then[CLOCK_TEXT];
	int64_t at = trial->question->at;
	bool off = false;

	for (size_t i = 0; i < trial->path->count; i++) {
		const struct member *member = trial->path->at[i];
		const struct cert *cert = &member->cert;

		if (!member->readable || (cert->not_before <= at && at <= cert->not_after))
			continue;
		off = true;
		clock_text(at, now);
		clock_text(at < cert->not_before ? cert->not_before : cert->not_after, then);
		if (at < cert->not_before) {
			struct reason *reason = reasons_add(trial->reasons, REASON_NOT_YET_VALID, member, i,
							    rules[RULE_VALIDITY].source,
							    "valid from %s on, judged at %s", then, now);
			if (trial->evidence->clock.given)
				reason_remedy(trial->reasons, reason,
					      "ask for a time from then on with --at");
		} else {
			reasons_add(trial->reasons, REASON_EXPIRED, member, i, rules[RULE_VALIDITY].source,
				    "valid until %s, judged at %s", then, now);
		}
	}
	if (off)
		clock_doubt_check(trial);
}

static void add_signature(const struct trial *trial, size_t i, enum signature_answer answer)
{
	const struct member *member = trial->path->at[i], *issuer = trial->path->at[i + 1];
	const char *source = rules[RULE_SIGNATURE].source, *algorithm;
	char name[MEMBER_NAME], room[64], key_text_room[KEY_TEXT];
	struct key key = key_of(&issuer->cert);

	algorithm = key_signature(&member->cert, room);
	key_text(&key, key_text_room);
	member_name(issuer, name);
	if (answer == SIGNATURE_BUDGET)
		reasons_add(trial->reasons, REASON_SEARCH_LIMIT, member, i, source,
			    "its signature was not checked: too many others were");
	else if (answer == SIGNATURE_UNSUPPORTED)
		reasons_add(trial->reasons, REASON_BAD_SIGNATURE, member, i, source,
			    "a signature %s by a key %s cannot be checked here", algorithm, key_text_room);
	else
		reasons_add(trial->reasons, REASON_BAD_SIGNATURE, member, i, source,
			    "the signature (%s) was not made by the key (%s) of %s over this certificate",
			    algorithm, key_text_room, name);
}

void signature_check(const struct trial *trial)
{
	struct signatures *signatures = judge_signatures(trial->judge);

	for (size_t i = 0; i + 1 < trial->path->count; i++) {
		enum signature_answer answer =
			signature_of(signatures, trial->path->at[i], trial->path->at[i + 1]);

		if (answer != SIGNATURE_GOOD)
			add_signature(trial, i, answer);
	}
}

/* What a later fetch may bring: where its issuer is, the first such place; empty: it does not say. */
static struct bytes wish_issuer(const struct trial *trial, const struct member *member)
{
	struct bytes access = member->cert.ext[EXT_AUTHORITY_INFO_ACCESS], first = { NULL, 0 }, url;
	size_t at = 0;

	while (access_next(access, access_ca_issuers, &at, &url)) {
		wishes_add(trial->wishes, WISH_ISSUER, member, url, (struct bytes){ NULL, 0 });
		if (first.len == 0)
			first = url;
	}
	return first;
}

/* Perhaps it is the one that is missing. */
static void add_unread(const struct trial *trial, struct reason *reason)
{
	const struct member *unread = judge_unread(trial->judge);
	struct err err = { 0 };
	struct cert cert;

	if (unread == NULL)
		return;
	cert_read(unread->cert.der, &cert, &err);
	reason_remedy(trial->reasons, reason,
		      "a certificate that was given%s%s cannot be read: %s; give a good copy",
		      unread->where != NULL ? ", " : "", unread->where != NULL ? unread->where : "",
		      err.text);
}

/* Of the issuer's name, and not the one that signed: a CA that was made anew, most often. NULL: there is
 * none. */
static const struct member *namesake(const struct trial *trial, const struct member *last)
{
	struct signatures *signatures = judge_signatures(trial->judge);
	const struct member *found;
	size_t at = 0;

	while ((found = judge_by_subject(trial->judge, last->issuer, &at)) != NULL)
		if (found->readable && !bytes_equal(found->cert.spki, last->cert.spki) &&
		    signature_of(signatures, last, found) == SIGNATURE_BAD)
			return found;
	return NULL;
}

/* `from`: where the issuer may be fetched, or empty. */
static void advise_missing(const struct trial *trial, struct reason *reason, const char *name,
			   struct bytes from)
{
	int len = from.len > URL_TOLD ? URL_TOLD : (int)from.len;
	const char *url = len > 0 ? (const char *)from.at : "";
	bool ca = reason->code == REASON_UNKNOWN_CA;

	if (ca && len > 0)
		reason_remedy(trial->reasons, reason,
			      "if %s is a root that you know to be right, try it with --with, then add it to "
			      "the store; if it is an intermediate, let the server send it; it is at %.*s",
			      name, len, url);
	else if (ca)
		reason_remedy(trial->reasons, reason,
			      "if %s is a root that you know to be right, try it with --with, then add it to "
			      "the store; if it is an intermediate, let the server send it",
			      name);
	else if (len > 0)
		reason_remedy(
			trial->reasons, reason,
			"fetch the missing intermediate from %.*s and let the server send it; to try it "
			"before, give it with --intermediates",
			len, url);
	else
		reason_remedy(
			trial->reasons, reason,
			"let the server send the missing intermediate, or give it with --intermediates; "
			"if %s is a root, try it with --with",
			name);
}

static const char *missing_text(const struct trial *trial, const struct member *last,
				const struct member *other)
{
	size_t at = 0;

	if (judge_trust(trial->judge)->anchors == 0)
		return "and the store has no anchor at all";
	if (other != NULL)
		return other->from == MEMBER_STORE
			       ? "and the one of that name in the store has another key"
			       : "and the one of that name with the chain has another key";
	return judge_by_subject(trial->judge, last->issuer, &at) != NULL
		       ? "and nothing of that name leads to an anchor"
		       : "which is neither with the chain nor in the store";
}

/*
 * The issuer of the last one is not there. Servers leave out the root and send what is
 * below it: above a CA it is a root that is missing, and above any other an intermediate.
 */
static void add_missing(const struct trial *trial, const struct member *last, size_t depth)
{
	const struct member *other = namesake(trial, last);
	struct bytes from = wish_issuer(trial, last);
	struct member issuer = *last;
	struct reason *reason;
	char name[MEMBER_NAME];

	issuer.cert.subject = last->cert.issuer; /* only to be named */
	member_name(&issuer, name);
	reason = reasons_add(trial->reasons, last->cert.ca ? REASON_UNKNOWN_CA : REASON_INCOMPLETE_CHAIN,
			     last, depth, rules[RULE_ANCHORED].source, "it was issued by %s, %s%s", name,
			     missing_text(trial, last, other),
			     from.len > 0 ? "; the certificate says where to fetch it" : "");
	reason->openssl = 20; /* X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY */
	if (other == NULL)
		advise_missing(trial, reason, name, from);
	else
		reason_remedy(trial->reasons, reason,
			      "%s may have been made anew: get the certificate of the one that issued "
			      "this%s%.*s, or have this one issued again by the other",
			      name, from.len > 0 ? ", it is at " : "",
			      from.len > URL_TOLD ? URL_TOLD : (int)from.len,
			      from.len > 0 ? (const char *)from.at : "");
	add_unread(trial, reason);
}

/* A link that does not hold is told by itself: what it would have led to is not known. */
static bool ends_in_doubt(const struct trial *trial)
{
	const struct path *path = trial->path;

	return path->count > 1 && signature_of(judge_signatures(trial->judge), path->at[path->count - 2],
					       path->at[path->count - 1]) != SIGNATURE_GOOD;
}

void anchored_check(const struct trial *trial)
{
	const struct path *path = trial->path;
	const struct member *last = path->at[path->count - 1];
	size_t depth = path->count - 1;
	const char *others = "";
	char name[MEMBER_NAME];
	bool own;

	if (path->anchored || !last->readable)
		return;
	own = member_self_issued(last) &&
	      signature_of(judge_signatures(trial->judge), last, last) == SIGNATURE_GOOD;
	if (judge_trust(trial->judge)->anchors == 0)
		others = "; the store has none at all";
	else if (own && namesake(trial, last) != NULL)
		others = "; another of that name is at hand, with another key";
	if (own && depth == 0)
		reasons_add(trial->reasons, REASON_SELF_SIGNED, last, depth, rules[RULE_ANCHORED].source,
			    "it is signed by its own key, and is no anchor of the store%s", others);
	else if (own)
		reasons_add(trial->reasons, REASON_UNKNOWN_CA, last, depth, rules[RULE_ANCHORED].source,
			    "the chain ends in the root %s, which is no anchor of the store%s",
			    member_name(last, name), others);
	else if (!ends_in_doubt(trial))
		add_missing(trial, last, depth);
}

void basic_constraints_check(const struct trial *trial)
{
	for (size_t i = 1; i < trial->path->count; i++) {
		const struct member *member = trial->path->at[i];
		const struct cert *cert = &member->cert;

		if (cert->ca)
			continue;
		if (cert_has(cert, EXT_BASIC_CONSTRAINTS))
			reasons_add(
				trial->reasons, REASON_NOT_A_CA, member, i,
				rules[RULE_BASIC_CONSTRAINTS].source,
				"it issued the one below it, but its basicConstraints say that it is no CA");
		else
			reasons_add(
				trial->reasons, REASON_NOT_A_CA, member, i,
				rules[RULE_BASIC_CONSTRAINTS].source,
				"it issued the one below it, but is of version %d without basicConstraints",
				cert->version);
	}
}

/* Those that issued themselves, as when a CA changes its key, do not count (RFC 5280 section 6.1.4 (l)). */
void path_length_check(const struct trial *trial)
{
	int32_t below = 0;

	for (size_t i = 1; i < trial->path->count; i++) {
		const struct member *member = trial->path->at[i];

		if (member->cert.path_len >= 0 && below > member->cert.path_len)
			reasons_add(trial->reasons, REASON_PATH_LENGTH, member, i,
				    rules[RULE_PATH_LENGTH].source,
				    "its pathLenConstraint is %d, and %d intermediate%s below it",
				    (int)member->cert.path_len, (int)below, below == 1 ? " is" : "s are");
		below += !member_self_issued(member);
	}
}

/* As if the anchor had it as a path length, so that those that issued themselves do not count here either. */
void max_depth_check(const struct trial *trial)
{
	const struct path *path = trial->path;
	int between = 0;

	for (size_t i = 1; i + 1 < path->count; i++)
		between += !member_self_issued(path->at[i]);
	if (trial->question->max_depth >= 0 && between > trial->question->max_depth)
		reasons_add(trial->reasons, REASON_TOO_DEEP, NULL, 0, rules[RULE_MAX_DEPTH].source,
			    "%d intermediate%s between certificate and anchor, at most %d allowed", between,
			    between == 1 ? "" : "s", trial->question->max_depth);
}
