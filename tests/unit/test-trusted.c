/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit.h"

#include <stdlib.h>

#include "base/mem.h"
#include "feed.h"
#include "format/armor.h"
#include "format/format.h"
#include "make.h"
#include "model/anchor.h"
#include "model/der.h"
#include "model/staple.h"

#define KP(n)   0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, (n) /* an OID of RFC 5280's purposes */
#define ODD_OID 0x06, 0x03, 0x2a, 0x03, 0x04                              /* 1.2.3.4 */
#define ANY_OID 0x06, 0x04, 0x55, 0x1d, 0x25, 0x00

/* A block of a certificate and these bytes of CertAux, which may be none. */
static void block(const struct make *how, struct bytes aux, struct buf *to)
{
	struct buf der = { 0 };

	make_cert(how, &der);
	buf_bytes(&der, aux);
	armor_write(to, "TRUSTED CERTIFICATE", buf_view(&der));
	buf_done(&der);
}

static struct store *read_aux(const uint8_t *aux, size_t len)
{
	struct make how = { .cn = "A", .key = 1 };
	struct buf file = { 0 };
	struct store *store;

	block(&how, (struct bytes){ aux, len }, &file);
	assert_true(format_of(buf_view(&file)) == &format_trusted);
	store = feed_well(&format_trusted, buf_view(&file));
	assert_int_equal(store->count, 1);
	buf_done(&file);
	return store;
}
#define READ_AUX(aux) read_aux((aux), sizeof(aux))

static void without_aux_it_is_an_anchor_for_everything_as_openssl_takes_it(void **state)
{
	struct store *store = read_aux(NULL, 0);

	(void)state;
	assert_int_equal(store->anchors[0].trusted, PURPOSES_ALL);
	assert_int_equal(store->anchors[0].distrusted, 0);
	store_free(store);
}

static void a_name_alone_says_nothing_of_trust(void **state)
{
	static const uint8_t aux[] = { 0x30, 0x05, 0x0c, 0x03, 'a', 'b', 'c' };
	struct store *store = READ_AUX(aux);

	(void)state;
	assert_int_equal(store->anchors[0].trusted, PURPOSES_ALL);
	assert_int_equal(store->anchors[0].distrusted, 0);
	assert_string_equal(store->anchors[0].label, "abc");
	store_free(store);
}

static void a_list_of_trust_limits_and_is_attached_as_a_critical_extension(void **state)
{
	static const uint8_t aux[] = { 0x30, 0x16, 0x30, 0x14, KP(4), KP(1) };
	struct store *store = READ_AUX(aux);
	const struct anchor *anchor = &store->anchors[0];
	const struct extension *usage = anchor_attached(anchor, exts[EXT_EXTENDED_KEY_USAGE].oid);

	(void)state;
	assert_int_equal(anchor->trusted, PURPOSE_BIT(PURPOSE_EMAIL) | PURPOSE_BIT(PURPOSE_SERVER_AUTH));
	assert_int_equal(anchor->distrusted, 0);
	assert_non_null(usage);
	assert_true(usage->critical);
	assert_true(bytes_equal(usage->value, (struct bytes){ aux + 2, sizeof(aux) - 2 }));
	store_free(store);
}

static void what_is_rejected_is_distrusted_and_no_longer_trusted(void **state)
{
	static const uint8_t aux[] = { 0x30, 0x22, 0x30, 0x14, KP(4), KP(1), 0xa0, 0x0a, KP(1) };
	struct store *store = READ_AUX(aux);
	const struct anchor *anchor = &store->anchors[0];

	(void)state;
	assert_int_equal(anchor->trusted, PURPOSE_BIT(PURPOSE_EMAIL));
	assert_int_equal(anchor->distrusted, PURPOSE_BIT(PURPOSE_SERVER_AUTH));
	assert_int_equal(anchor->attached_count, 1);
	assert_int_equal(anchor->attached[0].value.len, 12);
	store_free(store);
}

static void rejecting_without_a_list_of_trust_leaves_the_other_purposes(void **state)
{
	static const uint8_t aux[] = { 0x30, 0x0c, 0xa0, 0x0a, KP(4) };
	struct store *store = READ_AUX(aux);

	(void)state;
	assert_int_equal(store->anchors[0].trusted, PURPOSES_ALL);
	assert_int_equal(store->anchors[0].distrusted, PURPOSE_BIT(PURPOSE_EMAIL));
	store_free(store);
}

static void an_empty_list_of_trust_any_purpose_rejected_or_every_known_one_is_distrust_of_all(void **state)
{
	static const uint8_t empty[] = { 0x30, 0x02, 0x30, 0x00 };
	static const uint8_t any[] = { 0x30, 0x08, 0xa0, 0x06, ANY_OID };
	static const uint8_t eight[] = { 0x30,  0x52,  0xa0,  0x50,  KP(1), KP(2),
					 KP(3), KP(4), KP(5), KP(6), KP(7), KP(8) };
	static const uint8_t both[] = { 0x30, 0x18, 0x30, 0x0a, KP(1), 0xa0, 0x0a, KP(1) };
	static const struct bytes cases[] = { { empty, sizeof(empty) },
					      { any, sizeof(any) },
					      { eight, sizeof(eight) },
					      { both, sizeof(both) } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct store *store = read_aux(cases[i].at, cases[i].len);

		assert_int_equal(anchor_trusted(&store->anchors[0]), 0);
		assert_int_equal(store->anchors[0].distrusted, PURPOSES_ALL);
		store_free(store);
	}
}

/* A block always gets a name: that of the subject if there is no label. */
static void round_named(struct store *store)
{
	store_label(store, &store->anchors[0], bytes_of("A"));
	feed_round(&format_trusted, store);
}

static void rejecting_a_purpose_without_a_row_is_kept_and_obeyed(void **state)
{
	static const uint8_t aux[] = { 0x30, 0x11, 0xa0, 0x0f, KP(1), ODD_OID };
	static const uint8_t odd[] = { 0x2a, 0x03, 0x04 }, other[] = { 0x2a, 0x03, 0x05 };
	struct store *store = READ_AUX(aux);
	const struct anchor *anchor = &store->anchors[0];

	(void)state;
	assert_int_equal(anchor->distrusted, PURPOSE_BIT(PURPOSE_SERVER_AUTH));
	assert_non_null(anchor_attached(anchor, staple_reject));
	assert_false(anchor_serves(anchor, PURPOSE_OTHER, (struct bytes){ odd, 3 }));
	assert_true(anchor_serves(anchor, PURPOSE_OTHER, (struct bytes){ other, 3 }));
	round_named(store);
	store_free(store);
}

static void trust_in_a_purpose_without_a_row_alone_makes_an_anchor_for_that_purpose_alone(void **state)
{
	static const uint8_t aux[] = { 0x30, 0x07, 0x30, 0x05, ODD_OID };
	static const uint8_t odd[] = { 0x2a, 0x03, 0x04 }, other[] = { 0x2a, 0x03, 0x05 };
	struct store *store = READ_AUX(aux);
	const struct anchor *anchor = &store->anchors[0];

	(void)state;
	assert_int_equal(anchor->trusted, PURPOSE_BIT(PURPOSE_OTHER));
	assert_true(anchor_serves(anchor, PURPOSE_OTHER, (struct bytes){ odd, 3 }));
	assert_false(anchor_serves(anchor, PURPOSE_OTHER, (struct bytes){ other, 3 }));
	round_named(store);
	store_free(store);
}

static void a_key_identifier_is_attached_and_other_usages_are_noted(void **state)
{
	static const uint8_t aux[] = { 0x30, 0x0d, 0x0c, 0x01, 'n',  0x04, 0x02, 0xab,
				       0xcd, 0xa1, 0x04, 0x30, 0x02, 0x05, 0x00 };
	static const uint8_t keyid[] = { 0x04, 0x02, 0xab, 0xcd };
	struct store *store = READ_AUX(aux);
	const struct extension *attached = anchor_attached(&store->anchors[0], exts[EXT_SUBJECT_KEY_ID].oid);

	(void)state;
	assert_non_null(attached);
	assert_true(bytes_equal(attached->value, (struct bytes){ keyid, sizeof(keyid) }));
	assert_true(feed_noted(store, NOTE_INFO, "other usages"));
	feed_round(&format_trusted, store);
	store_free(store);
}

static void an_aux_that_cannot_be_read_trusts_nothing_and_is_noted(void **state)
{
	static const uint8_t cases[][6] = {
		{ 0x30, 0x03, 0x02, 0x01, 0x00, 0x00 }, /* an INTEGER, and a byte too many */
		{ 0x30, 0x04, 0x30, 0x02, 0x05, 0x00 }, /* a NULL among the OIDs */
		{ 0x30, 0x82, 0x00, 0x02, 0x30, 0x00 }, /* a length that is not minimal */
		{ 0x30, 0x05, 0x30, 0x02, 0x06, 0x00 }, /* cut */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct store *store = read_aux(cases[i], sizeof(cases[i]));

		assert_int_equal(store->anchors[0].trusted, 0);
		assert_true(feed_noted(store, NOTE_ERROR, "cannot be read"));
		store_free(store);
	}
}

static void a_damaged_block_may_have_rejected_and_is_an_error(void **state)
{
	static const char *const bodies[] = {
		"MA==\n-----END TRUSTED CERTIFICATE-----\n",
		"MAMCAQEwAA==\n-----END TRUSTED CERTIFICATE-----\n",
		"M*==\n-----END TRUSTED CERTIFICATE-----\n",
		"MA==\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		struct make how = { .cn = "A", .key = 1 };
		struct buf file = { 0 };
		struct store *store;

		buf_print(&file, "-----BEGIN TRUSTED CERTIFICATE-----\n%s", bodies[i]);
		block(&how, (struct bytes){ NULL, 0 }, &file);
		store = feed_well(&format_trusted, buf_view(&file));
		assert_int_equal(store->count, 1);
		assert_true(store_incomplete(store));
		store_free(store);
		buf_done(&file);
	}
}

static void a_list_beyond_the_limit_is_not_read(void **state)
{
	struct buf oids = { 0 }, list = { 0 }, aux = { 0 };
	static const uint8_t oid[] = { ODD_OID };
	struct store *store;

	(void)state;
	for (size_t i = 0; i < 1000; i++)
		buf_bytes(&oids, (struct bytes){ oid, sizeof(oid) });
	der_write(&list, DER_EXPLICIT(0), buf_view(&oids));
	der_write(&aux, DER_SEQUENCE, buf_view(&list));
	store = read_aux(aux.at, aux.len);
	assert_int_equal(store->anchors[0].trusted, 0);
	assert_true(feed_noted(store, NOTE_ERROR, "cannot be read"));
	store_free(store);
	buf_done(&oids);
	buf_done(&list);
	buf_done(&aux);
}

/* One of each kind that the format can say, with labels that need care. */
static struct store *variety(void)
{
	static const char *const labels[] = { "plain", "Főtanúsítvány", "# five -----BEGIN", "four", "x" };
	struct store *store = store_new("variety");

	for (unsigned i = 0; i < 5; i++) {
		struct make how = { .cn = "Variety", .key = i + 1, .serial = 1000 + i };
		struct buf der = { 0 };
		struct anchor *anchor;

		make_cert(&how, &der);
		anchor = store_add(store, buf_view(&der), 0);
		store_label(store, anchor, bytes_of(labels[i]));
		anchor->trusted = PURPOSES_ALL;
		if (i == 2)
			anchor->distrusted = PURPOSE_BIT(PURPOSE_EMAIL) | PURPOSE_BIT(PURPOSE_IPSEC_USER);
		if (i == 3)
			anchor->distrusted = PURPOSES_ALL;
		buf_done(&der);
	}
	return store;
}

static void what_is_written_is_read_back(void **state)
{
	struct store *store = variety();

	(void)state;
	feed_round(&format_trusted, store);
	store_free(store);
}

static void trust_by_bits_alone_is_written_as_a_list(void **state)
{
	struct store *store = variety(), *back;
	struct buf file = { 0 };

	(void)state;
	store->anchors[0].trusted = PURPOSE_BIT(PURPOSE_EMAIL);
	feed_write(&format_trusted, store, &file);
	back = feed_well(&format_trusted, buf_view(&file));
	assert_int_equal(back->anchors[0].trusted, PURPOSE_BIT(PURPOSE_EMAIL));
	assert_int_equal(back->anchors[0].attached_count, 1);
	feed_round(&format_trusted, back);
	buf_done(&file);
	store_free(back);
	store_free(store);
}

static void a_certificate_about_which_nothing_is_said_never_becomes_an_anchor(void **state)
{
	struct store *store = variety(), *back;
	struct buf file = { 0 }, usage = { 0 };
	static const uint8_t list[] = { 0x30, 0x0a, KP(1) };

	(void)state;
	for (size_t i = 0; i < store->count; i++)
		store->anchors[i].trusted = store->anchors[i].distrusted = 0;
	staple_write_extension(exts[EXT_EXTENDED_KEY_USAGE].oid, true, (struct bytes){ list, sizeof(list) },
			       &usage);
	assert_true(staple_add(store, &store->anchors[1], buf_view(&usage)));
	feed_write(&format_trusted, store, &file);
	back = feed_well(&format_trusted, buf_view(&file));
	assert_int_equal(back->count, store->count);
	for (size_t i = 0; i < back->count; i++)
		assert_int_equal(anchor_trusted(&back->anchors[i]), 0);
	buf_done(&file);
	buf_done(&usage);
	store_free(back);
	store_free(store);
}

/* A bundle may end behind each block, and within a line that is no block. */
static bool ends_between_blocks(struct bytes cut)
{
	static const char end[] = "-----END TRUSTED CERTIFICATE-----";
	size_t n = sizeof(end) - 1;

	for (size_t tail = 0; tail + n <= cut.len && tail <= strlen("\n-----BEGIN"); tail++)
		if (memcmp(cut.at + cut.len - tail - n, end, n) == 0)
			return true;
	return false;
}

static void a_bundle_cut_anywhere_is_never_silently_less(void **state)
{
	struct store *store = variety();
	struct buf file = { 0 };

	(void)state;
	feed_write(&format_trusted, store, &file);
	feed_cut(&format_trusted, buf_view(&file), ends_between_blocks);
	buf_done(&file);
	store_free(store);
}

static void openssl_agrees_on_what_each_block_is_good_for(void **state)
{
	static const struct {
		const char *purpose;
		bool good[5];
	} rows[] = {
		{ "sslclient", { true, true, true, false, true } },
		{ "smimesign", { true, true, false, false, true } },
	};
	struct store *store = variety();
	char *dir;

	(void)state;
	if (!feed_run(NULL, "openssl version >/dev/null 2>&1")) {
		store_free(store);
		print_message("no openssl here\n");
		skip();
	}
	dir = feed_directory();
	for (size_t i = 0; i < store->count; i++) {
		struct store one = *store;
		struct buf file = { 0 }, plain = { 0 };

		one.anchors = &store->anchors[i];
		one.count = 1;
		feed_write(&format_trusted, &one, &file);
		feed_write(&format_pem, &one, &plain);
		feed_file(dir, "trusted.pem", buf_view(&file));
		feed_file(dir, "plain.pem", buf_view(&plain));
		for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++)
			assert_int_equal(feed_run(NULL,
						  "openssl verify -no-CApath -no-CAstore -attime 1800000000 "
						  "-purpose %s "
						  "-CAfile %s/trusted.pem %s/plain.pem >/dev/null 2>&1",
						  rows[k].purpose, dir, dir),
					 rows[k].good[i]);
		buf_done(&file);
		buf_done(&plain);
	}
	feed_remove(dir);
	store_free(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_aux_it_is_an_anchor_for_everything_as_openssl_takes_it),
		cmocka_unit_test(a_name_alone_says_nothing_of_trust),
		cmocka_unit_test(a_list_of_trust_limits_and_is_attached_as_a_critical_extension),
		cmocka_unit_test(what_is_rejected_is_distrusted_and_no_longer_trusted),
		cmocka_unit_test(rejecting_without_a_list_of_trust_leaves_the_other_purposes),
		cmocka_unit_test(
			an_empty_list_of_trust_any_purpose_rejected_or_every_known_one_is_distrust_of_all),
		cmocka_unit_test(rejecting_a_purpose_without_a_row_is_kept_and_obeyed),
		cmocka_unit_test(
			trust_in_a_purpose_without_a_row_alone_makes_an_anchor_for_that_purpose_alone),
		cmocka_unit_test(a_key_identifier_is_attached_and_other_usages_are_noted),
		cmocka_unit_test(an_aux_that_cannot_be_read_trusts_nothing_and_is_noted),
		cmocka_unit_test(a_damaged_block_may_have_rejected_and_is_an_error),
		cmocka_unit_test(a_list_beyond_the_limit_is_not_read),
		cmocka_unit_test(what_is_written_is_read_back),
		cmocka_unit_test(trust_by_bits_alone_is_written_as_a_list),
		cmocka_unit_test(a_certificate_about_which_nothing_is_said_never_becomes_an_anchor),
		cmocka_unit_test(a_bundle_cut_anywhere_is_never_silently_less),
		cmocka_unit_test(openssl_agrees_on_what_each_block_is_good_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
