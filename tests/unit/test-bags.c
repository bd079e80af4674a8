/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* PKCS#7 and EDK II: bags of certificates that say nothing else. */
#include "unit.h"

#include <gnutls/pkcs7.h>
#include <stdlib.h>
#include <time.h>

#include "feed.h"
#include "format/armor.h"
#include "format/format.h"
#include "make.h"
#include "model/der.h"

static struct store *some(unsigned count)
{
	struct store *store = store_new("some");

	for (unsigned i = 0; i < count; i++) {
		struct buf der = { 0 };

		make_cert(&(struct make){ .cn = "Bag", .key = i + 1, .serial = i + 1 }, &der);
		store_add(store, buf_view(&der), 0)->trusted = PURPOSES_ALL;
		buf_done(&der);
	}
	return store;
}

static void what_is_written_is_read_back(void **state)
{
	struct store *store = some(3);

	(void)state;
	feed_round(&format_pkcs7, store);
	feed_round(&format_edk2, store);
	store_free(store);
}

static void a_file_cut_anywhere_is_never_silently_less_but_between_signature_lists(void **state)
{
	struct store *store = some(3);
	struct buf file = { 0 };

	(void)state;
	feed_write(&format_pkcs7, store, &file);
	feed_cut(&format_pkcs7, buf_view(&file), NULL);
	file.len = 0;
	feed_write(&format_edk2, store, &file);
	for (size_t len = 0; len < file.len; len++) {
		struct err err;
		struct store *less = feed(&format_edk2, (struct bytes){ file.at, len }, &err);

		assert_true(err.code != ERR_NONE || len == less->count * (file.len / 3));
		store_free(less);
	}
	buf_done(&file);
	store_free(store);
}

/* The frame of PKCS#7 around certificates, other elements and lists, with these first bytes and tail. */
static void frame(struct bytes certs, struct bytes crls, bool indefinite, struct buf *to)
{
	static const uint8_t head[] = { 0x02, 0x01, 0x01, 0x31, 0x00, 0x30, 0x0b, 0x06, 0x09,
					0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01 };
	static const uint8_t oid[] = { 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02 };
	static const uint8_t none[] = { 0x31, 0x00 }, eoc[] = { 0, 0, 0, 0, 0, 0 };
	struct buf body = { 0 }, info = { 0 };

	buf_bytes(&body, (struct bytes){ head, sizeof(head) });
	if (indefinite) {
		buf_text(&body, "\xa0\x80");
		buf_bytes(&body, certs);
		buf_bytes(&body, (struct bytes){ eoc, 2 });
	} else {
		der_write(&body, DER_EXPLICIT(0), certs);
	}
	if (crls.len > 0)
		der_write(&body, DER_EXPLICIT(1), crls);
	buf_bytes(&body, (struct bytes){ none, 2 });
	buf_bytes(&info, (struct bytes){ oid, sizeof(oid) });
	if (indefinite) {
		buf_text(to, "\x30\x80");
		buf_bytes(to, buf_view(&info));
		buf_text(to, "\xa0\x80\x30\x80");
		buf_bytes(to, buf_view(&body));
		buf_bytes(to, (struct bytes){ eoc, 6 });
	} else {
		struct buf content = { 0 };

		der_write(&content, DER_SEQUENCE, buf_view(&body));
		der_write(&info, DER_EXPLICIT(0), buf_view(&content));
		der_write(to, DER_SEQUENCE, buf_view(&info));
		buf_done(&content);
	}
	buf_done(&body);
	buf_done(&info);
}

static void der_of(unsigned count, struct buf *to)
{
	struct store *store = some(count);

	feed_write(&format_der, store, to);
	store_free(store);
}

static void indefinite_lengths_are_read_through_gnutls(void **state)
{
	struct buf certs = { 0 }, file = { 0 };
	struct store *store, *expected = some(3);

	(void)state;
	der_of(3, &certs);
	frame(buf_view(&certs), (struct bytes){ NULL, 0 }, true, &file);
	assert_true(format_of(buf_view(&file)) == &format_pkcs7);
	store = feed_well(&format_pkcs7, buf_view(&file));
	feed_same(store, expected);
	feed_cut(&format_pkcs7, buf_view(&file), NULL);
	store_free(store);
	store_free(expected);
	buf_done(&certs);
	buf_done(&file);
}

static void revocation_lists_and_other_things_are_noted(void **state)
{
	static const uint8_t attribute[] = { 0xa1, 0x03, 0x02, 0x01, 0x00 },
			     crl[] = { 0x30, 0x03, 0x02, 0x01, 0x00 };
	struct buf certs = { 0 }, file = { 0 };
	struct store *store;

	(void)state;
	buf_bytes(&certs, (struct bytes){ attribute, sizeof(attribute) });
	der_of(2, &certs);
	buf_bytes(&certs, (struct bytes){ crl, sizeof(crl) });
	frame(buf_view(&certs), (struct bytes){ crl, sizeof(crl) }, false, &file);
	buf_text(&file, "behind");
	store = feed_well(&format_pkcs7, buf_view(&file));
	assert_int_equal(store->count, 2);
	assert_true(feed_noted(store, NOTE_WARN, "attribute certificate"));
	assert_true(feed_noted(store, NOTE_WARN, "5 bytes that are no certificate"));
	assert_true(feed_noted(store, NOTE_INFO, "1 revocation lists"));
	assert_true(feed_noted(store, NOTE_WARN, "6 bytes behind"));
	assert_int_equal(file.at[store->notes[0].at], 0xa1);
	store_free(store);
	buf_done(&certs);
	buf_done(&file);
}

static void a_set_that_is_no_der_inside_is_an_incomplete_answer(void **state)
{
	struct buf certs = { 0 }, file = { 0 };
	struct store *store;

	(void)state;
	der_of(2, &certs);
	certs.len -= 10;
	frame(buf_view(&certs), (struct bytes){ NULL, 0 }, false, &file);
	store = feed_well(&format_pkcs7, buf_view(&file));
	assert_int_equal(store->count, 1);
	assert_true(store_incomplete(store));
	store_free(store);
	buf_done(&certs);
	buf_done(&file);
}

static void a_bag_without_certificates_says_so(void **state)
{
	struct buf file = { 0 };
	struct store *store;

	(void)state;
	frame((struct bytes){ NULL, 0 }, (struct bytes){ NULL, 0 }, false, &file);
	store = feed_well(&format_pkcs7, buf_view(&file));
	assert_int_equal(store->count, 0);
	assert_true(feed_noted(store, NOTE_WARN, "without certificates"));
	store_free(store);
	buf_done(&file);
}

static void pem_blocks_of_all_names_are_read_even_as_a_certificate(void **state)
{
	static const char *const types[] = { "PKCS7", "PKCS #7 SIGNED DATA", "CMS", "CERTIFICATE" };
	struct store *store, *expected = some(2);
	struct buf bag = { 0 };

	(void)state;
	feed_write(&format_pkcs7, expected, &bag);
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		struct buf file = { 0 };
		const struct format *format;

		buf_text(&file, "text\n");
		armor_write(&file, types[i], buf_view(&bag));
		format = format_of(buf_view(&file));
		assert_true(format == (i < 3 ? &format_pkcs7 : &format_pem));
		store = feed_well(format, buf_view(&file));
		feed_same(store, expected);
		assert_int_equal(store->anchors[0].origin.line, 2);
		store_free(store);
		buf_done(&file);
	}
	buf_done(&bag);
	store_free(expected);
}

static void a_damaged_bag_in_pem_is_an_error_with_the_offset_of_the_block(void **state)
{
	struct store *store, *good = some(1);
	struct buf bag = { 0 }, file = { 0 };

	(void)state;
	feed_write(&format_pkcs7, good, &bag);
	bag.at[bag.len - 1]++;
	feed_write(&format_pem, good, &file);
	size_t at = file.len;

	armor_write(&file, "PKCS7", buf_view(&bag));
	store = feed_well(&format_pem, buf_view(&file));
	assert_int_equal(store->count, 1);
	assert_true(store_incomplete(store));
	assert_int_equal(store->notes[0].at, at);
	store_free(store);
	store_free(good);
	buf_done(&bag);
	buf_done(&file);
}

/* Five thousand certificates have to cost about five times as much as one thousand. */
static void the_cost_grows_with_the_number_of_certificates_and_not_with_its_square(void **state)
{
	double spent[2] = { 1e9, 1e9 };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct buf one = { 0 }, certs = { 0 }, file = { 0 };

		der_of(1, &one);
		for (size_t n = 0; n < (i == 0 ? 4000 : 20000); n++)
			buf_bytes(&certs, buf_view(&one));
		frame(buf_view(&certs), (struct bytes){ NULL, 0 }, true, &file);
		for (int best = 0; best < 3; best++) {
			clock_t start = clock();
			double took;

			store_free(feed_well(&format_pkcs7, buf_view(&file)));
			took = (double)(clock() - start);
			spent[i] = took < spent[i] ? took : spent[i];
		}
		buf_done(&one);
		buf_done(&certs);
		buf_done(&file);
	}
	assert_true(spent[1] < 15 * spent[0] + CLOCKS_PER_SEC / 10.0);
}

static void openssl_and_gnutls_read_what_is_written(void **state)
{
	struct store *store = some(5);
	struct buf file = { 0 }, text = { 0 };
	gnutls_pkcs7_t pkcs7;
	gnutls_datum_t datum;
	char *dir;

	(void)state;
	feed_write(&format_pkcs7, store, &file);
	datum = (gnutls_datum_t){ file.at, (unsigned)file.len };
	assert_int_equal(gnutls_pkcs7_init(&pkcs7), 0);
	assert_int_equal(gnutls_pkcs7_import(pkcs7, &datum, GNUTLS_X509_FMT_DER), 0);
	assert_int_equal(gnutls_pkcs7_get_crt_count(pkcs7), 5);
	gnutls_pkcs7_deinit(pkcs7);
	dir = feed_directory();
	feed_file(dir, "bag.p7b", buf_view(&file));
	if (feed_run(NULL, "openssl version >/dev/null 2>&1")) {
		struct store *back;

		assert_true(feed_run(&text, "openssl pkcs7 -inform DER -in %s/bag.p7b -print_certs", dir));
		back = feed_well(&format_pem, buf_view(&text));
		assert_int_equal(back->count, 5);
		for (size_t i = 0; i < 5; i++)
			assert_memory_equal(back->anchors[i].id, store->anchors[i].id, ID_LEN);
		store_free(back);
	} else {
		print_message("no openssl here, only GnuTLS was asked\n");
	}
	feed_remove(dir);
	buf_done(&file);
	buf_done(&text);
	store_free(store);
}

static void lists_of_several_signatures_and_other_kinds_are_read_as_far_as_they_go(void **state)
{
	static const uint8_t owner[16] = { 0 };
	struct store *pair = some(2), *store;
	struct buf whole = { 0 }, file = { 0 };
	size_t size = pair->anchors[0].cert.der.len;

	(void)state;
	feed_write(&format_edk2, pair, &whole);
	/* One list with a header of 3 bytes and both certificates, which are equally long. */
	assert_int_equal(size, pair->anchors[1].cert.der.len);
	buf_bytes(&file, (struct bytes){ whole.at, 16 });
	buf_le32(&file, (uint32_t)(28 + 3 + 2 * (16 + size)));
	buf_le32(&file, 3);
	buf_le32(&file, (uint32_t)(16 + size));
	buf_text(&file, "abc");
	for (size_t i = 0; i < 2; i++) {
		buf_bytes(&file, (struct bytes){ owner, 16 });
		buf_bytes(&file, pair->anchors[i].cert.der);
	}
	/* One of hashes. */
	buf_bytes(&file, (struct bytes){ owner, 16 });
	buf_le32(&file, 28 + 48);
	buf_le32(&file, 0);
	buf_le32(&file, 48);
	buf_bytes(&file, (struct bytes){ whole.at, 48 });
	store = feed_well(&format_edk2, buf_view(&file));
	feed_same(store, pair);
	assert_true(feed_noted(store, NOTE_WARN, "something else than certificates, 76 bytes"));
	store_free(store);
	store_free(pair);
	buf_done(&whole);
	buf_done(&file);
}

static void sizes_that_contradict_each_other_are_refused(void **state)
{
	static const struct {
		uint32_t list, header, signature;
	} rows[] = {
		{ 0, 0, 100 },          { 27, 0, 100 },       { 28 + 100, 0xffffffff, 100 },
		{ 28 + 100, 0, 0 },     { 28 + 100, 0, 16 },  { 0xffffffff, 0, 100 },
		{ 28 + 100, 101, 100 }, { 28 + 100, 1, 100 },
	};
	struct store *one = some(1);
	struct buf good = { 0 };

	(void)state;
	feed_write(&format_edk2, one, &good);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf file = { 0 };
		struct err err;

		buf_bytes(&file, buf_view(&good));
		buf_bytes(&file, (struct bytes){ good.at, 16 });
		buf_le32(&file, rows[i].list);
		buf_le32(&file, rows[i].header);
		buf_le32(&file, rows[i].signature);
		for (size_t n = 0; n < 100; n++)
			buf_byte(&file, 0);
		struct store *store = feed(&format_edk2, buf_view(&file), &err);

		assert_int_equal(err.code, ERR_DAMAGED);
		assert_int_equal(store->count, 1);
		store_free(store);
		buf_done(&file);
	}
	buf_done(&good);
	store_free(one);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read_back),
		cmocka_unit_test(a_file_cut_anywhere_is_never_silently_less_but_between_signature_lists),
		cmocka_unit_test(indefinite_lengths_are_read_through_gnutls),
		cmocka_unit_test(revocation_lists_and_other_things_are_noted),
		cmocka_unit_test(a_set_that_is_no_der_inside_is_an_incomplete_answer),
		cmocka_unit_test(a_bag_without_certificates_says_so),
		cmocka_unit_test(pem_blocks_of_all_names_are_read_even_as_a_certificate),
		cmocka_unit_test(a_damaged_bag_in_pem_is_an_error_with_the_offset_of_the_block),
		cmocka_unit_test(the_cost_grows_with_the_number_of_certificates_and_not_with_its_square),
		cmocka_unit_test(openssl_and_gnutls_read_what_is_written),
		cmocka_unit_test(lists_of_several_signatures_and_other_kinds_are_read_as_far_as_they_go),
		cmocka_unit_test(sizes_that_contradict_each_other_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
