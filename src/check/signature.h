/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Signatures, made by GnuTLS: keys are imported once, and what was found out about a
 * pair of certificate and issuer's key is remembered. Each check that is really
 * made costs one of the budget; an answer from memory is free. Whether an algorithm
 * is strong enough is another rule's business (RULE_STRENGTH): MD5 is checked too.
 */
#ifndef CHECK_SIGNATURE_H
#define CHECK_SIGNATURE_H

#include "base/bytes.h"

struct algorithm;
struct member;
struct signatures;

enum signature_answer {
	SIGNATURE_GOOD,
	SIGNATURE_BAD,
	SIGNATURE_UNSUPPORTED, /* GnuTLS does not know the algorithm or the key */
	SIGNATURE_BUDGET,      /* no more checks are allowed: not known */
};

/* `budget`: how many may really be made. */
struct signatures *signatures_new(unsigned budget);
void signatures_refill(struct signatures *signatures, unsigned budget); /* for the next target */
void signatures_allow(struct signatures *signatures, unsigned more);    /* for the same target */
void signatures_free(struct signatures *signatures);
unsigned signatures_made(const struct signatures *signatures); /* since it was refilled */
bool signatures_refused(const struct signatures *signatures);  /* one was, since then, for want of budget */

/* The certificate's own signature, by the key of `issuer`. */
enum signature_answer signature_of(struct signatures *signatures, const struct member *member,
				   const struct member *issuer);

/*
 * A signature over any bytes (a CRL's tbsCertList, an OCSP's tbsResponseData): `algorithm`
 * is the contents of the AlgorithmIdentifier, `signature` without the count of unused bits.
 * Remembered by where the data lie and the signer's key: hashing a large CRL once per
 * target would cost more than all else. The data stay where they are for the judge's life.
 */
enum signature_answer signature_over(struct signatures *signatures, struct bytes data, struct bytes algorithm,
				     struct bytes signature, const struct member *signer);

/* The contents of an AlgorithmIdentifier, as read before: valid until the next call. */
const struct algorithm *signature_algorithm(struct signatures *signatures, struct bytes contents);

#endif
