/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "feed.h"
#include "make.h"
#include "medium/file.h"
#include "model/name.h"
#include "system.h"

#define CONF     "/etc/ca-certificates.conf"
#define PACKAGED "/usr/share/ca-certificates/mozilla/"
#define LOCAL    "/usr/local/share/ca-certificates/"
#define CERTS    "/etc/ssl/certs/"
#define BUNDLE   CERTS "ca-certificates.crt"
#define BEGIN    "-----BEGIN CERTIFICATE-----"

static int begin(void **state)
{
	struct system *system;

	system_begin(state);
	system = *state;
	system_text(system, CONF, "# a comment\nmozilla/Alder.crt\n\n!mozilla/Birch.crt\nmozilla/Gone.crt");
	system_cert(system, PACKAGED "Alder.crt", "Alder", 1);
	system_cert(system, PACKAGED "Birch.crt", "Birch", 2);
	return 0;
}

static bool stage(struct system *system)
{
	return system_stage(system, &stager_debian);
}

/* The name of a certificate's hash link. */
static char *hash_link(struct system *system, const char *name, unsigned number)
{
	uint32_t hash;

	assert_true(name_hash(system_anchor(system, name, 1)->cert.subject, &hash));
	return mem_print(CERTS "%08x.%u", hash, number);
}

static void systems_are_told_apart_by_their_trees(void **state)
{
	struct system *system = *state;

	assert_ptr_equal(stager_system(&system->root), &stager_debian);
	system_text(system, "/etc/alpine-release", "3.20\n");
	assert_ptr_equal(stager_system(&system->root), &stager_alpine);
}

static void suse_has_a_program_of_that_name_and_is_another(void **state)
{
	struct system *system = *state;

	system_text(system, "/usr/sbin/update-ca-certificates", "#!/bin/bash\n");
	assert_true(stager_debian.is(&system->root));
	system_text(system, "/usr/share/pki/trust/x", "");
	assert_false(stager_debian.is(&system->root));
	assert_false(stager_alpine.is(&system->root));
}

static void what_is_selected_becomes_links_and_a_bundle(void **state)
{
	struct system *system = *state;
	char *link = hash_link(system, "Alder", 0);

	system_cert(system, LOCAL "deep/in/Corp (x), y.crt", "Corp", 3);
	assert_true(stage(system));
	assert_true(system_leads(system, CERTS "Alder.pem", "../../.." PACKAGED "Alder.crt"));
	assert_true(
		system_leads(system, CERTS "Corp_=x=__y.pem", "../../.." LOCAL "deep/in/Corp (x), y.crt"));
	assert_true(system_leads(system, link, "Alder.pem"));
	assert_false(system_has(system, CERTS "Birch.pem"));
	assert_int_equal(system_count(system, BUNDLE, BEGIN), 2);
	assert_true(system_notes(system, "mozilla/Gone.crt' is listed in"));
	assert_true(stage(system));
	assert_int_equal(system->staged.edits.count, 0);
	free(link);
}

static void an_absolute_link_that_leads_to_its_source_stays(void **state)
{
	struct system *system = *state;

	system_link(system, CERTS "Alder.pem", PACKAGED "Alder.crt");
	assert_true(stage(system));
	assert_true(system_leads(system, CERTS "Alder.pem", PACKAGED "Alder.crt"));
}

static void what_is_packaged_is_selected_and_deselected_in_its_line(void **state)
{
	struct system *system = *state;

	system_wish(system, REQUEST_TRUST, "Birch", 2);
	assert_true(stage(system));
	assert_int_equal(system_outcome(system), OUTCOME_DONE);
	system_wish(system, REQUEST_REMOVE, "Alder", 1);
	assert_true(stage(system));
	assert_int_equal(system_outcome(system), OUTCOME_FORBIDDEN);
	assert_true(system_holds(system, CONF,
				 "# a comment\n!mozilla/Alder.crt\n\nmozilla/Birch.crt\nmozilla/Gone.crt"));
	assert_false(system_holds(system, CONF, "Gone.crt\n"));
	assert_false(system_has(system, CERTS "Alder.pem"));
	assert_int_equal(system_count(system, BUNDLE, BEGIN), 1);
	system_wish(system, REQUEST_LIFT, "Alder", 1);
	assert_true(stage(system));
	assert_int_equal(system_outcome(system), OUTCOME_DONE);
	assert_int_equal(system_count(system, BUNDLE, BEGIN), 2);
	assert_true(stage(system));
	assert_int_equal(system_outcome(system), OUTCOME_ALREADY);
}

static void a_distrusted_certificate_is_absent(void **state)
{
	struct system *system = *state;

	system_cert(system, LOCAL "corp.crt", "Corp", 3);
	system_wish(system, REQUEST_DISTRUST, "Corp", 3);
	assert_true(stage(system));
	assert_int_equal(system_outcome(system), OUTCOME_ABSENT);
	assert_non_null(strstr(system->staged.outcomes[0].text, "its file is removed"));
	assert_false(system_has(system, LOCAL "corp.crt"));
	assert_false(system_has(system, CERTS "corp.pem"));
}

static void a_name_that_is_taken_gets_a_number_of_the_certificate(void **state)
{
	struct system *system = *state;

	system_cert(system, LOCAL "Corp.crt", "Another", 4);
	system_wish(system, REQUEST_TRUST, "Corp", 3);
	assert_true(stage(system));
	assert_int_equal(system_outcome(system), OUTCOME_DONE);
	assert_non_null(strstr(system->staged.outcomes[0].text, LOCAL "Corp-"));
	assert_int_equal(system_count(system, BUNDLE, BEGIN), 3);
	system_wish(system, REQUEST_TRUST, "Corp", 3);
	assert_true(stage(system));
	assert_int_equal(system_outcome(system), OUTCOME_ALREADY);
	assert_int_equal(system->staged.edits.count, 0);
}

static void one_of_several_in_a_file_goes_and_the_rest_stays_as_it_is(void **state)
{
	struct system *system = *state;
	struct buf file = { 0 };

	buf_text(&file, "first\n");
	system_pem("Corp", 3, &file);
	buf_text(&file, "second\n");
	system_pem("Dogwood", 4, &file);
	buf_text(&file, "end\n");
	system_file(system, LOCAL "two.crt", buf_view(&file));
	assert_true(stage(system));
	assert_int_equal(system_count(system, BUNDLE, BEGIN), 3);
	system_wish(system, REQUEST_REMOVE, "Corp", 3);
	assert_true(stage(system));
	assert_int_equal(system_outcome(system), OUTCOME_DONE);
	assert_int_equal(system_count(system, LOCAL "two.crt", BEGIN), 1);
	assert_true(system_holds(system, LOCAL "two.crt", "first\nsecond\n" BEGIN));
	assert_true(system_holds(system, LOCAL "two.crt", "-----END CERTIFICATE-----\nend\n"));
	assert_int_equal(system_count(system, BUNDLE, BEGIN), 2);
	buf_done(&file);
}

static void a_private_key_reaches_no_bundle_and_is_not_removed(void **state)
{
	struct system *system = *state;
	struct buf file = { 0 };

	system_pem("Corp", 3, &file);
	buf_text(&file, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
	system_file(system, LOCAL "corp.crt", buf_view(&file));
	assert_true(stage(system));
	assert_int_equal(system_count(system, BUNDLE, BEGIN), 2);
	assert_false(system_holds(system, BUNDLE, "PRIVATE"));
	assert_true(system_notes(system, LOCAL "corp.crt"));
	system_wish(system, REQUEST_REMOVE, "Corp", 3);
	assert_true(stage(system));
	assert_true(system_holds(system, LOCAL "corp.crt", "PRIVATE"));
	assert_int_equal(system_count(system, BUNDLE, BEGIN), 1);
	buf_done(&file);
}

static void what_lies_behind_a_link_out_of_the_directory_is_not_removed(void **state)
{
	struct system *system = *state;

	system_cert(system, "/opt/corp/corp.crt", "Corp", 3);
	system_text(system, LOCAL "x.txt", "");
	system_link(system, LOCAL "corp", "/opt/corp");
	assert_true(stage(system));
	assert_int_equal(system_count(system, BUNDLE, BEGIN), 2);
	system_wish(system, REQUEST_REMOVE, "Corp", 3);
	assert_true(stage(system));
	assert_int_equal(system_outcome(system), OUTCOME_CANNOT);
	assert_true(system_has(system, "/opt/corp/corp.crt"));
	assert_int_equal(system->staged.edits.count, 0);
}

static void a_directory_that_leads_back_is_entered_once(void **state)
{
	struct system *system = *state;

	system_cert(system, LOCAL "corp.crt", "Corp", 3);
	system_link(system, LOCAL "loop", "../ca-certificates");
	assert_true(stage(system));
	assert_int_equal(system_count(system, BUNDLE, BEGIN), 2);
	assert_true(system_notes(system, "leads back"));
}

/* Debian's script and its hooks read names line by line: the rest would be "-ISRG_Root_X1.pem" to them. */
static void a_name_with_a_line_break_is_no_source(void **state)
{
	struct system *system = *state;

	system_cert(system, LOCAL "x\n-ISRG_Root_X1.crt", "Corp", 3);
	assert_true(stage(system));
	assert_int_equal(system_count(system, BUNDLE, BEGIN), 1);
	assert_true(system_notes(system, "has a line break"));
}

static void equal_names_and_equal_certificates_are_there_once(void **state)
{
	struct system *system = *state;

	system_cert(system, LOCAL "a/corp.crt", "Corp", 3);
	system_cert(system, LOCAL "b/corp.crt", "Corp", 3);
	system_cert(system, LOCAL "again.crt", "Corp", 3);
	assert_true(stage(system));
	assert_int_equal(system_count(system, BUNDLE, BEGIN), 2);
	assert_true(system_leads(system, CERTS "corp.pem", "../../.." LOCAL "b/corp.crt"));
	assert_true(system_has(system, CERTS "again.pem"));
	assert_int_equal(system->staged.edits.count,
			 8); /* two directories, the bundle, three links, two hash links */
}

static void a_bundle_may_stand_in_any_order(void **state)
{
	struct system *system = *state;
	struct buf bundle = { 0 };

	system_cert(system, LOCAL "corp.crt", "Corp", 3);
	assert_true(stage(system));
	system_pem("Corp", 3, &bundle);
	system_pem("Alder", 1, &bundle);
	system_file(system, BUNDLE, buf_view(&bundle));
	assert_true(stage(system));
	assert_int_equal(system->staged.edits.count, 0);
	bundle.len = 0;
	system_pem("Corp", 3, &bundle);
	system_pem("Corp", 3, &bundle);
	system_file(system, BUNDLE, buf_view(&bundle));
	assert_true(stage(system));
	assert_int_equal(system->staged.edits.count, 1);
	buf_done(&bundle);
}

static void hash_links_may_stand_in_any_order(void **state)
{
	struct system *system = *state;
	char *zero = hash_link(system, "Same", 0), *one = hash_link(system, "Same", 1),
	     *two = hash_link(system, "Same", 2);

	system_cert(system, LOCAL "a.crt", "Same", 3);
	system_cert(system, LOCAL "b.crt", "Same", 4);
	system_cert(system, LOCAL "c.crt", "Same", 5);
	system_link(system, zero, "c.pem");
	system_link(system, one, "a.pem");
	assert_true(stage(system));
	assert_true(system_leads(system, zero, "c.pem") && system_leads(system, one, "a.pem") &&
		    system_leads(system, two, "b.pem"));
	system_wish(system, REQUEST_REMOVE, "Same", 5);
	assert_true(stage(system));
	assert_true(system_leads(system, zero, "b.pem") && system_leads(system, one, "a.pem"));
	assert_false(system_has(system, two));
	free(zero);
	free(one);
	free(two);
}

static void a_hash_link_may_be_spelled_with_its_directory(void **state)
{
	struct system *system = *state;
	char *zero = hash_link(system, "Alder", 0);

	system_link(system, zero, "/etc/ssl/certs/Alder.pem");
	assert_true(stage(system));
	assert_true(system_leads(system, zero, "/etc/ssl/certs/Alder.pem"));
	free(zero);
}

static void one_within_pkcs7_goes_too(void **state)
{
	struct system *system = *state;

	system_cert(system, LOCAL "both", "Corp", 3);
	system_cert(system, LOCAL "other", "Dogwood", 4);
	if (!feed_run(NULL,
		      "cd '%s" LOCAL
		      "' && openssl crl2pkcs7 -nocrl -certfile both -certfile other -out p7.crt",
		      system->dir))
		skip();
	assert_true(stage(system));
	assert_int_equal(system_count(system, BUNDLE, BEGIN), 3);
	system_wish(system, REQUEST_REMOVE, "Corp", 3);
	assert_true(stage(system));
	assert_int_equal(system_outcome(system), OUTCOME_DONE);
	assert_int_equal(system_count(system, BUNDLE, BEGIN), 2);
	assert_int_equal(system_count(system, LOCAL "p7.crt", BEGIN), 1);
}

static void a_copy_is_ours_and_goes_with_its_source(void **state)
{
	struct system *system = *state;
	struct buf der = { 0 };
	char *path = NULL;

	make_cert(&(struct make){ .cn = "Corp", .key = 3 }, &der);
	system_file(system, LOCAL "corp.crt", buf_view(&der));
	assert_true(stage(system));
	for (size_t i = 0; path == NULL && i < system->staged.edits.count; i++) {
		const struct edit *edit = &system->staged.edits.all[i];

		if (strncmp(edit->path, CERTS "corp.", strlen(CERTS "corp.")) == 0 && edit->kind == EDIT_FILE)
			path = mem_string(edit->path, strlen(edit->path));
	}
	assert_non_null(path);
	assert_true(system_holds(system, path, "# made by anchorage from corp.crt\n" BEGIN));
	system_text(system, CERTS "other.0123456789abcdef.pem", "an administrator's\n");
	system_wish(system, REQUEST_REMOVE, "Corp", 3);
	assert_true(stage(system));
	assert_false(system_has(system, path));
	assert_false(system_has(system, LOCAL "corp.crt"));
	assert_true(system_has(system, CERTS "other.0123456789abcdef.pem"));
	buf_done(&der);
	free(path);
}

static void an_empty_bundle_is_refused_unless_it_is_allowed(void **state)
{
	struct system *system = *state;

	assert_true(stage(system));
	system_wish(system, REQUEST_REMOVE, "Alder", 1);
	assert_false(stage(system));
	assert_non_null(strstr(system->err.text, "--allow-empty"));
	system->terms.allow_empty = true;
	assert_true(stage(system));
	assert_true(system_has(system, BUNDLE));
	assert_int_equal(system_count(system, BUNDLE, BEGIN), 0);
	assert_true(stage(system));
	assert_int_equal(system->staged.edits.count, 0);
}

static void a_certificate_that_cannot_be_read_is_refused(void **state)
{
	struct system *system = *state;
	struct anchor bare = { .names = ANCHOR_KEY };

	requests_done(&system->requests);
	requests_add(&system->requests, REQUEST_TRUST, &bare);
	assert_true(stage(system));
	assert_int_equal(system_outcome(system), OUTCOME_CANNOT);
}

static void hooks_of_a_tree_are_named_and_not_run(void **state)
{
	struct system *system = *state;
	char *chmod_all = mem_print("chmod +x %s/etc/ca-certificates/update.d/*", system->dir);

	system_text(system, "/etc/ca-certificates/update.d/hear", "#!/bin/sh\n");
	system_text(system, "/etc/ca-certificates/update.d/hear.sh", "#!/bin/sh\n");
	assert_true(feed_run(NULL, "%s", chmod_all));
	assert_true(stage(system));
	assert_true(system_notes(system, "update.d/hear' is not run, since this is not the running system"));
	assert_true(system_notes(system, "update.d/hear.sh' is not run: run-parts"));
	for (size_t i = 0; i < system->staged.edits.count; i++)
		assert_int_not_equal(system->staged.edits.all[i].kind, EDIT_RUN);
	assert_true(stage(system));
	assert_false(system_notes(system, "update.d/hear"));
	free(chmod_all);
}

static void a_link_by_a_number_that_nobody_asks_for_finds_nothing(void **state)
{
	struct system *system = *state;
	char *zero = hash_link(system, "Alder", 0), *never = mem_print("%s0", zero);

	system_link(system, never, "Alder.pem");
	assert_true(stage(system));
	assert_true(system_leads(system, zero, "Alder.pem"));
	assert_false(system_has(system, never));
	assert_true(stage(system));
	assert_int_equal(system->staged.edits.count, 0);
	free(zero);
	free(never);
}

/* One of a few names, so that things meet. */
static char *some_path(unsigned at)
{
	static const char *const names[] = { "Alder.pem", "corp.pem", "other.pem", "java", "again.pem" };
	unsigned kind = at % 3;

	if (kind == 0)
		return mem_print(CERTS "%s", names[at / 3 % 5]);
	return mem_print(CERTS "%08x.%u", at / 3 % 2 ? 0x11111111u : 0x22222222u, at / 6 % 3);
}

/* Where OpenSSL looks: <hash>.0, .1 and so on, up to the first that is not there. */
static bool is_found(struct system *system, const char *name, unsigned key)
{
	uint8_t id[ID_LEN];
	bool found = false, there = true;

	memcpy(id, system_anchor(system, name, key)->id, ID_LEN);
	for (unsigned number = 0; there && !found; number++) {
		char *path = hash_link(system, name, number);
		struct store *store = store_new(path);
		struct err err;

		there = file_read_entry(path, &system->root, NULL, store, &err);
		found = there && store->count == 1 && memcmp(store->anchors[0].id, id, ID_LEN) == 0;
		store_free(store);
		free(path);
	}
	return found;
}

static void make_a_mess(struct system *system, unsigned *seed)
{
	static const char *const targets[] = { "Alder.pem",          "nowhere.pem",    PACKAGED "Birch.crt",
					       "/opt" LOCAL "x.crt", "/etc/other.pem", "corp.pem" };
	char *path = some_path(*seed >> 8), *twin = hash_link(system, "Same", *seed >> 20 & 3);
	const char *where = *seed >> 16 & 1 ? path : twin;

	if (*seed >> 17 & 1 && strcmp(path, CERTS "java") != 0)
		system_link(system, where, targets[(*seed >> 24) % 6]);
	else if (*seed >> 18 & 1 && strcmp(path, CERTS "java") != 0)
		system_cert(system, where, *seed >> 19 & 1 ? "Same" : "Other", *seed >> 22 & 3);
	free(path);
	free(twin);
	*seed = *seed * 1664525 + 1013904223;
}

static void whatever_is_there_comes_right_at_once_and_stays(void **state)
{
	struct system *system = *state;
	unsigned seed = 20261123;

	system_cert(system, LOCAL "corp.crt", "Same", 3);
	system_cert(system, LOCAL "sub/corp.crt", "Same", 2);
	system_cert(system, LOCAL "again.crt", "Same", 3);
	for (unsigned round = 0; round < 500; round++) {
		for (unsigned i = 0; i < 4; i++)
			make_a_mess(system, &seed);
		assert_true(stage(system));
		assert_true(is_found(system, "Same", 3) && is_found(system, "Same", 2) &&
			    is_found(system, "Alder", 1));
		assert_true(stage(system));
		assert_int_equal(system->staged.edits.count, 0);
	}
}

static void a_key_store_that_is_no_jks_is_an_error(void **state)
{
	struct system *system = *state;

	system_text(system, "/etc/ca-certificates/update.d/jks-keystore", "#!/bin/sh\n");
	system_text(system, "/etc/default/cacerts", "cacerts_updates=yes\n");
	system_text(system, CERTS "java/cacerts", "0\x82");
	assert_false(stage(system));
	assert_non_null(strstr(system->err.text, "cacerts_updates=no"));
	system_text(system, "/etc/default/cacerts", "cacerts_updates=no\n");
	assert_true(stage(system));
	assert_true(system_notes(system, "is not kept in step"));
}

static void what_is_told_to_p11kit_is_told_to_people(void **state)
{
	struct system *system = *state;

	system_text(system, "/etc/pkcs11/modules/p11-kit-trust.module",
		    "module: p11-kit-trust.so\nx-init-reserved: paths=/etc/trust:/usr/share/trust\nx: y\n");
	assert_true(stage(system));
	assert_true(system_notes(system, "to read /etc/trust:/usr/share/trust, which"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, system_end)
	const struct CMUnitTest tests[] = {
		TEST(systems_are_told_apart_by_their_trees),
		cmocka_unit_test_setup_teardown(suse_has_a_program_of_that_name_and_is_another, system_begin,
						system_end),
		TEST(what_is_selected_becomes_links_and_a_bundle),
		TEST(an_absolute_link_that_leads_to_its_source_stays),
		TEST(what_is_packaged_is_selected_and_deselected_in_its_line),
		TEST(a_distrusted_certificate_is_absent),
		TEST(a_name_that_is_taken_gets_a_number_of_the_certificate),
		TEST(one_of_several_in_a_file_goes_and_the_rest_stays_as_it_is),
		TEST(a_private_key_reaches_no_bundle_and_is_not_removed),
		TEST(what_lies_behind_a_link_out_of_the_directory_is_not_removed),
		TEST(a_directory_that_leads_back_is_entered_once),
		TEST(a_name_with_a_line_break_is_no_source),
		TEST(equal_names_and_equal_certificates_are_there_once),
		TEST(a_bundle_may_stand_in_any_order),
		TEST(hash_links_may_stand_in_any_order),
		TEST(a_hash_link_may_be_spelled_with_its_directory),
		TEST(one_within_pkcs7_goes_too),
		TEST(a_copy_is_ours_and_goes_with_its_source),
		TEST(an_empty_bundle_is_refused_unless_it_is_allowed),
		TEST(a_certificate_that_cannot_be_read_is_refused),
		TEST(hooks_of_a_tree_are_named_and_not_run),
		TEST(a_link_by_a_number_that_nobody_asks_for_finds_nothing),
		TEST(whatever_is_there_comes_right_at_once_and_stays),
		TEST(a_key_store_that_is_no_jks_is_an_error),
		TEST(what_is_told_to_p11kit_is_told_to_people),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
