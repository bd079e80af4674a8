/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Trust directories that harm who reads them: through a module that poses as
 * p11-kit's and fails on command, so that it does with every version of p11-kit.
 */
#include "unit.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/root.h"
#include "feed.h"
#include "medium/medium.h"
#include "medium/token.h"
#include "model/place.h"
#include "trust.h"

static const struct make one = { .cn = "One", .key = 1 }, two = { .cn = "Two", .key = 2 },
			 three = { .cn = "Three", .key = 3 }, four = { .cn = "Four", .key = 4 };

static int pose(void **state)
{
	(void)state;
	token_tuning.trust_module = trust_fake();
	token_tuning.silence_ms = 700;
	token_tuning.retry_ms = 700;
	return 0;
}

static void the_file_that_kills_the_module_is_named_and_the_rest_is_read(void **state)
{
	char *directory = trust_directory();
	struct store *store;

	(void)state;
	trust_der(directory, "anchors/a.der", &one);
	trust_text(directory, "anchors/b.der", "CRASH");
	trust_der(directory, "anchors/c.der", &two);
	trust_der(directory, "blocklist/d.der", &three);
	trust_text(directory, "e.der", "EXIT");
	trust_der(directory, "f.der", &four);
	store = trust_read_well("p11-kit", NULL, directory);
	assert_int_equal(store->count, 4);
	assert_int_equal(trust_anchor(store, &one)->trusted, PURPOSES_ALL);
	assert_int_equal(trust_anchor(store, &three)->distrusted, PURPOSES_ALL);
	assert_true(trust_noted(store, NOTE_ERROR, "/anchors/b.der", "the moon is full"));
	assert_true(trust_noted(store, NOTE_ERROR, "/anchors/b.der", "died of signal 6"));
	assert_true(trust_noted(store, NOTE_ERROR, "/e.der", "status 3"));
	assert_int_equal(trust_notes(store, NOTE_ERROR), 2);
	assert_int_equal(trust_notes(store, NOTE_WARN), 0);
	store_free(store);
	store = trust_read_well("p11-kit", directory, "/");
	assert_int_equal(store->count, 4);
	assert_string_equal(trust_anchor(store, &one)->origin.file, "/anchors/a.der");
	assert_int_equal(trust_notes(store, NOTE_ERROR), 2);
	store_free(store);
	feed_remove(directory);
}

static void a_file_that_hangs_the_module_is_named_and_the_rest_is_read(void **state)
{
	char *directory = trust_directory();
	struct store *store;

	(void)state;
	trust_der(directory, "anchors/a.der", &one);
	trust_text(directory, "anchors/b.der", "HANG");
	trust_der(directory, "anchors/c.der", &two);
	store = trust_read_well("p11-kit", NULL, directory);
	assert_int_equal(store->count, 2);
	assert_true(trust_noted(store, NOTE_ERROR, "/anchors/b.der", "gave no answer for 0.7 seconds"));
	assert_int_equal(trust_notes(store, NOTE_ERROR), 1);
	store_free(store);
	feed_remove(directory);
}

static void a_single_file_that_kills_the_module_is_an_error_that_names_it(void **state)
{
	char *directory = trust_directory(), *file = mem_print("%s/crash", directory);
	struct err err = { 0 };

	(void)state;
	trust_text(directory, "crash", "CRASH");
	assert_null(trust_read("p11-kit", NULL, file, &err));
	assert_int_equal(err.code, ERR_DAMAGED);
	assert_non_null(strstr(err.text, file));
	assert_non_null(strstr(err.text, "died of signal 6"));
	free(file);
	feed_remove(directory);
}

static void a_module_that_shows_something_else_than_was_asked_for_has_lied(void **state)
{
	char *directory = trust_directory();
	struct err err = { 0 };

	(void)state;
	trust_der(directory, "anchors/a.der", &one);
	setenv("FAKE", "other", 1);
	assert_null(trust_read("p11-kit", NULL, directory, &err));
	assert_int_equal(err.code, ERR_LIED);
	assert_non_null(strstr(err.text, "shows '/etc/ssl/certs/ca-certificates.crt'"));
	setenv("FAKE", "fewer", 1);
	assert_null(trust_read("p11-kit", NULL, directory, &err));
	assert_int_equal(err.code, ERR_LIED);
	unsetenv("FAKE");
	feed_remove(directory);
}

static void one_of_several_paths_that_fails_takes_nothing_from_the_others(void **state)
{
	char *good = trust_directory(), *bad = trust_directory(), *file = mem_print("%s/crash", bad);
	struct err err = { 0 };
	struct root host;
	struct place place;
	struct store *store;

	(void)state;
	trust_der(good, "anchors/a.der", &one);
	trust_text(bad, "crash", "CRASH");
	trust_der(bad, "anchors/b.der", &two);
	assert_true(root_open(NULL, &host, &err));
	place_set(&place, "three paths", "p11-kit");
	place_add_path(&place, file);
	place_add_path(&place, bad);
	place_add_path(&place, good);
	store = medium_read(&place, &host, &err);
	assert_non_null(store);
	assert_int_equal(store->count, 2);
	trust_anchor(store, &one);
	trust_anchor(store, &two);
	assert_int_equal(trust_notes(store, NOTE_ERROR), 2);
	store_free(store);
	place_done(&place);
	root_done(&host);
	free(file);
	feed_remove(good);
	feed_remove(bad);
}

static void what_is_copied_is_removed_also_when_a_signal_ends_the_program(void **state)
{
	char *directory = trust_directory(), *copies = feed_directory();
	struct buf left = { 0 };
	bool there = false;
	int status;
	pid_t pid;

	(void)state;
	trust_text(directory, "hang", "HANG");
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct err err = { 0 };

		setenv("TMPDIR", copies, 1);
		token_tuning.silence_ms = 20000;
		trust_read("p11-kit", directory, "/", &err);
		_exit(9);
	}
	for (int i = 0; i < 1500 && !there; i++) {
		usleep(10000);
		there = feed_run(NULL, "test -f '%s'/*/hang", copies);
	}
	assert_true(there);
	assert_int_equal(kill(pid, SIGTERM), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
	assert_true(feed_run(&left, "ls -A '%s'", copies));
	assert_int_equal(left.len, 0);
	buf_done(&left);
	feed_remove(directory);
	feed_remove(copies);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_file_that_kills_the_module_is_named_and_the_rest_is_read),
		cmocka_unit_test(a_file_that_hangs_the_module_is_named_and_the_rest_is_read),
		cmocka_unit_test(a_single_file_that_kills_the_module_is_an_error_that_names_it),
		cmocka_unit_test(a_module_that_shows_something_else_than_was_asked_for_has_lied),
		cmocka_unit_test(one_of_several_paths_that_fails_takes_nothing_from_the_others),
		cmocka_unit_test(what_is_copied_is_removed_also_when_a_signal_ends_the_program),
	};

	return cmocka_run_group_tests(tests, pose, NULL);
}
