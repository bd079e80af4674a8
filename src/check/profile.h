/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Holds a path against the rows of check/lint.h. question->lints_off leaves rows out, by their
 * number; it exists for the test that each row is needed.
 */
#ifndef CHECK_PROFILE_H
#define CHECK_PROFILE_H

struct trial;

void profile_check(const struct trial *trial); /* RULE_PROFILE */
void strict_check(const struct trial *trial);  /* RULE_STRICT */

#endif
