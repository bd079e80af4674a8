/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/root.h"
#include "change/replace.h"
#include "model/edit.h"

enum { MANY = 8 }; /* files of a directory, each synced by itself */

struct scratch {
	char top[32];
	struct root root;
};

static int begin(void **state)
{
	struct scratch *s = mem_zero(sizeof(*s));
	struct err err;

	strcpy(s->top, "/tmp/anchorage-test-XXXXXX");
	if (mkdtemp(s->top) == NULL || !root_open(s->top, &s->root, &err))
		return -1;
	*state = s;
	return 0;
}

static int end(void **state)
{
	struct scratch *s = *state;
	char command[64];
	int rc;

	root_done(&s->root);
	snprintf(command, sizeof(command), "rm -rf %s", s->top);
	rc = system(command);
	free(s);
	return rc;
}

static char *full(const struct scratch *s, const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", s->top, name);
	return path;
}

static void assert_holds(const struct scratch *s, const char *name, const char *content)
{
	struct buf got = { 0 };
	struct err err;

	assert_true(root_read(&s->root, name, &got, &err));
	assert_int_equal(got.len, strlen(content));
	assert_memory_equal(got.at, content, got.len);
	buf_done(&got);
}

static unsigned files_in(const struct scratch *s, const char *name)
{
	DIR *dir = opendir(full(s, name));
	unsigned count = 0;

	assert_non_null(dir);
	while (readdir(dir) != NULL)
		count++;
	closedir(dir);
	return count - 2;
}

static void a_new_file_appears_whole_and_leaves_nothing_beside_it(void **state)
{
	const struct scratch *s = *state;
	struct err err;

	assert_true(replace_file(&s->root, "new", bytes_of("content"), false, &err));
	assert_holds(s, "new", "content");
	assert_int_equal(files_in(s, "."), 1);
}

static void what_is_there_stays_unless_overwriting_is_asked_for(void **state)
{
	const struct scratch *s = *state;
	struct err err;

	assert_true(replace_file(&s->root, "file", bytes_of("old"), false, &err));
	assert_false(replace_file(&s->root, "file", bytes_of("new"), false, &err));
	assert_int_equal(err.code, ERR_USAGE);
	assert_holds(s, "file", "old");
	assert_int_equal(files_in(s, "."), 1);
	assert_true(replace_file(&s->root, "file", bytes_of("new"), true, &err));
	assert_holds(s, "file", "new");
}

static void mode_and_attributes_of_the_old_file_are_kept(void **state)
{
	const struct scratch *s = *state;
	char value[16] = "";
	struct stat st;
	struct err err;
	bool attributes;

	assert_true(replace_file(&s->root, "file", bytes_of("old"), false, &err));
	assert_int_equal(chmod(full(s, "file"), 0640), 0);
	attributes = setxattr(full(s, "file"), "user.note", "kept", 4, 0) == 0;
	assert_true(replace_file(&s->root, "file", bytes_of("new"), true, &err));
	assert_int_equal(stat(full(s, "file"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	if (attributes) {
		assert_int_equal(getxattr(full(s, "file"), "user.note", value, sizeof(value)), 4);
		assert_string_equal(value, "kept");
	}
}

static void what_cannot_be_opened_to_take_after_is_not_replaced(void **state)
{
	enum { NOBODY = 65534 };
	const struct scratch *s = *state;
	bool as_root = geteuid() == 0;
	struct stat st;
	struct err err;
	bool ok;

	assert_true(replace_file(&s->root, "file", bytes_of("old"), false, &err));
	assert_int_equal(chmod(full(s, "file"), 0200), 0);
	if (as_root) { /* who may open everything */
		assert_int_equal(chown(s->top, NOBODY, NOBODY), 0);
		assert_int_equal(chown(full(s, "file"), NOBODY, NOBODY), 0);
		assert_int_equal(seteuid(NOBODY), 0);
	}
	ok = replace_file(&s->root, "file", bytes_of("new"), true, &err);
	if (as_root)
		assert_int_equal(seteuid(0), 0);
	assert_false(ok);
	assert_non_null(strstr(err.text, "cannot keep the owner and mode of 'file'"));
	assert_int_equal(stat(full(s, "file"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0200);
	assert_int_equal(files_in(s, "."), 1);
}

static void a_link_out_of_the_root_is_not_followed(void **state)
{
	const struct scratch *s = *state;
	struct err err;

	assert_int_equal(symlink("/", full(s, "out")), 0);
	assert_int_equal(symlink("/etc/hostname", full(s, "link")), 0);
	/* "out" leads to the root itself: the file lands inside it. */
	assert_true(replace_file(&s->root, "out/inside", bytes_of("x"), false, &err));
	assert_holds(s, "inside", "x");
	/* A link that is overwritten is replaced, its target is not touched. */
	assert_true(replace_file(&s->root, "link", bytes_of("y"), true, &err));
	assert_holds(s, "link", "y");
}

static void a_fifo_a_device_or_a_directory_is_never_replaced(void **state)
{
	const struct scratch *s = *state;
	struct stat st;
	struct err err;

	assert_int_equal(mkfifo(full(s, "fifo"), 0600), 0);
	assert_int_equal(mkdir(full(s, "dir"), 0700), 0);
	assert_false(replace_file(&s->root, "fifo", bytes_of("x"), true, &err));
	assert_int_equal(err.code, ERR_USAGE);
	assert_int_equal(stat(full(s, "fifo"), &st), 0);
	assert_true(S_ISFIFO(st.st_mode));
	assert_false(replace_file(&s->root, "dir", bytes_of("x"), true, &err));
	assert_int_equal(files_in(s, "."), 2);
}

static void fill(struct edits *edits, const char *content)
{
	buf_text(&edits_add(edits, EDIT_FILE, "a.pem")->content, content);
	edits_add(edits, EDIT_LINK, "00000000.0")->target = mem_string("a.pem", 5);
}

static void a_new_directory_is_there_whole_or_not_at_all(void **state)
{
	const struct scratch *s = *state;
	struct edits good = { 0 }, bad = { 0 };
	struct err err;

	fill(&good, "one");
	assert_true(replace_directory(&s->root, "dir/", &good, false, &err));
	assert_holds(s, "dir/00000000.0", "one");
	assert_false(replace_directory(&s->root, "dir", &good, false, &err));
	fill(&bad, "two");
	buf_text(&edits_add(&bad, EDIT_FILE, "a.pem")->content, "the same name twice");
	assert_false(replace_directory(&s->root, "other", &bad, false, &err));
	assert_int_equal(files_in(s, "."), 1);
	edits_done(&good);
	edits_done(&bad);
}

static void in_a_directory_that_was_there_files_are_exchanged_and_stale_ones_go(void **state)
{
	const struct scratch *s = *state;
	struct edits before = { 0 }, after = { 0 };
	struct err err;

	fill(&before, "one");
	buf_text(&edits_add(&before, EDIT_FILE, "stale.pem")->content, "stale");
	assert_true(replace_directory(&s->root, "dir", &before, false, &err));
	fill(&after, "two");
	edits_add(&after, EDIT_REMOVE, "stale.pem");
	assert_true(replace_directory(&s->root, "dir", &after, true, &err));
	assert_holds(s, "dir/a.pem", "two");
	assert_int_equal(files_in(s, "dir"), 2);
	edits_done(&before);
	edits_done(&after);
}

/* Exchanges the files of a directory, all of one content each time, until it is ended. */
static void exchange(const struct scratch *s)
{
	/* A shell without job control ignores SIGINT for what it runs in the background. */
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	for (int i = 0;; i++) {
		struct edits edits = { 0 };
		struct err err;

		for (char name[] = "a.pem"; name[0] < 'a' + MANY; name[0]++)
			buf_text(&edits_add(&edits, EDIT_FILE, name)->content, i % 2 == 0 ? "one" : "two");
		if (!replace_directory(&s->root, "dir", &edits, true, &err))
			_exit(1);
		edits_done(&edits);
	}
}

static void a_signal_leaves_the_old_or_the_new_and_nothing_between(void **state)
{
	enum { ROUNDS = 20 };
	const struct scratch *s = *state;

	for (int i = 0; i < ROUNDS; i++) {
		struct buf first = { 0 }, other = { 0 };
		struct timespec pause = { .tv_nsec = 20000000 + 1370000 * i };
		pid_t child = fork();
		char path[64];
		int status;

		assert_true(child >= 0);
		if (child == 0)
			exchange(s);
		nanosleep(&pause, NULL);
		assert_int_equal(kill(child, i % 2 == 0 ? SIGTERM : SIGINT), 0);
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFSIGNALED(status));
		if (access(full(s, "dir"), F_OK) != 0)
			continue;
		assert_int_equal(files_in(s, "dir"), MANY);
		assert_int_equal(files_in(s, "."), 1);
		for (int name = 'a'; name < 'a' + MANY; name++) {
			struct err err;

			snprintf(path, sizeof(path), "dir/%c.pem", name);
			other.len = 0;
			assert_true(root_read(&s->root, path, name == 'a' ? &first : &other, &err));
			if (name != 'a')
				assert_true(bytes_equal(buf_view(&first), buf_view(&other)));
		}
		buf_done(&first);
		buf_done(&other);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_new_file_appears_whole_and_leaves_nothing_beside_it),
		TEST(what_is_there_stays_unless_overwriting_is_asked_for),
		TEST(mode_and_attributes_of_the_old_file_are_kept),
		TEST(what_cannot_be_opened_to_take_after_is_not_replaced),
		TEST(a_link_out_of_the_root_is_not_followed),
		TEST(a_fifo_a_device_or_a_directory_is_never_replaced),
		TEST(a_new_directory_is_there_whole_or_not_at_all),
		TEST(in_a_directory_that_was_there_files_are_exchanged_and_stale_ones_go),
		TEST(a_signal_leaves_the_old_or_the_new_and_nothing_between),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
