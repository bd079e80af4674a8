/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/crl_status.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "check/crl_scope.h"
#include "check/evidence.h"
#include "check/inquiry.h"
#include "check/judge.h"
#include "check/key_id.h"
#include "check/member.h"
#include "check/path.h"
#include "check/rule.h"
#include "model/proof.h"

/* The state of the algorithm, section 6.3.2. */
struct run {
	struct inquiry *inquiry;
	const struct proof **crls; /* all that may matter, the newest first */
	size_t count;
	uint16_t reasons; /* reasons_mask */
	const struct proof *good;
	const struct proof *delta; /* there was one by the right issuer */
	bool about, complete;      /* so there was one; also one that is no delta */
	bool delegated;            /* lists that are asked now count only where they revoke */
};

static int newer(const void *a, const void *b)
{
	const struct proof *const *x = a, *const *y = b;

	return ((*x)->crl.this_update < (*y)->crl.this_update) -
	       ((*x)->crl.this_update > (*y)->crl.this_update);
}

static void gather(struct run *run)
{
	const struct evidence *evidence = run->inquiry->trial->evidence;

	run->crls = mem_zero((evidence->crl_count + 1) * sizeof(const struct proof *));
	for (size_t i = 0; i < evidence->crl_count; i++) {
		const struct proof *one = &evidence->crls[i];

		if (one->damage == NULL)
			run->crls[run->count++] = one;
		else
			inquiry_complain(run->inquiry, one, "cannot be read: %s", one->damage);
	}
	if (run->count > 0)
		qsort((void *)run->crls, run->count, sizeof(const struct proof *), newer);
}

/* Section 6.3.3 (f): where there is a keyUsage, it allows it. Strangers without one must be CAs. */
static bool may_sign(const struct member *signer, bool stranger)
{
	const struct cert *cert = &signer->cert;

	return cert_has(cert, EXT_KEY_USAGE) ? cert->key_usage >> USAGE_CRL_SIGN & 1
					     : !stranger || cert->ca || cert->version < 3;
}

struct search {
	struct inquiry *inquiry;
	const struct proof *proof;
	unsigned tried;
	bool named, usage, weak, vouched; /* what was found on the way */
};

/* How many keys are tried: each costs a hash of the whole list, which may be large. */
static unsigned most_signers(const struct crl *crl)
{
	size_t most = LIMIT_SIGNED_BYTES / crl->tbs.len;

	return most < 2 ? 2 : most < LIMIT_SIGNERS ? (unsigned)most : LIMIT_SIGNERS;
}

static bool signs(struct search *search, const struct member *signer, bool stranger)
{
	const struct crl *crl = &search->proof->crl;
	enum signed_by by;

	search->named = true;
	if (!may_sign(signer, stranger)) {
		search->usage = true;
		return false;
	}
	if (search->tried++ >= most_signers(crl))
		return false;
	by = inquiry_signed(search->inquiry, crl->tbs, crl->algorithm, crl->signature, signer);
	search->weak = search->weak || by == SIGNED_WEAKLY;
	if (by != SIGNED)
		return false;
	search->vouched = true;
	return inquiry_vouched(search->inquiry, search->proof, signer);
}

static bool meant(const struct crl *crl, const struct member *signer)
{
	struct authority authority;
	struct bytes key_id = subject_key_id(&signer->cert);

	return crl->key_id.len > 0 && key_id.len > 0 && authority_read(crl->key_id, &authority) &&
	       bytes_equal(authority.key_id, key_id);
}

static const struct member *signer_in_path(struct search *search)
{
	const struct path *path = search->inquiry->path;

	for (size_t i = search->inquiry->depth + 1; i < path->count; i++)
		if (bytes_equal(path->at[i]->subject, search->proof->issuer) &&
		    signs(search, path->at[i], false))
			return path->at[i];
	return NULL;
}

/* Those whose key is meant by the CRL's authorityKeyIdentifier first. */
static const struct member *signer_beside(struct search *search)
{
	struct judge *judge = search->inquiry->trial->judge;

	for (int pass = 0; pass < 2; pass++) {
		const struct member *one;
		size_t at = 0;

		while ((one = judge_by_subject(judge, search->proof->issuer, &at)) != NULL)
			if (one->readable && meant(&search->proof->crl, one) == (pass == 0) &&
			    signs(search, one, true))
				return one;
	}
	return NULL;
}

/* Steps (f) and (g). NULL: there is none, which was complained about. */
static const struct member *signer_of(struct inquiry *inquiry, const struct proof *proof)
{
	struct search search = { .inquiry = inquiry, .proof = proof };
	const struct member *signer = signer_in_path(&search);

	if (signer == NULL)
		signer = signer_beside(&search);
	if (signer != NULL || search.vouched)
		return signer;
	inquiry_complain(inquiry, proof, "%s",
			 search.weak ? "is signed with an algorithm that is broken"
			 : search.tried > most_signers(&proof->crl)
				 ? "has more possible signers than are tried"
			 : search.tried > 0 ? "is not signed by its issuer: the signature is bad"
			 : search.usage     ? "is of an issuer whose keyUsage lacks cRLSign"
					    : "is of an issuer whose certificate is not at hand");
	return NULL;
}

static int compare_numbers(struct bytes a, struct bytes b)
{
	if (a.len != b.len)
		return a.len < b.len ? -1 : 1;
	return a.len == 0 ? 0 : memcmp(a.at, b.at, a.len);
}

/* A positive number with its high bit set has one more octet in front. */
static struct bytes number(struct bytes integer)
{
	return integer.len > 1 && integer.at[0] == 0 ? bytes_skip(integer, 1) : integer;
}

/* Step (c), section 5.2.4: whether the delta brings the complete CRL up to date. */
static bool fits(const struct crl *delta, const struct crl *complete)
{
	return delta->base.len > 0 && delta->critical.len == 0 && delta->number.len > 0 &&
	       complete->number.len > 0 && bytes_equal(delta->scope.der, complete->scope.der) &&
	       bytes_equal(delta->key_id, complete->key_id) &&
	       compare_numbers(number(complete->number), number(delta->base)) >= 0 &&
	       compare_numbers(number(complete->number), number(delta->number)) < 0;
}

/* The newest delta for it that is fresh and signed with the same key, step (h). */
static const struct proof *delta_of(struct run *run, const struct proof *complete,
				    const struct member *signer)
{
	for (size_t i = 0; i < run->count; i++) {
		const struct proof *one = run->crls[i];

		if (bytes_equal(one->issuer, complete->issuer) && fits(&one->crl, &complete->crl) &&
		    inquiry_fresh(run->inquiry, one->crl.this_update, one->crl.next_update) == FRESH &&
		    inquiry_signed(run->inquiry, one->crl.tbs, one->crl.algorithm, one->crl.signature,
				   signer) == SIGNED)
			return one;
	}
	return NULL;
}

static void revoked(struct run *run, const struct proof *by, const struct crl_entry *entry)
{
	run->inquiry->status = (struct standing){ .state = STATE_REVOKED,
						  .by = by,
						  .when = entry->when,
						  .suspect = entry->invalid_since,
						  .reason = entry->reason };
}

static void complain_of_age(struct run *run, const struct proof *proof, enum freshness age)
{
	char from[CLOCK_TEXT], to[CLOCK_TEXT];

	clock_text(proof->crl.this_update, from);
	clock_text(proof->crl.next_update, to);
	if (age == EARLY)
		inquiry_complain(run->inquiry, proof, "is only valid from %s on", from);
	else if (proof->crl.next_update == CLOCK_NONE)
		inquiry_complain(run->inquiry, proof, "is of %s, and does not say until when it is valid",
				 from);
	else
		inquiry_complain(run->inquiry, proof, "was valid until %s", to);
}

/* Steps (i) to (l). A delta that removes an entry leaves the certificate unrevoked. */
static void search_entry(struct run *run, const struct proof *complete, const struct proof *delta,
			 bool counts, uint16_t interim)
{
	const struct member *member = inquiry_member(run->inquiry);
	const struct proof *by = delta;
	struct crl_entry entry;
	bool found = delta != NULL && crl_scope_find(delta, member, &entry);

	if (!found) {
		by = complete;
		found = crl_scope_find(complete, member, &entry);
	}
	if (found && entry.reason != CRL_REASON_REMOVE) {
		if (counts || entry.reason != CRL_REASON_HOLD)
			revoked(run, by, &entry);
	} else if (counts) {
		run->reasons |= interim;
		run->good = delta != NULL ? delta : complete;
	}
}

static void consider(struct run *run, const struct proof *proof, const struct distribution_point *point)
{
	const struct crl *crl = &proof->crl;
	const struct member *signer;
	const struct proof *delta;
	enum freshness age;
	uint16_t interim = crl->scope.reasons & point->reasons;
	const char *excluded = crl_scope_excludes(crl, point, inquiry_member(run->inquiry));

	if (excluded != NULL) {
		inquiry_complain(run->inquiry, proof, "%s", excluded);
		return;
	}
	if (crl->critical.len > 0) {
		inquiry_complain(run->inquiry, proof, "has a critical extension that is not known here");
		return;
	}
	age = inquiry_fresh(run->inquiry, crl->this_update, crl->next_update);
	if (age == EARLY) {
		complain_of_age(run, proof, age);
		return;
	}
	signer = signer_of(run->inquiry, proof);
	if (signer == NULL)
		return;
	delta = delta_of(run, proof, signer);
	if (age == STALE && delta == NULL)
		complain_of_age(run, proof, age);
	if (run->delegated)
		inquiry_complain(run->inquiry, proof,
				 "is not by the one whom the certificate names for that");
	search_entry(run, proof, delta,
		     (age == FRESH || delta != NULL) && (interim & ~run->reasons) != 0 && !run->delegated,
		     interim);
}

/* Points times lists may be many, in each of many paths. */
static bool affordable(const struct run *run, size_t cost)
{
	const struct trial *trial = run->inquiry->trial;

	if (trial->work == NULL)
		return true;
	if (cost > LIMIT_CONSTRAINT_WORK - *trial->work) {
		judge_gave_up(trial->judge);
		return false;
	}
	*trial->work += cost;
	return true;
}

/* All CRLs for one point, steps (a) to (l). */
static void ask_point(struct run *run, const struct distribution_point *point)
{
	const struct member *member = inquiry_member(run->inquiry);

	for (size_t i = 0; i < run->count && run->inquiry->status.state != STATE_REVOKED; i++) {
		if (!crl_scope_issuer(run->crls[i], point, member))
			continue;
		if (!affordable(run, 1))
			return;
		run->about = true;
		if (run->crls[i]->crl.base.len > 0) {
			run->delta = run->crls[i];
			continue;
		}
		run->complete = true;
		consider(run, run->crls[i], point);
	}
}

static void ask_points(struct run *run)
{
	const struct cert *cert = &inquiry_member(run->inquiry)->cert;
	struct distribution_point point;
	size_t at = 0;

	if (cert_has(cert, EXT_CRL_DISTRIBUTION_POINTS))
		while (run->inquiry->status.state != STATE_REVOKED && affordable(run, 1 + run->count / 64) &&
		       distribution_point_next(cert->ext[EXT_CRL_DISTRIBUTION_POINTS], &at, &point))
			ask_point(run, &point);
	run->delegated = crl_scope_delegated(inquiry_member(run->inquiry));
	/* Also where it is good by now: revoked goes before good, whoever says it. */
	if (run->inquiry->status.state != STATE_REVOKED)
		ask_point(run, &point_default);
}

void crl_status(struct inquiry *inquiry)
{
	struct run run = { .inquiry = inquiry };

	gather(&run);
	ask_points(&run);
	if (inquiry->status.state == STATE_REVOKED || inquiry->status.state == STATE_GOOD)
		goto out;
	if (run.reasons == CRL_REASONS_ALL) {
		inquiry->status = (struct standing){ .state = STATE_GOOD,
						     .by = run.good,
						     .when = CLOCK_NONE,
						     .suspect = CLOCK_NONE,
						     .reason = CRL_REASON_NONE };
	} else if (run.good != NULL) {
		inquiry_complain(inquiry, run.good, "is not about all reasons of revocation");
	} else if (run.delta != NULL && !run.complete) {
		inquiry_complain(inquiry, run.delta,
				 "is a delta, and the complete list that it is for is not at hand");
	} else if (!run.about && run.count > 0) {
		inquiry_complain(inquiry, NULL, "none of the CRLs at hand is by its issuer");
	}
out:
	free((void *)run.crls);
}
