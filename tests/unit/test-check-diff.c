/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit.h"

#include <stdlib.h>

#include "base/clock.h"
#include "check/diff.h"
#include "make.h"
#include "model/staple.h"
#include "model/pick.h"
#include "model/store.h"

#define SERVER "\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x01"
#define EMAIL  "\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x04"
#define OTHER  "\x06\x03\x2a\x03\x04" /* 1.2.3.4 */
#define OTHER2 "\x06\x03\x2a\x03\x05"

static struct anchor *add(struct store *store, const char *cn, unsigned key, unsigned serial)
{
	struct buf der = { 0 };
	struct anchor *anchor;

	make_cert(&(struct make){ .cn = cn, .key = key, .serial = serial }, &der);
	anchor = store_add(store, buf_view(&der), 0);
	anchor->trusted = PURPOSES_ALL;
	buf_done(&der);
	return anchor;
}

/* Attaches an extKeyUsage of these OIDs. */
static void limit(struct store *store, struct anchor *anchor, bool critical, const char *oids, size_t len)
{
	struct buf list = { 0 }, whole = { 0 };

	buf_byte(&list, 0x30);
	buf_byte(&list, (unsigned)len);
	buf_bytes(&list, (struct bytes){ (const uint8_t *)oids, len });
	staple_write_extension(exts[EXT_EXTENDED_KEY_USAGE].oid, critical, buf_view(&list), &whole);
	assert_true(staple_add(store, anchor, buf_view(&whole)));
	buf_done(&list);
	buf_done(&whole);
}
#define LIMIT(store, anchor, critical, oids) limit(store, anchor, critical, oids, sizeof(oids) - 1)

static void constrain(struct store *store, struct anchor *anchor, const char *value)
{
	struct buf whole = { 0 };

	staple_write_extension(exts[EXT_NAME_CONSTRAINTS].oid, true, bytes_of(value), &whole);
	assert_true(store_attach(store, anchor, buf_view(&whole)));
	buf_done(&whole);
}

/* Two stores and what separates them. */
struct pair {
	struct store *a, *b;
	struct diff diff;
	struct wanted wanted;
};

static int begin(void **state)
{
	struct pair *pair = calloc(1, sizeof(*pair));

	assert_non_null(pair);
	pair->a = store_new("a");
	pair->b = store_new("b");
	pair->wanted.any = true;
	*state = pair;
	return 0;
}

static int end(void **state)
{
	struct pair *pair = *state;

	diff_done(&pair->diff);
	store_free(pair->a);
	store_free(pair->b);
	free(pair);
	return 0;
}

static void compare(struct pair *pair)
{
	store_finish(pair->a);
	store_finish(pair->b);
	diff_done(&pair->diff);
	diff_stores(pair->a, pair->b, &pair->wanted, &pair->diff);
}

/* The kinds in their order, a letter each: + - = t(rust) d(ate) c(onstraints) l(abel). */
static void differs(struct pair *pair, const char *kinds, size_t same)
{
	static const char letters[] = {
		[DIFF_ADDED] = '+', [DIFF_REMOVED] = '-',        [DIFF_REISSUED] = '=',
		[DIFF_TRUST] = 't', [DIFF_DISTRUST_AFTER] = 'd', [DIFF_CONSTRAINTS] = 'c',
		[DIFF_LABEL] = 'l'
	};
	size_t counts[DIFF_KINDS] = { 0 };
	char got[64] = "";

	compare(pair);
	assert_in_range(pair->diff.count, 0, sizeof(got) - 1);
	for (size_t i = 0; i < pair->diff.count; i++) {
		const struct diff_entry *e = &pair->diff.entries[i];

		got[i] = letters[e->kind];
		counts[e->kind]++;
		assert_true((e->before == NULL) == (e->kind == DIFF_ADDED));
		assert_true((e->after == NULL) == (e->kind == DIFF_REMOVED));
	}
	assert_string_equal(got, kinds);
	assert_int_equal(pair->diff.same, same);
	assert_memory_equal(counts, pair->diff.kinds, sizeof(counts));
}

static void the_same_anchors_in_another_order_are_no_difference(void **state)
{
	struct pair *pair = *state;

	add(pair->a, "Alder", 1, 1);
	add(pair->a, "Birch", 2, 2);
	add(pair->b, "Birch", 2, 2);
	add(pair->b, "Alder", 1, 1);
	add(pair->b, "Alder", 1, 1);
	differs(pair, "", 2);
}

static void two_empty_stores_are_the_same(void **state)
{
	differs(*state, "", 0);
}

static void what_only_one_store_has_is_added_or_removed(void **state)
{
	struct pair *pair = *state;

	add(pair->a, "Alder", 1, 1);
	add(pair->a, "Birch", 2, 2);
	add(pair->b, "Birch", 2, 2);
	add(pair->b, "Cedar", 3, 3);
	differs(pair, "+-", 1);
	assert_memory_equal(pair->diff.entries[0].after->id, pair->b->anchors[1].id, ID_LEN);
	assert_memory_equal(pair->diff.entries[1].before->id, pair->a->anchors[0].id, ID_LEN);
}

static void another_certificate_of_one_key_is_reissued(void **state)
{
	struct pair *pair = *state;

	add(pair->a, "Alder", 1, 1);
	add(pair->b, "Alder and Sons", 1, 2);
	differs(pair, "=", 0);
}

static void another_certificate_of_one_subject_is_reissued(void **state)
{
	struct pair *pair = *state;

	add(pair->a, "Alder", 1, 1);
	add(pair->b, "Alder", 2, 2);
	differs(pair, "=", 0);
}

static void the_key_is_asked_before_the_subject(void **state)
{
	struct pair *pair = *state;

	add(pair->a, "Alder", 1, 1);
	add(pair->b, "Alder", 2, 2);
	add(pair->b, "Alder and Sons", 1, 3);
	differs(pair, "+=", 0);
	assert_memory_equal(pair->diff.entries[1].after->id, pair->b->anchors[1].id, ID_LEN);
}

static void each_one_is_reissued_once(void **state)
{
	struct pair *pair = *state;

	add(pair->a, "Alder", 1, 1);
	add(pair->a, "Alder", 1, 2);
	add(pair->b, "Alder", 1, 3);
	differs(pair, "-=", 0);
}

static void what_is_in_both_is_not_reissued_by_a_third(void **state)
{
	struct pair *pair = *state;

	add(pair->a, "Alder", 1, 1);
	add(pair->b, "Alder", 1, 1);
	add(pair->b, "Alder", 1, 2);
	differs(pair, "+", 1);
}

static void what_a_reissued_one_is_trusted_for_is_compared(void **state)
{
	struct pair *pair = *state;

	add(pair->a, "Alder", 1, 1);
	add(pair->b, "Alder", 1, 2)->trusted = PURPOSE_BIT(PURPOSE_EMAIL);
	differs(pair, "=t", 0);
}

static void distrust_is_other_trust(void **state)
{
	struct pair *pair = *state;

	add(pair->a, "Alder", 1, 1);
	add(pair->b, "Alder", 1, 1)->distrusted = PURPOSES_ALL;
	add(pair->a, "Birch", 2, 2)->trusted = 0;
	add(pair->b, "Birch", 2, 2);
	differs(pair, "tt", 0);
}

static void trust_that_distrust_takes_away_is_none(void **state)
{
	struct pair *pair = *state;
	struct anchor *anchor = add(pair->a, "Alder", 1, 1);

	anchor->distrusted = PURPOSES_ALL;
	anchor = add(pair->b, "Alder", 1, 1);
	anchor->trusted = 0;
	anchor->distrusted = PURPOSES_ALL;
	differs(pair, "", 1);
}

static void purposes_that_are_kept_as_an_extension_differ_once(void **state)
{
	struct pair *pair = *state;

	LIMIT(pair->a, add(pair->a, "Alder", 1, 1), true, SERVER EMAIL);
	LIMIT(pair->b, add(pair->b, "Alder", 1, 1), true, SERVER);
	differs(pair, "t", 0);
}

static void the_order_of_purposes_and_how_they_are_kept_is_no_difference(void **state)
{
	struct pair *pair = *state;

	LIMIT(pair->a, add(pair->a, "Alder", 1, 1), true, SERVER EMAIL);
	LIMIT(pair->b, add(pair->b, "Alder", 1, 1), false, EMAIL SERVER);
	LIMIT(pair->a, add(pair->a, "Birch", 2, 2), true, SERVER);
	add(pair->b, "Birch", 2, 2)->trusted = PURPOSE_BIT(PURPOSE_SERVER_AUTH);
	differs(pair, "", 2);
}

static void purposes_without_a_name_are_compared_one_by_one(void **state)
{
	struct pair *pair = *state;

	LIMIT(pair->a, add(pair->a, "Alder", 1, 1), true, SERVER OTHER);
	LIMIT(pair->b, add(pair->b, "Alder", 1, 1), true, SERVER OTHER2);
	LIMIT(pair->a, add(pair->a, "Birch", 2, 2), true, OTHER OTHER2);
	LIMIT(pair->b, add(pair->b, "Birch", 2, 2), true, OTHER2 OTHER);
	differs(pair, "c", 1);
}

static void with_a_purpose_only_what_concerns_it_is_compared(void **state)
{
	struct pair *pair = *state;
	struct anchor *a;

	add(pair->a, "Alder", 1, 1);
	a = add(pair->b, "Alder", 1, 1);
	a->trusted = PURPOSE_BIT(PURPOSE_SERVER_AUTH);
	a->distrust_after[PURPOSE_EMAIL] = 1;
	add(pair->b, "Birch", 2, 2)->trusted = PURPOSE_BIT(PURPOSE_EMAIL);
	pair->wanted = (struct wanted){ .purpose = PURPOSE_SERVER_AUTH };
	differs(pair, "", 1);
	pair->wanted.purpose = PURPOSE_EMAIL;
	differs(pair, "+-", 0);
}

static void with_a_purpose_distrust_and_dates_for_it_are_told(void **state)
{
	struct pair *pair = *state;

	add(pair->a, "Alder", 1, 1);
	add(pair->b, "Alder", 1, 1)->distrusted = PURPOSE_BIT(PURPOSE_SERVER_AUTH);
	add(pair->a, "Birch", 2, 2);
	add(pair->b, "Birch", 2, 2)->distrust_after[PURPOSE_SERVER_AUTH] = 1;
	pair->wanted = (struct wanted){ .purpose = PURPOSE_SERVER_AUTH };
	differs(pair, "td", 0);
	pair->wanted.purpose = PURPOSE_EMAIL;
	differs(pair, "", 2);
}

static void dates_constraints_and_labels_are_told_apart(void **state)
{
	struct pair *pair = *state;
	struct anchor *a, *b;

	a = add(pair->a, "Alder", 1, 1);
	b = add(pair->b, "Alder", 1, 1);
	a->distrust_after[PURPOSE_SERVER_AUTH] = 1;
	b->distrust_after[PURPOSE_SERVER_AUTH] = 2;
	constrain(pair->a, a, "one");
	constrain(pair->b, b, "two");
	store_label(pair->a, a, bytes_of("one"));
	store_label(pair->b, b, bytes_of("two"));
	b->distrusted = PURPOSES_ALL;
	differs(pair, "tdcl", 0);
}

static void a_constraint_that_comes_or_goes_is_told(void **state)
{
	struct pair *pair = *state;

	constrain(pair->a, add(pair->a, "Alder", 1, 1), "one");
	add(pair->b, "Alder", 1, 1);
	add(pair->a, "Birch", 2, 2);
	constrain(pair->b, add(pair->b, "Birch", 2, 2), "one");
	differs(pair, "cc", 0);
}

static void a_label_counts_only_where_both_stores_gave_one(void **state)
{
	struct pair *pair = *state;

	add(pair->a, "Alder", 1, 1);
	store_label(pair->b, add(pair->b, "Alder", 1, 1), bytes_of("my alder"));
	store_label(pair->a, add(pair->a, "Birch", 2, 2), bytes_of("Birch")); /* its own name */
	store_label(pair->b, add(pair->b, "Birch", 2, 2), bytes_of("my birch"));
	store_label(pair->a, add(pair->a, "Cedar", 3, 3), bytes_of("your cedar"));
	store_label(pair->b, add(pair->b, "Cedar", 3, 3), bytes_of("my cedar"));
	differs(pair, "l", 2);
}

static void distrust_without_a_certificate_is_an_entry(void **state)
{
	struct pair *pair = *state;
	struct buf spki = { 0 };
	struct cert cert;

	make_spki(7, &spki);
	store_add_key(pair->a, buf_view(&spki))->distrusted = PURPOSES_ALL;
	buf_done(&spki);
	cert = add(pair->a, "Alder", 1, 1)->cert;
	store_add_issuer_serial(pair->a, cert.issuer, cert.serial)->distrusted = PURPOSES_ALL;
	store_add_issuer_serial(pair->b, cert.issuer, cert.serial)->distrusted = PURPOSES_ALL;
	add(pair->b, "Alder", 1, 1);
	differs(pair, "-", 2);
}

static void what_is_no_certificate_is_never_reissued(void **state)
{
	struct pair *pair = *state;
	struct buf spki = { 0 };

	make_spki(1, &spki);
	store_add_key(pair->a, buf_view(&spki))->distrusted = PURPOSES_ALL;
	buf_done(&spki);
	add(pair->b, "Alder", 1, 1);
	differs(pair, "+-", 0);
}

static void entries_of_a_kind_are_in_the_order_of_their_names(void **state)
{
	static const char *const names[] = { "alder", "Birch", "cedar", "Dogwood" };
	struct pair *pair = *state;

	add(pair->b, "cedar", 3, 3);
	add(pair->b, "Birch", 2, 2);
	add(pair->b, "Dogwood", 4, 4);
	add(pair->b, "alder", 1, 1);
	differs(pair, "++++", 0);
	for (size_t i = 0; i < 4; i++) {
		const struct cert *cert = &pair->diff.entries[i].after->cert;

		assert_non_null(memmem(cert->subject.at, cert->subject.len, names[i], strlen(names[i])));
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_same_anchors_in_another_order_are_no_difference),
		TEST(two_empty_stores_are_the_same),
		TEST(what_only_one_store_has_is_added_or_removed),
		TEST(another_certificate_of_one_key_is_reissued),
		TEST(another_certificate_of_one_subject_is_reissued),
		TEST(the_key_is_asked_before_the_subject),
		TEST(each_one_is_reissued_once),
		TEST(what_is_in_both_is_not_reissued_by_a_third),
		TEST(what_a_reissued_one_is_trusted_for_is_compared),
		TEST(distrust_is_other_trust),
		TEST(trust_that_distrust_takes_away_is_none),
		TEST(purposes_that_are_kept_as_an_extension_differ_once),
		TEST(the_order_of_purposes_and_how_they_are_kept_is_no_difference),
		TEST(purposes_without_a_name_are_compared_one_by_one),
		TEST(with_a_purpose_only_what_concerns_it_is_compared),
		TEST(with_a_purpose_distrust_and_dates_for_it_are_told),
		TEST(dates_constraints_and_labels_are_told_apart),
		TEST(a_constraint_that_comes_or_goes_is_told),
		TEST(a_label_counts_only_where_both_stores_gave_one),
		TEST(distrust_without_a_certificate_is_an_entry),
		TEST(what_is_no_certificate_is_never_reissued),
		TEST(entries_of_a_kind_are_in_the_order_of_their_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
