/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Whether the clock, not the certificate, is why dates do not fit. Asked only where one
 * does not, and never where a person gave the time. The clock is told as wrong where it
 * stands, by more than a day,
 *
 * - before this program was built, or before the latest start of an anchor of the
 *   store: both were there already;
 * - before the start of a certificate of the chain, while the kernel says that nothing
 *   keeps the clock: it, or else the certificate, comes from the future;
 * - after the end of every anchor of a store of ten or more, or thirty years after
 *   the build: no store is left to rot that long.
 *
 * It does not say what the time is.
 */
#ifndef CHECK_CLOCK_DOUBT_H
#define CHECK_CLOCK_DOUBT_H

struct trial;

void clock_doubt_check(const struct trial *trial); /* part of RULE_VALIDITY */

#endif
