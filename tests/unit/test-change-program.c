/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tree.h"

#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "change/journal.h"
#include "change/program.h"
#include "medium/helper.h"
#include "stage/put.h"

/* Runs a script with the input; its output as text, which is the caller's. */
static char *run(const struct tree *tree, const char *script, const char *input, bool *ret_ok,
		 struct err *err)
{
	char *path = mem_print("%s/script", tree->top), *text = mem_print("#!/bin/sh\n%s\n", script);
	struct buf said = { 0 };

	tree_file(tree, "/script", text, 0755);
	*err = (struct err){ 0 };
	*ret_ok = program_run(path, bytes_of(input), &said, err);
	buf_byte(&said, '\0');
	free(path);
	free(text);
	return (char *)said.at;
}

static void it_is_told_on_its_input_and_what_it_prints_is_kept(void **state)
{
	struct err err;
	bool ok;
	char *said = run(*state, "read line; echo \"got $line\"; echo also >&2", "+one\n+two\n", &ok, &err);

	assert_true(ok);
	assert_string_equal(said, "got +one\nalso\n");
	free(said);
}

static void its_environment_and_directory_are_ours_to_choose(void **state)
{
	struct err err;
	bool ok;
	char *said;

	assert_int_equal(setenv("LD_PRELOAD_ME", "x", 1), 0);
	said = run(*state, "env | grep -v '^_=\\|^SHLVL=\\|^OLDPWD=' | sort; pwd", "", &ok, &err);
	assert_true(ok);
	assert_null(strstr(said, "LD_PRELOAD_ME"));
	assert_non_null(strstr(said, "PATH=/usr/local/sbin:"));
	assert_string_equal(said + strlen(said) - 3, "\n/\n");
	free(said);
}

static void its_failure_is_an_error_that_says_how(void **state)
{
	struct err err;
	bool ok;
	char *said = run(*state, "echo no; exit 7", "", &ok, &err);

	assert_false(ok);
	assert_non_null(strstr(err.text, "status 7"));
	assert_string_equal(said, "no\n");
	free(said);
	said = run(*state, "kill -9 $$", "", &ok, &err);
	assert_false(ok);
	assert_non_null(strstr(err.text, "signal 9"));
	free(said);
	assert_false(program_run("/nonexistent/program", bytes_of(""), &(struct buf){ 0 }, &err));
}

static void what_it_leaves_running_is_not_waited_for(void **state)
{
	int64_t begin = helper_now();
	struct err err;
	bool ok;
	char *said = run(*state, "sleep 30 & echo $!", "", &ok, &err);
	pid_t left = (pid_t)strtol(said, NULL, 10);

	assert_true(ok);
	assert_true(left > 1);
	assert_true(helper_now() - begin < 10000);
	assert_int_equal(kill(left, SIGKILL),
			 0); /* it runs, and holds what it inherited of who waits for us */
	free(said);
}

static void much_output_is_cut_and_does_not_hold_it_up(void **state)
{
	struct err err;
	bool ok;
	char *said = run(*state, "head -c 1000000 /dev/zero | tr '\\0' x", "", &ok, &err);

	assert_true(ok);
	assert_int_equal(strlen(said), LIMIT_RUN_WORDS);
	free(said);
}

/* On the host itself, but for a state of the test's. */
static void after_a_change_of_the_host_programs_are_told_of_it(void **state)
{
	const struct change change = { .command = "add", .summary = "s", .at = 1 };
	struct tree *tree = *state;
	char *place = mem_print("%s/state", tree->top), *file = mem_print("%s/file", tree->top);
	char *hook = mem_print("%s/hook", tree->top), *bad = mem_print("%s/bad", tree->top);
	char *script = mem_print("#!/bin/sh\ncat %s - >%s/told\n", file, tree->top);
	struct applied applied;
	struct edits edits = { 0 };
	struct buf got = { 0 };
	struct state own;
	struct root host;
	struct err err = { 0 };

	tree_file(tree, "/hook", script, 0755);
	tree_file(tree, "/bad", "#!/bin/sh\necho oh dear; exit 1\n", 0755);
	assert_true(root_open(NULL, &host, &err));
	buf_text(&edits_add(&edits, EDIT_RUN, hook)->content, "+it\n");
	edits_add(&edits, EDIT_RUN, bad);
	assert_true(put_file(&edits, &host, NULL, file, bytes_of("new\n"), 0644, &err));
	assert_true(state_open(&host, place, true, &own, &err));
	assert_true(apply_edits(&own, &change, &edits, &applied, &err));
	assert_true(root_read(&tree->root, "/told", &got, &err));
	assert_true(bytes_equal(buf_view(&got), bytes_of("new\n+it\n"))); /* after the change */
	assert_true(applied.program_failed);
	assert_int_equal(applied.said.count, 2);
	assert_non_null(strstr(applied.said.all[1], "oh dear"));
	applied_done(&applied);
	edits_done(&edits);
	state_done(&own);
	root_done(&host);
	buf_done(&got);
	free(place);
	free(file);
	free(hook);
	free(bad);
	free(script);
}

/* What one process after another does with a state on the host itself. */
static void begin(const char *place, struct root *host, struct state *own)
{
	struct err err = { 0 };

	if (!root_open(NULL, host, &err) || !state_open(host, place, true, own, &err) ||
	    !state_lock(own, NULL, NULL, NULL, &err))
		fail_msg("%s", err.text);
}

static void killed_by_the_program(const struct tree *tree, const char *place, const char *hook)
{
	const struct change change = { .command = "add", .summary = "s", .at = 1 };
	char *file = mem_print("%s/file", tree->top);
	struct applied applied;
	struct edits edits = { 0 };
	struct state own;
	struct root host;
	struct err err;

	begin(place, &host, &own);
	buf_text(&edits_add(&edits, EDIT_RUN, hook)->content, "+it\n");
	if (put_file(&edits, &host, NULL, file, bytes_of("new\n"), 0644, &err))
		apply_edits(&own, &change, &edits, &applied, &err);
	_exit(0);
}

static enum entry_state state_of_first(const struct state *own)
{
	struct entries all;
	struct err err;
	enum entry_state is;

	assert_true(journal_list(own, &all, &err));
	assert_int_equal(all.count, 1);
	is = all.all[0].state;
	entries_done(&all);
	return is;
}

static void what_died_before_all_were_told_is_remembered_and_the_next_start_tells_them(void **state)
{
	struct tree *tree = *state;
	char *place = mem_print("%s/state", tree->top), *hook = mem_print("%s/hook", tree->top);
	char *script = mem_print("#!/bin/sh\n[ -e %s/once ] || { : >%s/once; kill -9 $PPID; exit; }\n"
				 "cat >%s/told; echo heard\n",
				 tree->top, tree->top, tree->top);
	struct texts said = { 0 }, left = { 0 };
	struct buf got = { 0 };
	struct state own;
	struct root host;
	struct err err = { 0 };
	unsigned id;
	int status;
	pid_t child;

	tree_file(tree, "/hook", script, 0755);
	child = fork();
	if (child == 0)
		killed_by_the_program(tree, place, hook);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	begin(place, &host, &own);
	assert_true(root_has(&tree->root, "/file"));
	assert_int_equal(state_of_first(&own), ENTRY_UNTOLD);
	assert_true(apply_recover(&own, &id, &left, &err));
	assert_int_equal(id, 0); /* it is done, and stays */
	assert_true(apply_catch_up(&own, &id, &said, &err));
	assert_int_equal(id, 1);
	assert_true(root_read(&tree->root, "/told", &got, &err));
	assert_true(bytes_equal(buf_view(&got), bytes_of("+it\n")));
	assert_int_equal(said.count, 1);
	assert_non_null(strstr(said.all[0], "heard"));
	assert_int_equal(state_of_first(&own), ENTRY_DONE);
	assert_true(apply_catch_up(&own, &id, &said, &err));
	assert_int_equal(id, 0); /* once is enough */
	texts_done(&said);
	buf_done(&got);
	state_done(&own);
	root_done(&host);
	free(place);
	free(hook);
	free(script);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, tree_begin, tree_end)
		TEST(it_is_told_on_its_input_and_what_it_prints_is_kept),
		TEST(its_environment_and_directory_are_ours_to_choose),
		TEST(its_failure_is_an_error_that_says_how),
		TEST(what_it_leaves_running_is_not_waited_for),
		TEST(much_output_is_cut_and_does_not_hold_it_up),
		TEST(after_a_change_of_the_host_programs_are_told_of_it),
		TEST(what_died_before_all_were_told_is_remembered_and_the_next_start_tells_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
