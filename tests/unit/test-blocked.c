/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit.h"

#include "feed.h"
#include "format/format.h"

#define SEVEN "0707070707070707070707070707070707070707070707070707070707070707"
#define UPPER "ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789"
#define COLON                                                                                                \
	"ab:cd:ef:01:23:45:67:89:ab:cd:ef:01:23:45:67:89:ab:cd:ef:01:23:45:67:89:ab:cd:ef:01:23:45:67:89"

static struct store *read_text(const char *text)
{
	assert_true(format_of(bytes_of(text)) == &format_blocked);
	return feed_well(&format_blocked, bytes_of(text));
}

static void each_line_distrusts_a_certificate_for_everything_by_its_fingerprint(void **state)
{
	struct store *store = read_text("# comment\nAlgorithm=SHA-256\n" SEVEN "\n" UPPER "\n");

	(void)state;
	assert_int_equal(store->count, 2);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(store->anchors[i].names, ANCHOR_FINGERPRINT);
		assert_int_equal(store->anchors[i].trusted, 0);
		assert_int_equal(store->anchors[i].distrusted, PURPOSES_ALL);
		assert_int_equal(store->anchors[i].origin.line, 3 + i);
	}
	assert_int_equal(store->anchors[0].id[0], 7);
	assert_int_equal(store->anchors[1].id[1], 0xcd);
	assert_int_equal(store->note_count, 0);
	store_free(store);
}

static void colons_case_and_the_place_of_the_algorithm_do_not_matter(void **state)
{
	struct store *a = read_text("Algorithm=SHA-256\n" UPPER "\n");
	struct store *b = read_text("\n! comment\n" COLON "\r\n  Algorithm : SHA-256\n");

	(void)state;
	feed_same(a, b);
	store_free(a);
	store_free(b);
}

static void another_algorithm_is_not_read(void **state)
{
	static const char text[] = "Algorithm=SHA-1\n0707070707070707070707070707070707070707\n";
	struct err err;
	struct store *store = feed(&format_blocked, bytes_of(text), &err);

	(void)state;
	assert_int_equal(err.code, ERR_UNSUPPORTED);
	assert_int_equal(store->count, 0);
	store_free(store);
}

static void a_line_that_is_no_fingerprint_is_an_error_and_the_rest_is_read(void **state)
{
	static const char *const lines[] = { "0707", SEVEN "0", "G" SEVEN, "one two", SEVEN "=x" };

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct buf text = { 0 };
		struct store *store;

		buf_print(&text, "Algorithm=SHA-256\n%s\n" UPPER "\n", lines[i]);
		store = feed_well(&format_blocked, buf_view(&text));
		assert_int_equal(store->count, 1);
		assert_true(feed_noted(store, NOTE_ERROR, "no SHA-256 fingerprint"));
		store_free(store);
		buf_done(&text);
	}
}

static void an_empty_list_says_so(void **state)
{
	struct store *store = read_text("Algorithm=SHA-256\n");

	(void)state;
	assert_int_equal(store->count, 0);
	assert_true(feed_noted(store, NOTE_INFO, "nothing is blocked"));
	store_free(store);
}

static void the_lists_of_this_machine_s_jdks_are_read_line_by_line(void **state)
{
	static const char find[] = "ls /usr/lib/jvm/*/lib/security/blocked.certs 2>/dev/null";
	struct buf paths = { 0 };
	char *save = NULL;

	(void)state;
	if (!feed_run(&paths, "%s", find)) {
		print_message("# no JDK with a blocked.certs here\n");
		skip();
	}
	buf_byte(&paths, '\0');
	for (char *path = strtok_r((char *)paths.at, "\n", &save); path != NULL;
	     path = strtok_r(NULL, "\n", &save)) {
		struct buf file = { 0 }, sorted = { 0 }, ours = { 0 };
		struct store *store;

		assert_true(feed_run(&file, "cat '%s'", path));
		assert_true(feed_run(&sorted, "grep -E '^[0-9A-F]{64}$' '%s'", path));
		store = feed_well(&format_blocked, buf_view(&file));
		for (size_t i = 0; i < store->count; i++) {
			for (size_t k = 0; k < ID_LEN; k++)
				buf_print(&ours, "%02X", store->anchors[i].id[k]);
			buf_byte(&ours, '\n');
		}
		assert_true(bytes_equal(buf_view(&ours), buf_view(&sorted)));
		assert_int_equal(store->note_count, 0);
		store_free(store);
		buf_done(&file);
		buf_done(&sorted);
		buf_done(&ours);
	}
	buf_done(&paths);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_line_distrusts_a_certificate_for_everything_by_its_fingerprint),
		cmocka_unit_test(colons_case_and_the_place_of_the_algorithm_do_not_matter),
		cmocka_unit_test(another_algorithm_is_not_read),
		cmocka_unit_test(a_line_that_is_no_fingerprint_is_an_error_and_the_rest_is_read),
		cmocka_unit_test(an_empty_list_says_so),
		cmocka_unit_test(the_lists_of_this_machine_s_jdks_are_read_line_by_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
