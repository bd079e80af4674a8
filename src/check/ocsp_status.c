/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/ocsp_status.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "check/inquiry.h"
#include "check/judge.h"
#include "check/member.h"
#include "check/path.h"
#include "check/question.h"
#include "check/reason.h"
#include "check/rule.h"
#include "check/signature.h"
#include "model/crl.h"
#include "model/der.h"
#include "model/name.h"
#include "model/proof.h"

enum { LONGEST_HASH = 64, SHA1_LEN = 20 };

static const struct bytes nocheck = { (const uint8_t *)"\x2b\x06\x01\x05\x05\x07\x30\x01\x05", 9 };
static const struct bytes ocsp_signing = { (const uint8_t *)"\x2b\x06\x01\x05\x05\x07\x03\x09", 8 };

static bool hash_is(gnutls_digest_algorithm_t hash, struct bytes of, struct bytes is)
{
	uint8_t digest[LONGEST_HASH];

	return is.len == crypto()->hash_get_len(hash) && is.len <= sizeof(digest) &&
	       crypto()->hash_fast(hash, of.at, of.len, digest) >= 0 && memcmp(digest, is.at, is.len) == 0;
}

static gnutls_digest_algorithm_t hash_of(struct bytes oid)
{
	gnutls_digest_algorithm_t hash = GNUTLS_DIG_UNKNOWN;
	struct buf text = { 0 };

	if (der_oid_text(oid, &text)) {
		buf_byte(&text, '\0');
		hash = crypto()->oid_to_digest((const char *)text.at);
	}
	buf_done(&text);
	return hash;
}

/* Section 4.1.1: the issuer's Name as it stands in the certificate, and its key's bits. */
static bool is_about(const struct inquiry *inquiry, const struct ocsp_single *single)
{
	const struct cert *cert = &inquiry_member(inquiry)->cert;
	gnutls_digest_algorithm_t hash;

	if (!bytes_equal(single->serial, der_integer_trim(cert->serial)))
		return false;
	hash = hash_of(single->hash);
	return hash != GNUTLS_DIG_UNKNOWN && hash_is(hash, cert->issuer, single->name_hash) &&
	       hash_is(hash, inquiry_issuer(inquiry)->cert.key, single->key_hash);
}

/* Whether the certificate is the one that the response calls its responder. */
static bool is_responder(const struct ocsp *ocsp, const struct cert *cert)
{
	struct buf a = { 0 }, b = { 0 };
	bool is;

	if (ocsp->by_key.len > 0)
		return hash_is(GNUTLS_DIG_SHA1, cert->key, ocsp->by_key);
	is = bytes_equal(ocsp->by_name, cert->subject) ||
	     (name_canonical(ocsp->by_name, &a) && name_canonical(cert->subject, &b) &&
	      bytes_equal(buf_view(&a), buf_view(&b)));
	buf_done(&a);
	buf_done(&b);
	return is;
}

static bool has_purpose(const struct cert *cert, struct bytes purpose)
{
	struct bytes oid;

	for (size_t at = 0; cert_oid_next(cert->ext[EXT_EXTENDED_KEY_USAGE], &at, &oid);)
		if (bytes_equal(oid, purpose))
			return true;
	return false;
}

/*
 * Section 4.2.2.2: given the right by the very CA that issued the certificate, with the
 * key it issued it with.
 */
static bool is_delegate(struct inquiry *inquiry, const struct member *signer)
{
	return has_purpose(&signer->cert, ocsp_signing) &&
	       bytes_equal(signer->issuer, inquiry_issuer(inquiry)->subject) &&
	       signature_of(judge_signatures(inquiry->trial->judge), signer, inquiry_issuer(inquiry)) ==
		       SIGNATURE_GOOD;
}

/* Whether it is asked if the delegate is revoked, section 4.2.2.2.1: not where the CA offers no way to know.
 */
static bool is_checked(const struct cert *cert)
{
	struct extension one;

	return !cert_extension(cert, nocheck, &one) &&
	       (cert_has(cert, EXT_CRL_DISTRIBUTION_POINTS) || cert_has(cert, EXT_AUTHORITY_INFO_ACCESS));
}

/* The rules on a certificate by itself. What stands above it stands above the target too. */
static bool is_sound(struct inquiry *inquiry, const struct proof *proof, const struct member *signer)
{
	static const enum rule_id its[] = { RULE_READABLE, RULE_VALIDITY, RULE_DISTRUST, RULE_CRITICAL,
					    RULE_STRENGTH };
	struct trial trial = *inquiry->trial;
	struct path alone = { &signer, 1, false };
	struct reasons reasons = { 0 };
	bool sound;

	trial.path = &alone;
	trial.reasons = &reasons;
	for (size_t i = 0; i < sizeof(its) / sizeof(its[0]); i++)
		if (!(trial.question->rules_off >> its[i] & 1))
			rules[its[i]].check(&trial);
	sound = reasons.count == 0;
	if (!sound)
		inquiry_complain(inquiry, proof, "is signed by a responder that is %s itself",
				 reasons_table[reasons.all[0].code].code);
	reasons_done(&reasons);
	return sound;
}

static bool is_unrevoked(struct inquiry *inquiry, const struct proof *proof, const struct member *signer)
{
	size_t above = inquiry->path->count - inquiry->depth - 1;
	struct path path = { NULL, above + 1, inquiry->path->anchored };
	bool ok;

	if (!is_checked(&signer->cert))
		return true;
	path.at = mem_zero(path.count * sizeof(const struct member *));
	path.at[0] = signer;
	memcpy(&path.at[1], &inquiry->path->at[inquiry->depth + 1], above * sizeof(const struct member *));
	ok = inquiry_unrevoked(inquiry, proof, &path, 0);
	free((void *)path.at);
	return ok;
}

static bool signs(struct inquiry *inquiry, const struct proof *proof, const struct member *signer)
{
	const struct ocsp *ocsp = &proof->ocsp;
	enum signed_by by = inquiry_signed(inquiry, ocsp->tbs, ocsp->algorithm, ocsp->signature, signer);

	if (by == SIGNED_WEAKLY)
		inquiry_complain(inquiry, proof, "is signed with an algorithm that is broken");
	else if (by == SIGNED_NOT)
		inquiry_complain(inquiry, proof, "has a bad signature");
	return by == SIGNED;
}

/* The delegate among the certificates that came with it, or NULL. */
static const struct member *delegate_inside(struct inquiry *inquiry, const struct proof *proof,
					    unsigned *tried)
{
	const struct member *issuer = inquiry_issuer(inquiry);
	struct bytes der;
	size_t at = 0;

	while (*tried < LIMIT_SIGNERS && ocsp_cert_next(&proof->ocsp, &at, &der)) {
		struct given given = { der, proof->where };
		const struct member *member;
		struct err err;
		struct cert cert;

		if (!cert_read(der, &cert, &err) || !is_responder(&proof->ocsp, &cert) ||
		    bytes_equal(cert.spki, issuer->cert.spki))
			continue;
		++*tried;
		member = judge_member(inquiry->trial->judge, &given);
		if (member != NULL && is_delegate(inquiry, member))
			return member;
	}
	return NULL;
}

/* The same among the certificates that were given, as a response need not bring its signer's. */
static const struct member *delegate_beside(struct inquiry *inquiry, const struct proof *proof,
					    unsigned *tried)
{
	const struct member *one = NULL;
	struct buf name = { 0 };
	size_t at = 0;

	if (proof->ocsp.by_name.len > 0 && name_canonical(proof->ocsp.by_name, &name))
		while (*tried < LIMIT_SIGNERS &&
		       (one = judge_by_subject(inquiry->trial->judge, buf_view(&name), &at)) != NULL) {
			if (one->cert.ca)
				continue;
			++*tried;
			if (is_delegate(inquiry, one))
				break;
			one = NULL;
		}
	buf_done(&name);
	return one;
}

/* The one whose key signed the response and who may; NULL, which was complained about. */
static const struct member *signer_of(struct inquiry *inquiry, const struct proof *proof)
{
	const struct member *issuer = inquiry_issuer(inquiry), *signer;
	bool issuers = is_responder(&proof->ocsp, &issuer->cert);
	unsigned tried = 0;

	if (issuers && signs(inquiry, proof, issuer))
		return issuer;
	signer = delegate_inside(inquiry, proof, &tried);
	if (signer == NULL)
		signer = delegate_beside(inquiry, proof, &tried);
	if (signer == NULL && tried > 0)
		inquiry_complain(
			inquiry, proof,
			"is signed by a responder to whom the issuer gave no right to (OCSPSigning)");
	else if (signer == NULL && !issuers)
		inquiry_complain(inquiry, proof, "is by a responder whose certificate is not at hand");
	if (signer == NULL || !signs(inquiry, proof, signer) || !is_sound(inquiry, proof, signer) ||
	    !is_unrevoked(inquiry, proof, signer))
		return NULL;
	return signer;
}

/* producedAt is in the past, and in the life of whoever signed. */
static bool produced_well(struct inquiry *inquiry, const struct proof *proof, const struct member *signer)
{
	int64_t produced = proof->ocsp.produced_at;
	char text[CLOCK_TEXT];

	if (produced <= inquiry->trial->question->at && produced >= signer->cert.not_before &&
	    produced <= signer->cert.not_after)
		return true;
	clock_text(produced, text);
	inquiry_complain(inquiry, proof, "says that it was made on %s, which %s", text,
			 produced > inquiry->trial->question->at ? "is still to come"
								 : "is not in the life of its signer");
	return false;
}

/* What one response says; the worst of its answers. */
struct tally {
	struct ocsp_single revoked;
	bool good, unknown, is_revoked;
};

static void complain_of_age(struct inquiry *inquiry, const struct proof *proof,
			    const struct ocsp_single *single, enum freshness age)
{
	char from[CLOCK_TEXT], to[CLOCK_TEXT];

	clock_text(single->this_update, from);
	clock_text(single->next_update, to);
	if (age == EARLY)
		inquiry_complain(inquiry, proof, "is only valid from %s on", from);
	else if (single->next_update == CLOCK_NONE)
		inquiry_complain(inquiry, proof, "is of %s, and does not say until when it is valid", from);
	else
		inquiry_complain(inquiry, proof, "was valid until %s", to);
}

static void count(struct inquiry *inquiry, const struct proof *proof, const struct ocsp_single *single,
		  struct tally *tally)
{
	enum freshness age = inquiry_fresh(inquiry, single->this_update, single->next_update);

	if (single->critical.len > 0) {
		inquiry_complain(inquiry, proof, "has a critical extension that is not known here");
		tally->unknown = true;
	} else if (age != EARLY && single->state == OCSP_REVOKED &&
		   (age == FRESH || single->reason != CRL_REASON_HOLD)) {
		tally->is_revoked = true;
		tally->revoked = *single;
	} else if (age != FRESH) {
		complain_of_age(inquiry, proof, single, age);
	} else if (single->state == OCSP_UNKNOWN) {
		inquiry_complain(inquiry, proof, "says that the responder does not know the certificate");
		tally->unknown = true;
	} else {
		tally->good = tally->good || single->state == OCSP_GOOD;
	}
}

/* Whether it has an answer about the certificate at all; what is not about it is no complaint. */
static bool mentions(const struct inquiry *inquiry, const struct ocsp *ocsp)
{
	struct ocsp_single single;

	for (size_t at = 0; ocsp_next(ocsp, &at, &single);)
		if (is_about(inquiry, &single))
			return true;
	return false;
}

static void ask(struct inquiry *inquiry, const struct proof *proof)
{
	const struct member *signer;
	struct tally tally = { .good = false };
	struct ocsp_single single;

	if (proof->ocsp.critical.len > 0) {
		inquiry_complain(inquiry, proof, "has a critical extension that is not known here");
		return;
	}
	signer = signer_of(inquiry, proof);
	if (signer == NULL || !produced_well(inquiry, proof, signer))
		return;
	for (size_t at = 0; ocsp_next(&proof->ocsp, &at, &single);)
		if (is_about(inquiry, &single))
			count(inquiry, proof, &single, &tally);
	if (tally.is_revoked)
		inquiry->status = (struct standing){ .state = STATE_REVOKED,
						     .by = proof,
						     .when = tally.revoked.when,
						     .suspect = CLOCK_NONE,
						     .reason = tally.revoked.reason };
	else if (tally.good && !tally.unknown)
		inquiry->status = (struct standing){ .state = STATE_GOOD,
						     .by = proof,
						     .when = CLOCK_NONE,
						     .suspect = CLOCK_NONE,
						     .reason = CRL_REASON_NONE };
}

void ocsp_status(struct inquiry *inquiry, const struct proof *answers, size_t count)
{
	for (size_t i = 0; i < count && inquiry->status.state != STATE_REVOKED; i++) {
		const struct proof *proof = &answers[i];

		if (proof->damage != NULL)
			inquiry_complain(inquiry, proof, "cannot be read: %s", proof->damage);
		else if (proof->ocsp.status != OCSP_SUCCESSFUL)
			inquiry_complain(inquiry, proof, "is no answer: the responder says %s",
					 ocsp_status_word(proof->ocsp.status));
		else if (mentions(inquiry, &proof->ocsp))
			ask(inquiry, proof);
	}
}

bool ocsp_ask(const struct member *member, const struct member *issuer, struct buf *to)
{
	uint8_t name[SHA1_LEN], key[SHA1_LEN];

	if (crypto()->hash_fast(GNUTLS_DIG_SHA1, member->cert.issuer.at, member->cert.issuer.len, name) < 0 ||
	    crypto()->hash_fast(GNUTLS_DIG_SHA1, issuer->cert.key.at, issuer->cert.key.len, key) < 0)
		return false;
	ocsp_request((struct bytes){ name, sizeof(name) }, (struct bytes){ key, sizeof(key) },
		     member->cert.serial, to);
	return true;
}
