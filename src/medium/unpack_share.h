/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * In processes that unpack one archive together: who reads which of its large
 * members, as layers are. All see the same members in the same order, and each of
 * these goes to whoever has had the least until then, so that all agree without a
 * word and always alike. The first process tells everything else, and where the
 * others have something to say; they are quiet but then. What their parent puts
 * together is what one process would have told.
 */
#ifndef MEDIUM_UNPACK_SHARE_H
#define MEDIUM_UNPACK_SHARE_H

#include <stdbool.h>
#include <stdint.h>

struct unpack;
struct unpack_job;

enum { SHARES = 4 }; /* processes, at most */

struct share {
	unsigned me, of;
	uint64_t load[SHARES]; /* bytes that each has got */
};

/* How many processes the job is worth, by its size and the processors there are. */
unsigned share_count(const struct unpack_job *job);

void share_begin(struct unpack *u, const struct unpack_job *job);

/* Whether a member of the outermost archive is this process's. share_end() stands behind each, taken or not.
 */
bool share_takes(struct unpack *u, uint64_t size);
void share_end(struct unpack *u);

#endif
