/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The store as verification asks it, made by trust_new() of check/judge.h. It does
 * not change while it is asked, so that threads may share it; what a judge makes of
 * an entry (its member, its key) is the judge's own.
 *
 * Distrust of a certificate spreads here to every certificate with its key, or with
 * its issuer and serial number, which the store may have never seen: a cross-sign of
 * a distrusted key does not pass.
 */
#ifndef CHECK_TRUST_H
#define CHECK_TRUST_H

#include "base/arena.h"
#include "check/index.h"

struct anchor;
struct member;
struct question;
struct store;

struct trust_entry {
	const struct anchor *anchor;
	struct bytes subject, issuer; /* canonical; empty where no certificate was readable */
	bool absent;                  /* as if the store had it not */
};

struct trust {
	const struct store *store;
	struct trust_entry *entries; /* owned */
	size_t count, room;
	struct index by_id, by_subject;
	struct index bad_keys, bad_bits, bad_serials; /* of entries that distrust something */
	int64_t newest_start; /* the latest notBefore of its anchors; CLOCK_NONE: there are none */
	int64_t newest_end;   /* the latest notAfter */
	size_t anchors;       /* certificates that are trusted for something */
	struct arena arena;
};

/* What the store says of exactly this certificate; NULL: nothing. */
const struct anchor *trust_says(const struct trust *trust, const uint8_t id[]);

/* The next entry with a certificate of this canonical subject; *at starts at 0. Or NULL. */
const struct trust_entry *trust_by_subject(const struct trust *trust, struct bytes subject, size_t *at);

enum trust_why { TRUST_BY_CERTIFICATE, TRUST_BY_KEY, TRUST_BY_ISSUER_SERIAL };

/* The entry that distrusts a certificate for what is asked, and by what; NULL: none. */
const struct anchor *trust_distrusts(const struct trust *trust, const struct member *member,
				     const struct question *question, enum trust_why *ret_why);

/* The canonical form of a name, or its bytes where it has none, appended to the arena. */
struct bytes trust_name(struct arena *arena, struct bytes name);

#endif
