/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The name that is asked for, and whether the target carries it: RFC 9525 (which
 * follows RFC 6125), RFC 5280 section 4.2.1.6. Only subjectAltName counts; the common name
 * never does. A wildcard is the whole first label, stands for exactly one label, and
 * what is behind it is no registry's.
 */
#ifndef CHECK_REFERENCE_H
#define CHECK_REFERENCE_H

#include "check/question.h"

struct arena;
struct err;
struct trial;

/*
 * A DNS name (an IDN in U-labels or A-labels, with or without a trailing dot), an IPv4
 * or IPv6 address (also in brackets), or a mail address. `typed` is borrowed; what is
 * made of it goes into `arena`.
 */
bool reference_read(const char *typed, struct arena *arena, struct reference *ret, struct err *err);

/* Whether a dNSName is `host`, small letters and no trailing dot, or a wildcard for it. */
bool reference_matches_dns(struct bytes presented, struct bytes host);

void name_check(const struct trial *trial); /* RULE_NAME */

#endif
