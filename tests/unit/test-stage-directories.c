/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is requested of a trust directory, and what p11-kit then says of it. */
#include "unit.h"

#include <stdio.h>
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

/* A directory, and the certificates that are asked for in it. */
struct tree {
	char *dir;
	struct store *wishes[3];
	size_t count;
};

static int begin(void **state)
{
	struct tree *tree = mem_zero(sizeof(*tree));

	tree->dir = feed_directory();
	*state = tree;
	return 0;
}

/* With Fedora's two directories, the second with two and three. */
static int begin_fedora(void **state)
{
	const struct tree *tree;

	begin(state);
	tree = *state;
	assert_true(feed_run(
		NULL,
		"cd %s && mkdir -p etc/pki/ca-trust/source/anchors etc/pki/ca-trust/source/blocklist "
		"usr/share/pki/ca-trust-source/anchors etc/pki/ca-trust/extracted/pem",
		tree->dir));
	trust_pem(tree->dir, "usr/share/pki/ca-trust-source/anchors/two.pem", &two);
	trust_pem(tree->dir, "usr/share/pki/ca-trust-source/anchors/three.pem", &three);
	return 0;
}

static int end(void **state)
{
	struct tree *tree = *state;

	for (size_t i = 0; i < tree->count; i++)
		store_free(tree->wishes[i]);
	feed_remove(tree->dir);
	free(tree);
	return 0;
}

static struct store *wishes(struct tree *tree)
{
	assert_true(tree->count < sizeof(tree->wishes) / sizeof(tree->wishes[0]));
	return tree->wishes[tree->count++] = store_new("wishes");
}

static struct anchor *wish(struct store *store, const struct make *how)
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
	struct anchor *anchor = wish(store, how);
	struct buf whole = { 0 };

	staple_write_extension(exts[EXT_NAME_CONSTRAINTS].oid, true, (struct bytes){ value, sizeof(value) },
			       &whole);
	assert_true(store_attach(store, anchor, buf_view(&whole)));
	buf_done(&whole);
	return anchor;
}

/* What p11-kit says of the tree now. */
static struct store *now(const struct tree *tree)
{
	struct place place;
	struct store *store;
	struct err err = { 0 };
	struct root root;

	assert_true(root_open(tree->dir, &root, &err));
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

static uint16_t trusted(const struct tree *tree, const struct anchor *anchor)
{
	struct store *store = now(tree);
	const struct anchor *found = store_find(store, anchor->id);
	uint16_t bits = found != NULL ? anchor_trusted(found) : 0;

	store_free(store);
	return bits;
}

static bool forbidden(const struct tree *tree, const struct anchor *anchor)
{
	struct store *store = now(tree);
	const struct anchor *found = store_find(store, anchor->id);
	bool is = found != NULL && found->distrusted == PURPOSES_ALL;

	store_free(store);
	return is;
}

static bool there(const struct tree *tree, const char *name)
{
	char *path = mem_print("%s/%s", tree->dir, name);
	struct stat st;
	bool is = lstat(path, &st) == 0;

	free(path);
	return is;
}

static enum outcome_kind ask(const struct tree *tree, enum request_kind kind, const struct anchor *anchor)
{
	return perform(&stager_fedora, tree->dir, NULL, kind, anchor);
}

static void trust_is_a_file_in_anchors_and_goes_when_it_is_removed(void **state)
{
	struct tree *tree = *state;
	const struct anchor *anchor = wish(wishes(tree), &one);

	assert_int_equal(ask(tree, REQUEST_TRUST, anchor), OUTCOME_DONE);
	assert_true(there(tree, "etc/pki/ca-trust/source/anchors/One_CA.pem"));
	assert_true(there(tree, "etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem"));
	assert_int_equal(trusted(tree, anchor), PURPOSES_ALL);
	assert_int_equal(ask(tree, REQUEST_TRUST, anchor), OUTCOME_ALREADY);
	assert_int_equal(ask(tree, REQUEST_REMOVE, anchor), OUTCOME_DONE);
	assert_false(there(tree, "etc/pki/ca-trust/source/anchors/One_CA.pem"));
	assert_int_equal(trusted(tree, anchor), 0);
	assert_int_equal(ask(tree, REQUEST_REMOVE, anchor), OUTCOME_ALREADY);
}

static void what_the_distribution_has_is_forbidden_and_lifted_again(void **state)
{
	struct tree *tree = *state;
	const struct anchor *anchor = wish(wishes(tree), &two);

	assert_int_equal(ask(tree, REQUEST_TRUST, anchor), OUTCOME_ALREADY);
	assert_int_equal(ask(tree, REQUEST_REMOVE, anchor), OUTCOME_FORBIDDEN);
	assert_true(there(tree, "etc/pki/ca-trust/source/blocklist/Two_CA.pem"));
	assert_true(forbidden(tree, anchor));
	assert_int_equal(ask(tree, REQUEST_DISTRUST, anchor), OUTCOME_ALREADY);
	assert_int_equal(ask(tree, REQUEST_LIFT, anchor), OUTCOME_DONE);
	assert_false(there(tree, "etc/pki/ca-trust/source/blocklist/Two_CA.pem"));
	assert_int_equal(trusted(tree, anchor), PURPOSES_ALL);
	assert_int_equal(ask(tree, REQUEST_DISTRUST, anchor), OUTCOME_DONE);
	assert_int_equal(ask(tree, REQUEST_TRUST, anchor), OUTCOME_DONE);
	assert_int_equal(trusted(tree, anchor), PURPOSES_ALL);
}

static void limits_are_one_file_with_the_certificate_and_replace_what_was_there(void **state)
{
	struct tree *tree = *state;
	const struct anchor *limited = constrained(wishes(tree), &one), *bare = wish(wishes(tree), &one);
	struct store *store;
	const struct anchor *found;

	assert_int_equal(ask(tree, REQUEST_TRUST, bare), OUTCOME_DONE);
	assert_int_equal(ask(tree, REQUEST_TRUST, limited), OUTCOME_DONE);
	assert_false(there(tree, "etc/pki/ca-trust/source/anchors/One_CA.pem"));
	assert_true(there(tree, "etc/pki/ca-trust/source/One_CA.p11-kit"));
	store = now(tree);
	found = trust_anchor(store, &one);
	assert_non_null(anchor_attached(found, exts[EXT_NAME_CONSTRAINTS].oid));
	store_free(store);
	assert_int_equal(ask(tree, REQUEST_TRUST, bare), OUTCOME_DONE);
	assert_false(there(tree, "etc/pki/ca-trust/source/One_CA.p11-kit"));
	assert_true(there(tree, "etc/pki/ca-trust/source/anchors/One_CA.pem"));
}

static void a_date_and_a_purpose_are_kept_and_read_back(void **state)
{
	struct tree *tree = *state;
	struct store *store;
	struct anchor *anchor = wish(wishes(tree), &one);
	struct buf file = { 0 };

	anchor->trusted = PURPOSE_BIT(PURPOSE_SERVER_AUTH);
	anchor->distrust_after[PURPOSE_SERVER_AUTH] = 1800000000;
	assert_int_equal(ask(tree, REQUEST_TRUST, anchor), OUTCOME_DONE);
	feed_load(tree->dir, "etc/pki/ca-trust/source/One_CA.p11-kit", &file);
	assert_non_null(memmem(file.at, file.len, "nss-server-distrust-after: \"270115080000Z\"", 43 - 2));
	assert_int_equal(trusted(tree, anchor), PURPOSE_BIT(PURPOSE_SERVER_AUTH));
	store = now(tree);
	assert_int_equal(trust_anchor(store, &one)->distrust_after[PURPOSE_SERVER_AUTH], 1800000000);
	store_free(store);
	buf_done(&file);
}

static void the_distributions_cannot_be_limited_and_that_is_said(void **state)
{
	struct tree *tree = *state;
	const struct anchor *limited = constrained(wishes(tree), &two);

	assert_int_equal(ask(tree, REQUEST_TRUST, limited), OUTCOME_CANNOT);
	assert_int_equal(trusted(tree, limited), PURPOSES_ALL);
}

static void of_a_file_with_several_only_the_one_goes(void **state)
{
	struct tree *tree = *state;
	struct store *store;
	const struct anchor *anchor = wish(wishes(tree), &one);
	struct buf file = { 0 }, want = { 0 };

	assert_true(feed_run(NULL, "mkdir %s/anchors %s/blocklist", tree->dir, tree->dir));
	trust_pem(tree->dir, "a", &two);
	trust_pem(tree->dir, "b", &one);
	trust_pem(tree->dir, "c", &three);
	assert_true(feed_run(
		NULL,
		"cd %s && { echo '# head'; cat a; echo '# the one'; cat b; echo '# third'; cat c; } "
		">anchors/all.crt && { echo '# head'; cat a; echo '# third'; cat c; } >want && rm a b c",
		tree->dir));
	feed_load(tree->dir, "want", &want);
	assert_true(feed_run(NULL, "rm %s/want", tree->dir));
	assert_int_equal(perform(&stager_p11kit, "/", tree->dir, REQUEST_REMOVE, anchor), OUTCOME_DONE);
	feed_load(tree->dir, "anchors/all.crt", &file);
	assert_int_equal(file.len, want.len);
	assert_memory_equal(file.at, want.at, want.len);
	store = trust_read_well("p11-kit", NULL, tree->dir);
	assert_int_equal(store->count, 2);
	trust_anchor(store, &two);
	trust_anchor(store, &three);
	store_free(store);
	buf_done(&file);
	buf_done(&want);
}

static void of_a_p11_kit_file_the_section_and_its_extensions_go(void **state)
{
	struct tree *tree = *state;
	struct store *all = wishes(tree), *store;
	const struct anchor *anchor;
	struct buf file = { 0 };

	wish(all, &two);
	constrained(all, &one);
	wish(all, &three);
	anchor = &all->anchors[1];
	assert_true(feed_run(NULL, "mkdir %s/anchors %s/blocklist", tree->dir, tree->dir));
	feed_write(&format_p11kit, all, &file);
	feed_file(tree->dir, "local.p11-kit", buf_view(&file));
	file.len = 0;
	assert_int_equal(perform(&stager_p11kit, "/", tree->dir, REQUEST_REMOVE, anchor), OUTCOME_DONE);
	feed_load(tree->dir, "local.p11-kit", &file);
	assert_null(memmem(file.at, file.len, "x-certificate-extension", 23));
	store = trust_read_well("p11-kit", NULL, tree->dir);
	assert_int_equal(store->count, 2);
	assert_int_equal(anchor_trusted(trust_anchor(store, &two)), PURPOSES_ALL);
	assert_int_equal(anchor_trusted(trust_anchor(store, &three)), PURPOSES_ALL);
	store_free(store);
	buf_done(&file);
}

static void an_issuer_and_serial_number_or_a_key_is_forbidden_by_itself(void **state)
{
	struct tree *tree = *state;
	struct store *asked = wishes(tree);
	const struct anchor *whole, *third;
	struct anchor *serial, *key;

	wish(asked, &two);
	wish(asked, &three);
	store_add_issuer_serial(asked, asked->anchors[0].cert.issuer, asked->anchors[0].cert.serial);
	store_add_key(asked, asked->anchors[1].cert.spki);
	whole = &asked->anchors[0];
	third = &asked->anchors[1];
	serial = &asked->anchors[2];
	key = &asked->anchors[3];
	assert_int_equal(ask(tree, REQUEST_DISTRUST, serial), OUTCOME_DONE);
	assert_true(forbidden(tree, whole));
	assert_int_equal(ask(tree, REQUEST_LIFT, whole), OUTCOME_DONE);
	assert_int_equal(trusted(tree, whole), PURPOSES_ALL);
	assert_int_equal(ask(tree, REQUEST_DISTRUST, key), OUTCOME_DONE);
	assert_true(forbidden(tree, third));
	assert_int_equal(ask(tree, REQUEST_LIFT, key), OUTCOME_DONE);
	assert_int_equal(trusted(tree, third), PURPOSES_ALL);
}

static void what_another_certificate_with_the_key_forbids_is_said_and_stays(void **state)
{
	struct tree *tree = *state;
	const struct anchor *anchor;

	anchor = wish(wishes(tree), &one);
	trust_pem(tree->dir, "etc/pki/ca-trust/source/blocklist/renewed.pem", &other_of_one);
	assert_int_equal(ask(tree, REQUEST_TRUST, anchor), OUTCOME_CANNOT);
	assert_true(there(tree, "etc/pki/ca-trust/source/blocklist/renewed.pem"));
	assert_int_equal(trusted(tree, anchor), 0);
}

static void two_with_one_key_have_one_set_of_limits(void **state)
{
	struct tree *tree = *state;
	const struct anchor *limited = constrained(wishes(tree), &one),
			    *bare = wish(wishes(tree), &other_of_one),
			    *renewed = constrained(wishes(tree), &other_of_one);

	assert_int_equal(ask(tree, REQUEST_TRUST, limited), OUTCOME_DONE);
	assert_int_equal(ask(tree, REQUEST_TRUST, bare), OUTCOME_CANNOT);
	assert_false(there(tree, "etc/pki/ca-trust/source/anchors/Renewed_CA.pem"));
	assert_int_equal(ask(tree, REQUEST_TRUST, renewed), OUTCOME_DONE);
	assert_int_equal(ask(tree, REQUEST_REMOVE, limited), OUTCOME_DONE);
	assert_int_equal(ask(tree, REQUEST_TRUST, bare), OUTCOME_DONE);
	assert_int_equal(trusted(tree, bare), PURPOSES_ALL);
}

static void one_of_two_that_forbid_a_key_is_lifted_and_the_other_is_told(void **state)
{
	struct tree *tree = *state;
	const struct anchor *anchor = wish(wishes(tree), &one), *renewed = wish(wishes(tree), &other_of_one);

	assert_int_equal(ask(tree, REQUEST_TRUST, anchor), OUTCOME_DONE);
	assert_int_equal(ask(tree, REQUEST_DISTRUST, anchor), OUTCOME_DONE);
	assert_int_equal(ask(tree, REQUEST_DISTRUST, renewed), OUTCOME_DONE);
	assert_int_equal(ask(tree, REQUEST_LIFT, anchor), OUTCOME_DONE);
	assert_int_equal(trusted(tree, anchor), 0);
	assert_int_equal(ask(tree, REQUEST_LIFT, renewed), OUTCOME_DONE);
	assert_int_equal(trusted(tree, anchor), PURPOSES_ALL);
}

static void another_that_ends_with_a_forbidden_key_is_told(void **state)
{
	struct tree *tree = *state;
	const struct anchor *anchor = wish(wishes(tree), &one), *renewed = wish(wishes(tree), &other_of_one);
	struct requests requests = { 0 };
	struct staged staged = { 0 };

	assert_int_equal(ask(tree, REQUEST_TRUST, anchor), OUTCOME_DONE);
	assert_int_equal(ask(tree, REQUEST_TRUST, renewed), OUTCOME_DONE);
	requests_add(&requests, REQUEST_DISTRUST, anchor);
	perform_stage(&stager_fedora, tree->dir, NULL, &requests, &staged);
	assert_int_equal(staged.outcomes[0].kind, OUTCOME_DONE);
	assert_non_null(strstr(staged.outcomes[0].text, "Renewed_CA.pem' has another with its key"));
	assert_non_null(strstr(staged.outcomes[0].text, "then forbids too"));
	staged_done(&staged);
	assert_int_equal(ask(tree, REQUEST_DISTRUST, anchor), OUTCOME_DONE);
	for (int i = 0; i < 2; i++) {
		requests.all[0].kind = i == 0 ? REQUEST_TRUST : REQUEST_LIFT;
		perform_stage(&stager_fedora, tree->dir, NULL, &requests, &staged);
		assert_non_null(strstr(staged.outcomes[0].text, "Renewed_CA.pem' has another with its key"));
		assert_non_null(strstr(staged.outcomes[0].text, "then trusts again too"));
		staged_done(&staged);
	}
	requests_done(&requests);
}

static void a_name_that_is_taken_gets_a_number_and_no_file_is_lost(void **state)
{
	struct tree *tree = *state;
	const struct anchor *anchor;

	anchor = wish(wishes(tree), &one);
	trust_text(tree->dir, "etc/pki/ca-trust/source/anchors/One_CA.pem", "something else\n");
	assert_int_equal(ask(tree, REQUEST_TRUST, anchor), OUTCOME_DONE);
	assert_true(there(tree, "etc/pki/ca-trust/source/anchors/One_CA.1.pem"));
}

static void an_empty_result_is_refused(void **state)
{
	struct tree *tree = *state;
	struct target target = { .name = (char *)"system", .stager = &stager_fedora };
	const struct terms strict = { .at = 1 }, free_hand = { .at = 1, .allow_empty = true };
	struct store *asked = wishes(tree);
	struct requests requests = { 0 };
	struct staged staged = { 0 };
	struct err err = { 0 };
	struct root root;

	wish(asked, &two);
	wish(asked, &three);
	ask(tree, REQUEST_TRUST, &asked->anchors[0]);
	requests_add(&requests, REQUEST_DISTRUST, &asked->anchors[0]);
	requests_add(&requests, REQUEST_DISTRUST, &asked->anchors[1]);
	assert_true(root_open(tree->dir, &root, &err));
	assert_false(stager_fedora.stage(&root, &target, &requests, &strict, &staged, &err));
	assert_non_null(strstr(err.text, "nothing would be left"));
	assert_true(stager_fedora.stage(&root, &target, &requests, &free_hand, &staged, &err));
	staged_done(&staged);
	root_done(&root);
	requests_done(&requests);
}

static void what_only_an_old_p11_kit_reads_is_noted(void **state)
{
	struct tree *tree = *state;
	struct requests none = { 0 };
	struct staged staged;
	bool noted = false;

	assert_true(feed_run(NULL, "mkdir %s/etc/pki/ca-trust/source/blacklist", tree->dir));
	trust_pem(tree->dir, "etc/pki/ca-trust/source/blacklist/two.pem", &two);
	perform_stage(&stager_fedora, tree->dir, NULL, &none, &staged);
	for (size_t i = 0; i < staged.notes.count; i++)
		noted |= strstr(staged.notes.all[i], "NOT forbidden") != NULL;
	assert_true(noted);
	staged_done(&staged);
}

static void where_only_the_old_folder_is_there_it_is_the_one_that_forbids(void **state)
{
	struct tree *tree = *state;
	const struct anchor *anchor = wish(wishes(tree), &two);
	struct buf bundle = { 0 };

	assert_true(feed_run(NULL, "cd %s/etc/pki/ca-trust/source && rmdir blocklist && mkdir blacklist",
			     tree->dir));
	assert_int_equal(ask(tree, REQUEST_DISTRUST, anchor), OUTCOME_DONE);
	assert_true(there(tree, "etc/pki/ca-trust/source/blacklist/Two_CA.pem"));
	feed_load(tree->dir, "etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", &bundle);
	assert_null(memmem(bundle.at, bundle.len, "Two CA", 6));
	assert_non_null(memmem(bundle.at, bundle.len, "Three CA", 8));
	assert_int_equal(ask(tree, REQUEST_DISTRUST, anchor), OUTCOME_ALREADY);
	assert_int_equal(ask(tree, REQUEST_LIFT, anchor), OUTCOME_DONE);
	assert_false(there(tree, "etc/pki/ca-trust/source/blacklist/Two_CA.pem"));
	buf_done(&bundle);
}

int main(void)
{
#define BARE(name)   cmocka_unit_test_setup_teardown(name, begin, end)
#define FEDORA(name) cmocka_unit_test_setup_teardown(name, begin_fedora, end)
	const struct CMUnitTest tests[] = {
		FEDORA(trust_is_a_file_in_anchors_and_goes_when_it_is_removed),
		FEDORA(what_the_distribution_has_is_forbidden_and_lifted_again),
		FEDORA(limits_are_one_file_with_the_certificate_and_replace_what_was_there),
		FEDORA(a_date_and_a_purpose_are_kept_and_read_back),
		FEDORA(the_distributions_cannot_be_limited_and_that_is_said),
		BARE(of_a_file_with_several_only_the_one_goes),
		BARE(of_a_p11_kit_file_the_section_and_its_extensions_go),
		FEDORA(an_issuer_and_serial_number_or_a_key_is_forbidden_by_itself),
		FEDORA(what_another_certificate_with_the_key_forbids_is_said_and_stays),
		FEDORA(two_with_one_key_have_one_set_of_limits),
		FEDORA(one_of_two_that_forbid_a_key_is_lifted_and_the_other_is_told),
		FEDORA(another_that_ends_with_a_forbidden_key_is_told),
		FEDORA(a_name_that_is_taken_gets_a_number_and_no_file_is_lost),
		FEDORA(an_empty_result_is_refused),
		FEDORA(what_only_an_old_p11_kit_reads_is_noted),
		FEDORA(where_only_the_old_folder_is_there_it_is_the_one_that_forbids),
	};

	if (!trust_module_is_here()) {
		puts("1..0 # SKIP p11-kit's trust module is not here");
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
