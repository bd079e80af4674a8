/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit.h"

#include <stdio.h>

#include "check/index.h"

enum { MANY = 5000 };

static char keys[MANY][16];

static struct bytes key(size_t i)
{
	snprintf(keys[i], sizeof(keys[i]), "key %zu", i);
	return bytes_of(keys[i]);
}

static void an_empty_one_holds_nothing(void **state)
{
	struct index index = { 0 };
	size_t at = 0;

	(void)state;
	assert_null(index_next(&index, bytes_of("a"), &at));
	index_clear(&index);
	index_done(&index);
}

static void each_thing_is_found_by_its_key_and_by_no_other(void **state)
{
	struct index index = { 0 };
	static const char longer[] = "key 12\0";

	(void)state;
	for (size_t i = 0; i < MANY; i++)
		index_add(&index, key(i), keys[i]);
	for (size_t i = 0; i < MANY; i++) {
		size_t at = 0;

		assert_ptr_equal(index_next(&index, key(i), &at), keys[i]);
		assert_null(index_next(&index, key(i), &at));
	}
	for (size_t len = 0; len < 4; len++) {
		size_t at = 0;

		assert_null(index_next(&index, (struct bytes){ (const uint8_t *)"key ", len }, &at));
	}
	assert_null(index_next(&index, (struct bytes){ (const uint8_t *)longer, 7 }, &(size_t){ 0 }));
	index_done(&index);
}

static void things_of_one_key_come_in_the_order_in_which_they_were_added(void **state)
{
	struct index index = { 0 };
	size_t at = 0;

	(void)state;
	for (size_t i = 0; i < 200; i++) {
		index_add(&index, bytes_of("same"), key(i).at);
		index_add(&index, bytes_of(keys[i]), "another");
	}
	for (size_t i = 0; i < 200; i++)
		assert_ptr_equal(index_next(&index, bytes_of("same"), &at), keys[i]);
	assert_null(index_next(&index, bytes_of("same"), &at));
	index_done(&index);
}

static void what_is_cleared_is_gone_and_there_is_room_again(void **state)
{
	struct index index = { 0 };

	(void)state;
	for (size_t round = 0; round < 3; round++) {
		size_t count = round == 1 ? MANY : 5;

		for (size_t i = 0; i < count; i++)
			index_add(&index, key(i), keys[i]);
		assert_ptr_equal(index_next(&index, key(4), &(size_t){ 0 }), keys[4]);
		index_clear(&index);
		assert_null(index_next(&index, key(4), &(size_t){ 0 }));
	}
	index_done(&index);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_one_holds_nothing),
		cmocka_unit_test(each_thing_is_found_by_its_key_and_by_no_other),
		cmocka_unit_test(things_of_one_key_come_in_the_order_in_which_they_were_added),
		cmocka_unit_test(what_is_cleared_is_gone_and_there_is_room_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
