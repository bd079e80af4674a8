/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Stores of one file as what they lie in sees them: links, wrong kinds, nothing left. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "feed.h"
#include "format/armor.h"
#include "format/format.h"
#include "system.h"

/* A root with a bundle of two certificates at /etc/b.pem, of three that may be asked for. */
static int begin(void **state)
{
	struct system *system;
	struct buf file = { 0 };

	system_begin(state);
	system = *state;
	system->store = feed_roots(3);
	armor_write(&file, "CERTIFICATE", system->store->anchors[0].cert.der);
	armor_write(&file, "CERTIFICATE", system->store->anchors[1].cert.der);
	system_file(system, "/etc/b.pem", buf_view(&file));
	system_link(system, "/lib/e", "/etc");
	system_link(system, "/lib/l.pem", "e/b.pem");
	buf_done(&file);
	return 0;
}

static void the_file_behind_a_link_is_changed_and_staging_again_finds_it_done(void **state)
{
	struct system *system = *state;

	requests_add(&system->requests, REQUEST_TRUST, &system->store->anchors[2]);
	requests_add(&system->requests, REQUEST_REMOVE, &system->store->anchors[0]);
	requests_add(&system->requests, REQUEST_DISTRUST, &system->store->anchors[1]);
	assert_true(system_stage_store(system, "pem", "/lib/../lib/l.pem"));
	assert_int_equal(system->staged.edits.count, 1);
	assert_string_equal(system->staged.edits.all[0].path, "/etc/b.pem");
	assert_int_equal(system->staged.edits.all[0].was.kind, WAS_FILE);
	assert_int_equal(system->staged.notes.count, 1);
	assert_int_equal(system->staged.file_count, 1);
	assert_string_equal(system->staged.files[0].path, "/etc/b.pem");
	assert_int_equal(system->staged.outcome_count, 3);
	assert_int_equal(system->staged.outcomes[0].kind, OUTCOME_DONE);
	assert_int_equal(system->staged.outcomes[1].kind, OUTCOME_DONE);
	assert_int_equal(system->staged.outcomes[2].kind, OUTCOME_ABSENT);
	assert_true(system_stage_store(system, "pem", "/etc/b.pem"));
	assert_int_equal(system->staged.edits.count, 0);
	assert_int_equal(system->staged.notes.count, 0);
	assert_int_equal(system->staged.outcomes[0].kind, OUTCOME_ALREADY);
	assert_int_equal(system->staged.outcomes[1].kind, OUTCOME_ALREADY);
}

static void no_store_is_left_without_anchors_unasked(void **state)
{
	struct system *system = *state;

	requests_add(&system->requests, REQUEST_REMOVE, &system->store->anchors[0]);
	requests_add(&system->requests, REQUEST_REMOVE, &system->store->anchors[1]);
	assert_false(system_stage_store(system, "pem", "/etc/b.pem"));
	assert_non_null(strstr(system->err.text, "without anchors"));
	system->terms.allow_empty = true;
	assert_true(system_stage_store(system, "pem", "/etc/b.pem"));
	assert_int_equal(system->staged.edits.count, 1);
	assert_int_equal(system->staged.edits.all[0].content.len, 0);
}

static void a_store_of_another_kind_is_refused_and_a_new_bundle_is_begun(void **state)
{
	struct system *system = *state;
	struct buf jks = { 0 };

	feed_write(&format_jks, system->store, &jks);
	feed_file(system->dir, "etc/cacerts", buf_view(&jks));
	requests_add(&system->requests, REQUEST_TRUST, &system->store->anchors[2]);
	assert_false(system_stage_store(system, "pem", "/etc/cacerts"));
	assert_false(system_stage_store(system, "jks", "/etc/b.pem"));
	assert_false(system_stage_store(system, "jks", "/etc/none"));
	assert_non_null(strstr(system->err.text, "anchorage export"));
	assert_true(system_stage_store(system, "jks", "/etc/cacerts"));
	assert_int_equal(system->staged.edits.count, 0);
	assert_true(system_stage_store(system, "pem", "/etc/new.pem"));
	assert_int_equal(system->staged.edits.count, 1);
	assert_int_equal(system->staged.edits.all[0].was.kind, WAS_ABSENT);
	buf_done(&jks);
}

static void what_a_kind_cannot_say_is_told(void **state)
{
	struct system *system = *state;
	struct anchor mail;

	mail = system->store->anchors[2];
	mail.trusted = PURPOSE_BIT(PURPOSE_EMAIL);
	requests_add(&system->requests, REQUEST_TRUST, &mail);
	assert_true(system_stage_store(system, "pem", "/etc/b.pem"));
	assert_int_equal(system->staged.outcomes[0].kind, OUTCOME_DONE);
	assert_non_null(strstr(system->staged.outcomes[0].text, "every purpose"));
	assert_true(system_stage_store(system, "trusted", "/etc/b.pem"));
	assert_null(system->staged.outcomes[0].text);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, system_end)
	const struct CMUnitTest tests[] = {
		TEST(the_file_behind_a_link_is_changed_and_staging_again_finds_it_done),
		TEST(no_store_is_left_without_anchors_unasked),
		TEST(a_store_of_another_kind_is_refused_and_a_new_bundle_is_begun),
		TEST(what_a_kind_cannot_say_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
