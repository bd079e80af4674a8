/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tokens by URI and the host's policy: of a module with bad days, of NSS's, and of this host. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "feed.h"
#include "format/format.h"
#include "medium/medium.h"
#include "medium/token.h"
#include "model/pick.h"
#include "trust.h"

static const struct make one = { .cn = "One", .key = 1 }, two = { .cn = "Two", .key = 2 },
			 three = { .cn = "Three", .key = 3 };
static char *directory;

/* The fake module with a slot for each word. */
static struct store *fake(const char *words, struct err *err)
{
	char *uri = mem_print("pkcs11:?module-path=%s", trust_fake());
	struct store *store;

	setenv("FAKE", words, 1);
	store = trust_read("pkcs11", NULL, uri, err);
	free(uri);
	return store;
}

static struct store *fake_well(const char *words)
{
	struct err err = { 0 };
	struct store *store = fake(words, &err);

	if (store == NULL)
		fail_msg("%s", err.text);
	return store;
}

static int set_up(void **state)
{
	char *certificate;

	(void)state;
	directory = trust_directory();
	trust_der(directory, "one.der", &one);
	certificate = mem_print("%s/one.der", directory);
	setenv("FAKE_CERTIFICATE", certificate, 1);
	free(certificate);
	token_tuning.silence_ms = 1500;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	feed_remove(directory);
	return 0;
}

static void a_token_is_read_and_its_objects_have_uris(void **state)
{
	struct store *store = fake_well("good");
	const struct anchor *anchor = trust_anchor(store, &one);

	(void)state;
	assert_int_equal(store->count, 1);
	assert_int_equal(store->note_count, 0);
	assert_int_equal(anchor->trusted, PURPOSES_ALL);
	assert_string_equal(anchor->label, "fake certificate");
	assert_null(anchor->origin.file);
	assert_non_null(strstr(anchor->origin.uri, "token=Fake%20good"));
	assert_non_null(strstr(anchor->origin.uri, ";object=fake%20certificate;type=cert?module-path=/"));
	store_free(store);
}

static void modules_that_are_strict_about_sizes_or_unknown_attributes_are_read_as_well(void **state)
{
	static const char *const words[] = { "exact", "picky" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct store *store = fake_well(words[i]);

		assert_int_equal(trust_anchor(store, &one)->trusted, PURPOSES_ALL);
		assert_string_equal(trust_anchor(store, &one)->label, "fake certificate");
		assert_int_equal(store->note_count, 0);
		store_free(store);
	}
}

static void a_token_that_kills_or_hangs_its_module_is_named_and_the_others_are_read(void **state)
{
	static const struct {
		const char *word, *said;
	} rows[] = {
		{ "CRASH", "died of signal 6 (Aborted): 'fake-module: assertion 'the moon is full' failed'" },
		{ "EXIT", "ended the process with status 3" },
		{ "HANG", "gave no answer for 1.5 seconds and was stopped" },
		{ "flood", "answered with more than 512 MiB" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *words = mem_print("good %s good", rows[i].word);
		char *token = mem_print("the token 'Fake %s'", rows[i].word);
		struct store *store = fake_well(words);

		assert_int_equal(store->count, 1);
		trust_anchor(store, &one);
		assert_true(trust_noted(store, NOTE_INFO, "", "the same certificate again"));
		assert_true(trust_noted(store, NOTE_ERROR, "", rows[i].said));
		assert_true(trust_noted(store, NOTE_ERROR, "", token));
		assert_int_equal(trust_notes(store, NOTE_ERROR), 1);
		store_free(store);
		free(words);
		free(token);
	}
}

static void a_token_that_lies_about_sizes_or_numbers_is_not_believed(void **state)
{
	static const char *const words[] = { "length", "grows", "count" };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct store *store = fake_well(words[i]);

		assert_int_equal(store->count, 0);
		assert_true(store_incomplete(store));
		store_free(store);
	}
}

static void a_module_that_dies_before_it_shows_a_slot_is_an_error(void **state)
{
	struct err err = { 0 };

	(void)state;
	assert_null(fake("CRASH", &err));
	assert_int_equal(err.code, ERR_DAMAGED);
	assert_non_null(strstr(err.text, "fake-module.so' died of signal 6"));
}

static void what_a_module_prints_is_no_part_of_the_listing_and_told_up_to_a_limit(void **state)
{
	struct store *store = fake_well("speaks");

	(void)state;
	assert_true(trust_noted(store, NOTE_WARN, "", "last word"));
	store_free(store);
	store = fake_well("loud");
	trust_anchor(store, &one);
	assert_true(trust_noted(store, NOTE_WARN, "", "lines more"));
	assert_true(store->note_count < 30);
	store_free(store);
}

static void a_token_that_wants_a_login_or_cannot_be_opened_is_told(void **state)
{
	struct store *store = fake_well("locked closed");

	(void)state;
	assert_int_equal(store->count, 1);
	assert_true(trust_noted(store, NOTE_INFO, "", "'Fake locked': the token wants a login"));
	assert_true(trust_noted(store, NOTE_ERROR, "", "'Fake closed': the token cannot be opened"));
	store_free(store);
}

static void uris_that_name_nothing_or_are_none_are_errors(void **state)
{
	char *token = mem_print("pkcs11:token=Other?module-path=%s", trust_fake());
	char *object = mem_print("pkcs11:object=other?module-path=%s", trust_fake());
	char *found =
		mem_print("pkcs11:object=fake%%20certificate?module-path=%s&pin-value=1234", trust_fake());
	const struct {
		const char *uri;
		enum err_code code;
	} rows[] = {
		{ token, ERR_ABSENT },
		{ object, ERR_ABSENT },
		{ "pkcs11:object=%zz", ERR_USAGE },
		{ "pkcs11:no-such-attribute=1", ERR_USAGE },
		{ "pkcs11:?module-path=/nonexistent/module.so", ERR_UNSUPPORTED },
	};
	struct store *store;

	(void)state;
	setenv("FAKE", "good", 1);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct err err = { 0 };

		assert_null(trust_read("pkcs11", NULL, rows[i].uri, &err));
		assert_int_equal(err.code, rows[i].code);
	}
	store = trust_read_well("pkcs11", NULL, found);
	assert_int_equal(store->count, 1);
	assert_null(strstr(trust_anchor(store, &one)->origin.uri, "1234"));
	store_free(store);
	free(token);
	free(object);
	free(found);
}

static void tokens_and_the_policy_are_the_hosts_and_not_a_roots(void **state)
{
	struct err err = { 0 };

	(void)state;
	assert_null(trust_read("pkcs11", directory, "pkcs11:", &err));
	assert_int_equal(err.code, ERR_UNSUPPORTED);
	assert_null(trust_read("policy", directory, "pkcs11:", &err));
	assert_int_equal(err.code, ERR_ABSENT);
}

static void mozillas_builtin_module_has_trust_by_purpose_distrust_and_dates(void **state)
{
	struct buf path = { 0 };
	unsigned servers = 0, mails = 0, dates = 0, policy = 0;
	struct store *store;
	char *uri;

	(void)state;
	unsetenv("FAKE");
	if (!feed_run(&path,
		      "ls /usr/lib*/*/libnssckbi.so /usr/lib*/libnssckbi.so /usr/lib*/*/nss/libnssckbi.so "
		      "2>/dev/null | head -n 1 | tr -d '\\n'") ||
	    path.len == 0) {
		print_message("skipped: NSS's libnssckbi.so is not here\n");
		buf_done(&path);
		skip();
		return;
	}
	uri = mem_print("pkcs11:?module-path=%.*s", (int)path.len, (const char *)path.at);
	store = trust_read_well("pkcs11", NULL, uri);
	for (size_t i = 0; i < store->count; i++) {
		const struct anchor *anchor = &store->anchors[i];

		servers += anchor->trusted >> PURPOSE_SERVER_AUTH & 1;
		mails += anchor->trusted >> PURPOSE_EMAIL & 1;
		policy += anchor->mozilla_policy;
		dates += anchor->distrust_after[PURPOSE_SERVER_AUTH] != CLOCK_NONE ||
			 anchor->distrust_after[PURPOSE_EMAIL] != CLOCK_NONE;
		assert_int_equal(anchor->trusted & PURPOSE_BIT(PURPOSE_CLIENT_AUTH), 0);
	}
	assert_int_equal(trust_notes(store, NOTE_WARN) + trust_notes(store, NOTE_ERROR), 0);
	assert_true(servers > 50 && servers < store->count);
	assert_true(mails > 30 && mails < store->count);
	assert_true(policy > 100);
	assert_true(dates > 0);
	store_free(store);
	free(uri);
	buf_done(&path);
}

/* The certificates of `trust dump --filter=ca-anchors`, which p11-kit's own tool reads through the same
 * policy. */
static struct store *dumped(void)
{
	struct buf text = { 0 };
	struct store *store;

	assert_true(feed_run(&text, "trust dump --filter=ca-anchors"));
	store = feed_well(format_named("pem"), buf_view(&text));
	store_finish(store);
	buf_done(&text);
	return store;
}

static void the_policy_has_exactly_the_anchors_of_trust_dump(void **state)
{
	const struct wanted all = { .any = true };
	struct store *theirs, *ours;
	struct pick pick;

	(void)state;
	if (!trust_module_is_here() || !feed_run(NULL, "command -v trust")) {
		print_message("skipped: the trust tool or module is not here\n");
		skip();
		return;
	}
	theirs = dumped();
	ours = trust_read_well("policy", NULL, "pkcs11:");
	pick_from(ours, FILTER_CA_ANCHORS, &all, &pick);
	assert_int_equal(pick.count, theirs->count);
	for (size_t i = 0; i < pick.count; i++) {
		assert_non_null(store_find(theirs, pick.anchors[i]->id));
		assert_non_null(pick.anchors[i]->origin.file);
		assert_non_null(pick.anchors[i]->origin.uri);
	}
	pick_done(&pick);
	store_free(ours);
	store_free(theirs);
}

/*
 * p11-kit's configuration in a directory of ours, by what its own tests use. It
 * is not in its headers everywhere, and stays for the rest of the process.
 */
void p11_kit_override_system_files(const char *system, const char *user, const char *package_modules,
				   const char *system_modules, const char *user_modules)
	__attribute__((weak));

static void configure(const char *lines)
{
	char *text = mem_print("module: p11-kit-trust.so\ntrust-policy: yes\n%s", lines);
	char *second = mem_print("module: %s\ntrust-policy: yes\npriority: 0\n", trust_fake());
	static char modules[1024], config[1024];

	trust_folder(directory, "modules");
	trust_text(directory, "config", "user-config: none\n");
	trust_text(directory, "modules/trust.module", text);
	trust_text(directory, "modules/fake.module", second);
	snprintf(modules, sizeof(modules), "%s/modules", directory);
	snprintf(config, sizeof(config), "%s/config", directory);
	p11_kit_override_system_files(config, "/nonexistent", modules, modules, "/nonexistent");
	free(text);
	free(second);
}

/* The last test: it changes what p11-kit is in this process. */
static void a_policy_of_several_modules_and_directories_is_one_store_and_survives_a_bad_file(void **state)
{
	char *source = trust_directory(),
	     *lines = mem_print("x-init-reserved: paths='%s:/nonexistent'\n", source);
	struct store *store;

	(void)state;
	if (p11_kit_override_system_files == NULL || !trust_module_is_here()) {
		print_message("skipped: this p11-kit cannot be given another configuration\n");
		free(lines);
		feed_remove(source);
		skip();
		return;
	}
	configure(lines);
	setenv("FAKE", "good CRASH", 1);
	trust_pem(source, "anchors/two.pem", &two);
	trust_text(source, "bad.p11-kit", "[p11-kit-object-v1]\nlabel: \"\n");
	trust_pem(source, "blocklist/three.pem", &three);
	trust_text(source, "blocklist/junk", "what is this?\n");
	store = trust_read_well("policy", NULL, "pkcs11:");
	assert_int_equal(store->count, 3);
	assert_int_equal(trust_anchor(store, &one)->trusted, PURPOSES_ALL);
	assert_int_equal(trust_anchor(store, &two)->trusted, PURPOSES_ALL);
	assert_non_null(strstr(trust_anchor(store, &two)->origin.file, "/anchors/two.pem"));
	assert_int_equal(trust_anchor(store, &three)->distrusted, PURPOSES_ALL);
	assert_true(trust_noted(store, NOTE_ERROR, "", "the module 'fake' died of signal 6"));
	assert_true(trust_noted(store, NOTE_ERROR, "/bad.p11-kit", "died of signal 6") ||
		    trust_noted(store, NOTE_WARN, "/bad.p11-kit", "makes nothing"));
	assert_true(trust_noted(store, NOTE_WARN, "/blocklist/junk", "NOT forbidden"));
	assert_true(trust_noted(store, NOTE_INFO, "/nonexistent", "No such file"));
	store_free(store);
	free(lines);
	feed_remove(source);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_token_is_read_and_its_objects_have_uris),
		cmocka_unit_test(modules_that_are_strict_about_sizes_or_unknown_attributes_are_read_as_well),
		cmocka_unit_test(a_token_that_kills_or_hangs_its_module_is_named_and_the_others_are_read),
		cmocka_unit_test(a_token_that_lies_about_sizes_or_numbers_is_not_believed),
		cmocka_unit_test(a_module_that_dies_before_it_shows_a_slot_is_an_error),
		cmocka_unit_test(what_a_module_prints_is_no_part_of_the_listing_and_told_up_to_a_limit),
		cmocka_unit_test(a_token_that_wants_a_login_or_cannot_be_opened_is_told),
		cmocka_unit_test(uris_that_name_nothing_or_are_none_are_errors),
		cmocka_unit_test(tokens_and_the_policy_are_the_hosts_and_not_a_roots),
		cmocka_unit_test(mozillas_builtin_module_has_trust_by_purpose_distrust_and_dates),
		cmocka_unit_test(the_policy_has_exactly_the_anchors_of_trust_dump),
		cmocka_unit_test(
			a_policy_of_several_modules_and_directories_is_one_store_and_survives_a_bad_file),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
