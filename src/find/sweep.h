/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A walk over all files of a root that looks into them for what stores are made of:
 * PEM certificates anywhere, and at the start of a file the marks of Java's key
 * stores, PKCS#12, NSS's databases and of a single certificate. It stays on the
 * file systems of disks, and enters none twice; links are not followed. Nothing is
 * parsed: what is found may be a test's.
 *
 * It starts threads and ends them before it returns.
 */
#ifndef FIND_SWEEP_H
#define FIND_SWEEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct root;

struct sweep_hit {
	char *path; /* owned; in the root */
	const char *kind;
	size_t count; /* of certificates; 0: not counted */
	uint64_t device, inode;
};

struct sweep {
	struct sweep_hit *hits; /* owned; by path */
	size_t count;
	uint64_t files, bytes; /* that were read */
	uint64_t unread;       /* files and directories that could not be */
};

/* Called now and then from the caller's own thread. */
typedef void sweep_progress(void *user, const struct sweep *so_far);

/* False only if `top`, a directory in the root, cannot be read. `progress` may be NULL. */
bool sweep_run(const struct root *root, const char *top, sweep_progress *progress, void *user,
	       struct sweep *ret, struct err *err);
void sweep_done(struct sweep *sweep);

#endif
