/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit.h"

#include <string.h>

#include "base/err.h"
#include "check/danger.h"
#include "cmd/warning.h"

static void all_warnings_have_one_name_each(void **state)
{
	size_t count = 0, own = 0;

	(void)state;
	for (; warning_at(count) != NULL; count++) {
		const struct warning_row *row = warning_at(count);
		struct err err = { 0 };

		own += row >= change_warnings && row < change_warnings + WARNING_ROWS;
		assert_non_null(row->means);
		assert_true(warning_codes(row->code, &err));
		for (size_t i = 0; i < count; i++)
			assert_string_not_equal(warning_at(i)->code, row->code);
	}
	assert_int_equal(own, WARNING_ROWS);
	assert_ptr_equal(warning_at(WARNING_ROWS), &dangers[0]);
	assert_true(count > WARNING_ROWS + 20);
	assert_null(warning_at(count + 1));
}

static void codes_that_are_none_are_named_and_guessed(void **state)
{
	static const struct {
		const char *list, *words; /* NULL: they are codes */
	} rows[] = {
		{ "expired", NULL },
		{ "expired,changed-since,breaks-chain", NULL },
		{ "constraints-lost,constraints-ignored,replaces-another,package-owned", NULL },
		{ "expird", "there is no warning 'expird' to accept; did you mean 'expired'?" },
		{ "expired,nonsense", "there is no warning 'nonsense' to accept" },
		{ "expired-", "'expired-'" },
		{ ",expired", "there is no warning ''" },
		{ "all", "'all'" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct err err = { 0 };

		if (warning_codes(rows[i].list, &err) != (rows[i].words == NULL))
			fail_msg("%s", rows[i].list);
		if (rows[i].words != NULL && strstr(err.text, rows[i].words) == NULL)
			fail_msg("'%s' is not in '%s'", rows[i].words, err.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_warnings_have_one_name_each),
		cmocka_unit_test(codes_that_are_none_are_named_and_guessed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
