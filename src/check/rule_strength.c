/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Keys and signatures that can be broken, by GnuTLS's tables: less than its security
 * parameter medium, or a signature that it does not take for certificates. The signature
 * on the anchor itself proves nothing and is not looked at.
 */

#include "check/algorithm.h"
#include "base/crypto.h"
#include "check/checks.h"
#include "check/judge.h"
#include "check/member.h"
#include "check/path.h"
#include "check/reason.h"
#include "check/rule.h"
#include "check/signature.h"
#include "check/strength.h"
#include "model/key.h"

static const struct {
	const char *type;
	gnutls_pk_algorithm_t pk;
} kinds[] = {
	{ "RSA", GNUTLS_PK_RSA }, { "RSA-PSS", GNUTLS_PK_RSA_PSS },       { "EC", GNUTLS_PK_ECDSA },
	{ "DSA", GNUTLS_PK_DSA }, { "Ed25519", GNUTLS_PK_EDDSA_ED25519 }, { "Ed448", GNUTLS_PK_EDDSA_ED448 },
};

unsigned strength_lacks(const struct key *key)
{
	gnutls_pk_algorithm_t pk = GNUTLS_PK_UNKNOWN;
	unsigned least;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].type, key->type) == 0)
			pk = kinds[i].pk;
	if (pk == GNUTLS_PK_UNKNOWN || key->bits == 0)
		return 0; /* what is not known is told where it has to be used */
	least = crypto()->sec_param_to_pk_bits(pk, GNUTLS_SEC_PARAM_MEDIUM);
	return key->bits < least ? least : 0;
}

/* True: nothing against it. */
static bool check_key(const struct trial *trial, size_t depth)
{
	const struct member *member = trial->path->at[depth];
	struct key key = key_of(&member->cert);
	unsigned least = strength_lacks(&key);
	char text[KEY_TEXT];

	if (least == 0)
		return true;
	key_text(&key, text);
	reasons_add(trial->reasons, REASON_WEAK_KEY, member, depth, rules[RULE_STRENGTH].source,
		    "its key is %s; %u bits are the least", text, least);
	return false;
}

static void check_signature(const struct trial *trial, size_t depth)
{
	const struct member *member = trial->path->at[depth];
	const struct algorithm *algorithm =
		signature_algorithm(judge_signatures(trial->judge), member->cert.signature_algorithm);
	char room[64];

	if (algorithm->sign == GNUTLS_SIGN_UNKNOWN || algorithm->secure)
		return;
	reasons_add(trial->reasons, REASON_WEAK_SIGNATURE, member, depth, rules[RULE_STRENGTH].source,
		    "it is signed with %s", key_signature(&member->cert, room));
}

void strength_check(const struct trial *trial)
{
	const struct path *path = trial->path;

	for (size_t i = 0; i < path->count; i++) {
		const struct member *member = path->at[i];
		bool last = i == path->count - 1;

		if (!member->readable)
			continue;
		if ((member->memo == NULL || !(member->memo->clean & CLEAN_STRENGTH)) &&
		    check_key(trial, i) && member->memo != NULL)
			member->memo->clean |= CLEAN_STRENGTH;
		if (!last || !(path->anchored || member_self_issued(member)))
			check_signature(trial, i);
	}
}
