/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit.h"

#include <stdlib.h>

#include "hand.h"
#include "model/anchor.h"
#include "model/pick.h"
#include "model/store.h"

/* 1.2.3, a purpose without a row. */
static const struct bytes other = { (const uint8_t *)"\x2a\x03", 2 };

static struct anchor *add(struct store *store, const char *label, const char *extensions)
{
	struct hand hand = hand_good();
	struct buf der = { 0 };
	struct anchor *anchor;
	char serial[3] = { label[0] < 'J' ? '1' : '2', (char)('0' + label[0] % 10), '\0' };

	hand.serial = serial;
	hand.extensions = extensions;
	hand_cert(&hand, &der);
	anchor = store_add(store, buf_view(&der), 0);
	store_label(store, anchor, bytes_of(label));
	buf_done(&der);
	return anchor;
}

#define CA "300f 0603551d13 0101ff 0405 3003 0101ff"
/* extKeyUsage: serverAuth; emailProtection and 1.2.3; any */
#define FOR_SERVERS "3013 0603551d25 040c 300a 06082b06010505070301"
#define FOR_MAIL    "3017 0603551d25 0410 300e 06082b06010505070304 06022a03"
#define FOR_ANY     "300f 0603551d25 0408 3006 0604551d2500"

/* A CA, a server's own, a neutral one, a distrusted one, one by key, limited ones. */
static struct store *zoo(void)
{
	struct store *store = store_new("here");
	struct buf attached = { 0 };

	add(store, "A ca", CA)->trusted = PURPOSES_ALL;
	add(store, "B leaf", NULL)->trusted = PURPOSES_ALL;
	add(store, "C neutral", CA);
	add(store, "D distrusted", CA)->distrusted = PURPOSES_ALL;
	add(store, "E servers", CA FOR_SERVERS)->trusted = PURPOSES_ALL;
	add(store, "F mail", CA FOR_MAIL)->trusted = PURPOSES_ALL;
	add(store, "G any", CA FOR_ANY)->trusted = PURPOSES_ALL;
	add(store, "H bits", CA)->trusted = PURPOSE_BIT(PURPOSE_EMAIL);
	add(store, "I but not mail", CA)->trusted = PURPOSES_ALL;
	store->anchors[8].distrusted = PURPOSE_BIT(PURPOSE_EMAIL);
	add(store, "J attached", CA)->trusted = PURPOSES_ALL;
	hand_hex(FOR_SERVERS, &attached);
	assert_true(store_attach(store, &store->anchors[9], buf_view(&attached)));
	buf_done(&attached);
	store_add_key(store, bytes_of("key"))->distrusted = PURPOSES_ALL;
	store_label(store, &store->anchors[10], bytes_of("K key"));
	store_label(store, store_add(store, bytes_of("broken"), 0), bytes_of("L broken"));
	store->anchors[11].trusted = PURPOSES_ALL;
	return store;
}

/* The first letters of what is picked. */
static void picked(const struct store *store, enum filter filter, const struct wanted *wanted,
		   const char *expected)
{
	char letters[32] = "";
	struct pick pick;

	pick_from(store, filter, wanted, &pick);
	for (size_t i = 0; i < pick.count; i++)
		strncat(letters, pick.anchors[i]->label, 1);
	assert_string_equal(letters, expected);
	pick_done(&pick);
}

static void each_filter_picks_what_trust_picks_in_the_order_of_the_store(void **state)
{
	struct wanted all = { .any = true };
	struct store *store = zoo();

	(void)state;
	picked(store, FILTER_CERTIFICATES, &all, "ABCDEFGHIJL");
	picked(store, FILTER_CA_ANCHORS, &all, "AEFGHIJL");
	picked(store, FILTER_TRUST_POLICY, &all, "ABDEFGHIJKL");
	picked(store, FILTER_BLOCKLIST, &all, "DIK");
	store_free(store);
}

static void a_purpose_picks_what_serves_it_and_what_is_distrusted_for_it(void **state)
{
	struct wanted server = { .purpose = PURPOSE_SERVER_AUTH };
	struct wanted mail = { .purpose = PURPOSE_EMAIL };
	struct wanted unnamed = { .purpose = PURPOSE_OTHER, .oid = other };
	struct store *store = zoo();

	(void)state;
	picked(store, FILTER_CA_ANCHORS, &server, "AEGIJL");
	picked(store, FILTER_CA_ANCHORS, &mail, "AFGHL");
	picked(store, FILTER_CA_ANCHORS, &unnamed, "AFGIL");
	picked(store, FILTER_TRUST_POLICY, &mail, "ABDFGHIKL");
	picked(store, FILTER_BLOCKLIST, &mail, "DIK");
	picked(store, FILTER_BLOCKLIST, &server, "DK");
	store_free(store);
}

static void an_anchor_serves_what_store_and_certificate_both_allow(void **state)
{
	struct bytes none = { NULL, 0 };
	struct store *store = zoo();
	const struct anchor *all = store->anchors;

	(void)state;
	assert_true(anchor_serves(&all[0], PURPOSE_CODE_SIGNING, none));
	assert_false(anchor_serves(&all[2], PURPOSE_SERVER_AUTH, none));
	assert_false(anchor_serves(&all[3], PURPOSE_SERVER_AUTH, none));
	assert_false(anchor_serves(&all[4], PURPOSE_EMAIL, none));
	assert_true(anchor_serves(&all[5], PURPOSE_OTHER, other));
	assert_false(anchor_serves(&all[4], PURPOSE_OTHER, other));
	assert_true(anchor_serves(&all[6], PURPOSE_OTHER, other));
	assert_false(anchor_serves(&all[8], PURPOSE_EMAIL, none));
	assert_true(anchor_serves(&all[8], PURPOSE_SERVER_AUTH, none));
	assert_true(anchor_serves(&all[9], PURPOSE_SERVER_AUTH, none));
	assert_false(anchor_serves(&all[9], PURPOSE_EMAIL, none));
	store_free(store);
}

static void an_attached_usage_gives_no_trust_that_the_store_does_not_give(void **state)
{
	struct bytes none = { NULL, 0 };
	struct store *store = zoo();
	struct anchor *attached = &store->anchors[9];

	(void)state;
	attached->trusted = 0;
	assert_false(anchor_serves(attached, PURPOSE_SERVER_AUTH, none));
	attached->trusted = PURPOSE_BIT(PURPOSE_EMAIL);
	assert_false(anchor_serves(attached, PURPOSE_SERVER_AUTH, none));
	assert_false(anchor_serves(attached, PURPOSE_EMAIL, none));
	store_free(store);
}

static void an_authority_is_a_ca_or_of_version_one_and_issued_by_itself(void **state)
{
	static const struct {
		const char *version, *extensions, *issuer;
		bool authority;
	} rows[] = {
		{ "a003 020102", CA, "3000", true },
		{ "a003 020102", NULL, "300c 310a 3008 0603550403 0c0141", false },
		{ "", NULL, "300c 310a 3008 0603550403 0c0141", true },
		{ "", NULL, "300c 310a 3008 0603550403 0c0142", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct store *store = store_new("here");
		struct hand hand = hand_good();
		struct buf der = { 0 };

		hand.version = rows[i].version;
		hand.extensions = rows[i].extensions;
		hand.issuer = rows[i].issuer;
		hand_cert(&hand, &der);
		assert_int_equal(anchor_authority(store_add(store, buf_view(&der), 0)), rows[i].authority);
		buf_done(&der);
		store_free(store);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_filter_picks_what_trust_picks_in_the_order_of_the_store),
		cmocka_unit_test(a_purpose_picks_what_serves_it_and_what_is_distrusted_for_it),
		cmocka_unit_test(an_anchor_serves_what_store_and_certificate_both_allow),
		cmocka_unit_test(an_attached_usage_gives_no_trust_that_the_store_does_not_give),
		cmocka_unit_test(an_authority_is_a_ca_or_of_version_one_and_issued_by_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
