/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "feed.h"
#include "medium/medium.h"
#include "model/place.h"
#include "system.h"

/* The directory that is read is the root. */
static void add(const struct system *system, const char *name, const char *cn, unsigned key)
{
	char *path = mem_print("/%s", name);

	system_cert(system, path, cn, key);
	free(path);
}

static void run(const struct system *system, const char *command)
{
	assert_true(feed_run(NULL, "cd '%s' && %s", system->dir, command));
}

static struct store *read_dir(const struct system *system, struct err *err)
{
	struct place place;
	struct store *store;

	place_set(&place, "/", "dir");
	place_add_path(&place, "/");
	*err = (struct err){ 0 };
	store = medium_read(&place, &system->root, err);
	place_done(&place);
	return store;
}

static struct store *read_well(const struct system *system)
{
	struct err err;
	struct store *store = read_dir(system, &err);

	if (store == NULL)
		fail_msg("%s", err.text);
	return store;
}

static const struct note *note_of(const struct store *store, const char *file)
{
	for (size_t i = 0; i < store->note_count; i++)
		if (store->notes[i].file != NULL && strcmp(store->notes[i].file, file) == 0)
			return &store->notes[i];
	fail_msg("nothing is said of %s", file);
	return NULL;
}

static void every_file_is_read_in_the_order_of_its_name(void **state)
{
	struct store *store;

	add(*state, "b.pem", "Birch", 2);
	add(*state, "a.crt", "Alder", 1);
	add(*state, "no-ending", "Cedar", 3);
	store = read_well(*state);
	assert_int_equal(store->count, 3);
	assert_int_equal(store->note_count, 0);
	assert_string_equal(store->anchors[0].origin.file, "/a.crt");
	assert_string_equal(store->anchors[1].origin.file, "/b.pem");
	assert_string_equal(store->anchors[2].origin.file, "/no-ending");
	store_free(store);
}

static void a_certificate_with_two_names_is_one_anchor_and_a_note(void **state)
{
	struct store *store;

	add(*state, "a.pem", "Alder", 1);
	run(*state, "ln -s a.pem b.pem && cp a.pem c.pem");
	store = read_well(*state);
	assert_int_equal(store->count, 1);
	assert_int_equal(store->note_count, 2);
	assert_int_equal(note_of(store, "/b.pem")->level, NOTE_INFO);
	assert_int_equal(note_of(store, "/c.pem")->level, NOTE_INFO);
	store_free(store);
}

static void what_is_no_certificate_is_worth_a_warning_if_it_is_called_one(void **state)
{
	struct store *store;

	add(*state, "a.pem", "Alder", 1);
	feed_file(((struct system *)*state)->dir, "README", bytes_of("text\n"));
	feed_file(((struct system *)*state)->dir, "text.CRT", bytes_of("text\n"));
	feed_file(((struct system *)*state)->dir, "empty.pem", bytes_of(""));
	store = read_well(*state);
	assert_int_equal(store->count, 1);
	assert_int_equal(note_of(store, "/README")->level, NOTE_INFO);
	assert_int_equal(note_of(store, "/text.CRT")->level, NOTE_WARN);
	assert_int_equal(note_of(store, "/empty.pem")->level, NOTE_WARN);
	assert_false(store_incomplete(store));
	store_free(store);
}

static void directories_and_pipes_are_told_and_not_entered(void **state)
{
	struct store *store;

	add(*state, "a.pem", "Alder", 1);
	run(*state, "mkdir b.pem && mkfifo c.pem && cp a.pem b.pem");
	store = read_well(*state);
	assert_int_equal(store->count, 1);
	assert_int_equal(note_of(store, "/b.pem")->level, NOTE_INFO);
	assert_int_equal(note_of(store, "/c.pem")->level, NOTE_WARN);
	store_free(store);
}

static void a_pipe_on_the_host_is_not_read_either(void **state)
{
	struct system *system = *state;
	struct root host = { .fd = -1, .path = (char *)(uintptr_t) "/" };
	struct place place;
	struct store *store;
	struct err err;

	add(system, "a.pem", "Alder", 1);
	run(system, "mkfifo c.pem");
	place_set(&place, system->dir, "dir");
	place_add_path(&place, system->dir);
	alarm(10); /* a read that waits ends the test */
	store = medium_read(&place, &host, &err);
	alarm(0);
	assert_non_null(store);
	assert_int_equal(store->count, 1);
	assert_true(feed_noted(store, NOTE_WARN, "a pipe"));
	store_free(store);
	place_done(&place);
}

static void a_dangling_link_is_told_as_one_and_a_loop_is_an_error(void **state)
{
	struct store *store;

	add(*state, "a.pem", "Alder", 1);
	run(*state, "ln -s nothing b.pem && ln -s d.pem c.pem && ln -s c.pem d.pem");
	store = read_well(*state);
	assert_string_equal(note_of(store, "/b.pem")->text, "a dangling link");
	assert_int_equal(note_of(store, "/b.pem")->level, NOTE_WARN);
	assert_int_equal(note_of(store, "/c.pem")->level, NOTE_ERROR);
	assert_true(store_incomplete(store));
	store_free(store);
}

static void links_lead_nowhere_but_into_the_root(void **state)
{
	struct store *store;

	add(*state, "a.pem", "Alder", 1);
	run(*state,
	    "mkdir etc && cp a.pem etc/passwd && ln -s /etc/passwd b.pem && ln -s ../../../etc/passwd c.pem");
	store = read_well(*state);
	assert_int_equal(store->count, 1);
	assert_non_null(strstr(note_of(store, "/b.pem")->text, "the same certificate"));
	assert_non_null(strstr(note_of(store, "/c.pem")->text, "the same certificate"));
	store_free(store);
}

static void a_directory_without_files_is_an_empty_store(void **state)
{
	struct store *store = read_well(*state);

	assert_int_equal(store->count, 0);
	assert_true(feed_noted(store, NOTE_WARN, "empty"));
	store_free(store);
}

static void a_directory_of_other_files_is_no_store(void **state)
{
	struct err err;

	feed_file(((struct system *)*state)->dir, "README", bytes_of("text\n"));
	assert_null(read_dir(*state, &err));
	assert_non_null(strstr(err.text, "1 file"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, system_begin, system_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_file_is_read_in_the_order_of_its_name),
		TEST(a_certificate_with_two_names_is_one_anchor_and_a_note),
		TEST(what_is_no_certificate_is_worth_a_warning_if_it_is_called_one),
		TEST(directories_and_pipes_are_told_and_not_entered),
		TEST(a_pipe_on_the_host_is_not_read_either),
		TEST(a_dangling_link_is_told_as_one_and_a_loop_is_an_error),
		TEST(links_lead_nowhere_but_into_the_root),
		TEST(a_directory_without_files_is_an_empty_store),
		TEST(a_directory_of_other_files_is_no_store),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
