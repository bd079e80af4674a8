/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where a CA says that its CRLs are, and which CRL is meant: cRLDistributionPoints of a
 * certificate (RFC 5280 section 4.2.1.13), and the name in issuingDistributionPoint of a
 * CRL (section 5.2.5). Borrowed.
 */
#ifndef MODEL_DISTRIBUTION_POINT_H
#define MODEL_DISTRIBUTION_POINT_H

#include "base/bytes.h"

/* ReasonFlags as a set of their bits' numbers, but for bit 0, which is unused. */
enum { CRL_REASONS_ALL = 0x1fe };
bool crl_reasons_read(struct bytes bits, uint16_t *ret); /* contents of the BIT STRING */

/* DistributionPointName: one of both; neither where there is no name. */
struct point_name {
	struct bytes full; /* contents of GeneralNames */
	struct bytes
		relative; /* a RelativeDistinguishedName, contents of its SET, behind the issuer's name */
};

/* `body`: what is in its explicit tag. */
bool point_name_read(struct bytes body, struct point_name *ret);

static inline bool point_name_given(const struct point_name *name)
{
	return name->full.len > 0 || name->relative.len > 0;
}

struct distribution_point {
	struct point_name name;
	uint16_t reasons;     /* all where it does not say */
	struct bytes issuers; /* cRLIssuer, contents of GeneralNames; empty: the certificate's issuer */
};

/*
 * The next of a certificate's extension, `value` being extnValue's contents; *at starts at 0
 * and is moved. False at the end, and where it is none.
 */
bool distribution_point_next(struct bytes value, size_t *at, struct distribution_point *ret);

#endif
