/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit.h"

#include "base/buf.h"
#include "hand.h"
#include "model/der.h"

static struct der first(const char *hex, bool *ret_bad)
{
	static uint8_t room[64];
	struct buf der = { 0 };
	struct cursor in;
	struct der one;

	hand_hex(hex, &der);
	for (size_t i = 0; i < der.len; i++)
		room[i] = der.at[i];
	in = der_into((struct bytes){ room, der.len });
	buf_done(&der);
	one = der_next(&in);
	*ret_bad = in.bad;
	return one;
}

static void lengths_are_minimal_definite_and_within_the_bytes(void **state)
{
	static const char *const bad[] = {
		"",                   /* nothing */
		"04",                 /* no length */
		"0402 01",            /* one byte is missing */
		"0480 0000",          /* indefinite: BER */
		"048101 01",          /* long form for a short length */
		"04820001 01",        /* a leading zero */
		"0485 0000000001 01", /* more than four octets */
		"04ff 01",            /* reserved */
		"0484 ffffffff 01",   /* four GiB that are not there */
		"1f 8101 01",         /* a tag number above 30 */
	};
	bool is_bad;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct der one = first(bad[i], &is_bad);

		assert_true(is_bad);
		assert_int_equal(one.whole.len, 0);
	}
	assert_int_equal(first("0400", &is_bad).whole.len, 2);
	assert_false(is_bad);
	assert_int_equal(first("0402 0102", &is_bad).body.len, 2);
	assert_false(is_bad);
}

static void what_is_written_is_read_back_at_every_size_of_length(void **state)
{
	static const size_t sizes[] = { 0, 1, 127, 128, 255, 256, 65535, 65536 };
	static uint8_t zeros[65536];

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct buf der = { 0 };
		struct cursor in;

		der_write(&der, DER_OCTET_STRING, (struct bytes){ zeros, sizes[i] });
		in = der_into(buf_view(&der));
		assert_int_equal(der_size(buf_view(&der)), der.len);
		assert_int_equal(der_take(&in, DER_OCTET_STRING).len, sizes[i]);
		assert_true(der_ended(&in));
		buf_done(&der);
	}
}

static void the_size_is_known_before_the_rest_has_come(void **state)
{
	static const uint8_t head[] = { 0x30, 0x82, 0x01, 0x00 };

	(void)state;
	assert_int_equal(der_size((struct bytes){ head, 4 }), 260);
	assert_int_equal(der_size((struct bytes){ head, 3 }), 0);
	assert_int_equal(der_size((struct bytes){ head, 1 }), 0);
}

static void another_tag_makes_the_cursor_bad_for_good(void **state)
{
	static const uint8_t two[] = { 0x02, 0x01, 0x05, 0x02, 0x01, 0x06 };
	struct cursor in = der_into((struct bytes){ two, sizeof(two) });

	(void)state;
	assert_int_equal(der_take(&in, DER_INTEGER).at[0], 5);
	assert_int_equal(der_take(&in, DER_OCTET_STRING).len, 0);
	assert_true(in.bad);
	assert_int_equal(der_take(&in, DER_INTEGER).len, 0);
	assert_false(der_ended(&in));
	assert_false(der_peek(&in, DER_INTEGER));
}

static bool read_unsigned(const char *hex, uint64_t most, uint64_t *ret)
{
	struct buf der = { 0 };
	bool ok;

	hand_hex(hex, &der);
	ok = der_read_unsigned(buf_view(&der), most, ret);
	buf_done(&der);
	return ok;
}

static void integers_are_minimal_and_not_negative(void **state)
{
	uint64_t value;

	(void)state;
	assert_true(read_unsigned("00", 0, &value));
	assert_int_equal(value, 0);
	assert_true(read_unsigned("0080", 128, &value));
	assert_int_equal(value, 128);
	assert_true(read_unsigned("00ffffffffffffffff", UINT64_MAX, &value));
	assert_true(value == UINT64_MAX);
	assert_false(read_unsigned("", 9, &value));
	assert_false(read_unsigned("80", 1000, &value));
	assert_false(read_unsigned("007f", 1000, &value));
	assert_false(read_unsigned("0100", 255, &value));
	assert_false(read_unsigned("010000000000000000", UINT64_MAX, &value));
}

static void booleans_are_00_or_ff(void **state)
{
	static const uint8_t ones[] = { 0xff, 0x01, 0x00 };
	bool value = false;

	(void)state;
	assert_true(der_read_boolean((struct bytes){ ones, 1 }, &value));
	assert_true(value);
	assert_true(der_read_boolean((struct bytes){ ones + 2, 1 }, &value));
	assert_false(value);
	assert_false(der_read_boolean((struct bytes){ ones + 1, 1 }, &value));
	assert_false(der_read_boolean((struct bytes){ ones, 2 }, &value));
	assert_false(der_read_boolean((struct bytes){ NULL, 0 }, &value));
}

static void oids_are_the_same_in_both_directions(void **state)
{
	static const struct {
		const char *dotted, *hex;
	} rows[] = {
		{ "0.0", "00" },
		{ "0.39", "27" },
		{ "1.2.840.113549.1.1.11", "2a864886f70d01010b" },
		{ "1.39", "4f" },
		{ "2.5.29.37.0", "551d2500" },
		{ "2.5.4.3", "550403" },
		{ "2.40", "78" },
		{ "2.999.3", "883703" },
		{ "2.4294967215.1", "8fffffff7f01" },
		{ "1.3.6.1.4.1.4294967295", "2b060104018fffffff7f" },
		{ "2.4294967295", "908080804f" },
		{ "1.3.6.1.5.5.7.3.8", "2b06010505070308" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf der = { 0 }, back = { 0 }, text = { 0 };

		hand_hex(rows[i].hex, &der);
		assert_true(der_oid_valid(buf_view(&der)));
		assert_true(der_oid_read(rows[i].dotted, &back));
		assert_true(bytes_equal(buf_view(&der), buf_view(&back)));
		assert_true(der_oid_text(buf_view(&der), &text));
		assert_true(bytes_equal(buf_view(&text), bytes_of(rows[i].dotted)));
		buf_done(&der);
		buf_done(&back);
		buf_done(&text);
	}
}

static void what_is_no_oid_is_refused_and_nothing_is_written(void **state)
{
	static const char *const text[] = { "",
					    "1",
					    "1.",
					    ".1",
					    "1..2",
					    "3.1",
					    "1.40",
					    "0.40",
					    "1.2.x",
					    "1.2.-3",
					    "01.2",
					    "1.02",
					    " 1.2",
					    "1.2 ",
					    "1.2.+3",
					    "1.2.4294967296",
					    "99999999999999999999.1" };
	static const char *const der[] = { "", "80", "8001", "5580", "558003", "55048c", "550480" };

	(void)state;
	for (size_t i = 0; i < sizeof(text) / sizeof(text[0]); i++) {
		struct buf to = { 0 };

		assert_false(der_oid_read(text[i], &to));
		assert_int_equal(to.len, 0);
		buf_done(&to);
	}
	for (size_t i = 0; i < sizeof(der) / sizeof(der[0]); i++) {
		struct buf from = { 0 }, to = { 0 };

		hand_hex(der[i], &from);
		assert_false(der_oid_valid(buf_view(&from)));
		assert_false(der_oid_text(buf_view(&from), &to));
		assert_int_equal(to.len, 0);
		buf_done(&from);
		buf_done(&to);
	}
}

static void an_arc_too_large_for_text_is_still_an_oid(void **state)
{
	/* 2.25.<UUID>: X.667, 128 bits. */
	struct buf der = { 0 }, text = { 0 };

	(void)state;
	hand_hex("6983b8b4e9d5a1c3d2e4f5968778695a4b3c2d1e0f", &der);
	assert_true(der_oid_valid(buf_view(&der)));
	assert_false(der_oid_text(buf_view(&der), &text));
	assert_int_equal(text.len, 0);
	buf_done(&der);
	buf_done(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lengths_are_minimal_definite_and_within_the_bytes),
		cmocka_unit_test(what_is_written_is_read_back_at_every_size_of_length),
		cmocka_unit_test(the_size_is_known_before_the_rest_has_come),
		cmocka_unit_test(another_tag_makes_the_cursor_bad_for_good),
		cmocka_unit_test(integers_are_minimal_and_not_negative),
		cmocka_unit_test(booleans_are_00_or_ff),
		cmocka_unit_test(oids_are_the_same_in_both_directions),
		cmocka_unit_test(what_is_no_oid_is_refused_and_nothing_is_written),
		cmocka_unit_test(an_arc_too_large_for_text_is_still_an_oid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
