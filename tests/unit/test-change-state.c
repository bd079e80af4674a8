/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tree.h"

#include "base/err.h"
#include "base/mem.h"
#include "base/texts.h"
#include "change/database.h"
#include "change/process.h"
#include "stage/stager.h"

static void pause_ms(long ms)
{
	const struct timespec span = { .tv_nsec = ms * 1000000 };

	nanosleep(&span, NULL);
}

static unsigned mode_of(const struct tree *tree, const char *path)
{
	char *full = mem_print("%s%s", tree->top, path);
	struct stat st;

	assert_int_equal(stat(full, &st), 0);
	free(full);
	return st.st_mode & 07777;
}

static void it_is_made_so_that_only_its_owner_reads_what_was_kept(void **state)
{
	const struct tree *tree = *state;

	assert_int_equal(mode_of(tree, STATE_PATH) & 022, 0);
	assert_int_equal(mode_of(tree, STATE_PATH "/journal"), 0700);
	assert_int_equal(mode_of(tree, STATE_PATH "/lock"), 0600);
}

static void looking_makes_nothing(void **state)
{
	struct tree *tree = *state;
	struct state other;
	struct err err;

	assert_true(state_open(&tree->root, "/var/lib/none", false, &other, &err));
	assert_int_equal(other.dir, -1);
	assert_int_equal(other.journal, -1);
	assert_false(root_has(&tree->root, "/var/lib/none"));
	state_done(&other);
}

static void one_that_others_may_write_is_refused(void **state)
{
	struct tree *tree = *state;
	struct state other;
	struct err err;

	tree_run(tree, "chmod o+w var/lib/anchorage");
	assert_false(state_open(&tree->root, STATE_PATH, true, &other, &err));
	assert_non_null(strstr(err.text, "others may write"));
	state_done(&other);
	tree_run(tree, "chmod o-w var/lib/anchorage; chmod 770 var/lib/anchorage/journal");
	assert_false(state_open(&tree->root, STATE_PATH, false, &other, &err));
	state_done(&other);
	tree_run(tree, "chmod 700 var/lib/anchorage/journal");
}

static void one_of_another_user_is_refused(void **state)
{
	struct tree *tree = *state;
	struct state other;
	struct err err;

	if (geteuid() != 0)
		skip();
	tree_run(tree, "chown 1234 var/lib/anchorage");
	assert_false(state_open(&tree->root, STATE_PATH, true, &other, &err));
	assert_non_null(strstr(err.text, "1234"));
	state_done(&other);
}

static void a_lock_that_is_no_file_of_ours_is_left_alone(void **state)
{
	static const char *const bad[] = { "ln passwd lock", "ln -s passwd lock", "mkfifo lock",
					   "mkdir lock" };
	struct tree *tree = *state;
	struct err err = { 0 };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct state other;

		tree_run(tree, "cd var/lib/anchorage && rm -rf lock passwd && echo root >passwd && %s",
			 bad[i]);
		assert_true(state_open(&tree->root, STATE_PATH, true, &other, &err));
		assert_false(state_lock(&other, NULL, NULL, NULL, &err));
		state_done(&other);
		tree_run(tree, "[ \"$(cat var/lib/anchorage/passwd)\" = root ]");
	}
}

static void told(void *data, const char *holder)
{
	texts_add(data, holder);
}

static void a_second_waits_and_is_told_for_whom(void **state)
{
	struct tree *tree = *state;
	struct texts holders = { 0 };
	struct state other;
	struct err err = { 0 };
	char *expected;
	int ready[2];
	pid_t pid;

	tree_close(tree);
	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (pid == 0) {
		tree_open(tree);
		(void)!write(ready[1], "x", 1);
		pause_ms(300);
		_exit(0);
	}
	assert_int_equal(read(ready[0], &(char){ 0 }, 1), 1);
	assert_true(state_open(&tree->root, STATE_PATH, true, &other, &err));
	assert_true(state_lock(&other, NULL, told, &holders, &err));
	expected = mem_print("anchorage (process %d)", (int)pid);
	assert_int_equal(holders.count, 1);
	assert_string_equal(holders.all[0], expected);
	free(expected);
	texts_done(&holders);
	state_done(&other);
	waitpid(pid, NULL, 0);
	close(ready[0]);
	close(ready[1]);
	tree_open(tree);
}

static void the_lock_of_the_distributions_tool_is_waited_for(void **state)
{
	const struct stager system = { .name = "test",
				       .tool = "no-such-tool-runs",
				       .lock = "/run/tool.lock" };
	struct tree *tree = *state;
	struct texts holders = { 0 };
	struct err err = { 0 };
	char *lock;
	int ready[2];
	pid_t pid;

	assert_true(state_lock(&tree->state, &system, NULL, NULL, &err)); /* there is no such file */
	tree_file(tree, "/run/tool.lock", "", 0644);
	lock = mem_print("%s/run/tool.lock", tree->top);
	assert_int_equal(pipe(ready), 0);
	tree_close(tree); /* or the other process has our lock too */
	pid = fork();
	if (pid == 0) {
		int fd = open(lock, O_RDONLY);

		if (flock(fd, LOCK_EX) == 0)
			(void)!write(ready[1], "x", 1);
		pause_ms(200);
		_exit(0);
	}
	assert_int_equal(read(ready[0], &(char){ 0 }, 1), 1);
	assert_true(state_open(&tree->root, STATE_PATH, true, &tree->state, &err));
	assert_true(state_lock(&tree->state, &system, told, &holders, &err));
	assert_int_equal(holders.count, 1);
	assert_non_null(strstr(holders.all[0], "no-such-tool-runs"));
	texts_done(&holders);
	waitpid(pid, NULL, 0);
	close(ready[0]);
	close(ready[1]);
	free(lock);
}

/* A script: its name is the second word, as the kernel has it. Started with the tree as its root. */
static pid_t start_tool(const struct tree *tree, const char *name, bool inside)
{
	pid_t pid = fork();

	if (pid == 0) {
		char *words[] = { (char *)(uintptr_t) "/sh", (char *)(uintptr_t)name, NULL };

		if (inside && (chroot(tree->top) != 0 || chdir("/") != 0))
			_exit(1);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (inside)
			execv("/sleep", words);
		else
			execl("/bin/sh", "sh", "-c", "sleep 5", name, (char *)NULL);
		_exit(1);
	}
	pause_ms(200);
	return pid;
}

static void a_tool_is_seen_where_its_root_is_ours_only(void **state)
{
	struct tree *tree = *state;
	struct root host;
	struct err err;
	char *who = NULL;
	pid_t pid;

	if (geteuid() != 0)
		skip();
	/* A static program without libraries: it waits for a signal. */
	tree_run(tree, "printf 'int main(void){for(;;)__builtin_ia32_pause();}' >x.c; "
		       "cc -static -o sleep x.c 2>/dev/null || rm -f sleep");
	if (!root_has(&tree->root, "/sleep"))
		skip();
	pid = start_tool(tree, "/usr/sbin/update-test-tool", true);
	assert_true(process_runs(&tree->root, "update-test-tool", &who));
	assert_non_null(strstr(who, "update-test-tool (process "));
	assert_true(root_open(NULL, &host, &err));
	assert_false(process_runs(&host, "update-test-tool", NULL));
	root_done(&host);
	free(who);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	assert_false(process_runs(&tree->root, "update-test-tool", NULL));
}

/* Or whoever is on the host could keep root from changing anything. */
static void a_tool_of_another_user_is_not_waited_for(void **state)
{
	const struct tree *tree = *state;
	char *script = mem_print("%s/update-test-other", tree->top);
	struct root host;
	struct err err;

	tree_file(tree, "/update-test-other", "sleep 5\n:\n", 0755);
	if (geteuid() != 0)
		skip();
	assert_true(root_open(NULL, &host, &err));
	for (unsigned other = 0; other < 3; other++) {
		pid_t pid = fork();

		if (pid == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			if (other == 1 && setuid(65534) != 0)
				_exit(1);
			if (other == 2) /* as the kernel starts a script that begins with "#!/bin/sh -e" */
				execl("/bin/sh", "/bin/sh", "-e", script, (char *)NULL);
			execl("/bin/sleep", "/usr/sbin/update-test-other", "5", (char *)NULL);
			_exit(1);
		}
		pause_ms(200);
		assert_int_equal(process_runs(&host, "update-test-other", NULL), other != 1);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	root_done(&host);
	free(script);
}

static void a_database_that_somebody_has_open_or_locked_is_busy(void **state)
{
	struct tree *tree = *state;
	struct err err = { 0 };
	char *path = mem_print("%s/db", tree->top);
	int dir = open(tree->top, O_RDONLY | O_DIRECTORY), fd, ready[2];
	pid_t pid;

	tree_file(tree, "/db", "SQLite format 3", 0600);
	fd = database_lock(dir, "db", "/db", &err);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (pid == 0) {
		int open_too = open(path, O_RDONLY);

		(void)!write(ready[1], open_too >= 0 ? "x" : "", 1);
		pause();
		_exit(0);
	}
	assert_int_equal(read(ready[0], &(char){ 0 }, 1), 1);
	assert_int_equal(database_lock(dir, "db", "/db", &err), -1);
	assert_int_equal(err.code, ERR_BUSY);
	assert_non_null(strstr(err.text, "close that first"));
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	tree_file(tree, "/db-wal", "x", 0600);
	assert_int_equal(database_lock(dir, "db", "/db", &err), -1);
	assert_non_null(strstr(err.text, "/db-wal"));
	close(ready[0]);
	close(ready[1]);
	close(dir);
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, tree_begin, tree_end)
		TEST(it_is_made_so_that_only_its_owner_reads_what_was_kept),
		TEST(looking_makes_nothing),
		TEST(one_that_others_may_write_is_refused),
		TEST(one_of_another_user_is_refused),
		TEST(a_lock_that_is_no_file_of_ours_is_left_alone),
		TEST(a_tool_of_another_user_is_not_waited_for),
		TEST(a_second_waits_and_is_told_for_whom),
		TEST(the_lock_of_the_distributions_tool_is_waited_for),
		TEST(a_tool_is_seen_where_its_root_is_ours_only),
		TEST(a_database_that_somebody_has_open_or_locked_is_busy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
