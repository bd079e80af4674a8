/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Directories that are changed: what is there afterwards is what OpenSSL's rehash makes of the same files. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "feed.h"
#include "format/armor.h"
#include "make.h"
#include "system.h"

enum { CERTIFICATES = 5 };

/* A directory /d, and certificates of which the first three have one name. */
static int begin(void **state)
{
	struct system *system;

	system_begin(state);
	system = *state;
	system->store = store_new("made");
	for (unsigned i = 0; i < CERTIFICATES; i++) {
		char *cn = i < 3 ? mem_print("Same") : mem_print("Root %u", i);
		struct buf der = { 0 };

		make_cert(&(struct make){ .cn = cn, .key = i + 1, .serial = i + 1 }, &der);
		store_add(system->store, buf_view(&der), 0)->trusted = PURPOSES_ALL;
		buf_done(&der);
		free(cn);
	}
	assert_true(feed_run(NULL, "mkdir '%s/d'", system->dir));
	return 0;
}

static void put_pem(struct system *system, const char *name, unsigned first, unsigned count)
{
	struct buf pem = { 0 };

	for (unsigned i = first; i < first + count; i++)
		armor_write(&pem, "CERTIFICATE", system->store->anchors[i].cert.der);
	feed_file(system->dir, name, buf_view(&pem));
	buf_done(&pem);
}

/* Asks for one thing; false: it is refused. */
static bool stage(struct system *system, const char *kind, enum request_kind request, unsigned number)
{
	requests_done(&system->requests);
	if (number < CERTIFICATES)
		requests_add(&system->requests, request, &system->store->anchors[number]);
	return system_stage_store(system, kind, "/d");
}

/* Done, and found done when it is asked for again. */
static void stage_well(struct system *system, const char *kind, enum request_kind request, unsigned number)
{
	if (!stage(system, kind, request, number))
		fail_msg("%s", system->err.text);
	assert_true(system->staged.edits.count > 0);
	if (number < CERTIFICATES && request != REQUEST_DISTRUST)
		assert_int_equal(system->staged.outcomes[0].kind, OUTCOME_DONE);
	assert_true(stage(system, kind, request, number));
	if (system->staged.edits.count > 0)
		fail_msg("'%s' would be changed again", system->staged.edits.all[0].path);
	if (number < CERTIFICATES && request != REQUEST_DISTRUST)
		assert_int_equal(system->staged.outcomes[0].kind, OUTCOME_ALREADY);
}

static void rehash(const struct system *system)
{
	assert_true(feed_run(NULL, "cd '%s' && openssl rehash d", system->dir));
}

/* Whether it is among what OpenSSL reads for its name: the numbers from 0 on, without a gap. */
static bool is_found(const struct system *system, unsigned number)
{
	struct buf pem = { 0 };
	bool ok;

	armor_write(&pem, "CERTIFICATE", system->store->anchors[number].cert.der);
	feed_file(system->dir, "asked", buf_view(&pem));
	ok = feed_run(
		NULL,
		"cd '%s' && h=$(openssl x509 -hash -noout -in asked) && i=0 && while test -e d/$h.$i; do "
		"openssl x509 -in d/$h.$i | cmp -s - asked && exit 0; i=$((i + 1)); done; exit 1",
		system->dir);
	buf_done(&pem);
	return ok;
}

/* The links that rehash would make, counted by their hash, are there, and no other name of a hash. */
static void as_rehash_does(const struct system *system)
{
	static const char list[] = "ls | sed -n 's/^\\(........\\.[0-9]*\\)$/\\1/p'";

	assert_true(feed_run(NULL,
			     "cd '%s' && rm -rf r && cp -a d r && (cd d && %s) >ours && openssl rehash r && "
			     "(cd r && %s) >theirs && cmp ours theirs",
			     system->dir, list, list));
}

static bool has_openssl(void)
{
	if (feed_run(NULL, "openssl version >/dev/null 2>&1"))
		return true;
	print_message("# openssl is not here\n");
	return false;
}

static void certificates_of_one_name_come_and_go_and_openssl_finds_the_others(void **state)
{
	struct system *system = *state;

	if (!has_openssl())
		skip();
	put_pem(system, "d/a.pem", 0, 1);
	put_pem(system, "d/b.pem", 1, 1);
	put_pem(system, "d/x.pem", 3, 1);
	rehash(system);
	stage_well(system, "hashdir", REQUEST_TRUST, 2);
	as_rehash_does(system);
	for (unsigned i = 0; i < 4; i++)
		assert_true(is_found(system, i));
	stage_well(system, "hashdir", REQUEST_REMOVE, 0);
	as_rehash_does(system);
	stage_well(system, "hashdir", REQUEST_DISTRUST, 1);
	as_rehash_does(system);
	assert_false(is_found(system, 0));
	assert_false(is_found(system, 1));
	assert_true(is_found(system, 2));
	assert_true(is_found(system, 3));
}

static void links_of_before_openssl_1_are_kept_up_where_there_are_some(void **state)
{
	struct system *system = *state;

	if (!has_openssl())
		skip();
	put_pem(system, "d/x.pem", 3, 1);
	assert_true(feed_run(NULL, "cd '%s' && openssl rehash -compat d && ls d | wc -l | grep -qx 3",
			     system->dir));
	stage_well(system, "hashdir", REQUEST_TRUST, 4);
	assert_true(feed_run(NULL, "cd '%s' && ls d | wc -l | grep -qx 6", system->dir));
	stage_well(system, "hashdir", REQUEST_REMOVE, 3);
	assert_true(feed_run(NULL, "cd '%s' && ls d | wc -l | grep -qx 3", system->dir));
	assert_true(is_found(system, 4));
}

static void stale_and_dangling_links_gaps_and_files_without_a_link_are_mended(void **state)
{
	struct system *system = *state;

	if (!has_openssl())
		skip();
	put_pem(system, "d/a.pem", 0, 1);
	put_pem(system, "d/b.pem", 1, 1);
	put_pem(system, "d/x.pem", 3, 1);
	rehash(system);
	put_pem(system, "d/y.pem", 4, 1);
	assert_true(feed_run(NULL,
			     "cd '%s/d' && ln -s gone.pem 01234567.0 && ln -s x.pem 89abcdef.0 && "
			     "h=$(openssl x509 -hash -noout -in a.pem) && mv $h.1 $h.3 && touch words.txt",
			     system->dir));
	stage_well(system, "hashdir", REQUEST_TRUST, CERTIFICATES);
	as_rehash_does(system);
	assert_true(feed_run(NULL, "test -e '%s/d/words.txt'", system->dir));
}

static void files_that_are_named_by_a_hash_themselves_move_up_and_are_not_lost(void **state)
{
	struct system *system = *state;

	if (!has_openssl())
		skip();
	put_pem(system, "d/a.pem", 0, 1);
	assert_true(feed_run(NULL, "cd '%s/d' && mv a.pem $(openssl x509 -hash -noout -in a.pem).0",
			     system->dir));
	put_pem(system, "d/b.pem", 1, 1);
	assert_true(feed_run(NULL, "cd '%s/d' && mv b.pem $(openssl x509 -hash -noout -in b.pem).1",
			     system->dir));
	put_pem(system, "d/01234567.0", 3, 1);
	stage_well(system, "hashdir", REQUEST_REMOVE, 0);
	assert_false(is_found(system, 0));
	assert_true(is_found(system, 1));
	assert_true(feed_run(NULL, "test -e '%s/d/01234567.0'", system->dir));
	assert_int_equal(system->staged.notes.count, 1);
}

static void what_openssl_did_not_find_is_not_found_when_its_neighbour_goes(void **state)
{
	struct system *system = *state;

	put_pem(system, "d/several.pem", 0, 2);
	put_pem(system, "d/one.pem", 3, 1);
	stage_well(system, "hashdir", REQUEST_TRUST, 4);
	assert_false(stage(system, "hashdir", REQUEST_REMOVE, 0));
	assert_non_null(strstr(system->err.text,
			       "several.pem: it holds this certificate and one that OpenSSL does not find"));
	stage_well(system, "hashdir", REQUEST_TRUST, 1);
	stage_well(system, "hashdir", REQUEST_REMOVE, 0);
	assert_true(is_found(system, 1));
	assert_false(is_found(system, 0));
}

static void a_plain_directory_gets_a_file_and_loses_it_and_a_bundle_in_it_shrinks(void **state)
{
	struct system *system = *state;

	assert_true(feed_run(NULL, "rmdir '%s/d'", system->dir));
	stage_well(system, "dir", REQUEST_TRUST, 3);
	assert_true(feed_run(NULL, "test -e '%s/d/Root_3.crt'", system->dir));
	put_pem(system, "d/several.crt", 0, 3);
	stage_well(system, "dir", REQUEST_REMOVE, 1);
	stage_well(system, "dir", REQUEST_REMOVE, 3);
	assert_true(feed_run(NULL,
			     "test ! -e '%s/d/Root_3.crt' && grep -c BEGIN '%s/d/several.crt' | grep -qx 2",
			     system->dir, system->dir));
	stage_well(system, "dir", REQUEST_REMOVE, 0);
	assert_false(stage(system, "dir", REQUEST_REMOVE, 2));
	assert_non_null(strstr(system->err.text, "without anchors"));
	system->terms.allow_empty = true;
	stage_well(system, "dir", REQUEST_REMOVE, 2);
	assert_true(feed_run(NULL, "test -z \"$(ls '%s/d')\"", system->dir));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, system_end)
	const struct CMUnitTest tests[] = {
		TEST(certificates_of_one_name_come_and_go_and_openssl_finds_the_others),
		TEST(links_of_before_openssl_1_are_kept_up_where_there_are_some),
		TEST(stale_and_dangling_links_gaps_and_files_without_a_link_are_mended),
		TEST(files_that_are_named_by_a_hash_themselves_move_up_and_are_not_lost),
		TEST(what_openssl_did_not_find_is_not_found_when_its_neighbour_goes),
		TEST(a_plain_directory_gets_a_file_and_loses_it_and_a_bundle_in_it_shrinks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
