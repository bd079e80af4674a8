/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit.h"

#include <stdlib.h>

#include "change/loss.h"
#include "make.h"
#include "model/kind.h"
#include "model/pick.h"
#include "model/staple.h"
#include "model/store.h"

/* What the tests make: an anchor of each sort, by number. */
enum sort {
	PLAIN,
	NO_CERTIFICATE,
	FINGERPRINT,
	DISTRUSTED,
	NEUTRAL,
	LIMITED,
	DATED,
	CONSTRAINED,
	LABELLED,
	SORTS,
};

static struct anchor *add_cert(struct store *store, unsigned key)
{
	struct buf der = { 0 };
	struct anchor *anchor;

	make_cert(&(struct make){ .key = key, .serial = key + 1 }, &der);
	anchor = store_add(store, buf_view(&der), 0);
	anchor->trusted = PURPOSES_ALL;
	buf_done(&der);
	return anchor;
}

static void attach(struct store *store, struct anchor *anchor, enum ext ext)
{
	struct buf whole = { 0 };

	staple_write_extension(exts[ext].oid, true, (struct bytes){ (const uint8_t *)"0", 1 }, &whole);
	assert_true(store_attach(store, anchor, buf_view(&whole)));
	buf_done(&whole);
}

static void add(struct store *store, enum sort sort)
{
	static const uint8_t id[ID_LEN] = { 1 };
	struct buf spki = { 0 };
	struct anchor *anchor;

	if (sort == NO_CERTIFICATE) {
		make_spki(99, &spki);
		store_add_key(store, buf_view(&spki))->distrusted = PURPOSES_ALL;
		buf_done(&spki);
		return;
	}
	anchor = sort == FINGERPRINT ? store_add_fingerprint(store, id) : add_cert(store, sort);
	anchor->trusted = sort == NEUTRAL ? 0 : sort == LIMITED ? PURPOSE_BIT(PURPOSE_EMAIL) : PURPOSES_ALL;
	anchor->distrusted = sort == DISTRUSTED ? PURPOSES_ALL : 0;
	if (sort == DATED)
		anchor->distrust_after[PURPOSE_EMAIL] = 1;
	if (sort == CONSTRAINED)
		attach(store, anchor, EXT_NAME_CONSTRAINTS);
	if (sort == LIMITED)
		attach(store, anchor, EXT_EXTENDED_KEY_USAGE);
	if (sort == LABELLED)
		store_label(store, anchor, bytes_of("a name"));
}

/* One of each sort, picked in that order. */
static struct store *one_of_each(struct pick *ret)
{
	struct store *store = store_new("each");

	for (enum sort sort = 0; sort < SORTS; sort++)
		add(store, sort);
	*ret = (struct pick){ calloc(SORTS, sizeof(const struct anchor *)), SORTS };
	assert_non_null(ret->anchors);
	for (size_t i = 0; i < SORTS; i++)
		ret->anchors[i] = &store->anchors[i];
	return store;
}

static const struct {
	enum sort sort;
	const char *name;
	unsigned can;
	bool dropped, small;
} rows[] = {
	{ NO_CERTIFICATE, "no-certificate", CAN_NO_CERTIFICATE, true, false },
	{ FINGERPRINT, "fingerprint-only", 0, true, false },
	{ DISTRUSTED, "distrust", CAN_DISTRUST, true, false },
	{ NEUTRAL, "neutral", CAN_NEUTRAL, false, false },
	{ LIMITED, "purpose", CAN_PURPOSE, false, false },
	{ DATED, "distrust-after", CAN_DISTRUST_AFTER, false, false },
	{ CONSTRAINED, "constraints", CAN_CONSTRAIN, false, false },
	{ LABELLED, "label", CAN_LABEL, false, true },
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static void a_target_that_can_say_nothing_loses_one_of_each(void **state)
{
	const struct kind target = { "nothing", "says nothing", 0 };
	struct losses losses;
	struct pick pick;
	struct store *store = one_of_each(&pick);

	(void)state;
	loss_find(&pick, &target, false, &losses);
	assert_int_equal(losses.count, ROWS);
	for (size_t i = 0; i < ROWS; i++) {
		const struct loss *loss = &losses.all[i];

		assert_string_equal(loss->row->name, rows[i].name);
		assert_int_equal(loss->count, 1);
		assert_ptr_equal(loss->anchors[0], &store->anchors[rows[i].sort]);
		assert_int_equal(loss->dropped, rows[i].dropped);
		assert_int_equal(loss->row->small, rows[i].small);
		assert_true(loss->dropped || loss->row->then != NULL);
	}
	losses_done(&losses);
	pick_done(&pick);
	store_free(store);
}

static void a_date_for_a_purpose_that_the_target_has_no_date_for_is_a_loss(void **state)
{
	static const struct {
		enum purpose purpose;
		size_t losses;
	} cases[] = {
		{ PURPOSE_SERVER_AUTH, 0 },  { PURPOSE_EMAIL, 0 }, { PURPOSE_CLIENT_AUTH, 1 },
		{ PURPOSE_CODE_SIGNING, 1 }, { PURPOSE_OTHER, 1 },
	};
	const struct kind target = { "p11-kit", "two dates", CAN_ALL & ~(unsigned)CAN_DISTRUST_AFTER_ANY };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct store *store = store_new("dated");
		struct losses losses;
		struct pick pick;

		add_cert(store, LIMITED);
		store->anchors[0].trusted = PURPOSES_ALL;
		store->anchors[0].distrust_after[cases[i].purpose] = 1;
		pick = (struct pick){ calloc(1, sizeof(const struct anchor *)), 1 };
		assert_non_null(pick.anchors);
		pick.anchors[0] = &store->anchors[0];
		loss_find(&pick, &target, false, &losses);
		assert_int_equal(losses.count, cases[i].losses);
		if (losses.count > 0)
			assert_string_equal(losses.all[0].row->name, "distrust-after");
		losses_done(&losses);
		pick_done(&pick);
		store_free(store);
	}
}

static void a_target_that_can_say_all_loses_only_what_is_known_by_hash(void **state)
{
	const struct kind target = { "all", "says all", CAN_ALL };
	struct losses losses;
	struct pick pick;
	struct store *store = one_of_each(&pick);

	(void)state;
	loss_find(&pick, &target, false, &losses);
	assert_int_equal(losses.count, 1);
	assert_string_equal(losses.all[0].row->name, "fingerprint-only");
	loss_drop(&pick, &target, false);
	assert_int_equal(pick.count, SORTS - 1);
	losses_done(&losses);
	pick_done(&pick);
	store_free(store);
}

static void each_loss_is_missing_where_the_target_can_say_it(void **state)
{
	struct losses losses;
	struct pick pick;
	struct store *store = one_of_each(&pick);

	(void)state;
	for (size_t i = 0; i < ROWS; i++) {
		const struct kind target = { "but one", "says one thing", rows[i].can };

		loss_find(&pick, &target, false, &losses);
		assert_int_equal(losses.count, rows[i].can == 0 ? ROWS : ROWS - 1);
		for (size_t k = 0; rows[i].can != 0 && k < losses.count; k++)
			assert_string_not_equal(losses.all[k].row->name, rows[i].name);
		losses_done(&losses);
	}
	pick_done(&pick);
	store_free(store);
}

static void what_cannot_be_written_at_all_is_dropped(void **state)
{
	const struct kind target = { "nothing", "says nothing", 0 };
	struct pick pick;
	struct store *store = one_of_each(&pick);

	(void)state;
	loss_drop(&pick, &target, false);
	assert_int_equal(pick.count, SORTS - 3);
	assert_ptr_equal(pick.anchors[0], &store->anchors[PLAIN]);
	assert_ptr_equal(pick.anchors[1], &store->anchors[NEUTRAL]);
	assert_ptr_equal(pick.anchors[5], &store->anchors[LABELLED]);
	pick_done(&pick);
	store_free(store);
}

static void asked_for_what_would_lose_anything_is_dropped_but_for_a_name(void **state)
{
	const struct kind target = { "nothing", "says nothing", 0 };
	struct losses losses;
	struct pick pick;
	struct store *store = one_of_each(&pick);

	(void)state;
	loss_find(&pick, &target, true, &losses);
	for (size_t i = 0; i < losses.count; i++)
		assert_int_equal(losses.all[i].dropped, !losses.all[i].row->small);
	loss_drop(&pick, &target, true);
	assert_int_equal(pick.count, 2);
	assert_ptr_equal(pick.anchors[0], &store->anchors[PLAIN]);
	assert_ptr_equal(pick.anchors[1], &store->anchors[LABELLED]);
	losses_done(&losses);
	pick_done(&pick);
	store_free(store);
}

static void a_lost_name_alone_is_no_loss_to_stop_for(void **state)
{
	const struct kind target = { "no names", "says all but names", CAN_ALL & ~CAN_LABEL };
	struct store *store = store_new("labelled");
	struct losses losses;
	struct pick pick = { calloc(1, sizeof(const struct anchor *)), 1 };

	(void)state;
	add(store, LABELLED);
	pick.anchors[0] = &store->anchors[0];
	loss_find(&pick, &target, false, &losses);
	assert_int_equal(losses.count, 1);
	assert_false(loss_any(&losses));
	losses_done(&losses);
	assert_false(loss_any(&losses));
	store->anchors[0].distrust_after[PURPOSE_EMAIL] = 1;
	loss_find(&pick, &(struct kind){ "nothing", "says nothing", 0 }, false, &losses);
	assert_true(loss_any(&losses));
	losses_done(&losses);
	pick_done(&pick);
	store_free(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_target_that_can_say_nothing_loses_one_of_each),
		cmocka_unit_test(a_date_for_a_purpose_that_the_target_has_no_date_for_is_a_loss),
		cmocka_unit_test(a_target_that_can_say_all_loses_only_what_is_known_by_hash),
		cmocka_unit_test(each_loss_is_missing_where_the_target_can_say_it),
		cmocka_unit_test(what_cannot_be_written_at_all_is_dropped),
		cmocka_unit_test(asked_for_what_would_lose_anything_is_dropped_but_for_a_name),
		cmocka_unit_test(a_lost_name_alone_is_no_loss_to_stop_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
