/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "change/program.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "change/write.h"
#include "medium/helper.h"

enum { BLINK_MS = 100, ROOM = 4096 };

/* Its standard input, which can be read without anybody writing; -1 on failure. */
static int input_of(struct bytes input, struct err *err)
{
	int fd = memfd_create("input", MFD_CLOEXEC);

	if (fd < 0) {
		write_failed(err, "make", "its input");
		return -1;
	}
	if (!write_all(fd, "its input", input, err) || lseek(fd, 0, SEEK_SET) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

/* Signals wait in this process, and must not in that one. */
static int start(const char *path, int input, int output, pid_t *ret)
{
	static char *const environment[] = {
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root",
		"LANG=C.UTF-8", NULL
	};
	char *const words[] = { (char *)(uintptr_t)path, NULL };
	posix_spawn_file_actions_t files;
	posix_spawnattr_t how;
	sigset_t none, all;
	int why;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawnattr_init(&how);
	posix_spawnattr_setsigmask(&how, &none);
	posix_spawnattr_setsigdefault(&how, &all);
	posix_spawnattr_setpgroup(&how, 0);
	posix_spawnattr_setflags(&how,
				 POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, input, 0);
	posix_spawn_file_actions_adddup2(&files, output, 1);
	posix_spawn_file_actions_adddup2(&files, output, 2);
	posix_spawn_file_actions_addchdir_np(&files, "/");
	why = posix_spawn(ret, path, &files, &how, words, environment);
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&how);
	return why;
}

/* What is there now. False: there will be no more. */
static bool listen(int fd, struct buf *said)
{
	uint8_t room[ROOM];
	ssize_t n;

	while ((n = read(fd, room, sizeof(room))) > 0) {
		size_t left = said->len < LIMIT_RUN_WORDS ? LIMIT_RUN_WORDS - said->len : 0;

		buf_bytes(said, (struct bytes){ room, (size_t)n < left ? (size_t)n : left });
	}
	return n < 0 && (errno == EAGAIN || errno == EINTR);
}

/* Until it ends, and not until what it left running lets go of its output. */
static bool await(pid_t pid, int output, struct buf *said, int *ret_status)
{
	int64_t until = helper_now() + LIMIT_RUN_MS;
	bool more = true;
	pid_t got;

	while ((got = waitpid(pid, ret_status, WNOHANG)) == 0 && helper_now() < until) {
		struct pollfd poll_for = { .fd = more ? output : -1, .events = POLLIN };

		poll(&poll_for, 1, more ? BLINK_MS : BLINK_MS / 10);
		more = more && listen(output, said);
	}
	if (got == 0) {
		kill(-pid, SIGKILL);
		waitpid(pid, ret_status, 0);
	}
	listen(output, said);
	return got != 0;
}

bool program_run(const char *path, struct bytes input, struct buf *ret_said, struct err *err)
{
	int in = input_of(input, err), out[2] = { -1, -1 }, status = 0, why;
	bool ok = in >= 0;
	pid_t pid;

	if (ok && pipe2(out, O_CLOEXEC) != 0)
		ok = write_failed(err, "make", "its output");
	if (ok && (why = start(path, in, out[1], &pid)) != 0)
		ok = err_set(err, ERR_SYSTEM, "it cannot be run: %s", strerror(why));
	if (out[1] >= 0)
		close(out[1]);
	if (in >= 0)
		close(in);
	if (ok) {
		fcntl(out[0], F_SETFL, O_NONBLOCK);
		ok = await(pid, out[0], ret_said, &status) ||
		     err_set(err, ERR_LIMIT, "it was stopped after %d seconds", LIMIT_RUN_MS / 1000);
	}
	if (ok && WIFSIGNALED(status))
		ok = err_set(err, ERR_SYSTEM, "it died of signal %d", WTERMSIG(status));
	if (ok && WEXITSTATUS(status) != 0)
		ok = err_set(err, ERR_SYSTEM, "it ended with status %d", WEXITSTATUS(status));
	if (out[0] >= 0)
		close(out[0]);
	return ok;
}
