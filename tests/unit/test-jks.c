/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit.h"

#include <gnutls/crypto.h>

#include "feed.h"
#include "format/format.h"
#include "hand.h"
#include "make.h"
#include "model/anchor.h"

static void cert(unsigned key, struct buf *to)
{
	make_cert(&(struct make){ .cn = "Java", .key = key, .serial = key }, to);
}

static void str(struct buf *to, const char *text)
{
	buf_be16(to, (unsigned)strlen(text));
	buf_text(to, text);
}

static void header(struct buf *to, uint32_t version, uint32_t count)
{
	buf_be32(to, 0xfeedfeed);
	buf_be32(to, version);
	buf_be32(to, count);
}

static void blob(struct buf *to, struct bytes bytes)
{
	buf_be32(to, (uint32_t)bytes.len);
	buf_bytes(to, bytes);
}

static void trusted(struct buf *to, uint32_t version, const char *alias, unsigned key)
{
	struct buf der = { 0 };

	cert(key, &der);
	buf_be32(to, 2);
	str(to, alias);
	buf_be64(to, 1600000000000);
	if (version > 1)
		str(to, "X.509");
	blob(to, buf_view(&der));
	buf_done(&der);
}

/* The digest under a password that is given as UTF-16BE. */
static void seal(struct buf *to, const char *utf16, size_t len)
{
	struct buf all = { 0 };
	uint8_t digest[20];

	buf_bytes(&all, (struct bytes){ (const uint8_t *)utf16, len });
	buf_text(&all, "Mighty Aphrodite");
	buf_bytes(&all, buf_view(to));
	assert_int_equal(gnutls_hash_fast(GNUTLS_DIG_SHA1, all.at, all.len, digest), 0);
	buf_bytes(to, (struct bytes){ digest, sizeof(digest) });
	buf_done(&all);
}
#define CHANGEIT "\0c\0h\0a\0n\0g\0e\0i\0t", 16

static void both_versions_are_read_with_aliases_and_a_digest_that_fits(void **state)
{
	(void)state;
	for (uint32_t version = 1; version <= 2; version++) {
		struct buf file = { 0 };
		struct store *store;

		header(&file, version, 2);
		trusted(&file, version, "debian:one.pem", 1);
		trusted(&file, version, "two", 2);
		seal(&file, CHANGEIT);
		assert_true(format_of(buf_view(&file)) == &format_jks);
		store = feed_well(&format_jks, buf_view(&file));
		assert_int_equal(store->count, 2);
		assert_string_equal(store->anchors[0].label, "debian:one.pem");
		assert_string_equal(store->anchors[1].origin.alias, "two");
		assert_int_equal(store->anchors[1].trusted, PURPOSES_ALL);
		assert_int_equal(store->note_count, 0);
		store_free(store);
		buf_done(&file);
	}
}

static void an_empty_password_fits_and_an_unknown_one_is_only_worth_knowing(void **state)
{
	static const struct {
		const char *utf16;
		size_t len, notes;
	} rows[] = { { "", 0, 0 }, { "\0s\0e\0s\0a\0m\0e", 12, 1 } };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct buf file = { 0 };
		struct store *store;

		header(&file, 2, 1);
		trusted(&file, 2, "one", 1);
		seal(&file, rows[i].utf16, rows[i].len);
		store = feed_well(&format_jks, buf_view(&file));
		assert_int_equal(store->count, 1);
		assert_int_equal(store->note_count, rows[i].notes);
		assert_int_equal(feed_noted(store, NOTE_INFO, "password is unknown"), rows[i].notes > 0);
		store_free(store);
		buf_done(&file);
	}
}

static void a_digest_of_the_wrong_length_is_a_warning(void **state)
{
	(void)state;
	for (size_t extra = 0; extra < 3; extra++) {
		struct buf file = { 0 };
		struct store *store;

		header(&file, 2, 1);
		trusted(&file, 2, "one", 1);
		if (extra > 0)
			seal(&file, CHANGEIT);
		if (extra == 1)
			file.len--;
		if (extra == 2)
			buf_byte(&file, 0);
		store = feed_well(&format_jks, buf_view(&file));
		assert_int_equal(store->count, 1);
		assert_true(feed_noted(store, NOTE_WARN, "of the digest belong"));
		store_free(store);
		buf_done(&file);
	}
}

static void a_private_key_is_told_loudly_and_passed_over_with_its_chain(void **state)
{
	struct buf file = { 0 }, der = { 0 };
	struct store *store;

	(void)state;
	cert(3, &der);
	header(&file, 2, 2);
	buf_be32(&file, 1);
	str(&file, "mine");
	buf_be64(&file, 0);
	blob(&file, bytes_of("not a key"));
	buf_be32(&file, 2);
	for (int i = 0; i < 2; i++) {
		str(&file, "X.509");
		blob(&file, buf_view(&der));
	}
	trusted(&file, 2, "one", 1);
	seal(&file, CHANGEIT);
	store = feed_well(&format_jks, buf_view(&file));
	assert_int_equal(store->count, 1);
	assert_true(feed_noted(store, NOTE_WARN, "a PRIVATE KEY of 9 bytes under the alias 'mine'"));
	assert_true(feed_noted(store, NOTE_WARN, "chain of 2 certificates"));
	assert_int_equal(store->notes[0].at, 12);
	store_free(store);
	buf_done(&file);
	buf_done(&der);
}

static void a_certificate_of_another_type_or_none_at_all_is_noted(void **state)
{
	struct buf file = { 0 };
	struct store *store;

	(void)state;
	header(&file, 2, 3);
	buf_be32(&file, 2);
	str(&file, "pgp");
	buf_be64(&file, 0);
	str(&file, "PGP");
	blob(&file, bytes_of("x"));
	buf_be32(&file, 2);
	str(&file, "junk");
	buf_be64(&file, 0);
	str(&file, "X.509");
	blob(&file, bytes_of("junk"));
	trusted(&file, 2, "one", 1);
	seal(&file, CHANGEIT);
	store = feed_well(&format_jks, buf_view(&file));
	assert_int_equal(store->count, 1);
	assert_true(feed_noted(store, NOTE_WARN, "of the type 'PGP'"));
	assert_true(feed_noted(store, NOTE_WARN, "4 bytes that are no certificate"));
	store_free(store);
	buf_done(&file);
}

static void aliases_are_modified_utf_8(void **state)
{
	struct buf file = { 0 };
	struct store *store;

	(void)state;
	header(&file, 2, 2);
	trusted(&file, 2, "tan\xc3\xbas\xed\xa0\xbd\xed\xb8\x80!", 1);
	trusted(&file, 2, "\xed\xa0\xbd alone", 2);
	seal(&file, CHANGEIT);
	store = feed_well(&format_jks, buf_view(&file));
	assert_string_equal(store->anchors[0].label, "tan\xc3\xbas\xf0\x9f\x98\x80!");
	assert_string_equal(store->anchors[1].label, "\xed\xa0\xbd alone");
	store_free(store);
	buf_done(&file);
}

static void what_is_not_jks_is_refused_with_a_reason(void **state)
{
	static const struct {
		uint32_t magic, version, count, tag;
		const char *words;
	} rows[] = {
		{ 0xfeedface, 2, 0, 0, "no JKS header" },
		{ 0xfeedfeed, 3, 0, 0, "version 3" },
		{ 0xfeedfeed, 2, 1, 9, "entry 1 of 1" },
		{ 0xfeedfeed, 2, 4000000000, 2, "entry 2 of 4000000000" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf file = { 0 }, entry = { 0 };
		struct err err;

		buf_be32(&file, rows[i].magic);
		buf_be32(&file, rows[i].version);
		buf_be32(&file, rows[i].count);
		trusted(&entry, 2, "x", 1);
		entry.at[3] = (uint8_t)rows[i].tag;
		buf_bytes(&file, buf_view(&entry));
		store_free(feed(&format_jks, buf_view(&file), &err));
		assert_non_null(strstr(err.text, rows[i].words));
		buf_done(&file);
		buf_done(&entry);
	}
}

/* Names that fold to one alias, that fold to nothing, and one that looks like a number behind a name. */
static struct store *named(void)
{
	static const char *const labels[] = { "My CA",        "my ca", "MYCA-1", "\xc3\xa9\xc3\xa9",
					      "\xe2\x80\xae", "myca",  "x:y" };
	struct store *store = store_new("named");

	for (unsigned i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
		struct buf der = { 0 };
		struct anchor *anchor;

		cert(i + 1, &der);
		anchor = store_add(store, buf_view(&der), 0);
		store_label(store, anchor, bytes_of(labels[i]));
		anchor->trusted = PURPOSES_ALL;
		buf_done(&der);
	}
	return store;
}

static void aliases_are_small_ascii_and_no_two_are_equal(void **state)
{
	static const char *const aliases[] = { "myca",        "myca-1", "myca-1-1", "unlabeled",
					       "unlabeled-1", "myca-2", "x:y" };
	struct store *store = named(), *back;
	struct buf file = { 0 };

	(void)state;
	feed_write(&format_jks, store, &file);
	back = feed_well(&format_jks, buf_view(&file));
	assert_int_equal(back->note_count, 0);
	assert_int_equal(back->count, store->count);
	for (size_t i = 0; i < back->count; i++) {
		assert_string_equal(back->anchors[i].label, aliases[i]);
		assert_memory_equal(back->anchors[i].id, store->anchors[i].id, ID_LEN);
	}
	feed_round(&format_jks, back);
	buf_done(&file);
	store_free(back);
	store_free(store);
}

static void a_name_of_any_length_can_be_written(void **state)
{
	enum { LONG = 70000 }; /* more than the 16 bits of its length */
	struct store *store = store_new("here"), *back;
	struct buf name = { 0 }, der = { 0 }, file = { 0 };

	(void)state;
	for (int i = 0; i < LONG; i++)
		buf_byte(&name, 'a');
	buf_byte(&name, '\0');
	for (uint8_t serial = 1; serial <= 2; serial++) {
		der.len = 0;
		hand_root((const char *)name.at, serial, serial, &der);
		store_add(store, buf_view(&der), 0)->trusted = PURPOSES_ALL;
	}
	feed_write(&format_jks, store, &file);
	back = feed_well(&format_jks, buf_view(&file));
	assert_int_equal(back->count, 2);
	assert_memory_equal(back->anchors[1].id, store->anchors[1].id, ID_LEN);
	assert_string_not_equal(back->anchors[0].label, back->anchors[1].label);
	store_free(back);
	store_free(store);
	buf_done(&name);
	buf_done(&der);
	buf_done(&file);
}

static void a_thousand_equal_names_are_numbered(void **state)
{
	struct store *store = store_new("equal"), *back;
	struct buf der = { 0 }, file = { 0 };

	(void)state;
	cert(1, &der);
	for (size_t i = 0; i < 1000; i++)
		store_add(store, buf_view(&der), 0);
	feed_write(&format_jks, store, &file);
	back = feed_well(&format_jks, buf_view(&file));
	assert_string_equal(back->anchors[999].label, "java-999");
	store_free(back);
	store_free(store);
	buf_done(&der);
	buf_done(&file);
}

static void a_file_cut_anywhere_is_never_silently_less(void **state)
{
	struct store *store = named();
	struct buf file = { 0 };

	(void)state;
	feed_write(&format_jks, store, &file);
	feed_cut(&format_jks, buf_view(&file), NULL);
	buf_done(&file);
	store_free(store);
}

static void keytool_lists_every_entry_as_trusted(void **state)
{
	struct store *store = named();
	struct buf file = { 0 }, text = { 0 };
	size_t count = 0;
	char *dir;

	(void)state;
	if (!feed_run(NULL, "keytool -help >/dev/null 2>&1")) {
		store_free(store);
		print_message("no keytool here\n");
		skip();
	}
	dir = feed_directory();
	feed_write(&format_jks, store, &file);
	feed_file(dir, "cacerts", buf_view(&file));
	assert_true(feed_run(
		&text, "keytool -J-Duser.language=en -list -keystore %s/cacerts -storepass changeit 2>&1",
		dir));
	buf_byte(&text, '\0');
	for (const char *at = (const char *)text.at; (at = strstr(at, "trustedCertEntry")) != NULL; at++)
		count++;
	assert_int_equal(count, store->count);
	assert_non_null(strstr((char *)text.at, "contains 7 entries"));
	buf_done(&file);
	buf_done(&text);
	feed_remove(dir);
	store_free(store);
}

static void what_keytool_writes_is_read(void **state)
{
	struct store *store = named(), *back;
	struct buf pem = { 0 }, file = { 0 };
	char *dir;

	(void)state;
	if (!feed_run(NULL, "keytool -help >/dev/null 2>&1")) {
		store_free(store);
		print_message("no keytool here\n");
		skip();
	}
	dir = feed_directory();
	store->count = 1;
	feed_write(&format_pem, store, &pem);
	feed_file(dir, "ca.pem", buf_view(&pem));
	assert_true(feed_run(
		NULL,
		"keytool -importcert -noprompt -alias 'Größe' -file %s/ca.pem -keystore %s/ks "
		"-storetype JKS -storepass changeit >/dev/null 2>&1 && "
		"keytool -genkeypair -keyalg EC -alias key -dname CN=k -keystore %s/ks -storetype JKS "
		"-storepass changeit -keypass changeit >/dev/null 2>&1",
		dir, dir, dir));
	feed_load(dir, "ks", &file);
	back = feed_well(&format_jks, buf_view(&file));
	assert_int_equal(back->count, 1);
	assert_memory_equal(back->anchors[0].id, store->anchors[0].id, ID_LEN);
	assert_true(feed_noted(back, NOTE_WARN, "a PRIVATE KEY"));
	assert_int_equal(back->note_count, 1);
	store_free(back);
	store_free(store);
	buf_done(&pem);
	buf_done(&file);
	feed_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_versions_are_read_with_aliases_and_a_digest_that_fits),
		cmocka_unit_test(an_empty_password_fits_and_an_unknown_one_is_only_worth_knowing),
		cmocka_unit_test(a_digest_of_the_wrong_length_is_a_warning),
		cmocka_unit_test(a_private_key_is_told_loudly_and_passed_over_with_its_chain),
		cmocka_unit_test(a_certificate_of_another_type_or_none_at_all_is_noted),
		cmocka_unit_test(aliases_are_modified_utf_8),
		cmocka_unit_test(what_is_not_jks_is_refused_with_a_reason),
		cmocka_unit_test(aliases_are_small_ascii_and_no_two_are_equal),
		cmocka_unit_test(a_name_of_any_length_can_be_written),
		cmocka_unit_test(a_thousand_equal_names_are_numbered),
		cmocka_unit_test(a_file_cut_anywhere_is_never_silently_less),
		cmocka_unit_test(keytool_lists_every_entry_as_trusted),
		cmocka_unit_test(what_keytool_writes_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
