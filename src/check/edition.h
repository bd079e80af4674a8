/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which of two editions of a list is the older, by what their publisher calls them:
 * "20230311+deb12u1", "2026.05.20", "2.92", "2025-05-20". Only editions of one
 * publisher's list can be compared.
 */
#ifndef CHECK_EDITION_H
#define CHECK_EDITION_H

/*
 * Negative: `a` is older; 0: they are the same; else newer. By the rules of Debian's
 * policy, section 5.6.12, of which numbers parted by dots, and dates, are a case.
 */
int edition_compare(const char *a, const char *b);

#endif
