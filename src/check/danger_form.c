/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Dangers in what the certificate is: a CA or none, a root or none, for which names, and when. */
#include <stdlib.h>

#include "base/buf.h"
#include "base/clock.h"
#include "check/danger_look.h"
#include "check/lint.h"
#include "check/subtree.h"
#include "model/anchor.h"
#include "model/name.h"

enum {
	DAY = 86400,
	SOON = 90 * DAY,
};
#define LONG (INT64_C(25) * 366 * DAY) /* so that 25 years by any calendar are not more */

static bool signs(const struct cert *cert)
{
	return cert_has(cert, EXT_KEY_USAGE) && cert->key_usage >> USAGE_KEY_CERT_SIGN & 1;
}

/*
 * What says nothing of being a CA may be meant as one: of version 1, with keyCertSign, or
 * with nothing that only a server's certificate has.
 */
bool danger_is_leaf(const struct look *look)
{
	const struct cert *cert = look->cert;

	if (cert->ca)
		return false;
	if (cert_has(cert, EXT_BASIC_CONSTRAINTS) || look->issued == ISSUED_BY_OTHER)
		return true;
	return !signs(cert) && (cert_has(cert, EXT_KEY_USAGE) || cert_has(cert, EXT_SUBJECT_ALT_NAME) ||
				cert_has(cert, EXT_EXTENDED_KEY_USAGE));
}

static char *issuer_name(const struct cert *cert)
{
	struct buf name = { 0 };

	name_short(cert->issuer, &name);
	buf_byte(&name, '\0');
	return (char *)name.at;
}

void danger_look_issuer(const struct look *look)
{
	char *issuer = issuer_name(look->cert), room[64];

	if (look->issued == ISSUED_BY_NONE)
		danger_advise(danger_add(look, DANGER_BAD_SIGNATURE,
					 "it names its own key as the one that signed it, and the signature "
					 "(%s) is not by that key",
					 key_signature(look->cert, room)),
			      "get the certificate again, from its CA");
	if (look->issued == ISSUED_BY_UNCHECKED)
		danger_add(look, DANGER_UNCHECKED_SIGNATURE,
			   "its signature is by %s, which cannot be checked here with its key",
			   key_signature(look->cert, room));
	if (look->issued == ISSUED_BY_OTHER && !look->leaf)
		danger_advise(danger_add(look, DANGER_INTERMEDIATE, "it was issued by %s'%s'",
					 member_self_issued(look->member) ? "another key of " : "", issuer),
			      "add the root that it leads to, unless it alone is to be trusted");
	free(issuer);
}

void danger_look_authority(const struct look *look)
{
	const struct cert *cert = look->cert;
	const char *says = cert_has(cert, EXT_BASIC_CONSTRAINTS) ? "its basicConstraints say that it is no CA"
								 : "it has no basicConstraints";
	struct lint_view view = { .cert = cert, .member = look->member, .where = LINT_ANCHOR };
	char *issuer = issuer_name(cert);

	if (look->leaf && look->issued == ISSUED_BY_OTHER)
		danger_advise(danger_add(look, DANGER_NOT_A_CA, "%s, and '%s' issued it", says, issuer),
			      "add the certificate of '%s' instead, if that is to be trusted", issuer);
	else if (look->leaf)
		danger_advise(danger_add(look, DANGER_SELF_SIGNED_LEAF, "%s", says),
			      "better have a CA of your own sign it, and add that CA");
	else if (!cert_has(cert, EXT_BASIC_CONSTRAINTS))
		danger_advise(danger_add(look, DANGER_NO_BASIC_CONSTRAINTS,
					 "it is of version %u and has no basicConstraints", cert->version),
			      "have it made again as a CA, with critical basicConstraints CA:TRUE");
	if (lint_basic_constraints_not_critical(&view, NULL))
		danger_add(look, DANGER_BASIC_CONSTRAINTS_NOT_CRITICAL,
			   "its basicConstraints is not critical");
	if (!look->leaf && cert_has(cert, EXT_KEY_USAGE) && !signs(cert))
		danger_add(look, DANGER_NO_KEY_CERT_SIGN, "its keyUsage does not have keyCertSign");
	free(issuer);
}

void danger_look_name(const struct look *look)
{
	struct lint_view view = { .cert = look->cert, .member = look->member, .where = LINT_ANCHOR };

	if (lint_ca_without_subject(&view, NULL))
		danger_add(look, DANGER_NO_NAME, "its subject has no parts");
}

/* Whether a NameConstraints keeps names of this type within bounds: a domain, or none at all. */
static bool bounds_type(struct bytes constraints, enum general_name_type type)
{
	struct bounds bounds = { 0 };
	const char *why;
	bool bound = false;

	if (constraints.len == 0 || !bounds_subtrees(constraints, &bounds, &why))
		return false;
	for (size_t i = 0; i < bounds.count; i++)
		bound = bound || (bounds.all[i].type == type &&
				  bounds.all[i].excluded == (bounds.all[i].value.len == 0));
	bounds_done(&bounds);
	return bound;
}

/* What is public already gets no more power by being added. */
void danger_look_constraints(const struct look *look)
{
	static const struct {
		enum purpose purpose;
		enum general_name_type type;
		const char *speaks, *option;
	} rows[] = {
		{ PURPOSE_SERVER_AUTH, GENERAL_DNS, "every site on the internet", "--permit-dns=DOMAIN" },
		{ PURPOSE_EMAIL, GENERAL_RFC822, "every mail address", "--permit-email=.DOMAIN" },
	};
	const struct extension *attached = anchor_attached(look->anchor, exts[EXT_NAME_CONSTRAINTS].oid);
	const struct cert *cert = look->cert;
	bool any = cert_has(cert, EXT_NAME_CONSTRAINTS) || attached != NULL;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]) && !look->leaf && !look->public; i++) {
		if (!anchor_serves(look->anchor, rows[i].purpose, (struct bytes){ NULL, 0 }))
			continue; /* the first of them that it is for is the one that matters */
		if (bounds_type(cert->ext[EXT_NAME_CONSTRAINTS], rows[i].type) ||
		    (attached != NULL && bounds_type(attached->value, rows[i].type)))
			return;
		danger_advise(danger_add(look, DANGER_UNCONSTRAINED, "it can speak for %s: %s",
					 rows[i].speaks,
					 any ? "its name constraints leave these names free"
					     : "it has no name constraints"),
			      "%s limits it where the store can say so; a limit in the CA's own certificate "
			      "holds everywhere",
			      rows[i].option);
		return;
	}
}

void danger_look_dates(const struct look *look)
{
	const struct cert *cert = look->cert;
	int64_t at = look->candidate->at, life = cert->not_after - cert->not_before;
	char from[CLOCK_TEXT], until[CLOCK_TEXT];

	clock_date(cert->not_before, from);
	clock_date(cert->not_after, until);
	if (at > cert->not_after)
		danger_advise(danger_add(look, DANGER_EXPIRED, "it expired on %s, %lld days ago", until,
					 (long long)((at - cert->not_after) / DAY)),
			      "ask its CA for the certificate that takes its place");
	else if (at < cert->not_before)
		danger_advise(danger_add(look, DANGER_NOT_YET_VALID, "it is valid from %s, in %lld days",
					 from, (long long)((cert->not_before - at) / DAY)),
			      "see that the clock of this host is right");
	else if (cert->not_after - at <= SOON)
		danger_advise(danger_add(look, DANGER_EXPIRES_SOON, "it expires on %s, in %lld days", until,
					 (long long)((cert->not_after - at) / DAY)),
			      "ask its CA for the certificate that takes its place");
	if (life > LONG)
		danger_add(look, DANGER_LONG_VALIDITY, "it is valid from %s to %s, %lld years", from, until,
			   (long long)((life + DAY) / (INT64_C(146097) * DAY / 400)));
}
