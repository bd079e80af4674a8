/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tracer.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stddef.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__x86_64__) && defined(__LP64__)
#define CAN_FAIL 1
#else
#define CAN_FAIL 0
#endif

enum { MOST = 16 };

struct traced {
	pid_t pid;
	bool within; /* a call has begun */
	bool fails;  /* and is to fail */
};

struct tracer {
	const struct tracer_plan *plan;
	struct tracer_run *run;
	struct traced all[MOST];
	size_t count;
	pid_t first;
};

bool tracer_can_fail(void)
{
	return CAN_FAIL;
}

static struct traced *find(struct tracer *t, pid_t pid)
{
	for (size_t i = 0; i < t->count; i++)
		if (t->all[i].pid == pid)
			return &t->all[i];
	if (t->count == MOST)
		return NULL;
	t->all[t->count] = (struct traced){ .pid = pid };
	return &t->all[t->count++];
}

static void forget(struct tracer *t, pid_t pid)
{
	for (size_t i = 0; i < t->count; i++)
		if (t->all[i].pid == pid)
			t->all[i] = t->all[--t->count];
}

static void kill_all(const struct tracer *t)
{
	for (size_t i = 0; i < t->count; i++)
		kill(t->all[i].pid, SIGKILL);
}

#if CAN_FAIL
/* Calls that change what is on a disk, or put it there. */
static bool writes(const struct user_regs_struct *regs)
{
	switch (regs->orig_rax) {
	case SYS_write:
	case SYS_pwrite64:
	case SYS_fsync:
	case SYS_syncfs:
	case SYS_renameat:
	case SYS_renameat2:
	case SYS_rename:
	case SYS_mkdirat:
	case SYS_symlinkat:
	case SYS_linkat:
	case SYS_unlinkat:
	case SYS_fchmod:
	case SYS_fchown:
	case SYS_fchownat:
	case SYS_fsetxattr:
	case SYS_utimensat:
	case SYS_ftruncate:
		return true;
	case SYS_openat:
		return (regs->rdx & O_ACCMODE) != O_RDONLY;
	default:
		return false;
	}
}

static void begin_call(struct tracer *t, struct traced *who)
{
	struct user_regs_struct regs;

	if (ptrace(PTRACE_GETREGS, who->pid, NULL, &regs) != 0 || !writes(&regs))
		return;
	if (t->plan->fail_at != TRACER_NEVER && (t->run->writes == t->plan->fail_at ||
						 (t->plan->for_good && t->run->writes > t->plan->fail_at))) {
		regs.orig_rax = (unsigned long long)-1;
		who->fails = ptrace(PTRACE_SETREGS, who->pid, NULL, &regs) == 0;
	}
	t->run->writes++;
}

static void end_call(struct tracer *t, struct traced *who)
{
	struct user_regs_struct regs;

	if (!who->fails || ptrace(PTRACE_GETREGS, who->pid, NULL, &regs) != 0)
		return;
	regs.rax = (unsigned long long)-(long long)t->plan->fail_with;
	ptrace(PTRACE_SETREGS, who->pid, NULL, &regs);
	who->fails = false;
}
#else
static void begin_call(struct tracer *t, struct traced *who)
{
	(void)t;
	(void)who;
}

static void end_call(struct tracer *t, struct traced *who)
{
	(void)t;
	(void)who;
}
#endif

/* One stop of one process; the signal that it is to go on with. */
static int stop(struct tracer *t, struct traced *who, int status)
{
	int signal = WSTOPSIG(status);
	unsigned long child;

	if (signal == (SIGTRAP | 0x80)) {
		if (t->run->steps++ == t->plan->kill_at) {
			t->run->killed = true;
			kill_all(t);
			return 0;
		}
		if (who->within)
			end_call(t, who);
		else
			begin_call(t, who);
		who->within = !who->within;
		return 0;
	}
	/* Of ptrace itself: the news of a new process, and its beginning. */
	if (status >> 16 != 0 && ptrace(PTRACE_GETEVENTMSG, who->pid, NULL, &child) == 0)
		find(t, (pid_t)child);
	return signal == SIGTRAP || signal == SIGSTOP ? 0 : signal;
}

static void follow(struct tracer *t)
{
	int status;
	pid_t pid;

	while (t->count > 0 && ((pid = waitpid(-1, &status, __WALL)) > 0 || errno == EINTR)) {
		struct traced *who = find(t, pid);
		int signal;

		if (WIFSTOPPED(status)) {
			signal = who != NULL ? stop(t, who, status) : 0;
			ptrace(PTRACE_SYSCALL, pid, NULL, signal);
			continue;
		}
		if (pid == t->first)
			t->run->status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
		forget(t, pid);
	}
}

bool tracer_run(int (*run)(void *data), void *data, const struct tracer_plan *plan, struct tracer_run *ret)
{
	const long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
			     PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL;
	struct tracer t = { .plan = plan, .run = ret };
	int status;

	*ret = (struct tracer_run){ .status = -1 };
	fflush(NULL);
	t.first = fork();
	if (t.first == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
			_exit(99);
		raise(SIGSTOP);
		_exit(run(data));
	}
	if (t.first < 0 || waitpid(t.first, &status, 0) != t.first || !WIFSTOPPED(status))
		return false;
	find(&t, t.first);
	if (ptrace(PTRACE_SETOPTIONS, t.first, NULL, options) != 0) {
		kill(t.first, SIGKILL);
		waitpid(t.first, &status, 0);
		return false;
	}
	ptrace(PTRACE_SYSCALL, t.first, NULL, 0);
	follow(&t);
	return true;
}
