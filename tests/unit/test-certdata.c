/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit.h"

#define P11_KIT_FUTURE_UNSTABLE_API
#include <p11-kit/iter.h>
#include <p11-kit/p11-kit.h>
#include <stdlib.h>

#include <gnutls/crypto.h>

#include "base/clock.h"
#include "base/root.h"
#include "feed.h"
#include "find/find.h"
#include "format/format.h"
#include "make.h"
#include "medium/medium.h"
#include "model/der.h"
#include "model/place.h"

#define SERVER PURPOSE_BIT(PURPOSE_SERVER_AUTH)
#define EMAIL  PURPOSE_BIT(PURPOSE_EMAIL)

/* Lines of \ooo between the name and END. */
static void put_octal(const char *name, struct bytes value, struct buf *to)
{
	buf_print(to, "%s MULTILINE_OCTAL", name);
	for (size_t i = 0; i < value.len; i++)
		buf_print(to, "%s\\%03o", i % 16 == 0 ? "\n" : "", value.at[i]);
	buf_text(to, "\nEND\n");
}

/* The names of a certificate as both classes of objects spell them. */
static void put_names(struct bytes der, struct buf *to)
{
	struct buf serial = { 0 };
	struct cert cert;
	struct err err;

	assert_true(cert_read(der, &cert, &err));
	der_write(&serial, DER_INTEGER, cert.serial);
	put_octal("CKA_ISSUER", cert.issuer, to);
	put_octal("CKA_SERIAL_NUMBER", buf_view(&serial), to);
	buf_done(&serial);
}

/* `more` are whole lines. */
static void put_cert(const struct make *how, const char *label, const char *more, struct buf *to)
{
	struct buf der = { 0 };

	make_cert(how, &der);
	buf_print(to, "CKA_CLASS CK_OBJECT_CLASS CKO_CERTIFICATE\nCKA_LABEL UTF8 \"%s\"\n", label);
	put_names(buf_view(&der), to);
	put_octal("CKA_VALUE", buf_view(&der), to);
	buf_print(to, "%s\n", more);
	buf_done(&der);
}

/* The words stand behind CKT_NSS_. */
static void put_trust(const struct make *how, const char *server, const char *email, const char *more,
		      struct buf *to)
{
	struct buf der = { 0 };

	make_cert(how, &der);
	buf_text(to, "CKA_CLASS CK_OBJECT_CLASS CKO_NSS_TRUST\nCKA_LABEL UTF8 \"of trust\"\n");
	put_names(buf_view(&der), to);
	buf_print(
		to,
		"CKA_TRUST_SERVER_AUTH CK_TRUST CKT_NSS_%s\nCKA_TRUST_EMAIL_PROTECTION CK_TRUST CKT_NSS_%s\n"
		"CKA_TRUST_CODE_SIGNING CK_TRUST CKT_NSS_MUST_VERIFY_TRUST\n%s\n",
		server, email, more);
	buf_done(&der);
}

static struct store *read_text(struct buf *file)
{
	struct store *store;

	assert_true(format_of(buf_view(file)) == &format_certdata);
	store = feed_well(&format_certdata, buf_view(file));
	buf_done(file);
	return store;
}

static const struct make one = { .cn = "One", .key = 1, .serial = 7 };
static const struct make two = { .cn = "Two", .key = 2, .serial = 7 };

static void trust_is_said_by_another_object_with_the_same_issuer_and_serial_number(void **state)
{
	struct buf file = { 0 };
	struct store *store;

	(void)state;
	put_trust(&two, "TRUSTED_DELEGATOR", "MUST_VERIFY_TRUST", "", &file);
	put_cert(&one, "same", "", &file);
	put_trust(&one, "MUST_VERIFY_TRUST", "TRUSTED_DELEGATOR", "", &file);
	put_cert(&two, "same", "", &file);
	store = read_text(&file);
	assert_int_equal(store->count, 2);
	assert_int_equal(store->anchors[0].trusted, EMAIL);
	assert_int_equal(store->anchors[1].trusted, SERVER);
	assert_int_equal(store->anchors[0].distrusted | store->anchors[1].distrusted, 0);
	assert_string_equal(store->anchors[1].label, "same");
	assert_int_equal(store->note_count, 0);
	store_free(store);
}

static void where_neither_word_stands_nothing_is_said(void **state)
{
	static const char *const neither[] = { "MUST_VERIFY_TRUST", "TRUST_UNKNOWN", "VALID_DELEGATOR",
					       "TRUSTED",           "UNTRUSTED",     "NO_SUCH_WORD" };

	(void)state;
	for (size_t i = 0; i < sizeof(neither) / sizeof(neither[0]); i++) {
		struct buf file = { 0 };
		struct store *store;

		put_cert(&one, "a", "", &file);
		put_trust(&one, neither[i], "NOT_TRUSTED", "", &file);
		store = read_text(&file);
		assert_int_equal(store->anchors[0].trusted, 0);
		assert_int_equal(store->anchors[0].distrusted, EMAIL);
		assert_int_equal(feed_noted(store, NOTE_WARN, neither[i]), i >= 3 && i < 5);
		assert_int_equal(feed_noted(store, NOTE_ERROR, neither[i]), i == 5);
		store_free(store);
	}
}

static void distrust_without_a_certificate_is_that_of_an_issuer_and_serial_number(void **state)
{
	struct buf file = { 0 };
	struct store *store;

	(void)state;
	put_trust(&one, "NOT_TRUSTED", "NOT_TRUSTED", "", &file);
	put_trust(&two, "TRUSTED_DELEGATOR", "NOT_TRUSTED", "", &file);
	store = read_text(&file);
	assert_int_equal(store->count, 2);
	assert_int_equal(store->anchors[0].names, ANCHOR_ISSUER_SERIAL);
	assert_int_equal(store->anchors[0].distrusted, SERVER | EMAIL);
	assert_int_equal(store->anchors[0].origin.line, 1);
	assert_true(bytes_equal(store->anchors[0].cert.serial, bytes_of("\a")));
	assert_string_equal(store->anchors[0].label, "of trust");
	assert_int_equal(store->anchors[1].trusted, 0);
	assert_int_equal(store->anchors[1].distrusted, EMAIL);
	store_free(store);
}

static void a_certificate_without_trust_and_trust_without_a_certificate_are_noted(void **state)
{
	struct buf file = { 0 };
	struct store *store;

	(void)state;
	put_cert(&one, "lonely", "", &file);
	put_trust(&two, "TRUSTED_DELEGATOR", "MUST_VERIFY_TRUST", "", &file);
	store = read_text(&file);
	assert_int_equal(store->count, 1);
	assert_int_equal(store->anchors[0].trusted | store->anchors[0].distrusted, 0);
	assert_true(feed_noted(store, NOTE_WARN, "'lonely': nothing is said of its trust"));
	assert_true(feed_noted(store, NOTE_WARN, "'of trust': a trust object whose certificate is not here"));
	store_free(store);
}

/* SHA-1 or MD5 of a certificate, as the line of a trust object. */
static void put_hash(const struct make *of, bool md5, struct buf *to)
{
	uint8_t hash[20];
	struct buf der = { 0 };

	make_cert(of, &der);
	assert_int_equal(gnutls_hash_fast(md5 ? GNUTLS_DIG_MD5 : GNUTLS_DIG_SHA1, der.at, der.len, hash), 0);
	put_octal(md5 ? "CKA_CERT_MD5_HASH" : "CKA_CERT_SHA1_HASH", (struct bytes){ hash, md5 ? 16 : 20 },
		  to);
	buf_byte(to, '\0');
	buf_done(&der);
}

static void a_hash_that_is_given_must_be_the_certificate_s(void **state)
{
	struct make twin = one; /* the same issuer and serial number, another certificate */

	(void)state;
	twin.leaf = true;
	for (unsigned i = 0; i < 4; i++) {
		bool right = i < 2;
		struct buf file = { 0 }, hash = { 0 };
		struct store *store;

		put_hash(right ? &one : &twin, i % 2 != 0, &hash);
		put_cert(&one, "a", "", &file);
		put_trust(&one, "TRUSTED_DELEGATOR", "MUST_VERIFY_TRUST", (const char *)hash.at, &file);
		store = read_text(&file);
		assert_int_equal(store->anchors[0].trusted, right ? SERVER : 0);
		assert_int_equal(feed_noted(store, NOTE_WARN, "hash is not that of the certificate"), !right);
		buf_done(&hash);
		store_free(store);
	}
}

#define DATE     "\\062\\066\\060\\064\\061\\065\\062\\063\\065\\071\\065\\071\\132" /* 260415235959Z */
#define LATER    "\\062\\067\\060\\064\\061\\065\\062\\063\\065\\071\\065\\071\\132" /* 270415235959Z */
#define AFTER(d) "CKA_NSS_SERVER_DISTRUST_AFTER MULTILINE_OCTAL\n" d "\nEND\n"
#define NEVER    "CKA_NSS_SERVER_DISTRUST_AFTER CK_BBOOL CK_FALSE\n"

static void a_distrust_after_counts_on_either_object_and_the_earlier_wins(void **state)
{
	static const struct {
		const char *cert, *trust;
		int64_t is;
	} rows[] = {
		{ "", "", CLOCK_NONE },
		{ NEVER, "", CLOCK_NONE },
		{ "", NEVER, CLOCK_NONE },
		{ AFTER(DATE), "", 1776297599 },
		{ AFTER(DATE), NEVER, 1776297599 },
		{ NEVER, AFTER(DATE), 1776297599 },
		{ "", AFTER(DATE), 1776297599 },
		{ AFTER(LATER), AFTER(DATE), 1776297599 },
		{ AFTER(DATE), AFTER(LATER), 1776297599 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf file = { 0 };
		struct store *store;

		put_cert(&one, "a", rows[i].cert, &file);
		put_trust(&one, "TRUSTED_DELEGATOR", "TRUSTED_DELEGATOR", rows[i].trust, &file);
		store = read_text(&file);
		assert_true(store->anchors[0].distrust_after[PURPOSE_SERVER_AUTH] == rows[i].is);
		assert_true(store->anchors[0].distrust_after[PURPOSE_EMAIL] == CLOCK_NONE);
		assert_int_equal(store->note_count, 0);
		store_free(store);
	}
}

static void a_distrust_after_that_is_no_date_is_an_error(void **state)
{
	struct buf file = { 0 };
	struct store *store;

	(void)state;
	put_cert(&one, "a", AFTER("\\062\\060\\062\\066"), &file);
	put_trust(&one, "TRUSTED_DELEGATOR", "TRUSTED_DELEGATOR", "", &file);
	store = read_text(&file);
	assert_true(store->anchors[0].distrust_after[PURPOSE_SERVER_AUTH] == CLOCK_NONE);
	assert_true(feed_noted(store, NOTE_ERROR, "no date"));
	store_free(store);
}

static void who_is_not_in_mozilla_s_program_is_noted(void **state)
{
	static const char *const says[] = { "", "CKA_NSS_MOZILLA_CA_POLICY CK_BBOOL CK_TRUE\n",
					    "CKA_NSS_MOZILLA_CA_POLICY CK_BBOOL CK_FALSE\n" };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct buf file = { 0 };
		struct store *store;

		put_cert(&one, "a", says[i], &file);
		put_trust(&one, "TRUSTED_DELEGATOR", "TRUSTED_DELEGATOR", "", &file);
		store = read_text(&file);
		assert_int_equal(store->anchors[0].mozilla_policy, i == 1);
		assert_int_equal(feed_noted(store, NOTE_INFO, "not in Mozilla's program"), i == 2);
		store_free(store);
	}
}

static void blank_lines_and_comments_may_stand_anywhere_and_a_label_is_a_string_of_perl(void **state)
{
	struct buf file = { 0 };
	struct store *store;

	(void)state;
	buf_text(&file, "# comment\n\nCVS_ID \"x\"\nBEGINDATA\n\n");
	put_cert(&one, "F\\xc5\\x91#\\\"\\101\\\\", "\n# comment\n\nCKA_TOKEN CK_BBOOL CK_TRUE # why\n\n",
		 &file);
	put_trust(&one, "TRUSTED_DELEGATOR # yes", "TRUSTED_DELEGATOR", "", &file);
	store = read_text(&file);
	assert_string_equal(store->anchors[0].label, "F\xc5\x91#\"A\\");
	assert_int_equal(store->anchors[0].trusted, SERVER | EMAIL);
	assert_int_equal(store->anchors[0].origin.line, 6);
	assert_int_equal(store->note_count, 0);
	store_free(store);
}

static void of_two_trust_objects_both_count_and_of_two_attributes_the_first(void **state)
{
	struct buf file = { 0 };
	struct store *store;

	(void)state;
	put_cert(&one, "first", "CKA_LABEL UTF8 \"second\"\n", &file);
	put_trust(&one, "TRUSTED_DELEGATOR", "MUST_VERIFY_TRUST", "", &file);
	put_trust(&one, "NOT_TRUSTED", "TRUSTED_DELEGATOR", "", &file);
	store = read_text(&file);
	assert_int_equal(store->count, 1);
	assert_string_equal(store->anchors[0].label, "first");
	assert_int_equal(store->anchors[0].trusted, SERVER | EMAIL);
	assert_int_equal(store->anchors[0].distrusted, SERVER);
	assert_true(feed_noted(store, NOTE_WARN, "second trust object"));
	assert_true(feed_noted(store, NOTE_WARN, "second 'CKA_LABEL'"));
	store_free(store);
}

static void what_may_have_forbidden_and_cannot_be_read_is_an_error(void **state)
{
	static const char *const broken[] = {
		"CKA_TRUST_SERVER_AUTH UTF8 \"\n",
		"CKA_TRUST_EMAIL_PROTECTION CK_TRUST\n",
		"CKA_NSS_SERVER_DISTRUST_AFTER OCTAL \"\\18\"\n",
		"CKA_SERIAL_NUMBER OCTAL \\001\n",
		"CKA_CLASS CK_OBJECT_CLASS CKO_TRUST\n",
		"CKA_CLASS CK_OBJECT_CLASS\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		struct buf file = { 0 };
		struct store *store;

		put_cert(&one, "a", "", &file);
		put_trust(&one, "TRUSTED_DELEGATOR", "MUST_VERIFY_TRUST", "", &file);
		buf_print(&file, "CKA_CLASS CK_OBJECT_CLASS CKO_NSS_BUILTIN_ROOT_LIST\n%s", broken[i]);
		store = read_text(&file);
		assert_int_equal(store->count, 1);
		assert_true(store_incomplete(store));
		store_free(store);
	}
}

static void a_pem_block_between_the_objects_is_an_error(void **state)
{
	static const char block[] = "-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n";

	(void)state;
	for (int before = 0; before < 2; before++) {
		struct buf file = { 0 };
		struct store *store;

		if (before)
			buf_text(&file, block);
		put_cert(&one, "a", "", &file);
		put_trust(&one, "TRUSTED_DELEGATOR", "MUST_VERIFY_TRUST", "", &file);
		if (!before)
			buf_text(&file, block);
		store = feed_well(&format_certdata, buf_view(&file));
		assert_int_equal(store->count, 1);
		assert_true(feed_noted(store, NOTE_ERROR, "a PEM block between the objects is not read"));
		store_free(store);
		buf_done(&file);
	}
}

static void broken_lines_are_noted_and_what_follows_is_read(void **state)
{
	static const char *const broken[] = {
		"CKA_LABEL UTF8 \"\n",
		"CKA_LABEL UTF8 \"a\\\"\n",
		"CKA_LABEL UTF8 \"a\\xzz\"\n",
		"CKA_LABEL UTF8\n",
		"CKA_LABEL\n",
		"CKA_LABEL OCTAL \"\\18\"\n",
		"CKA_LABEL SOMETHING ab\n",
		"CKA_LABEL MULTILINE_OCTAL\n\\4\n",
		"CKA_LABEL MULTILINE_OCTAL\n\\400\nEND\n",
		"neither nor\n",
		"CKA_LABEL MULTILINE_OCTAL\nCKA_TOKEN CK_BBOOL CK_TRUE\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		struct buf file = { 0 };
		struct store *store;

		buf_print(&file, "CKA_CLASS CK_OBJECT_CLASS CKO_NSS_BUILTIN_ROOT_LIST\n%s", broken[i]);
		put_cert(&one, "a", "", &file);
		put_trust(&one, "TRUSTED_DELEGATOR", "MUST_VERIFY_TRUST", "", &file);
		store = read_text(&file);
		assert_int_equal(store->count, 1);
		assert_int_equal(store->anchors[0].trusted, SERVER);
		assert_true(store->note_count > 0 && store->notes[0].level >= NOTE_WARN);
		store_free(store);
	}
}

/* The objects of a module as certdata.txt. */
static void put_attribute(const char *name, const CK_ATTRIBUTE *attribute, struct buf *to)
{
	struct bytes value = { attribute->pValue, attribute->ulValueLen };
	CK_ULONG number;

	if (attribute->ulValueLen == CK_UNAVAILABLE_INFORMATION)
		return;
	if (strncmp(name, "CKA_TRUST_", 10) == 0) {
		assert_int_equal(value.len, sizeof(number));
		memcpy(&number, value.at, sizeof(number));
		buf_print(to, "%s CK_TRUST CKT_NSS_%s\n", name,
			  number == 0xce534352UL   ? "TRUSTED_DELEGATOR"
			  : number == 0xce53435aUL ? "NOT_TRUSTED"
						   : "MUST_VERIFY_TRUST");
	} else if (value.len == 1) {
		buf_print(to, "%s CK_BBOOL %s\n", name, value.at[0] != 0 ? "CK_TRUE" : "CK_FALSE");
	} else {
		put_octal(name, value, to);
	}
}

static const struct {
	const char *name;
	CK_ATTRIBUTE_TYPE type;
} dumped[] = {
	{ "CKA_LABEL", CKA_LABEL },
	{ "CKA_ISSUER", CKA_ISSUER },
	{ "CKA_SERIAL_NUMBER", CKA_SERIAL_NUMBER },
	{ "CKA_VALUE", CKA_VALUE },
	{ "CKA_CERT_SHA1_HASH", 0xce5363b4UL },
	{ "CKA_CERT_MD5_HASH", 0xce5363b5UL },
	{ "CKA_NSS_SERVER_DISTRUST_AFTER", 0xce534373UL },
	{ "CKA_NSS_EMAIL_DISTRUST_AFTER", 0xce534374UL },
	{ "CKA_TRUST_SERVER_AUTH", 0xce536358UL },
	{ "CKA_TRUST_EMAIL_PROTECTION", 0xce53635bUL },
	{ "CKA_TRUST_CODE_SIGNING", 0xce53635aUL },
};
enum { DUMPED = sizeof(dumped) / sizeof(dumped[0]) };

static void dump(const char *path, struct buf *to)
{
	CK_FUNCTION_LIST *modules[] = { p11_kit_module_load(path, 0), NULL };
	P11KitIter *iter = p11_kit_iter_new(NULL, 0);

	assert_non_null(modules[0]);
	assert_int_equal(p11_kit_module_initialize(modules[0]), CKR_OK);
	p11_kit_iter_begin(iter, modules);
	while (p11_kit_iter_next(iter) == CKR_OK) {
		CK_OBJECT_CLASS class = 0;
		CK_ATTRIBUTE is = { CKA_CLASS, &class, sizeof(class) }, all[DUMPED] = { 0 };

		assert_int_equal(p11_kit_iter_get_attributes(iter, &is, 1), CKR_OK);
		for (size_t i = 0; i < DUMPED; i++)
			all[i].type = dumped[i].type;
		p11_kit_iter_load_attributes(iter, all, DUMPED);
		buf_print(to, "CKA_CLASS CK_OBJECT_CLASS %s\n",
			  class == CKO_CERTIFICATE ? "CKO_CERTIFICATE"
			  : class == 0xce534353UL  ? "CKO_NSS_TRUST"
						   : "CKO_NSS_BUILTIN_ROOT_LIST");
		for (size_t i = 0; i < DUMPED; i++) {
			put_attribute(dumped[i].name, &all[i], to);
			free(all[i].pValue);
		}
		buf_byte(to, '\n');
	}
	p11_kit_iter_free(iter);
	p11_kit_module_finalize(modules[0]);
	p11_kit_module_release(modules[0]);
}

static void the_objects_of_nss_s_module_mean_the_same_in_either_form(void **state)
{
	struct root root = { .fd = -1, .path = (char *)(uintptr_t) "/" };
	struct place *places;
	struct store *module, *text;
	struct buf file = { 0 };
	struct err err;
	size_t count, dates = 0;

	(void)state;
	if (!find_places("mozilla", &root, medium_kind, &places, &count, &err)) {
		print_message("# no libnssckbi.so here: %s\n", err.text);
		skip();
	}
	module = medium_read(&places[0], &root, &err);
	assert_non_null(module);
	dump(strstr(places[0].paths[0], "module-path=") + strlen("module-path="), &file);
	text = read_text(&file);
	store_finish(text);
	assert_true(text->count > 50);
	assert_int_equal(text->count, module->count);
	assert_false(store_incomplete(text));
	for (size_t i = 0; i < text->count; i++) {
		const struct anchor *a = &text->anchors[i], *b = store_find(module, a->id);

		assert_non_null(b);
		assert_int_equal(a->trusted, b->trusted);
		assert_int_equal(a->distrusted, b->distrusted);
		assert_string_equal(a->label, b->label);
		assert_memory_equal(a->distrust_after, b->distrust_after, sizeof(a->distrust_after));
		for (size_t p = 0; p < PURPOSE_COUNT; p++)
			dates += a->distrust_after[p] != CLOCK_NONE;
	}
	assert_true(dates > 0);
	store_free(text);
	store_free(module);
	find_done(places, count);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(trust_is_said_by_another_object_with_the_same_issuer_and_serial_number),
		cmocka_unit_test(where_neither_word_stands_nothing_is_said),
		cmocka_unit_test(distrust_without_a_certificate_is_that_of_an_issuer_and_serial_number),
		cmocka_unit_test(a_certificate_without_trust_and_trust_without_a_certificate_are_noted),
		cmocka_unit_test(a_hash_that_is_given_must_be_the_certificate_s),
		cmocka_unit_test(a_distrust_after_counts_on_either_object_and_the_earlier_wins),
		cmocka_unit_test(a_distrust_after_that_is_no_date_is_an_error),
		cmocka_unit_test(who_is_not_in_mozilla_s_program_is_noted),
		cmocka_unit_test(blank_lines_and_comments_may_stand_anywhere_and_a_label_is_a_string_of_perl),
		cmocka_unit_test(of_two_trust_objects_both_count_and_of_two_attributes_the_first),
		cmocka_unit_test(what_may_have_forbidden_and_cannot_be_read_is_an_error),
		cmocka_unit_test(a_pem_block_between_the_objects_is_an_error),
		cmocka_unit_test(broken_lines_are_noted_and_what_follows_is_read),
		cmocka_unit_test(the_objects_of_nss_s_module_mean_the_same_in_either_form),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
