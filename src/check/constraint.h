/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Name constraints of every kind over every certificate below (RFC 5280 sections
 * 4.2.1.10, 6.1.3 (b) (c), 6.1.4 (g)): those of each certificate of the path with the
 * anchor's, and those that the store keeps beside one. A self-issued certificate is
 * exempt, unless it is the last. A constraint of a type that cannot be compared refuses names of
 * that type, and nothing else. Comparisons cost of LIMIT_CONSTRAINT_WORK; what is not done
 * for want of it is search-limit.
 */
#ifndef CHECK_CONSTRAINT_H
#define CHECK_CONSTRAINT_H

struct trial;

void name_constraints_check(const struct trial *trial); /* RULE_NAME_CONSTRAINTS */
void attached_constraints_check(
	const struct trial *trial); /* RULE_STORE_CONSTRAINT: what the store attaches */

#endif
