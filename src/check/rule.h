/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The rules a path is held against, one row each: RFC 5280 section 6.1 and what
 * stands beside it. A rule looks at the whole path and adds its reasons; it does not
 * stop the others, so that an expired leaf under an unknown CA is told as both.
 * Rules are pure: the clock, the name and all evidence are in the trial.
 *
 * To add one: an enum, a row in rules[] of rule.c, a function in the file of its
 * matter, a case in tests/chains that triggers it and its nearest neighbour that does
 * not. tests/chains/mutate.sh switches each off and expects a case to fail.
 */
#ifndef CHECK_RULE_H
#define CHECK_RULE_H

#include "base/bytes.h"

struct evidence;
struct judge;
struct path;
struct question;
struct reasons;
struct standing;
struct wishes;

enum rule_id {
	RULE_READABLE,
	RULE_VALIDITY,
	RULE_SIGNATURE,
	RULE_ANCHORED,
	RULE_BASIC_CONSTRAINTS,
	RULE_PATH_LENGTH,
	RULE_MAX_DEPTH,
	RULE_KEY_USAGE,
	RULE_PURPOSE,
	RULE_STORE_PURPOSE,
	RULE_STORE_CONSTRAINT,
	RULE_DISTRUST,
	RULE_DISTRUST_AFTER,
	RULE_CRITICAL,
	RULE_STRENGTH,
	RULE_NAME,
	RULE_NAME_CONSTRAINTS,
	RULE_POLICY,
	RULE_PROFILE,
	RULE_STRICT,
	RULE_REVOCATION,
	RULE_MUST_STAPLE,
	RULE_ROWS,
};

/* One candidate path under trial. */
struct trial {
	const struct question *question;
	const struct evidence *evidence;
	const struct path *path;
	struct judge *judge;     /* services: signatures, proofs of other signers, budgets */
	struct reasons *reasons; /* against it */
	struct wishes *wishes;   /* evidence that is missing */
	struct standing
		*revocation; /* of each certificate of the path, path->count of them; see revocation.h */
	size_t *work;        /* comparisons of names made for this target; NULL: not shared by paths */
};

struct rule {
	const char *name;   /* a word, for the table of rules and tests, and for -vv */
	const char *source; /* where it is written */
	void (*check)(const struct trial *trial);
};
extern const struct rule rules[RULE_ROWS];

#endif
