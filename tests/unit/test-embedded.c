/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* PEM in programs: how it is spelled there, and where a large program is cut. */
#include "unit.h"

#include <stdlib.h>

#include "base/mem.h"
#include "format/armor.h"
#include "format/format.h"
#include "trust.h"
#include "feed.h"

static const struct make one = { .cn = "One", .key = 1 }, two = { .cn = "Two", .key = 2 };

enum { HEAD = 64 };

/* The start of a program. */
static void head(struct buf *to)
{
	buf_text(to, "\177ELF");
	memset(buf_room(to, HEAD - 4), 0, HEAD - 4);
	to->len = HEAD;
}

static void pem(struct buf *to, const struct make *how)
{
	struct buf der = { 0 };

	make_cert(how, &der);
	armor_write(to, "CERTIFICATE", buf_view(&der));
	buf_done(&der);
}

/* A block in which each newline is spelled so. */
static void spelled(struct buf *to, const struct make *how, const char *newline)
{
	struct buf text = { 0 };

	pem(&text, how);
	for (size_t i = 0; i < text.len; i++)
		if (text.at[i] == '\n')
			buf_text(to, newline);
		else
			buf_byte(to, text.at[i]);
	buf_done(&text);
}

static void newlines_may_be_escapes_and_joints_between_literals(void **state)
{
	static const char *const newlines[] = {
		"\n",        "\r\n",    "\\n", "\\r\\n", "\\\\n", "\\n\\\n", "\\n\" +\n\t\"",
		"\\n\"\n\"", "\\n', '", "",    " ",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(newlines) / sizeof(newlines[0]); i++) {
		struct buf file = { 0 };
		struct store *store;
		size_t at;

		head(&file);
		at = file.len;
		spelled(&file, &one, newlines[i]);
		buf_byte(&file, 0);
		spelled(&file, &two, newlines[i]);
		store = feed_well(&format_embedded, buf_view(&file));
		assert_int_equal(store->count, 2);
		assert_int_equal(store->note_count, 0);
		assert_int_equal(trust_anchor(store, &one)->trusted, PURPOSES_ALL);
		assert_int_equal(trust_anchor(store, &one)->origin.at, at);
		assert_int_equal(trust_anchor(store, &one)->origin.line, 0);
		trust_anchor(store, &two);
		store_free(store);
		buf_done(&file);
	}
}

static void what_breaks_a_block_is_a_warning_and_the_next_is_read(void **state)
{
	static const char *const breaks[] = { "%s", "\\x", "\"; \"", "-----BEGIN CERTIFICATE-----",
					      "-----END X509 CERTIFICATE-----" };

	(void)state;
	for (size_t i = 0; i < sizeof(breaks) / sizeof(breaks[0]); i++) {
		struct buf file = { 0 };
		struct store *store;

		head(&file);
		pem(&file, &one);
		file.len -= 100;
		buf_text(&file, breaks[i]);
		buf_byte(&file, 0);
		pem(&file, &two);
		store = feed_well(&format_embedded, buf_view(&file));
		assert_int_equal(store->count, 1);
		trust_anchor(store, &two);
		assert_true(feed_noted(store, NOTE_WARN, "broken off after some base64"));
		store_free(store);
		buf_done(&file);
	}
}

static void begin_lines_of_code_are_a_note_and_no_certificate(void **state)
{
	struct buf file = { 0 };
	struct err err = { 0 };
	struct store *store;

	(void)state;
	head(&file);
	buf_text(&file, "-----BEGIN %s-----\n");
	buf_text(&file, "-----BEGIN CERTIFICATE-----\n-----END PUBLIC KEY-----\n");
	buf_text(&file, "-----BEGIN CERTIFICATE");
	store = feed(&format_embedded, buf_view(&file), &err);
	assert_int_equal(err.code, ERR_ABSENT);
	assert_int_equal(store->count, 0);
	assert_int_equal(store->note_count, 3);
	assert_true(feed_noted(store, NOTE_INFO, "a BEGIN line with no PEM behind it"));
	store_free(store);
	buf_done(&file);
}

/* Split wherever it may be, a program gives what it gives whole. */
static void a_program_may_be_cut_where_split_says_and_nothing_is_lost(void **state)
{
	struct buf file = { 0 };

	(void)state;
	head(&file);
	pem(&file, &one);
	buf_text(&file, "-----BEGIN -----BEGIN CERTIFICATE-----");
	spelled(&file, &two, "\\n");
	memset(buf_room(&file, 40), 0, 40);
	file.len += 40;
	for (size_t len = 1; len < file.len; len++) {
		size_t cut = format_embedded.split((struct bytes){ file.at, len });
		struct store *first, *second;
		struct err err;

		assert_true(cut <= len);
		first = feed(&format_embedded, (struct bytes){ file.at, cut }, &err);
		second = feed(&format_embedded, bytes_skip(buf_view(&file), cut), &err);
		assert_int_equal(first->count + second->count, 2);
		for (size_t i = 0; i < first->note_count; i++)
			assert_int_equal(first->notes[i].level, NOTE_INFO);
		store_free(first);
		store_free(second);
	}
	buf_done(&file);
}

static void a_large_program_is_read_through_a_window_and_offsets_count_from_its_start(void **state)
{
	const size_t MIB = 1 << 20;
	char *directory = feed_directory(), *path = mem_print("%s/program", directory);
	struct buf file = { 0 };
	struct store *store;
	size_t at[2];

	(void)state;
	head(&file);
	memset(buf_room(&file, 3 * MIB), 'x', 3 * MIB);
	file.len = MIB - 100; /* the first block lies across the window's end */
	at[0] = file.len;
	pem(&file, &one);
	file.len = 3 * MIB - 7;
	at[1] = file.len;
	pem(&file, &two);
	feed_file(directory, "program", buf_view(&file));
	store = trust_read_well(NULL, NULL, path);
	assert_string_equal(store->kind->name, "embedded");
	assert_int_equal(store->count, 2);
	assert_int_equal(trust_anchor(store, &one)->origin.at, at[0]);
	assert_int_equal(trust_anchor(store, &two)->origin.at, at[1]);
	assert_int_equal(trust_anchor(store, &two)->origin.line, 0);
	assert_int_equal(store->note_count, 0);
	store_free(store);
	buf_done(&file);
	free(path);
	feed_remove(directory);
}

static void in_a_directory_a_program_is_no_store(void **state)
{
	char *directory = feed_directory();
	struct buf file = { 0 };
	struct store *store;

	(void)state;
	head(&file);
	pem(&file, &one);
	feed_file(directory, "program", buf_view(&file));
	trust_pem(directory, "two.pem", &two);
	store = trust_read_well("dir", NULL, directory);
	assert_int_equal(store->count, 1);
	trust_anchor(store, &two);
	assert_true(trust_noted(store, NOTE_INFO, "program", "a program; what is compiled into it"));
	store_free(store);
	buf_done(&file);
	feed_remove(directory);
}

static void a_program_without_a_certificate_is_an_error(void **state)
{
	char *directory = feed_directory(), *path = mem_print("%s/program", directory);
	struct buf file = { 0 };
	struct err err = { 0 };

	(void)state;
	head(&file);
	feed_file(directory, "program", buf_view(&file));
	assert_null(trust_read(NULL, NULL, path, &err));
	assert_int_equal(err.code, ERR_ABSENT);
	assert_non_null(strstr(err.text, "a program in which there is no certificate as PEM"));
	buf_done(&file);
	free(path);
	feed_remove(directory);
}

static void programs_of_three_systems_are_recognised(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		bool is;
	} rows[] = {
		{ "\177ELF\2\1\1", 7, true },
		{ "\xcf\xfa\xed\xfe", 4, true },
		{ "MZ", 2, false },
		{ "\177EL", 3, false },
		{ "", 0, false },
	};
	uint8_t pe[0x84] = "MZ";

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(format_embedded.probe(
					 (struct bytes){ (const uint8_t *)rows[i].bytes, rows[i].len }) > 0,
				 rows[i].is);
	pe[0x3c] = 0x80;
	assert_int_equal(format_embedded.probe((struct bytes){ pe, sizeof(pe) }), 0);
	memcpy(pe + 0x80, "PE", 2);
	assert_true(format_embedded.probe((struct bytes){ pe, sizeof(pe) }) > 0);
	assert_int_equal(format_embedded.probe((struct bytes){ pe, sizeof(pe) - 1 }), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(newlines_may_be_escapes_and_joints_between_literals),
		cmocka_unit_test(what_breaks_a_block_is_a_warning_and_the_next_is_read),
		cmocka_unit_test(begin_lines_of_code_are_a_note_and_no_certificate),
		cmocka_unit_test(a_program_may_be_cut_where_split_says_and_nothing_is_lost),
		cmocka_unit_test(a_large_program_is_read_through_a_window_and_offsets_count_from_its_start),
		cmocka_unit_test(in_a_directory_a_program_is_no_store),
		cmocka_unit_test(a_program_without_a_certificate_is_an_error),
		cmocka_unit_test(programs_of_three_systems_are_recognised),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
