/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the system's tools make of its sources: what is changed in such a file alone, they take back. */
#ifndef CMD_GENERATED_H
#define CMD_GENERATED_H

#include "cmd/cmd.h"
#include "model/staged.h"

/* Zeroed at first; the system is staged when it is first asked, and not again. */
struct generated {
	struct staged staged;
	bool looked;
	bool failed; /* the system is known and could not be staged: what it makes is not known */
};

/* Whether the file or directory `path` of the root is made so; false too where the system cannot be read. */
bool generated_has(struct generated *generated, const struct run *run, const char *path);
void generated_done(struct generated *generated);

#endif
