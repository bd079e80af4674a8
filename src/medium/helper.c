/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "medium/helper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/limits.h"
#include "base/mem.h"

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0 /* a sanitizer's shadow needs more address space than any limit */
#endif

int64_t helper_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static const struct rlimit *at_most(rlim_t most, struct rlimit *now)
{
	if (now->rlim_max > most)
		now->rlim_max = most;
	now->rlim_cur = now->rlim_max;
	return now;
}

static void fence(pid_t parent, size_t memory)
{
	struct rlimit now;

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	/* 1 and not 0: only that keeps a core_pattern that is a pipe from being called (fs/coredump.c). */
	if (getrlimit(RLIMIT_CORE, &now) == 0)
		setrlimit(RLIMIT_CORE, at_most(1, &now));
	if (getrlimit(RLIMIT_CPU, &now) == 0)
		setrlimit(RLIMIT_CPU, at_most(LIMIT_TOKEN_CPU, &now));
	if (!SANITIZED && getrlimit(RLIMIT_AS, &now) == 0)
		setrlimit(RLIMIT_AS, at_most(memory > 0 ? memory : LIMIT_TOKEN_MEMORY, &now));
}

/* The parent's handlers are in this process too. */
static void forget_signals(void)
{
	sigset_t none;

	for (int i = 1; i < NSIG; i++)
		signal(i, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static void close_between(int first, int last)
{
	if (first > last)
		return;
#ifdef SYS_close_range
	if (syscall(SYS_close_range, (unsigned)first, (unsigned)last, 0) == 0)
		return;
#endif
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur <= (rlim_t)last)
		last = (int)files.rlim_cur;
	for (int fd = first; fd <= last && fd < 1 << 16; fd++)
		close(fd);
}

static int by_number(const void *a, const void *b)
{
	int x = *(const int *)a, y = *(const int *)b;

	return (x > y) - (x < y);
}

static void close_others(const struct helper_job *job, int out)
{
	int *keep = mem_zero((job->keep_count + 1) * sizeof(*keep)), from = 3;

	if (job->keep_count > 0)
		memcpy(keep, job->keep, job->keep_count * sizeof(*keep));
	keep[job->keep_count] = out;
	qsort(keep, job->keep_count + 1, sizeof(*keep), by_number);
	for (size_t i = 0; i <= job->keep_count; i++) {
		close_between(from, keep[i] - 1);
		from = keep[i] + 1;
	}
	close_between(from, INT32_MAX);
	free(keep);
}

static _Noreturn void child(const struct helper_job *job, pid_t parent, int out, int words)
{
	int null = open("/dev/null", O_RDONLY);

	fence(parent, job->memory);
	forget_signals();
	if (null >= 0)
		dup2(null, 0);
	else
		close(0);
	/* A module that prints on standard output must not print into a listing. */
	dup2(words, 1);
	dup2(words, 2);
	close_others(job, out);
	job->run(job->arg, out);
	_exit(0);
}

/* Both ends from 3 on, so that a parent with closed standard descriptors is no trap. */
static bool pipe_above(int ret[2])
{
	int fd[2];

	if (pipe2(fd, O_CLOEXEC) != 0)
		return false;
	for (int i = 0; i < 2; i++)
		ret[i] = fd_above(fd[i]);
	return ret[0] >= 0 && ret[1] >= 0;
}

bool helper_start(const struct helper_job *job, struct helper *ret, struct err *err)
{
	int out[2] = { -1, -1 }, words[2] = { -1, -1 };
	pid_t parent = getpid();

	*ret = (struct helper){
		.pid = -1, .out = -1, .words = -1, .until = helper_now() + LIMIT_TOKEN_ALL_MS
	};
	if (!pipe_above(out) || !pipe_above(words) || (ret->pid = fork()) < 0) {
		err_set(err, ERR_SYSTEM, "cannot start a helper process: %s", strerror(errno));
		for (int i = 0; i < 2; i++) {
			if (out[i] >= 0)
				close(out[i]);
			if (words[i] >= 0)
				close(words[i]);
		}
		return false;
	}
	if (ret->pid == 0)
		child(job, parent, out[1], words[1]);
	close(out[1]);
	close(words[1]);
	ret->out = out[0];
	ret->words = words[0];
	fcntl(ret->words, F_SETFL, O_NONBLOCK);
	return true;
}

void helper_listen(struct helper *helper)
{
	char room[4096];
	ssize_t n = -1;

	while (helper->words >= 0 &&
	       ((n = read(helper->words, room, sizeof(room))) > 0 || (n < 0 && errno == EINTR))) {
		size_t left = LIMIT_TOKEN_WORDS - helper->said.len, len = n > 0 ? (size_t)n : 0;

		helper->said_more |= len > left;
		buf_bytes(&helper->said, (struct bytes){ (const uint8_t *)room, len > left ? left : len });
		if (helper->said_more)
			break; /* who prints without end is not listened to without end */
	}
	if (n == 0) {
		close(helper->words);
		helper->words = -1;
	}
}

static unsigned holds;
static sigset_t held_before;

/* Only who holds them answers for them: others may have been started with signals blocked. */
static bool stop_pending(void)
{
	static const int stops[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction action;
	sigset_t pending;

	if (holds == 0)
		return false;
	sigpending(&pending);
	/* Linux keeps a blocked signal pending even where it is ignored, as nohup(1) has it. */
	for (size_t i = 0; i < sizeof(stops) / sizeof(stops[0]); i++)
		if (sigismember(&pending, stops[i]) == 1 && sigaction(stops[i], NULL, &action) == 0 &&
		    action.sa_handler != SIG_IGN)
			return true;
	return false;
}

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* What there is to read of one. False: nothing, or it was interrupted. */
static bool read_some(const struct helper *helper, struct buf *to, enum helper_got *ret)
{
	enum { STEP = 1 << 16 };
	ssize_t n = read(helper->out, buf_room(to, STEP), STEP);

	if (n < 0 && errno == EINTR)
		return false;
	to->len += n > 0 ? (size_t)n : 0;
	*ret = n > 0 ? HELPER_MORE : HELPER_CLOSED;
	return true;
}

enum helper_got helper_read_any(struct helper *const *helpers, struct buf *const *to, size_t count,
				int wait_ms, size_t *ret_which)
{
	enum { BLINK = 200 };
	int64_t until = helper_now() + wait_ms;
	enum helper_got got;

	for (size_t i = 0; i < count; i++)
		until = least(until, helpers[i]->until);
	for (;;) {
		struct pollfd fds[2 * HELPERS];
		int64_t left = until - helper_now();

		for (size_t i = 0; i < count; i++) {
			fds[2 * i] = (struct pollfd){ .fd = helpers[i]->out, .events = POLLIN };
			fds[2 * i + 1] = (struct pollfd){ .fd = helpers[i]->words, .events = POLLIN };
		}
		if (stop_pending())
			return HELPER_STOPPED;
		if (left <= 0)
			return HELPER_SILENT;
		if (poll(fds, 2 * count, (int)least(left, BLINK)) <= 0)
			continue;
		for (size_t i = 0; i < count; i++)
			if (fds[2 * i + 1].revents != 0)
				helper_listen(helpers[i]);
		for (size_t i = 0; i < count; i++)
			if (fds[2 * i].revents != 0 && read_some(helpers[i], to[i], &got)) {
				*ret_which = i;
				return got;
			}
	}
}

enum helper_got helper_read(struct helper *helper, struct buf *to, int wait_ms)
{
	size_t which;

	return helper_read_any(&helper, &to, 1, wait_ms, &which);
}

/* Whether it ended by itself; it stays a zombie, so that its number is not given to another. */
static bool is_gone(const struct helper *helper)
{
	siginfo_t info = { .si_pid = 0 };
	int got = waitid(P_PID, (id_t)helper->pid, &info, WEXITED | WNOHANG | WNOWAIT);

	return got != 0 ? errno != EINTR : info.si_pid == helper->pid;
}

void helper_end(struct helper *helper, bool gently)
{
	struct timespec step = { .tv_nsec = 100000 };
	pid_t got;

	if (helper->pid <= 0 || helper->ended)
		return;
	for (int64_t until = helper_now() + 1000; gently && !is_gone(helper) && helper_now() < until;)
		nanosleep(&step, NULL);
	helper->killed = !is_gone(helper);
	kill(-helper->pid, SIGKILL); /* with what it started itself */
	kill(helper->pid, SIGKILL);
	do
		got = waitpid(helper->pid, &helper->status, 0);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		helper->status = -1; /* who ignores SIGCHLD has no children to ask for */
	helper->ended = true;
	helper_listen(helper);
}

void helper_fate(const struct helper *helper, struct buf *to)
{
	if (helper->killed || helper->status == -1)
		buf_text(to, "was stopped");
	else if (WIFSIGNALED(helper->status))
		buf_print(to, "died of signal %d (%s)", WTERMSIG(helper->status),
			  strsignal(WTERMSIG(helper->status)));
	else
		buf_print(to, "ended the process with status %d", WEXITSTATUS(helper->status));
}

void helper_done(struct helper *helper)
{
	if (helper->pid <= 0)
		return;
	helper_end(helper, false);
	close(helper->out);
	if (helper->words >= 0)
		close(helper->words);
	buf_done(&helper->said);
	*helper = (struct helper){ .pid = -1, .out = -1, .words = -1 };
}

void helper_hold(void)
{
	sigset_t stop;

	if (holds++ > 0)
		return;
	sigemptyset(&stop);
	sigaddset(&stop, SIGINT);
	sigaddset(&stop, SIGTERM);
	sigaddset(&stop, SIGHUP);
	sigprocmask(SIG_BLOCK, &stop, &held_before);
}

void helper_release(void)
{
	if (--holds == 0)
		sigprocmask(SIG_SETMASK, &held_before, NULL);
}
