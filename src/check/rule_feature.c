/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* TLS features (RFC 7633): what a CA demands of its certificates, and what a certificate demands of servers.
 */
#include "check/checks.h"
#include "check/member.h"
#include "check/path.h"
#include "check/reason.h"
#include "check/revocation.h"
#include "check/rule.h"
#include "model/der.h"

/* TLSFeatures ::= SEQUENCE OF INTEGER */
static bool offers(struct bytes features, struct bytes wanted)
{
	struct cursor outer = der_into(features), in = der_into(der_take(&outer, DER_SEQUENCE));

	while (cursor_left(&in) > 0)
		if (bytes_equal(der_take(&in, DER_INTEGER), wanted))
			return true;
	return false;
}

/* What is issued must offer what its CA lists (section 4.2.2). */
static void check_pair(const struct trial *trial, size_t depth)
{
	const struct member *issuer = trial->path->at[depth + 1];
	struct bytes features = trial->path->at[depth]->cert.ext[EXT_TLS_FEATURE];
	struct cursor outer = der_into(issuer->cert.ext[EXT_TLS_FEATURE]),
		      in = der_into(der_take(&outer, DER_SEQUENCE));
	char name[MEMBER_NAME];

	while (cursor_left(&in) > 0) {
		struct bytes wanted = der_take(&in, DER_INTEGER);
		unsigned number = wanted.len > 0 ? wanted.at[wanted.len - 1] : 0;

		if (!in.bad && !offers(features, wanted)) {
			reasons_add(trial->reasons, REASON_PROFILE, trial->path->at[depth], depth,
				    "RFC 7633 section 4.2.2",
				    "it has not the TLS feature %u, which %s demands of what it issues",
				    number, member_name(issuer, name));
			return;
		}
	}
}

void feature_check(const struct trial *trial)
{
	for (size_t i = 0; i + 1 < trial->path->count; i++)
		check_pair(trial, i);
	must_staple_check(trial);
}
