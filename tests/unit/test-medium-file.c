/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Large files are read through a window: what comes out must not tell where its
 * borders were.
 */
#include "unit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/base64.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/root.h"
#include "feed.h"
#include "make.h"
#include "medium/file.h"

enum { WINDOW = 1 << 20 };

static struct root host = { .fd = -1 };

static void block(struct buf *to, const char *type, struct bytes body, bool end)
{
	buf_print(to, "-----BEGIN %s-----\n", type);
	base64_write(body, 64, to);
	if (end)
		buf_print(to, "-----END %s-----\n", type);
}

/* A bundle of more than `size` bytes behind `pad` bytes of text, with all that a reader has something to say
 * of. */
static void bundle(size_t size, size_t pad, struct buf *to)
{
	struct buf der = { 0 };

	make_cert(&(struct make){ .cn = "Alder" }, &der);
	for (size_t i = 0; i < pad; i++)
		buf_byte(to, i % 80 == 79 ? '\n' : '.');
	buf_byte(to, '\n');
	for (unsigned i = 0; to->len < size; i++) {
		if (i % 97 == 96)
			block(to, "CERTIFICATE", buf_view(&der), false);
		if (i % 101 == 100)
			block(to, "CERTIFICATE", (struct bytes){ der.at, 100 }, true);
		if (i % 303 == 302)
			block(to, "PRIVATE KEY", (struct bytes){ der.at, 100 }, true);
		if (i % 7 == 6)
			buf_text(to, "\nText between the blocks -- with dashes -----\n\n");
		if (i % 3 == 0)
			buf_print(to, "# Label %u\n", i);
		if (i % 3 == 1)
			buf_print(to, "Heading %u\n==========\n", i);
		block(to, i % 11 == 10 ? "TRUSTED CERTIFICATE" : "CERTIFICATE", buf_view(&der), true);
	}
	buf_done(&der);
}

static void same_notes(const struct store *a, const struct store *b)
{
	assert_int_equal(a->note_count, b->note_count);
	for (size_t i = 0; i < a->note_count; i++) {
		assert_string_equal(a->notes[i].text, b->notes[i].text);
		assert_string_equal(a->notes[i].file, b->notes[i].file);
		assert_int_equal(a->notes[i].level, b->notes[i].level);
		assert_int_equal(a->notes[i].at, b->notes[i].at);
		assert_int_equal(a->notes[i].line, b->notes[i].line);
	}
}

static void same(const struct store *a, const struct store *b)
{
	feed_same(a, b);
	for (size_t i = 0; i < a->count; i++) {
		assert_int_equal(a->anchors[i].origin.line, b->anchors[i].origin.line);
		assert_string_equal(a->anchors[i].origin.file, b->anchors[i].origin.file);
	}
	same_notes(a, b);
}

static struct store *in_one_piece(const char *path, struct bytes bytes)
{
	struct store *store = store_new("whole");
	struct err err = { 0 };

	if (!file_read_bytes(path, bytes, NULL, store, &err))
		fail_msg("%s", err.text);
	return store;
}

static struct store *through_the_window(const char *path)
{
	struct store *store = store_new("parts");
	struct err err = { 0 };

	if (!file_read(path, &host, NULL, store, &err))
		fail_msg("%s", err.text);
	return store;
}

/* Both, of a bundle that is a file for so long; they are the same. Both are the caller's. */
static void both(struct bytes file, struct store **ret_whole, struct store **ret_parts)
{
	char *dir = feed_directory(), *path = mem_print("%s/bundle.pem", dir);

	feed_file(dir, "bundle.pem", file);
	*ret_whole = in_one_piece(path, file);
	*ret_parts = through_the_window(path);
	same(*ret_whole, *ret_parts);
	feed_remove(dir);
	free(path);
}

static void a_large_bundle_reads_the_same_as_in_one_piece(void **state)
{
	struct buf file = { 0 };
	struct store *whole, *parts;

	(void)state;
	bundle(3 * WINDOW + WINDOW / 2, 0, &file);
	both(buf_view(&file), &whole, &parts);
	assert_true(whole->count > 7000 && whole->note_count > 100);
	store_free(whole);
	store_free(parts);
	buf_done(&file);
}

static void wherever_the_border_falls(void **state)
{
	(void)state;
	for (size_t pad = 0; pad < 640; pad += 29) {
		struct buf file = { 0 };
		struct store *whole, *parts;

		bundle(WINDOW + WINDOW / 16, pad, &file);
		both(buf_view(&file), &whole, &parts);
		store_free(whole);
		store_free(parts);
		buf_done(&file);
	}
}

static void lines_that_end_in_cr_and_lf_are_counted_once(void **state)
{
	struct buf file = { 0 }, crlf = { 0 };
	struct store *whole, *parts;

	(void)state;
	bundle(WINDOW + WINDOW / 4, 0, &file);
	for (size_t i = 0; i < file.len; i++) {
		if (file.at[i] == '\n')
			buf_byte(&crlf, '\r');
		buf_byte(&crlf, file.at[i]);
	}
	both(buf_view(&crlf), &whole, &parts);
	store_free(whole);
	whole = in_one_piece("/bundle.pem", buf_view(&file));
	for (size_t i = 0; i < whole->count; i++)
		assert_int_equal(whole->anchors[i].origin.line, parts->anchors[i].origin.line);
	store_free(whole);
	store_free(parts);
	buf_done(&file);
	buf_done(&crlf);
}

/* A child that writes all of it in small, uneven pieces. */
static pid_t writer(const char *path, struct bytes bytes)
{
	pid_t child = fork();
	int fd;

	assert_true(child >= 0);
	if (child > 0)
		return child;
	fd = open(path, O_WRONLY);
	for (size_t piece = 1; fd >= 0 && bytes.len > 0; piece = piece * 3 % 7919) {
		ssize_t n = write(fd, bytes.at, piece < bytes.len ? piece : bytes.len);

		if (n < 0)
			_exit(1);
		bytes = bytes_skip(bytes, (size_t)n);
	}
	_exit(fd < 0);
}

static void a_pipe_reads_the_same_by_name_and_as_standard_input(void **state)
{
	char *dir = feed_directory(), *path = mem_print("%s/pipe", dir);
	struct buf file = { 0 };

	(void)state;
	bundle(WINDOW + WINDOW / 2, 0, &file);
	assert_int_equal(mkfifo(path, 0600), 0);
	for (int input = 0; input < 2; input++) {
		struct store *whole = in_one_piece(input ? "-" : path, buf_view(&file)), *parts;
		pid_t child = writer(path, buf_view(&file));
		int kept = dup(STDIN_FILENO), status, fd;

		if (input) {
			fd = open(path, O_RDONLY);
			assert_true(fd >= 0 && dup2(fd, STDIN_FILENO) >= 0);
			close(fd);
		}
		parts = through_the_window(input ? "-" : path);
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_int_equal(status, 0);
		assert_true(dup2(kept, STDIN_FILENO) >= 0);
		close(kept);
		same(whole, parts);
		store_free(whole);
		store_free(parts);
	}
	buf_done(&file);
	feed_remove(dir);
	free(path);
}

static void what_has_no_place_to_cut_is_read_whole(void **state)
{
	char *dir = feed_directory(), *path = mem_print("%s/bundle.der", dir);
	struct buf file = { 0 }, der = { 0 };
	struct store *parts;

	(void)state;
	make_cert(&(struct make){ .cn = "Alder" }, &der);
	while (file.len < WINDOW + WINDOW / 2)
		buf_bytes(&file, buf_view(&der));
	feed_file(dir, "bundle.der", buf_view(&file));
	parts = through_the_window(path);
	assert_int_equal(parts->count, file.len / der.len);
	assert_int_equal(parts->note_count, 0);
	store_free(parts);
	buf_done(&file);
	buf_done(&der);
	feed_remove(dir);
	free(path);
}

static void a_large_file_that_is_cut_is_not_read_in_full(void **state)
{
	char *dir = feed_directory(), *path = mem_print("%s/bundle.pem", dir);
	struct buf file = { 0 };
	struct store *parts;

	(void)state;
	bundle(WINDOW + WINDOW / 2, 0, &file);
	file.len -= 100;
	feed_file(dir, "bundle.pem", buf_view(&file));
	parts = through_the_window(path);
	assert_true(parts->count > 2000);
	assert_true(store_incomplete(parts));
	assert_true(feed_noted(parts, NOTE_ERROR, "the file ends in it"));
	store_free(parts);
	buf_done(&file);
	feed_remove(dir);
	free(path);
}

static void junk_behind_the_first_window_is_no_end_of_the_store(void **state)
{
	struct buf file = { 0 };
	struct store *whole, *parts;

	(void)state;
	bundle(WINDOW, 0, &file);
	for (size_t i = 0; i < 3 * (size_t)WINDOW; i++)
		buf_byte(&file, i % 64 == 63 ? '\n' : 'x');
	bundle(file.len + WINDOW / 8, 0, &file);
	both(buf_view(&file), &whole, &parts);
	store_free(whole);
	store_free(parts);
	buf_done(&file);
}

static void a_large_file_of_nothing_is_not_held_in_memory(void **state)
{
	char *directory = feed_directory(), *path = mem_print("%s/zeros.pem", directory);
	struct store *store = store_new("test");
	struct err err;

	(void)state;
	feed_file(directory, "zeros.pem", bytes_of(""));
	assert_int_equal(truncate(path, (off_t)LIMIT_FILE_SIZE), 0);
	assert_false(file_read(path, &host, NULL, store, &err)); /* and in no time */
	assert_int_equal(err.code, ERR_UNKNOWN);
	assert_int_equal(truncate(path, (off_t)LIMIT_FILE_SIZE + 1), 0);
	assert_false(file_read(path, &host, NULL, store, &err));
	assert_int_equal(err.code, ERR_LIMIT);
	store_free(store);
	free(path);
	feed_remove(directory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_large_bundle_reads_the_same_as_in_one_piece),
		cmocka_unit_test(wherever_the_border_falls),
		cmocka_unit_test(lines_that_end_in_cr_and_lf_are_counted_once),
		cmocka_unit_test(a_pipe_reads_the_same_by_name_and_as_standard_input),
		cmocka_unit_test(what_has_no_place_to_cut_is_read_whole),
		cmocka_unit_test(a_large_file_that_is_cut_is_not_read_in_full),
		cmocka_unit_test(junk_behind_the_first_window_is_no_end_of_the_store),
		cmocka_unit_test(a_large_file_of_nothing_is_not_held_in_memory),
	};

	host.path = (char *)(uintptr_t) "/";
	return cmocka_run_group_tests(tests, NULL, NULL);
}
