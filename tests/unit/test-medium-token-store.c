/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a helper tells, as records, and what becomes of them; without any module. */
#include "unit.h"

#include <stdlib.h>

#include <gnutls/crypto.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "medium/token.h"
#include "medium/wire.h"
#include "model/der.h"
#include "trust.h"

static const struct make one = { .cn = "One", .key = 1, .serial = 5 },
			 two = { .cn = "Two", .key = 2, .serial = 6 };

enum { SERVER = 1 << PURPOSE_SERVER_AUTH, EMAIL = 1 << PURPOSE_EMAIL };

/* The start of a record about the certificate by `how`: with all of it, or with issuer and serial number. */
static size_t begin(struct buf *to, enum wire_type type, const struct make *how)
{
	struct buf der = { 0 }, serial = { 0 };
	size_t begun = wire_begin(to, type);
	struct cert cert;
	struct err err;

	make_cert(how, &der);
	assert_true(cert_read(buf_view(&der), &cert, &err));
	der_write(&serial, DER_INTEGER, cert.serial);
	if (type == WIRE_CERTIFICATE)
		wire_put(to, WIRE_VALUE, buf_view(&der));
	wire_put(to, WIRE_ISSUER, cert.issuer);
	wire_put(to, WIRE_SERIAL, buf_view(&serial));
	buf_done(&der);
	buf_done(&serial);
	return begun;
}

static void certificate(struct buf *to, const struct make *how)
{
	wire_end(to, begin(to, WIRE_CERTIFICATE, how));
}

static void trust(struct buf *to, const struct make *how, bool new, unsigned trusted, unsigned distrusted)
{
	size_t begun = begin(to, WIRE_TRUST, how);

	if (new)
		wire_put(to, WIRE_NEW_TRUST, bytes_of(""));
	wire_put_number(to, WIRE_TRUSTED, trusted);
	wire_put_number(to, WIRE_DISTRUSTED, distrusted);
	wire_end(to, begun);
}

static struct store *told(struct buf *records, const struct token_said *how)
{
	struct token_said said = *how;
	struct store *store = store_new("test");

	said.records = buf_view(records);
	if (said.query == NULL)
		said.query = "";
	token_store(&said, store);
	store_finish(store);
	buf_done(records);
	return store;
}

static void trust_objects_decide_by_purpose_and_join_by_issuer_and_serial_number(void **state)
{
	struct buf records = { 0 };
	struct store *store;

	(void)state;
	trust(&records, &two, false, 0, SERVER);
	certificate(&records, &one);
	certificate(&records, &two);
	trust(&records, &one, false, SERVER | EMAIL, 0);
	store = told(&records, &(struct token_said){ 0 });
	assert_int_equal(store->count, 2);
	assert_int_equal(trust_anchor(store, &one)->trusted, SERVER | EMAIL);
	assert_int_equal(trust_anchor(store, &one)->distrusted, 0);
	assert_int_equal(trust_anchor(store, &two)->trusted, 0);
	assert_int_equal(trust_anchor(store, &two)->distrusted, SERVER);
	assert_int_equal(store->note_count, 0);
	store_free(store);
}

static void a_trust_object_beats_the_certificates_own_word(void **state)
{
	struct buf records = { 0 };
	struct store *store;
	size_t begun;

	(void)state;
	begun = begin(&records, WIRE_CERTIFICATE, &one);
	wire_put_number(&records, WIRE_TRUSTED, PURPOSES_ALL);
	wire_end(&records, begun);
	begun = begin(&records, WIRE_CERTIFICATE, &two);
	wire_put_number(&records, WIRE_TRUSTED, PURPOSES_ALL);
	wire_end(&records, begun);
	trust(&records, &one, false, EMAIL, 0);
	store = told(&records, &(struct token_said){ 0 });
	assert_int_equal(trust_anchor(store, &one)->trusted, EMAIL);
	assert_int_equal(trust_anchor(store, &two)->trusted, PURPOSES_ALL);
	store_free(store);
}

static void trust_objects_of_pkcs11_3_2_beat_those_of_nss(void **state)
{
	struct buf records = { 0 };
	struct store *store;

	(void)state;
	certificate(&records, &one);
	trust(&records, &one, false, SERVER | EMAIL, 0);
	trust(&records, &one, true, EMAIL, SERVER);
	store = told(&records, &(struct token_said){ 0 });
	assert_int_equal(trust_anchor(store, &one)->trusted, EMAIL);
	assert_int_equal(trust_anchor(store, &one)->distrusted, SERVER);
	store_free(store);
}

static void a_trust_object_with_the_hash_of_another_certificate_gives_no_trust(void **state)
{
	struct buf records = { 0 }, der = { 0 };
	uint8_t hash[ID_LEN];
	struct store *store;

	(void)state;
	make_cert(&one, &der);
	for (int i = 0; i < 2; i++) {
		size_t begun;

		assert_int_equal(
			gnutls_hash_fast(i == 0 ? GNUTLS_DIG_SHA256 : GNUTLS_DIG_SHA1, der.at, der.len, hash),
			0);
		for (int wrong = 0; wrong < 2; wrong++) {
			certificate(&records, &one);
			begun = begin(&records, WIRE_TRUST, &one);
			hash[3] ^= (uint8_t)wrong;
			wire_put(&records, WIRE_HASH, (struct bytes){ hash, i == 0 ? ID_LEN : 20 });
			wire_put_number(&records, WIRE_TRUSTED, SERVER);
			wire_end(&records, begun);
			store = told(&records, &(struct token_said){ 0 });
			assert_int_equal(trust_anchor(store, &one)->trusted, wrong ? 0 : SERVER);
			assert_int_equal(trust_noted(store, NOTE_INFO, "", "no such certificate"), wrong);
			store_free(store);
		}
	}
	buf_done(&der);
}

static void distrust_without_a_certificate_is_kept(void **state)
{
	struct buf records = { 0 };
	struct store *store;

	(void)state;
	trust(&records, &one, false, 0, SERVER);
	store = told(&records, &(struct token_said){ 0 });
	assert_int_equal(store->count, 1);
	assert_int_equal(store->anchors[0].names, ANCHOR_ISSUER_SERIAL);
	assert_int_equal(store->anchors[0].distrusted, SERVER);
	assert_true(bytes_equal(store->anchors[0].cert.serial, bytes_of("\x05")));
	store_free(store);
}

static void distrust_of_a_hash_alone_is_kept_or_an_error(void **state)
{
	struct buf records = { 0 }, der = { 0 };
	uint8_t hash[ID_LEN];
	struct store *store;

	(void)state;
	make_cert(&one, &der);
	assert_int_equal(gnutls_hash_fast(GNUTLS_DIG_SHA256, der.at, der.len, hash), 0);
	for (int i = 0; i < 3; i++) {
		size_t len[] = { ID_LEN, 20, 0 }, begun = wire_begin(&records, WIRE_TRUST);

		wire_put(&records, WIRE_HASH, (struct bytes){ hash, len[i] });
		wire_put_number(&records, WIRE_DISTRUSTED, SERVER);
		wire_end(&records, begun);
		certificate(&records, &two);
		store = told(&records, &(struct token_said){ 0 });
		assert_int_equal(trust_anchor(store, &two)->distrusted, 0);
		assert_int_equal(store->count, i == 0 ? 2 : 1);
		if (i == 0) {
			assert_int_equal(store->anchors[1].names, ANCHOR_FINGERPRINT);
			assert_int_equal(store->anchors[1].distrusted, SERVER);
			assert_memory_equal(store->anchors[1].id, hash, ID_LEN);
		}
		assert_int_equal(trust_notes(store, NOTE_ERROR), i > 0);
		assert_int_equal(trust_noted(store, NOTE_ERROR, "", "by its SHA-1 alone"), i == 1);
		store_free(store);
	}
	buf_done(&der);
}

static void distrust_by_its_sha256_meets_the_certificate_that_is_here(void **state)
{
	struct buf records = { 0 }, der = { 0 };
	uint8_t hash[ID_LEN];
	struct store *store;
	size_t begun;

	(void)state;
	make_cert(&one, &der);
	assert_int_equal(gnutls_hash_fast(GNUTLS_DIG_SHA256, der.at, der.len, hash), 0);
	begun = wire_begin(&records, WIRE_TRUST);
	wire_put(&records, WIRE_HASH, (struct bytes){ hash, ID_LEN });
	wire_put_number(&records, WIRE_DISTRUSTED, SERVER);
	wire_end(&records, begun);
	certificate(&records, &one);
	store = told(&records, &(struct token_said){ 0 });
	assert_int_equal(store->count, 1);
	assert_int_equal(trust_anchor(store, &one)->distrusted, SERVER);
	store_free(store);
	buf_done(&der);
}

static void a_trust_object_whose_signature_does_not_hold_says_nothing_and_is_an_error(void **state)
{
	struct buf records = { 0 };
	struct store *store;
	size_t begun;

	(void)state;
	for (int i = 0; i < 2; i++) {
		if (i == 0)
			certificate(&records, &one);
		begun = begin(&records, WIRE_TRUST, &one);
		wire_put_number(&records, WIRE_TRUSTED, EMAIL);
		wire_put_number(&records, WIRE_FORGED, SERVER);
		wire_end(&records, begun);
		store = told(&records, &(struct token_said){ 0 });
		if (i == 0)
			assert_int_equal(trust_anchor(store, &one)->trusted, 0);
		assert_int_equal(trust_notes(store, NOTE_ERROR), 1);
		assert_true(trust_noted(store, NOTE_ERROR, "", "signature for server-auth does not hold"));
		store_free(store);
	}
}

static void two_generations_of_trust_objects_that_differ_are_told(void **state)
{
	struct buf records = { 0 };
	struct store *store;

	(void)state;
	certificate(&records, &one);
	trust(&records, &one, false, SERVER | EMAIL, 0);
	trust(&records, &one, true, EMAIL, 0);
	certificate(&records, &two);
	trust(&records, &two, false, SERVER, EMAIL);
	trust(&records, &two, true, SERVER, EMAIL);
	store = told(&records, &(struct token_said){ 0 });
	assert_int_equal(trust_anchor(store, &one)->trusted, EMAIL);
	assert_int_equal(trust_anchor(store, &two)->trusted, SERVER);
	assert_int_equal(trust_notes(store, NOTE_WARN), 1);
	assert_true(trust_noted(store, NOTE_WARN, "", "NSS before 3.114 finds other trust here"));
	store_free(store);
}

static void a_date_on_the_trust_object_counts_as_on_the_certificate(void **state)
{
	struct buf records = { 0 };
	struct store *store;
	size_t begun;

	(void)state;
	certificate(&records, &one);
	begun = begin(&records, WIRE_TRUST, &one);
	wire_put_number(&records, WIRE_TRUSTED, SERVER);
	wire_put(&records, WIRE_AFTER + PURPOSE_SERVER_AUTH, bytes_of("260415000000Z"));
	wire_put(&records, WIRE_AFTER + PURPOSE_EMAIL, (struct bytes){ (const uint8_t *)"", 1 });
	wire_end(&records, begun);
	store = told(&records, &(struct token_said){ 0 });
	assert_int_equal(trust_anchor(store, &one)->distrust_after[PURPOSE_SERVER_AUTH], 1776211200);
	assert_true(trust_anchor(store, &one)->distrust_after[PURPOSE_EMAIL] == CLOCK_NONE);
	assert_int_equal(store->note_count, 0);
	store_free(store);
}

static void what_was_to_forbid_and_cannot_be_read_is_an_error(void **state)
{
	struct buf records = { 0 };
	struct store *store;
	size_t begun;

	(void)state;
	begun = begin(&records, WIRE_CERTIFICATE, &one);
	wire_put(&records, WIRE_AFTER + PURPOSE_SERVER_AUTH, bytes_of("soon"));
	wire_end(&records, begun);
	store = told(&records, &(struct token_said){ 0 });
	assert_true(store_incomplete(store));
	store_free(store);
	certificate(&records, &one);
	begun = wire_begin(&records, WIRE_EXTENSION);
	wire_put(&records, WIRE_KEY, bytes_of("a key"));
	wire_put(&records, WIRE_VALUE, bytes_of("no extension"));
	wire_end(&records, begun);
	store = told(&records, &(struct token_said){ 0 });
	assert_true(store_incomplete(store));
	store_free(store);
}

static void what_an_uri_does_not_name_is_not_listed_but_may_distrust_what_it_does(void **state)
{
	static const struct make sister = { .cn = "Sister", .key = 1 };
	struct buf records = { 0 }, spki = { 0 };
	struct store *store;
	size_t begun;

	(void)state;
	certificate(&records, &one);
	certificate(&records, &two);
	begun = begin(&records, WIRE_CERTIFICATE, &sister);
	make_spki(1, &spki);
	wire_put(&records, WIRE_CONTEXT, bytes_of(""));
	wire_put(&records, WIRE_KEY, buf_view(&spki));
	wire_put_number(&records, WIRE_DISTRUSTED, PURPOSES_ALL);
	wire_end(&records, begun);
	store = told(&records, &(struct token_said){ .partly = true });
	assert_int_equal(store->count, 2);
	assert_int_equal(trust_anchor(store, &one)->distrusted, PURPOSES_ALL);
	assert_int_equal(trust_anchor(store, &two)->distrusted, 0);
	store_free(store);
	buf_done(&spki);
}

static void origins_are_paths_below_the_place_and_uris_are_escaped(void **state)
{
	struct buf records = { 0 };
	const struct anchor *anchor;
	struct store *store;
	size_t begun;

	(void)state;
	begun = begin(&records, WIRE_CERTIFICATE, &one);
	wire_put(&records, WIRE_LABEL, bytes_of("a b;c\xc3\xbc"));
	wire_put(&records, WIRE_ID, (struct bytes){ (const uint8_t *)"\x00z", 2 });
	wire_put(&records, WIRE_REST, bytes_of("/anchors/x"));
	wire_end(&records, begun);
	store = told(&records, &(struct token_said){ .place = "/trust",
						     .uri = "pkcs11:token=T",
						     .query = "?module-path=/m.so" });
	anchor = trust_anchor(store, &one);
	assert_string_equal(anchor->origin.file, "/trust/anchors/x");
	assert_string_equal(anchor->origin.uri,
			    "pkcs11:token=T;id=%00z;object=a%20b%3Bc%C3%BC;type=cert?module-path=/m.so");
	store_free(store);
}

static void records_come_back_as_they_were_written(void **state)
{
	struct buf all = { 0 };
	struct wire wire;
	size_t at = 0, begun = wire_begin(&all, WIRE_NOTE);

	(void)state;
	wire_put(&all, WIRE_TEXT, bytes_of("text"));
	wire_put_number(&all, WIRE_NUMBER, UINT64_MAX - 1);
	wire_put(&all, WIRE_P11KIT, bytes_of(""));
	wire_end(&all, begun);
	assert_int_equal(wire_next(buf_view(&all), &at, &wire), WIRE_GOT);
	assert_int_equal(at, all.len);
	assert_int_equal(wire.type, WIRE_NOTE);
	assert_true(bytes_equal(wire.field[WIRE_TEXT], bytes_of("text")));
	assert_true(wire_number(&wire, WIRE_NUMBER) == UINT64_MAX - 1);
	assert_true(wire_has(&wire, WIRE_P11KIT));
	assert_false(wire_has(&wire, WIRE_LABEL));
	assert_int_equal(wire_number(&wire, WIRE_LABEL), 0);
	assert_int_equal(wire_next(buf_view(&all), &at, &wire), WIRE_SHORT);
	for (size_t len = 0; len < all.len; len++) {
		uint8_t *cut = mem_copy(all.at, len);

		at = 0;
		assert_int_equal(wire_next((struct bytes){ cut, len }, &at, &wire), WIRE_SHORT);
		free(cut);
	}
	buf_done(&all);
}

static void a_record_that_is_none_is_refused(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
	} bad[] = {
		{ "\0\0\0\0", 4 },                          /* empty */
		{ "\xff\xff\xff\xff\1", 5 },                /* larger than any may be */
		{ "\0\0\0\1\0", 5 },                        /* no type */
		{ "\0\0\0\1\xee", 5 },                      /* no such type */
		{ "\0\0\0\6\1\xee\0\0\0\0", 10 },           /* no such field */
		{ "\0\0\0\6\1\0\0\0\0\1", 10 },             /* a field that ends behind the record */
		{ "\0\0\0\3\1\0\0", 7 },                    /* half a field */
		{ "\0\0\0\x0b\1\0\0\0\0\0\0\0\0\0\0", 15 }, /* a field twice */
	};
	struct wire wire;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		size_t at = 0;

		assert_int_equal(
			wire_next((struct bytes){ (const uint8_t *)bad[i].bytes, bad[i].len }, &at, &wire),
			WIRE_BAD);
		assert_int_equal(at, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(trust_objects_decide_by_purpose_and_join_by_issuer_and_serial_number),
		cmocka_unit_test(a_trust_object_beats_the_certificates_own_word),
		cmocka_unit_test(trust_objects_of_pkcs11_3_2_beat_those_of_nss),
		cmocka_unit_test(a_trust_object_with_the_hash_of_another_certificate_gives_no_trust),
		cmocka_unit_test(distrust_without_a_certificate_is_kept),
		cmocka_unit_test(distrust_of_a_hash_alone_is_kept_or_an_error),
		cmocka_unit_test(distrust_by_its_sha256_meets_the_certificate_that_is_here),
		cmocka_unit_test(a_trust_object_whose_signature_does_not_hold_says_nothing_and_is_an_error),
		cmocka_unit_test(two_generations_of_trust_objects_that_differ_are_told),
		cmocka_unit_test(a_date_on_the_trust_object_counts_as_on_the_certificate),
		cmocka_unit_test(what_was_to_forbid_and_cannot_be_read_is_an_error),
		cmocka_unit_test(what_an_uri_does_not_name_is_not_listed_but_may_distrust_what_it_does),
		cmocka_unit_test(origins_are_paths_below_the_place_and_uris_are_escaped),
		cmocka_unit_test(records_come_back_as_they_were_written),
		cmocka_unit_test(a_record_that_is_none_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
