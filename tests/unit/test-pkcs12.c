/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit.h"

#include "base/limits.h"
#include "feed.h"
#include "format/ber.h"
#include "format/format.h"
#include "format/pkcs12.h"
#include "make.h"
#include "model/anchor.h"
#include "model/der.h"

#define BYTES(text) ((struct bytes){ (const uint8_t *)(text), sizeof(text) - 1 })
#define ANY         "\x06\x04\x55\x1d\x25\x00"
#define SERVER_AUTH "\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x01"
#define BAG(n)      "\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x0a\x01" n

static void wrap(struct buf *buf, unsigned tag)
{
	struct buf whole = { 0 };

	der_write(&whole, tag, buf_view(buf));
	buf_done(buf);
	*buf = whole;
}

/* Puts an OID in front of what the buffer holds, and a SEQUENCE around both. */
static void typed(struct buf *buf, struct bytes oid)
{
	struct buf whole = { 0 };

	der_write(&whole, DER_OID, oid);
	buf_bytes(&whole, buf_view(buf));
	wrap(&whole, DER_SEQUENCE);
	buf_done(buf);
	*buf = whole;
}

/* SafeBag { bag, [0] value, attributes }; the attributes are the contents of the SET */
static void bag(struct bytes type, struct bytes value, struct bytes attributes, struct buf *to)
{
	struct buf body = { 0 };

	der_write(&body, DER_EXPLICIT(0), value);
	if (attributes.len > 0)
		der_write(&body, DER_SET, attributes);
	typed(&body, type);
	buf_bytes(to, buf_view(&body));
	buf_done(&body);
}

static void cert_bag(unsigned number, struct bytes attributes, struct buf *to)
{
	struct make how = { .key = number };
	struct buf cert = { 0 };

	make_cert(&how, &cert);
	wrap(&cert, DER_OCTET_STRING);
	wrap(&cert, DER_EXPLICIT(0));
	typed(&cert, pkcs12_x509);
	bag(pkcs12_cert_bag, buf_view(&cert), attributes, to);
	buf_done(&cert);
}

static void attribute(struct bytes oid, struct bytes value, struct buf *to)
{
	struct buf body = { 0 };

	der_write(&body, DER_SET, value);
	typed(&body, oid);
	buf_bytes(to, buf_view(&body));
	buf_done(&body);
}

static void plain_data(struct buf *buf)
{
	wrap(buf, DER_OCTET_STRING);
	wrap(buf, DER_EXPLICIT(0));
	typed(buf, pkcs12_data);
}

/* Makes a file of bags, without a MAC. */
static void pfx_of(struct buf *bags)
{
	struct buf whole = { 0 };

	wrap(bags, DER_SEQUENCE);
	plain_data(bags);
	wrap(bags, DER_SEQUENCE);
	plain_data(bags);
	buf_bytes(&whole, BYTES("\x02\x01\x03"));
	buf_bytes(&whole, buf_view(bags));
	wrap(&whole, DER_SEQUENCE);
	buf_done(bags);
	*bags = whole;
}

static struct store *read_bags(struct buf *bags)
{
	struct store *store;

	pfx_of(bags);
	assert_true(format_of(buf_view(bags)) == &format_pkcs12);
	store = feed_well(&format_pkcs12, buf_view(bags));
	buf_done(bags);
	return store;
}

static void what_is_written_is_read_back_with_its_mac_checked(void **state)
{
	struct store *store = feed_roots(40), *back;
	struct buf file = { 0 };

	(void)state;
	feed_round(&format_pkcs12, store);
	feed_write(&format_pkcs12, store, &file);
	back = feed_well(&format_pkcs12, buf_view(&file));
	assert_int_equal(back->note_count, 0);
	assert_string_equal(back->anchors[39].origin.alias, "root40");
	store_free(back);
	store_free(store);
	buf_done(&file);
}

static void equal_names_become_different_aliases(void **state)
{
	struct store *store = feed_roots(3), *back;
	struct buf file = { 0 };

	(void)state;
	for (size_t i = 0; i < 3; i++)
		store_label(store, &store->anchors[i], bytes_of("Same Name"));
	feed_write(&format_pkcs12, store, &file);
	back = feed_well(&format_pkcs12, buf_view(&file));
	assert_string_equal(back->anchors[0].label, "samename");
	assert_string_equal(back->anchors[1].label, "samename-1");
	assert_string_equal(back->anchors[2].label, "samename-2");
	store_free(back);
	store_free(store);
	buf_done(&file);
}

static void the_mark_makes_an_anchor_and_its_absence_a_neutral_certificate(void **state)
{
	struct buf marked = { 0 }, bags = { 0 };
	struct store *store;

	(void)state;
	attribute(pkcs12_trusted, BYTES(ANY), &marked);
	cert_bag(1, buf_view(&marked), &bags);
	cert_bag(2, BYTES(""), &bags);
	store = read_bags(&bags);
	assert_int_equal(store->count, 2);
	assert_int_equal(store->anchors[0].trusted, PURPOSES_ALL);
	assert_int_equal(store->anchors[1].trusted, 0);
	assert_true(feed_noted(store, NOTE_INFO, "1 of 2 certificates without Java's mark"));
	assert_true(feed_noted(store, NOTE_INFO, "there is no MAC"));
	store_free(store);
	buf_done(&marked);
}

static void without_any_mark_the_note_is_a_warning(void **state)
{
	struct buf bags = { 0 };
	struct store *store;

	(void)state;
	cert_bag(1, BYTES(""), &bags);
	store = read_bags(&bags);
	assert_int_equal(store->anchors[0].trusted, 0);
	assert_true(feed_noted(store, NOTE_WARN, "1 of 1 certificates without Java's mark"));
	store_free(store);
}

static void a_mark_for_one_purpose_is_an_anchor_for_that_one(void **state)
{
	struct buf marked = { 0 }, bags = { 0 };
	struct store *store;

	(void)state;
	attribute(pkcs12_trusted, BYTES(SERVER_AUTH), &marked);
	cert_bag(1, buf_view(&marked), &bags);
	store = read_bags(&bags);
	assert_int_equal(store->anchors[0].trusted, PURPOSE_BIT(PURPOSE_SERVER_AUTH));
	assert_true(feed_noted(store, NOTE_INFO, "Java trusts them for all"));
	store_free(store);
	buf_done(&marked);
}

static void a_mark_that_cannot_be_read_trusts_nothing(void **state)
{
	struct buf marked = { 0 }, bags = { 0 };
	struct store *store;

	(void)state;
	attribute(pkcs12_trusted, BYTES("\x02\x01\x01"), &marked);
	cert_bag(1, buf_view(&marked), &bags);
	store = read_bags(&bags);
	assert_int_equal(store->anchors[0].trusted, 0);
	assert_true(feed_noted(store, NOTE_WARN, "purposes of a trusted entry cannot be read"));
	store_free(store);
	buf_done(&marked);
}

static void a_friendly_name_is_the_label_in_utf_8(void **state)
{
	struct buf name = { 0 }, bags = { 0 };
	struct store *store;

	(void)state;
	/* F, o with double acute, euro, U+1F332 as a pair of surrogates */
	attribute(pkcs12_friendly_name, BYTES("\x1e\x0a\0F\x01\x51\x20\xac\xd8\x3c\xdf\x32"), &name);
	cert_bag(1, buf_view(&name), &bags);
	store = read_bags(&bags);
	assert_string_equal(store->anchors[0].label, "F\xc5\x91\xe2\x82\xac\xf0\x9f\x8c\xb2");
	assert_string_equal(store->anchors[0].origin.alias, store->anchors[0].label);
	store_free(store);
	buf_done(&name);
}

static void keys_and_secrets_are_loud_and_what_else_there_is_is_noted(void **state)
{
	struct buf name = { 0 }, bags = { 0 };
	struct store *store;

	(void)state;
	attribute(pkcs12_friendly_name, BYTES("\x1e\x02\0k"), &name);
	cert_bag(1, BYTES(""), &bags);
	bag(BYTES(BAG("\x01")), BYTES("\x30\x00"), BYTES(""), &bags);
	bag(BYTES(BAG("\x02")), BYTES("\x30\x00"), buf_view(&name), &bags);
	bag(BYTES(BAG("\x04")), BYTES("\x30\x00"), BYTES(""), &bags);
	bag(BYTES(BAG("\x05")), BYTES("\x30\x00"), BYTES(""), &bags);
	bag(BYTES(BAG("\x07")), BYTES("\x30\x00"), BYTES(""), &bags);
	store = read_bags(&bags);
	assert_int_equal(store->count, 1);
	assert_true(feed_noted(store, NOTE_WARN, "a PRIVATE KEY: a trust store"));
	assert_true(feed_noted(store, NOTE_WARN, "a PRIVATE KEY under the name 'k'"));
	assert_true(feed_noted(store, NOTE_INFO, "a revocation list"));
	assert_true(feed_noted(store, NOTE_WARN, "a SECRET of 2 bytes"));
	assert_true(feed_noted(store, NOTE_WARN, "of an unknown kind"));
	store_free(store);
	buf_done(&name);
}

static struct store *nested(unsigned depth)
{
	struct buf bags = { 0 };

	cert_bag(1, BYTES(""), &bags);
	for (unsigned i = 0; i < depth; i++) {
		struct buf outer = { 0 };

		wrap(&bags, DER_SEQUENCE);
		bag(BYTES(BAG("\x06")), buf_view(&bags), BYTES(""), &outer);
		buf_done(&bags);
		bags = outer;
	}
	return read_bags(&bags);
}

static void bags_within_bags_are_read_up_to_the_limit(void **state)
{
	struct store *store = nested(LIMIT_PKCS12_DEPTH);

	(void)state;
	assert_int_equal(store->count, 1);
	store_free(store);
	store = nested(LIMIT_PKCS12_DEPTH + 1);
	assert_int_equal(store->count, 0);
	assert_true(feed_noted(store, NOTE_ERROR, "bags within bags"));
	store_free(store);
}

static void an_entry_that_is_no_der_is_an_error_and_the_others_are_read(void **state)
{
	struct buf bags = { 0 };
	struct store *store;

	(void)state;
	cert_bag(1, BYTES(""), &bags);
	buf_bytes(&bags, BYTES("\x30\x03\x02\x05\x00"));
	cert_bag(2, BYTES(""), &bags);
	store = read_bags(&bags);
	assert_int_equal(store->count, 2);
	assert_true(feed_noted(store, NOTE_ERROR, "an entry that is no DER"));
	store_free(store);
}

/* The file with another number of rounds, which are the last thing in it. */
static void with_rounds(struct bytes file, struct bytes rounds, struct buf *to)
{
	struct cursor all = der_into(file), pfx = der_into(der_take(&all, DER_SEQUENCE)), mac;
	struct buf inner = { 0 };
	struct bytes version = der_take_whole(&pfx, DER_INTEGER), info = der_take_whole(&pfx, DER_SEQUENCE),
		     digest, salt;

	mac = der_into(der_take(&pfx, DER_SEQUENCE));
	digest = der_take_whole(&mac, DER_SEQUENCE);
	salt = der_take_whole(&mac, DER_OCTET_STRING);
	assert_false(mac.bad);
	buf_bytes(&inner, digest);
	buf_bytes(&inner, salt);
	der_write(&inner, DER_INTEGER, rounds);
	wrap(&inner, DER_SEQUENCE);
	buf_bytes(to, version);
	buf_bytes(to, info);
	buf_bytes(to, buf_view(&inner));
	wrap(to, DER_SEQUENCE);
	buf_done(&inner);
}

static void a_mac_that_costs_too_much_or_does_not_fit_is_said(void **state)
{
	static const struct {
		struct bytes rounds;
		const char *words;
	} rows[] = {
		{ { (const uint8_t *)"\x7f\xff\xff\xff", 4 }, "are the limit, so the integrity" },
		{ { (const uint8_t *)"\x00", 1 }, "are the limit, so the integrity" },
		{ { (const uint8_t *)"\xff", 1 }, "the MAC cannot be read" },
		{ { (const uint8_t *)"\x27\x11", 2 }, "the MAC fits no password" },
	};
	struct store *store = feed_roots(1);
	struct buf file = { 0 };

	(void)state;
	feed_write(&format_pkcs12, store, &file);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf other = { 0 };
		struct store *back;

		with_rounds(buf_view(&file), rows[i].rounds, &other);
		back = feed_well(&format_pkcs12, buf_view(&other));
		assert_int_equal(back->count, 1);
		assert_true(feed_noted(back, NOTE_INFO, rows[i].words));
		store_free(back);
		buf_done(&other);
	}
	store_free(store);
	buf_done(&file);
}

static void lengths_that_are_not_written_down_are_read(void **state)
{
	struct store *store = feed_roots(3), *back;
	struct buf file = { 0 }, ber = { 0 };

	(void)state;
	feed_write(&format_pkcs12, store, &file);
	assert_int_equal(file.at[1], 0x82);
	buf_bytes(&ber, BYTES("\x30\x80"));
	buf_bytes(&ber, bytes_skip(buf_view(&file), 4));
	buf_bytes(&ber, BYTES("\0\0"));
	assert_true(format_of(buf_view(&ber)) == &format_pkcs12);
	back = feed_well(&format_pkcs12, buf_view(&ber));
	assert_int_equal(back->note_count, 0);
	feed_same(store, back);
	store_free(back);
	buf_text(&ber, "more");
	back = feed_well(&format_pkcs12, buf_view(&ber));
	assert_int_equal(back->count, 3);
	assert_true(feed_noted(back, NOTE_WARN, "4 bytes behind the PKCS#12 store"));
	store_free(back);
	ber.len -= 4;
	feed_cut(&format_pkcs12, buf_view(&ber), NULL);
	store_free(store);
	buf_done(&file);
	buf_done(&ber);
}

static void ber_becomes_der_whatever_its_lengths_and_pieces_are(void **state)
{
	const struct {
		struct bytes ber, der;
		size_t used;
	} rows[] = {
		{ BYTES("\x02\x01\x07"), BYTES("\x02\x01\x07"), 3 },
		{ BYTES("\x02\x81\x01\x07"), BYTES("\x02\x01\x07"), 4 },
		{ BYTES("\x30\x80\x02\x01\x07\0\0more"), BYTES("\x30\x03\x02\x01\x07"), 7 },
		{ BYTES("\x30\x80\0\0"), BYTES("\x30\0"), 4 },
		{ BYTES("\x24\x80\x04\x01" "a\x24\x03\x04\x01" "b\x04\0\0\0"), BYTES("\x04\x02" "ab"), 14 },
		{ BYTES("\xa0\x80\x30\x80\0\0\0\0"), BYTES("\xa0\x02\x30\0"), 8 },
	}, bad[] = {
		{ BYTES(""), BYTES(""), 0 },
		{ BYTES("\x30"), BYTES(""), 0 },
		{ BYTES("\x30\x80"), BYTES(""), 0 },
		{ BYTES("\x30\x80\0"), BYTES(""), 0 },
		{ BYTES("\x30\x03\x02\x01"), BYTES(""), 0 },
		{ BYTES("\x04\x80\0\0"), BYTES(""), 0 },           /* not constructed */
		{ BYTES("\x24\x03\x02\x01\x07"), BYTES(""), 0 },   /* a piece of another type */
		{ BYTES("\x3f\x21\0"), BYTES(""), 0 },              /* a tag of two bytes */
		{ BYTES("\x30\x85\1\0\0\0\0"), BYTES(""), 0 },     /* a length of five */
	};
	struct buf deep = { 0 }, none = { 0 };
	size_t used;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf der = { 0 };

		assert_true(ber_to_der(rows[i].ber, &used, &der));
		assert_true(bytes_equal(buf_view(&der), rows[i].der));
		assert_int_equal(used, rows[i].used);
		buf_done(&der);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct buf der = { 0 };

		assert_false(ber_to_der(bad[i].ber, &used, &der));
		buf_done(&der);
	}
	for (int i = 0; i < 2 * LIMIT_BER_DEPTH; i++)
		buf_bytes(&deep, BYTES("\x30\x80"));
	for (int i = 0; i < 2 * LIMIT_BER_DEPTH; i++)
		buf_bytes(&deep, BYTES("\0\0"));
	assert_false(ber_to_der(buf_view(&deep), &used, &none));
	buf_done(&none);
	buf_done(&deep);
}

static void a_file_cut_anywhere_is_never_silently_less(void **state)
{
	struct store *store = feed_roots(2);
	struct buf file = { 0 };

	(void)state;
	feed_write(&format_pkcs12, store, &file);
	feed_cut(&format_pkcs12, buf_view(&file), NULL);
	store_free(store);
	buf_done(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read_back_with_its_mac_checked),
		cmocka_unit_test(equal_names_become_different_aliases),
		cmocka_unit_test(the_mark_makes_an_anchor_and_its_absence_a_neutral_certificate),
		cmocka_unit_test(without_any_mark_the_note_is_a_warning),
		cmocka_unit_test(a_mark_for_one_purpose_is_an_anchor_for_that_one),
		cmocka_unit_test(a_mark_that_cannot_be_read_trusts_nothing),
		cmocka_unit_test(a_friendly_name_is_the_label_in_utf_8),
		cmocka_unit_test(keys_and_secrets_are_loud_and_what_else_there_is_is_noted),
		cmocka_unit_test(bags_within_bags_are_read_up_to_the_limit),
		cmocka_unit_test(an_entry_that_is_no_der_is_an_error_and_the_others_are_read),
		cmocka_unit_test(a_mac_that_costs_too_much_or_does_not_fit_is_said),
		cmocka_unit_test(lengths_that_are_not_written_down_are_read),
		cmocka_unit_test(ber_becomes_der_whatever_its_lengths_and_pieces_are),
		cmocka_unit_test(a_file_cut_anywhere_is_never_silently_less),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
