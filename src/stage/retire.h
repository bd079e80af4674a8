/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which anchor goes on which day, since another has taken its place; one line each:
 *
 *	2027-01-01T00:00:00Z TAB old-sha256 TAB new-sha256 TAB store [TAB store]...
 *
 * The stager keeps the file: target.label is a line to be added, or NULL: lines that are
 * due by terms.at go. It knows nothing of the stores.
 */
#ifndef STAGE_RETIRE_H
#define STAGE_RETIRE_H

#include "base/texts.h"
#include "stage/stager.h"

extern const struct stager stager_retire;

struct retirement {
	int64_t on;
	char old[65], new[65]; /* hex, NUL-terminated */
	struct texts stores;
};

struct retirements {
	struct retirement *all;
	size_t count;
};

/* A file that is not there has none. False: a line is not understood. */
bool retirements_read(const struct root *root, const char *path, struct retirements *ret, struct err *err);
void retirements_done(struct retirements *retirements);

#endif
