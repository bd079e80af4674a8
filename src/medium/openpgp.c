/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "medium/openpgp.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"

enum { WORDS = 600, STATUS = 16384 };

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

/* Its standard output is `output`, and what it says is what it complains of. */
static int run(const char *program, char *const argv[], int output, char words[WORDS])
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
	posix_spawn_file_actions_adddup2(&actions, output >= 0 ? output : fds[1], 1);
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

/* A line of gpgv's status (GnuPG's doc/DETAILS): whether it is there. */
static bool says(const char *status, const char *word)
{
	char *line = mem_print("[GNUPG:] %s ", word);
	const char *at = status;
	bool found = false;

	while (!found && (at = strstr(at, line)) != NULL) {
		found = at == status || at[-1] == '\n';
		at++;
	}
	free(line);
	return found;
}

/*
 * gpgv(1) ends well for a signature that has expired, or whose key has expired or was revoked: only its
 * status tells. sqv(1) refuses a revoked key, and takes what it says was signed before its key expired.
 */
static bool is_good(int output, struct err *err)
{
	static const struct {
		const char *word, *text;
	} bad[] = {
		{ "REVKEYSIG", "its key was revoked" },
		{ "EXPKEYSIG", "its key has expired" },
		{ "EXPSIG", "it has expired" },
	};
	char status[STATUS] = "";
	ssize_t len = pread(output, status, sizeof(status) - 1, 0);

	status[len > 0 ? len : 0] = '\0';
	if (says(status, "GOODSIG"))
		return true;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (says(status, bad[i].word))
			return err_set(
				err, ERR_USAGE,
				"the signature does not count, since %s; nothing of the source was used: "
				"ask for one by a valid key",
				bad[i].text);
	return err_set(err, ERR_DAMAGED,
		       "gpgv does not say that the signature is good; nothing of the source was used");
}

static bool verify(const char *program, char *const argv[], int output, struct err *err)
{
	char words[WORDS];

	if (run(program, argv, output, words) == 0)
		return output < 0 || is_good(output, err);
	return err_set(err, ERR_DAMAGED,
		       "the signature does not hold, says %s: %s; nothing of the source was used", program,
		       words);
}

bool openpgp_verify(const char *data, const char *signature, const char *keyring, struct err *err)
{
	static char name[] = "openpgp", ring[] = "--keyring", status[] = "--status-fd", one[] = "1";
	char *program = find_program("gpgv"), *argv[8] = { name, ring };
	int output = -1, n = 2;
	bool ok = true;

	argv[n++] = mem_print("%s", keyring);
	if (program == NULL) {
		program = find_program("sqv");
	} else {
		argv[n++] = status;
		argv[n++] = one;
		output = memfd_create("status", MFD_CLOEXEC);
		ok = output >= 0 || err_set(err, ERR_SYSTEM, "memfd: %s", strerror(errno));
	}
	argv[n++] = mem_print("%s", signature);
	argv[n++] = mem_print("%s", data);
	if (ok && program == NULL)
		ok = err_set(
			err, ERR_ABSENT,
			"no program here checks OpenPGP signatures; install gpgv or sqv, or compare a digest "
			"with --sha256");
	ok = ok && verify(program, argv, output, err);
	free(argv[2]);
	free(argv[n - 2]);
	free(argv[n - 1]);
	free(program);
	if (output >= 0)
		close(output);
	return ok;
}
