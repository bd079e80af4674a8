/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Everything twice: resolved by the kernel's openat2() and by our own walk. On a
 * kernel without openat2() both are the walk.
 */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/root.h"

static char *top; /* holds `inside`, the root, and `outside` */

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void make_link(const char *target, const char *path)
{
	assert_int_equal(symlink(target, path), 0);
}

static int set_up(void **state)
{
	const char *dir = getenv("TMPDIR");
	char name[32], target[32], *outside, *up;

	(void)state;
	top = mem_print("%s/root-test.XXXXXX", dir != NULL ? dir : "/tmp");
	if (mkdtemp(top) == NULL || chdir(top) != 0)
		return -1;
	outside = mem_print("%s/outside", top);
	up = mem_print("../../../../../../../..%s/outside/secret", top);
	mkdir("outside", 0755);
	write_file("outside/secret", "secret");
	mkdir("inside", 0755);
	mkdir("inside/etc", 0755);
	mkdir("inside/etc/deep", 0755);
	write_file("inside/etc/file", "file");
	make_link("/etc/file", "inside/absolute");
	make_link("../../../../etc/file", "inside/etc/deep/up");
	make_link("/etc", "inside/folder");
	make_link("//etc/./deep/..//file", "inside/crooked");
	make_link("loop", "inside/loop");
	make_link("pong", "inside/ping");
	make_link("ping", "inside/pong");
	make_link("nowhere", "inside/dangling");
	make_link(outside, "inside/out");
	make_link(up, "inside/out-by-steps");
	for (int i = 0; i <= LIMIT_LINKS; i++) {
		snprintf(name, sizeof(name), "inside/chain%d", i);
		snprintf(target, sizeof(target), "chain%d", i - 1);
		make_link(i == 0 ? "etc/file" : target, name);
	}
	free(outside);
	free(up);
	return mkfifo("inside/fifo", 0644);
}

static int take_away(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

static int tear_down(void **state)
{
	(void)state;
	nftw(top, take_away, 16, FTW_DEPTH | FTW_PHYS);
	free(top);
	return 0;
}

static struct root open_inside(bool walk)
{
	struct err err;
	struct root root;

	assert_true(root_open("inside", &root, &err));
	root.walk = walk;
	return root;
}

/* Paths in the root, and what is there: contents, or an errno. */
static const struct {
	const char *path, *text;
	int error;
} paths[] = {
	{ "etc/file", "file", 0 },
	{ "/etc/file", "file", 0 },
	{ "//etc///file", "file", 0 },
	{ "./etc/./file", "file", 0 },
	{ "etc/../etc/file", "file", 0 },
	{ "../../etc/file", "file", 0 }, /* ".." stops at the root */
	{ "etc/../../../etc/file", "file", 0 },
	{ "absolute", "file", 0 }, /* a link starts again at the root */
	{ "etc/deep/up", "file", 0 },
	{ "folder/file", "file", 0 },
	{ "folder/deep/../file", "file", 0 },
	{ "crooked", "file", 0 },
	{ "chain0", "file", 0 },
	{ "etc/none", NULL, ENOENT },
	{ "none/file", NULL, ENOENT },
	{ "etc/file/x", NULL, ENOTDIR },
	{ "etc/file/", NULL, ENOTDIR },
	{ "etc/file/..", NULL, ENOTDIR },
	{ "absolute/", NULL, ENOTDIR },
	{ "", NULL, ENOENT },
	{ "dangling", NULL, ENOENT },
	{ "loop", NULL, ELOOP },
	{ "ping", NULL, ELOOP },
	{ "ping/x", NULL, ELOOP },
	{ "out/secret", NULL, ENOENT }, /* the host's path is not there, in the root */
	{ "out-by-steps", NULL, ENOENT },
	{ "../outside/secret", NULL, ENOENT },
};

static void hold(bool walk)
{
	struct root root = open_inside(walk);

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		char text[16] = "";
		int fd;

		errno = 0;
		fd = root_open_at(&root, paths[i].path, O_RDONLY);
		if (paths[i].error != 0) {
			if (fd >= 0 || errno != paths[i].error)
				fail_msg("'%s': %s instead of %s", paths[i].path,
					 fd >= 0 ? "opened" : strerror(errno), strerror(paths[i].error));
			continue;
		}
		if (fd < 0)
			fail_msg("'%s': %s", paths[i].path, strerror(errno));
		assert_true(read(fd, text, sizeof(text) - 1) >= 0);
		assert_string_equal(text, paths[i].text);
		assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
		close(fd);
	}
	root_done(&root);
}

static void paths_are_resolved_inside_the_root_by_the_kernel(void **state)
{
	(void)state;
	hold(false);
}

static void paths_are_resolved_inside_the_root_by_our_own_walk(void **state)
{
	(void)state;
	hold(true);
}

static void as_many_links_are_followed_as_the_kernel_follows(void **state)
{
	char name[32];

	(void)state;
	for (int walk = 0; walk < 2; walk++) {
		struct root root = open_inside(walk);
		int fd;

		snprintf(name, sizeof(name), "chain%d", LIMIT_LINKS - 1);
		fd = root_open_at(&root, name, O_RDONLY);
		assert_true(fd >= 0);
		close(fd);
		snprintf(name, sizeof(name), "chain%d", LIMIT_LINKS);
		assert_int_equal(root_open_at(&root, name, O_RDONLY), -1);
		assert_int_equal(errno, ELOOP);
		root_done(&root);
	}
}

static void a_path_without_end_is_an_error(void **state)
{
	size_t len = 10000;
	char *path = mem_zero(len + 1), *part = mem_zero(300);

	(void)state;
	memset(part, 'x', 299);
	for (size_t i = 0; i < len; i++)
		path[i] = i % 2 == 0 ? '.' : '/';
	for (int walk = 0; walk < 2; walk++) {
		struct root root = open_inside(walk);

		errno = 0;
		assert_int_equal(root_open_at(&root, path, O_RDONLY), -1);
		assert_int_equal(errno, ENAMETOOLONG);
		assert_int_equal(root_open_at(&root, part, O_RDONLY), -1);
		assert_int_equal(errno, ENAMETOOLONG);
		root_done(&root);
	}
	free(path);
	free(part);
}

static void a_fifo_is_told_and_not_waited_for(void **state)
{
	(void)state;
	alarm(10); /* a read that waits ends the test */
	for (int walk = 0; walk < 2; walk++) {
		struct root root = open_inside(walk);
		struct buf text = { 0 };
		struct err err = { 0 };

		assert_false(root_read(&root, "fifo", &text, &err));
		assert_int_equal(err.code, ERR_UNSUPPORTED);
		assert_string_equal(err.text, "a FIFO, not a regular file");
		assert_false(root_read(&root, "etc", &text, &err));
		assert_string_equal(err.text, "a directory, not a regular file");
		assert_false(root_read(&root, "none", &text, &err));
		assert_int_equal(err.code, ERR_ABSENT);
		assert_false(root_read(&root, "loop", &text, &err));
		assert_int_equal(err.code, ERR_SYSTEM);
		assert_true(root_read(&root, "absolute", &text, &err));
		assert_true(bytes_equal(buf_view(&text), bytes_of("file")));
		buf_done(&text);
		root_done(&root);
	}
	alarm(0);
}

static void a_fifo_of_the_host_is_waited_for_until_its_writer_has_written(void **state)
{
	struct root root;
	struct buf text = { 0 };
	struct err err = { 0 };
	int status;
	pid_t pid;

	(void)state;
	assert_true(root_open(NULL, &root, &err));
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		FILE *fifo;

		usleep(100000); /* most likely behind the reader; either way the same is read */
		fifo = fopen("inside/fifo", "wb");
		usleep(100000);
		_exit(fifo != NULL && fputs("late", fifo) >= 0 && fclose(fifo) == 0 ? 0 : 1);
	}
	alarm(10);
	assert_true(root_read(&root, "inside/fifo", &text, &err));
	alarm(0);
	assert_true(bytes_equal(buf_view(&text), bytes_of("late")));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	buf_done(&text);
	root_done(&root);
}

static void a_link_is_told_as_it_stands(void **state)
{
	(void)state;
	for (int walk = 0; walk < 2; walk++) {
		struct root root = open_inside(walk);
		char *target = root_link(&root, "absolute");

		assert_string_equal(target, "/etc/file");
		free(target);
		target = root_link(&root, "folder/deep/up");
		assert_string_equal(target, "../../../../etc/file");
		free(target);
		target = root_link(&root, "dangling");
		assert_string_equal(target, "nowhere");
		free(target);
		assert_null(root_link(&root, "etc/file"));
		assert_null(root_link(&root, "etc"));
		assert_null(root_link(&root, "none"));
		assert_true(root_is_directory(&root, "folder"));
		assert_true(root_is_directory(&root, "/"));
		assert_true(root_is_directory(&root, ".."));
		assert_false(root_is_directory(&root, "absolute"));
		assert_false(root_is_directory(&root, "out"));
		assert_true(root_has(&root, "fifo"));
		assert_false(root_has(&root, "none"));
		root_done(&root);
	}
}

static void the_host_is_the_root_without_a_name(void **state)
{
	struct root root;
	struct err err;
	struct buf text = { 0 };

	(void)state;
	assert_true(root_open(NULL, &root, &err));
	assert_true(root_is_host(&root));
	assert_string_equal(root.path, "/");
	root_done(&root);
	assert_true(root_open("/", &root, &err));
	assert_true(root_is_host(&root));
	assert_true(root_read(&root, "inside/etc/file", &text, &err)); /* from the working directory */
	buf_done(&text);
	root_done(&root);
	assert_false(root_open("none", &root, &err));
	assert_string_equal(err.text, "root 'none': No such file or directory");
	root_done(&root);
	assert_false(root_open("inside/etc/file", &root, &err));
	root_done(&root);
}

static void a_file_of_any_size_is_read_whole_behind_what_is_in_the_buffer(void **state)
{
	static const size_t sizes[] = { 0, 1, 255, 256, 257, 4095, 65535, 65536, 65537, 200000 };
	struct root root;
	struct err err;

	(void)state;
	assert_true(root_open(NULL, &root, &err));
	for (size_t i = 0; i < 2 * sizeof(sizes) / sizeof(sizes[0]); i++) {
		size_t size = sizes[i / 2], before = i % 2 > 0 ? 100 : 0;
		struct buf content = { 0 }, got = { 0 };
		FILE *file = fopen("sized", "w");

		for (size_t n = 0; n < size; n++)
			buf_byte(&content, (unsigned)(n * 31 >> 3 & 0xff));
		assert_non_null(file);
		assert_int_equal(size > 0 ? fwrite(content.at, 1, size, file) : 0, size);
		assert_int_equal(fclose(file), 0);
		for (size_t n = 0; n < before; n++)
			buf_byte(&got, '.');
		assert_true(root_read(&root, "sized", &got, &err));
		assert_true(bytes_equal(bytes_skip(buf_view(&got), before), buf_view(&content)));
		buf_done(&content);
		buf_done(&got);
	}
	root_done(&root);
}

static void a_file_that_does_not_know_its_size_is_read_to_its_end(void **state)
{
	struct buf got = { 0 };
	struct root root;
	struct err err;

	(void)state;
	assert_true(root_open(NULL, &root, &err));
	if (!root_read(&root, "/proc/self/status", &got, &err) || got.len == 0)
		skip();
	assert_int_equal(got.at[got.len - 1], '\n');
	assert_non_null(memmem(got.at, got.len, "ctxt_switches", 13)); /* its last line */
	buf_done(&got);
	root_done(&root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_are_resolved_inside_the_root_by_the_kernel),
		cmocka_unit_test(paths_are_resolved_inside_the_root_by_our_own_walk),
		cmocka_unit_test(as_many_links_are_followed_as_the_kernel_follows),
		cmocka_unit_test(a_path_without_end_is_an_error),
		cmocka_unit_test(a_fifo_is_told_and_not_waited_for),
		cmocka_unit_test(a_fifo_of_the_host_is_waited_for_until_its_writer_has_written),
		cmocka_unit_test(a_link_is_told_as_it_stands),
		cmocka_unit_test(the_host_is_the_root_without_a_name),
		cmocka_unit_test(a_file_of_any_size_is_read_whole_behind_what_is_in_the_buffer),
		cmocka_unit_test(a_file_that_does_not_know_its_size_is_read_to_its_end),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
