/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/mem.h"
#include "find/content.h"
#include "find/setting.h"
#include "find/sites.h"

static void rows_have_texts_words_and_lines_and_grow_where_they_are_given_again(void **state)
{
	static const char first[] =
		"# comment\n[group g]\nbase = /a ~/b\n  $C/d\ntail = .\n"
		"[x]\nin = g\npath = p q\npath = r\nused-by = one thing\nused-by = another\n"
		"write = edit\n";
	static const char second[] = "[x]\nwrite = none\npath = s\n[y]\npath = /z\n";
	struct sites sites = { 0 };
	struct err err = { 0 };

	(void)state;
	assert_true(sites_read(bytes_of(first), "first", &sites, &err));
	assert_true(sites_read(bytes_of(second), "second", &sites, &err));
	assert_int_equal(sites.count, 2);
	assert_string_equal(sites.all[0].group, "g");
	assert_int_equal(sites.all[0].paths.count, 4);
	assert_string_equal(sites.all[0].paths.all[3], "s");
	assert_int_equal(sites.all[0].used_by.count, 2);
	assert_string_equal(sites.all[0].used_by.all[0], "one thing");
	assert_string_equal(sites.all[0].write, "none");
	assert_int_equal(sites_group(&sites, "g")->bases.count, 3);
	assert_string_equal(sites_group(&sites, "g")->bases.all[2], "$C/d");
	assert_null(sites_group(&sites, "h"));
	sites_done(&sites);
}

static void what_is_not_understood_is_an_error_that_names_file_and_place(void **state)
{
	static const struct {
		const char *text, *words;
	} rows[] = {
		{ "[x]\npaht = /a\n", "f: [x] has a key 'paht'" },
		{ "[group x]\npath = /a\n", "[group x] has a key 'path'" },
		{ "[x]\npath = a\n", "path 'a' must begin with" },
		{ "[x]\npath = /a\nnonsense\n", "line 3" },
		{ "[x]\nin = g\npath = a\n", "there is no [group g]" },
		{ "[x:y]\npath = /a\n", "no colons" },
		{ "[x]\npath = /"
		  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		  "aaaaaaaaaa"
		  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		  "aaaaaaaaa\n",
		  "line 2 has 207 bytes" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sites sites = { 0 };
		struct err err = { 0 };

		assert_false(sites_read(bytes_of(rows[i].text), "f", &sites, &err));
		if (strstr(err.text, rows[i].words) == NULL)
			fail_msg("'%s' is not in '%s'", rows[i].words, err.text);
		sites_done(&sites);
	}
}

static void a_zero_byte_does_not_end_the_rows_silently(void **state)
{
	static const uint8_t text[] = "[x]\npath = /a\n\0[y]\npath = /b\n";
	struct sites sites = { 0 };
	struct err err = { 0 };

	(void)state;
	assert_false(sites_read((struct bytes){ text, sizeof(text) - 1 }, "f", &sites, &err));
	assert_non_null(strstr(err.text, "zero byte"));
	sites_done(&sites);
}

static void settings_are_read_in_the_dialects_of_many_programs(void **state)
{
	static const struct {
		const char *text, *key, *value;
		unsigned line;
	} rows[] = {
		{ "[http]\n\tsslCAInfo = /a\n", "http.sslcainfo", "/a", 2 },
		{ "[http \"https://x/\"]\nsslcainfo=/a # why\n", "http.sslCAInfo", "/a", 2 },
		{ "[httpx]\nsslcainfo=/a\n", "http.sslCAInfo", NULL, 0 },
		{ "[global]\ncert = /a b\n", "cert", "/a b", 2 },
		{ "cafile=\"/a b\"\r\n", "cafile", "/a b", 1 },
		{ "# cacert = /no\n--cacert /a\n", "cacert", "/a", 2 },
		{ "cacert \"/a\"\n", "cacert", "/a", 1 },
		{ "ca-certificate = /a\n", "ca_certificate", "/a", 1 },
		{ "[http]\ncainfo = '/a'\n", "http.cainfo", "/a", 2 },
		{ ":ssl_ca_cert: /a\n", "ssl_ca_cert", "/a", 1 },
		{ "ssl_verify: /a\n", "ssl_verify", "/a", 1 },
		{ "    certificate-authority: /a\n", "certificate-authority", "/a", 1 },
		{ "openssl.cafile=/a ; b\n", "openssl.cafile", "/a", 1 },
		{ ";openssl.cafile=/a\n", "openssl.cafile", NULL, 0 },
		{ "TLS_CACERT\t/a\n", "TLS_CACERT", "/a", 1 },
		{ "cacerts /a\ncacert\ncacert =\n", "cacert", NULL, 0 },
		{ "- ca = /a", "ca", "/a", 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct setting setting;
		bool found;

		setting_begin(&setting, bytes_of(rows[i].text), rows[i].key);
		found = setting_next(&setting);
		if (found != (rows[i].value != NULL))
			fail_msg("row %zu", i);
		if (found && rows[i].value != NULL && !bytes_equal(setting.value, bytes_of(rows[i].value)))
			fail_msg("row %zu: '%.*s'", i, (int)setting.value.len,
				 (const char *)setting.value.at);
		assert_int_equal(found ? setting.line : 0, rows[i].line);
		assert_false(found && setting_next(&setting));
	}
}

/* The text through the window of a scan, in blocks of `step` bytes. */
static struct content seen(const char *name, struct bytes text, size_t step)
{
	uint8_t *block = mem_zero(step + CONTENT_KEPT);
	struct content content;
	size_t kept = 0, at = 0;

	content_begin(&content, name);
	do {
		size_t n = text.len - at < step ? text.len - at : step;

		if (n > 0)
			memcpy(block + kept, text.at + at, n);
		at += n;
		kept = content_look(&content, block, kept + n);
		assert_true(kept <= CONTENT_KEPT);
	} while (at < text.len);
	content_end(&content, text.len);
	free(block);
	return content;
}

static void a_mark_is_found_wherever_a_block_ends(void **state)
{
	static const char text[] = "x-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----\n"
				   "-----BEGIN X509 CERTIFICATE-----\n-----BEGIN TRUSTED CERTIFICATE-----"
				   "-----BEGIN NEW CERTIFICATE-----\nBEGIN CERTIFICATE-----\n";

	(void)state;
	for (size_t step = 20; step < sizeof(text) + 3; step++) {
		struct content content = seen("a", bytes_of(text), step);

		assert_string_equal(content.kind, "pem");
		assert_int_equal(content.count, 3);
	}
	assert_null(seen("a", bytes_of(""), 100).kind);
}

static void the_start_of_a_file_tells_other_kinds(void **state)
{
	static const struct {
		const char *name, *bytes;
		size_t len;
		const char *kind;
	} rows[] = {
		{ "a", "\xfe\xed\xfe\xed\0\0\0\2\0\0\0\0", 12, "jks" },
		{ "a", "\xce\xce\xce\xce\0\0\0\1", 8, "jks" },
		{ "a", "\xfe\xed\xfe\xed\0\0\0\3", 8, NULL },
		{ "a", "\xfe\xed", 2, NULL },
		{ "cert9.db", "SQLite format 3\0....", 20, "nss" },
		{ "places.sqlite", "SQLite format 3\0....", 20, NULL },
		{ "cert8.db", "x", 1, "nss" },
		{ "a", "0\x82\0\6\2\1\3\x30\0\0", 10, "pkcs12" },
		{ "a", "0\x82\0\7\2\1\3\x30\0\0", 10, NULL },
		{ "a", "0\x82\0\x0b\x30\x82\0\7\xa0\3\2\1\2\0\0", 15, "der" },
		{ "a", "\177ELF....-----BEGIN CERTIFICATE-----", 35, "embedded" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bytes bytes = { (const uint8_t *)rows[i].bytes, rows[i].len };
		const char *kind = seen(rows[i].name, bytes, 4096).kind;

		if ((kind == NULL) != (rows[i].kind == NULL) ||
		    (kind != NULL && strcmp(kind, rows[i].kind) != 0))
			fail_msg("row %zu: %s", i, kind != NULL ? kind : "nothing");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_have_texts_words_and_lines_and_grow_where_they_are_given_again),
		cmocka_unit_test(what_is_not_understood_is_an_error_that_names_file_and_place),
		cmocka_unit_test(a_zero_byte_does_not_end_the_rows_silently),
		cmocka_unit_test(settings_are_read_in_the_dialects_of_many_programs),
		cmocka_unit_test(a_mark_is_found_wherever_a_block_ends),
		cmocka_unit_test(the_start_of_a_file_tells_other_kinds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
