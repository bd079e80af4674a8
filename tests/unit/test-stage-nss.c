/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* NSS databases changed by us, and what NSS's own certutil makes of them. */
#include "unit.h"

#include <stdlib.h>

#include "base/mem.h"
#include "feed.h"
#include "model/anchor.h"
#include "nss-case.h"
#include "trust.h"

enum {
	SERVER = 1 << PURPOSE_SERVER_AUTH,
	CLIENT = 1 << PURPOSE_CLIENT_AUTH,
	EMAIL = 1 << PURPOSE_EMAIL,
	CODE = 1 << PURPOSE_CODE_SIGNING,
};

static struct store *ca, *same_name, *colon, *leaf;

static int set_up(void **state)
{
	(void)state;
	ca = nss_make("A CA", 11, true);
	same_name = nss_make("A CA", 12, true);
	colon = nss_make("pkcs11:Corp: Root", 13, true);
	leaf = nss_make("A server", 14, false);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	store_free(ca);
	store_free(same_name);
	store_free(colon);
	store_free(leaf);
	return 0;
}

static void a_ca_is_added_distrusted_lifted_and_removed_as_certutil_sees_it(void **state)
{
	struct buf said = { 0 };
	char *directory;

	(void)state;
	NEEDS_NSS();
	directory = nss_database("");
	assert_true(nss_change_it(directory, REQUEST_TRUST, &ca->anchors[0], OUTCOME_DONE) > 0);
	nss_flags(directory, "A CA", "C,,");
	assert_true(feed_run(&said, "certutil -V -u L -n 'A CA' -d sql:%s/db 2>&1", directory));
	nss_change_it(directory, REQUEST_DISTRUST, &ca->anchors[0], OUTCOME_DONE);
	nss_flags(directory, "A CA", "p,p,p");
	assert_false(feed_run(&said, "certutil -V -u L -n 'A CA' -d sql:%s/db 2>&1", directory));
	nss_change_it(directory, REQUEST_LIFT, &ca->anchors[0], OUTCOME_DONE);
	nss_flags(directory, "A CA", ",,");
	nss_change_it(directory, REQUEST_REMOVE, &ca->anchors[0], OUTCOME_DONE);
	assert_false(feed_run(&said, "certutil -L -n 'A CA' -d sql:%s/db 2>&1", directory));
	buf_done(&said);
	feed_remove(directory);
}

static void purposes_are_flags_and_what_is_trusted_already_is_left(void **state)
{
	static const struct {
		uint16_t trusted;
		const char *flags;
	} rows[] = {
		{ SERVER, "C,," }, { CLIENT, "T,," },          { EMAIL, ",C," },
		{ CODE, ",,C" },   { SERVER | EMAIL, "C,C," }, { SERVER | CLIENT | EMAIL | CODE, "CT,C,C" },
	};
	struct anchor anchor = ca->anchors[0];
	char *directory;

	(void)state;
	NEEDS_NSS();
	directory = nss_database("");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		anchor.trusted = rows[i].trusted;
		nss_change_it(directory, REQUEST_TRUST, &anchor, OUTCOME_DONE);
		nss_flags(directory, "A CA", rows[i].flags);
	}
	/* Who asks for nothing gets no less than there is. */
	anchor.trusted = PURPOSES_ALL;
	assert_int_equal(nss_change_it(directory, REQUEST_TRUST, &anchor, OUTCOME_ALREADY), 0);
	anchor.trusted = 1 << PURPOSE_TIME_STAMPING;
	assert_int_equal(nss_change_it(directory, REQUEST_TRUST, &anchor, OUTCOME_CANNOT), 0);
	feed_remove(directory);
}

static void what_is_so_already_gives_no_edit(void **state)
{
	struct buf before = { 0 }, after = { 0 };
	char *directory;

	(void)state;
	NEEDS_NSS();
	directory = nss_database("");
	trust_text(directory, "none", "");
	nss_change_it(directory, REQUEST_TRUST, &ca->anchors[0], OUTCOME_DONE);
	assert_true(feed_run(&before, "cd %s/db && stat -c '%%n %%s %%y' * && cksum *", directory));
	assert_int_equal(nss_change_it(directory, REQUEST_TRUST, &ca->anchors[0], OUTCOME_ALREADY), 0);
	assert_int_equal(nss_change_it(directory, REQUEST_REMOVE, &leaf->anchors[0], OUTCOME_ALREADY), 0);
	assert_int_equal(nss_change_it(directory, REQUEST_LIFT, &ca->anchors[0], OUTCOME_ALREADY), 0);
	assert_true(feed_run(&after, "cd %s/db && stat -c '%%n %%s %%y' * && cksum *", directory));
	assert_true(bytes_equal(buf_view(&before), buf_view(&after)));
	buf_done(&before);
	buf_done(&after);
	feed_remove(directory);
}

/* What NSS's own tool wrote counts as well. */
static void what_certutil_added_is_so_already_and_can_be_removed(void **state)
{
	struct buf said = { 0 };
	char *directory;

	(void)state;
	NEEDS_NSS();
	directory = nss_database("");
	feed_file(directory, "ca.der", ca->anchors[0].cert.der);
	assert_true(
		feed_run(NULL, "certutil -A -d sql:%s/db -n mine -t C,, -i %s/ca.der", directory, directory));
	assert_int_equal(nss_change_it(directory, REQUEST_TRUST, &ca->anchors[0], OUTCOME_ALREADY), 0);
	nss_change_it(directory, REQUEST_REMOVE, &ca->anchors[0], OUTCOME_DONE);
	assert_true(feed_run(&said, "certutil -L -d sql:%s/db | grep mine || echo gone", directory));
	assert_true(bytes_equal(buf_view(&said), bytes_of("gone\n")));
	/* And the other way round. */
	nss_change_it(directory, REQUEST_TRUST, &ca->anchors[0], OUTCOME_DONE);
	assert_true(feed_run(NULL, "certutil -D -d sql:%s/db -n 'A CA'", directory));
	assert_int_equal(nss_change_it(directory, REQUEST_REMOVE, &ca->anchors[0], OUTCOME_ALREADY), 0);
	buf_done(&said);
	feed_remove(directory);
}

static void what_is_removed_leaves_no_trust_behind(void **state)
{
	struct store *store;
	char *directory, *path;

	(void)state;
	NEEDS_NSS();
	directory = nss_database("");
	nss_change_it(directory, REQUEST_TRUST, &leaf->anchors[0], OUTCOME_DONE);
	nss_change_it(directory, REQUEST_DISTRUST, &ca->anchors[0], OUTCOME_DONE);
	nss_change_it(directory, REQUEST_REMOVE, &ca->anchors[0], OUTCOME_DONE);
	path = mem_print("%s/db", directory);
	store = trust_read_well("nss", NULL, path);
	assert_int_equal(store->count, 1);
	store_free(store);
	free(path);
	feed_remove(directory);
}

static void a_server_certificate_is_trusted_itself(void **state)
{
	char *directory;

	(void)state;
	NEEDS_NSS();
	directory = nss_database("");
	nss_change_it(directory, REQUEST_TRUST, &leaf->anchors[0], OUTCOME_DONE);
	nss_flags(directory, "A server", "P,,");
	feed_remove(directory);
}

static void a_nickname_is_shared_by_one_subject_and_has_no_colon(void **state)
{
	struct store *other;
	char *directory;

	(void)state;
	NEEDS_NSS();
	directory = nss_database("");
	nss_change_it(directory, REQUEST_TRUST, &colon->anchors[0], OUTCOME_DONE);
	nss_flags(directory, "pkcs11-Corp- Root", "C,,");
	/* Another subject with that nickname: by certutil, for its own is another. */
	feed_file(directory, "leaf.der", leaf->anchors[0].cert.der);
	assert_true(feed_run(NULL, "certutil -A -d sql:%s/db -n 'A CA' -t ,, -i %s/leaf.der", directory,
			     directory));
	nss_change_it(directory, REQUEST_TRUST, &ca->anchors[0], OUTCOME_DONE);
	nss_flags(directory, "A CA #2", "C,,");
	nss_change_it(directory, REQUEST_TRUST, &same_name->anchors[0], OUTCOME_DONE);
	nss_flags(directory, "A CA #2", "C,,\nC,,");
	other = nss_make("A CA", 11, true);
	assert_int_equal(nss_change_it(directory, REQUEST_TRUST, &other->anchors[0], OUTCOME_CANNOT), 0);
	store_free(other);
	feed_remove(directory);
}

static void a_database_with_a_password_is_changed_with_it_and_not_touched_without(void **state)
{
	struct staged staged = { 0 };
	struct err err = { 0 };
	char *directory;

	(void)state;
	NEEDS_NSS();
	directory = nss_database("a long password");
	assert_false(nss_stage_only(directory, REQUEST_TRUST, &ca->anchors[0], NULL, &staged, &err));
	assert_int_equal(err.code, ERR_USAGE);
	assert_non_null(strstr(err.text, "the database has a password"));
	assert_false(nss_stage_only(directory, REQUEST_TRUST, &ca->anchors[0], "another", &staged, &err));
	assert_non_null(strstr(err.text, "does not open the database"));
	if (!nss_stage_only(directory, REQUEST_TRUST, &ca->anchors[0], "a long password", &staged, &err))
		fail_msg("%s", err.text);
	nss_perform(&staged.edits);
	staged_done(&staged);
	nss_flags(directory, "A CA", "C,,");
	feed_remove(directory);
}

static void a_database_that_is_not_there_is_made_with_an_empty_password(void **state)
{
	struct buf said = { 0 };
	char *directory;

	(void)state;
	NEEDS_NSS();
	directory = feed_directory();
	trust_text(directory, "password", "");
	assert_int_equal(nss_change_it(directory, REQUEST_REMOVE, &ca->anchors[0], OUTCOME_ALREADY), 0);
	assert_int_equal(nss_change_it(directory, REQUEST_TRUST, &ca->anchors[0], OUTCOME_DONE), 3);
	nss_flags(directory, "A CA", "C,,");
	assert_true(feed_run(&said,
			     "cd %s && stat -c %%a db db/cert9.db db/key4.db && "
			     "certutil -K -d sql:db 2>&1 | grep -c 'no keys found'",
			     directory));
	assert_true(bytes_equal(buf_view(&said), bytes_of("700\n600\n600\n1\n")));
	/* And NSS's own tools go on with it. */
	feed_file(directory, "other.der", same_name->anchors[0].cert.der);
	assert_true(
		feed_run(NULL, "cd %s && certutil -A -d sql:db -n 'A CA' -t C,, -i other.der", directory));
	nss_flags(directory, "A CA", "C,,\nC,,");
	buf_done(&said);
	feed_remove(directory);
}

static void a_new_database_in_the_home_of_another_is_told(void **state)
{
	struct staged staged = { 0 };
	struct err err = { 0 };
	char *directory;

	(void)state;
	NEEDS_NSS();
	directory = feed_directory();
	if (!feed_run(NULL, "[ $(id -u) = 0 ] && chown 12345 %s", directory)) {
		print_message("skipped: only root may give a directory away\n");
		feed_remove(directory);
		skip();
	}
	assert_true(nss_stage_only(directory, REQUEST_TRUST, &ca->anchors[0], NULL, &staged, &err));
	assert_int_equal(staged.notes.count, 1);
	assert_non_null(strstr(staged.notes.all[0], "chown -R 12345"));
	staged_done(&staged);
	feed_remove(directory);
}

static void a_forged_trust_is_written_anew(void **state)
{
	char *directory;

	(void)state;
	NEEDS_NSS();
	directory = nss_database("");
	nss_change_it(directory, REQUEST_DISTRUST, &ca->anchors[0], OUTCOME_DONE);
	if (!feed_run(NULL,
		      "command -v python3 >/dev/null && python3 -c \"import sqlite3, sys\n"
		      "c = sqlite3.connect(sys.argv[1])\n"
		      "c.execute('update nssPublic set ace536358=x\\'ce534352\\' where "
		      "ace536358=x\\'ce53435a\\'')\n"
		      "c.commit()\" %s/db/cert9.db",
		      directory)) {
		print_message("skipped: python3 with sqlite3 is not here\n");
		feed_remove(directory);
		skip();
	}
	nss_flags(directory, "A CA", ",,"); /* NSS drops all that its object says */
	nss_change_it(directory, REQUEST_DISTRUST, &ca->anchors[0], OUTCOME_DONE);
	nss_flags(directory, "A CA", "p,p,p");
	feed_remove(directory);
}

static void the_certificate_of_a_private_key_stays_without_trust(void **state)
{
	struct buf der = { 0 };
	struct staged staged = { 0 };
	struct err err = { 0 };
	struct store *own = store_new("own");
	char *directory;

	(void)state;
	NEEDS_NSS();
	directory = nss_database("");
	if (!feed_run(
		    &der,
		    "cd %s && head -c 100 /dev/urandom >noise && certutil -S -x -n Own -s CN=Own -t C,, -k "
		    "ec "
		    "-q nistp256 -d sql:db -z noise -m 5 2>/dev/null >&2 && certutil -L -r -n Own -d sql:db",
		    directory))
		fail_msg("certutil makes no certificate");
	store_add(own, buf_view(&der), 0)->trusted = PURPOSES_ALL;
	store_finish(own);
	assert_true(nss_stage_only(directory, REQUEST_REMOVE, &own->anchors[0], NULL, &staged, &err));
	assert_int_equal(staged.outcomes[0].kind, OUTCOME_DONE);
	assert_non_null(strstr(staged.outcomes[0].text, "its private key is in the database"));
	nss_perform(&staged.edits);
	staged_done(&staged);
	nss_flags(directory, "Own", "u,u,u");
	store_free(own);
	buf_done(&der);
	feed_remove(directory);
}

static void what_is_named_without_its_certificate_is_found_where_it_is(void **state)
{
	struct store *names = store_new("names");
	struct anchor *anchor;
	char *directory;

	(void)state;
	NEEDS_NSS();
	directory = nss_database("");
	store_add_fingerprint(names, ca->anchors[0].id);
	anchor = store_add_issuer_serial(names, leaf->anchors[0].cert.issuer, leaf->anchors[0].cert.serial);
	(void)anchor;
	store_finish(names);
	assert_int_equal(nss_change_it(directory, REQUEST_DISTRUST, &names->anchors[0], OUTCOME_CANNOT), 0);
	assert_int_equal(nss_change_it(directory, REQUEST_DISTRUST, &names->anchors[1], OUTCOME_CANNOT), 0);
	assert_int_equal(nss_change_it(directory, REQUEST_REMOVE, &names->anchors[0], OUTCOME_ALREADY), 0);
	nss_change_it(directory, REQUEST_TRUST, &ca->anchors[0], OUTCOME_DONE);
	nss_change_it(directory, REQUEST_TRUST, &leaf->anchors[0], OUTCOME_DONE);
	nss_change_it(directory, REQUEST_DISTRUST, &names->anchors[0], OUTCOME_DONE);
	nss_flags(directory, "A CA", "p,p,p");
	nss_change_it(directory, REQUEST_REMOVE, &names->anchors[1], OUTCOME_DONE);
	nss_flags(directory, "A server", "");
	store_free(names);
	feed_remove(directory);
}

static void what_cannot_be_changed_safely_is_an_error_that_says_what_to_do(void **state)
{
	static const struct {
		const char *make, *says;
	} rows[] = {
		{ "rm db/* && printf '\\0\\6\\25\\141' >db/cert8.db", "certutil -K -X" },
		{ "rm db/key4.db", "there is no 'key4.db' beside 'cert9.db'" },
		{ "rm db/cert9.db", "there is no 'cert9.db' beside 'key4.db'" },
		{ "printf x >db/cert9.db-journal", "close the browser" },
		{ "printf x >db/key4.db-wal", "close the browser" },
		{ "mv db/cert9.db real && ln -s ../real db/cert9.db", "'cert9.db' is a link to '../real'" },
		{ "echo text >db/cert9.db", "NSS cannot open the database" },
		{ "rm -r db && echo text >db.txt && ln -s db.txt db", "no directory with an NSS database" },
	};

	(void)state;
	NEEDS_NSS();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *directory = nss_database("");
		struct staged staged = { 0 };
		struct err err = { 0 };

		assert_true(feed_run(NULL, "cd %s && %s", directory, rows[i].make));
		if (nss_stage_only(directory, REQUEST_TRUST, &ca->anchors[0], NULL, &staged, &err))
			fail_msg("%s: staged", rows[i].make);
		if (strstr(err.text, rows[i].says) == NULL)
			fail_msg("%s: %s", rows[i].make, err.text);
		feed_remove(directory);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_ca_is_added_distrusted_lifted_and_removed_as_certutil_sees_it),
		cmocka_unit_test(purposes_are_flags_and_what_is_trusted_already_is_left),
		cmocka_unit_test(what_is_so_already_gives_no_edit),
		cmocka_unit_test(what_certutil_added_is_so_already_and_can_be_removed),
		cmocka_unit_test(what_is_removed_leaves_no_trust_behind),
		cmocka_unit_test(a_server_certificate_is_trusted_itself),
		cmocka_unit_test(a_nickname_is_shared_by_one_subject_and_has_no_colon),
		cmocka_unit_test(a_database_with_a_password_is_changed_with_it_and_not_touched_without),
		cmocka_unit_test(a_database_that_is_not_there_is_made_with_an_empty_password),
		cmocka_unit_test(a_new_database_in_the_home_of_another_is_told),
		cmocka_unit_test(a_forged_trust_is_written_anew),
		cmocka_unit_test(the_certificate_of_a_private_key_stays_without_trust),
		cmocka_unit_test(what_is_named_without_its_certificate_is_found_where_it_is),
		cmocka_unit_test(what_cannot_be_changed_safely_is_an_error_that_says_what_to_do),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
