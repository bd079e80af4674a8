/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Judges chains against one store: builds candidate paths depth first, holds each
 * against all rules, and returns the verdict with its reasons. Pure: it has no
 * clock, file or socket. One judge serves one thread and many targets; keys, names
 * and proven links are kept from one target to the next. A `struct trust` may be
 * shared by many judges.
 */
#ifndef CHECK_JUDGE_H
#define CHECK_JUDGE_H

#include "check/path.h"
#include "check/reason.h"
#include "check/wish.h"

struct evidence;
struct judge;
struct question;
struct signatures;
struct standing;
struct store;
struct trust;

/*
 * The store as verification asks it: entries by canonical subject, by key, by issuer
 * and serial number. Borrows the store. `with`: every certificate of another store
 * becomes an anchor for every purpose; `without`: an entry is as if absent, and so is what
 * it made distrusted when the store was read; but for purposes without a row, of which that is not known.
 */
struct trust *trust_new(const struct store *store);
void trust_with(struct trust *trust, const struct store *extra);
void trust_without(struct trust *trust, const uint8_t id[]);
void trust_free(struct trust *trust);

/* A certificate that was given: its DER, and where it stood. */
struct given {
	struct bytes der;
	const char *where;
};

/* One candidate path, and what speaks against it: nothing for one that passes. */
struct attempt {
	struct path path;
	struct reasons reasons;
	struct standing *revocation; /* path.count of them, or NULL where it was not looked at */
};

enum judgement { OUTCOME_ACCEPTED, OUTCOME_REJECTED };

struct verdict {
	enum judgement outcome;
	struct attempt *attempts; /* owned; all that were judged, at most LIMIT_ATTEMPTS */
	size_t count;
	size_t tried;               /* candidate paths, also those not kept */
	const struct attempt *best; /* the one that passed, or the one nearest to passing */
	struct wishes wishes;
	unsigned signatures; /* checks that were really made */
	struct arena arena;
};

struct judge *judge_new(const struct trust *trust, const struct question *question,
			const struct evidence *evidence);
void judge_free(struct judge *judge);

/* Certificates for every target: --intermediates. Borrowed until the judge is freed. */
void judge_add(struct judge *judge, const struct given *given, size_t count);

/*
 * The first of `chain` is judged, the others may help. They are borrowed until
 * verdict_done(), and the verdict lives no longer than the judge.
 */
void judge_try(struct judge *judge, const struct given *chain, size_t count, struct verdict *ret);
void verdict_done(struct verdict *verdict);

/* The same, and its memory is for the next verdict of this judge. */
void judge_forget(struct judge *judge, struct verdict *verdict);

/*
 * For rules. judge_proves(): the path by which `signer`, which signs CRLs or OCSP answers,
 * is itself proven up to the anchor of `path`, by all rules but names, purpose, policy,
 * profile and revocation; for the life of the verdict; NULL: it is not.
 */
struct signatures *judge_signatures(struct judge *judge);
const struct trust *judge_trust(const struct judge *judge);
const struct path *judge_proves(struct judge *judge, const struct member *signer, const struct path *path);

/* Evidence was left unchecked for want of a budget: no path is accepted any more. */
void judge_gave_up(struct judge *judge);

/*
 * A certificate by its canonical subject: first those given for all targets, then the store's, and last those
 * that came with the target, who must not crowd out the others. *at starts at 0. NULL: no more.
 */
const struct member *judge_by_subject(struct judge *judge, struct bytes subject, size_t *at);

/* One that was given with this target, or for all, and cannot be read; NULL: all can. */
const struct member *judge_unread(const struct judge *judge);

/* Makes a member of a certificate found elsewhere (in an OCSP answer), for the life of the judge; NULL: it
 * cannot be read. */
const struct member *judge_member(struct judge *judge, const struct given *given);

#endif
