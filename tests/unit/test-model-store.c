/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/limits.h"
#include "hand.h"
#include "model/anchor.h"
#include "model/staple.h"
#include "model/store.h"

static struct anchor *add_root(struct store *store, const char *name, uint8_t serial, uint8_t key)
{
	struct buf der = { 0 };
	struct anchor *anchor;

	hand_root(name, serial, key, &der);
	anchor = store_add(store, buf_view(&der), 0);
	buf_done(&der);
	assert_true(anchor->readable);
	anchor->trusted = PURPOSES_ALL;
	return anchor;
}

static bool noted(const struct store *store, enum note_level level, const char *words)
{
	for (size_t i = 0; i < store->note_count; i++)
		if (store->notes[i].level == level && strstr(store->notes[i].text, words) != NULL)
			return true;
	return false;
}

static void duplicates_become_one_and_the_first_keeps_its_place(void **state)
{
	struct store *store = store_new("here");

	(void)state;
	add_root(store, "A", 1, 1)->origin.line = 1;
	add_root(store, "B", 2, 2)->origin.line = 9;
	add_root(store, "C", 3, 3)->origin.line = 17;
	add_root(store, "B", 2, 2)->origin.line = 25;
	store_label(store, &store->anchors[3], bytes_of("the label"));
	store_finish(store);
	assert_int_equal(store->count, 3);
	assert_int_equal(store->anchors[0].origin.line, 1);
	assert_int_equal(store->anchors[1].origin.line, 9);
	assert_int_equal(store->anchors[2].origin.line, 17);
	assert_string_equal(store->anchors[1].label, "the label");
	assert_true(noted(store, NOTE_INFO, "the same certificate again; it stands in line 9 already"));
	assert_false(store_incomplete(store));
	store_free(store);
}

static void what_duplicates_say_is_joined_and_the_earliest_date_counts(void **state)
{
	struct store *store = store_new("here");

	(void)state;
	for (int i = 0; i < 3; i++)
		add_root(store, "A", 1, 1)->trusted = i == 0 ? PURPOSE_BIT(PURPOSE_EMAIL) : 0;
	store->anchors[1].distrusted = PURPOSE_BIT(PURPOSE_SERVER_AUTH);
	store->anchors[1].distrust_after[PURPOSE_EMAIL] = 200;
	store->anchors[2].trusted = PURPOSE_BIT(PURPOSE_SERVER_AUTH);
	store->anchors[2].distrust_after[PURPOSE_EMAIL] = 100;
	store_finish(store);
	assert_int_equal(store->count, 1);
	assert_int_equal(store->anchors[0].distrust_after[PURPOSE_EMAIL], 100);
	assert_int_equal(store->anchors[0].distrust_after[PURPOSE_SERVER_AUTH], CLOCK_NONE);
	assert_int_equal(store->anchors[0].distrusted, PURPOSE_BIT(PURPOSE_SERVER_AUTH));
	assert_int_equal(anchor_trusted(&store->anchors[0]), PURPOSE_BIT(PURPOSE_EMAIL));
	store_free(store);
}

static void duplicates_that_are_constrained_differently_are_a_warning(void **state)
{
	struct store *store = store_new("here");
	struct buf one = { 0 }, two = { 0 };

	(void)state;
	hand_hex("300f 0603551d25 0408 3006 06042b060105", &one);
	hand_hex("300f 0603551d25 0408 3006 06042b060106", &two);
	for (int i = 0; i < 2; i++) {
		struct anchor *anchor = add_root(store, "A", 1, 1);

		assert_true(store_attach(store, anchor, i == 0 ? buf_view(&one) : buf_view(&two)));
		assert_false(store_attach(store, anchor, (struct bytes){ NULL, 0 }));
	}
	store_finish(store);
	assert_int_equal(store->count, 1);
	assert_int_equal(store->anchors[0].attached_count, 1);
	assert_true(bytes_equal(store->anchors[0].attached[0].whole, buf_view(&one)));
	assert_true(noted(store, NOTE_WARN, "constrained there in another way"));
	store_free(store);
	buf_done(&one);
	buf_done(&two);
}

static void a_constraint_that_only_the_second_entry_has_is_kept(void **state)
{
	struct store *store = store_new("test");
	struct buf one = { 0 }, two = { 0 };

	(void)state;
	hand_hex("300f 0603551d1e 0408 3006 a004 30028200",
		 &one); /* nameConstraints, permitted: any DNS name */
	hand_hex("300d 06042b060107 0405 0403 010203", &two);
	assert_true(store_attach(store, add_root(store, "A", 1, 1), buf_view(&two)));
	assert_true(store_attach(store, add_root(store, "A", 1, 1), buf_view(&one)));
	store_finish(store);
	assert_int_equal(store->count, 1);
	assert_int_equal(store->anchors[0].attached_count, 2);
	assert_true(bytes_equal(store->anchors[0].attached[1].whole, buf_view(&one)));
	store_free(store);
	buf_done(&one);
	buf_done(&two);
}

static void a_certificate_is_kept_where_its_fingerprint_came_first(void **state)
{
	struct store *store = store_new("here");
	uint8_t id[ID_LEN];

	(void)state;
	memcpy(id, add_root(store, "A", 1, 1)->id, ID_LEN);
	store->count = 0;
	store_add_fingerprint(store, id)->distrusted = PURPOSE_BIT(PURPOSE_EMAIL);
	add_root(store, "A", 1, 1);
	store_finish(store);
	assert_int_equal(store->count, 1);
	assert_int_equal(store->anchors[0].names, ANCHOR_CERTIFICATE);
	assert_true(store->anchors[0].readable);
	assert_true(store->anchors[0].cert.der.len > 0);
	assert_int_equal(store->anchors[0].distrusted, PURPOSE_BIT(PURPOSE_EMAIL));
	assert_int_equal(store->anchors[0].trusted, PURPOSES_ALL);
	store_free(store);
}

static void duplicates_attach_no_more_than_the_limit_and_that_is_an_error(void **state)
{
	enum { MANY = 3000 }; /* hundreds of MiB, if each were copied for each */
	struct store *store = store_new("here");
	struct buf one = { 0 };

	(void)state;
	hand_hex("300a 06042b060000 0402 0500", &one);
	for (unsigned i = 0; i < MANY; i++) {
		one.at[6] = (uint8_t)(0x81 + i / 100);
		one.at[7] = (uint8_t)(i % 100);
		assert_true(store_attach(store, add_root(store, "A", 1, 1), buf_view(&one)));
	}
	store_finish(store);
	assert_int_equal(store->count, 1);
	assert_int_equal(store->anchors[0].attached_count, LIMIT_ATTACHED);
	assert_true(noted(store, NOTE_ERROR, "is not kept"));
	store_free(store);
	buf_done(&one);
}

static void purposes_that_a_duplicate_rejects_stay_rejected(void **state)
{
	struct store *store = store_new("here");
	const struct bytes rejected = { (const uint8_t *)"\x2b\x06\x01\x05", 4 };
	struct buf kept = { 0 }, list = { 0 };

	(void)state;
	hand_hex("300d 0603551d0e 0406 040401020304", &kept);
	hand_hex("3006 06042b060105", &list);
	assert_true(store_attach(store, add_root(store, "A", 1, 1), buf_view(&kept)));
	staple_add_rejects(store, add_root(store, "A", 1, 1), buf_view(&list));
	assert_true(staple_rejects(&store->anchors[1], rejected));
	store_finish(store);
	assert_int_equal(store->count, 1);
	assert_int_equal(store->anchors[0].attached_count, 2);
	assert_true(staple_rejects(&store->anchors[0], rejected));
	store_free(store);
	buf_done(&kept);
	buf_done(&list);
}

static void a_rejected_purpose_without_a_row_reaches_the_same_key_and_serial(void **state)
{
	const struct bytes first = { (const uint8_t *)"\x2b\x06\x01\x05", 4 },
			   second = { (const uint8_t *)"\x2b\x06\x01\x06", 4 };
	struct store *store = store_new("here");
	struct buf kept = { 0 }, list = { 0 };
	struct anchor *all;

	(void)state;
	hand_hex("300d 0603551d0e 0406 040401020304", &kept);
	hand_hex("3006 06042b060105", &list);
	staple_add_rejects(store, add_root(store, "A", 1, 1), buf_view(&list));
	add_root(store, "Same key", 2, 1);
	assert_true(
		store_attach(store, add_root(store, "Same key, with an extension", 3, 1), buf_view(&kept)));
	list.at[list.len - 1] = 6;
	staple_add_rejects(store, add_root(store, "Same key, and its own", 4, 1), buf_view(&list));
	add_root(store, "A", 1, 9); /* the same issuer and serial number */
	add_root(store, "Another", 1, 8);
	store_finish(store);
	all = store->anchors;
	assert_int_equal(store->count, 6);
	for (size_t i = 0; i < 4; i++) {
		assert_true(staple_rejects(&all[i], first));
		assert_true(staple_rejects(&all[i], second));
	}
	assert_true(staple_rejects(&all[4], first));
	assert_false(staple_rejects(&all[4], second));
	assert_int_equal(all[5].attached_count, 0);
	assert_int_equal(all[2].attached_count, 2);
	assert_int_equal(all[1].distrusted, 0);
	buf_done(&kept);
	buf_done(&list);
	store_free(store);
}

static void the_same_rejected_purpose_any_number_of_times_is_one(void **state)
{
	struct store *store = store_new("here");
	struct buf list = { 0 };

	(void)state;
	hand_hex("3006 06042b060105", &list);
	for (unsigned i = 0; i < LIMIT_PURPOSES_SIZE; i++) {
		list.at[list.len - 1] = (uint8_t)(i % 2);
		staple_add_rejects(store, add_root(store, "A", 1, 1), buf_view(&list));
	}
	store_finish(store);
	assert_int_equal(store->anchors[0].distrusted, 0);
	assert_int_equal(store->anchors[0].attached_count, 1);
	assert_int_equal(store->anchors[0].attached[0].value.len, 2 + 6 + 6);
	buf_done(&list);
	store_free(store);
}

static void distrust_by_one_key_is_the_sum_of_all_that_have_it(void **state)
{
	enum { MANY = 40000 }; /* seconds, if each were compared with each */
	static const uint8_t key[ID_LEN] = { 7 };
	struct store *store = store_new("here");

	(void)state;
	for (unsigned i = 0; i < MANY; i++) {
		uint8_t serial[] = { 1, (uint8_t)(i >> 8), (uint8_t)i };

		store_add_issuer_serial(store, bytes_of("name"), (struct bytes){ serial, 3 })->distrusted =
			PURPOSE_BIT(PURPOSE_CODE_SIGNING);
		store->anchors[i].told_key = key;
	}
	store->anchors[1].distrusted = PURPOSE_BIT(PURPOSE_EMAIL);
	store_finish(store);
	assert_int_equal(store->count, MANY);
	for (unsigned i = 0; i < MANY; i++)
		assert_int_equal(store->anchors[i].distrusted,
				 PURPOSE_BIT(PURPOSE_CODE_SIGNING) | PURPOSE_BIT(PURPOSE_EMAIL));
	store_free(store);
}

static void distrust_reaches_every_certificate_with_the_same_key(void **state)
{
	struct store *store = store_new("here");

	(void)state;
	add_root(store, "A", 1, 7);
	add_root(store, "B", 2, 8);
	add_root(store, "A again", 3, 7);
	add_root(store, "A revoked", 4, 7)->distrusted = PURPOSES_ALL;
	store_finish(store);
	assert_int_equal(store->count, 4);
	assert_int_equal(anchor_trusted(&store->anchors[0]), 0);
	assert_int_equal(anchor_trusted(&store->anchors[1]), PURPOSES_ALL);
	assert_int_equal(anchor_trusted(&store->anchors[2]), 0);
	store_free(store);
}

static void distrust_of_a_key_or_of_an_issuer_and_serial_needs_no_certificate(void **state)
{
	struct store *store = store_new("here");
	const struct cert *a, *b;

	(void)state;
	add_root(store, "A", 1, 7);
	add_root(store, "B", 2, 8);
	add_root(store, "C", 3, 9);
	a = &store->anchors[0].cert;
	store_add_key(store, a->spki)->distrusted = PURPOSE_BIT(PURPOSE_EMAIL);
	b = &store->anchors[1].cert;
	store_add_issuer_serial(store, b->issuer, b->serial)->distrusted = PURPOSES_ALL;
	store_finish(store);
	assert_int_equal(store->count, 5);
	assert_int_equal(store->anchors[0].distrusted, PURPOSE_BIT(PURPOSE_EMAIL));
	assert_int_equal(store->anchors[1].distrusted, PURPOSES_ALL);
	assert_int_equal(store->anchors[2].distrusted, 0);
	assert_int_equal(store->anchors[3].names, ANCHOR_KEY);
	assert_int_equal(store->anchors[4].names, ANCHOR_ISSUER_SERIAL);
	store_free(store);
}

static void distrust_of_another_serial_or_issuer_reaches_nobody(void **state)
{
	struct store *store = store_new("here");
	uint8_t other[] = { 9 };

	(void)state;
	add_root(store, "A", 1, 7);
	add_root(store, "B", 2, 8);
	store_add_issuer_serial(store, store->anchors[0].cert.issuer, (struct bytes){ other, 1 })
		->distrusted = PURPOSES_ALL;
	store_add_issuer_serial(store, store->anchors[0].cert.issuer, store->anchors[1].cert.serial)
		->distrusted = PURPOSES_ALL;
	store_finish(store);
	assert_int_equal(store->anchors[0].distrusted, 0);
	assert_int_equal(store->anchors[1].distrusted, 0);
	store_free(store);
}

static void identities_of_certificates_keys_and_serials_are_never_the_same(void **state)
{
	struct store *store = store_new("here");
	struct bytes same = bytes_of("the same bytes");

	(void)state;
	store_add(store, same, 0);
	store_add_key(store, same);
	store_add_issuer_serial(store, same, (struct bytes){ NULL, 0 });
	store_add_issuer_serial(store, bytes_of("the same "), bytes_of("bytes"));
	store_finish(store);
	assert_int_equal(store->count, 4);
	store_free(store);
}

static void a_certificate_that_is_refused_is_kept_by_its_hash_and_noted(void **state)
{
	struct store *store = store_new("here");
	struct anchor *anchor = store_add(store, bytes_of("no certificate"), 77);
	struct buf name = { 0 };

	(void)state;
	assert_false(anchor->readable);
	assert_int_equal(anchor->cert.der.len, 14);
	assert_int_equal(store->notes[0].at, 77);
	assert_true(noted(store, NOTE_WARN, "known by its hash only"));
	anchor_name(anchor, &name);
	assert_true(bytes_equal(buf_view(&name), bytes_of("(no name)")));
	assert_ptr_equal(store_find(store, anchor->id), anchor);
	buf_done(&name);
	store_free(store);
}

static void notes_beyond_the_limit_are_counted_and_errors_are_kept(void **state)
{
	struct store *store = store_new("here");

	(void)state;
	for (int i = 0; i < LIMIT_NOTES + 10; i++)
		store_note(store, NOTE_WARN, NOTE_NOWHERE, "note %d", i);
	assert_false(store_incomplete(store));
	store_note(store, NOTE_ERROR, NOTE_NOWHERE, "a file that cannot be read");
	assert_true(store_incomplete(store));
	store_finish(store);
	assert_int_equal(store->note_count, LIMIT_NOTES + 2);
	assert_true(noted(store, NOTE_ERROR, "a file that cannot be read"));
	assert_true(noted(store, NOTE_WARN, "10 more notes are not shown"));
	store_free(store);
}

static void an_error_behind_any_number_of_warnings_is_kept(void **state)
{
	struct store *store = store_new("here");

	(void)state;
	for (int i = 0; i <= LIMIT_ERRORS; i++)
		store_note(store, NOTE_WARN, NOTE_NOWHERE, "a block of an unknown type");
	store_note(store, NOTE_ERROR, NOTE_NOWHERE, "what is forbidden cannot be read");
	store_finish(store);
	assert_true(store_incomplete(store));
	assert_true(noted(store, NOTE_ERROR, "what is forbidden cannot be read"));
	store_free(store);
}

static void a_label_ends_at_its_nul_or_at_the_limit_with_a_note(void **state)
{
	struct store *store = store_new("here");
	struct anchor *anchor = store_add_key(store, bytes_of("k"));
	struct buf text = { 0 };

	(void)state;
	store_label(store, anchor, (struct bytes){ (const uint8_t *)"ab\0cd", 5 });
	assert_string_equal(anchor->label, "ab");
	assert_int_equal(store->note_count, 0);
	for (int i = 0; i <= LIMIT_LABEL; i++)
		buf_byte(&text, 'x');
	store_label(store, anchor, buf_view(&text));
	assert_int_equal(strlen(anchor->label), LIMIT_LABEL);
	assert_int_equal(store->note_count, 1);
	store_label(store, anchor, (struct bytes){ NULL, 0 });
	assert_string_equal(anchor->label, "");
	buf_done(&text);
	store_free(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(duplicates_become_one_and_the_first_keeps_its_place),
		cmocka_unit_test(what_duplicates_say_is_joined_and_the_earliest_date_counts),
		cmocka_unit_test(duplicates_that_are_constrained_differently_are_a_warning),
		cmocka_unit_test(a_constraint_that_only_the_second_entry_has_is_kept),
		cmocka_unit_test(a_certificate_is_kept_where_its_fingerprint_came_first),
		cmocka_unit_test(duplicates_attach_no_more_than_the_limit_and_that_is_an_error),
		cmocka_unit_test(purposes_that_a_duplicate_rejects_stay_rejected),
		cmocka_unit_test(a_rejected_purpose_without_a_row_reaches_the_same_key_and_serial),
		cmocka_unit_test(the_same_rejected_purpose_any_number_of_times_is_one),
		cmocka_unit_test(distrust_by_one_key_is_the_sum_of_all_that_have_it),
		cmocka_unit_test(distrust_reaches_every_certificate_with_the_same_key),
		cmocka_unit_test(distrust_of_a_key_or_of_an_issuer_and_serial_needs_no_certificate),
		cmocka_unit_test(distrust_of_another_serial_or_issuer_reaches_nobody),
		cmocka_unit_test(identities_of_certificates_keys_and_serials_are_never_the_same),
		cmocka_unit_test(a_certificate_that_is_refused_is_kept_by_its_hash_and_noted),
		cmocka_unit_test(notes_beyond_the_limit_are_counted_and_errors_are_kept),
		cmocka_unit_test(an_error_behind_any_number_of_warnings_is_kept),
		cmocka_unit_test(a_label_ends_at_its_nul_or_at_the_limit_with_a_note),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
