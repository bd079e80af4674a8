/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What separates two hosts, or one at two times: inventories of several stores,
 * compared store by store, by name. Borrows both.
 */
#ifndef CHECK_HOSTS_H
#define CHECK_HOSTS_H

#include <stdbool.h>

#include "check/diff.h"

enum host_kind {
	HOST_ADDED,
	HOST_REMOVED,
	HOST_CHANGED,
	HOST_UNREAD_BEFORE, /* on one side it could not be read: nothing is compared */
	HOST_UNREAD_NOW,
};

struct host_change {
	enum host_kind kind;
	const struct store *store; /* the newer, or the one that went */
	struct diff diff;          /* of HOST_CHANGED */
};

struct hosts {
	struct host_change *all; /* owned; by name; stores that are equal are left out */
	size_t count;
	size_t same;   /* stores that are equal in everything, or could not be read on either side */
	size_t unread; /* changes that are not known, for that */
};

/* `wanted` as for diff_stores(). */
void hosts_diff(const struct store *before, const struct store *after, const struct wanted *wanted,
		struct hosts *ret);
void hosts_done(struct hosts *hosts);

#endif
