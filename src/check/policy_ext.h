/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a certificate says of policies: certificatePolicies, policyMappings,
 * policyConstraints and inhibitAnyPolicy (RFC 5280 sections 4.2.1.4, 4.2.1.5, 4.2.1.11,
 * 4.2.1.14), read strictly. OIDs are contents, borrowed from the certificate.
 */
#ifndef CHECK_POLICY_EXT_H
#define CHECK_POLICY_EXT_H

#include "base/bytes.h"

struct cert;

struct policy_mapping {
	struct bytes issuer, subject;
};

/* Skipped certificates that are more than any path has. */
#define POLICY_NEVER UINT32_MAX

struct policy_ext {
	bool present;       /* certificatePolicies is there */
	bool any;           /* and anyPolicy in it */
	struct bytes *oids; /* owned; the others, sorted, no two alike */
	size_t count;
	bool unknown_qualifier;          /* one that RFC 5280 does not name */
	struct policy_mapping *mappings; /* owned; sorted by issuer, then subject */
	size_t mapping_count;
	uint32_t require_explicit, inhibit_mapping, inhibit_any; /* POLICY_NEVER: not said */
};

bool policy_any(struct bytes oid);                              /* whether it is anyPolicy, 2.5.29.32.0 */
int policy_order(const struct bytes *a, const struct bytes *b); /* for qsort and bsearch */

/* False: one cannot be read, and *ret_why says which and how. Free it in any case. */
bool policy_ext_read(const struct cert *cert, struct policy_ext *ret, const char **ret_why);
void policy_ext_done(struct policy_ext *ext);

#endif
