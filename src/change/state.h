/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The directory in which anchorage keeps its history, and the lock that makes
 * changes one after the other: /var/lib/anchorage in the root, or with --user
 * $XDG_STATE_HOME/anchorage. It holds "lock" and "journal/"; only its owner may look
 * into the latter, since key stores are kept there as they were.
 *
 * Reading (history, --dry-run) makes nothing and locks nothing.
 */
#ifndef CHANGE_STATE_H
#define CHANGE_STATE_H

#include <stdbool.h>

struct err;
struct root;
struct stager;

#define STATE_PATH "/var/lib/anchorage"

struct state {
	const struct root *root; /* borrowed */
	char *path;              /* owned; in the root */
	int dir, journal;        /* -1: there is none */
	int lock, tool_lock;     /* -1: not locked */
};

/*
 * STATE_PATH, or with `user` what is this user's own on the host, by the XDG Base
 * Directory Specification: $XDG_STATE_HOME/anchorage, ~/.local/state/anchorage. Yours;
 * NULL: the user has none.
 */
char *state_path(const struct root *root, bool user, struct err *err);

/*
 * `path` in the root; a missing directory is made only if `make`. True without a directory if
 * there is none and none was to be made. A directory that others may write, or that is not ours, is an error.
 * Free with state_done().
 */
bool state_open(const struct root *root, const char *path, bool make, struct state *ret, struct err *err);

/* Called when a lock is held or the distribution's tool runs, once for each holder: "update-ca-certificates
 * (process 77)". */
typedef void state_waits(void *data, const char *holder);

/*
 * Our own lock; the lock file of each of the systems' stagers; and until no process of
 * their tools runs. Each is waited for up to LIMIT_LOCK_MS. What is locked already stays so.
 */
bool state_lock(struct state *state, const struct stager *system, state_waits *waits, void *data,
		struct err *err);

/* Whether the distribution's tool runs now, and may have read what was there before: then stage again when it
 * has ended. */
bool state_tool_runs(const struct state *state, const struct stager *system);

void state_done(struct state *state); /* unlocks too */

#endif
