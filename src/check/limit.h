/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a CA is to be limited to by the store, as people type it: DNS names, networks and
 * mail addresses, made into a nameConstraints extension (RFC 5280 section 4.2.1.10), critical,
 * that is attached to the anchor. Of DNS names and addresses, a kind that was not named is
 * forbidden altogether: who permits example.com does not mean every IP address too.
 * Mail addresses are free unless some are permitted, since a purpose says that better.
 */
#ifndef CHECK_LIMIT_H
#define CHECK_LIMIT_H

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct err;

struct limit {
	const char *const *dns; /* "example.com": it and all below; a leading "*." or "." is taken off */
	size_t dns_count;
	const char *const *networks; /* "10.0.0.0/8", "2001:db8::/32", "192.0.2.7" */
	size_t network_count;
	const char *const
		*mail; /* "joe@example.com", "example.com" (its mailboxes), ".example.com" (below) */
	size_t mail_count;
};

bool limit_any(const struct limit *limit);

/* Appends the Extension, with tag and length. False: a text is no such name (ERR_USAGE). */
bool limit_write(const struct limit *limit, struct buf *to, struct err *err);

#endif
