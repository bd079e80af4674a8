/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Java's key stores that are changed in place, with keytool and openssl as peers. */
#include "unit.h"

#include <string.h>

#include "amending.h"
#include "format/format.h"

static void a_java_key_store_gets_an_alias_of_its_own_and_loses_it(void **state)
{
	struct store *two = feed_roots(2), *three = feed_roots(3), *back;
	struct buf file = { 0 }, with = { 0 }, again = { 0 }, without = { 0 };

	(void)state;
	store_label(three, &three->anchors[2], bytes_of("ROOT 1"));
	feed_write(&format_jks, two, &file);
	amend_well(&format_jks, buf_view(&file), REQUEST_TRUST, &three->anchors[2], true, &with);
	back = feed_well(&format_jks, buf_view(&with));
	assert_int_equal(back->count, 3);
	assert_int_equal(back->note_count, 0);
	assert_string_equal(back->anchors[2].label, "root1-1");
	store_free(back);
	amend_well(&format_jks, buf_view(&with), REQUEST_TRUST, &three->anchors[2], false, &again);
	amend_well(&format_jks, buf_view(&with), REQUEST_DISTRUST, &three->anchors[2], true, &without);
	assert_true(bytes_equal(buf_view(&file), buf_view(&without)));
	store_free(two);
	store_free(three);
	buf_done(&file);
	buf_done(&with);
	buf_done(&again);
	buf_done(&without);
}

static void keytool_reads_what_was_changed_under_another_password_and_a_wrong_one_is_told(void **state)
{
	static const char password[] = "s\xc3\xa9same \xe2\x82\xac";
	struct store *store = feed_roots(2);
	char *directory = feed_directory();
	struct buf file = { 0 }, got = { 0 }, out = { 0 }, pem = { 0 };
	struct err err;

	(void)state;
	pem_of(store, 0, &pem);
	feed_file(directory, "one.pem", buf_view(&pem));
	if (!feed_run(NULL,
		      "cd '%s' && printf '%%s' '%s' >word && LC_ALL=C.UTF-8 keytool -genkeypair -keyalg EC "
		      "-alias key "
		      "-dname CN=k -keystore s.jks -storetype JKS -storepass:file word -keypass:file word "
		      "2>&1 && "
		      "LC_ALL=C.UTF-8 keytool -importcert -noprompt -alias One -file one.pem -keystore s.jks "
		      "-storepass:file word 2>&1",
		      directory, password)) {
		feed_remove(directory);
		store_free(store);
		buf_done(&pem);
		print_message("# keytool is not here\n");
		skip();
	}
	feed_load(directory, "s.jks", &file);
	assert_false(
		amend(&format_jks, buf_view(&file), REQUEST_TRUST, &store->anchors[1], NULL, &got, &err));
	assert_non_null(strstr(err.text, "--password-file"));
	assert_false(
		amend(&format_jks, buf_view(&file), REQUEST_TRUST, &store->anchors[1], "no", &got, &err));
	assert_non_null(strstr(err.text, "--password-file"));
	assert_true(
		amend(&format_jks, buf_view(&file), REQUEST_TRUST, &store->anchors[1], password, &got, &err));
	feed_file(directory, "s.jks", buf_view(&got));
	assert_true(feed_run(
		&out, "cd '%s' && LC_ALL=C.UTF-8 keytool -list -keystore s.jks -storepass:file word 2>&1",
		directory));
	buf_byte(&out, '\0');
	assert_non_null(strstr((char *)out.at, "root2, "));
	assert_non_null(strstr((char *)out.at, "one, "));
	assert_non_null(strstr((char *)out.at, "PrivateKeyEntry"));
	feed_remove(directory);
	store_free(store);
	buf_done(&file);
	buf_done(&got);
	buf_done(&out);
	buf_done(&pem);
}

/* A store as keytool makes it; false: it is not here. */
static bool keytool_makes(const char *directory, const char *name, const char *options, struct buf *to)
{
	bool ok = feed_run(
		NULL,
		"cd '%s' && keytool -importcert -noprompt -alias 'My One' -file one.pem -keystore %s "
		"-storetype PKCS12 %s 2>&1",
		directory, name, options);

	if (ok)
		feed_load(directory, name, to);
	return ok;
}

static void keytool_lists(const char *directory, const char *name, const char *options, const char *alias)
{
	struct buf out = { 0 };

	assert_true(
		feed_run(&out, "cd '%s' && keytool -list -keystore %s %s 2>&1", directory, name, options));
	buf_byte(&out, '\0');
	assert_non_null(strstr((char *)out.at, "my one, "));
	assert_non_null(strstr((char *)out.at, alias));
	assert_non_null(strstr((char *)out.at, "contains 2 entries"));
	buf_done(&out);
}

static void a_pkcs12_trust_store_of_keytool_s_is_changed_with_its_password_or_none(void **state)
{
	static const char usual[] = "-storepass sesame",
			  none[] = "-storepass changeit -J-Dkeystore.pkcs12.macAlgorithm=NONE "
				   "-J-Dkeystore.pkcs12.certProtectionAlgorithm=NONE";
	struct store *store = feed_roots(2);
	char *directory = feed_directory();
	struct buf file = { 0 }, got = { 0 }, plain = { 0 }, pem = { 0 };
	struct err err;

	(void)state;
	pem_of(store, 0, &pem);
	feed_file(directory, "one.pem", buf_view(&pem));
	if (!keytool_makes(directory, "a.p12", usual, &file)) {
		print_message("# keytool is not here\n");
	} else {
		assert_false(amend(&format_pkcs12, buf_view(&file), REQUEST_TRUST, &store->anchors[1], NULL,
				   &got, &err));
		assert_non_null(strstr(err.text, "password"));
		assert_true(amend(&format_pkcs12, buf_view(&file), REQUEST_TRUST, &store->anchors[1],
				  "sesame", &got, &err));
		feed_file(directory, "a.p12", buf_view(&got));
		keytool_lists(directory, "a.p12", usual, "root2, ");
		assert_true(keytool_makes(directory, "b.p12", none, &plain));
		got.len = 0;
		amend_well(&format_pkcs12, buf_view(&plain), REQUEST_TRUST, &store->anchors[1], true, &got);
		feed_file(directory, "b.p12", buf_view(&got));
		keytool_lists(directory, "b.p12", "-storepass ''", "root2, ");
		plain.len = 0;
		amend_well(&format_pkcs12, buf_view(&got), REQUEST_TRUST, &store->anchors[0], false, &plain);
	}
	feed_remove(directory);
	store_free(store);
	buf_done(&file);
	buf_done(&got);
	buf_done(&plain);
	buf_done(&pem);
}

static void a_pkcs12_file_with_a_private_key_is_left_to_keytool(void **state)
{
	struct store *store = feed_roots(1);
	char *directory = feed_directory();
	struct buf file = { 0 }, got = { 0 };
	struct err err;

	(void)state;
	if (feed_run(NULL,
		     "cd '%s' && openssl req -x509 -newkey ed25519 -nodes -keyout k -out c -subj /CN=k 2>&1 "
		     "&& "
		     "openssl pkcs12 -export -inkey k -in c -out f.p12 -passout pass:changeit 2>&1",
		     directory)) {
		feed_load(directory, "f.p12", &file);
		assert_false(amend(&format_pkcs12, buf_view(&file), REQUEST_TRUST, &store->anchors[0], NULL,
				   &got, &err));
		assert_non_null(strstr(err.text, "keytool -importcert"));
	} else {
		print_message("# openssl is not here\n");
	}
	feed_remove(directory);
	store_free(store);
	buf_done(&file);
	buf_done(&got);
}

static void what_is_added_to_pkcs12_and_taken_away_again_leaves_the_file_as_it_was(void **state)
{
	struct store *two = feed_roots(2), *three = feed_roots(3);
	struct buf file = { 0 }, with = { 0 }, without = { 0 };

	(void)state;
	feed_write(&format_pkcs12, two, &file);
	amend_well(&format_pkcs12, buf_view(&file), REQUEST_TRUST, &three->anchors[2], true, &with);
	amend_well(&format_pkcs12, buf_view(&with), REQUEST_DISTRUST, &three->anchors[2], true, &without);
	assert_true(bytes_equal(buf_view(&file), buf_view(&without)));
	store_free(two);
	store_free(three);
	buf_done(&file);
	buf_done(&with);
	buf_done(&without);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_java_key_store_gets_an_alias_of_its_own_and_loses_it),
		cmocka_unit_test(
			keytool_reads_what_was_changed_under_another_password_and_a_wrong_one_is_told),
		cmocka_unit_test(a_pkcs12_trust_store_of_keytool_s_is_changed_with_its_password_or_none),
		cmocka_unit_test(a_pkcs12_file_with_a_private_key_is_left_to_keytool),
		cmocka_unit_test(what_is_added_to_pkcs12_and_taken_away_again_leaves_the_file_as_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
