/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit.h"

#include <ctype.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "hand.h"
#include "model/match.h"
#include "model/store.h"

static struct store *store_of_one(const char *name, const char *label)
{
	struct store *store = store_new("here");
	struct buf der = { 0 };

	hand_root(name, 1, 1, &der);
	store_label(store, store_add(store, buf_view(&der), 0), bytes_of(label));
	buf_done(&der);
	return store;
}

static bool matches(const char *text, const struct store *store)
{
	struct match match;

	match_read(text, &match);
	return match_anchor(&match, &store->anchors[0]);
}

/* The fingerprint's first `digits`, in capitals and with colons if asked for. */
static char *fingerprint(const struct store *store, size_t digits, bool spelt)
{
	struct buf hex = { 0 }, text = { 0 };

	text_hex((struct bytes){ store->anchors[0].id, ID_LEN }, &hex);
	for (size_t i = 0; i < digits; i++) {
		if (spelt && i > 0 && i % 2 == 0)
			buf_byte(&text, ':');
		buf_byte(&text, (unsigned)(spelt ? toupper(hex.at[i]) : hex.at[i]));
	}
	buf_byte(&text, '\0');
	buf_done(&hex);
	return (char *)text.at;
}

static void a_fingerprint_or_its_beginning_is_found_whatever_its_case_and_colons(void **state)
{
	struct store *store = store_of_one("Alder", "");

	(void)state;
	for (size_t digits = 8; digits <= 64; digits++)
		for (int spelt = 0; spelt < 2; spelt++) {
			char *text = fingerprint(store, digits, spelt);

			assert_true(matches(text, store));
			text[0] = text[0] == '0' ? '1' : '0';
			assert_false(matches(text, store));
			free(text);
		}
	store_free(store);
}

static void fewer_than_eight_digits_are_words(void **state)
{
	struct store *store = store_of_one("CA deadbee", "");
	char *seven = fingerprint(store, 7, false);
	struct match match;

	(void)state;
	match_read("deadbee", &match);
	assert_string_equal(match.hex, "");
	assert_true(matches("deadbee", store));
	assert_false(matches(seven, store));
	match_read("deadbeef", &match);
	assert_string_equal(match.hex, "deadbeef");
	free(seven);
	store_free(store);
}

static void more_digits_than_a_fingerprint_has_are_no_fingerprint(void **state)
{
	struct store *store = store_of_one("Alder", "");
	char *all = fingerprint(store, 64, false), *more = mem_print("%s0", all);
	struct match match;

	(void)state;
	match_read(more, &match);
	assert_string_equal(match.hex, "");
	assert_false(matches(more, store));
	free(all);
	free(more);
	store_free(store);
}

static void words_are_found_in_subject_and_label_in_any_order_and_case(void **state)
{
	struct store *store = store_of_one("Alder Test Root", "the LABEL");

	(void)state;
	assert_true(matches("alder", store));
	assert_true(matches("ROOT alder", store));
	assert_true(matches("  test  ", store));
	assert_true(matches("label", store));
	assert_true(matches("label root", store));
	assert_false(matches("alder birch", store));
	assert_false(matches("", store));
	assert_false(matches("   ", store));
	store_free(store);
}

static void what_is_no_certificate_has_no_fingerprint_to_be_found_by(void **state)
{
	struct store *store = store_new("here");
	char *text;

	(void)state;
	store_add_key(store, bytes_of("key"));
	text = fingerprint(store, 64, false);
	assert_false(matches(text, store));
	free(text);
	store_free(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_fingerprint_or_its_beginning_is_found_whatever_its_case_and_colons),
		cmocka_unit_test(fewer_than_eight_digits_are_words),
		cmocka_unit_test(more_digits_than_a_fingerprint_has_are_no_fingerprint),
		cmocka_unit_test(words_are_found_in_subject_and_label_in_any_order_and_case),
		cmocka_unit_test(what_is_no_certificate_has_no_fingerprint_to_be_found_by),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
