/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which certificates a CRL speaks about: RFC 5280 section 6.3.3 (b), and the entry that is
 * meant by a certificate, section 5.3.3.
 */
#ifndef CHECK_CRL_SCOPE_H
#define CHECK_CRL_SCOPE_H

#include "model/crl.h"

struct member;
struct proof;

/*
 * The point that stands for CRLs which a certificate does not name: its issuer's names, all
 * reasons (section 6.3.3, behind the steps). `zeroed` but for reasons.
 */
extern const struct distribution_point point_default;

/* Step (b) (1): the CRL is by whom it should be for this point. */
bool crl_scope_issuer(const struct proof *proof, const struct distribution_point *point,
		      const struct member *member);

/* Whether all points of the certificate say that another than its issuer issues the CRLs about it. */
bool crl_scope_delegated(const struct member *member);

/* Step (b) (2): NULL, or a clause why the CRL says nothing of this certificate. */
const char *crl_scope_excludes(const struct crl *crl, const struct distribution_point *point,
			       const struct member *member);

/* The entry about a certificate; of several one that is no removal. */
bool crl_scope_find(const struct proof *proof, const struct member *member, struct crl_entry *ret);

#endif
