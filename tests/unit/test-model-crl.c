/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <gnutls/abstract.h>
#include <gnutls/x509.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/limits.h"
#include "hand.h"
#include "model/crl.h"
#include "model/der.h"

/* CN=A; ecdsa-with-SHA256 */
#define NAME      "300c 310a 3008 0603550403 0c0141"
#define ALGORITHM "300a 06082a8648ce3d040302"
#define MAY       "170d 3235303530313030303030305a" /* 250501000000Z */
#define JUNE      "170d 3235303630313030303030305a"
#define ENTRY_5   "3012 020105 " MAY

/* A CRL field by field, so that a test can break one; hex, spaces allowed. */
struct list {
	const char *version, *algorithm, *issuer, *times, *entries, *extensions;
	const char *outer, *signature, *behind; /* `entries` and `extensions`: contents; NULL: not there */
};

static struct list good(void)
{
	return (struct list){
		.version = "020101",
		.algorithm = ALGORITHM,
		.issuer = NAME,
		.times = MAY JUNE,
		.entries = ENTRY_5 "3021 020200ff" MAY "300c 300a 0603551d15 04030a0101"
				   " 3022 0203123456" MAY "300c 300a 0603551d15 04030a0106",
		/* number 0x1234, authorityKeyIdentifier, issuingDistributionPoint: user certificates */
		.extensions = "300b 0603551d14 0404 02021234 300d 0603551d23 0406 3004 80020102"
			      " 300f 0603551d1c 0101ff 0405 3003 8101ff",
		.outer = ALGORITHM,
		.signature = "0303 000102",
		.behind = "",
	};
}

static void wrap(unsigned tag, const char *hex, struct buf *to)
{
	struct buf body = { 0 };

	hand_hex(hex, &body);
	der_write(to, tag, buf_view(&body));
	buf_done(&body);
}

static void write_list(const struct list *list, struct buf *to)
{
	struct buf tbs = { 0 }, all = { 0 }, outer = { 0 };

	hand_hex(list->version, &tbs);
	hand_hex(list->algorithm, &tbs);
	hand_hex(list->issuer, &tbs);
	hand_hex(list->times, &tbs);
	if (list->entries != NULL)
		wrap(DER_SEQUENCE, list->entries, &tbs);
	if (list->extensions != NULL) {
		wrap(DER_SEQUENCE, list->extensions, &outer);
		der_write(&tbs, DER_EXPLICIT(0), buf_view(&outer));
	}
	hand_hex(list->behind, &tbs);
	der_write(&all, DER_SEQUENCE, buf_view(&tbs));
	hand_hex(list->outer, &all);
	hand_hex(list->signature, &all);
	der_write(to, DER_SEQUENCE, buf_view(&all));
	buf_done(&tbs);
	buf_done(&all);
	buf_done(&outer);
}

static bool read_list(const struct list *list, struct buf *der, struct crl *ret, struct err *err)
{
	*der = (struct buf){ 0 };
	write_list(list, der);
	return crl_read(buf_view(der), ret, err);
}

static void fields_are_found(void **state)
{
	struct list list = good();
	struct err err = { 0 };
	struct crl_entry entry;
	struct buf der;
	struct crl crl;
	size_t at = 0;

	(void)state;
	if (!read_list(&list, &der, &crl, &err))
		fail_msg("%s", err.text);
	assert_int_equal(crl.version, 2);
	assert_int_equal(crl.count, 3);
	assert_int_equal(crl.number.len, 2);
	assert_int_equal(crl.base.len, 0);
	assert_int_equal(crl.critical.len, 0);
	assert_int_equal(crl.next_update - crl.this_update, 31 * 86400);
	assert_true(crl.scope.present && crl.scope.user_certs && !crl.scope.ca_certs);
	assert_int_equal(crl.scope.reasons, CRL_REASONS_ALL);
	assert_true(crl_next(&crl, &at, &entry));
	assert_int_equal(entry.reason, CRL_REASON_NONE);
	assert_true(crl_next(&crl, &at, &entry));
	assert_int_equal(entry.reason, 1);
	assert_string_equal(crl_reason_word(entry.reason), "keyCompromise");
	assert_true(crl_next(&crl, &at, &entry));
	assert_int_equal(entry.reason, CRL_REASON_HOLD);
	assert_false(crl_next(&crl, &at, &entry));
	buf_done(&der);
}

/* What a list may not be; each of these has one meaning only, and is refused. */
static const struct broken {
	const char *sentence, *words;
	struct list with;
} broken[] = {
	{ "version 3", "version", { .version = "020102" } },
	{ "version 1 written out", "version", { .version = "020100" } },
	{ "another outer algorithm", "algorithm differ", { .outer = "300a 06082a8648ce3d040303" } },
	{ "no issuer", "issuer", { .issuer = "3000" } },
	{ "an issuer that is none", "issuer", { .issuer = "3003 020101" } },
	{ "a thisUpdate with an offset",
	  "thisUpdate",
	  { .times = "1711 3235303530313030303030302b30303030" } },
	{ "a third time", "behind", { .times = MAY JUNE JUNE } },
	{ "an empty list", "empty list", { .entries = "" } },
	{ "an entry that is none", "entry", { .entries = "0500" } },
	{ "an entry without a date", "revocationDate", { .entries = "3003 020105" } },
	{ "an entry whose date is no day",
	  "revocationDate",
	  { .entries = "3012 020105 170d 3235303233303030303030305a" } },
	{ "an entry whose number is padded", "serial number", { .entries = "3013 02020005 " MAY } },
	{ "something behind an entry's date", "extension", { .entries = "3014 020105 " MAY " 0500" } },
	{ "something behind an entry's extensions",
	  "behind an entry",
	  { .entries = "3022 020105 " MAY "300c 300a 0603551d15 04030a0101 0500" } },
	{ "an entry with an empty list of extensions",
	  "empty list of ext",
	  { .entries = "3014 020105 " MAY "3000" } },
	{ "an entry with two reasons",
	  "twice",
	  { .entries = "302c 020105 " MAY "3018 300a 0603551d15 04030a0101 300a 0603551d15 04030a0101" } },
	{ "a reason that is no ENUMERATED",
	  "reasonCode",
	  { .entries = "3020 020105 " MAY "300c 300a 0603551d15 0403020101" } },
	{ "a certificateIssuer that is empty",
	  "certificateIssuer",
	  { .entries = "3022 020105 " MAY "300e 300c 0603551d1d 0101ff 04023000" } },
	{ "an empty issuingDistributionPoint",
	  "issuingDistributionPoint",
	  { .extensions = "300c 0603551d1c 0101ff 04023000" } },
	{ "two kinds of certificates",
	  "issuingDistributionPoint",
	  { .extensions = "3012 0603551d1c 0101ff 0408 3006 8101ff 8201ff" } },
	{ "a negative number", "cRLNumber", { .extensions = "300a 0603551d14 0403 0201ff" } },
	{ "an extension twice",
	  "twice",
	  { .extensions = "300a 0603551d14 0403 020101 300a 0603551d14 0403 020101" } },
	{ "no extensions where they begin", "empty list of ext", { .extensions = "" } },
	{ "something behind the extensions", "behind the extensions", { .behind = "0500" } },
	{ "a signature that is no BIT STRING", "three parts", { .signature = "0403 000102" } },
	{ "something behind the signature", "three parts", { .signature = "0303 000102 0500" } },
};

#define TAKE(field)                                                                                          \
	if (with->field != NULL)                                                                             \
	list.field = with->field

static void what_is_not_well_formed_is_refused_with_its_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		const struct list *with = &broken[i].with;
		struct list list = good();
		struct err err = { 0 };
		struct buf der;
		struct crl crl;

		TAKE(version);
		TAKE(algorithm);
		TAKE(issuer);
		TAKE(times);
		TAKE(entries);
		TAKE(extensions);
		TAKE(outer);
		TAKE(signature);
		TAKE(behind);
		if (read_list(&list, &der, &crl, &err))
			fail_msg("%s is read", broken[i].sentence);
		if (strstr(err.text, broken[i].words) == NULL || strstr(err.text, ", at byte ") == NULL)
			fail_msg("%s: %s", broken[i].sentence, err.text);
		buf_done(&der);
	}
}

static void a_list_of_version_1_has_no_extensions(void **state)
{
	struct list list = good();
	struct err err = { 0 };
	struct buf der;
	struct crl crl;

	(void)state;
	list.version = "";
	assert_false(read_list(&list, &der, &crl, &err));
	assert_non_null(strstr(err.text, "version 1"));
	buf_done(&der);
	list.extensions = NULL;
	assert_false(read_list(&list, &der, &crl, &err));
	buf_done(&der);
	list.entries = ENTRY_5;
	assert_true(read_list(&list, &der, &crl, &err));
	assert_int_equal(crl.version, 1);
	buf_done(&der);
}

static void critical_extensions_that_are_unknown_are_told_also_those_of_entries(void **state)
{
	struct list list = good();
	struct err err = { 0 };
	struct buf der;
	struct crl crl;

	(void)state;
	list.extensions = "300a 06022a03 0101ff 040100";
	assert_true(read_list(&list, &der, &crl, &err));
	assert_int_equal(crl.critical.len, 2);
	buf_done(&der);
	list = good();
	list.entries = "3020 020105 " MAY "300c 300a 06022a03 0101ff 040100";
	assert_true(read_list(&list, &der, &crl, &err));
	assert_int_equal(crl.critical.len, 2);
	buf_done(&der);
	list.entries = "301d 020105 " MAY "3009 3007 06022a03 040100";
	assert_true(read_list(&list, &der, &crl, &err));
	assert_int_equal(crl.critical.len, 0);
	buf_done(&der);
}

static bool found(const struct crl *crl, const char *serial, struct crl_search *search,
		  struct crl_entry *entry)
{
	struct buf bytes = { 0 };
	bool is;

	hand_hex(serial, &bytes);
	is = crl_find(crl, buf_view(&bytes), search, entry);
	buf_done(&bytes);
	return is;
}

static void a_serial_number_is_found_also_one_that_is_padded_in_the_certificate(void **state)
{
	struct list list = good();
	struct err err = { 0 };
	struct crl_entry entry;
	struct buf der;
	struct crl crl;

	(void)state;
	assert_true(read_list(&list, &der, &crl, &err));
	assert_true(found(&crl, "05", &(struct crl_search){ 0 }, &entry));
	assert_true(found(&crl, "000005", &(struct crl_search){ 0 }, &entry));
	assert_true(found(&crl, "00ff", &(struct crl_search){ 0 }, &entry));
	assert_int_equal(entry.reason, 1);
	assert_false(found(&crl, "ff", &(struct crl_search){ 0 }, &entry));
	assert_false(found(&crl, "1234", &(struct crl_search){ 0 }, &entry));
	buf_done(&der);
}

/* Section 5.3.3: it holds for the entries that follow, until another says otherwise. */
static void a_certificate_issuer_holds_for_what_follows(void **state)
{
	struct list list = good();
	struct err err = { 0 };
	struct crl_search search = { 0 };
	struct crl_entry entry;
	struct buf der;
	struct crl crl;

	(void)state;
	/* GeneralNames with a directoryName whose common name is empty */
	list.entries = ENTRY_5 "3031 020106" MAY
			       "301d 301b 0603551d1d 0101ff 0411 300f a40d 300b 3109 3007 0603550403 0c00"
			       " 3012 020105" MAY;
	if (!read_list(&list, &der, &crl, &err))
		fail_msg("%s", err.text);
	assert_true(crl.named);
	assert_true(found(&crl, "05", &search, &entry));
	assert_int_equal(search.issuers.len, 0);
	assert_true(found(&crl, "05", &search, &entry));
	assert_int_equal(search.issuers.len, 15);
	assert_false(found(&crl, "05", &search, &entry));
	buf_done(&der);
}

static void a_list_cut_at_any_byte_is_refused_and_says_where(void **state)
{
	struct list list = good();
	struct buf der = { 0 };

	(void)state;
	write_list(&list, &der);
	for (size_t len = 0; len < der.len; len++) {
		uint8_t *copy = malloc(len + 1); /* of its own, so that a sanitizer sees a read behind it */
		struct err err = { 0 };
		struct crl crl;

		memcpy(copy, der.at, len);
		if (crl_read((struct bytes){ copy, len }, &crl, &err))
			fail_msg("%zu bytes of %zu are read", len, der.len);
		assert_non_null(strstr(err.text, ", at byte "));
		free(copy);
	}
	buf_done(&der);
}

static void a_list_with_any_byte_changed_is_read_or_refused(void **state)
{
	struct list list = good();
	struct buf der = { 0 };

	(void)state;
	write_list(&list, &der);
	for (size_t at = 0; at < der.len; at++)
		for (unsigned change = 1; change < 256; change++) {
			struct crl_search search = { 0 };
			struct crl_entry entry;
			struct err err = { 0 };
			struct crl crl;
			size_t next = 0;

			der.at[at] ^= (uint8_t)change;
			if (crl_read(buf_view(&der), &crl, &err)) {
				size_t count = 0;

				while (crl_next(&crl, &next, &entry))
					count++;
				assert_int_equal(count, crl.count);
				found(&crl, "05", &search, &entry);
			} else {
				assert_int_not_equal(err.text[0], '\0');
			}
			der.at[at] ^= (uint8_t)change;
		}
	buf_done(&der);
}

static double cpu_seconds(void)
{
	struct timespec at;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &at);
	return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

enum { LARGE = 100 << 20 };

static void write_large(struct buf *to)
{
	struct buf entries = { 0 }, tbs = { 0 }, all = { 0 };
	struct list list = good();

	for (unsigned i = 0; entries.len < LARGE; i++) {
		static const uint8_t head[] = {
			0x30, 0x21, 0x02, 0x10, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12
		};

		buf_bytes(&entries, (struct bytes){ head, sizeof(head) });
		buf_be32(&entries, i);
		der_write(&entries, DER_UTC_TIME, bytes_of("250501000000Z"));
	}
	hand_hex("020101 " ALGORITHM NAME MAY JUNE, &tbs);
	der_write(&tbs, DER_SEQUENCE, buf_view(&entries));
	buf_done(&entries);
	der_write(&all, DER_SEQUENCE, buf_view(&tbs));
	buf_done(&tbs);
	hand_hex(list.outer, &all);
	hand_hex(list.signature, &all);
	der_write(to, DER_SEQUENCE, buf_view(&all));
	buf_done(&all);
}

/* Entries with the serial numbers 1 to `count`, or all with 1. */
static void write_many(unsigned count, bool same, struct buf *to)
{
	struct buf entries = { 0 }, tbs = { 0 }, all = { 0 };
	struct list list = good();

	for (unsigned i = 1; i <= count; i++) {
		hand_hex("3016 0205 01", &entries);
		buf_be32(&entries, same ? 1 : i);
		der_write(&entries, DER_UTC_TIME, bytes_of("250501000000Z"));
	}
	hand_hex("020101 " ALGORITHM NAME MAY JUNE, &tbs);
	if (count > 0)
		der_write(&tbs, DER_SEQUENCE, buf_view(&entries));
	der_write(&all, DER_SEQUENCE, buf_view(&tbs));
	hand_hex(list.outer, &all);
	hand_hex(list.signature, &all);
	der_write(to, DER_SEQUENCE, buf_view(&all));
	buf_done(&entries);
	buf_done(&tbs);
	buf_done(&all);
}

static size_t times(const struct crl *crl, unsigned serial)
{
	struct crl_search search = { 0 };
	struct crl_entry entry;
	char hex[11];
	size_t n = 0;

	snprintf(hex, sizeof(hex), "01%08x", serial);
	while (found(crl, hex, &search, &entry))
		n++;
	return n;
}

static void an_index_finds_what_a_search_finds(void **state)
{
	static const unsigned counts[] = { 0, 1, 63, 64, 65, 1000, 5000 };

	(void)state;
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		struct arena arena = { 0 };
		struct err err = { 0 };
		struct buf der = { 0 };
		struct crl crl;

		write_many(counts[i], false, &der);
		if (!crl_read(buf_view(&der), &crl, &err))
			fail_msg("%s", err.text);
		crl_index(&crl, &arena);
		assert_int_equal(crl.slots != NULL, counts[i] >= 64);
		for (unsigned serial = 0; serial <= counts[i] + 1; serial++)
			assert_int_equal(times(&crl, serial), serial > 0 && serial <= counts[i]);
		arena_done(&arena);
		buf_done(&der);
	}
}

static void entries_of_one_serial_number_are_found_each_with_an_index_or_without(void **state)
{
	static const unsigned counts[] = { 100, 1000 };

	(void)state;
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		struct arena arena = { 0 };
		struct err err = { 0 };
		struct buf der = { 0 };
		struct crl crl;

		write_many(counts[i], true, &der);
		assert_true(crl_read(buf_view(&der), &crl, &err));
		crl_index(&crl, &arena);
		assert_int_equal(crl.slots != NULL, counts[i] == 100);
		assert_int_equal(times(&crl, 1), counts[i]);
		assert_int_equal(times(&crl, 2), 0);
		arena_done(&arena);
		buf_done(&der);
	}
}

static void a_list_of_100_mib_is_read_and_searched_in_less_than_two_seconds(void **state)
{
	struct crl_search search = { 0 };
	struct crl_entry entry;
	struct buf der = { 0 };
	struct err err = { 0 };
	struct crl crl;
	double start;

	(void)state;
	write_large(&der);
	start = cpu_seconds();
	assert_true(crl_read(buf_view(&der), &crl, &err));
	assert_true(crl.count > 2500000);
	assert_true(found(&crl, "0102030405060708090a0b0c 00200000", &search, &entry));
	assert_false(found(&crl, "0102030405060708090a0b0c 7fffffff", &(struct crl_search){ 0 }, &entry));
	assert_true(cpu_seconds() - start < 2);
	buf_done(&der);
}

static void ok(int code)
{
	if (code < 0)
		fail_msg("GnuTLS: %s", gnutls_strerror(code));
}

/* 2025-05-01, and a month later */
enum { FROM = 1746057600, TO = FROM + 31 * 86400 };

static void gnutls_list(struct buf *to)
{
	static const uint8_t number[] = { 0x12, 0x34 }, serials[][2] = { { 0x7f, 1 }, { 0x00, 0x99 } };
	gnutls_x509_crt_t issuer;
	gnutls_x509_crl_t crl;
	gnutls_x509_privkey_t key;
	gnutls_datum_t der = { NULL, 0 };

	ok(gnutls_x509_privkey_init(&key));
	ok(gnutls_x509_privkey_generate(key, GNUTLS_PK_EDDSA_ED25519, 0, 0));
	ok(gnutls_x509_crt_init(&issuer));
	ok(gnutls_x509_crt_set_dn_by_oid(issuer, GNUTLS_OID_X520_COMMON_NAME, 0, "A", 1));
	ok(gnutls_x509_crt_set_key(issuer, key));
	ok(gnutls_x509_crl_init(&crl));
	ok(gnutls_x509_crl_set_version(crl, 2));
	ok(gnutls_x509_crl_set_this_update(crl, FROM));
	ok(gnutls_x509_crl_set_next_update(crl, TO));
	ok(gnutls_x509_crl_set_number(crl, number, sizeof(number)));
	for (size_t i = 0; i < 2; i++)
		ok(gnutls_x509_crl_set_crt_serial(crl, serials[i], 2, FROM - 86400));
	ok(gnutls_x509_crl_sign2(crl, issuer, key, GNUTLS_DIG_SHA512, 0));
	ok(gnutls_x509_crl_export2(crl, GNUTLS_X509_FMT_DER, &der));
	buf_bytes(to, (struct bytes){ der.data, der.size });
	gnutls_free(der.data);
	gnutls_x509_crl_deinit(crl);
	gnutls_x509_crt_deinit(issuer);
	gnutls_x509_privkey_deinit(key);
}

static void what_gnutls_writes_is_read(void **state)
{
	struct crl_entry entry;
	struct buf der = { 0 };
	struct err err = { 0 };
	struct crl crl;

	(void)state;
	gnutls_list(&der);
	if (!crl_read(buf_view(&der), &crl, &err))
		fail_msg("%s", err.text);
	assert_int_equal(crl.count, 2);
	assert_int_equal(crl.this_update, FROM);
	assert_int_equal(crl.next_update, TO);
	assert_true(bytes_equal(crl.number, (struct bytes){ (const uint8_t *)"\x12\x34", 2 }));
	assert_true(found(&crl, "7f01", &(struct crl_search){ 0 }, &entry));
	assert_int_equal(entry.when, FROM - 86400);
	assert_true(found(&crl, "0099", &(struct crl_search){ 0 }, &entry));
	buf_done(&der);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_are_found),
		cmocka_unit_test(what_is_not_well_formed_is_refused_with_its_place),
		cmocka_unit_test(a_list_of_version_1_has_no_extensions),
		cmocka_unit_test(critical_extensions_that_are_unknown_are_told_also_those_of_entries),
		cmocka_unit_test(a_serial_number_is_found_also_one_that_is_padded_in_the_certificate),
		cmocka_unit_test(a_certificate_issuer_holds_for_what_follows),
		cmocka_unit_test(a_list_cut_at_any_byte_is_refused_and_says_where),
		cmocka_unit_test(a_list_with_any_byte_changed_is_read_or_refused),
		cmocka_unit_test(an_index_finds_what_a_search_finds),
		cmocka_unit_test(entries_of_one_serial_number_are_found_each_with_an_index_or_without),
		cmocka_unit_test(a_list_of_100_mib_is_read_and_searched_in_less_than_two_seconds),
		cmocka_unit_test(what_gnutls_writes_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
