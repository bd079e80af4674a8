/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Files that are changed in place: what is asked is done, and nothing else is touched. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "amending.h"
#include "format/armor.h"
#include "format/format.h"
#include "make.h"
#include "model/anchor.h"
#include "stage/checked.h"

static void same_text(const struct buf *is, const char *want)
{
	if (!bytes_equal(buf_view(is), bytes_of(want)))
		fail_msg("got:\n%.*s\nwanted:\n%s", (int)is->len, (const char *)is->at, want);
}

/* Adds the last certificate to `before`, and takes it away again: the file is what it was. */
static void there_and_back(const struct format *format, const char *before, const struct anchor *anchor,
			   const char *added)
{
	struct buf with = { 0 }, again = { 0 }, back = { 0 };

	amend_well(format, bytes_of(before), REQUEST_TRUST, anchor, true, &with);
	if (added != NULL)
		assert_true(bytes_start(buf_view(&with), bytes_of(before)) &&
			    bytes_start(bytes_skip(buf_view(&with), strlen(before)), bytes_of(added)));
	amend_well(format, buf_view(&with), REQUEST_TRUST, anchor, false, &again);
	amend_well(format, buf_view(&with), REQUEST_REMOVE, anchor, true, &back);
	same_text(&back, before);
	buf_done(&with);
	buf_done(&again);
	buf_done(&back);
}

static void a_block_that_is_added_is_named_as_the_others_and_taken_away_without_a_trace(void **state)
{
	static const struct {
		const char *before, *added;
	} rows[] = {
		{ "", "-----BEGIN" },
		{ "# root1\n", "\n# root3\n-----BEGIN" },
		{ "## Bundle\n##\n\nRoot One\n========\n", "\nroot3\n=====\n-----BEGIN" },
		{ "\n# Issuer: x\n# Subject: x\n# Label: \"x\"\n# Serial: 1\n", "\n# root3\n-----BEGIN" },
		{ "# generated\n# do not edit\n\n", "-----BEGIN" },
	};
	struct store *store = feed_roots(3);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf file = { 0 };

		buf_text(&file, rows[i].before);
		pem_of(store, 0, &file);
		buf_text(&file, i == 3 ? "# Issuer: y\n# Label: \"y\"\n" : "");
		buf_text(&file, i == 2 ? "\nRoot Two\n========\n" : "");
		pem_of(store, 1, &file);
		buf_byte(&file, '\0');
		there_and_back(&format_pem, (char *)file.at, &store->anchors[2],
			       i == 1 || i == 4 ? NULL : rows[i].added);
		buf_done(&file);
	}
	store_free(store);
}

static void the_words_of_a_block_go_with_it_and_those_of_others_stay(void **state)
{
	static const struct {
		const char *before, *own, *next;
	} rows[] = {
		{ "## Bundle\n", "\nRoot One\n========\n", "\nRoot Two\n========\n" },
		{ "# of all\n# of all\n", "", "# root2\n" },
		{ "# head\n\ntext\n", "\n# first\n", "\n# second\n" },
		{ "text\n", "\n# Issuer: 1\n# Label: \"1\"\n# Serial: 1\n",
		  "\n# Issuer: 2\n# Label: \"2\"\n" },
		{ "", "Certificate:\n    Data:\n        Version: 3\n", "Certificate:\n    Data:\n" },
		{ "MAC: sha1\n", "Bag Attributes\n    friendlyName: x\nsubject=CN = x\n\nissuer=CN = x\n\n",
		  "Bag Attributes\n    friendlyName: y\nsubject=CN = y\n" },
		{ "---\nCertificate chain\n", " 0 s:CN = x\n   i:CN = x\n", " 1 s:CN = y\n   i:CN = y\n" },
		{ "### x\n", "\n=== /CN=x\nCertificate:\n    Data:\nSHA1 Fingerprint=00\n",
		  "\n=== /CN=y\nCertificate:\n" },
		{ "any text\n", "", "" },
	};
	struct store *store = feed_roots(2);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf file = { 0 }, want = { 0 }, got = { 0 };

		buf_text(&want, rows[i].before);
		buf_text(&want, rows[i].next);
		pem_of(store, 1, &want);
		buf_byte(&want, '\0');
		buf_text(&file, rows[i].before);
		buf_text(&file, rows[i].own);
		pem_of(store, 0, &file);
		buf_text(&file, rows[i].next);
		pem_of(store, 1, &file);
		amend_well(&format_pem, buf_view(&file), REQUEST_REMOVE, &store->anchors[0], true, &got);
		same_text(&got, (char *)want.at);
		buf_done(&file);
		buf_done(&want);
		buf_done(&got);
	}
	store_free(store);
}

static void private_keys_and_requests_between_the_blocks_stay_where_they_are(void **state)
{
	struct store *store = feed_roots(3);
	struct buf file = { 0 }, want = { 0 }, got = { 0 };

	(void)state;
	pem_of(store, 0, &file);
	armor_write(&want, "PRIVATE KEY", bytes_of("no key, but ours"));
	buf_text(&want, "some words\n");
	armor_write(&want, "CERTIFICATE REQUEST", bytes_of("nor this"));
	buf_bytes(&file, buf_view(&want));
	pem_of(store, 1, &file);
	pem_of(store, 0, &file); /* a second time */
	pem_of(store, 1, &want);
	buf_byte(&want, '\0');
	amend_well(&format_pem, buf_view(&file), REQUEST_DISTRUST, &store->anchors[0], true, &got);
	same_text(&got, (char *)want.at);
	store_free(store);
	buf_done(&file);
	buf_done(&want);
	buf_done(&got);
}

static void line_ends_are_those_of_the_file_and_the_last_line_is_ended_first(void **state)
{
	struct store *store = feed_roots(2);
	struct buf file = { 0 }, crlf = { 0 }, got = { 0 };
	size_t lines = 0;
	struct store *back;

	(void)state;
	pem_of(store, 0, &file);
	for (size_t i = 0; i < file.len; i++) {
		if (file.at[i] == '\n')
			buf_byte(&crlf, '\r');
		buf_byte(&crlf, file.at[i]);
	}
	crlf.len -= 2;
	amend_well(&format_pem, buf_view(&crlf), REQUEST_TRUST, &store->anchors[1], true, &got);
	for (size_t i = 0; i < got.len; i++) {
		lines += got.at[i] == '\n';
		assert_true(got.at[i] != '\n' || got.at[i - 1] == '\r');
	}
	assert_true(lines > 8);
	back = feed_well(&format_pem, buf_view(&got));
	assert_int_equal(back->count, 2);
	assert_int_equal(back->note_count, 0);
	store_free(back);
	store_free(store);
	buf_done(&file);
	buf_done(&crlf);
	buf_done(&got);
}

static void a_lift_finds_nothing_in_a_bundle(void **state)
{
	struct store *store = feed_roots(2);
	struct buf file = { 0 }, got = { 0 };

	(void)state;
	pem_of(store, 0, &file);
	amend_well(&format_pem, buf_view(&file), REQUEST_LIFT, &store->anchors[0], false, &got);
	got.len = 0;
	amend_well(&format_pem, buf_view(&file), REQUEST_REMOVE, &store->anchors[1], false, &got);
	store_free(store);
	buf_done(&file);
	buf_done(&got);
}

/* An amend of any beginning of the file is refused, or keeps all that could be read of it. */
static void never_less(const struct format *format, struct bytes file, const struct anchor *anchor)
{
	size_t refused = 0;

	for (size_t len = 0; len <= file.len; len++) {
		uint8_t *copy = mem_copy(file.at, len);
		struct bytes part = { copy, len };
		struct buf got = { 0 };
		struct err err;

		amend(format, part, REQUEST_TRUST, anchor, NULL, &got, &err);
		if (err.code == ERR_NONE) {
			struct store *old = feed(format, part, &err),
				     *new = feed_well(format, buf_view(&got));

			for (size_t i = 0; i < old->count; i++)
				assert_non_null(store_find(new, old->anchors[i].id));
			assert_non_null(store_find(new, anchor->id));
			store_free(old);
			store_free(new);
		}
		refused += err.code != ERR_NONE;
		free(copy);
		buf_done(&got);
	}
	assert_true(refused > file.len / 2);
}

static void no_file_that_was_cut_loses_an_entry(void **state)
{
	const struct format *const all[] = { &format_pem, &format_trusted, &format_jks, &format_pkcs12 };
	struct store *store = feed_roots(3);

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		struct store *two = feed_roots(2);
		struct buf file = { 0 };

		feed_write(all[i], two, &file);
		never_less(all[i], buf_view(&file), &store->anchors[2]);
		store_free(two);
		buf_done(&file);
	}
	store_free(store);
}

/* A small generator, so that the same bytes are tried everywhere. */
static uint32_t next(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

static void damage(uint8_t *bytes, size_t *len, uint32_t *seed)
{
	for (uint32_t left = next(seed) % 4; left > 0; left--) {
		size_t at = next(seed) % *len;

		switch (next(seed) % 4) {
		case 0:
			bytes[at] = (uint8_t)next(seed);
			break;
		case 1:
			bytes[at] ^= 1;
			break;
		case 2:
			*len = at > 0 ? at : 1;
			break;
		default:
			if (at + 8 < *len)
				memmove(bytes + at, bytes + at + 8, *len - at - 8);
		}
	}
}

static void whatever_was_done_to_a_file_it_is_refused_or_reads_back_as_it_should(void **state)
{
	enum { ROUNDS = 1000 };
	const struct format *const all[] = { &format_pem, &format_trusted, &format_jks, &format_pkcs12 };
	const struct amend_terms terms = { .at = NOW };
	struct store *two = feed_roots(2), *three = feed_roots(3);
	uint32_t seed = 1;

	(void)state;
	for (size_t i = 0; i < (sizeof(all) / sizeof(all[0])) * ROUNDS; i++) {
		const struct format *format = all[i / ROUNDS];
		struct buf file = { 0 }, got = { 0 };
		struct requests requests = { 0 };
		struct store *after = NULL;
		struct err err = { 0 };
		bool done[1];

		feed_write(format, two, &file);
		damage(file.at, &file.len, &seed);
		requests_add(&requests, i % REQUEST_KINDS, &three->anchors[i % 3]);
		if (!checked_amend(format, buf_view(&file), &requests, &terms, done, &got, &after, &err) &&
		    strstr(err.text, "would not read back") != NULL)
			fail_msg("%s, round %zu: %s", format->kind.name, i % ROUNDS, err.text);
		store_free(after);
		requests_done(&requests);
		buf_done(&file);
		buf_done(&got);
	}
	store_free(two);
	store_free(three);
}

static void a_file_that_is_not_wholly_read_is_not_changed(void **state)
{
	static const char *const bad[] = {
		"-----BEGIN CERTIFICATE-----\nMIIB\n",
		"-----BEGIN CERTIFICATE-----\nMII!B\n-----END CERTIFICATE-----\n",
		"MIIB\n-----END CERTIFICATE-----\n-----BEG",
		"[p11-kit-object-v1]\nclass: certificate\n",
	};
	struct store *store = feed_roots(2);

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct buf file = { 0 }, got = { 0 };
		struct err err;

		pem_of(store, 0, &file);
		buf_text(&file, bad[i]);
		amend(&format_pem, buf_view(&file), REQUEST_TRUST, &store->anchors[1], NULL, &got, &err);
		assert_int_not_equal(err.code, ERR_NONE);
		buf_done(&file);
		buf_done(&got);
	}
	store_free(store);
}

static void trusted_certificates_are_forbidden_and_allowed_again(void **state)
{
	struct store *store = feed_roots(2), *back;
	struct buf file = { 0 }, no = { 0 }, yes = { 0 }, none = { 0 };

	(void)state;
	feed_write(&format_trusted, store, &file);
	amend_well(&format_trusted, buf_view(&file), REQUEST_DISTRUST, &store->anchors[0], true, &no);
	back = feed_well(&format_trusted, buf_view(&no));
	assert_int_equal(back->count, 2);
	assert_int_equal(back->anchors[0].distrusted, PURPOSES_ALL);
	assert_int_equal(back->anchors[1].trusted, PURPOSES_ALL);
	store_free(back);
	amend_well(&format_trusted, buf_view(&no), REQUEST_DISTRUST, &store->anchors[0], false, &none);
	amend_well(&format_trusted, buf_view(&no), REQUEST_TRUST, &store->anchors[0], true, &yes);
	assert_true(bytes_equal(buf_view(&file), buf_view(&yes)));
	yes.len = 0;
	amend_well(&format_trusted, buf_view(&no), REQUEST_LIFT, &store->anchors[0], true, &yes);
	back = feed_well(&format_trusted, buf_view(&yes));
	assert_int_equal(back->count, 1);
	store_free(back);
	store_free(store);
	buf_done(&file);
	buf_done(&no);
	buf_done(&yes);
	buf_done(&none);
}

static void purposes_are_what_a_trusted_certificate_is_given(void **state)
{
	struct store *store = feed_roots(2), *back;
	struct buf file = { 0 }, got = { 0 }, same = { 0 };
	struct anchor mail = store->anchors[1];

	(void)state;
	mail.trusted = PURPOSE_BIT(PURPOSE_EMAIL);
	feed_write(&format_trusted, store, &file);
	amend_well(&format_trusted, buf_view(&file), REQUEST_TRUST, &mail, true, &got);
	back = feed_well(&format_trusted, buf_view(&got));
	assert_int_equal(back->count, 2);
	assert_int_equal(back->anchors[1].trusted, PURPOSE_BIT(PURPOSE_EMAIL));
	amend_well(&format_trusted, buf_view(&got), REQUEST_TRUST, &mail, false, &same);
	store_free(back);
	store_free(store);
	buf_done(&file);
	buf_done(&got);
	buf_done(&same);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_block_that_is_added_is_named_as_the_others_and_taken_away_without_a_trace),
		cmocka_unit_test(the_words_of_a_block_go_with_it_and_those_of_others_stay),
		cmocka_unit_test(private_keys_and_requests_between_the_blocks_stay_where_they_are),
		cmocka_unit_test(line_ends_are_those_of_the_file_and_the_last_line_is_ended_first),
		cmocka_unit_test(a_lift_finds_nothing_in_a_bundle),
		cmocka_unit_test(no_file_that_was_cut_loses_an_entry),
		cmocka_unit_test(whatever_was_done_to_a_file_it_is_refused_or_reads_back_as_it_should),
		cmocka_unit_test(a_file_that_is_not_wholly_read_is_not_changed),
		cmocka_unit_test(trusted_certificates_are_forbidden_and_allowed_again),
		cmocka_unit_test(purposes_are_what_a_trusted_certificate_is_given),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
