/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/revocation.h"

#include "base/clock.h"
#include "check/crl_status.h"
#include "check/evidence.h"
#include "check/inquiry.h"
#include "check/member.h"
#include "check/ocsp_status.h"
#include "check/path.h"
#include "check/question.h"
#include "check/reason.h"
#include "check/rule.h"
#include "check/wish.h"
#include "model/access.h"
#include "model/crl.h"
#include "model/der.h"
#include "model/distribution_point.h"
#include "model/general_name.h"
#include "model/proof.h"

#define OID(text)                                                                                            \
	{                                                                                                    \
		(const uint8_t *)(text), sizeof(text) - 1                                                    \
	}

static const struct bytes no_rev_avail = OID("\x55\x1d\x38"); /* RFC 9608 */
static const struct bytes fresher = OID("\x55\x1d\x2e");      /* freshestCRL */

static void wish_crls(const struct trial *trial, const struct member *member)
{
	struct bytes value = member->cert.ext[EXT_CRL_DISTRIBUTION_POINTS];
	struct distribution_point point;
	size_t at = 0;

	while (distribution_point_next(value, &at, &point)) {
		struct general_name name;
		size_t next = 0;

		while (general_name_next(point.name.full, &next, &name))
			if (name.type == GENERAL_URI)
				wishes_add(trial->wishes, WISH_CRL, member, name.value,
					   (struct bytes){ NULL, 0 });
	}
}

static void wish_ocsp(const struct inquiry *inquiry)
{
	const struct member *member = inquiry_member(inquiry);
	struct buf request = { 0 };
	struct bytes url;
	size_t at = 0;

	while (access_next(member->cert.ext[EXT_AUTHORITY_INFO_ACCESS], access_ocsp, &at, &url)) {
		if (request.len == 0 && !ocsp_ask(member, inquiry_issuer(inquiry), &request))
			break;
		wishes_add(inquiry->trial->wishes, WISH_OCSP, member, url, buf_view(&request));
	}
	buf_done(&request);
}

static bool names_ocsp(const struct cert *cert)
{
	struct bytes url;
	size_t at = 0;

	return access_next(cert->ext[EXT_AUTHORITY_INFO_ACCESS], access_ocsp, &at, &url);
}

/*
 * RFC 9608: the issuer says that it will never revoke it, as it lives so short. It must
 * be no CA and name no place to ask at; then there is nothing to know.
 */
static bool never_revoked(const struct cert *cert)
{
	struct extension one;

	return !cert->ca && !cert_has(cert, EXT_CRL_DISTRIBUTION_POINTS) && !names_ocsp(cert) &&
	       cert_extension(cert, no_rev_avail, &one) && !cert_extension(cert, fresher, &one);
}

void inquire(struct inquiry *inquiry)
{
	const struct evidence *evidence = inquiry->trial->evidence;
	const struct member *member = inquiry_member(inquiry);

	inquiry->status = (struct standing){
		.state = STATE_UNKNOWN, .when = CLOCK_NONE, .suspect = CLOCK_NONE, .reason = CRL_REASON_NONE
	};
	if (!member->readable || !inquiry_issuer(inquiry)->readable)
		return;
	if (never_revoked(&member->cert)) {
		inquiry->status.state = STATE_NOT_CHECKED;
		return;
	}
	ocsp_status(inquiry, evidence->ocsp, evidence->ocsp_count);
	if (inquiry->status.state != STATE_REVOKED && evidence->crl_count > 0)
		crl_status(inquiry);
	if (inquiry->status.state == STATE_UNKNOWN) {
		wish_crls(inquiry->trial, member);
		wish_ocsp(inquiry);
	}
}

/* The first place that the certificate names for its CRL, or for OCSP. */
static struct bytes first_place(const struct cert *cert, bool *ret_ocsp)
{
	struct distribution_point point;
	struct general_name name;
	struct bytes url = { NULL, 0 };
	size_t at = 0;

	while (distribution_point_next(cert->ext[EXT_CRL_DISTRIBUTION_POINTS], &at, &point))
		for (size_t next = 0; general_name_next(point.name.full, &next, &name);)
			if (name.type == GENERAL_URI)
				return name.value;
	at = 0;
	*ret_ocsp = access_next(cert->ext[EXT_AUTHORITY_INFO_ACCESS], access_ocsp, &at, &url);
	return *ret_ocsp ? url : (struct bytes){ NULL, 0 };
}

/* Why it is not known; lives as long as the reasons. */
static const char *unknown_text(struct inquiry *inquiry)
{
	static const char nothing[] = "neither a CRL nor an OCSP answer about it is at hand";
	bool ocsp = false;
	struct bytes place = first_place(&inquiry_member(inquiry)->cert, &ocsp);

	if (inquiry->why.len == 0 && place.len == 0)
		return nothing;
	if (inquiry->why.len == 0)
		inquiry_complain(inquiry, NULL, "%s", nothing);
	if (place.len > 0)
		inquiry_complain(inquiry, NULL, "it names %s '%.*s'", ocsp ? "the responder" : "the CRL",
				 (int)(place.len > 200 ? 200 : place.len), (const char *)place.at);
	return arena_text(&inquiry->trial->reasons->arena, buf_view(&inquiry->why));
}

static void tell_unknown(const struct trial *trial, size_t depth, const char *why)
{
	struct reason *reason =
		reasons_add(trial->reasons, REASON_REVOCATION_UNKNOWN, trial->path->at[depth], depth,
			    "RFC 5280 section 6.3.3", "it is not known whether it is revoked: %s", why);

	reason_remedy(trial->reasons, reason,
		      "give a current CRL of its issuer with --crl, or an OCSP answer with --ocsp; "
		      "or do without: --revocation=prefer");
}

static void print_source(const struct proof *by, struct buf *to)
{
	char text[CLOCK_TEXT];

	buf_print(to, "the %s '%s'", by->kind == PROOF_CRL ? "CRL" : "OCSP answer",
		  by->where != NULL ? by->where : "(unnamed)");
	if (by->kind == PROOF_CRL && by->crl.number.len > 0 && by->crl.number.len <= 20) {
		buf_text(to, " number 0x");
		for (size_t i = 0; i < by->crl.number.len; i++)
			buf_print(to, "%02x", by->crl.number.at[i]);
	}
	clock_text(by->kind == PROOF_CRL ? by->crl.this_update : by->ocsp.produced_at, text);
	buf_print(to, " of %s", text);
}

static void tell_revoked(const struct trial *trial, size_t depth, const struct standing *standing)
{
	bool hold = standing->reason == CRL_REASON_HOLD;
	struct buf source = { 0 };
	struct reason *reason;
	char when[CLOCK_TEXT], suspect[CLOCK_TEXT];

	clock_text(standing->when, when);
	if (standing->suspect != CLOCK_NONE) {
		clock_text(standing->suspect, suspect);
		buf_print(&source, ", not to be relied on since %s", suspect);
	}
	buf_text(&source, "), says ");
	print_source(standing->by, &source);
	reason = reasons_add(trial->reasons, REASON_REVOKED, trial->path->at[depth], depth,
			     standing->by->kind == PROOF_CRL ? "RFC 5280 section 6.3.3"
							     : "RFC 6960 section 2.2",
			     "%s since %s (%s%.*s", hold ? "on hold" : "revoked", when,
			     crl_reason_word(standing->reason), (int)source.len, (const char *)source.at);
	if (hold)
		reason_remedy(trial->reasons, reason,
			      "ask its issuer why it is on hold; it may be released again");
	else if (depth > 0)
		reason_remedy(
			trial->reasons, reason,
			"get a certificate from another intermediate, and take this one out of the chain");
	else
		reason_remedy(trial->reasons, reason, "get a new certificate with a new key, and install it");
	buf_done(&source);
}

void revocation_check(const struct trial *trial)
{
	const struct path *path = trial->path;
	enum revocation_mode mode = trial->question->revocation;

	/* Where the path itself is not proven, nobody in it may speak, and asking each key would be dear. */
	if (reasons_have(trial->reasons, REASON_BAD_SIGNATURE))
		return;
	for (size_t depth = 0; mode != REVOCATION_OFF && depth + 1 < path->count; depth++) {
		struct inquiry inquiry = { .trial = trial, .path = path, .depth = depth };

		inquire(&inquiry);
		if (inquiry.status.state == STATE_UNKNOWN) {
			inquiry.status.useless = inquiry.why.len > 0;
			inquiry.status.why = unknown_text(&inquiry);
		}
		if (inquiry.status.state == STATE_REVOKED)
			tell_revoked(trial, depth, &inquiry.status);
		else if (inquiry.status.state == STATE_UNKNOWN && mode == REVOCATION_REQUIRE &&
			 path->anchored)
			tell_unknown(trial, depth, inquiry.status.why);
		if (trial->revocation != NULL)
			trial->revocation[depth] = inquiry.status;
		inquiry_done(&inquiry);
	}
}

/* TLSFeatures ::= SEQUENCE OF INTEGER; status_request is 5. */
static bool must_staple(const struct cert *cert)
{
	struct cursor outer = der_into(cert->ext[EXT_TLS_FEATURE]);
	struct cursor in = der_into(der_take(&outer, DER_SEQUENCE));
	bool must = false;

	while (cursor_left(&in) > 0) {
		struct bytes feature = der_take(&in, DER_INTEGER);

		must = must || (feature.len == 1 && feature.at[0] == 5);
	}
	return must;
}

/*
 * RFC 7633 section 4.2.3.1: a server with such a certificate staples an answer, or it is not
 * that server. A file says nothing of what its server does.
 */
void must_staple_check(const struct trial *trial)
{
	struct inquiry inquiry = { .trial = trial, .path = trial->path };
	const struct evidence *evidence = trial->evidence;

	if (!evidence->live || trial->question->revocation == REVOCATION_OFF || trial->path->count < 2 ||
	    !trial->path->at[0]->readable || !trial->path->at[1]->readable ||
	    !must_staple(&inquiry_member(&inquiry)->cert))
		return;
	ocsp_status(&inquiry, evidence->ocsp, evidence->stapled);
	if (inquiry.status.state != STATE_GOOD && inquiry.status.state != STATE_REVOKED)
		reasons_add(trial->reasons, REASON_MUST_STAPLE, inquiry_member(&inquiry), 0,
			    "RFC 7633 section 4.2.3.1", "the certificate demands a stapled OCSP answer; %.*s",
			    inquiry.why.len > 0 ? (int)inquiry.why.len : 13,
			    inquiry.why.len > 0 ? (const char *)inquiry.why.at : "there was none");
	inquiry_done(&inquiry);
}
