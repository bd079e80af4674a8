/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit.h"

#include "model/hashlink.h"

static void a_name_says_its_hash_and_its_number(void **state)
{
	uint32_t hash = 0;
	unsigned number = 7;

	(void)state;
	assert_true(hashlink_read("9d04f354.0", &hash, &number));
	assert_int_equal(hash, 0x9d04f354);
	assert_int_equal(number, 0);
	assert_true(hashlink_read("0000000a.999999999", &hash, &number));
	assert_int_equal(hash, 10);
	assert_int_equal(number, 999999999);
}

static void what_openssl_never_asks_for_has_no_number(void **state)
{
	static const char *const names[] = { "9d04f354.00", "9d04f354.01", "9d04f354.1000000000",
					     "9d04f354.99999999999999999999999" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		uint32_t hash = 0;
		unsigned number = 0;

		assert_true(hashlink_read(names[i], &hash, &number));
		assert_int_equal(hash, 0x9d04f354);
		assert_int_equal(number, HASHLINK_NEVER);
	}
}

static void other_names_are_none(void **state)
{
	static const char *const names[] = { "",
					     ".0",
					     "9d04f354",
					     "9d04f354.",
					     "9d04f354.r0",
					     "9d04f354.x",
					     "9d04f354.0.pem",
					     "9d04f354.0 ",
					     "9D04F354.0",
					     "9d04f35.0",
					     "9d04f3541.0",
					     "9d04f354-0",
					     "9d04f354.+1" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_false(hashlink_is(names[i]));
}

static void what_is_written_is_read(void **state)
{
	char name[HASHLINK_NAME];
	uint32_t hash = 0;
	unsigned number = 0;

	(void)state;
	hashlink_name(0x00c0ffee, 10, name);
	assert_string_equal(name, "00c0ffee.10");
	assert_true(hashlink_read(name, &hash, &number));
	assert_int_equal(hash, 0x00c0ffee);
	assert_int_equal(number, 10);
	hashlink_name(UINT32_MAX, UINT32_MAX, name);
	assert_string_equal(name, "ffffffff.4294967295");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_says_its_hash_and_its_number),
		cmocka_unit_test(what_openssl_never_asks_for_has_no_number),
		cmocka_unit_test(other_names_are_none),
		cmocka_unit_test(what_is_written_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
