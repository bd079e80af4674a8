/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/text.h"
#include "hand.h"
#include "model/der.h"
#include "model/name.h"

/*
 * Names, what they are called, and under which names OpenSSL 3.0 looks for them:
 * `openssl x509 -noout -subject_hash -subject_hash_old` for a certificate with
 * this subject.
 */
static const struct {
	const char *hex, *called, *text;
	uint32_t hash, old;
} names[] = {
	/* C=DE, two spaces inside and one behind the organisation, a tab and one in front of the common name
	 */
	{ "3040 310b 3009 0603550406 13024445 3116 3014 060355040a 0c0d 416c6465722020547265657320"
	  "3119 3017 0603550403 0c10 20416c646572095445535420526f6f74",
	  " Alder\tTEST Root", "CN=\\ Alder\tTEST Root,O=Alder  Trees\\ ,C=DE", 0xf27c8983, 0x7a177ff5 },
	/* BMPString and UniversalString */
	{ "3015 3113 3011 0603550403 1e0a 0046015100740061006e", "Főtan", "CN=Főtan", 0x1bb44642,
	  0xdb45a616 },
	{ "3013 3111 300f 0603550403 1c08 000000410001f333", "A\xf0\x9f\x8c\xb3", NULL, 0xe15d3f3a,
	  0xe6bf8ff0 },
	/* the same name as TeletexString, as a PrintableString that is none, and as UTF8String */
	{ "3011 310f 300d 0603550403 1406 4dfc6c6c6572", "Müller", NULL, 0x6c630a49, 0xd1581cea },
	{ "3011 310f 300d 0603550403 1306 4dfc6c6c6572", "Müller", NULL, 0x6c630a49, 0xbb70e399 },
	{ "3012 3110 300e 0603550403 0c07 4dc3bc6c6c6572", "Müller", "CN=Müller", 0x6c630a49, 0xce77ee65 },
	/* two parts in one relative name, in both orders */
	{ "3016 3114 3008 060355040b 0c0162 3008 0603550403 0c0161", "a", "OU=b+CN=a", 0x6fe19aac,
	  0xd659e75d },
	{ "3016 3114 3008 0603550403 0c0161 3008 060355040b 0c0162", "a", "CN=a+OU=b", 0x6fe19aac,
	  0x2cd79de6 },
	/* nothing, and next to nothing */
	{ "3000", "", "(empty)", 0xeea339da, 0x543b6ca4 },
	{ "300e 3100 310a 3008 0603550403 0c0178", "x", NULL, 0x82965258, 0x9e8c3719 },
	{ "300e 310c 300a 0603550403 0c03 202020", "   ", NULL, 0x5da78770, 0xcd5edd7a },
	/* a BIT STRING (uniqueIdentifier), and a NumericString */
	{ "3019 310b 3009 060355042d 03020001 310a 3008 0603550403 0c0178", "x", NULL, 0x522e7270,
	  0x3a1cd1ed },
	{ "300e 310c 300a 0603550403 1203 312032", "1 2", NULL, 0xde42a69f, 0xab125d54 },
};

static void names_are_called_written_and_hashed_as_others_do_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct buf der = { 0 }, called = { 0 }, text = { 0 };
		uint32_t hash = 0, old = 0;

		hand_hex(names[i].hex, &der);
		assert_true(name_valid(buf_view(&der)));
		name_short(buf_view(&der), &called);
		if (!bytes_equal(buf_view(&called), bytes_of(names[i].called)))
			fail_msg("'%.*s' instead of '%s'", (int)called.len, (char *)called.at,
				 names[i].called);
		name_text(buf_view(&der), &text);
		if (names[i].text != NULL && !bytes_equal(buf_view(&text), bytes_of(names[i].text)))
			fail_msg("'%.*s' instead of '%s'", (int)text.len, (char *)text.at, names[i].text);
		assert_true(name_hash(buf_view(&der), &hash));
		assert_int_equal(hash, names[i].hash);
		if (name_hash_old(buf_view(&der), &old)) /* MD5 may be forbidden here */
			assert_int_equal(old, names[i].old);
		buf_done(&der);
		buf_done(&called);
		buf_done(&text);
	}
}

static void parts_come_in_order_and_tell_where_a_relative_name_begins(void **state)
{
	struct buf der = { 0 };
	struct name_part part;
	char said[32] = "";
	size_t at = 0;

	(void)state;
	/* C=D, an empty one, O=a + OU=b, CN=c */
	hand_hex("302e 310a 3008 0603550406 0c0144 3100 3114 3008 060355040a 0c0161 3008 060355040b 0c0162"
		 "310a 3008 0603550403 0c0163",
		 &der);
	der.at[1] = (uint8_t)(der.len - 2);
	assert_true(name_has_empty(buf_view(&der)));
	while (name_next(buf_view(&der), &at, &part)) {
		strcat(said, part.first ? "," : "+");
		strncat(said, (const char *)part.value.at, part.value.len);
	}
	assert_string_equal(said, ",D,a+b,c");
	assert_false(name_next(buf_view(&der), &at, &part));
	buf_done(&der);
}

static void the_most_telling_part_is_what_it_is_called(void **state)
{
	static const struct {
		const char *hex, *called;
	} rows[] = {
		/* O=a, OU=b: the unit; OU=a, O=b: still the unit; CN=a, CN=b: the last; C=D, L=e: the last */
		{ "3018 310a 3008 060355040a 0c0161 310a 3008 060355040b 0c0162", "b" },
		{ "3018 310a 3008 060355040b 0c0161 310a 3008 060355040a 0c0162", "a" },
		{ "3018 310a 3008 0603550403 0c0161 310a 3008 0603550403 0c0162", "b" },
		{ "3018 310a 3008 0603550406 0c0144 310a 3008 0603550407 0c0165", "e" },
		/* no string: hex; a BMPString cut in the middle of a character: hex */
		{ "300b 3109 3007 0603550403 0500", "#" },
		{ "300d 310b 3009 0603550403 02020102", "#0102" },
		{ "300e 310c 300a 0603550403 1e03 004100", "#004100" },
		/* half a surrogate is no character */
		{ "300d 310b 3009 0603550403 1e02 d800", "\xef\xbf\xbd" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf der = { 0 }, called = { 0 };

		hand_hex(rows[i].hex, &der);
		assert_true(name_valid(buf_view(&der)));
		name_short(buf_view(&der), &called);
		if (!bytes_equal(buf_view(&called), bytes_of(rows[i].called)))
			fail_msg("'%.*s' instead of '%s'", (int)called.len, (char *)called.at,
				 rows[i].called);
		buf_done(&der);
		buf_done(&called);
	}
}

static void what_is_no_name_is_refused_and_has_no_parts_to_trip_over(void **state)
{
	static const char *const bad[] = {
		"",                                      /* nothing */
		"3100",                                  /* a SET */
		"3000 00",                               /* something behind it */
		"3002 3000",                             /* a SEQUENCE where a SET should be */
		"3004 3102 3000",                        /* no type and no value */
		"3009 3107 3005 0603550403",             /* no value */
		"300b 3109 3007 0603550403 0c01",        /* a value that is cut */
		"300e 310c 300a 0603550403 0c0141 0500", /* two values */
		"300c 310a 3008 0603550483 0c0141",      /* an OID that ends within an arc */
		"300c 310a 3008 0603550403 1f0141",      /* a tag number above 30 */
		"300c 310b 3008 0603550403 0c0141",      /* a SET that is longer than the name */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct buf der = { 0 }, to = { 0 };
		struct name_part part;
		uint32_t hash;
		size_t at = 0;

		hand_hex(bad[i], &der);
		assert_false(name_valid(buf_view(&der)));
		assert_false(name_hash(buf_view(&der), &hash));
		for (int n = 0; name_next(buf_view(&der), &at, &part); n++)
			assert_true(n < 3);
		name_short(buf_view(&der), &to);
		name_text(buf_view(&der), &to);
		buf_done(&der);
		buf_done(&to);
	}
}

static void a_name_openssl_cannot_read_has_no_hash(void **state)
{
	static const char *const rows[] = {
		"300d 310b 3009 0603550403 0c02 c328",     /* UTF8String that is no UTF-8 */
		"300e 310c 300a 0603550403 1e03 004100",   /* BMPString of odd length */
		"300d 310b 3009 0603550403 1e02 d800",     /* half a surrogate */
		"300f 310d 300b 0603550403 1c04 00110000", /* beyond Unicode */
	};
	uint32_t hash;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf der = { 0 };

		hand_hex(rows[i], &der);
		assert_true(name_valid(buf_view(&der)));
		assert_false(name_hash(buf_view(&der), &hash));
		buf_done(&der);
	}
}

static void a_name_of_more_parts_than_the_limit_is_none(void **state)
{
	static const uint8_t cn_a[] = {
		0x31, 0x0a, 0x30, 0x08, 0x06, 0x03, 0x55, 0x04, 0x03, 0x0c, 0x01, 0x41
	};
	struct buf body = { 0 }, name = { 0 };
	uint32_t hash;

	(void)state;
	for (int i = 0; i < LIMIT_NAME_PARTS; i++)
		buf_bytes(&body, (struct bytes){ cn_a, sizeof(cn_a) });
	der_write(&name, DER_SEQUENCE, buf_view(&body));
	assert_true(name_valid(buf_view(&name)));
	assert_true(name_hash(buf_view(&name), &hash));
	name.len = 0;
	buf_bytes(&body, (struct bytes){ cn_a, sizeof(cn_a) });
	der_write(&name, DER_SEQUENCE, buf_view(&body));
	assert_false(name_valid(buf_view(&name)));
	assert_false(name_hash(buf_view(&name), &hash));
	buf_done(&body);
	buf_done(&name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_called_written_and_hashed_as_others_do_it),
		cmocka_unit_test(parts_come_in_order_and_tell_where_a_relative_name_begins),
		cmocka_unit_test(the_most_telling_part_is_what_it_is_called),
		cmocka_unit_test(what_is_no_name_is_refused_and_has_no_parts_to_trip_over),
		cmocka_unit_test(a_name_openssl_cannot_read_has_no_hash),
		cmocka_unit_test(a_name_of_more_parts_than_the_limit_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
