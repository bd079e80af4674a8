/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "feed.h"
#include "find/holders.h"
#include "find/proc.h"

enum { BOOT = 1000000, CHANGED = BOOT + 1000 };

#define SSL    "7f00-7f01 r-xp 00000000 fe:00 10 /usr/lib/libssl.so.3\n"
#define NGINX  "0::/system.slice/nginx.service\n"
#define STEADY 1000 /* seconds after the boot: before the change */

static void maps_are_read_line_by_line(void **state)
{
	static const char maps[] =
		"55a2ff8b9000-55a2ff8bc000 r--p 00000000 fe:01 248030        /usr/bin/sed\n"
		"55a31eb61000-55a31eb82000 rw-p 00000000 00:00 0             [heap]\n"
		"7f63add53000-7f63addaa000 rw-p 00000000 00:00 0 \n"
		"nonsense\n"
		"7f63-7f64 r--s 00000000 103:02 77  /etc/a b (deleted)\n"
		"7f63-7f64 r--s 00000000 fe:01 78  /last";
	struct proc_map map;
	size_t at = 0;

	(void)state;
	assert_true(proc_map_next(bytes_of(maps), &at, &map));
	assert_true(bytes_equal(map.path, bytes_of("/usr/bin/sed")));
	assert_true(map.device == makedev(0xfe, 1) && map.inode == 248030 && !map.deleted);
	assert_true(proc_map_next(bytes_of(maps), &at, &map));
	assert_true(bytes_equal(map.path, bytes_of("/etc/a b")));
	assert_true(map.device == makedev(0x103, 2) && map.inode == 77 && map.deleted);
	assert_true(proc_map_next(bytes_of(maps), &at, &map));
	assert_true(bytes_equal(map.path, bytes_of("/last")));
	assert_false(proc_map_next(bytes_of(maps), &at, &map));
}

static void the_start_is_found_behind_any_name(void **state)
{
	uint64_t ticks = 0;
	int64_t boot = 0;

	(void)state;
	assert_true(proc_start(
		bytes_of("7 (a) b) R 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 2469024 9 9"), &ticks));
	assert_int_equal(ticks, 2469024);
	assert_false(proc_start(bytes_of("7 (x) R 1 2"), &ticks));
	assert_false(proc_start(bytes_of(""), &ticks));
	assert_true(proc_boot(bytes_of("cpu  1 2\nbtime 1763900000\nprocesses 7\n"), &boot));
	assert_int_equal(boot, 1763900000);
	assert_false(proc_boot(bytes_of("cpu 1\n"), &boot));
}

static void a_service_is_the_innermost_of_systemds_hierarchy(void **state)
{
	static const struct {
		const char *cgroup, *unit, *user;
	} rows[] = {
		{ "0::/system.slice/nginx.service\n", "nginx.service", "" },
		{ "0::/system.slice/system-getty.slice/getty@tty1.service", "getty@tty1.service", "" },
		{ "9:name=systemd:/system.slice/a.service\n4:memory:/b.service\n0::/\n", "a.service", "" },
		{ "0::/user.slice/user-1000.slice/user@1000.service/app.slice/x.service\n", "x.service",
		  "1000" },
		{ "0::/user.slice/user-1000.slice/user@1000.service/init.scope\n", "", "" },
		{ "0::/user.slice/user-1000.slice/session-3.scope\n", "", "" },
		{ "0::/system.slice/docker-0123.scope\n", "", "" },
		{ "0::/system.slice/a.service/deeper/still\n", "a.service", "" },
		{ "4:memory:/b.service\n", "", "" },
		{ "0::/\n", "", "" },
		{ "", "", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct proc_unit unit;

		proc_unit(bytes_of(rows[i].cgroup), &unit);
		if (!bytes_equal(unit.name, bytes_of(rows[i].unit)) ||
		    !bytes_equal(unit.user, bytes_of(rows[i].user)))
			fail_msg("%s", rows[i].cgroup);
	}
}

static void libraries_are_known_by_their_files(void **state)
{
	static const struct {
		const char *path, *library;
	} rows[] = {
		{ "/usr/lib/x86_64-linux-gnu/libssl.so.3", "OpenSSL" },
		{ "/opt/venv/lib/libssl-3e69114b.so.1.1", "OpenSSL" },
		{ "/usr/lib/libgnutls.so.30.34.3", "GnuTLS" },
		{ "/usr/lib/libnss3.so", "NSS" },
		{ "/usr/lib/jvm/a/lib/server/libjvm.so", "Java" },
		{ "/usr/bin/node", "Node.js" },
		{ "/usr/bin/python3.11", "Python" },
		{ "/usr/bin/python-argcomplete", NULL },
		{ "/usr/bin/nodeset", NULL },
		{ "/usr/lib/libcrypto.so.3", NULL },
		{ "/usr/lib/libssh.so.4", NULL },
		{ "/", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *library = proc_library(bytes_of(rows[i].path));

		if (rows[i].library == NULL ? library != NULL
					    : library == NULL || strcmp(library, rows[i].library) != 0)
			fail_msg("%s", rows[i].path);
	}
}

/* A /proc made of files, and a store. */
struct scene {
	char *base, *proc, *store;
	struct held held;
	struct holders holders;
};

static int begin(void **state)
{
	struct scene *scene = mem_zero(sizeof(*scene));
	char *text = mem_print("cpu 1 2\nbtime %d\n", BOOT);
	struct stat stat;

	scene->base = feed_directory();
	scene->proc = mem_print("%s/proc", scene->base);
	scene->store = mem_print("%s/store.pem", scene->base);
	assert_int_equal(mkdir(scene->proc, 0755), 0);
	feed_file(scene->proc, "stat", bytes_of(text));
	feed_file(scene->base, "store.pem", bytes_of("old"));
	assert_int_equal(lstat(scene->store, &stat), 0);
	scene->held = (struct held){ scene->store, stat.st_dev, stat.st_ino };
	free(text);
	*state = scene;
	return 0;
}

static int end(void **state)
{
	struct scene *scene = *state;

	holders_done(&scene->holders);
	feed_remove(scene->base);
	free(scene->proc);
	free(scene->store);
	free(scene);
	return 0;
}

/* `open`: what descriptor 3 leads to, or NULL. Started so many seconds after the host. */
static void put(struct scene *scene, int pid, const char *name, const char *maps, const char *open,
		long start, const char *cgroup)
{
	char *directory = mem_print("%s/%d", scene->proc, pid), *fds = mem_print("%s/fd", directory),
	     *link = mem_print("%s/3", fds), *root = mem_print("%s/root", directory),
	     *stat = mem_print("%d (%s) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 %ld 0\n", pid, name,
			       start * sysconf(_SC_CLK_TCK)),
	     *comm = mem_print("%s\n", name);

	assert_int_equal(mkdir(directory, 0755), 0);
	assert_int_equal(mkdir(fds, 0755), 0);
	if (open != NULL)
		assert_int_equal(symlink(open, link), 0);
	assert_int_equal(symlink("/", root), 0);
	feed_file(directory, "maps", bytes_of(maps));
	feed_file(directory, "stat", bytes_of(stat));
	feed_file(directory, "comm", bytes_of(comm));
	feed_file(directory, "cgroup", bytes_of(cgroup));
	free(directory);
	free(fds);
	free(link);
	free(root);
	free(stat);
	free(comm);
}

static void find(struct scene *scene, const char *proc, int64_t changed)
{
	const struct holders_question question = {
		.proc = proc, .stores = &scene->held, .count = 1, .changed = changed, .self = 99
	};
	struct err err = { 0 };

	holders_done(&scene->holders);
	if (!holders_find(&question, &scene->holders, &err))
		fail_msg("%s", err.text);
}

static const struct holder *of(const struct scene *scene, int pid)
{
	for (size_t i = 0; i < scene->holders.count; i++)
		if (scene->holders.all[i].pid == pid)
			return &scene->holders.all[i];
	return NULL;
}

static void who_has_the_old_file_open_or_mapped_is_sure(void **state)
{
	struct scene *scene = *state;
	char *gone = mem_print("%s (deleted)", scene->store);
	char *mapped = mem_print("7f-80 r--s 0 00:01 5 %s (deleted)\n", scene->store);
	char *other = mem_print("%s.d (deleted)", scene->store);
	char *aside = mem_print("%s/.anchorage-000001-1 (deleted)", scene->base);
	char *there = mem_print("%s/.anchorage-000001-1", scene->base);

	feed_file(scene->base, ".anchorage-000001-1", bytes_of("new"));
	put(scene, 10, "nginx", "", gone, 5000, NGINX);
	put(scene, 11, "maps", mapped, NULL, 5000, "0::/\n");
	put(scene, 12, "same", "", scene->store, 5000, "0::/\n");
	put(scene, 13, "other", "", other, 5000, "0::/\n");
	put(scene, 14, "before", "", aside, 5000, "0::/\n"); /* of a former change */
	put(scene, 15, "writes", "", there, 5000, "0::/\n");
	put(scene, 99, "self", mapped, gone, 0, "0::/\n");
	find(scene, scene->proc, CHANGED);
	assert_int_equal(scene->holders.count, 4);
	assert_non_null(of(scene, 14));
	assert_int_equal(of(scene, 10)->hold, HOLD_SURE);
	assert_string_equal(of(scene, 10)->name, "nginx");
	assert_string_equal(of(scene, 10)->command, "systemctl restart nginx.service");
	assert_non_null(strstr(of(scene, 10)->why, "open"));
	assert_non_null(strstr(of(scene, 11)->why, "mapped"));
	assert_null(of(scene, 11)->command);
	assert_non_null(of(scene, 12)); /* its number is the old one's: it was written in place */
	free(gone);
	free(mapped);
	free(other);
	free(aside);
	free(there);
}

static void who_has_the_new_file_open_holds_nothing_old(void **state)
{
	struct scene *scene = *state;
	char *aside = mem_print("%s/aside", scene->base);

	assert_int_equal(rename(scene->store, aside), 0);
	feed_file(scene->base, "store.pem", bytes_of("new"));
	put(scene, 10, "new", "", scene->store, 5000, "0::/\n");
	put(scene, 11, "old", "", aside, 5000, "0::/\n"); /* by another name, as a backup is */
	find(scene, scene->proc, CHANGED);
	assert_int_equal(scene->holders.count, 1);
	assert_int_equal(scene->holders.all[0].pid, 11);
	free(aside);
}

static void who_was_there_before_and_reads_stores_may_have_it(void **state)
{
	struct scene *scene = *state;

	put(scene, 10, "before", SSL, NULL, STEADY, NGINX);
	put(scene, 11, "after", SSL, NULL, STEADY + 1, NGINX);
	put(scene, 12, "no library", "7f-80 r-xp 0 fe:00 10 /usr/lib/libc.so.6\n", NULL, 1, NGINX);
	find(scene, scene->proc, CHANGED);
	assert_int_equal(scene->holders.count, 1);
	assert_int_equal(scene->holders.all[0].pid, 10);
	assert_int_equal(scene->holders.all[0].hold, HOLD_MAY);
	assert_string_equal(scene->holders.all[0].why, "uses OpenSSL and has run since 1970-01-12T14:03:20Z");
}

static void services_stand_together_and_the_sure_ones_first(void **state)
{
	struct scene *scene = *state;
	char *gone = mem_print("%s (deleted)", scene->store);
	static const int order[] = { 14, 13, 15, 11, 16, 17, 10, 12 };
	static const bool again[] = { false, true, true, false, false, false, false, true };

	put(scene, 10, "a", SSL, NULL, 1, "0::/system.slice/a.service\n");
	put(scene, 11, "alone", "", gone, 1, "0::/\n");
	put(scene, 12, "a", SSL, NULL, 1, "0::/system.slice/a.service\n");
	put(scene, 13, "z", SSL, NULL, 1, "0::/system.slice/z.service\n");
	put(scene, 14, "z", SSL, gone, 1, "0::/system.slice/z.service\n");
	put(scene, 15, "z", SSL, NULL, 1, "0::/system.slice/z.service\n");
	put(scene, 16, "alone", "", gone, 1, "0::/\n");
	put(scene, 17, "a", SSL, NULL, 1, "0::/user.slice/user@7.service/app.slice/a.service\n");
	find(scene, scene->proc, CHANGED);
	assert_int_equal(scene->holders.count, 8);
	for (size_t i = 0; i < 8; i++) {
		const struct holder *holder = &scene->holders.all[i];

		if (holder->pid != order[i] || holder->again != again[i])
			fail_msg("at %zu is %d%s", i, holder->pid, holder->again ? ", again" : "");
	}
	assert_string_equal(of(scene, 17)->command, "systemctl --user --machine=7@ restart a.service");
	free(gone);
}

static void a_bus_is_not_restarted(void **state)
{
	struct scene *scene = *state;

	put(scene, 10, "dbus-daemon", SSL, NULL, 1, "0::/system.slice/dbus.service\n");
	find(scene, scene->proc, CHANGED);
	assert_string_equal(of(scene, 10)->unit, "dbus.service");
	assert_null(of(scene, 10)->command);
}

static void who_sees_another_file_there_is_counted_and_not_told(void **state)
{
	struct scene *scene = *state;
	char *root = mem_print("%s/10/root", scene->proc), *gone = mem_print("%s (deleted)", scene->store);

	put(scene, 10, "in a container", SSL, NULL, 1, "0::/\n");
	assert_int_equal(unlink(root), 0);
	assert_int_equal(symlink(scene->proc, root), 0);
	find(scene, scene->proc, CHANGED);
	assert_int_equal(scene->holders.count, 0);
	assert_int_equal(scene->holders.elsewhere, 1);
	free(root);
	free(gone);
}

static void what_has_ended_meanwhile_is_passed_over(void **state)
{
	struct scene *scene = *state;
	char *empty = mem_print("%s/10", scene->proc);

	assert_int_equal(mkdir(empty, 0755), 0);
	find(scene, scene->proc, CHANGED);
	assert_int_equal(scene->holders.count + scene->holders.unread, 0);
	free(empty);
}

static void what_may_not_be_read_is_counted(void **state)
{
	struct scene *scene = *state;
	char *maps = mem_print("%s/10/maps", scene->proc);
	bool root = geteuid() == 0;

	put(scene, 10, "closed", SSL, NULL, 1, "0::/\n");
	assert_int_equal(chmod(maps, 0), 0);
	assert_int_equal(chmod(scene->base, 0755), 0);
	if (root)
		assert_int_equal(seteuid(65534), 0); /* whom the kernel does not let */
	find(scene, scene->proc, CHANGED);
	if (root)
		assert_int_equal(seteuid(0), 0);
	assert_int_equal(scene->holders.count, 0);
	assert_int_equal(scene->holders.unread, 1);
	free(maps);
}

static void without_proc_there_is_an_error(void **state)
{
	const struct holders_question question = { .proc = "/nonexistent/proc" };
	struct holders holders;
	struct err err = { 0 };

	(void)state;
	assert_false(holders_find(&question, &holders, &err));
	assert_int_equal(err.code, ERR_ABSENT);
	assert_non_null(strstr(err.text, "/nonexistent/proc"));
}

/* A child that has the store open, or mapped, when it says so. */
static pid_t hold(const char *path, bool map, int *ret_end)
{
	int ready[2], stay[2];
	pid_t pid;
	char byte;

	assert_int_equal(pipe(ready), 0);
	assert_int_equal(pipe(stay), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		int fd = open(path, O_RDONLY | O_CLOEXEC);

		close(stay[1]);
		if (fd < 0 || (map && mmap(NULL, 3, PROT_READ, MAP_PRIVATE, fd, 0) == MAP_FAILED))
			_exit(1);
		if (map)
			close(fd);
		if (write(ready[1], "x", 1) != 1 || read(stay[0], &byte, 1) < 0)
			_exit(1);
		_exit(0);
	}
	close(ready[1]);
	close(stay[0]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	*ret_end = stay[1];
	return pid;
}

/* The kernel's own /proc. */
static void a_real_process_is_found_when_the_store_is_replaced_under_it(void **state)
{
	struct scene *scene = *state;
	char *new = mem_print("%s/new", scene->base);
	int ends[2];
	pid_t open = hold(scene->store, false, &ends[0]), mapped = hold(scene->store, true, &ends[1]);

	feed_file(scene->base, "new", bytes_of("new"));
	assert_int_equal(rename(new, scene->store), 0);
	find(scene, "/proc", clock_now());
	assert_non_null(of(scene, open));
	assert_int_equal(of(scene, open)->hold, HOLD_SURE);
	assert_non_null(strstr(of(scene, open)->why, scene->store));
	assert_non_null(of(scene, mapped));
	assert_int_equal(of(scene, mapped)->hold, HOLD_SURE);
	assert_non_null(strstr(of(scene, mapped)->why, "mapped"));
	close(ends[0]);
	close(ends[1]);
	assert_int_equal(waitpid(open, NULL, 0), open);
	assert_int_equal(waitpid(mapped, NULL, 0), mapped);
	find(scene, "/proc", clock_now());
	assert_null(of(scene, open));
	assert_null(of(scene, mapped));
	free(new);
}

#define SCENE(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(maps_are_read_line_by_line),
		cmocka_unit_test(the_start_is_found_behind_any_name),
		cmocka_unit_test(a_service_is_the_innermost_of_systemds_hierarchy),
		cmocka_unit_test(libraries_are_known_by_their_files),
		SCENE(who_has_the_old_file_open_or_mapped_is_sure),
		SCENE(who_has_the_new_file_open_holds_nothing_old),
		SCENE(who_was_there_before_and_reads_stores_may_have_it),
		SCENE(services_stand_together_and_the_sure_ones_first),
		SCENE(a_bus_is_not_restarted),
		SCENE(who_sees_another_file_there_is_counted_and_not_told),
		SCENE(what_has_ended_meanwhile_is_passed_over),
		SCENE(what_may_not_be_read_is_counted),
		cmocka_unit_test(without_proc_there_is_an_error),
		SCENE(a_real_process_is_found_when_the_store_is_replaced_under_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
