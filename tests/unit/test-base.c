/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/base64.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/text.h"

static void numbers_are_written_in_full(void **state)
{
	static const unsigned numbers[] = { 0, 9, 10, 65535, UINT_MAX };
	struct buf text = { 0 };
	char expected[64];

	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		text.len = 0;
		buf_number(&text, numbers[i]);
		snprintf(expected, sizeof(expected), "%u", numbers[i]);
		assert_true(bytes_equal(buf_view(&text), bytes_of(expected)));
	}
	buf_done(&text);
}

static void base64_reads_back_what_it_wrote_for_every_length(void **state)
{
	uint8_t from[200], to[300];

	(void)state;
	for (size_t i = 0; i < sizeof(from); i++)
		from[i] = (uint8_t)(i * 37);
	for (size_t len = 0; len <= sizeof(from); len++) {
		struct buf text = { 0 };
		size_t got, at;

		base64_write((struct bytes){ from, len }, 64, &text);
		assert_true(base64_read(buf_view(&text), to, &got, &at));
		assert_int_equal(got, len);
		assert_memory_equal(from, to, len);
		buf_done(&text);
	}
}

static void base64_refuses_foreign_characters_cut_groups_and_text_behind_padding(void **state)
{
	static const char *const bad[] = { "QUJD*", "QUJ", "QQ==QQ==", "Q===", "=", "QUJDR", "QU=D" };
	uint8_t to[16];
	size_t len, at;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(base64_read(bytes_of(bad[i]), to, &len, &at));
}

static void base64_skips_white_space_anywhere(void **state)
{
	uint8_t to[16];
	size_t len, at;

	(void)state;
	assert_true(base64_read(bytes_of(" Q\r\nU J\tD\n"), to, &len, &at));
	assert_int_equal(len, 3);
	assert_memory_equal(to, "ABC", 3);
}

static void clock_reads_what_it_writes_and_refuses_days_that_do_not_exist(void **state)
{
	static const struct {
		const char *text;
		int64_t at;
	} good[] = {
		{ "1970-01-01", 0 },
		{ "2026-11-23T09:00:00Z", 1795424400 },
		{ "2026-11-23T10:30:00.25+01:30", 1795424400 },
		{ "2000-02-29T00:00:00Z", 951782400 },
		{ "@-1", -1 },
		{ "1795424400", 1795424400 },
		{ "9999-12-31T23:59:59Z", 253402300799 },
		{ "@-9223372036854775807", -INT64_MAX },
	};
	static const char *const bad[] = {
		"",
		"2026-02-29",
		"2026-13-01",
		"2026-1-1",
		"2026-+1-01",
		"+026-11-23",
		"2026-11-23T24:00:00Z",
		"2026-11-23T09:00:00",
		"2026-11-23T09:+1:00Z",
		"2026-11-23T09:00:00.Z",
		"2026-11-23T09:00:00+01:-5",
		"2026-11-23T09:00:00+01:30x",
		"yesterday",
		"12x",
		"2026-11-23Tx",
		"@ 5",
		"@-9223372036854775808",
		"@9223372036854775808",
	};
	char text[CLOCK_TEXT];
	int64_t at;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_true(clock_read(good[i].text, &at));
		assert_int_equal(at, good[i].at);
		clock_text(at, text);
		assert_true(clock_read(text, &at));
		assert_int_equal(at, good[i].at);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(clock_read(bad[i], &at));
}

static void escaped_text_has_no_control_bidi_or_invalid_byte(void **state)
{
	static const struct {
		const char *from, *to;
	} rows[] = {
		{ "plain", "plain" },
		{ "Főtanúsítvány", "Főtanúsítvány" },
		{ "a\x1b[31mb", "a\\u{1B}[31mb" },
		{ "back\\slash", "back\\\\slash" },
		{ "\xff\xc0\xaf", "\\xff\\xc0\\xaf" },
		{ "x\xe2\x80\xaey", "x\\u{202E}y" },
		{ "\xed\xa0\x80", "\\xed\\xa0\\x80" },
		{ "\xc2\x9b", "\\u{9B}" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *text = text_escaped(bytes_of(rows[i].from));

		assert_string_equal(text, rows[i].to);
		free(text);
	}
}

static void a_line_is_trimmed_at_both_ends_and_not_within(void **state)
{
	static const char *const rows[][2] = {
		{ "", "" }, { " \t\r\f", "" }, { "a", "a" }, { "\ta  b \r", "a  b" }, { " \v ", "\v" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_true(bytes_equal(text_trim(bytes_of(rows[i][0])), bytes_of(rows[i][1])));
	assert_int_equal(text_trim((struct bytes){ NULL, 0 }).len, 0);
}

static void json_holds_nothing_that_a_terminal_obeys(void **state)
{
	static const char *const rows[][2] = {
		{ "{\"a\":\"\\n b\"}\n", "{\"a\":\"\\n b\"}\n" },
		{ "\"\xc2\x9b\x7f\xe2\x80\xae\"", "\"\\u009b\\u007f\\u202e\"" },
		{ "\"F\xc5\x91 \xf0\x9f\x98\x80\"", "\"F\xc5\x91 \xf0\x9f\x98\x80\"" },
		{ "\"\xf3\xa0\x80\x81\"", "\"\\udb40\\udc01\"" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf to = { 0 };

		text_json(bytes_of(rows[i][0]), &to);
		assert_true(bytes_equal(buf_view(&to), bytes_of(rows[i][1])));
		buf_done(&to);
	}
}

static void text_as_utf8_can_be_turned_back_so_no_two_are_alike(void **state)
{
	static const uint8_t letters[] = { '\\', 'x', '4', 'f', 'F', 0xff, 0xc3, 0xa9 };
	enum { LONGEST = 5 };

	(void)state;
	for (unsigned n = 0; n < 1u << (3 * LONGEST); n++) {
		struct buf text = { 0 }, back = { 0 };
		uint8_t from[LONGEST];
		struct bytes rest;

		for (unsigned i = 0; i < LONGEST; i++)
			from[i] = letters[n >> (3 * i) & 7];
		text_utf8((struct bytes){ from, LONGEST }, &text);
		for (rest = buf_view(&text); rest.len > 0;)
			assert_true(text_rune(&rest) != TEXT_BAD);
		text_from_utf8(buf_view(&text), &back);
		assert_true(bytes_equal(buf_view(&back), (struct bytes){ from, LONGEST }));
		buf_done(&text);
		buf_done(&back);
	}
}

static void what_is_printed_is_whole_at_every_length_of_the_buffer(void **state)
{
	(void)state;
	for (size_t len = 0; len < 600; len++) {
		struct buf text = { 0 };

		for (size_t i = 0; i < len; i++)
			buf_byte(&text, '.');
		buf_print(&text, "%s-%d", "four", 12345);
		assert_int_equal(text.len, len + 10);
		assert_memory_equal(text.at + len, "four-12345", 10);
		buf_done(&text);
	}
}

static void an_arena_that_was_cleared_is_as_good_as_new(void **state)
{
	struct arena arena = { 0 };
	uint8_t piece[300];

	(void)state;
	arena_clear(&arena);
	for (size_t round = 0; round < 20; round++) {
		char *pieces[200];

		for (size_t i = 0; i < 10 * round; i++) {
			memset(piece, (int)(round + i), sizeof(piece));
			pieces[i] = (char *)(uintptr_t)arena_bytes(&arena,
								   (struct bytes){ piece, 1 + 29 * i % 300 })
					    .at;
		}
		for (size_t i = 0; i < 10 * round; i++)
			for (size_t n = 0; n < 1 + 29 * i % 300; n++)
				assert_int_equal((uint8_t)pieces[i][n], (uint8_t)(round + i));
		arena_clear(&arena);
	}
	arena_done(&arena);
}

static void a_word_for_a_shell_is_quoted_where_it_must_be(void **state)
{
	static const char *const rows[][2] = {
		{ "/srv/a-b_c.pem", "/srv/a-b_c.pem" },
		{ "", "''" },
		{ "two words", "'two words'" },
		{ "$(reboot)", "'$(reboot)'" },
		{ "it's", "'it'\"'\"'s'" },
		{ "~root", "'~root'" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf word = { 0 };

		text_shell(rows[i][0], &word);
		assert_true(bytes_equal(buf_view(&word), bytes_of(rows[i][1])));
		buf_done(&word);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_is_trimmed_at_both_ends_and_not_within),
		cmocka_unit_test(numbers_are_written_in_full),
		cmocka_unit_test(base64_reads_back_what_it_wrote_for_every_length),
		cmocka_unit_test(base64_refuses_foreign_characters_cut_groups_and_text_behind_padding),
		cmocka_unit_test(base64_skips_white_space_anywhere),
		cmocka_unit_test(clock_reads_what_it_writes_and_refuses_days_that_do_not_exist),
		cmocka_unit_test(escaped_text_has_no_control_bidi_or_invalid_byte),
		cmocka_unit_test(json_holds_nothing_that_a_terminal_obeys),
		cmocka_unit_test(text_as_utf8_can_be_turned_back_so_no_two_are_alike),
		cmocka_unit_test(what_is_printed_is_whole_at_every_length_of_the_buffer),
		cmocka_unit_test(a_word_for_a_shell_is_quoted_where_it_must_be),
		cmocka_unit_test(an_arena_that_was_cleared_is_as_good_as_new),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
