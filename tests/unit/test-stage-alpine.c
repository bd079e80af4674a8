/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* No Alpine is here to hold this against: it is held against what update-ca.c of its package says. */
#include "unit.h"

#include "system.h"

#define LOCAL  "/usr/local/share/ca-certificates/"
#define CERTS  "/etc/ssl/certs/"
#define BUNDLE CERTS "ca-certificates.crt"
#define BEGIN  "-----BEGIN CERTIFICATE-----"

static int begin(void **state)
{
	struct system *system;

	system_begin(state);
	system = *state;
	system_text(system, "/etc/alpine-release", "3.20\n");
	system_text(system, "/etc/ca-certificates.conf", "mozilla/Alder.crt\n!mozilla/Birch.crt\n");
	system_cert(system, "/usr/share/ca-certificates/mozilla/Alder.crt", "Alder", 1);
	system_cert(system, "/usr/share/ca-certificates/mozilla/Birch.crt", "Birch", 2);
	return 0;
}

static bool stage(struct system *system)
{
	return system_stage(system, stager_system(&system->root));
}

static void links_have_alpines_names(void **state)
{
	struct system *system = *state;

	system_cert(system, LOCAL "corp (a).crt", "Corp", 3);
	assert_true(stage(system));
	assert_true(system_leads(system, CERTS "ca-cert-Alder.pem",
				 "../../../usr/share/ca-certificates/mozilla/Alder.crt"));
	assert_true(system_leads(system, CERTS "ca-cert-corp_=a=.pem", "../../.." LOCAL "corp (a).crt"));
	assert_false(system_has(system, CERTS "ca-cert-Birch.pem"));
	assert_int_equal(system_count(system, BUNDLE, BEGIN), 2);
	assert_true(system_leads(system, "/etc/ssl/cert.pem", "certs/ca-certificates.crt"));
	assert_true(stage(system));
	assert_int_equal(system->staged.edits.count, 0);
}

static void each_file_counts_that_is_not_hidden_and_no_directory(void **state)
{
	struct system *system = *state;

	system_cert(system, LOCAL "plain.txt", "Corp", 3);
	system_cert(system, LOCAL ".hidden.crt", "Hidden", 4);
	system_cert(system, LOCAL "sub/deep.crt", "Deep", 5);
	assert_true(stage(system));
	assert_true(system_has(system, CERTS "ca-cert-plain.txt.pem"));
	assert_int_equal(system_count(system, BUNDLE, BEGIN), 2);
	assert_true(system_notes(system, "sub' is a directory"));
}

static void a_request_comes_and_goes(void **state)
{
	struct system *system = *state;

	assert_true(stage(system));
	system_wish(system, REQUEST_TRUST, "Corp", 3);
	assert_true(stage(system));
	assert_int_equal(system_outcome(system), OUTCOME_DONE);
	assert_true(system_has(system, LOCAL "Corp.crt") && system_has(system, CERTS "ca-cert-Corp.pem"));
	system_wish(system, REQUEST_REMOVE, "Corp", 3);
	assert_true(stage(system));
	assert_false(system_has(system, LOCAL "Corp.crt") || system_has(system, CERTS "ca-cert-Corp.pem"));
	assert_int_equal(system_count(system, BUNDLE, BEGIN), 1);
}

static void the_hook_that_makes_hash_links_is_not_run(void **state)
{
	struct system *system = *state;

	system_text(system, "/etc/ca-certificates/update.d/certhash", "#!/bin/sh\n");
	assert_true(stage(system));
	assert_false(system_notes(system, "certhash"));
}

static void a_cert_pem_of_its_own_stays(void **state)
{
	struct system *system = *state;

	system_text(system, "/etc/ssl/cert.pem", "own\n");
	assert_true(stage(system));
	assert_true(system_holds(system, "/etc/ssl/cert.pem", "own\n"));
	assert_true(system_notes(system, "is a file of its own"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, system_end)
	const struct CMUnitTest tests[] = {
		TEST(links_have_alpines_names),    TEST(each_file_counts_that_is_not_hidden_and_no_directory),
		TEST(a_request_comes_and_goes),    TEST(the_hook_that_makes_hash_links_is_not_run),
		TEST(a_cert_pem_of_its_own_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
