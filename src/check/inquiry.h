/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The question whether one certificate of a path is revoked, while it is asked: what is
 * known so far, and what was wrong with the evidence that did not help. A signer of
 * evidence that stands outside the path is asked about by an inquiry of its own.
 */
#ifndef CHECK_INQUIRY_H
#define CHECK_INQUIRY_H

#include "base/buf.h"
#include "check/revocation.h"

struct member;
struct path;
struct proof;

struct inquiry {
	const struct trial *trial;
	const struct path *path;   /* the trial's, or that of a signer */
	size_t depth;              /* of the certificate in it; its issuer stands at depth + 1 */
	struct inquiry *needed_by; /* NULL: the trial */
	unsigned others;           /* signers that were asked about for the trial's inquiry */
	struct standing status;
	struct buf why; /* complaints, parted by "; " */
	unsigned complaints;
};

void inquiry_done(struct inquiry *inquiry);

const struct member *inquiry_member(const struct inquiry *inquiry);
const struct member *inquiry_issuer(const struct inquiry *inquiry);

/* Why this proof did not help; at most LIMIT_COMPLAINTS are kept. NULL: no proof in particular. */
void inquiry_complain(struct inquiry *inquiry, const struct proof *proof, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Asks all evidence at hand, and fills `status` but for `why`. Also in revocation.c. */
void inquire(struct inquiry *inquiry);

/*
 * Whether `signer` may speak about the certificate that is asked about: it stands above
 * it in the path, or is proven to the same anchor and not revoked itself (RFC 5280 section
 * 6.3.3 (f)); with REVOCATION_REQUIRE it must be known not to be. If not, that is complained
 * about. Its own evidence counts too, as its CA wanted it so (PKITS 4.14.30), if it does not
 * revoke it.
 */
bool inquiry_vouched(struct inquiry *inquiry, const struct proof *proof, const struct member *signer);

/*
 * Whether the certificate at `depth` of a signer's path is not revoked; with REVOCATION_REQUIRE
 * it must be known. If not, that is complained about.
 */
bool inquiry_unrevoked(struct inquiry *inquiry, const struct proof *proof, const struct path *path,
		       size_t depth);

/* Whether a signature over evidence is good, and made with an algorithm that is not broken. */
enum signed_by { SIGNED_NOT, SIGNED_WEAKLY, SIGNED };
enum signed_by inquiry_signed(struct inquiry *inquiry, struct bytes data, struct bytes algorithm,
			      struct bytes signature, const struct member *signer);

/* Whether the time that is judged by is from this_update to next_update, which may be CLOCK_NONE. */
enum freshness { FRESH, STALE, EARLY };
enum freshness inquiry_fresh(const struct inquiry *inquiry, int64_t this_update, int64_t next_update);

#endif
