/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The state of each certificate of a path, by the CRLs (RFC 5280 section 6.3) and OCSP
 * answers (RFC 6960) that are at hand. Unreachable is unknown, never revoked. The anchor
 * has no state.
 */
#ifndef CHECK_REVOCATION_H
#define CHECK_REVOCATION_H

#include <stdbool.h>
#include <stdint.h>

struct proof;
struct trial;

enum revocation_state { STATE_NOT_CHECKED, STATE_GOOD, STATE_UNKNOWN, STATE_REVOKED };

struct standing {
	enum revocation_state state;
	const struct proof *by; /* the CRL or answer that says it; NULL: none */
	int64_t when;           /* of the revocation; CLOCK_NONE */
	int64_t suspect; /* since when it is known or suspected to be bad (invalidityDate); CLOCK_NONE */
	int reason;      /* CRLReason, -1: not said */
	bool useless;    /* unknown, and there was evidence that did not help: `why` tells */
	const char *why; /* of an unknown state: what was missing or wrong, in words; in the reasons' arena */
};

void revocation_check(const struct trial *trial);  /* RULE_REVOCATION */
void must_staple_check(const struct trial *trial); /* RULE_MUST_STAPLE, RFC 7633 */

#endif
