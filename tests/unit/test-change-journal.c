/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tree.h"

#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "change/entry.h"
#include "change/journal.h"
#include "change/undo.h"
#include "medium/pack.h"
#include "stage/put.h"

#define JOURNAL "var/lib/anchorage/journal"

static unsigned change(struct tree *tree, const char *content)
{
	struct edits edits = { 0 };
	struct err err = { 0 };
	unsigned id;

	assert_true(put_file(&edits, &tree->root, "system", "/file", bytes_of(content), 0644, &err));
	id = tree_apply(tree, &edits);
	edits_done(&edits);
	return id;
}

static void odd_names_come_back_as_they_were(void **state)
{
	static const char name[] = "/od\xff\"d \x1b[31m\\x41/\xe2\x80\xae";
	struct tree *tree = *state;
	struct edits edits = { 0 };
	struct entry entry;
	struct err err = { 0 };

	assert_true(put_directory(&edits, &tree->root, NULL, "/od\xff\"d \x1b[31m\\x41", &err));
	assert_true(put_link(&edits, &tree->root, "a\nb", name, "\xfe/..", &err));
	tree_apply(tree, &edits);
	if (!journal_read(&tree->state, 1, &entry, &err))
		fail_msg("%s", err.text);
	assert_int_equal(entry.count, 2);
	assert_string_equal(entry.all[1].path, name);
	assert_string_equal(entry.all[1].store, "a\nb");
	assert_string_equal(entry.all[1].after.was.target, "\xfe/..");
	entry_done(&entry);
	edits_done(&edits);
}

static void contents_before_and_after_are_kept(void **state)
{
	struct tree *tree = *state;
	struct entry entry;
	struct err err = { 0 };

	change(tree, "one");
	change(tree, "two");
	assert_true(journal_read(&tree->state, 2, &entry, &err));
	assert_true(bytes_equal(buf_view(&entry.all[0].before.content), bytes_of("one")));
	assert_true(bytes_equal(buf_view(&entry.all[0].after.content), bytes_of("two")));
	entry_done(&entry);
}

static void an_entry_cut_anywhere_is_a_note_and_the_others_are_read(void **state)
{
	struct tree *tree = *state;
	struct entries all;
	struct entry entry;
	struct err err = { 0 };

	change(tree, "one");
	change(tree, "two");
	for (unsigned size = 0; size < 1200; size += 100) {
		tree_run(tree, "cp " JOURNAL "/000001.tar keep; truncate -s %u " JOURNAL "/000001.tar", size);
		assert_true(journal_list(&tree->state, &all, &err));
		assert_true(all.count + all.notes.count >= 2);
		assert_int_equal(all.all[all.count - 1].id, 2);
		entries_done(&all);
		assert_false(journal_read(&tree->state, 1, &entry, &err));
		tree_run(tree, "mv keep " JOURNAL "/000001.tar");
	}
	assert_true(journal_read(&tree->state, 1, &entry, &err));
	entry_done(&entry);
}

static void what_is_no_entry_is_a_note(void **state)
{
	struct tree *tree = *state;
	struct entries all;
	struct err err = { 0 };

	change(tree, "one");
	tree_run(tree,
		 "cd " JOURNAL "; echo >readme; mkdir 000002.tar; ln -s /etc/passwd 000003.tar; "
		 "mkfifo 000004.tar; echo x >000005.tar; cp 000001.tar 000009.tar; cp 000001.tar 1.tar");
	assert_true(journal_list(&tree->state, &all, &err));
	assert_int_equal(all.count, 1);
	assert_int_equal(all.notes.count, 7);
	entries_done(&all);
}

static void a_path_however_written_is_read_back(void **state)
{
	static const char *const paths[] = { "//file",       "/./file",  "/file/",
					     "/.//./file/.", "/file/./", "/a/b//./.c" };
	struct tree *tree = *state;
	struct err err = { 0 };

	tree_run(tree, "mkdir -p a/b");
	for (unsigned i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		struct edits edits = { 0 };
		struct entry entry;

		buf_print(&edits_add(&edits, EDIT_FILE, paths[i])->content, "%u", i);
		tree_apply(tree, &edits);
		if (!journal_read(&tree->state, i + 1, &entry, &err))
			fail_msg("%s: %s", paths[i], err.text);
		assert_string_equal(entry.all[0].path, i < 5 ? "/file" : "/a/b/.c");
		entry_done(&entry);
		edits_done(&edits);
	}
}

static void what_could_not_be_taken_back_is_not_begun(void **state)
{
	static const struct change how = { .command = "add", .summary = "", .at = 1 };
	struct tree *tree = *state;
	struct edits edits = { 0 };
	struct applied applied;
	struct err err = { 0 };

	tree_run(tree, "mkdir -p a/b");
	buf_text(&edits_add(&edits, EDIT_FILE, "/a/b/../file")->content, "x");
	assert_false(apply_edits(&tree->state, &how, &edits, &applied, &err));
	assert_non_null(strstr(err.text, "nothing was changed"));
	assert_int_equal(applied.id, 0);
	assert_false(root_has(&tree->root, "/a/file"));
	tree_run(tree, "[ -z \"$(ls " JOURNAL ")\" ]");
	applied_done(&applied);
	edits_done(&edits);
}

/* Holes make a small archive say much: of all that are listed not more is kept than one may be large. */
static void archives_of_holes_do_not_fill_the_memory(void **state)
{
	struct tree *tree = *state;
	struct entries all;
	struct err err = { 0 };

	change(tree, "one");
	tree_run(
		tree,
		"cd " JOURNAL " && mkdir x && truncate -s 300M x/entry.json && echo >>x/entry.json && "
		"tar -C x -cSf 000002.tar entry.json && cp --sparse=always 000002.tar 000003.tar && rm -r x");
	assert_true(journal_list(&tree->state, &all, &err));
	assert_int_equal(all.count, 1);
	assert_int_equal(all.notes.count, 2);
	assert_non_null(strstr(all.notes.all[1], "larger than anchorage makes it"));
	entries_done(&all);
}

/* An entry of somebody else's making; NULL: it is taken. */
static const char *read_as(const char *json)
{
	static struct err err;
	struct entry entry = { .id = 1 };
	bool ok = entry_read(bytes_of(json), &entry, &err);

	entry_done(&entry);
	return ok ? NULL : err.text;
}

#define HEAD                                                                                                 \
	"{\"id\":1,\"command\":\"add\",\"summary\":\"s\",\"who\":\"w\",\"at\":\"2026-11-23T00:00:00Z\","     \
	"\"touched\":["
#define STANDS "\"before\":{\"is\":\"absent\"},\"after\":{\"is\":\"absent\"}}"

static void what_an_entry_says_is_not_believed(void **state)
{
	static const char *const bad[] = {
		"",
		"[]",
		"{}",
		HEAD "{\"edit\":\"file\",\"path\":\"etc/x\"," STANDS "]}",
		HEAD "{\"edit\":\"file\",\"path\":\"/\"," STANDS "]}",
		HEAD "{\"edit\":\"file\",\"path\":\"/../etc/x\"," STANDS "]}",
		HEAD "{\"edit\":\"file\",\"path\":\"/etc/..\"," STANDS "]}",
		HEAD "{\"edit\":\"file\",\"path\":\"/etc//x\"," STANDS "]}",
		HEAD "{\"edit\":\"file\",\"path\":\"/etc/x\\u0000y\"," STANDS "]}",
		HEAD "{\"edit\":\"chmod\",\"path\":\"/etc/x\"," STANDS "]}",
		HEAD "{\"edit\":\"file\",\"path\":\"/etc/x\",\"before\":{\"is\":\"absent\"}}]}",
		HEAD "{\"edit\":\"file\",\"path\":\"/x\",\"before\":{\"is\":\"file\",\"sha256\":\"00\"}}]}",
		HEAD "{\"edit\":\"run\",\"path\":\"/etc/x\"}]}",
		HEAD "7]}",
	};

	(void)state;
	assert_null(read_as(HEAD "{\"edit\":\"file\",\"path\":\"/etc/x\"," STANDS "]}"));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (read_as(bad[i]) == NULL)
			fail_msg("it was taken: %s", bad[i]);
}

static void content_that_is_not_what_stood_there_is_refused(void **state)
{
	struct tree *tree = *state;
	struct entry entry;
	struct err err = { 0 };

	change(tree, "one");
	change(tree, "two");
	tree_run(tree, "cd " JOURNAL "; sed s/one/0ne/ 000002.tar >x && mv x 000002.tar");
	assert_false(journal_read(&tree->state, 2, &entry, &err));
	assert_non_null(strstr(err.text, "/file"));
}

static void the_oldest_go_when_there_are_too_many(void **state)
{
	struct tree *tree = *state;
	struct entries all;
	struct err err = { 0 };

	change(tree, "one");
	tree_run(tree,
		 "cd " JOURNAL "; i=2; while [ $i -lt %d ]; do cp 000001.tar $(printf %%06d $i).tar; "
		 "i=$((i+1)); done",
		 LIMIT_HISTORY + 10);
	assert_int_equal(change(tree, "two"), LIMIT_HISTORY + 10);
	assert_true(journal_list(&tree->state, &all, &err));
	assert_int_equal(all.count + all.notes.count, LIMIT_HISTORY);
	assert_int_equal(all.all[all.count - 1].id, LIMIT_HISTORY + 10);
	entries_done(&all);
}

static void an_archive_of_links_or_devices_is_none_of_ours(void **state)
{
	struct tree *tree = *state;
	struct entry entry;
	struct err err = { 0 };

	change(tree, "one");
	tree_run(tree, "mkdir t; cd t; ln -s /etc/passwd entry.json; tar cf ../" JOURNAL "/000001.tar .");
	assert_false(journal_read(&tree->state, 1, &entry, &err));
	assert_non_null(strstr(err.text, "not written by anchorage"));
}

static void a_pack_comes_back_as_it_was(void **state)
{
	struct tree *tree = *state;
	struct pack_source source = { 0 };
	struct buf tar = { 0 }, large = { 0 };
	struct err err = { 0 };
	char *path = mem_print("%s/x.tar", tree->top);
	FILE *file;

	for (unsigned i = 0; i < 300000; i++)
		buf_byte(&large, i * 7);
	assert_true(pack_file("a", bytes_of("x"), 0, &tar, &err));
	assert_true(pack_file("large", buf_view(&large), 0, &tar, &err));
	assert_true(pack_file("empty", bytes_of(""), 0, &tar, &err));
	pack_end(&tar);
	file = fopen(path, "w+");
	assert_int_equal(fwrite(tar.at, 1, tar.len, file), tar.len);
	rewind(file);
	source.fd = fileno(file);
	assert_true(pack_read(&source, 1, 10, &err));
	assert_null(source.damage);
	assert_int_equal(source.got.count, 3);
	assert_true(bytes_equal(buf_view(&pack_find(&source.got, "large")->content), buf_view(&large)));
	assert_int_equal(pack_find(&source.got, "empty")->content.len, 0);
	fclose(file);
	pack_done(&source.got);
	buf_done(&tar);
	buf_done(&large);
	free(path);
}

static void a_pack_with_a_name_that_tar_has_no_room_for_is_refused(void **state)
{
	char name[101] = "";
	struct buf tar = { 0 };
	struct err err = { 0 };

	(void)state;
	memset(name, 'n', 99);
	assert_true(pack_file(name, bytes_of(""), 0, &tar, &err));
	assert_int_equal(tar.len, 512);
	name[99] = 'n';
	assert_false(pack_file(name, bytes_of(""), 0, &tar, &err));
	assert_int_equal(tar.len, 512);
	buf_done(&tar);
}

/* Somebody who has lost this program can still unpack what it kept. */
static void tar_reads_an_entry(void **state)
{
	struct tree *tree = *state;

	change(tree, "one");
	tree_run(tree, "cd " JOURNAL "; test \"$(tar tvf 000001.tar | cut -c 1-10 | sort -u)\" = -rw-------; "
		       "tar xOf 000001.tar entry.json | grep -q schema; test \"$(tar xOf 000001.tar "
		       "after/0)\" = one");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, tree_begin, tree_end)
		TEST(odd_names_come_back_as_they_were),
		TEST(contents_before_and_after_are_kept),
		TEST(a_path_however_written_is_read_back),
		TEST(archives_of_holes_do_not_fill_the_memory),
		TEST(what_could_not_be_taken_back_is_not_begun),
		TEST(an_entry_cut_anywhere_is_a_note_and_the_others_are_read),
		TEST(what_is_no_entry_is_a_note),
		TEST(what_an_entry_says_is_not_believed),
		TEST(content_that_is_not_what_stood_there_is_refused),
		TEST(the_oldest_go_when_there_are_too_many),
		TEST(an_archive_of_links_or_devices_is_none_of_ours),
		TEST(a_pack_comes_back_as_it_was),
		TEST(a_pack_with_a_name_that_tar_has_no_room_for_is_refused),
		TEST(tar_reads_an_entry),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
