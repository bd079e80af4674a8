/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A process for code that may crash, hang, print or exit: forked, fenced by
 * limits, with nothing open but what it is given, killed when its parent dies.
 * It answers in bytes over a pipe; what it prints is kept aside. Not a sandbox:
 * it has the rights of its parent.
 *
 * The parent must have no other threads. Times in milliseconds.
 */
#ifndef MEDIUM_HELPER_H
#define MEDIUM_HELPER_H

#include <sys/types.h>

#include "base/buf.h"

struct err;

struct helper {
	pid_t pid;
	int out, words;     /* our ends of the pipes */
	struct buf said;    /* what it printed, up to LIMIT_TOKEN_WORDS */
	bool said_more;     /* and more than that */
	bool ended, killed; /* reaped; by us */
	int status;         /* of waitpid(2), -1 if nobody knows it */
	int64_t until;      /* end of its life */
};

struct helper_job {
	void (*run)(const void *arg, int out); /* in the helper; its return ends it */
	const void *arg;
	const int *keep; /* descriptors from 3 on that stay open in it */
	size_t keep_count;
	size_t memory; /* of its address space; 0: LIMIT_TOKEN_MEMORY */
};

int64_t helper_now(void); /* a clock that only goes forward */

bool helper_start(const struct helper_job *job, struct helper *ret, struct err *err);

enum helper_got {
	HELPER_MORE,    /* bytes were appended */
	HELPER_CLOSED,  /* there will be no more */
	HELPER_SILENT,  /* it said nothing for `wait_ms`, or lived for LIMIT_TOKEN_ALL_MS */
	HELPER_STOPPED, /* a signal that is to end this process is pending: see helper_hold() */
};
enum helper_got helper_read(struct helper *helper, struct buf *to, int wait_ms);

/* The same of several, up to HELPERS: of the one that *ret_which says, unless all were silent. */
enum { HELPERS = 4 };
enum helper_got helper_read_any(struct helper *const *helpers, struct buf *const *to, size_t count,
				int wait_ms, size_t *ret_which);

void helper_listen(struct helper *helper); /* what it has printed up to now */

/*
 * Ends it, whatever it does, and waits for it. `gently` leaves it a second to
 * end by itself, so that the status is its own.
 */
void helper_end(struct helper *helper, bool gently);

/* How it ended, in words: "died of signal 6 (Aborted)". */
void helper_fate(const struct helper *helper, struct buf *to);

void helper_done(struct helper *helper); /* kills it where need be; zeroed memory is fine */

/*
 * Between these two SIGINT, SIGTERM and SIGHUP wait, for who has something to
 * clean up; helper_read() tells HELPER_STOPPED then. Calls nest.
 */
void helper_hold(void);
void helper_release(void);

#endif
