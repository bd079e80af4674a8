/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A private directory for files of others, in $TMPDIR, /dev/shm or /tmp, mode
 * 0700. Until scratch_done() the signals that end this process wait
 * (helper_hold()), so that nothing is left behind.
 */
#ifndef MEDIUM_SCRATCH_H
#define MEDIUM_SCRATCH_H

#include <stdbool.h>

struct bytes;
struct err;

struct scratch {
	int fd; /* of the directory; from 3 on */
	char *path;
};

enum { SCRATCH_PLACES = 3 };

/* In the first place that will do from *place on, which begins at 0 and is moved: where one is full, the next
 * may do. */
bool scratch_make_from(unsigned *place, struct scratch *ret, struct err *err);
bool scratch_make(struct scratch *ret, struct err *err); /* in the first */
/* A new file in it, readable by its owner. */
bool scratch_file(const struct scratch *scratch, const char *name, struct bytes content, struct err *err);

void scratch_empty(int dir, const char *name); /* removes a directory with all that is in it */
void scratch_done(struct scratch *scratch);    /* removes all; zeroed memory is fine */

#endif
