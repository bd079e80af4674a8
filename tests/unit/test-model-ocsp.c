/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <gnutls/ocsp.h>

#include "base/clock.h"
#include "base/err.h"
#include "hand.h"
#include "model/crl.h"
#include "model/der.h"
#include "model/ocsp.h"

#define HASH    "01010101 01010101 01010101 01010101 01010101" /* of 20 octets */
#define NAME    "30{ 31{ 30{ 0603550403 0c0141 } } }"
#define MAY     "18{ 32303235303533313030303030305a }" /* 20250531000000Z */
#define JUNE    "18{ 32303235303630333030303030305a }" /* 20250603000000Z */
#define SHA1    "30{ 06052b0e03021a 0500 }"
#define CERT_ID "30{ " SHA1 " 04{" HASH "} 04{" HASH "} 020105 }"
#define EXT     "30{ 06022a03 040100 }"

/* A response part by part, as hand_tree() wants them, so that a test can break one. */
struct parts {
	const char *status, *type, *responder, *produced, *singles, *extensions, *behind, *certs;
};

static struct parts good(void)
{
	return (struct parts){
		.status = "0a0100",
		.type = "06092b0601050507300101",
		.responder = "a1{" NAME "}",
		.produced = MAY,
		.singles = "30{" CERT_ID "8000" MAY "a0{" JUNE "} }"
			   "30{" CERT_ID "a1{" MAY "a0{ 0a0101 } }" MAY "}"
			   "30{" CERT_ID "8200" MAY "a1{ 30{" EXT "} } }",
		.extensions = "a1{ 30{" EXT "} }",
		.behind = "",
		.certs = "a0{ 30{ 3000 } }",
	};
}

static void write_parts(const struct parts *p, struct buf *to)
{
	char text[8192];

	snprintf(text, sizeof(text),
		 "30{ %s a0{ 30{ %s 04{ 30{ 30{ %s %s 30{ %s } %s %s } 30{ 06032b6570 } 03{ 00ff } %s } } } "
		 "} }",
		 p->status, p->type, p->responder, p->produced, p->singles, p->extensions, p->behind,
		 p->certs);
	hand_tree(text, to);
}

static bool read_parts(const struct parts *parts, struct buf *der, struct ocsp *ret, struct err *err)
{
	*der = (struct buf){ 0 };
	write_parts(parts, der);
	return ocsp_read(buf_view(der), ret, err);
}

static void fields_are_found(void **state)
{
	struct parts parts = good();
	struct ocsp_single one;
	struct err err = { 0 };
	struct ocsp ocsp;
	struct bytes cert;
	struct buf der;
	size_t at = 0;

	(void)state;
	if (!read_parts(&parts, &der, &ocsp, &err))
		fail_msg("%s", err.text);
	assert_int_equal(ocsp.status, OCSP_SUCCESSFUL);
	assert_true(ocsp.by_name.len > 0 && ocsp.by_key.len == 0);
	assert_int_equal(ocsp.critical.len, 0);
	assert_true(ocsp_next(&ocsp, &at, &one));
	assert_int_equal(one.state, OCSP_GOOD);
	assert_int_equal(one.next_update - one.this_update, 3 * 86400);
	assert_int_equal(one.serial.len, 1);
	assert_true(ocsp_next(&ocsp, &at, &one));
	assert_int_equal(one.state, OCSP_REVOKED);
	assert_int_equal(one.reason, 1);
	assert_true(one.next_update == CLOCK_NONE);
	assert_true(ocsp_next(&ocsp, &at, &one));
	assert_int_equal(one.state, OCSP_UNKNOWN);
	assert_false(ocsp_next(&ocsp, &at, &one));
	at = 0;
	assert_true(ocsp_cert_next(&ocsp, &at, &cert));
	assert_int_equal(cert.len, 2);
	assert_false(ocsp_cert_next(&ocsp, &at, &cert));
	buf_done(&der);
}

static const struct broken {
	const char *sentence, *words;
	struct parts with;
} broken[] = {
	{ "no status", "status", { .status = "020100" } },
	{ "another type", "type", { .type = "06092b0601050507300102" } },
	{ "a responder that is nobody", "responder", { .responder = "a3{" NAME "}" } },
	{ "a responder by a key of 19 octets",
	  "responder",
	  { .responder = "a2{ 04{ 01010101 01010101 01010101 01010101 010101 } }" } },
	{ "a producedAt that is a UTCTime",
	  "producedAt",
	  { .produced = "17{ 3235303533313030303030305a }" } },
	{ "version 2", "version", { .responder = "a0{ 020101 } a1{" NAME "}" } },
	{ "an answer that is none", "answer", { .singles = "0500" } },
	{ "an answer about nothing", "CertID", { .singles = "30{ 8000" MAY "}" } },
	{ "an answer with a padded number",
	  "CertID",
	  { .singles = "30{ 30{" SHA1 "04{" HASH "} 04{" HASH "} 02020005 } 8000" MAY "}" } },
	{ "an answer without a state", "CertStatus", { .singles = "30{" CERT_ID MAY "}" } },
	{ "good with something in it", "CertStatus", { .singles = "30{" CERT_ID "8001ff" MAY "}" } },
	{ "revoked without a time", "CertStatus", { .singles = "30{" CERT_ID "a100" MAY "}" } },
	{ "an answer without a time", "thisUpdate", { .singles = "30{" CERT_ID "8000 }" } },
	{ "something behind an answer",
	  "behind an answer",
	  { .singles = "30{" CERT_ID "8000" MAY "0500 }" } },
	{ "an extension twice", "twice", { .singles = "30{" CERT_ID "8000" MAY "a1{ 30{" EXT EXT "} } }" } },
	{ "something behind the extensions", "behind the answers", { .behind = "0500" } },
	{ "certificates that are none", "BasicOCSPResponse", { .certs = "a0{ 30{ 0500 } }" } },
	{ "something behind the certificates", "BasicOCSPResponse", { .certs = "a0{ 3000 } 0500" } },
};

#define TAKE(field)                                                                                          \
	if (with->field != NULL)                                                                             \
	parts.field = with->field

static void what_is_not_well_formed_is_refused_with_its_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		const struct parts *with = &broken[i].with;
		struct parts parts = good();
		struct err err = { 0 };
		struct ocsp ocsp;
		struct buf der;

		TAKE(status);
		TAKE(type);
		TAKE(responder);
		TAKE(produced);
		TAKE(singles);
		TAKE(extensions);
		TAKE(behind);
		TAKE(certs);
		if (read_parts(&parts, &der, &ocsp, &err))
			fail_msg("%s is read", broken[i].sentence);
		if (strstr(err.text, broken[i].words) == NULL || strstr(err.text, ", at byte ") == NULL)
			fail_msg("%s: %s", broken[i].sentence, err.text);
		buf_done(&der);
	}
}

static void critical_extensions_that_are_unknown_are_told(void **state)
{
	struct parts parts = good();
	struct ocsp_single one;
	struct err err = { 0 };
	struct ocsp ocsp;
	struct buf der;
	size_t at = 0;

	(void)state;
	parts.extensions = "a1{ 30{ 30{ 06022a03 0101ff 040100 } } }";
	assert_true(read_parts(&parts, &der, &ocsp, &err));
	assert_int_equal(ocsp.critical.len, 2);
	buf_done(&der);
	/* CRL references say nothing of whether it is revoked */
	parts = good();
	parts.singles = "30{" CERT_ID "8000" MAY "a1{ 30{ 30{ 06092b0601050507300103 0101ff 040100 } } } }"
			"30{" CERT_ID "8000" MAY "a1{ 30{ 30{ 06022a03 0101ff 040100 } } } }";
	assert_true(read_parts(&parts, &der, &ocsp, &err));
	assert_true(ocsp_next(&ocsp, &at, &one));
	assert_int_equal(one.critical.len, 0);
	assert_true(ocsp_next(&ocsp, &at, &one));
	assert_int_equal(one.critical.len, 2);
	buf_done(&der);
}

static void an_error_has_a_word_and_no_answers(void **state)
{
	struct err err = { 0 };
	struct buf der = { 0 };
	struct ocsp_single one;
	struct ocsp ocsp;
	size_t at = 0;

	(void)state;
	hand_tree("30{ 0a0103 }", &der);
	assert_true(ocsp_read(buf_view(&der), &ocsp, &err));
	assert_string_equal(ocsp_status_word(ocsp.status), "tryLater");
	assert_string_equal(ocsp_status_word(6), "unauthorized");
	assert_string_equal(ocsp_status_word(4), "unknown");
	assert_string_equal(ocsp_status_word(99), "unknown");
	assert_false(ocsp_next(&ocsp, &at, &one));
	der.len = 0;
	hand_tree("30{ 0a0100 }", &der);
	assert_false(ocsp_read(buf_view(&der), &ocsp, &err));
	buf_done(&der);
}

static void a_response_cut_at_any_byte_is_refused_and_says_where(void **state)
{
	struct parts parts = good();
	struct buf der = { 0 };

	(void)state;
	write_parts(&parts, &der);
	for (size_t len = 0; len < der.len; len++) {
		uint8_t *copy = malloc(len + 1);
		struct err err = { 0 };
		struct ocsp ocsp;

		memcpy(copy, der.at, len);
		if (ocsp_read((struct bytes){ copy, len }, &ocsp, &err))
			fail_msg("%zu bytes of %zu are read", len, der.len);
		assert_non_null(strstr(err.text, ", at byte "));
		free(copy);
	}
	buf_done(&der);
}

static void a_response_with_any_byte_changed_is_read_or_refused(void **state)
{
	struct parts parts = good();
	struct buf der = { 0 };

	(void)state;
	write_parts(&parts, &der);
	for (size_t at = 0; at < der.len; at++)
		for (unsigned change = 1; change < 256; change++) {
			struct ocsp_single one;
			struct err err = { 0 };
			struct ocsp ocsp;
			size_t next = 0;

			der.at[at] ^= (uint8_t)change;
			if (ocsp_read(buf_view(&der), &ocsp, &err))
				while (ocsp_next(&ocsp, &next, &one))
					;
			else
				assert_int_not_equal(err.text[0], '\0');
			der.at[at] ^= (uint8_t)change;
		}
	buf_done(&der);
}

/* Writes body with tag and length in front, in its own place. */
static void wrap(struct buf *body, unsigned tag, const char *before, const char *behind)
{
	struct buf all = { 0 }, out = { 0 };

	hand_tree(before, &all);
	buf_bytes(&all, buf_view(body));
	hand_tree(behind, &all);
	der_write(&out, tag, buf_view(&all));
	buf_done(&all);
	buf_done(body);
	*body = out;
}

static void a_response_of_1_mib_is_read_in_less_than_two_seconds(void **state)
{
	struct buf single = { 0 }, der = { 0 };
	struct timespec from, to;
	struct err err = { 0 };
	struct ocsp ocsp;

	(void)state;
	hand_tree("30{" CERT_ID "8000" MAY "}", &single);
	while (der.len < 1 << 20)
		buf_bytes(&der, buf_view(&single));
	wrap(&der, DER_SEQUENCE, "", "");
	wrap(&der, DER_SEQUENCE, "a1{" NAME "}" MAY, "");
	wrap(&der, DER_SEQUENCE, "", "30{ 06032b6570 } 03{ 00ff }");
	wrap(&der, DER_OCTET_STRING, "", "");
	wrap(&der, DER_SEQUENCE, "06092b0601050507300101", "");
	wrap(&der, DER_EXPLICIT(0), "", "");
	wrap(&der, DER_SEQUENCE, "0a0100", "");
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
	if (!ocsp_read(buf_view(&der), &ocsp, &err))
		fail_msg("%s", err.text);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
	assert_true(to.tv_sec - from.tv_sec < 2);
	buf_done(&single);
	buf_done(&der);
}

static void the_request_is_what_gnutls_reads(void **state)
{
	static const uint8_t name[20] = { 1, 2 }, key[20] = { 3, 4 }, serial[] = { 0x00, 0x99 };
	gnutls_datum_t got_name = { NULL, 0 }, got_key = { NULL, 0 }, got_serial = { NULL, 0 }, der;
	gnutls_digest_algorithm_t hash = GNUTLS_DIG_UNKNOWN;
	struct buf request = { 0 };
	gnutls_ocsp_req_t req;

	(void)state;
	ocsp_request((struct bytes){ name, 20 }, (struct bytes){ key, 20 }, (struct bytes){ serial, 2 },
		     &request);
	der = (gnutls_datum_t){ request.at, (unsigned)request.len };
	assert_int_equal(gnutls_ocsp_req_init(&req), 0);
	assert_int_equal(gnutls_ocsp_req_import(req, &der), 0);
	assert_int_equal(gnutls_ocsp_req_get_version(req), 1);
	assert_int_equal(gnutls_ocsp_req_get_cert_id(req, 0, &hash, &got_name, &got_key, &got_serial), 0);
	assert_int_equal(hash, GNUTLS_DIG_SHA1);
	assert_int_equal(got_name.size, 20);
	assert_memory_equal(got_name.data, name, 20);
	assert_memory_equal(got_key.data, key, 20);
	assert_int_equal(got_serial.size, 2);
	assert_memory_equal(got_serial.data, serial, 2);
	assert_int_not_equal(gnutls_ocsp_req_get_cert_id(req, 1, &hash, NULL, NULL, NULL), 0); /* no other */
	gnutls_free(got_name.data);
	gnutls_free(got_key.data);
	gnutls_free(got_serial.data);
	gnutls_ocsp_req_deinit(req);
	buf_done(&request);
}

/* GnuTLS reads the same of it. */
static void a_response_is_to_gnutls_what_it_is_to_us(void **state)
{
	struct parts parts = good();
	struct buf der = { 0 };
	gnutls_ocsp_resp_t resp;
	gnutls_datum_t datum;
	unsigned status = 9;
	time_t revoked = 0;

	(void)state;
	parts.certs = "";
	write_parts(&parts, &der);
	datum = (gnutls_datum_t){ der.at, (unsigned)der.len };
	assert_int_equal(gnutls_ocsp_resp_init(&resp), 0);
	assert_int_equal(gnutls_ocsp_resp_import(resp, &datum), 0);
	assert_int_equal(gnutls_ocsp_resp_get_status(resp), GNUTLS_OCSP_RESP_SUCCESSFUL);
	assert_int_equal(gnutls_ocsp_resp_get_single(resp, 1, NULL, NULL, NULL, NULL, &status, NULL, NULL,
						     &revoked, NULL),
			 0);
	assert_int_equal(status, GNUTLS_OCSP_CERT_REVOKED);
	assert_int_equal(revoked, 1748649600); /* 2025-05-31 */
	gnutls_ocsp_resp_deinit(resp);
	buf_done(&der);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_are_found),
		cmocka_unit_test(what_is_not_well_formed_is_refused_with_its_place),
		cmocka_unit_test(critical_extensions_that_are_unknown_are_told),
		cmocka_unit_test(an_error_has_a_word_and_no_answers),
		cmocka_unit_test(a_response_cut_at_any_byte_is_refused_and_says_where),
		cmocka_unit_test(a_response_with_any_byte_changed_is_read_or_refused),
		cmocka_unit_test(a_response_of_1_mib_is_read_in_less_than_two_seconds),
		cmocka_unit_test(the_request_is_what_gnutls_reads),
		cmocka_unit_test(a_response_is_to_gnutls_what_it_is_to_us),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
