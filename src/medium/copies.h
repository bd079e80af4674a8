/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Some files of a trust directory, copied to a private directory of ours, so
 * that p11-kit reads what we opened inside the root, and no more than that: an
 * absolute link in a root would lead it to the host's file. The names stay.
 *
 * From copies_make() to copies_done() the signals that end this process wait
 * (helper_hold()), so that nothing is left behind.
 */
#ifndef MEDIUM_COPIES_H
#define MEDIUM_COPIES_H

#include "medium/trustdir.h"

struct copies {
	int fd; /* of the directory; from 3 on */
	char *path;
};

/*
 * `count` of the files from `first` on. What cannot be read is left out: it will
 * be among the files that made no object.
 */
bool copies_make(const struct trustdir *from, size_t first, size_t count, struct copies *ret,
		 struct err *err);
void copies_done(struct copies *copies); /* removes all; zeroed memory is fine */

#endif
