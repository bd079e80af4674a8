/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* PKCS#12 as others write and read it. */
#include "unit.h"

#include <stdlib.h>

#include "feed.h"
#include "format/armor.h"
#include "format/format.h"

static unsigned count_words(struct bytes in, const char *word)
{
	const uint8_t *hit;
	unsigned count = 0;

	while (in.len > 0 && (hit = memmem(in.at, in.len, word, strlen(word))) != NULL) {
		in = bytes_skip(in, (size_t)(hit - in.at) + strlen(word));
		count++;
	}
	return count;
}

static void need(const char *program)
{
	if (feed_run(NULL, "command -v %s >/dev/null", program))
		return;
	print_message("# %s is not installed\n", program);
	skip();
}

static void keytool_lists_every_certificate_as_trusted_and_openssl_reads_them(void **state)
{
	static const unsigned counts[] = { 1, 150, 1000 };

	(void)state;
	need("keytool");
	need("openssl");
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		struct store *store = feed_roots(counts[i]);
		char *dir = feed_directory();
		struct buf file = { 0 }, told = { 0 };

		feed_write(&format_pkcs12, store, &file);
		feed_file(dir, "our.p12", buf_view(&file));
		assert_true(
			feed_run(&told, "keytool -list -keystore %s/our.p12 -storepass changeit 2>&1", dir));
		assert_int_equal(count_words(buf_view(&told), "trustedCertEntry"), counts[i]);
		told.len = 0;
		assert_true(feed_run(
			&told, "openssl pkcs12 -in %s/our.p12 -nokeys -passin pass:changeit 2>&1", dir));
		assert_int_equal(count_words(buf_view(&told), "-----BEGIN CERTIFICATE"), counts[i]);
		feed_remove(dir);
		buf_done(&file);
		buf_done(&told);
		store_free(store);
	}
}

/* Reads what a peer has written, and compares the certificates; true: all are anchors. */
static bool same_certificates(const char *dir, const char *name, struct store *want)
{
	struct buf file = { 0 };
	const struct anchor **a, **b;
	struct store *got;
	bool trusted = true;

	feed_load(dir, name, &file);
	assert_true(format_of(buf_view(&file)) == &format_pkcs12);
	got = feed_well(&format_pkcs12, buf_view(&file));
	if (got->count != want->count)
		fail_msg("%s: %zu of %zu certificates", name, got->count, want->count);
	a = store_by_id(got);
	b = store_by_id(want);
	for (size_t i = 0; i < want->count; i++) {
		assert_memory_equal(a[i]->id, b[i]->id, ID_LEN);
		trusted = trusted && a[i]->trusted == PURPOSES_ALL;
		assert_true(a[i]->trusted == PURPOSES_ALL || a[i]->trusted == 0);
	}
	free(a);
	free(b);
	store_free(got);
	buf_done(&file);
	return trusted;
}

static void what_keytool_writes_is_read_with_every_certificate_as_an_anchor(void **state)
{
	static const char *const options[] = {
		"",
		"-J-Dkeystore.pkcs12.legacy",
		"-J-Dkeystore.pkcs12.certProtectionAlgorithm=NONE -J-Dkeystore.pkcs12.macAlgorithm=NONE",
		"-J-Dkeystore.pkcs12.certProtectionAlgorithm=PBEWithSHA1AndDESede",
		("-J-Dkeystore.pkcs12.certProtectionAlgorithm=PBEWithHmacSHA512AndAES_128 "
		 "-J-Dkeystore.pkcs12.macAlgorithm=HmacPBESHA512"),
		"-J-Dkeystore.pkcs12.certProtectionAlgorithm=PBEWithHmacSHA1AndAES_256",
	};
	struct store *store;
	char *dir;
	struct buf jks = { 0 };

	(void)state;
	need("keytool");
	store = feed_roots(1000);
	dir = feed_directory();
	feed_write(&format_jks, store, &jks);
	feed_file(dir, "in.jks", buf_view(&jks));
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		assert_true(feed_run(
			NULL,
			"rm -f %s/out.p12; keytool %s -importkeystore -noprompt -srckeystore %s/in.jks "
			"-srcstorepass changeit -destkeystore %s/out.p12 -deststoretype PKCS12 "
			"-deststorepass changeit >/dev/null 2>&1",
			dir, options[i], dir, dir));
		assert_true(same_certificates(dir, "out.p12", store));
	}
	feed_remove(dir);
	buf_done(&jks);
	store_free(store);
}

static void what_openssl_writes_is_read_as_neutral(void **state)
{
	static const char *const options[] = {
		"",
		"-legacy",
		"-certpbe NONE -nomac",
		"-certpbe PBE-SHA1-3DES -macalg sha1",
		"-certpbe AES-128-CBC",
		"-certpbe AES-192-CBC -macalg sha512",
		"-certpbe DES-EDE3-CBC",
		"-passout pass:",
	};
	struct store *store;
	char *dir;
	struct buf pem = { 0 };

	(void)state;
	need("openssl");
	store = feed_roots(150);
	dir = feed_directory();
	for (size_t i = 0; i < store->count; i++)
		armor_write(&pem, "CERTIFICATE", store->anchors[i].cert.der);
	feed_file(dir, "in.pem", buf_view(&pem));
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		if (!feed_run(NULL,
			      "openssl pkcs12 -export -nokeys -in %s/in.pem -out %s/out.p12 -passout "
			      "pass:changeit %s 2>/dev/null",
			      dir, dir, options[i]))
			print_message("# this openssl cannot do %s\n", options[i]);
		else
			assert_false(same_certificates(dir, "out.p12", store));
	}
	feed_remove(dir);
	buf_done(&pem);
	store_free(store);
}

static void what_certtool_writes_is_read_as_neutral(void **state)
{
	static const char *const words[] = { "--password changeit", "--empty-password", "--null-password" };
	struct store *store;
	char *dir;
	struct buf pem = { 0 };

	(void)state;
	need("certtool");
	store = feed_roots(3);
	dir = feed_directory();
	for (size_t i = 0; i < store->count; i++)
		armor_write(&pem, "CERTIFICATE", store->anchors[i].cert.der);
	feed_file(dir, "in.pem", buf_view(&pem));
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		/* That of GnuTLS 3.8.9 crashes for want of a password. */
		if (feed_run(NULL,
			     "certtool --to-p12 --outder --p12-name trees --load-certificate %s/in.pem "
			     "--outfile %s/out.p12 %s >/dev/null 2>&1",
			     dir, dir, words[i]))
			assert_false(same_certificates(dir, "out.p12", store));
		else if (i == 0)
			fail_msg("certtool writes nothing");
		else
			print_message("# this certtool cannot do %s\n", words[i]);
	}
	feed_remove(dir);
	buf_done(&pem);
	store_free(store);
}

static void what_nss_writes_is_read_as_neutral(void **state)
{
	struct store *store;
	struct buf file = { 0 };
	struct err err = { 0 };
	char *dir;

	(void)state;
	need("certutil");
	need("pk12util");
	dir = feed_directory();
	assert_true(feed_run(
		NULL,
		"cd %s && certutil -N -d sql:. --empty-password && head -c 64 /dev/urandom >noise && "
		"certutil -S -d sql:. -n tree -s CN=Tree -x -k ec -q nistp256 -t C,, -z noise "
		">/dev/null 2>&1 && pk12util -o out.p12 -n tree -d sql:. -W changeit >/dev/null",
		dir));
	feed_load(dir, "out.p12", &file);
	store = feed(&format_pkcs12, buf_view(&file), &err);
	assert_int_equal(store->count, 1);
	assert_string_equal(store->anchors[0].label, "tree");
	assert_int_equal(store->anchors[0].trusted, 0);
	assert_true(feed_noted(store, NOTE_WARN, "a PRIVATE KEY under the name 'tree'"));
	assert_false(feed_noted(store, NOTE_INFO, "the integrity was not checked"));
	store_free(store);
	buf_done(&file);
	feed_remove(dir);
}

static void an_unknown_password_is_an_error_and_a_changed_store_a_warning(void **state)
{
	struct store *store, *got;
	char *dir;
	struct buf pem = { 0 }, file = { 0 };
	struct err err;

	(void)state;
	need("openssl");
	store = feed_roots(1);
	dir = feed_directory();
	armor_write(&pem, "CERTIFICATE", store->anchors[0].cert.der);
	feed_file(dir, "in.pem", buf_view(&pem));
	assert_true(feed_run(NULL,
			     "openssl pkcs12 -export -nokeys -in %s/in.pem -out %s/a.p12 -passout pass:other",
			     dir, dir));
	feed_load(dir, "a.p12", &file);
	got = feed(&format_pkcs12, buf_view(&file), &err);
	assert_int_equal(err.code, ERR_UNSUPPORTED);
	assert_non_null(strstr(err.text, "a password is needed that is not known here"));
	store_free(got);
	file.len = 0;
	assert_true(feed_run(
		NULL, "openssl pkcs12 -export -nokeys -in %s/in.pem -out %s/b.p12 -passout pass:changeit",
		dir, dir));
	feed_load(dir, "b.p12", &file);
	file.at[file.len - 20] ^= 1; /* in the MAC or its salt */
	got = feed_well(&format_pkcs12, buf_view(&file));
	assert_int_equal(got->count, 1);
	assert_true(feed_noted(got, NOTE_WARN, "the MAC is not that of the content"));
	store_free(got);
	feed_remove(dir);
	buf_done(&pem);
	buf_done(&file);
	store_free(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keytool_lists_every_certificate_as_trusted_and_openssl_reads_them),
		cmocka_unit_test(what_keytool_writes_is_read_with_every_certificate_as_an_anchor),
		cmocka_unit_test(what_openssl_writes_is_read_as_neutral),
		cmocka_unit_test(what_certtool_writes_is_read_as_neutral),
		cmocka_unit_test(what_nss_writes_is_read_as_neutral),
		cmocka_unit_test(an_unknown_password_is_an_error_and_a_changed_store_a_warning),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
