/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Certificate policies along a path: RFC 5280 section 6.1 as amended by RFC 9618, with the
 * initial inputs of section 6.1.1 (c) to (g) from the question. What the anchor says of
 * policies counts as well (RFC 5937), except that one without certificatePolicies stands for any.
 */
#ifndef CHECK_POLICY_H
#define CHECK_POLICY_H

#include "base/bytes.h"

struct path;
struct question;
struct trial;

/* The user-constrained policies of a path that passes: OID contents, borrowed from path and question. */
struct policies {
	struct bytes *oids; /* owned; sorted */
	size_t count;
	bool any; /* also any other */
};

void policy_check(const struct trial *trial); /* RULE_POLICY */

/* For -v: under which policies the path is valid; nothing where it fails. */
void policies_of(const struct path *path, const struct question *question, struct policies *ret);
void policies_done(struct policies *policies);

#endif
