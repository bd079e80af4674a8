/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A newer list on its way into stores: read, reviewed against each, held against the
 * bounds, and made into requests of that store alone. Shared by `refresh` and `apply`.
 */
#ifndef CMD_REFRESHING_H
#define CMD_REFRESHING_H

#include "check/roots.h"
#include "cmd/again.h"
#include "cmd/change.h"
#include "cmd/source.h"

enum { MAX_SHRINK = 20 }; /* percent of anchors that a newer list may have less, unless told otherwise */

struct refresh_terms {
	struct source_options source;
	int max_shrink;
	bool allow_older, allow_shrink;
};

/* Zeroed but for the first three; owned but for these. */
struct refreshing {
	struct run *run;
	const struct refresh_terms *terms;
	struct changing *changing; /* whose targets are refreshed */
	struct again again;
	struct source source;
	struct roots roots;
	struct refreshed *all;    /* a store that is refreshed */
	struct reviewed *reviews; /* of each */
	size_t count;
};

/*
 * Reads the list, shows the review of each target, and adds the requests. False: it cannot be, or the list
 * goes backwards, which has been said and shown; *ret is the status.
 */
bool refreshing_request(struct refreshing *refreshing, enum status *ret);
void refreshing_done(struct refreshing *refreshing);

#endif
