/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/inquiry.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/limits.h"
#include "check/algorithm.h"
#include "check/judge.h"
#include "check/member.h"
#include "check/question.h"
#include "check/rule.h"
#include "check/signature.h"
#include "model/proof.h"

void inquiry_done(struct inquiry *inquiry)
{
	buf_done(&inquiry->why);
}

const struct member *inquiry_member(const struct inquiry *inquiry)
{
	return inquiry->path->at[inquiry->depth];
}

const struct member *inquiry_issuer(const struct inquiry *inquiry)
{
	return inquiry->path->at[inquiry->depth + 1];
}

void inquiry_complain(struct inquiry *inquiry, const struct proof *proof, const char *fmt, ...)
{
	struct buf one = { 0 };
	char text[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (proof != NULL)
		buf_print(&one, "the %s '%s' ", proof->kind == PROOF_CRL ? "CRL" : "OCSP answer",
			  proof->where != NULL ? proof->where : "(unnamed)");
	buf_text(&one, text);
	/* The same may be asked again for another distribution point. */
	if ((inquiry->why.len == 0 || memmem(inquiry->why.at, inquiry->why.len, one.at, one.len) == NULL) &&
	    inquiry->complaints++ < LIMIT_COMPLAINTS) {
		if (inquiry->why.len > 0)
			buf_text(&inquiry->why, "; ");
		buf_bytes(&inquiry->why, buf_view(&one));
	}
	buf_done(&one);
}

static bool same(const struct member *a, const struct member *b)
{
	return a == b || memcmp(a->id, b->id, ID_LEN) == 0;
}

static bool stands_above(const struct inquiry *inquiry, const struct member *member)
{
	for (size_t i = inquiry->depth + 1; i < inquiry->path->count; i++)
		if (same(inquiry->path->at[i], member))
			return true;
	return false;
}

/* Whether it is this certificate that the evidence is to be about, or the evidence of that. */
static bool asked_about(const struct inquiry *inquiry, const struct member *member)
{
	for (; inquiry != NULL; inquiry = inquiry->needed_by)
		if (same(inquiry_member(inquiry), member))
			return true;
	return false;
}

static bool trusted_above(const struct inquiry *inquiry, const struct member *member)
{
	for (; inquiry != NULL; inquiry = inquiry->needed_by)
		if (stands_above(inquiry, member))
			return true;
	return false;
}

/* Whether one more may be asked about: not too deep, and not too many. */
static bool affordable(struct inquiry *inquiry)
{
	unsigned depth = 1;

	for (; inquiry->needed_by != NULL; inquiry = inquiry->needed_by)
		depth++;
	return depth <= LIMIT_INQUIRY_DEPTH && inquiry->others++ < LIMIT_INQUIRIES;
}

bool inquiry_unrevoked(struct inquiry *inquiry, const struct proof *proof, const struct path *path,
		       size_t depth)
{
	bool require = inquiry->trial->question->revocation == REVOCATION_REQUIRE;
	struct inquiry next = { .trial = inquiry->trial, .path = path, .depth = depth, .needed_by = inquiry };
	enum revocation_state state = STATE_UNKNOWN;

	if (asked_about(inquiry, path->at[depth]))
		return true; /* the answer is being found out: by what itself signs, if it comes to that */
	if (affordable(inquiry)) {
		inquire(&next);
		state = next.status.state;
	}
	if (state == STATE_REVOKED)
		inquiry_complain(inquiry, proof, "is signed by one whose certificate is revoked");
	else if (state == STATE_UNKNOWN && require)
		inquiry_complain(inquiry, proof,
				 "is signed by one of whom it is not known whether it is revoked: %.*s",
				 (int)next.why.len, (const char *)next.why.at);
	inquiry_done(&next);
	return state != STATE_REVOKED && !(state == STATE_UNKNOWN && require);
}

bool inquiry_vouched(struct inquiry *inquiry, const struct proof *proof, const struct member *signer)
{
	const struct path *path;

	if (trusted_above(inquiry, signer))
		return true;
	path = inquiry->path->anchored ? judge_proves(inquiry->trial->judge, signer, inquiry->path) : NULL;
	if (path == NULL) {
		inquiry_complain(inquiry, proof,
				 "is signed by a certificate without a path to the same anchor");
		return false;
	}
	for (size_t i = 0; i + 1 < path->count; i++)
		if (!trusted_above(inquiry, path->at[i]) && !inquiry_unrevoked(inquiry, proof, path, i))
			return false;
	return true;
}

enum signed_by inquiry_signed(struct inquiry *inquiry, struct bytes data, struct bytes algorithm,
			      struct bytes signature, const struct member *signer)
{
	struct signatures *signatures = judge_signatures(inquiry->trial->judge);
	gnutls_sign_algorithm_t sign = signature_algorithm(signatures, algorithm)->sign;

	if (signature_over(signatures, data, algorithm, signature, signer) != SIGNATURE_GOOD)
		return SIGNED_NOT;
	/* SHA-1 is let through: what is signed is mostly the signer's own words, and collisions need a
	 * choice. */
	return crypto()->sign_is_secure(sign) ? SIGNED : SIGNED_WEAKLY;
}

enum freshness inquiry_fresh(const struct inquiry *inquiry, int64_t this_update, int64_t next_update)
{
	int64_t at = inquiry->trial->question->at;

	if (this_update > at)
		return EARLY;
	if (next_update == CLOCK_NONE ? at - this_update > LIMIT_PROOF_AGE : next_update < at)
		return STALE;
	return FRESH;
}
