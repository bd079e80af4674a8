/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What hostile and damaged archives may not do. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/limits.h"
#include "base/root.h"
#include "images.h"
#include "medium/image.h"

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* 4 GiB of zeros in a tar, by joining compressed pieces of 64 MiB, which gzip and zstd let stand behind each
 * other. */
static void a_bomb_ends_in_seconds(void **state)
{
	struct buf tar = { 0 };
	unsigned sum = 0;
	int64_t begun;
	char text[8];

	tar_add(&tar, "zeros.pem", TAR_FILE, NULL, bytes_of(""));
	memcpy(tar.at + 124, "40000000000", 11);
	memset(tar.at + 148, ' ', 8);
	for (size_t i = 0; i < 512; i++)
		sum += tar.at[i];
	snprintf(text, sizeof(text), "%06o", sum);
	memcpy(tar.at + 148, text, 7);
	image_put(*state, "head", &tar);
	image_run(*state, "gzip -c head >a.tar.gz && head -c 67108864 /dev/zero | gzip -1 >z.gz && "
			  "for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do cat z.gz z.gz z.gz z.gz; done "
			  ">>a.tar.gz");
	begun = now_ms();
	image_refused(*state, "/a.tar.gz", "more than");
	image_refused(*state, "/a.tar.gz!/other", "as a bomb does");
	assert_in_range(now_ms() - begun, 0, 30000);
}

static void depth_has_a_limit(void **state)
{
	struct buf tar = { 0 };

	tar_cert(&tar, "x.pem", "Alder", 1);
	tar_end(&tar);
	image_put(*state, "a.tar", &tar);
	image_run(*state,
		  "gzip -n a.tar && mv a.tar.gz x && for i in 1 2 3 4 5 6 7; do mv x a.tar.gz && "
		  "tar -czf x a.tar.gz; done && cp x seven && for i in $(seq 33); do mv x a.tar.gz && "
		  "tar -czf x a.tar.gz; done");
	image_holds(*state, "/seven", "Alder ");
	image_refused(*state, "/x", "deeper than 8");
}

/* Of an archive with two certificates: fewer are never told without a word. */
static bool cut_says_so(const struct work *work, struct bytes cut)
{
	struct err err = { 0 };
	struct store *store;
	bool says;

	feed_file(work->dir, "cut", cut);
	store = image_read_kind(work, "image", "/cut", &err);
	says = store == NULL ? err.text[0] != '\0'
			     : store_incomplete(store) || feed_noted(store, NOTE_WARN, "end");
	assert_true(says || (store != NULL && store->count == 2));
	store_free(store);
	return says;
}

static void an_archive_cut_anywhere_says_so(void **state)
{
	const struct work *work = *state;
	struct buf tar = { 0 }, gz = { 0 };
	size_t said = 0;

	tar_cert(&tar, "a.pem", "Alder", 1);
	tar_cert(&tar, "b.pem", "Birch", 2);
	tar_end(&tar);
	for (size_t len = 1; len < tar.len - 1024; len += 61)
		assert_true(cut_says_so(work, (struct bytes){ tar.at, len }));
	assert_true(cut_says_so(work, (struct bytes){ tar.at, tar.len / 2 - 512 }));
	image_put(*state, "a.tar", &tar);
	image_run(*state, "gzip -9n a.tar");
	feed_load(work->dir, "a.tar.gz", &gz);
	for (size_t len = 1; len < gz.len; len++)
		said += cut_says_so(work, (struct bytes){ gz.at, len });
	assert_true(said > gz.len - 16); /* but for the sum at the end, and the zeros before it */
	buf_done(&gz);
}

static void bytes_that_change_do_no_harm(void **state)
{
	const struct work *work = *state;
	struct buf tar = { 0 };

	image_some(&tar);
	for (unsigned i = 0; i < 400; i++) {
		struct err err = { 0 };
		struct store *store;
		size_t at = ((size_t)i * 2654435761u) % tar.len;
		uint8_t was = tar.at[at];

		tar.at[at] = (uint8_t)(i * 37);
		feed_file(work->dir, "odd", buf_view(&tar));
		tar.at[at] = was;
		store = image_read_kind(work, "image", "/odd", &err);
		assert_true(store != NULL || err.text[0] != '\0');
		store_free(store);
	}
	buf_done(&tar);
}

static void a_file_that_grows_has_an_end(void **state)
{
	const struct work *work = *state;
	struct buf tar = { 0 };
	struct err err;

	image_some(&tar);
	image_put(*state, "a.tar", &tar);
	image_run(*state, "(for i in $(seq 300); do cat a.tar a.tar a.tar >>grows; done) & sleep 0.1");
	for (int i = 0; i < 5; i++) {
		struct store *store = image_read_kind(work, "image", "/grows", &err);

		assert_non_null(store);
		image_names_are(store, "Alder Birch Cedar Dogwood ");
		store_free(store);
	}
	image_run(*state,
		  "while test $(stat -c %s grows) -lt $((900 * $(stat -c %s a.tar))); do sleep 0.1; done");
}

/* An archive of a member with this head, zeros up to 40 MiB, and Alder; and then of Birch. */
static void put_large(const struct work *work, const char *name, struct bytes head)
{
	struct buf large = { 0 }, tar = { 0 };
	size_t zeros = (40 << 20) - head.len;

	buf_bytes(&large, head);
	memset(buf_room(&large, zeros), 0, zeros);
	large.len += zeros;
	pem_cert(&large, "Alder", 1);
	tar_add(&tar, name, TAR_FILE, NULL, buf_view(&large));
	tar_cert(&tar, "b.pem", "Birch", 2);
	tar_end(&tar);
	image_put(work, "a.tar", &tar);
	buf_done(&large);
}

static void a_member_larger_than_the_limit_is_an_error_and_ends_there(void **state)
{
	const struct work *work = *state;
	const struct image_want want = { .stores = true };
	struct store *store, *notes = store_new("test");
	struct image image;
	struct stat st;
	struct err err;

	put_large(work, "zeros.pem", bytes_of(""));
	store = image_read_well(work, "/a.tar");
	image_names_are(store, "Birch ");
	assert_true(store_incomplete(store));
	assert_true(feed_noted(store, NOTE_ERROR, "the limit for one file of an archive"));
	store_free(store);
	assert_true(image_open(&work->root, "/a.tar", &want, notes, &image, &err));
	assert_true(root_stat(&image.root, "/zeros.pem", &st));
	assert_true((size_t)st.st_size <= LIMIT_IMAGE_FILE); /* a hole up to its end would be read */
	image_done(&image);
	store_free(notes);
}

static void of_a_large_program_the_certificates_are_there_whoever_wants_it(void **state)
{
	const struct work *work = *state;
	struct store *store;

	put_large(work, "bin/node",
		  bytes_of("\x7f"
			   "ELF\2\1\1"));
	image_holds(work, "/a.tar", "Alder Birch ");
	store = image_read_well(work, "/a.tar!/bin/node");
	image_names_are(store, "Alder ");
	assert_false(store_incomplete(store));
	assert_int_equal(store->anchors[0].origin.at, 40 << 20);
	store_free(store);
}

static void a_damaged_archive_in_another_is_an_error_where_it_was_meant(void **state)
{
	struct buf inner = { 0 }, outer = { 0 };
	struct store *store;

	tar_cert(&inner, "a.pem", "Alder", 1);
	tar_cert(&inner, "no-store", "Birch", 2);
	tar_add(&outer, "test/cut.tar", TAR_FILE, NULL, (struct bytes){ inner.at, inner.len - 300 });
	tar_cert(&outer, "c.pem", "Cedar", 3);
	tar_end(&outer);
	image_put(*state, "a.tar", &outer);
	buf_done(&inner);
	store = image_read_well(*state, "/a.tar");
	image_names_are(store, "Alder Cedar ");
	assert_false(store_incomplete(store));
	assert_true(feed_noted(store, NOTE_WARN, "the rest cannot be read"));
	store_free(store);
	store = image_read_well(*state, "/a.tar!/c.pem");
	assert_int_equal(store->note_count, 0);
	store_free(store);
	store = image_read_well(*state, "/a.tar!/test/cut.tar");
	image_names_are(store, "Alder ");
	assert_true(store_incomplete(store));
	store_free(store);
	image_refused(*state, "/a.tar!/test/cut.tar!/none.pem", "the rest cannot be read");
}

static void what_is_not_read_is_named(void **state)
{
	feed_file(((struct work *)*state)->dir, "snap", bytes_of("hsqs...."));
	feed_file(((struct work *)*state)->dir, "7z", bytes_of("7z\xbc\xaf\x27\x1c"));
	feed_file(((struct work *)*state)->dir, "text", bytes_of("text"));
	image_refused(*state, "/snap", "squashfs");
	image_refused(*state, "/7z", "7z archive");
	image_refused(*state, "/text", "not a certificate");
	image_refused(*state, "/tmp!/x", "neither an OCI layout");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, image_begin, image_end)
		TEST(a_bomb_ends_in_seconds),
		TEST(depth_has_a_limit),
		TEST(an_archive_cut_anywhere_says_so),
		TEST(bytes_that_change_do_no_harm),
		TEST(a_file_that_grows_has_an_end),
		TEST(a_member_larger_than_the_limit_is_an_error_and_ends_there),
		TEST(of_a_large_program_the_certificates_are_there_whoever_wants_it),
		TEST(what_is_not_read_is_named),
		TEST(a_damaged_archive_in_another_is_an_error_where_it_was_meant),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
