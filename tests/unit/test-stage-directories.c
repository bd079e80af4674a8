/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is requested of a trust directory, and what p11-kit then says of it. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/root.h"
#include "feed.h"
#include "format/format.h"
#include "medium/medium.h"
#include "model/anchor.h"
#include "model/place.h"
#include "model/staple.h"
#include "perform.h"
#include "stage/stager.h"
#include "trust.h"

static const struct make one = { .cn = "One CA", .key = 1, .serial = 1 },
			 two = { .cn = "Two CA", .key = 2, .serial = 2 },
			 three = { .cn = "Three CA", .key = 3, .serial = 3 },
			 other_of_one = { .cn = "Renewed CA", .key = 1, .serial = 9 };

/* A tree with Fedora's two directories, the second with two and three. */
static char *tree(void)
{
	char *dir = feed_directory();

	assert_true(
		feed_run(NULL,
			 "mkdir -p %s/etc/pki/ca-trust/source/anchors %s/etc/pki/ca-trust/source/blocklist "
			 "%s/usr/share/pki/ca-trust-source/anchors %s/etc/pki/ca-trust/extracted/pem",
			 dir, dir, dir, dir));
	trust_pem(dir, "usr/share/pki/ca-trust-source/anchors/two.pem", &two);
	trust_pem(dir, "usr/share/pki/ca-trust-source/anchors/three.pem", &three);
	return dir;
}

static const struct anchor *wish(struct store *store, const struct make *how)
{
	struct buf der = { 0 };
	struct anchor *anchor;

	make_cert(how, &der);
	anchor = store_add(store, buf_view(&der), 0);
	anchor->trusted = PURPOSES_ALL;
	buf_done(&der);
	return anchor;
}

/* Permitted subtree corp.example, critical. */
static struct anchor *constrained(struct store *store, const struct make *how)
{
	static const uint8_t value[] = { 0x30, 0x12, 0xa0, 0x10, 0x30, 0x0e, 0x82, 0x0c, 'c', 'o',
					 'r',  'p',  '.',  'e',  'x',  'a',  'm',  'p',  'l', 'e' };
	struct anchor *anchor = (struct anchor *)wish(store, how);
	struct buf whole = { 0 };

	staple_write_extension(exts[EXT_NAME_CONSTRAINTS].oid, true, (struct bytes){ value, sizeof(value) },
			       &whole);
	assert_true(store_attach(store, anchor, buf_view(&whole)));
	buf_done(&whole);
	return anchor;
}

/* What p11-kit says of the tree now. */
static struct store *now(const char *dir)
{
	struct place place;
	struct store *store;
	struct err err = { 0 };
	struct root root;

	assert_true(root_open(dir, &root, &err));
	place_set(&place, "now", "p11-kit");
	place_add_path(&place, "/etc/pki/ca-trust/source");
	place_add_path(&place, "/usr/share/pki/ca-trust-source");
	store = medium_read(&place, &root, &err);
	if (store == NULL)
		fail_msg("%s", err.text);
	place_done(&place);
	root_done(&root);
	return store;
}

static uint16_t trusted(const char *dir, const struct anchor *anchor)
{
	struct store *store = now(dir);
	const struct anchor *found = store_find(store, anchor->id);
	uint16_t bits = found != NULL ? anchor_trusted(found) : 0;

	store_free(store);
	return bits;
}

static bool forbidden(const char *dir, const struct anchor *anchor)
{
	struct store *store = now(dir);
	const struct anchor *found = store_find(store, anchor->id);
	bool is = found != NULL && found->distrusted == PURPOSES_ALL;

	store_free(store);
	return is;
}

static bool there(const char *dir, const char *name)
{
	char *path = mem_print("%s/%s", dir, name);
	struct stat st;
	bool is = lstat(path, &st) == 0;

	free(path);
	return is;
}

static bool missing(void)
{
	if (trust_module_is_here())
		return false;
	skip();
	return true;
}

static void trust_is_a_file_in_anchors_and_goes_when_it_is_removed(void **state)
{
	struct store *wishes = store_new("wishes");
	const struct anchor *anchor = wish(wishes, &one);
	char *dir;

	(void)state;
	if (missing())
		return;
	dir = tree();
	assert_int_equal(perform(&stager_fedora, dir, NULL, REQUEST_TRUST, anchor), OUTCOME_DONE);
	assert_true(there(dir, "etc/pki/ca-trust/source/anchors/One_CA.pem"));
	assert_true(there(dir, "etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem"));
	assert_int_equal(trusted(dir, anchor), PURPOSES_ALL);
	assert_int_equal(perform(&stager_fedora, dir, NULL, REQUEST_TRUST, anchor), OUTCOME_ALREADY);
	assert_int_equal(perform(&stager_fedora, dir, NULL, REQUEST_REMOVE, anchor), OUTCOME_DONE);
	assert_false(there(dir, "etc/pki/ca-trust/source/anchors/One_CA.pem"));
	assert_int_equal(trusted(dir, anchor), 0);
	assert_int_equal(perform(&stager_fedora, dir, NULL, REQUEST_REMOVE, anchor), OUTCOME_ALREADY);
	feed_remove(dir);
	store_free(wishes);
}

static void what_the_distribution_has_is_forbidden_and_lifted_again(void **state)
{
	struct store *wishes = store_new("wishes");
	const struct anchor *anchor = wish(wishes, &two);
	char *dir;

	(void)state;
	if (missing())
		return;
	dir = tree();
	assert_int_equal(perform(&stager_fedora, dir, NULL, REQUEST_TRUST, anchor), OUTCOME_ALREADY);
	assert_int_equal(perform(&stager_fedora, dir, NULL, REQUEST_REMOVE, anchor), OUTCOME_FORBIDDEN);
	assert_true(there(dir, "etc/pki/ca-trust/source/blocklist/Two_CA.pem"));
	assert_true(forbidden(dir, anchor));
	assert_int_equal(perform(&stager_fedora, dir, NULL, REQUEST_DISTRUST, anchor), OUTCOME_ALREADY);
	assert_int_equal(perform(&stager_fedora, dir, NULL, REQUEST_LIFT, anchor), OUTCOME_DONE);
	assert_false(there(dir, "etc/pki/ca-trust/source/blocklist/Two_CA.pem"));
	assert_int_equal(trusted(dir, anchor), PURPOSES_ALL);
	assert_int_equal(perform(&stager_fedora, dir, NULL, REQUEST_DISTRUST, anchor), OUTCOME_DONE);
	assert_int_equal(perform(&stager_fedora, dir, NULL, REQUEST_TRUST, anchor), OUTCOME_DONE);
	assert_int_equal(trusted(dir, anchor), PURPOSES_ALL);
	feed_remove(dir);
	store_free(wishes);
}

static void limits_are_one_file_with_the_certificate_and_replace_what_was_there(void **state)
{
	struct store *wishes = store_new("wishes"), *plain = store_new("plain");
	const struct anchor *limited = constrained(wishes, &one), *bare = wish(plain, &one);
	char *dir;
	struct store *store;
	const struct anchor *found;

	(void)state;
	if (missing())
		return;
	dir = tree();
	assert_int_equal(perform(&stager_fedora, dir, NULL, REQUEST_TRUST, bare), OUTCOME_DONE);
	assert_int_equal(perform(&stager_fedora, dir, NULL, REQUEST_TRUST, limited), OUTCOME_DONE);
	assert_false(there(dir, "etc/pki/ca-trust/source/anchors/One_CA.pem"));
	assert_true(there(dir, "etc/pki/ca-trust/source/One_CA.p11-kit"));
	store = now(dir);
	found = trust_anchor(store, &one);
	assert_non_null(anchor_attached(found, exts[EXT_NAME_CONSTRAINTS].oid));
	store_free(store);
	assert_int_equal(perform(&stager_fedora, dir, NULL, REQUEST_TRUST, bare), OUTCOME_DONE);
	assert_false(there(dir, "etc/pki/ca-trust/source/One_CA.p11-kit"));
	assert_true(there(dir, "etc/pki/ca-trust/source/anchors/One_CA.pem"));
	feed_remove(dir);
	store_free(wishes);
	store_free(plain);
}

static void a_date_and_a_purpose_are_kept_and_read_back(void **state)
{
	struct store *wishes = store_new("wishes"), *store;
	struct anchor *anchor = (struct anchor *)wish(wishes, &one);
	struct buf file = { 0 };
	char *dir;

	(void)state;
	if (missing())
		return;
	dir = tree();
	anchor->trusted = PURPOSE_BIT(PURPOSE_SERVER_AUTH);
	anchor->distrust_after[PURPOSE_SERVER_AUTH] = 1800000000;
	assert_int_equal(perform(&stager_fedora, dir, NULL, REQUEST_TRUST, anchor), OUTCOME_DONE);
	feed_load(dir, "etc/pki/ca-trust/source/One_CA.p11-kit", &file);
	assert_non_null(memmem(file.at, file.len, "nss-server-distrust-after: \"270115080000Z\"", 43 - 2));
	assert_int_equal(trusted(dir, anchor), PURPOSE_BIT(PURPOSE_SERVER_AUTH));
	store = now(dir);
	assert_int_equal(trust_anchor(store, &one)->distrust_after[PURPOSE_SERVER_AUTH], 1800000000);
	store_free(store);
	buf_done(&file);
	feed_remove(dir);
	store_free(wishes);
}

static void the_distributions_cannot_be_limited_and_that_is_said(void **state)
{
	struct store *wishes = store_new("wishes");
	const struct anchor *limited = constrained(wishes, &two);
	char *dir;

	(void)state;
	if (missing())
		return;
	dir = tree();
	assert_int_equal(perform(&stager_fedora, dir, NULL, REQUEST_TRUST, limited), OUTCOME_CANNOT);
	assert_int_equal(trusted(dir, limited), PURPOSES_ALL);
	feed_remove(dir);
	store_free(wishes);
}

static void of_a_file_with_several_only_the_one_goes(void **state)
{
	struct store *wishes = store_new("wishes"), *store;
	const struct anchor *anchor = wish(wishes, &one);
	struct buf file = { 0 }, want = { 0 };
	char *dir;

	(void)state;
	if (missing())
		return;
	dir = feed_directory();
	assert_true(feed_run(NULL, "mkdir %s/anchors %s/blocklist", dir, dir));
	trust_pem(dir, "a", &two);
	trust_pem(dir, "b", &one);
	trust_pem(dir, "c", &three);
	assert_true(feed_run(
		NULL,
		"cd %s && { echo '# head'; cat a; echo '# the one'; cat b; echo '# third'; cat c; } "
		">anchors/all.crt && { echo '# head'; cat a; echo '# third'; cat c; } >want && rm a b c",
		dir));
	feed_load(dir, "want", &want);
	assert_true(feed_run(NULL, "rm %s/want", dir));
	assert_int_equal(perform(&stager_p11kit, "/", dir, REQUEST_REMOVE, anchor), OUTCOME_DONE);
	feed_load(dir, "anchors/all.crt", &file);
	assert_int_equal(file.len, want.len);
	assert_memory_equal(file.at, want.at, want.len);
	store = trust_read_well("p11-kit", NULL, dir);
	assert_int_equal(store->count, 2);
	trust_anchor(store, &two);
	trust_anchor(store, &three);
	store_free(store);
	buf_done(&file);
	buf_done(&want);
	feed_remove(dir);
	store_free(wishes);
}

static void of_a_p11_kit_file_the_section_and_its_extensions_go(void **state)
{
	struct store *all = store_new("all"), *store;
	const struct anchor *anchor;
	struct buf file = { 0 };
	char *dir;

	(void)state;
	if (missing())
		return;
	wish(all, &two);
	constrained(all, &one);
	wish(all, &three);
	anchor = &all->anchors[1];
	dir = feed_directory();
	assert_true(feed_run(NULL, "mkdir %s/anchors %s/blocklist", dir, dir));
	feed_write(&format_p11kit, all, &file);
	feed_file(dir, "local.p11-kit", buf_view(&file));
	file.len = 0;
	assert_int_equal(perform(&stager_p11kit, "/", dir, REQUEST_REMOVE, anchor), OUTCOME_DONE);
	feed_load(dir, "local.p11-kit", &file);
	assert_null(memmem(file.at, file.len, "x-certificate-extension", 23));
	store = trust_read_well("p11-kit", NULL, dir);
	assert_int_equal(store->count, 2);
	assert_int_equal(anchor_trusted(trust_anchor(store, &two)), PURPOSES_ALL);
	assert_int_equal(anchor_trusted(trust_anchor(store, &three)), PURPOSES_ALL);
	store_free(store);
	buf_done(&file);
	feed_remove(dir);
	store_free(all);
}

static void an_issuer_and_serial_number_or_a_key_is_forbidden_by_itself(void **state)
{
	struct store *wishes = store_new("wishes");
	const struct anchor *whole, *third;
	struct anchor *serial, *key;
	char *dir;

	(void)state;
	if (missing())
		return;
	wish(wishes, &two);
	wish(wishes, &three);
	store_add_issuer_serial(wishes, wishes->anchors[0].cert.issuer, wishes->anchors[0].cert.serial);
	store_add_key(wishes, wishes->anchors[1].cert.spki);
	whole = &wishes->anchors[0];
	third = &wishes->anchors[1];
	serial = &wishes->anchors[2];
	key = &wishes->anchors[3];
	dir = tree();
	assert_int_equal(perform(&stager_fedora, dir, NULL, REQUEST_DISTRUST, serial), OUTCOME_DONE);
	assert_true(forbidden(dir, whole));
	assert_int_equal(perform(&stager_fedora, dir, NULL, REQUEST_LIFT, whole), OUTCOME_DONE);
	assert_int_equal(trusted(dir, whole), PURPOSES_ALL);
	assert_int_equal(perform(&stager_fedora, dir, NULL, REQUEST_DISTRUST, key), OUTCOME_DONE);
	assert_true(forbidden(dir, third));
	assert_int_equal(perform(&stager_fedora, dir, NULL, REQUEST_LIFT, key), OUTCOME_DONE);
	assert_int_equal(trusted(dir, third), PURPOSES_ALL);
	feed_remove(dir);
	store_free(wishes);
}

static void what_another_certificate_with_the_key_forbids_is_said_and_stays(void **state)
{
	struct store *wishes = store_new("wishes");
	const struct anchor *anchor;
	char *dir;

	(void)state;
	if (missing())
		return;
	anchor = wish(wishes, &one);
	dir = tree();
	trust_pem(dir, "etc/pki/ca-trust/source/blocklist/renewed.pem", &other_of_one);
	assert_int_equal(perform(&stager_fedora, dir, NULL, REQUEST_TRUST, anchor), OUTCOME_CANNOT);
	assert_true(there(dir, "etc/pki/ca-trust/source/blocklist/renewed.pem"));
	assert_int_equal(trusted(dir, anchor), 0);
	feed_remove(dir);
	store_free(wishes);
}

static void two_with_one_key_have_one_set_of_limits(void **state)
{
	struct store *wishes = store_new("wishes"), *plain = store_new("plain"), *same = store_new("same");
	const struct anchor *limited = constrained(wishes, &one), *bare = wish(plain, &other_of_one),
			    *renewed = constrained(same, &other_of_one);
	char *dir;

	(void)state;
	if (missing())
		return;
	dir = tree();
	assert_int_equal(perform(&stager_fedora, dir, NULL, REQUEST_TRUST, limited), OUTCOME_DONE);
	assert_int_equal(perform(&stager_fedora, dir, NULL, REQUEST_TRUST, bare), OUTCOME_CANNOT);
	assert_false(there(dir, "etc/pki/ca-trust/source/anchors/Renewed_CA.pem"));
	assert_int_equal(perform(&stager_fedora, dir, NULL, REQUEST_TRUST, renewed), OUTCOME_DONE);
	assert_int_equal(perform(&stager_fedora, dir, NULL, REQUEST_REMOVE, limited), OUTCOME_DONE);
	assert_int_equal(perform(&stager_fedora, dir, NULL, REQUEST_TRUST, bare), OUTCOME_DONE);
	assert_int_equal(trusted(dir, bare), PURPOSES_ALL);
	feed_remove(dir);
	store_free(wishes);
	store_free(plain);
	store_free(same);
}

static void one_of_two_that_forbid_a_key_is_lifted_and_the_other_is_told(void **state)
{
	struct store *wishes = store_new("wishes"), *others = store_new("others");
	const struct anchor *anchor = wish(wishes, &one), *renewed = wish(others, &other_of_one);
	char *dir;

	(void)state;
	if (missing())
		return;
	dir = tree();
	assert_int_equal(perform(&stager_fedora, dir, NULL, REQUEST_TRUST, anchor), OUTCOME_DONE);
	assert_int_equal(perform(&stager_fedora, dir, NULL, REQUEST_DISTRUST, anchor), OUTCOME_DONE);
	assert_int_equal(perform(&stager_fedora, dir, NULL, REQUEST_DISTRUST, renewed), OUTCOME_DONE);
	assert_int_equal(perform(&stager_fedora, dir, NULL, REQUEST_LIFT, anchor), OUTCOME_DONE);
	assert_int_equal(trusted(dir, anchor), 0);
	assert_int_equal(perform(&stager_fedora, dir, NULL, REQUEST_LIFT, renewed), OUTCOME_DONE);
	assert_int_equal(trusted(dir, anchor), PURPOSES_ALL);
	feed_remove(dir);
	store_free(wishes);
	store_free(others);
}

static void another_that_ends_with_a_forbidden_key_is_told(void **state)
{
	struct store *wishes = store_new("wishes"), *others = store_new("others");
	const struct anchor *anchor = wish(wishes, &one), *renewed = wish(others, &other_of_one);
	struct requests requests = { 0 };
	struct staged staged = { 0 };
	char *dir;

	(void)state;
	if (missing())
		return;
	dir = tree();
	assert_int_equal(perform(&stager_fedora, dir, NULL, REQUEST_TRUST, anchor), OUTCOME_DONE);
	assert_int_equal(perform(&stager_fedora, dir, NULL, REQUEST_TRUST, renewed), OUTCOME_DONE);
	requests_add(&requests, REQUEST_DISTRUST, anchor);
	perform_stage(&stager_fedora, dir, NULL, &requests, &staged);
	assert_int_equal(staged.outcomes[0].kind, OUTCOME_DONE);
	assert_non_null(strstr(staged.outcomes[0].text, "Renewed_CA.pem' has another with its key"));
	assert_non_null(strstr(staged.outcomes[0].text, "then forbids too"));
	staged_done(&staged);
	assert_int_equal(perform(&stager_fedora, dir, NULL, REQUEST_DISTRUST, anchor), OUTCOME_DONE);
	for (int i = 0; i < 2; i++) {
		requests.all[0].kind = i == 0 ? REQUEST_TRUST : REQUEST_LIFT;
		perform_stage(&stager_fedora, dir, NULL, &requests, &staged);
		assert_non_null(strstr(staged.outcomes[0].text, "Renewed_CA.pem' has another with its key"));
		assert_non_null(strstr(staged.outcomes[0].text, "then trusts again too"));
		staged_done(&staged);
	}
	requests_done(&requests);
	feed_remove(dir);
	store_free(wishes);
	store_free(others);
}

static void a_name_that_is_taken_gets_a_number_and_no_file_is_lost(void **state)
{
	struct store *wishes = store_new("wishes");
	const struct anchor *anchor;
	char *dir;

	(void)state;
	if (missing())
		return;
	anchor = wish(wishes, &one);
	dir = tree();
	trust_text(dir, "etc/pki/ca-trust/source/anchors/One_CA.pem", "something else\n");
	assert_int_equal(perform(&stager_fedora, dir, NULL, REQUEST_TRUST, anchor), OUTCOME_DONE);
	assert_true(there(dir, "etc/pki/ca-trust/source/anchors/One_CA.1.pem"));
	feed_remove(dir);
	store_free(wishes);
}

static void an_empty_result_is_refused(void **state)
{
	struct target target = { .name = (char *)"system", .stager = &stager_fedora };
	const struct terms strict = { .at = 1 }, free_hand = { .at = 1, .allow_empty = true };
	struct store *wishes = store_new("wishes");
	struct requests requests = { 0 };
	struct staged staged = { 0 };
	struct err err = { 0 };
	struct root root;
	char *dir;

	(void)state;
	if (missing())
		return;
	wish(wishes, &two);
	wish(wishes, &three);
	dir = tree();
	perform(&stager_fedora, dir, NULL, REQUEST_TRUST, &wishes->anchors[0]);
	requests_add(&requests, REQUEST_DISTRUST, &wishes->anchors[0]);
	requests_add(&requests, REQUEST_DISTRUST, &wishes->anchors[1]);
	assert_true(root_open(dir, &root, &err));
	assert_false(stager_fedora.stage(&root, &target, &requests, &strict, &staged, &err));
	assert_non_null(strstr(err.text, "nothing would be left"));
	assert_true(stager_fedora.stage(&root, &target, &requests, &free_hand, &staged, &err));
	staged_done(&staged);
	root_done(&root);
	requests_done(&requests);
	feed_remove(dir);
	store_free(wishes);
}

static void what_only_an_old_p11_kit_reads_is_noted(void **state)
{
	struct requests none = { 0 };
	struct staged staged;
	bool noted = false;
	char *dir;

	(void)state;
	if (missing())
		return;
	dir = tree();
	assert_true(feed_run(NULL, "mkdir %s/etc/pki/ca-trust/source/blacklist", dir));
	trust_pem(dir, "etc/pki/ca-trust/source/blacklist/two.pem", &two);
	perform_stage(&stager_fedora, dir, NULL, &none, &staged);
	for (size_t i = 0; i < staged.notes.count; i++)
		noted |= strstr(staged.notes.all[i], "NOT forbidden") != NULL;
	assert_true(noted);
	staged_done(&staged);
	feed_remove(dir);
}

static void where_only_the_old_folder_is_there_it_is_the_one_that_forbids(void **state)
{
	struct store *wishes = store_new("wishes");
	const struct anchor *anchor = wish(wishes, &two);
	struct buf bundle = { 0 };
	char *dir;

	(void)state;
	if (missing())
		return;
	dir = tree();
	assert_true(
		feed_run(NULL, "cd %s/etc/pki/ca-trust/source && rmdir blocklist && mkdir blacklist", dir));
	assert_int_equal(perform(&stager_fedora, dir, NULL, REQUEST_DISTRUST, anchor), OUTCOME_DONE);
	assert_true(there(dir, "etc/pki/ca-trust/source/blacklist/Two_CA.pem"));
	feed_load(dir, "etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", &bundle);
	assert_null(memmem(bundle.at, bundle.len, "Two CA", 6));
	assert_non_null(memmem(bundle.at, bundle.len, "Three CA", 8));
	assert_int_equal(perform(&stager_fedora, dir, NULL, REQUEST_DISTRUST, anchor), OUTCOME_ALREADY);
	assert_int_equal(perform(&stager_fedora, dir, NULL, REQUEST_LIFT, anchor), OUTCOME_DONE);
	assert_false(there(dir, "etc/pki/ca-trust/source/blacklist/Two_CA.pem"));
	buf_done(&bundle);
	feed_remove(dir);
	store_free(wishes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(trust_is_a_file_in_anchors_and_goes_when_it_is_removed),
		cmocka_unit_test(what_the_distribution_has_is_forbidden_and_lifted_again),
		cmocka_unit_test(limits_are_one_file_with_the_certificate_and_replace_what_was_there),
		cmocka_unit_test(a_date_and_a_purpose_are_kept_and_read_back),
		cmocka_unit_test(the_distributions_cannot_be_limited_and_that_is_said),
		cmocka_unit_test(of_a_file_with_several_only_the_one_goes),
		cmocka_unit_test(of_a_p11_kit_file_the_section_and_its_extensions_go),
		cmocka_unit_test(an_issuer_and_serial_number_or_a_key_is_forbidden_by_itself),
		cmocka_unit_test(what_another_certificate_with_the_key_forbids_is_said_and_stays),
		cmocka_unit_test(two_with_one_key_have_one_set_of_limits),
		cmocka_unit_test(one_of_two_that_forbid_a_key_is_lifted_and_the_other_is_told),
		cmocka_unit_test(another_that_ends_with_a_forbidden_key_is_told),
		cmocka_unit_test(a_name_that_is_taken_gets_a_number_and_no_file_is_lost),
		cmocka_unit_test(an_empty_result_is_refused),
		cmocka_unit_test(what_only_an_old_p11_kit_reads_is_noted),
		cmocka_unit_test(where_only_the_old_folder_is_there_it_is_the_one_that_forbids),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
