/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit.h"

#include <stdlib.h>

#include "base/mem.h"
#include "feed.h"
#include "format/armor.h"
#include "format/format.h"
#include "make.h"
#include "medium/medium.h"
#include "model/name.h"
#include "model/place.h"
#include "system.h"

/* NAME-KEY.pem in the root, a certificate of that name, and its two hashes. */
static void add(struct system *system, const char *name, unsigned key, uint32_t *ret, uint32_t *ret_old)
{
	struct bytes subject = system_anchor(system, name, key)->cert.subject;
	char *path = mem_print("/%s-%u.pem", name, key);

	assert_true(name_hash(subject, ret));
	assert_true(name_hash_old(subject, ret_old));
	system_cert(system, path, name, key);
	free(path);
}

static void link_to(const struct system *system, const char *target, uint32_t hash, const char *tail)
{
	assert_true(feed_run(NULL, "ln -s '%s' '%s/%08x%s'", target, system->dir, hash, tail));
}

static struct store *read_well(const struct system *system)
{
	struct place place;
	struct store *store;
	struct err err = { 0 };

	place_set(&place, "/", "hashdir");
	place_add_path(&place, "/");
	store = medium_read(&place, &system->root, &err);
	place_done(&place);
	if (store == NULL)
		fail_msg("%s", err.text);
	return store;
}

static void a_link_by_the_new_hash_is_found_and_by_the_old_alone_it_is_not(void **state)
{
	struct store *store;
	uint32_t hash, old;

	add(*state, "Alder", 1, &hash, &old);
	link_to(*state, "Alder-1.pem", hash, ".0");
	add(*state, "Birch", 2, &hash, &old);
	link_to(*state, "Birch-2.pem", old, ".0");
	store = read_well(*state);
	assert_int_equal(store->count, 2);
	for (size_t i = 0; i < 2; i++) {
		bool birch = memmem(store->anchors[i].cert.subject.at, store->anchors[i].cert.subject.len,
				    "Birch", 5) != NULL;

		assert_int_equal(store->anchors[i].trusted, birch ? 0 : PURPOSES_ALL);
	}
	assert_int_equal(store->note_count, 1);
	assert_true(feed_noted(store, NOTE_WARN, "before 1.0"));
	store_free(store);
}

static void a_file_that_is_no_pem_is_not_found(void **state)
{
	struct buf der = { 0 };
	struct store *store;
	uint32_t hash, old;

	add(*state, "Alder", 1, &hash, &old);
	make_cert(&(struct make){ .cn = "Alder", .key = 1 }, &der);
	feed_file(((struct system *)*state)->dir, "Alder-1.pem", buf_view(&der));
	link_to(*state, "Alder-1.pem", hash, ".0");
	store = read_well(*state);
	assert_int_equal(store->count, 1);
	assert_int_equal(store->anchors[0].trusted, 0);
	assert_true(feed_noted(store, NOTE_WARN, "no PEM"));
	store_free(store);
	buf_done(&der);
}

static void two_links_of_one_certificate_are_no_remark(void **state)
{
	struct store *store;
	uint32_t hash, old;

	add(*state, "Alder", 1, &hash, &old);
	link_to(*state, "Alder-1.pem", hash, ".0");
	link_to(*state, "Alder-1.pem", old, ".0");
	store = read_well(*state);
	assert_int_equal(store->count, 1);
	assert_int_equal(store->note_count, 0);
	store_free(store);
}

static void equal_hashes_are_read_as_far_as_the_numbers_go(void **state)
{
	struct store *store;
	uint32_t hash, old;

	for (unsigned key = 1; key <= 4; key++)
		add(*state, "Alder", key, &hash, &old);
	link_to(*state, "Alder-1.pem", hash, ".0");
	link_to(*state, "Alder-2.pem", hash, ".1");
	link_to(*state, "Alder-3.pem", hash, ".3");
	link_to(*state, "Alder-4.pem", hash, ".10");
	store = read_well(*state);
	assert_int_equal(store->count, 4);
	assert_int_equal(store->note_count, 2);
	for (size_t i = 0; i < 4; i++) {
		bool behind = strstr(store->anchors[i].origin.file, ".3") != NULL ||
			      strstr(store->anchors[i].origin.file, ".10") != NULL;

		assert_int_equal(store->anchors[i].trusted, behind ? 0 : PURPOSES_ALL);
		assert_int_equal(store->anchors[i].distrusted, 0);
	}
	assert_true(feed_noted(store, NOTE_WARN, "a lower number is missing"));
	store_free(store);
}

static void a_number_behind_a_gap_is_not_found_however_many_there_are(void **state)
{
	enum { FIRST = 1200, GAP = 700 };
	struct store *store;
	uint32_t hash, old;

	add(*state, "Alder", 1, &hash, &old);
	add(*state, "Alder", 2, &hash, &old);
	assert_true(feed_run(
		NULL,
		"cd '%s' && for i in $(seq 0 %d); do [ $i = %d ] || ln -s Alder-1.pem %08x.$i; done; "
		"ln -s Alder-2.pem %08x.%d",
		((struct system *)*state)->dir, FIRST, GAP, hash, hash, FIRST + 1));
	store = read_well(*state);
	assert_int_equal(store->count, 2);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(store->anchors[i].trusted,
				 strstr(store->anchors[i].origin.file, ".1201") != NULL ? 0 : PURPOSES_ALL);
	assert_true(feed_noted(store, NOTE_WARN, "a lower number is missing"));
	store_free(store);
}

static void what_is_in_pkcs7_is_not_found(void **state)
{
	struct buf der = { 0 }, pem = { 0 };
	struct store *bag = store_new("bag");
	struct system *system = *state;
	uint32_t hash, old;

	add(system, "Alder", 1, &hash, &old);
	make_cert(&(struct make){ .cn = "Alder", .key = 1 }, &der);
	store_add(bag, buf_view(&der), NOTE_NOWHERE)->trusted = PURPOSES_ALL;
	der.len = 0;
	feed_write(&format_pkcs7, bag, &der);
	armor_write(&pem, "PKCS7", buf_view(&der));
	feed_file(system->dir, "Alder-1.pem", buf_view(&pem));
	store_free(bag);
	link_to(system, "Alder-1.pem", hash, ".0");
	bag = read_well(system);
	assert_int_equal(bag->count, 1);
	assert_int_equal(bag->anchors[0].trusted, 0);
	assert_true(feed_noted(bag, NOTE_WARN, "it is in PKCS#7"));
	store_free(bag);
	buf_done(&der);
	buf_done(&pem);
}

static void what_is_wrong_with_a_file_is_said_once_for_all_its_links(void **state)
{
	struct system *system = *state;
	struct store *store;
	uint32_t hash, old;
	unsigned broken = 0;

	add(system, "Alder", 1, &hash, &old);
	add(system, "Birch", 2, &hash, &old);
	assert_true(feed_run(NULL, "cd '%s' && head -n 3 Alder-1.pem >>Birch-2.pem && rm Alder-1.pem",
			     system->dir));
	link_to(system, "Birch-2.pem", hash, ".0");
	link_to(system, "Birch-2.pem", hash, ".1");
	link_to(system, "Birch-2.pem", old, ".0");
	store = read_well(system);
	for (size_t i = 0; i < store->note_count; i++)
		broken += strstr(store->notes[i].text, "without its END line") != NULL;
	assert_int_equal(broken, 1);
	assert_true(feed_noted(store, NOTE_ERROR, "(3 links lead to it)"));
	store_free(store);
}

static void a_link_by_another_hash_is_not_found(void **state)
{
	struct store *store;
	uint32_t hash, old;

	add(*state, "Alder", 1, &hash, &old);
	link_to(*state, "Alder-1.pem", hash + 1, ".0");
	store = read_well(*state);
	assert_int_equal(store->count, 1);
	assert_int_equal(store->anchors[0].trusted, 0);
	assert_true(feed_noted(store, NOTE_WARN, "not the hash"));
	store_free(store);
}

static void a_right_link_beside_a_wrong_one_is_enough(void **state)
{
	for (int wrong = -1; wrong <= 1; wrong += 2) {
		struct store *store;
		uint32_t hash, old;

		assert_true(feed_run(NULL, "rm -f '%s'/*", ((struct system *)*state)->dir));
		add(*state, "Alder", 1, &hash, &old);
		link_to(*state, "Alder-1.pem", hash, ".0");
		link_to(*state, "Alder-1.pem", hash + (uint32_t)wrong, ".0");
		store = read_well(*state);
		assert_int_equal(store->count, 1);
		assert_int_equal(store->anchors[0].trusted, PURPOSES_ALL);
		assert_true(feed_noted(store, NOTE_WARN, "not the hash"));
		store_free(store);
	}
}

static void a_dangling_link_and_a_pipe_are_told(void **state)
{
	struct store *store;
	uint32_t hash, old;

	add(*state, "Alder", 1, &hash, &old);
	link_to(*state, "nothing.pem", hash, ".0");
	assert_true(feed_run(NULL, "mkfifo '%s/%08x.1'", ((struct system *)*state)->dir, hash));
	link_to(*state, "Alder-1.pem", hash, ".2");
	store = read_well(*state);
	assert_true(feed_noted(store, NOTE_WARN, "a dangling link"));
	assert_true(feed_noted(store, NOTE_WARN, "a pipe"));
	assert_false(store_incomplete(store));
	store_free(store);
}

static void a_file_without_a_link_is_listed_and_not_trusted(void **state)
{
	struct store *store;
	uint32_t hash, old;

	add(*state, "Alder", 1, &hash, &old);
	link_to(*state, "Alder-1.pem", hash, ".0");
	add(*state, "Birch", 2, &hash, &old);
	store = read_well(*state);
	assert_int_equal(store->count, 2);
	assert_int_equal(store->anchors[0].trusted, PURPOSES_ALL);
	assert_int_equal(store->anchors[1].trusted, 0);
	assert_string_equal(store->anchors[1].origin.file, "/Birch-2.pem");
	assert_int_equal(store->note_count, 1);
	assert_true(feed_noted(store, NOTE_WARN, "without a hash link"));
	store_free(store);
}

static void only_names_that_openssl_asks_for_are_links(void **state)
{
	static const char *const tails[] = { ".r0", ".", ".0x", ".-1", "", ".0.pem" };
	struct store *store;
	uint32_t hash, old;

	add(*state, "Alder", 1, &hash, &old);
	for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++)
		link_to(*state, "Alder-1.pem", hash, tails[i]);
	assert_true(feed_run(NULL, "ln -s Alder-1.pem '%s/%08X.0'", ((struct system *)*state)->dir,
			     hash | 0xa0000000));
	store = read_well(*state);
	assert_int_equal(store->count, 1);
	assert_int_equal(store->anchors[0].trusted, 0);
	store_free(store);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, system_begin, system_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_link_by_the_new_hash_is_found_and_by_the_old_alone_it_is_not),
		TEST(a_file_that_is_no_pem_is_not_found),
		TEST(two_links_of_one_certificate_are_no_remark),
		TEST(equal_hashes_are_read_as_far_as_the_numbers_go),
		TEST(a_number_behind_a_gap_is_not_found_however_many_there_are),
		TEST(what_is_in_pkcs7_is_not_found),
		TEST(what_is_wrong_with_a_file_is_said_once_for_all_its_links),
		TEST(a_link_by_another_hash_is_not_found),
		TEST(a_right_link_beside_a_wrong_one_is_enough),
		TEST(a_dangling_link_and_a_pipe_are_told),
		TEST(a_file_without_a_link_is_listed_and_not_trusted),
		TEST(only_names_that_openssl_asks_for_are_links),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
