/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "medium/openpgp.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"

enum { WORDS = 600 };

/* Root's PATH may be anybody's. */
static char *find_program(const char *name)
{
	static const char *const directories[] = { "/usr/bin", "/bin", "/usr/local/bin" };

	for (size_t i = 0; i < sizeof(directories) / sizeof(directories[0]); i++) {
		char *path = mem_print("%s/%s", directories[i], name);

		if (access(path, X_OK) == 0)
			return path;
		free(path);
	}
	return NULL;
}

/* What it said, up to the end of what is kept; the rest is read too, so that it can end. */
static size_t hear(int fd, char words[WORDS])
{
	char rest[256] = "";
	size_t len = 0;

	for (;;) {
		bool keep = len < WORDS - 1;
		ssize_t n = read(fd, keep ? words + len : rest, keep ? WORDS - 1 - len : sizeof(rest));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		len += keep ? (size_t)n : 0;
	}
	while (len > 0 && words[len - 1] == '\n')
		len--;
	words[len] = '\0';
	for (size_t i = 0; i < len; i++)
		if (words[i] == '\n')
			words[i] = ' ';
	return len;
}

static int run(const char *program, char *const argv[], char words[WORDS])
{
	static char locale[] = "LC_ALL=C", path[] = "PATH=/usr/bin:/bin";
	char *const environment[] = { locale, path, NULL };
	posix_spawn_file_actions_t actions;
	int fds[2], failed, status = -1;
	pid_t pid;

	words[0] = '\0';
	if (pipe2(fds, O_CLOEXEC) != 0)
		return -1;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, fds[1], 1);
	posix_spawn_file_actions_adddup2(&actions, fds[1], 2);
	failed = posix_spawn(&pid, program, &actions, NULL, argv, environment);
	posix_spawn_file_actions_destroy(&actions);
	close(fds[1]);
	if (failed == 0) {
		hear(fds[0], words);
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
	}
	close(fds[0]);
	return status;
}

bool openpgp_verify(const char *data, const char *signature, const char *keyring, struct err *err)
{
	static char name[] = "openpgp", option[] = "--keyring";
	char *program = find_program("sqv"), *argv[6] = { name, option }, words[WORDS];
	int status;

	if (program == NULL)
		program = find_program("gpgv");
	if (program == NULL)
		return err_set(
			err, ERR_ABSENT,
			"no program here checks OpenPGP signatures; install gpgv or sqv, or compare a digest "
			"with --sha256");
	argv[2] = mem_print("%s", keyring);
	argv[3] = mem_print("%s", signature);
	argv[4] = mem_print("%s", data);
	status = run(program, argv, words);
	for (int i = 2; i <= 4; i++)
		free(argv[i]);
	if (status != 0)
		err_set(err, ERR_DAMAGED,
			"the signature does not hold, says %s: %s; nothing of the source was used", program,
			words);
	free(program);
	return status == 0;
}
