/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a chain case expects of a verdict, and what was found out instead, as TAP's comments. */
#ifndef CHAINS_EXPECT_H
#define CHAINS_EXPECT_H

#include <stdbool.h>
#include <stddef.h>

struct verdict;

/* Each reason is one that is expected, and each that is expected is there: none for "accepted". */
bool expected(const char *const *expect, size_t count, const struct verdict *verdict);
void expect_tell(const struct verdict *verdict);

#endif
