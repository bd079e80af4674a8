/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Instants are seconds since 1970-01-01T00:00:00Z without leap seconds, as
 * int64_t. clock_now() is the only place that asks for the time; everything
 * else is told.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include "base/bytes.h"

#define CLOCK_NONE INT64_MIN /* no instant: not said, not set */
enum { CLOCK_TEXT = 32 };

int64_t clock_now(void);

/* The kernel says that nothing keeps its clock right (adjtimex(2), STA_UNSYNC). False where it says nothing.
 */
bool clock_unsynchronised(void);

/*
 * The instant of a date of the Gregorian calendar, years 0 to 9999. False if
 * there is no such day or time; second 60 is refused, as X.509 does not use it.
 */
bool clock_from(int year, int month, int day, int hour, int minute, int second, int64_t *ret);

/* RFC 3339 ("2026-11-23T09:00:00Z", with offset), a date, or Unix seconds with or without "@". */
bool clock_read(const char *text, int64_t *ret);

void clock_text(int64_t at, char ret[CLOCK_TEXT]); /* RFC 3339, UTC; "-" for CLOCK_NONE */
void clock_date(int64_t at, char ret[CLOCK_TEXT]); /* its first ten characters */

#endif
