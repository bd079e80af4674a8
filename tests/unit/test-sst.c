/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit.h"

#include <gnutls/crypto.h>

#include "base/clock.h"
#include "feed.h"
#include "format/format.h"
#include "make.h"
#include "model/anchor.h"

#define SERVER PURPOSE_BIT(PURPOSE_SERVER_AUTH)
#define EMAIL  PURPOSE_BIT(PURPOSE_EMAIL)
#define KP(n)  0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, (n)

static const uint8_t server_only[] = { 0x30, 0x0a, KP(1) };
static const uint8_t odd_only[] = { 0x30, 0x05, 0x06, 0x03, 0x2a, 0x03, 0x04 };
static const uint8_t no_list[] = { 0x30, 0x0b, KP(1) };
static const uint8_t empty_list[] = { 0x30, 0x00 };
static const uint8_t date[] = { 0x80, 0x29, 0x48, 0xf7, 0x33, 0xcd, 0xdc, 0x01 }; /* 2026-04-15T23:59:59Z */
#define AT      1776297599
#define OF(a)   ((struct bytes){ (a), sizeof(a) })
#define NOTHING ((struct bytes){ NULL, 0 })

static void put(uint32_t id, struct bytes data, struct buf *to)
{
	buf_le32(to, id);
	buf_le32(to, 1);
	buf_le32(to, (uint32_t)data.len);
	buf_bytes(to, data);
}

static void put_head(struct buf *to)
{
	buf_le32(to, 0);
	buf_text(to, "CERT");
}

static void put_end(struct buf *to)
{
	buf_le32(to, 0);
	buf_be64(to, 0);
}

static void put_cert(unsigned key, struct buf *to)
{
	struct make how = { .cn = "A", .key = key };
	struct buf der = { 0 };

	make_cert(&how, &der);
	put(32, buf_view(&der), to);
	buf_done(&der);
}

/* A store with one certificate that has these properties; an id of 0 ends them. */
static struct store *read_with(uint32_t first, struct bytes a, uint32_t second, struct bytes b)
{
	struct buf file = { 0 };
	struct store *store;

	put_head(&file);
	put(first, a, &file);
	if (second != 0)
		put(second, b, &file);
	put_cert(1, &file);
	put_cert(2, &file);
	put_end(&file);
	assert_true(format_of(buf_view(&file)) == &format_sst);
	store = feed_well(&format_sst, buf_view(&file));
	assert_int_equal(store->count, 2);
	/* A property is that of the next certificate alone. */
	assert_int_equal(store->anchors[1].trusted, PURPOSES_ALL);
	assert_int_equal(store->anchors[1].distrusted, 0);
	assert_string_equal(store->anchors[1].label, "");
	for (size_t p = 0; p < PURPOSE_COUNT; p++)
		assert_true(store->anchors[1].distrust_after[p] == CLOCK_NONE);
	buf_done(&file);
	return store;
}

static void a_friendly_name_is_the_label(void **state)
{
	static const uint8_t name[] = {
		'a', 0, 0x51, 0x01, 0x3c, 0x20, 0x3d, 0xd8, 0x00, 0xde, 0, 0, 'x', 0
	};
	static const uint8_t half[] = { 'a', 0, 0x3d, 0xd8, 'b', 0, 0x3d, 0xd8 };
	struct store *store = read_with(11, OF(name), 0, NOTHING);

	(void)state;
	assert_string_equal(store->anchors[0].label, "a\xc5\x91\xe2\x80\xbc\xf0\x9f\x98\x80");
	assert_int_equal(store->note_count, 0);
	store_free(store);
	store = read_with(11, OF(half), 0, NOTHING);
	assert_string_equal(store->anchors[0].label, "a\xed\xa0\xbd"
						     "b\xed\xa0\xbd");
	store_free(store);
}

static void a_list_of_purposes_limits(void **state)
{
	static const uint8_t odd[] = { 0x2a, 0x03, 0x04 }, other[] = { 0x2a, 0x03, 0x05 };
	struct store *store = read_with(9, OF(server_only), 0, NOTHING);

	(void)state;
	assert_int_equal(store->anchors[0].trusted, SERVER);
	assert_int_equal(store->anchors[0].distrusted, 0);
	store_free(store);
	store = read_with(9, OF(odd_only), 0, NOTHING);
	assert_true(anchor_serves(&store->anchors[0], PURPOSE_OTHER, OF(odd)));
	assert_false(anchor_serves(&store->anchors[0], PURPOSE_OTHER, OF(other)));
	store_free(store);
}

static void a_list_of_purposes_that_cannot_be_read_trusts_nothing(void **state)
{
	struct store *store = read_with(9, OF(no_list), 0, NOTHING);

	(void)state;
	assert_int_equal(store->anchors[0].trusted, 0);
	assert_true(feed_noted(store, NOTE_WARN, "trusted for none"));
	store_free(store);
}

static void what_is_disabled_is_distrusted_for_all_or_for_the_purposes_that_are_named(void **state)
{
	static const struct {
		uint32_t first, second;
		struct bytes a, b;
		uint16_t distrusted;
	} rows[] = {
		{ 104, 0, OF(date), NOTHING, PURPOSES_ALL },
		{ 104, 122, OF(date), OF(server_only), SERVER },
		{ 122, 104, OF(server_only), OF(date), SERVER },
		{ 122, 0, OF(server_only), NOTHING, SERVER },
		{ 104, 122, OF(date), OF(no_list), PURPOSES_ALL },
		{ 104, 0, OF(no_list), NOTHING, PURPOSES_ALL },
		{ 104, 0, NOTHING, NOTHING, PURPOSES_ALL },
		{ 122, 0, NOTHING, NOTHING, PURPOSES_ALL },
		{ 104, 122, OF(date), NOTHING, PURPOSES_ALL },
		{ 104, 122, OF(date), OF(empty_list), PURPOSES_ALL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct store *store = read_with(rows[i].first, rows[i].a, rows[i].second, rows[i].b);

		assert_int_equal(store->anchors[0].distrusted, rows[i].distrusted);
		assert_true(feed_noted(store, NOTE_INFO, "disabled"));
		store_free(store);
	}
}

static void what_is_issued_after_a_date_is_distrusted_for_all_or_for_the_purposes_that_are_named(void **state)
{
	struct store *store = read_with(126, OF(date), 0, NOTHING);

	(void)state;
	for (size_t p = 0; p < PURPOSE_COUNT; p++)
		assert_true(store->anchors[0].distrust_after[p] == AT);
	store_free(store);
	store = read_with(127, OF(server_only), 126, OF(date));
	assert_true(store->anchors[0].distrust_after[PURPOSE_SERVER_AUTH] == AT);
	assert_true(store->anchors[0].distrust_after[PURPOSE_EMAIL] == CLOCK_NONE);
	assert_int_equal(store->anchors[0].trusted, PURPOSES_ALL);
	store_free(store);
	store = read_with(127, OF(server_only), 126, OF(no_list));
	assert_int_equal(store->anchors[0].distrusted, SERVER);
	assert_true(feed_noted(store, NOTE_WARN, "distrusted from the start"));
	store_free(store);
}

static void an_empty_property_is_there_and_trusts_nothing(void **state)
{
	struct store *store = read_with(9, NOTHING, 0, NOTHING);

	(void)state;
	assert_int_equal(store->anchors[0].trusted, 0);
	store_free(store);
	store = read_with(126, NOTHING, 0, NOTHING);
	assert_int_equal(store->anchors[0].distrusted, PURPOSES_ALL);
	store_free(store);
}

static void a_hash_of_another_certificate_is_noted(void **state)
{
	static const uint8_t other[20] = { 1 };
	struct make how = { .cn = "A", .key = 1 };
	struct buf der = { 0 };
	struct store *store;
	uint8_t right[20];

	(void)state;
	make_cert(&how, &der);
	assert_int_equal(gnutls_hash_fast(GNUTLS_DIG_SHA1, der.at, der.len, right), 0);
	buf_done(&der);
	store = read_with(3, OF(right), 0, NOTHING);
	assert_int_equal(store->note_count, 0);
	store_free(store);
	store = read_with(3, OF(other), 0, NOTHING);
	assert_true(feed_noted(store, NOTE_WARN, "hash"));
	store_free(store);
}

/* Revocation lists and trust lists have properties too. */
static void a_revocation_list_is_noted_and_takes_its_properties_with_it(void **state)
{
	struct buf file = { 0 };
	struct store *store;

	(void)state;
	for (uint32_t id = 33; id <= 34; id++) {
		put_head(&file);
		put(11, OF(date), &file);
		put(id, OF(server_only), &file);
		put_cert(1, &file);
		put_end(&file);
		store = feed_well(&format_sst, buf_view(&file));
		assert_int_equal(store->count, 1);
		assert_string_equal(store->anchors[0].label, "");
		assert_true(feed_noted(store, NOTE_INFO, id == 33 ? "revocation list" : "trust list"));
		store_free(store);
		file.len = 0;
	}
	buf_done(&file);
}

static void a_cut_file_is_never_silently_less(void **state)
{
	struct buf file = { 0 };

	(void)state;
	put_head(&file);
	put(9, OF(server_only), &file);
	put_cert(1, &file);
	put(126, OF(date), &file);
	put_cert(2, &file);
	put_end(&file);
	feed_cut(&format_sst, buf_view(&file), NULL);
	buf_done(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_friendly_name_is_the_label),
		cmocka_unit_test(a_list_of_purposes_limits),
		cmocka_unit_test(a_list_of_purposes_that_cannot_be_read_trusts_nothing),
		cmocka_unit_test(what_is_disabled_is_distrusted_for_all_or_for_the_purposes_that_are_named),
		cmocka_unit_test(
			what_is_issued_after_a_date_is_distrusted_for_all_or_for_the_purposes_that_are_named),
		cmocka_unit_test(an_empty_property_is_there_and_trusts_nothing),
		cmocka_unit_test(a_hash_of_another_certificate_is_noted),
		cmocka_unit_test(a_revocation_list_is_noted_and_takes_its_properties_with_it),
		cmocka_unit_test(a_cut_file_is_never_silently_less),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
