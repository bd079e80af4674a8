/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit.h"

#include <string.h>
#include <time.h>

#include "base/err.h"
#include "hand.h"
#include "stage/output.h"
#include "model/edit.h"
#include "model/pick.h"
#include "model/store.h"

static void certificates_of_one_name_get_names_of_their_own_in_no_more_time(void **state)
{
	enum { MANY = 3000, MOST = 30 }; /* seconds; minutes, if each name were compared with all others */
	const struct wanted any = { .any = true };
	const struct style style = { .comments = false };
	struct store *store = store_new("here");
	struct edits edits = { 0 };
	struct err err = { 0 };
	struct pick pick;
	clock_t before = clock();

	(void)state;
	for (unsigned i = 0; i < MANY; i++) {
		struct buf der = { 0 };

		hand_root("Same", (uint8_t)(1 + i / 250), (uint8_t)(1 + i % 250), &der);
		store_add(store, buf_view(&der), 0)->trusted = PURPOSES_ALL;
		buf_done(&der);
	}
	store_finish(store);
	pick_from(store, FILTER_ALL, &any, &pick);
	assert_int_equal(pick.count, MANY);
	assert_true(output_stage(output_named("pem-directory-hash"), &pick, &style, &edits, &err));
	assert_int_equal(edits.count, 3 * MANY);
	assert_string_equal(edits.all[0].path, "Same.pem");
	assert_string_equal(edits.all[3].path, "Same.1.pem");
	assert_non_null(strstr(edits.all[1].path, ".0"));
	assert_string_equal(strrchr(edits.all[3 * MANY - 1].path, '.'), ".2999");
	assert_true((clock() - before) / CLOCKS_PER_SEC < MOST);
	edits_done(&edits);
	pick_done(&pick);
	store_free(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(certificates_of_one_name_get_names_of_their_own_in_no_more_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
