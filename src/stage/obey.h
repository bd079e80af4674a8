/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Requests made true in trust directories. The first folder is the administrator's
 * and is changed; the others are the distribution's and are only looked at: what
 * they have is forbidden where it is to go, and what they forbid stays so. Plain
 * trust is a PEM file in anchors/, trust with limits one .p11-kit file that has
 * certificate and limits together, distrust a file in blocklist/.
 */
#ifndef STAGE_OBEY_H
#define STAGE_OBEY_H

#include <stdbool.h>
#include <stddef.h>

struct err;
struct folder;
struct requests;
struct staged;
struct store;

/* One outcome for each request. False: a file could not be changed as it would have to be. */
bool obey_requests(struct folder *folders, size_t count, const struct requests *requests,
		   struct staged *staged, struct err *err);

/*
 * Holds the outcomes against what p11-kit says of the result: what it will not do is
 * OUTCOME_CANNOT. `bundles`: what is no CA does not get into them, which is said.
 */
void obey_check(const struct store *result, const struct requests *requests, bool bundles,
		struct staged *staged);

#endif
