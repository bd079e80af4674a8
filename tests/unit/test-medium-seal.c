/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a sealed process can do, and what not. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "medium/seal.h"

/* Whether `deed` is true in a process of its own that is sealed. */
static bool sealed(bool (*deed)(int))
{
	int status = -1, out = open("/dev/null", O_RDWR);
	pid_t pid = fork();

	if (pid == 0) {
		seal_process();
		_exit(deed(out) ? 0 : 1);
	}
	assert_true(pid > 0 && out >= 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	close(out);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status) == 0;
}

static bool computes(int out)
{
	struct timespec now;
	char *room = malloc(1 << 24), byte = 0;
	bool ok = room != NULL && clock_gettime(CLOCK_MONOTONIC, &now) == 0 && write(out, "x", 1) == 1 &&
		  read(out, &byte, 1) == 0;

	free(room);
	return ok;
}

static bool opens(int out)
{
	(void)out;
	return open("/dev/null", O_RDONLY) >= 0;
}

static bool creates(int out)
{
	(void)out;
	return open("/tmp/anchorage-sealed", O_WRONLY | O_CREAT, 0600) >= 0;
}

static bool duplicates(int out)
{
	return dup(out) >= 0;
}

static bool connects(int out)
{
	(void)out;
	return socket(AF_UNIX, SOCK_STREAM, 0) >= 0;
}

static void it_computes_with_what_is_open(void **state)
{
	(void)state;
	assert_true(sealed(computes));
}

static void it_opens_nothing(void **state)
{
	(void)state;
	assert_false(sealed(opens));
	assert_false(sealed(creates));
	assert_false(sealed(duplicates));
	assert_false(sealed(connects));
}

#if (defined(__x86_64__) || defined(__aarch64__)) && !defined(__SANITIZE_ADDRESS__)
#define CALLS_TOO
#endif
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#undef CALLS_TOO
#endif
#endif

#ifdef CALLS_TOO
static bool kills(int out)
{
	(void)out;
	return kill(getppid(), 0) == 0;
}

static bool removes(int out)
{
	(void)out;
	return rmdir("/nonexistent") == 0 || errno != EPERM;
}

static bool runs_what_it_wrote(int out)
{
	(void)out;
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) !=
	       MAP_FAILED;
}

static bool makes_processes(int out)
{
	(void)out;
	return fork() >= 0;
}

static void it_reaches_no_other_process(void **state)
{
	(void)state;
	assert_false(sealed(kills));
	assert_false(sealed(removes));
	assert_false(sealed(runs_what_it_wrote));
	assert_false(sealed(makes_processes));
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_computes_with_what_is_open),
		cmocka_unit_test(it_opens_nothing),
#ifdef CALLS_TOO
		cmocka_unit_test(it_reaches_no_other_process),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
