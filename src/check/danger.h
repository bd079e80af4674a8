/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What speaks against making a certificate a trust anchor: the table of warnings of
 * `add`. Pure: the clock, the other stores and the tables of known keys are given.
 * It judges the certificate and where it came from, not who sent it: only comparing the
 * fingerprint does that.
 */
#ifndef CHECK_DANGER_H
#define CHECK_DANGER_H

#include <stdbool.h>
#include <stdint.h>

#include "model/warning.h"

struct known;
struct roots;
struct store;

/* A certificate that is to be an anchor, and all that is known of how it came. */
struct candidate {
	const struct anchor *anchor; /* with the purposes and constraints that it is to have */
	const struct store
		*source;    /* what the file held: other certificates, notes of private keys; or NULL */
	const char *file;   /* or NULL: standard input */
	const char *shared; /* how others than its owner may change the file (medium/shared.h); NULL: they may
			       not */
	const struct store *const *stores; /* what the stores of this host say now */
	size_t store_count;
	const struct store *const *lists; /* and public lists: NSS's, certifi's, a package's; may be none */
	size_t list_count;
	const struct roots *roots; /* the table of Mozilla's roots; NULL: none */
	const struct known *known; /* the table of known-bad keys and certificates; NULL: none */
	int64_t at;
};

extern const struct warning_row dangers[]; /* ends with a row whose code is NULL; for help and the manual */

/*
 * Adds what is found to `ret`, gravest first; texts borrow nothing. Of a request of several
 * certificates it is called once for each, with the same list; what is said of their file has
 * no anchor and is added once. The anchor must be a certificate.
 */
void danger_find(const struct candidate *candidate, struct warnings *ret);

#endif
