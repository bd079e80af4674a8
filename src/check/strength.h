/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How long keys must be, by GnuTLS's security parameter medium; what RULE_STRENGTH and others hold them
 * against. */
#ifndef CHECK_STRENGTH_H
#define CHECK_STRENGTH_H

struct key;

/* The bits that a key has too few of: the least for its kind. 0: it is long enough, or not known. */
unsigned strength_lacks(const struct key *key);

#endif
