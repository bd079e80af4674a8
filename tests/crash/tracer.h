/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Runs a function in a process of its own and follows its system calls, and those of
 * the processes it starts, by ptrace(2): to kill all of them at the n-th step, each
 * call being two (its beginning and its end), or to let calls that write fail.
 */
#ifndef CRASH_TRACER_H
#define CRASH_TRACER_H

#include <stdbool.h>

enum { TRACER_NEVER = -1 };

struct tracer_plan {
	long kill_at;  /* the step at which everything is killed, from 0; TRACER_NEVER */
	long fail_at;  /* the writing call that fails, from 0; TRACER_NEVER */
	int fail_with; /* errno */
	bool for_good; /* and all writing calls behind it */
};

struct tracer_run {
	long steps, writes; /* how many there were */
	bool killed;        /* by us */
	int status;         /* its own, if it was not killed; -1: it died of a signal */
};

/* False: there is no ptrace here. */
bool tracer_run(int (*run)(void *data), void *data, const struct tracer_plan *plan, struct tracer_run *ret);

/* Whether calls can be made to fail on this machine. */
bool tracer_can_fail(void);

#endif
