/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The table of roots that are or were in Mozilla's program (data/roots.tsv), read from
 * its text: why another's list may have dropped one, and what is another's at all.
 */
#ifndef CHECK_ROOTS_H
#define CHECK_ROOTS_H

#include "base/bytes.h"
#include "model/store.h"

struct err;

struct root_row {
	uint8_t id[ID_LEN];
	char *last; /* owned; the last known version of the built-in list that has it; NULL: it is in it still
		     */
	char *until;               /* owned; the last known day in Mozilla's source, or NULL */
	int64_t distrust_after[2]; /* for PURPOSE_SERVER_AUTH, PURPOSE_EMAIL; or CLOCK_NONE */
	bool servers;              /* that list trusts it for TLS servers */
	char *name;                /* owned */
};

struct roots {
	struct root_row *all; /* owned; by id */
	size_t count;
};

/* False names the line that is not understood. Free with roots_done(), also then. */
bool roots_read(struct bytes text, struct roots *ret, struct err *err);
const struct root_row *roots_find(const struct roots *roots, const uint8_t id[ID_LEN]); /* or NULL */
void roots_done(struct roots *roots);

#endif
