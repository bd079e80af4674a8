/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A candidate for a certification path (RFC 5280 section 6.1): from the certificate
 * that is judged, at 0, to the one that is to be trusted, at count - 1. The trust
 * anchor is a member like the others, as its extensions and what the store attaches
 * to it are rules too. A path that found no anchor ends with the last issuer that
 * was there, and says so.
 */
#ifndef CHECK_PATH_H
#define CHECK_PATH_H

#include <stdbool.h>
#include <stddef.h>

struct member;

struct path {
	const struct member **at; /* borrowed members; the array is the builder's */
	size_t count;             /* at least 1 */
	bool anchored;            /* the last one is a trust anchor */
};

#endif
