/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "tree.h"

#include "base/err.h"
#include "base/mem.h"
#include "change/journal.h"
#include "change/undo.h"
#include "stage/put.h"

static const struct change change = { .command = "add", .summary = "trust one", .at = 1000000000 };

/* A bundle that grows, a new file in a new directory, a link that changes, one that goes. */
static void small_store(const struct tree *tree)
{
	tree_file(tree, "/etc/ssl/bundle", "one\n", 0640);
	tree_file(tree, "/etc/ssl/stale", "old\n", 0600);
	tree_run(tree, "ln -s one etc/ssl/link; touch -d @12345.5 etc/ssl/bundle etc/ssl/stale");
}

static void small_change(const struct tree *tree, struct edits *edits)
{
	struct err err = { 0 };

	if (!put_directory(edits, &tree->root, "system", "/usr/local/share/ca", &err) ||
	    !put_file(edits, &tree->root, "system", "/usr/local/share/ca/two.crt", bytes_of("two\n"), 0644,
		      &err) ||
	    !put_file(edits, &tree->root, "system", "/etc/ssl/bundle", bytes_of("one\ntwo\n"), 0644, &err) ||
	    !put_link(edits, &tree->root, "system", "/etc/ssl/link", "two", &err) ||
	    !put_link(edits, &tree->root, "system", "/etc/ssl/new", "../two", &err) ||
	    !put_nothing(edits, &tree->root, "system", "/etc/ssl/stale", &err))
		fail_msg("%s", err.text);
}

static void assert_holds(const struct tree *tree, const char *path, const char *content)
{
	struct buf got = { 0 };
	struct err err = { 0 };

	if (!root_read(&tree->root, path, &got, &err))
		fail_msg("%s: %s", path, err.text);
	buf_byte(&got, 0);
	assert_string_equal((const char *)got.at, content);
	buf_done(&got);
}

static void assert_changed(const struct tree *tree)
{
	char *link = root_link(&tree->root, "/etc/ssl/link"), *new = root_link(&tree->root, "/etc/ssl/new");

	assert_holds(tree, "/etc/ssl/bundle", "one\ntwo\n");
	assert_holds(tree, "/usr/local/share/ca/two.crt", "two\n");
	assert_string_equal(link, "two");
	assert_string_equal(new, "../two");
	assert_false(root_has(&tree->root, "/etc/ssl/stale"));
	free(link);
	free(new);
}

static void undo(struct tree *tree, unsigned id, bool force)
{
	const struct change undo = { .command = "undo", .summary = "undo", .at = 1000000001, .undoes = id };
	struct conflicts conflicts;
	struct entries all;
	struct entry entry = { 0 };
	struct applied applied = { 0 };
	struct edits edits;
	struct err err = { 0 };

	if (!journal_list(&tree->state, &all, &err) || !journal_read(&tree->state, id, &entry, &err) ||
	    !undo_stage(&tree->root, &entry, &all, force, &edits, &conflicts, &err) ||
	    !apply_edits(&tree->state, &undo, &edits, &applied, &err))
		fail_msg("%s", err.text);
	assert_true(applied.id > id);
	applied_done(&applied);
	edits_done(&edits);
	conflicts_done(&conflicts);
	entry_done(&entry);
	entries_done(&all);
}

static void all_of_a_change_is_done_and_the_history_tells_of_it(void **state)
{
	struct tree *tree = *state;
	struct edits edits = { 0 };
	struct entries all;
	struct err err;
	struct stat st;
	char *path;

	small_store(tree);
	small_change(tree, &edits);
	assert_int_equal(tree_apply(tree, &edits), 1);
	assert_changed(tree);
	path = mem_print("%s/etc/ssl/bundle", tree->top);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	free(path);
	assert_true(journal_list(&tree->state, &all, &err));
	assert_int_equal(all.count, 1);
	assert_int_equal(all.notes.count, 0);
	assert_int_equal(all.all[0].state, ENTRY_DONE);
	assert_string_equal(all.all[0].summary, "trust one");
	assert_int_equal(all.all[0].at, 1000000000);
	assert_int_equal(all.all[0].count, edits.count);
	entries_done(&all);
	edits_done(&edits);
}

static void undone_the_tree_is_what_it_was_byte_mode_time_and_link(void **state)
{
	struct tree *tree = *state;
	struct edits edits = { 0 };
	char *before, *after;

	small_store(tree);
	before = tree_text(tree);
	small_change(tree, &edits);
	tree_apply(tree, &edits);
	undo(tree, 1, false);
	after = tree_text(tree);
	assert_string_equal(before, after);
	free(after);
	undo(tree, 2, false); /* and what was undone is done again by undoing that */
	assert_changed(tree);
	undo(tree, 3, false);
	after = tree_text(tree);
	assert_string_equal(before, after);
	free(before);
	free(after);
	edits_done(&edits);
}

static void an_undo_that_was_undone_leaves_the_first_entry_done(void **state)
{
	struct tree *tree = *state;
	struct edits edits = { 0 };
	struct entries all;
	struct err err;

	small_store(tree);
	small_change(tree, &edits);
	tree_apply(tree, &edits);
	undo(tree, 1, false);
	assert_true(journal_list(&tree->state, &all, &err));
	assert_int_equal(all.all[0].state, ENTRY_UNDONE);
	assert_int_equal(all.all[0].undone_by, 2);
	entries_done(&all);
	undo(tree, 2, false);
	assert_true(journal_list(&tree->state, &all, &err));
	assert_int_equal(all.all[0].state, ENTRY_DONE);
	assert_int_equal(all.all[1].state, ENTRY_UNDONE);
	assert_int_equal(all.all[1].undone_by, 3);
	entries_done(&all);
	edits_done(&edits);
}

static void a_file_becomes_a_link_and_a_link_a_file_and_back(void **state)
{
	struct tree *tree = *state;
	struct edits edits = { 0 };
	struct err err;
	char *before, *after, *link;

	small_store(tree);
	before = tree_text(tree);
	assert_true(put_link(&edits, &tree->root, NULL, "/etc/ssl/bundle", "elsewhere", &err));
	assert_true(put_file(&edits, &tree->root, NULL, "/etc/ssl/link", bytes_of("file\n"), 0600, &err));
	tree_apply(tree, &edits);
	link = root_link(&tree->root, "/etc/ssl/bundle");
	assert_string_equal(link, "elsewhere");
	assert_holds(tree, "/etc/ssl/link", "file\n");
	undo(tree, 1, false);
	after = tree_text(tree);
	assert_string_equal(before, after);
	free(before);
	free(after);
	free(link);
	edits_done(&edits);
}

static void another_name_of_a_file_keeps_what_it_named(void **state)
{
	struct tree *tree = *state;
	struct edits edits = { 0 };
	struct applied applied;
	struct err err;

	small_store(tree);
	tree_run(tree, "ln etc/ssl/bundle etc/ssl/other");
	small_change(tree, &edits);
	assert_true(apply_edits(&tree->state, &change, &edits, &applied, &err));
	assert_holds(tree, "/etc/ssl/other", "one\n");
	applied_done(&applied);
	edits_done(&edits);
}

static void an_interrupted_entry_that_cannot_be_read_stops_all_and_says_what_to_do(void **state)
{
	struct tree *tree = *state;
	struct texts left = { 0 };
	struct err err = { 0 };
	unsigned id;

	tree_run(tree, "echo x >var/lib/anchorage/journal/000004.prepared.tar");
	assert_false(apply_recover(&tree->state, &id, &left, &err));
	assert_int_equal(id, 4);
	assert_non_null(strstr(err.text, STATE_PATH "/journal' (000004) to be moved away"));
	texts_done(&left);
}

static void nothing_to_do_is_not_kept(void **state)
{
	struct tree *tree = *state;
	struct edits edits = { 0 }, again = { 0 };

	small_store(tree);
	small_change(tree, &edits);
	tree_apply(tree, &edits);
	small_change(tree, &again);
	assert_int_equal(again.count, 0);
	assert_int_equal(tree_apply(tree, &again), 0);
	edits_done(&edits);
}

/* In front of the C library's: what another does at the very moment of an exchange. */
static const struct tree *meddled;

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name): the names there are reserved ones */
int renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags)
{
	const struct tree *tree = meddled;

	meddled = NULL;
	if (tree != NULL)
		tree_run(tree,
			 "echo theirs >etc/ssl/x && chmod 604 etc/ssl/x && mv etc/ssl/x etc/ssl/bundle");
	return (int)syscall(SYS_renameat2, from_dir, from, to_dir, to, flags);
}

static void what_others_put_there_at_the_last_moment_is_not_lost(void **state)
{
	struct tree *tree = *state;
	struct applied applied;
	struct err err = { 0 };

	for (unsigned gone = 0; gone < 2; gone++) {
		struct edits edits = { 0 };

		tree_file(tree, "/etc/ssl/bundle", "one\n", 0640);
		if (gone)
			assert_true(put_nothing(&edits, &tree->root, NULL, "/etc/ssl/bundle", &err));
		else
			assert_true(put_file(&edits, &tree->root, NULL, "/etc/ssl/bundle", bytes_of("two\n"),
					     0, &err));
		assert_true(put_file(&edits, &tree->root, NULL, "/etc/ssl/beside", bytes_of("x"), 0, &err));
		meddled = tree;
		assert_false(apply_edits(&tree->state, &change, &edits, &applied, &err));
		assert_int_equal(err.code, ERR_CHANGED);
		assert_int_equal(applied.id, 0);
		assert_holds(tree, "/etc/ssl/bundle", "theirs\n");
		tree_run(tree,
			 "[ $(stat -c %%a etc/ssl/bundle) = 604 ] && [ \"$(ls -A etc/ssl)\" = bundle ]");
		applied_done(&applied);
		edits_done(&edits);
	}
}

static void what_others_changed_meanwhile_stops_all_of_it(void **state)
{
	struct tree *tree = *state;
	struct edits edits = { 0 };
	struct applied applied;
	struct err err = { 0 };
	char *before, *after;

	small_store(tree);
	small_change(tree, &edits);
	tree_file(tree, "/etc/ssl/bundle", "theirs\n", 0644);
	before = tree_text(tree);
	assert_false(apply_edits(&tree->state, &change, &edits, &applied, &err));
	assert_int_equal(err.code, ERR_CHANGED);
	assert_int_equal(applied.id, 0);
	assert_int_equal(applied.stale.count, 1);
	assert_string_equal(applied.stale.all[0], "/etc/ssl/bundle");
	after = tree_text(tree);
	assert_string_equal(before, after);
	applied_done(&applied);
	edits_done(&edits);
	free(before);
	free(after);
}

static void a_step_that_fails_takes_back_those_before_it(void **state)
{
	struct tree *tree = *state;
	struct edits edits = { 0 };
	struct applied applied;
	struct entries all;
	struct err err = { 0 };
	char *before, *after;

	small_store(tree);
	small_change(tree, &edits);
	edits_add(&edits, EDIT_FILE, "/not/there/file")->was.kind = WAS_ABSENT;
	before = tree_text(tree);
	assert_false(apply_edits(&tree->state, &change, &edits, &applied, &err));
	assert_non_null(strstr(err.text, "/not/there/file"));
	assert_int_equal(applied.id, 0);
	after = tree_text(tree);
	assert_string_equal(before, after);
	assert_true(journal_list(&tree->state, &all, &err));
	assert_int_equal(all.count, 0);
	entries_done(&all);
	applied_done(&applied);
	edits_done(&edits);
	free(before);
	free(after);
}

static void an_undo_where_others_changed_it_since_is_a_conflict_that_names_the_later_entry(void **state)
{
	struct tree *tree = *state;
	struct edits edits = { 0 }, more = { 0 }, back;
	struct conflicts conflicts;
	struct entries all;
	struct entry entry;
	struct err err = { 0 };

	small_store(tree);
	small_change(tree, &edits);
	tree_apply(tree, &edits);
	assert_true(put_file(&more, &tree->root, NULL, "/etc/ssl/bundle", bytes_of("one\ntwo\nthree\n"), 0,
			     &err));
	tree_apply(tree, &more);
	tree_run(tree, "rm etc/ssl/new");
	assert_true(journal_list(&tree->state, &all, &err));
	assert_true(journal_read(&tree->state, 1, &entry, &err));
	assert_true(undo_stage(&tree->root, &entry, &all, false, &back, &conflicts, &err));
	assert_int_equal(back.count, 0);
	assert_int_equal(conflicts.count, 1); /* what is gone already is as it was before */
	assert_string_equal(entry.all[conflicts.all[0].touched].path, "/etc/ssl/bundle");
	assert_string_equal(conflicts.all[0].text, "was changed since");
	assert_int_equal(conflicts.all[0].later, 2);
	conflicts_done(&conflicts);
	entry_done(&entry);
	entries_done(&all);
	undo(tree, 1, true);
	assert_holds(tree, "/etc/ssl/bundle", "one\n");
	edits_done(&edits);
	edits_done(&more);
}

static void a_directory_that_was_made_stays_when_others_put_something_into_it(void **state)
{
	struct tree *tree = *state;
	struct edits edits = { 0 };

	small_store(tree);
	small_change(tree, &edits);
	tree_apply(tree, &edits);
	tree_file(tree, "/usr/local/share/ca/theirs", "x", 0644);
	undo(tree, 1, false);
	assert_true(root_has(&tree->root, "/usr/local/share/ca/theirs"));
	assert_false(root_has(&tree->root, "/usr/local/share/ca/two.crt"));
	edits_done(&edits);
}

static void attributes_and_an_odd_mode_are_kept(void **state)
{
	struct tree *tree = *state;
	struct edits edits = { 0 };
	char value[16] = "", *path;
	bool attributes;
	struct stat st;

	small_store(tree);
	path = mem_print("%s/etc/ssl/bundle", tree->top);
	assert_int_equal(chmod(path, 04751), 0);
	attributes = setxattr(path, "user.note", "kept", 4, 0) == 0;
	assert_true(attributes || errno == ENOTSUP);
	small_change(tree, &edits);
	tree_apply(tree, &edits);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 04751);
	assert_true(!attributes || getxattr(path, "user.note", value, sizeof(value)) == 4);
	assert_true(!attributes || strcmp(value, "kept") == 0);
	free(path);
	edits_done(&edits);
}

/* system.posix_acl_default: user 4711 may read and write (acl(5), the kernel's posix_acl_xattr.h). */
static bool give_default_acl(const char *directory)
{
	static const uint8_t acl[] = {
		2,  0, 0, 0,                         /* version */
		1,  0, 7, 0, 0xff, 0xff, 0xff, 0xff, /* owner */
		2,  0, 6, 0, 0x67, 0x12, 0,    0,    /* the user */
		4,  0, 5, 0, 0xff, 0xff, 0xff, 0xff, /* group */
		16, 0, 7, 0, 0xff, 0xff, 0xff, 0xff, /* mask */
		32, 0, 5, 0, 0xff, 0xff, 0xff, 0xff, /* others */
	};

	return setxattr(directory, "system.posix_acl_default", acl, sizeof(acl), 0) == 0;
}

static void a_replaced_file_gets_no_access_list_of_its_directory(void **state)
{
	struct tree *tree = *state;
	struct edits edits = { 0 };
	char *path, *directory;

	small_store(tree);
	directory = mem_print("%s/etc/ssl", tree->top);
	path = mem_print("%s/bundle", directory);
	if (give_default_acl(directory)) {
		small_change(tree, &edits);
		tree_apply(tree, &edits);
		assert_int_equal(getxattr(path, "system.posix_acl_access", NULL, 0), -1);
		undo(tree, 1, false);
		assert_int_equal(getxattr(path, "system.posix_acl_access", NULL, 0), -1);
	} else {
		print_message("# no access lists on this file system\n");
	}
	free(directory);
	free(path);
	edits_done(&edits);
}

static void a_program_of_a_tree_is_not_run_and_that_is_said(void **state)
{
	struct tree *tree = *state;
	struct edits edits = { 0 };
	struct applied applied;
	struct err err;

	small_store(tree);
	small_change(tree, &edits);
	tree_file(tree, "/etc/hook", "#!/bin/sh\ntouch /etc/ran\n", 0755);
	buf_text(&edits_add(&edits, EDIT_RUN, "/etc/hook")->content, "+two\n");
	assert_true(apply_edits(&tree->state, &change, &edits, &applied, &err));
	assert_int_equal(applied.said.count, 1);
	assert_non_null(strstr(applied.said.all[0], "/etc/hook"));
	assert_false(applied.program_failed);
	applied_done(&applied);
	edits_done(&edits);
}

static void no_path_leads_out_of_the_root(void **state)
{
	struct tree *tree = *state, *outside;
	struct edits edits = { 0 };
	struct applied applied;
	struct err err = { 0 };
	void *other;

	assert_int_equal(tree_begin(&other), 0);
	outside = other;
	tree_file(outside, "/bundle", "theirs\n", 0644);
	tree_file(tree, "/etc/x", "", 0644);
	tree_run(tree, "ln -s %s etc/ssl", outside->top);
	edits_add(&edits, EDIT_FILE, "/etc/ssl/bundle");
	assert_false(apply_edits(&tree->state, &change, &edits, &applied, &err));
	assert_holds(outside, "/bundle", "theirs\n");
	applied_done(&applied);
	edits_done(&edits);
	tree_end(&other);
}

static void a_store_that_two_want_differently_is_an_error_and_alike_is_none(void **state)
{
	struct tree *tree = *state;
	struct edits edits = { 0 };
	struct applied applied;
	struct err err = { 0 };

	small_store(tree);
	small_change(tree, &edits);
	small_change(tree, &edits); /* put_directory() is aware of itself, put_file() is not */
	assert_int_equal(tree_apply(tree, &edits), 1);
	edits_done(&edits);
	buf_text(&edits_add(&edits, EDIT_FILE, "/etc/x")->content, "a");
	buf_text(&edits_add(&edits, EDIT_FILE, "/etc/x")->content, "b");
	assert_false(apply_edits(&tree->state, &change, &edits, &applied, &err));
	assert_non_null(strstr(err.text, "/etc/x"));
	assert_false(root_has(&tree->root, "/etc/x"));
	applied_done(&applied);
	edits_done(&edits);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, tree_begin, tree_end)
		TEST(all_of_a_change_is_done_and_the_history_tells_of_it),
		TEST(undone_the_tree_is_what_it_was_byte_mode_time_and_link),
		TEST(an_undo_that_was_undone_leaves_the_first_entry_done),
		TEST(a_file_becomes_a_link_and_a_link_a_file_and_back),
		TEST(another_name_of_a_file_keeps_what_it_named),
		TEST(an_interrupted_entry_that_cannot_be_read_stops_all_and_says_what_to_do),
		TEST(nothing_to_do_is_not_kept),
		TEST(what_others_put_there_at_the_last_moment_is_not_lost),
		TEST(what_others_changed_meanwhile_stops_all_of_it),
		TEST(a_step_that_fails_takes_back_those_before_it),
		TEST(an_undo_where_others_changed_it_since_is_a_conflict_that_names_the_later_entry),
		TEST(a_directory_that_was_made_stays_when_others_put_something_into_it),
		TEST(attributes_and_an_odd_mode_are_kept),
		TEST(a_replaced_file_gets_no_access_list_of_its_directory),
		TEST(a_program_of_a_tree_is_not_run_and_that_is_said),
		TEST(no_path_leads_out_of_the_root),
		TEST(a_store_that_two_want_differently_is_an_error_and_alike_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
