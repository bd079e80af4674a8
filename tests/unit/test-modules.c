/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The modules that a pkcs11.txt names. */
#include "unit.h"

#include "format/modules.h"

#define SLOTS "slotParams={0x00000001=[slotFlags=RSA,internal askpw=any timeout=30 ] }"

static void modules_are_parted_by_empty_lines_and_the_internal_one_is_told_by_its_flag(void **state)
{
	static const char text[] = "# a comment\n"
				   "\n"
				   "library=\n"
				   "name=NSS Internal PKCS #11 Module\n"
				   "parameters=configdir='sql:x'\n"
				   "NSS=trustOrder=75 " SLOTS "  Flags=critical,internal\n"
				   "\n\n"
				   "Library=/usr/lib/libnssckbi.so\r\n"
				   "Name=Root Certs\r\n"
				   "NSS=trustOrder=100 " SLOTS "\r\n"
				   "\r\n"
				   "library=p11-kit-proxy.so\n"
				   "name=p11";
	static const struct {
		const char *name, *library;
		bool internal;
		unsigned line;
	} rows[] = {
		{ "NSS Internal PKCS #11 Module", "", true, 3 },
		{ "Root Certs", "/usr/lib/libnssckbi.so", false, 9 },
		{ "p11", "p11-kit-proxy.so", false, 13 },
	};
	struct modules_at at = { .text = bytes_of(text) };
	struct module module;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_true(modules_next(&at, &module));
		assert_true(bytes_equal(module.name, bytes_of(rows[i].name)));
		assert_true(bytes_equal(module.library, bytes_of(rows[i].library)));
		assert_int_equal(module.internal, rows[i].internal);
		assert_int_equal(module.line, rows[i].line);
	}
	assert_false(modules_next(&at, &module));
}

static void a_flag_is_a_whole_word_of_the_list_behind_flags(void **state)
{
	static const struct {
		const char *line;
		bool internal;
	} rows[] = {
		{ "NSS=Flags=internal,critical trustOrder=75", true },
		{ "NSS=flags=\"internal\"", true },
		{ "NSS=trustOrder=75 flags=fips,Internal", true },
		{ "NSS=Flags=internals", false },
		{ "NSS=Flags= internal", false },
		{ "NSS=myFlags=internal", false },
		{ "NSS=", false },
		{ "internal", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct modules_at at = { .text = bytes_of(rows[i].line) };
		struct module module;

		assert_true(modules_next(&at, &module));
		if (module.internal != rows[i].internal)
			fail_msg("%s", rows[i].line);
	}
}

static void a_file_without_modules_has_none(void **state)
{
	static const char *const rows[] = { "", "\n\n", "# name=x\n", "\n#\n\r\n" };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct modules_at at = { .text = bytes_of(rows[i]) };
		struct module module;

		assert_false(modules_next(&at, &module));
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(modules_are_parted_by_empty_lines_and_the_internal_one_is_told_by_its_flag),
		cmocka_unit_test(a_flag_is_a_whole_word_of_the_list_behind_flags),
		cmocka_unit_test(a_file_without_modules_has_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
