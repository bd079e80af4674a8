/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What CRLs say of one certificate: RFC 5280 section 6.3.3, with delta CRLs. Where the
 * RFC lets an older list of the same scope aside, ours still counts if it says revoked for
 * good: such an entry may not vanish (section 3.3); the same for one that is no longer fresh. And where
 * every point of a certificate names another issuer of CRLs, a list of the certificate's own
 * issuer, which the RFC would take for good as well, counts for that only.
 */
#ifndef CHECK_CRL_STATUS_H
#define CHECK_CRL_STATUS_H

struct inquiry;

/* Sets status to revoked or good; leaves it as it was, and complains, where there is no answer. */
void crl_status(struct inquiry *inquiry);

#endif
