/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "base/base64.h"
#include "feed.h"
#include "format/armor.h"
#include "format/format.h"
#include "hand.h"
#include "model/anchor.h"

/* One PEM block of a root that is called `name`. */
static void block(const char *name, struct buf *to)
{
	struct buf der = { 0 };

	hand_root(name, 1, (uint8_t)name[0], &der);
	armor_write(to, "CERTIFICATE", buf_view(&der));
	buf_done(&der);
}

static void der_of(const char *name, struct buf *to)
{
	hand_root(name, 1, (uint8_t)name[0], to);
}

/* The short names of what is read, and of labels in brackets. */
static void expect(const struct store *store, const char *expected)
{
	struct buf text = { 0 };

	for (size_t i = 0; i < store->count; i++) {
		if (i > 0)
			buf_byte(&text, ' ');
		buf_text(&text, store->anchors[i].readable ? "" : "?");
		anchor_name(&store->anchors[i], &text);
	}
	buf_byte(&text, '\0');
	assert_string_equal((char *)text.at, expected);
	buf_done(&text);
}

static const struct note *note_of(const struct store *store, const char *words)
{
	for (size_t i = 0; i < store->note_count; i++)
		if (strstr(store->notes[i].text, words) != NULL)
			return &store->notes[i];
	fail_msg("no note says '%s'", words);
	return NULL;
}

/* Where `what` stands in the file. */
static size_t at_of(const struct buf *file, const char *what)
{
	const uint8_t *hit = memmem(file->at, file->len, what, strlen(what));

	assert_non_null(hit);
	return (size_t)(hit - file->at);
}

static void blocks_are_anchors_for_everything_with_their_lines(void **state)
{
	struct buf file = { 0 };
	struct store *store;

	(void)state;
	block("A", &file);
	buf_text(&file, "\n\n");
	block("B", &file);
	store = feed_well(&format_pem, buf_view(&file));
	expect(store, "A B");
	assert_int_equal(store->note_count, 0);
	assert_int_equal(store->anchors[0].trusted, PURPOSES_ALL);
	assert_int_equal(store->anchors[0].origin.line, 1);
	for (size_t i = 0, line = 1; i < file.len; i++) {
		if (i == at_of(&file, "\n\n-----BEGIN") + 2)
			assert_int_equal(store->anchors[1].origin.line, line);
		line += file.at[i] == '\n';
	}
	store_free(store);
	buf_done(&file);
}

static void labels_of_the_three_styles_name_the_block_behind_them(void **state)
{
	static const struct {
		const char *before, *name;
	} rows[] = {
		{ "", "A" },
		{ "The Label\n=========\n", "The Label" },
		{ "\nThe Label\r\n=====\r\n", "The Label" },
		{ "# The Label\n", "The Label" },
		{ "# first line\n# The Label\n", "The Label" },
		{ "## a headline\n", "A" },
		{ "#\n", "A" },
		{ "Bag Attributes\n    friendlyName: The Label\n    localKeyID: 01\nsubject=CN = "
		  "A\n\nissuer=CN = A\n\n",
		  "The Label" },
		{ "just text\n", "A" },
		{ "=====\n", "A" },
		{ "F\xc5\x91tan\xc3\xbas\xc3\xadtv\xc3\xa1ny\n===\n",
		  "F\xc5\x91tan\xc3\xbas\xc3\xadtv\xc3\xa1ny" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf file = { 0 };
		struct store *store;

		buf_text(&file, rows[i].before);
		block("A", &file);
		block("B", &file); /* the label is not for this one */
		store = feed_well(&format_pem, buf_view(&file));
		assert_int_equal(store->count, 2);
		store->anchors[1].label = "";
		store->count = 1;
		expect(store, rows[i].name);
		store->count = 2;
		store_free(store);
		buf_done(&file);
	}
}

/* `file` with every "\n" written as `end`. */
static void with_ends(const struct buf *file, const char *end, struct buf *to)
{
	for (size_t i = 0; i < file->len; i++)
		if (file->at[i] == '\n')
			buf_text(to, end);
		else
			buf_byte(to, file->at[i]);
}

static void any_line_end_a_mark_and_a_missing_last_line_end_are_read(void **state)
{
	struct buf plain = { 0 }, file = { 0 };
	struct store *store;

	(void)state;
	block("A", &plain);
	block("B", &plain);
	buf_text(&file, "\xef\xbb\xbf");
	with_ends(&plain, "\r\n", &file);
	file.len -= 2;
	store = feed_well(&format_pem, buf_view(&file));
	expect(store, "A B");
	assert_int_equal(store->note_count, 0);
	store_free(store);
	file.len = 0;
	with_ends(&plain, "\r", &file);
	store = feed_well(&format_pem, buf_view(&file));
	expect(store, "A B");
	assert_int_equal(note_of(store, "CR alone")->at, 0);
	store_free(store);
	buf_done(&plain);
	buf_done(&file);
}

static void der_between_blocks_is_told_with_its_place_and_is_no_anchor(void **state)
{
	struct buf file = { 0 };
	struct store *store;
	size_t first, second;

	(void)state;
	block("A", &file);
	first = file.len;
	der_of("B", &file);
	buf_text(&file, "\n");
	second = file.len;
	der_of("C", &file);
	buf_text(&file, "\n");
	block("D", &file);
	store = feed_well(&format_pem, buf_view(&file));
	expect(store, "A D");
	assert_int_equal(store->note_count, 2);
	assert_int_equal(store->notes[0].at, first);
	assert_int_equal(store->notes[1].at, second);
	assert_int_equal(store->notes[0].level, NOTE_WARN);
	store_free(store);
	buf_done(&file);
}

static void a_private_key_is_a_loud_note_and_the_rest_is_read(void **state)
{
	static const char *const types[] = { "PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY",
					     "ENCRYPTED PRIVATE KEY", "OPENSSH PRIVATE KEY" };

	(void)state;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		struct buf file = { 0 };
		struct store *store;

		block("A", &file);
		armor_write(&file, types[i], bytes_of("no key at all"));
		block("B", &file);
		store = feed_well(&format_pem, buf_view(&file));
		expect(store, "A B");
		assert_int_equal(note_of(store, "PRIVATE KEY")->level, NOTE_WARN);
		assert_int_equal(note_of(store, types[i])->at,
				 at_of(&file, "PRIVATE KEY") - (strlen(types[i]) - 11) - 11);
		store_free(store);
		buf_done(&file);
	}
}

static void a_cut_block_is_a_note_and_the_one_behind_it_is_read(void **state)
{
	static const char *const ends[] = { "", "-----END CERT", "-----END CERTIFICATE",
					    "-----END X509 CRL-----\n", "-----END CERTIFICATE----\n" };

	(void)state;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		struct buf file = { 0 };
		struct store *store;
		size_t at;

		buf_text(&file, "text\n");
		at = file.len;
		block("A", &file);
		file.len = at_of(&file, "-----END");
		buf_text(&file, ends[i]);
		buf_text(&file, "\n");
		block("B", &file);
		store = feed_well(&format_pem, buf_view(&file));
		expect(store, "B");
		assert_int_equal(note_of(store, "without its END line")->at, at);
		store_free(store);
		buf_done(&file);
	}
}

static void a_foreign_character_is_told_at_its_offset(void **state)
{
	struct buf file = { 0 };
	struct store *store;

	(void)state;
	block("A", &file);
	block("B", &file);
	file.at[100] = '*';
	store = feed_well(&format_pem, buf_view(&file));
	expect(store, "B");
	assert_int_equal(note_of(store, "no base64")->at, 100);
	store_free(store);
	buf_done(&file);
}

static void what_damaged_lines_leave_behind_is_told(void **state)
{
	struct buf file = { 0 };
	struct store *store;
	size_t end;

	(void)state;
	block("A", &file);
	end = at_of(&file, "-----END");
	file.at[0] = ' '; /* four dashes */
	block("B", &file);
	buf_text(&file, "-----BEGIN CERT");
	store = feed_well(&format_pem, buf_view(&file));
	expect(store, "B");
	assert_int_equal(note_of(store, "an END line without its BEGIN line")->at, end);
	assert_int_equal(store->note_count, 2);
	store_free(store);
	file.len -= 5; /* "-----BEGIN" */
	store = feed_well(&format_pem, buf_view(&file));
	assert_int_equal(note_of(store, "the file ends within a BEGIN line")->at, file.len - 10);
	store_free(store);
	buf_done(&file);
}

static void a_block_that_not_everyone_reads_is_read_and_told(void **state)
{
	struct buf file = { 0 };
	struct store *store;
	size_t second;

	(void)state;
	block("A", &file);
	file.len--; /* no final newline, and another file behind it */
	second = file.len;
	block("B", &file);
	buf_text(&file, "\t");
	block("C", &file);
	store = feed_well(&format_pem, buf_view(&file));
	expect(store, "A B C");
	assert_int_equal(note_of(store, "on which the block before it ends")->at, second);
	assert_int_equal(note_of(store, "BEGIN does not start the line")->at,
			 file.len - (file.len - second - 1) / 2);
	store_free(store);
	buf_done(&file);
}

static void what_stands_behind_a_certificate_in_its_block_is_told_and_no_part_of_it(void **state)
{
	struct buf file = { 0 }, der = { 0 };
	struct store *store, *plain;

	(void)state;
	block("A", &file);
	plain = feed_well(&format_pem, buf_view(&file));
	file.len = 0;
	der_of("A", &der);
	buf_text(&der, "more");
	armor_write(&file, "CERTIFICATE", buf_view(&der));
	store = feed_well(&format_pem, buf_view(&file));
	expect(store, "A");
	assert_memory_equal(store->anchors[0].id, plain->anchors[0].id, ID_LEN);
	assert_int_equal(note_of(store, "4 bytes behind a certificate")->level, NOTE_WARN);
	store_free(store);
	file.len = 0;
	der.len -= 5;
	armor_write(&file, "CERTIFICATE", buf_view(&der));
	block("B", &file);
	store = feed_well(&format_pem, buf_view(&file));
	expect(store, "B");
	assert_int_equal(note_of(store, "a certificate cut short")->at, 0);
	store_free(store);
	store_free(plain);
	buf_done(&file);
	buf_done(&der);
}

static void other_blocks_are_told_by_what_they_are(void **state)
{
	struct buf file = { 0 };
	struct store *store;

	(void)state;
	armor_write(&file, "X509 CRL", bytes_of("crl"));
	armor_write(&file, "PGP MESSAGE", bytes_of("no"));
	block("A", &file);
	buf_text(&file, "-----BEGIN -----\n-----END -----\n");
	store = feed_well(&format_pem, buf_view(&file));
	expect(store, "A");
	assert_int_equal(note_of(store, "a revocation list (X509 CRL)")->level, NOTE_INFO);
	assert_int_equal(note_of(store, "unknown type (PGP MESSAGE)")->level, NOTE_WARN);
	assert_int_equal(note_of(store, "unknown type ()")->level, NOTE_WARN);
	store_free(store);
	buf_done(&file);
}

static void headers_of_rfc_1421_are_stepped_over(void **state)
{
	struct buf file = { 0 }, der = { 0 };
	struct store *store;

	(void)state;
	der_of("A", &der);
	buf_text(&file, "-----BEGIN CERTIFICATE-----\r\nX-Kind: old\r\n\r\n");
	base64_write(buf_view(&der), 76, &file);
	buf_text(&file, "-----END CERTIFICATE-----\r\n");
	store = feed_well(&format_pem, buf_view(&file));
	expect(store, "A");
	store_free(store);
	buf_done(&file);
	buf_done(&der);
}

static void a_file_without_a_block_is_refused(void **state)
{
	static const char *const rows[] = { "",           "\n",
					    "text",       "BEGIN CERTIFICATE",
					    "-----BEGIN", "-----END CERTIFICATE-----\n" };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct err err;

		store_free(feed(&format_pem, bytes_of(rows[i]), &err));
		assert_string_equal(err.text, "no PEM block");
		assert_int_equal(format_pem.probe(bytes_of(rows[i])), 0);
	}
}

static double seconds(void)
{
	struct timespec at;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &at);
	return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

/* AddressSanitizer looks at all that a memmem() could read, each time: not linear any more. */
#if defined(__SANITIZE_ADDRESS__)
enum { SANITIZED = 1 };
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif
#else
enum { SANITIZED = 0 };
#endif

/* Fifty million characters in one line: as a body, as text, as openings, as dashes. */
static void a_line_of_fifty_megabytes_takes_no_more_than_its_size(void **state)
{
	static const struct {
		const char *before, *repeated, *after;
	} rows[] = {
		{ "-----BEGIN CERTIFICATE-----\n", "AAAA", "\n-----END CERTIFICATE-----\n" },
		{ "", "text ", "\n" },
		{ "", "-----BEGIN CERTIFICATE----", "\n" },
		{ "", "-----BEGIN ", "\n" },
		{ "", "-----END ", "\n" },
		{ "", "-", "\n" },
		{ "", "0\x82", "\n" },
	};
	enum { SIZE = SANITIZED ? 2 << 20 : 50 << 20 };
	double start = seconds();
	struct rusage usage;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf file = { 0 };
		struct store *store = store_new("here");
		struct err err;

		block("A", &file);
		buf_text(&file, rows[i].before);
		while (file.len < SIZE)
			buf_text(&file, rows[i].repeated);
		buf_text(&file, rows[i].after);
		block("B", &file);
		assert_true(format_pem.read(buf_view(&file), store, &err));
		assert_true(format_pem.probe(buf_view(&file)) > 0);
		store_finish(store);
		assert_true(store->count >= 1);
		if (store->count < 2)
			assert_true(store->note_count > 0);
		store_free(store);
		buf_done(&file);
	}
	getrusage(RUSAGE_SELF, &usage);
	print_message("# %.1f s, at most %ld MB\n", seconds() - start, usage.ru_maxrss >> 10);
	assert_true(seconds() - start < 60);
	assert_true(usage.ru_maxrss < 600 << 10);
}

static void what_is_written_is_read_back_with_its_names(void **state)
{
	struct buf file = { 0 }, again = { 0 };
	struct store *store, *back;

	(void)state;
	block("A", &file);
	buf_text(&file, "a label\n=======\n");
	block("B", &file);
	store = feed_well(&format_pem, buf_view(&file));
	for (int comments = 0; comments < 2; comments++) {
		struct wanted all = { .any = true };
		struct style style = { .comments = comments };
		struct pick pick;
		struct err err;

		again.len = 0;
		pick_from(store, FILTER_CERTIFICATES, &all, &pick);
		assert_true(format_pem.write(&pick, &style, &again, &err));
		pick_done(&pick);
		back = feed_well(&format_pem, buf_view(&again));
		expect(back, comments ? "A a label" : "A B");
		assert_int_equal(back->note_count, 0);
		store_free(back);
	}
	store_free(store);
	buf_done(&file);
	buf_done(&again);
}

static void what_another_format_says_beside_blocks_is_an_error(void **state)
{
	static const char *const others[] = {
		("CKA_CLASS CK_OBJECT_CLASS CKO_NSS_TRUST\nCKA_TRUST_SERVER_AUTH CK_TRUST "
		 "CKT_NSS_NOT_TRUSTED\n"),
		"[p11-kit-object-v1]\nclass: certificate\nx-distrusted: true\n",
		"{\"anchors\":[{\"trust\":{}}]}\n",
	};

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(others) / sizeof(others[0]); i++) {
		struct buf file = { 0 };
		struct store *store;

		if (i % 2 == 0)
			buf_text(&file, others[i / 2]);
		block("A", &file);
		if (i % 2 != 0)
			buf_text(&file, others[i / 2]);
		store = feed_well(&format_pem, buf_view(&file));
		expect(store, "A");
		assert_true(store_incomplete(store));
		note_of(store, "beside PEM blocks: only the blocks are read");
		store_free(store);
		buf_done(&file);
	}
}

static void a_line_of_another_format_does_not_hide_a_bundle(void **state)
{
	static const char *const lines[] = {
		"[p11-kit-object-v1]\nclass: certificate\n",
		"CKA_CLASS CK_OBJECT_CLASS CKO_CERTIFICATE\n",
		"Algorithm=SHA-256\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct buf file = { 0 };

		block("A", &file);
		buf_text(&file, lines[i]);
		assert_true(format_of(buf_view(&file)) == &format_pem);
		buf_done(&file);
	}
	assert_true(format_of(bytes_of("# -----BEGIN \n[p11-kit-object-v1]\n")) == &format_p11kit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks_are_anchors_for_everything_with_their_lines),
		cmocka_unit_test(labels_of_the_three_styles_name_the_block_behind_them),
		cmocka_unit_test(any_line_end_a_mark_and_a_missing_last_line_end_are_read),
		cmocka_unit_test(der_between_blocks_is_told_with_its_place_and_is_no_anchor),
		cmocka_unit_test(a_private_key_is_a_loud_note_and_the_rest_is_read),
		cmocka_unit_test(a_cut_block_is_a_note_and_the_one_behind_it_is_read),
		cmocka_unit_test(a_foreign_character_is_told_at_its_offset),
		cmocka_unit_test(what_damaged_lines_leave_behind_is_told),
		cmocka_unit_test(a_block_that_not_everyone_reads_is_read_and_told),
		cmocka_unit_test(what_stands_behind_a_certificate_in_its_block_is_told_and_no_part_of_it),
		cmocka_unit_test(other_blocks_are_told_by_what_they_are),
		cmocka_unit_test(headers_of_rfc_1421_are_stepped_over),
		cmocka_unit_test(a_file_without_a_block_is_refused),
		cmocka_unit_test(a_line_of_fifty_megabytes_takes_no_more_than_its_size),
		cmocka_unit_test(what_is_written_is_read_back_with_its_names),
		cmocka_unit_test(what_another_format_says_beside_blocks_is_an_error),
		cmocka_unit_test(a_line_of_another_format_does_not_hide_a_bundle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
