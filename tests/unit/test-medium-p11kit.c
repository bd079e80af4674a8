/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Trust directories and files, read through p11-kit's own module. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/root.h"
#include "feed.h"
#include "format/armor.h"
#include "medium/medium.h"
#include "medium/trustdir.h"
#include "model/der.h"
#include "model/place.h"
#include "trust.h"

static const struct make one = { .cn = "One", .key = 1 }, two = { .cn = "Two", .key = 2 },
			 three = { .cn = "Three", .key = 3 }, four = { .cn = "Four", .key = 4 };

static void percent(struct bytes from, struct buf *to)
{
	for (size_t i = 0; i < from.len; i++)
		buf_print(to, "%%%02x", from.at[i]);
}

/* A persistence file's object: the certificate by `how`, and lines of attributes. */
static void persist(const char *directory, const char *name, const struct make *how, const char *lines)
{
	struct buf text = { 0 }, der = { 0 };

	buf_print(&text, "[p11-kit-object-v1]\nclass: certificate\n%s", lines);
	make_cert(how, &der);
	armor_write(&text, "CERTIFICATE", buf_view(&der));
	feed_file(directory, name, buf_view(&text));
	buf_done(&text);
	buf_done(&der);
}

/* An Extension of this value, stapled to a key. */
static void staple(const char *directory, const char *name, unsigned key, const char *oid,
		   const uint8_t *value, size_t size)
{
	struct buf text = { 0 }, contents = { 0 }, body = { 0 }, id = { 0 }, spki = { 0 }, whole = { 0 };

	assert_true(der_oid_read(oid, &contents));
	der_write(&id, DER_OID, buf_view(&contents));
	buf_bytes(&body, buf_view(&id));
	der_write(&body, DER_OCTET_STRING, (struct bytes){ value, size });
	der_write(&whole, DER_SEQUENCE, buf_view(&body));
	buf_text(&text, "[p11-kit-object-v1]\nclass: x-certificate-extension\nobject-id: \"");
	percent(buf_view(&id), &text);
	buf_text(&text, "\"\nvalue: \"");
	percent(buf_view(&whole), &text);
	buf_text(&text, "\"\n");
	make_spki(key, &spki);
	armor_write(&text, "PUBLIC KEY", buf_view(&spki));
	feed_file(directory, name, buf_view(&text));
	buf_done(&text);
	buf_done(&contents);
	buf_done(&body);
	buf_done(&id);
	buf_done(&spki);
	buf_done(&whole);
}

/* SEQUENCE { emailProtection } and SEQUENCE { serverAuth } */
static const uint8_t email[] = { 0x30, 0x0a, 0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x04 };
static const uint8_t server[] = { 0x30, 0x0a, 0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01 };
/* SEQUENCE { permittedSubtrees [0] { { dNSName [2] "a.test" } } } */
static const uint8_t names[] = {
	0x30, 0x0c, 0xa0, 0x0a, 0x30, 0x08, 0x82, 0x06, 'a', '.', 't', 'e', 's', 't'
};

static void where_a_file_is_decides_what_it_is(void **state)
{
	char *directory = trust_directory();
	struct store *store;

	(void)state;
	trust_pem(directory, "anchors/one.pem", &one);
	trust_der(directory, "blocklist/two.der", &two);
	trust_pem(directory, "three.pem", &three);
	persist(directory, "four.p11-kit", &four, "trusted: true\nlabel: \"A%20label\"\n");
	store = trust_read_well("p11-kit", NULL, directory);
	assert_int_equal(store->count, 4);
	assert_int_equal(store->note_count, 0);
	assert_int_equal(trust_anchor(store, &one)->trusted, PURPOSES_ALL);
	assert_int_equal(trust_anchor(store, &one)->distrusted, 0);
	assert_int_equal(trust_anchor(store, &two)->trusted, 0);
	assert_int_equal(trust_anchor(store, &two)->distrusted, PURPOSES_ALL);
	assert_int_equal(trust_anchor(store, &three)->trusted | trust_anchor(store, &three)->distrusted, 0);
	assert_int_equal(trust_anchor(store, &four)->trusted, PURPOSES_ALL);
	assert_string_equal(trust_anchor(store, &four)->label, "A label");
	assert_non_null(strstr(trust_anchor(store, &one)->origin.file, "/anchors/one.pem"));
	assert_true(strncmp(trust_anchor(store, &one)->origin.file, directory, strlen(directory)) == 0);
	store_free(store);
	feed_remove(directory);
}

static void what_is_stapled_to_a_key_constrains_its_certificate(void **state)
{
	char *directory = trust_directory();
	const struct anchor *anchor;
	struct store *store;

	(void)state;
	trust_pem(directory, "anchors/one.pem", &one);
	staple(directory, "one-usage.p11-kit", 1, "2.5.29.37", email, sizeof(email));
	trust_pem(directory, "anchors/two.pem", &two);
	staple(directory, "two-reject.p11-kit", 2, "1.3.6.1.4.1.3319.6.10.1", server, sizeof(server));
	trust_pem(directory, "anchors/three.pem", &three);
	staple(directory, "three-names.p11-kit", 3, "2.5.29.30", names, sizeof(names));
	staple(directory, "nobody.p11-kit", 99, "2.5.29.37", email, sizeof(email));
	store = trust_read_well("p11-kit", NULL, directory);
	assert_int_equal(store->count, 3);
	anchor = trust_anchor(store, &one);
	assert_int_equal(anchor->trusted, PURPOSE_BIT(PURPOSE_EMAIL));
	assert_int_equal(anchor->attached_count, 1);
	assert_true(bytes_equal(anchor->attached[0].value, (struct bytes){ email, sizeof(email) }));
	anchor = trust_anchor(store, &two);
	assert_int_equal(anchor->trusted, PURPOSES_ALL);
	assert_int_equal(anchor->distrusted, PURPOSE_BIT(PURPOSE_SERVER_AUTH));
	anchor = trust_anchor(store, &three);
	assert_int_equal(anchor->trusted, PURPOSES_ALL);
	assert_int_equal(anchor->attached_count, 1);
	assert_true(bytes_equal(anchor->attached[0].oid, exts[EXT_NAME_CONSTRAINTS].oid));
	assert_true(trust_noted(store, NOTE_WARN, "/nobody.p11-kit", "no certificate here has"));
	store_free(store);
	feed_remove(directory);
}

/* SEQUENCE { trust { emailProtection }, reject [0] { serverAuth }, alias "alias" } */
static void an_openssl_trusted_certificate_has_purposes_rejects_and_an_alias(void **state)
{
	static const uint8_t aux[] = { 0x30, 0x1f, 0x30, 0x0a, 0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05,
				       0x07, 0x03, 0x04, 0xa0, 0x0a, 0x06, 0x08, 0x2b, 0x06, 0x01, 0x05,
				       0x05, 0x07, 0x03, 0x01, 0x0c, 0x05, 'a',  'l',  'i',  'a',  's' };
	char *directory = trust_directory();
	struct buf der = { 0 }, pem = { 0 };
	const struct anchor *anchor;
	struct store *store;

	(void)state;
	make_cert(&one, &der);
	buf_bytes(&der, (struct bytes){ aux, sizeof(aux) });
	armor_write(&pem, "TRUSTED CERTIFICATE", buf_view(&der));
	feed_file(directory, "one.pem", buf_view(&pem));
	store = trust_read_well("p11-kit", NULL, directory);
	assert_int_equal(store->note_count, 0);
	anchor = trust_anchor(store, &one);
	assert_int_equal(anchor->trusted, PURPOSE_BIT(PURPOSE_EMAIL));
	assert_int_equal(anchor->distrusted, PURPOSE_BIT(PURPOSE_SERVER_AUTH));
	assert_string_equal(anchor->label, "alias");
	store_free(store);
	buf_done(&der);
	buf_done(&pem);
	feed_remove(directory);
}

static void dates_of_distrust_are_dates_or_absent(void **state)
{
	char *directory = trust_directory();
	const struct anchor *anchor;
	struct store *store;

	(void)state;
	persist(directory, "one.p11-kit", &one,
		"trusted: true\nnss-mozilla-ca-policy: true\nnss-server-distrust-after: \"241201000000Z\"\n"
		"nss-email-distrust-after: \"%00\"\n");
	persist(directory, "two.p11-kit", &two, "trusted: true\nnss-email-distrust-after: \"soon\"\n");
	store = trust_read_well("p11-kit", NULL, directory);
	anchor = trust_anchor(store, &one);
	assert_int_equal(anchor->distrust_after[PURPOSE_SERVER_AUTH], 1733011200);
	assert_true(anchor->distrust_after[PURPOSE_EMAIL] == CLOCK_NONE);
	assert_true(anchor->mozilla_policy);
	assert_true(trust_anchor(store, &two)->distrust_after[PURPOSE_EMAIL] == CLOCK_NONE);
	assert_true(trust_noted(store, NOTE_ERROR, "/two.p11-kit", "'soon' is not a date"));
	store_free(store);
	feed_remove(directory);
}

static void distrust_names_an_issuer_and_serial_number_or_a_key(void **state)
{
	static const struct make leaf = {
		.cn = "Leaf", .issuer = "One", .key = 9, .issuer_key = 1, .serial = 7
	};
	char *directory = trust_directory();
	struct buf text = { 0 }, der = { 0 }, spki = { 0 };
	struct store *store;
	struct cert cert;
	struct err err;

	(void)state;
	make_cert(&leaf, &der);
	assert_true(cert_read(buf_view(&der), &cert, &err));
	buf_text(&text,
		 "[p11-kit-object-v1]\nclass: certificate\ncertificate-type: x-509\nx-distrusted: true\n"
		 "serial-number: \"%02%01%07\"\nissuer: \"");
	percent(cert.issuer, &text);
	buf_text(&text, "\"\n");
	feed_file(directory, "issuer.p11-kit", buf_view(&text));
	text.len = 0;
	buf_text(&text,
		 "[p11-kit-object-v1]\nclass: certificate\ncertificate-type: x-509\nx-distrusted: true\n");
	make_spki(2, &spki);
	armor_write(&text, "PUBLIC KEY", buf_view(&spki));
	feed_file(directory, "key.p11-kit", buf_view(&text));
	trust_pem(directory, "anchors/leaf.pem", &leaf);
	trust_pem(directory, "anchors/two.pem", &two);
	trust_pem(directory, "anchors/three.pem", &three);
	store = trust_read_well("p11-kit", NULL, directory);
	assert_int_equal(store->count, 5);
	assert_int_equal(trust_anchor(store, &leaf)->distrusted, PURPOSES_ALL);
	assert_int_equal(trust_anchor(store, &two)->distrusted, PURPOSES_ALL);
	assert_int_equal(trust_anchor(store, &three)->distrusted, 0);
	for (size_t i = 0; i < store->count; i++)
		if (store->anchors[i].names == ANCHOR_ISSUER_SERIAL)
			assert_true(bytes_equal(store->anchors[i].cert.serial, bytes_of("\x07")));
		else if (store->anchors[i].names == ANCHOR_KEY)
			assert_true(bytes_equal(store->anchors[i].cert.spki, buf_view(&spki)));
	store_free(store);
	buf_done(&text);
	buf_done(&der);
	buf_done(&spki);
	feed_remove(directory);
}

static void the_same_certificate_twice_is_one_and_blocked_if_one_of_them_is(void **state)
{
	char *directory = trust_directory();
	struct store *store;

	(void)state;
	trust_pem(directory, "anchors/one.pem", &one);
	trust_der(directory, "anchors/one.der", &one);
	trust_pem(directory, "anchors/two.pem", &two);
	trust_pem(directory, "blocklist/two.pem", &two);
	store = trust_read_well("p11-kit", NULL, directory);
	assert_int_equal(store->count, 2);
	assert_int_equal(trust_anchor(store, &one)->trusted, PURPOSES_ALL);
	assert_int_equal(trust_anchor(store, &one)->distrusted, 0);
	assert_int_equal(trust_anchor(store, &two)->distrusted, PURPOSES_ALL);
	assert_true(trust_noted(store, NOTE_INFO, "/anchors/one.pem", "anchors/one.der already"));
	store_free(store);
	feed_remove(directory);
}

static void every_file_that_makes_nothing_is_told_and_louder_where_it_forbids(void **state)
{
	char *directory = trust_directory();
	struct store *store;

	(void)state;
	trust_text(directory, "README", "about this directory\n");
	trust_text(directory, "bad.p11-kit", "[p11-kit-object-v1]\nclass: certificate\nfoo: bar\n");
	trust_text(directory, "forbid.p11-kit", "[p11-kit-object-v1]\nx-distrusted: perhaps\n");
	trust_text(directory, "anchors/empty.pem", "");
	trust_text(directory, "blocklist/junk.pem", "-----BEGIN CERTIFICATE-----\nMIIB\n");
	trust_pem(directory, "blacklist/one.pem", &one);
	trust_folder(directory, "anchors/deeper");
	trust_pem(directory, "anchors/deeper/two.pem", &two);
	trust_folder(directory, "elsewhere");
	trust_pem(directory, "anchors/three.pem", &three);
	assert_true(feed_run(NULL, "mkfifo '%s/anchors/fifo' && ln -s nowhere '%s/anchors/gone'", directory,
			     directory));
	store = trust_read_well("p11-kit", NULL, directory);
	assert_int_equal(store->count, 1);
	trust_anchor(store, &three);
	assert_true(trust_noted(store, NOTE_INFO, "/README", "makes nothing"));
	assert_true(trust_noted(store, NOTE_WARN, "/bad.p11-kit", "foo: invalid or unsupported attribute"));
	assert_true(trust_noted(store, NOTE_WARN, "/forbid.p11-kit", "that is NOT forbidden"));
	assert_true(trust_noted(store, NOTE_WARN, "/anchors/empty.pem", "it is empty"));
	assert_true(trust_noted(store, NOTE_WARN, "/blocklist/junk.pem", "NOT forbidden"));
	assert_true(
		trust_noted(store, NOTE_WARN, "/blacklist", "reads 'blocklist' and no longer 'blacklist'"));
	assert_true(trust_noted(store, NOTE_WARN, "/anchors/deeper", "passes over"));
	assert_true(trust_noted(store, NOTE_WARN, "/elsewhere", "passes over"));
	assert_true(trust_noted(store, NOTE_WARN, "/anchors/fifo", "no regular file"));
	assert_true(trust_noted(store, NOTE_WARN, "/anchors/gone", "a link to nothing"));
	assert_int_equal(trust_notes(store, NOTE_ERROR), 0);
	store_free(store);
	feed_remove(directory);
}

static void a_certificate_that_is_passed_over_inside_a_file_is_told_with_its_place(void **state)
{
	char *directory = trust_directory();
	struct buf all = { 0 }, first = { 0 }, last = { 0 };
	struct store *store;
	size_t at;

	(void)state;
	make_cert(&one, &first);
	make_cert(&two, &last);
	armor_write(&all, "CERTIFICATE", buf_view(&first));
	armor_write(&all, "CERTIFICATE", buf_view(&first));
	at = all.len;
	armor_write(&all, "CERTIFICATE", (struct bytes){ last.at, last.len - 9 });
	feed_file(directory, "blocklist/all.pem", buf_view(&all));
	store = trust_read_well("p11-kit", NULL, directory);
	assert_int_equal(store->count, 1);
	assert_true(trust_noted(store, NOTE_WARN, "/blocklist/all.pem",
				"begins here: what it is to forbid is NOT"));
	for (size_t i = 0; i < store->note_count; i++)
		if (strstr(store->notes[i].text, "begins here") != NULL)
			assert_int_equal(store->notes[i].at, at);
	store_free(store);
	buf_done(&all);
	buf_done(&first);
	buf_done(&last);
	feed_remove(directory);
}

static void names_may_hold_colons_quotes_spaces_and_newlines(void **state)
{
	char *directory = trust_directory(), *odd = mem_print("%s/we:ird \"dir' \n\\ x", directory);
	struct store *store;

	(void)state;
	assert_int_equal(mkdir(odd, 0755), 0);
	trust_folder(odd, "anchors");
	trust_pem(odd, "anchors/a:b \"c' \n.pem", &one);
	store = trust_read_well("p11-kit", NULL, odd);
	assert_int_equal(store->count, 1);
	assert_int_equal(store->note_count, 0);
	assert_true(strncmp(trust_anchor(store, &one)->origin.file, odd, strlen(odd)) == 0);
	assert_non_null(strstr(trust_anchor(store, &one)->origin.file, "/anchors/a:b \"c' \n.pem"));
	store_free(store);
	trust_pem(odd, "file: x", &two);
	free(odd);
	odd = mem_print("%s/we:ird \"dir' \n\\ x/file: x", directory);
	store = trust_read_well("p11-kit", NULL, odd);
	assert_int_equal(trust_anchor(store, &two)->trusted, PURPOSES_ALL);
	assert_string_equal(trust_anchor(store, &two)->origin.file, odd);
	store_free(store);
	free(odd);
	feed_remove(directory);
}

static void a_missing_path_is_an_error_and_not_an_empty_store(void **state)
{
	char *directory = trust_directory(), *missing = mem_print("%s/missing", directory);
	struct err err = { 0 };
	struct root host;
	struct place place;
	struct store *store;

	(void)state;
	assert_null(trust_read("p11-kit", NULL, missing, &err));
	assert_int_equal(err.code, ERR_ABSENT);
	trust_pem(directory, "anchors/one.pem", &one);
	assert_true(root_open(NULL, &host, &err));
	place_set(&place, "two paths", "p11-kit");
	place_add_path(&place, missing);
	place_add_path(&place, directory);
	store = medium_read(&place, &host, &err);
	assert_non_null(store);
	trust_anchor(store, &one);
	assert_true(trust_noted(store, NOTE_ERROR, "/missing", "No such file"));
	store_free(store);
	place_done(&place);
	root_done(&host);
	free(missing);
	feed_remove(directory);
}

static void a_file_of_which_nothing_is_read_is_an_error(void **state)
{
	char *directory = trust_directory(), *file = mem_print("%s/junk", directory);
	struct store *store;

	(void)state;
	trust_text(directory, "junk", "no certificate at all\n");
	store = trust_read_well("p11-kit", NULL, file);
	assert_int_equal(store->count, 0);
	assert_true(trust_noted(store, NOTE_ERROR, "/junk", "makes nothing"));
	store_free(store);
	free(file);
	feed_remove(directory);
}

static void inside_a_root_links_stay_inside_and_nothing_of_the_host_is_read(void **state)
{
	char *host = trust_directory(), *root = feed_directory(), *link;
	struct store *store;

	(void)state;
	/* The host has a file by this path, and the root has another. */
	trust_pem(host, "anchors/outer.pem", &two);
	assert_true(feed_run(NULL, "mkdir -p '%s%s' '%s/etc/trust/anchors' '%s/real/blocklist'", root, host,
			     root, root));
	link = mem_print("%s%s", root, host);
	trust_pem(link, "inner.pem", &three);
	free(link);
	assert_true(feed_run(NULL, "ln -s '%s/inner.pem' '%s/etc/trust/anchors/inner.pem'", host, root));
	assert_true(
		feed_run(NULL, "ln -s '%s/anchors/outer.pem' '%s/etc/trust/anchors/outer.pem'", host, root));
	assert_true(feed_run(NULL, "ln -s /real/blocklist '%s/etc/trust/blocklist'", root));
	assert_true(feed_run(
		NULL, "ln -s ../../../../../../../../../../../../real/up.pem '%s/etc/trust/up.pem'", root));
	link = mem_print("%s/real", root);
	trust_pem(link, "blocklist/one.pem", &one);
	trust_pem(link, "up.pem", &four);
	free(link);
	store = trust_read_well("p11-kit", root, "/etc/trust");
	assert_int_equal(store->count, 3);
	assert_int_equal(trust_anchor(store, &three)->trusted, PURPOSES_ALL);
	assert_string_equal(trust_anchor(store, &three)->origin.file, "/etc/trust/anchors/inner.pem");
	assert_int_equal(trust_anchor(store, &one)->distrusted, PURPOSES_ALL);
	assert_string_equal(trust_anchor(store, &four)->origin.file, "/etc/trust/up.pem");
	assert_true(trust_noted(store, NOTE_WARN, "/etc/trust/anchors/outer.pem", "a link to nothing"));
	store_free(store);
	store = trust_read_well("p11-kit", root, "/etc/trust/anchors/inner.pem");
	trust_anchor(store, &three);
	store_free(store);
	feed_remove(host);
	feed_remove(root);
}

/* p11-kit 0.24 aborts for a line `label: "`; what made this medium what it is. */
static void the_unfinished_label_that_aborts_p11_kit_is_named_or_told(void **state)
{
	char *directory = trust_directory();
	struct store *store;

	(void)state;
	trust_pem(directory, "anchors/one.pem", &one);
	trust_text(directory, "crash.p11-kit", "[p11-kit-object-v1]\nlabel: \"\n");
	trust_pem(directory, "blocklist/two.pem", &two);
	store = trust_read_well("p11-kit", NULL, directory);
	assert_int_equal(store->count, 2);
	assert_int_equal(trust_anchor(store, &one)->trusted, PURPOSES_ALL);
	assert_int_equal(trust_anchor(store, &two)->distrusted, PURPOSES_ALL);
	if (trust_noted(store, NOTE_WARN, "/crash.p11-kit", "makes nothing"))
		print_message("this p11-kit does not abort any more\n");
	else
		assert_true(trust_noted(store, NOTE_ERROR, "/crash.p11-kit", "died of signal 6"));
	store_free(store);
	feed_remove(directory);
}

static void p11_kits_trust_module_is_here(void **state)
{
	(void)state;
	skip();
}

static void what_p11_kit_prints_of_a_file_is_kept_with_its_line(void **state)
{
	static const struct {
		const char *said, *kept; /* NULL: it is about none of the files */
	} lines[] = {
		{ "p11-kit: bad.p11-kit: foo: invalid", "foo: invalid" },
		{ "p11-kit: bad.p11-kit:12: foo: invalid", "line 12: foo: invalid" },
		{ "p11-kit: bad.p11-kit:12 foo", NULL },
		{ "p11-kit: bad.p11-kit:", NULL },
		{ "p11-kit: bad.p11-kit2: foo", NULL },
		{ "p11-kit: other: foo", NULL },
		{ "bad.p11-kit: foo", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct trust_file file = { .name = mem_string("anchors/bad.p11-kit", 19) };
		struct trustdir dir = { .files = &file, .count = 1 };

		assert_int_equal(trustdir_hear(&dir, bytes_of(lines[i].said)), lines[i].kept != NULL);
		if (lines[i].kept != NULL)
			assert_string_equal(file.why, lines[i].kept);
		else
			assert_null(file.why);
		free(file.name);
		free(file.why);
	}
}

int main(void)
{
	struct CMUnitTest tests[] = {
		cmocka_unit_test(what_p11_kit_prints_of_a_file_is_kept_with_its_line),
		cmocka_unit_test(where_a_file_is_decides_what_it_is),
		cmocka_unit_test(what_is_stapled_to_a_key_constrains_its_certificate),
		cmocka_unit_test(an_openssl_trusted_certificate_has_purposes_rejects_and_an_alias),
		cmocka_unit_test(dates_of_distrust_are_dates_or_absent),
		cmocka_unit_test(distrust_names_an_issuer_and_serial_number_or_a_key),
		cmocka_unit_test(the_same_certificate_twice_is_one_and_blocked_if_one_of_them_is),
		cmocka_unit_test(every_file_that_makes_nothing_is_told_and_louder_where_it_forbids),
		cmocka_unit_test(a_certificate_that_is_passed_over_inside_a_file_is_told_with_its_place),
		cmocka_unit_test(names_may_hold_colons_quotes_spaces_and_newlines),
		cmocka_unit_test(a_missing_path_is_an_error_and_not_an_empty_store),
		cmocka_unit_test(a_file_of_which_nothing_is_read_is_an_error),
		cmocka_unit_test(inside_a_root_links_stay_inside_and_nothing_of_the_host_is_read),
		cmocka_unit_test(the_unfinished_label_that_aborts_p11_kit_is_named_or_told),
	};

	for (size_t i = 0; !trust_module_is_here() && i < sizeof(tests) / sizeof(tests[0]); i++)
		tests[i].test_func = p11_kits_trust_module_is_here;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
