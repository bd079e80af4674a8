/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/limits.h"
#include "hand.h"
#include "model/cert.h"
#include "model/der.h"
#include "model/key.h"

/* A certificate that owns its bytes. */
struct made {
	struct buf der;
	struct cert cert;
	struct err err;
	bool ok;
};

static struct made made(const struct hand *hand)
{
	struct made m = { .ok = false };

	hand_cert(hand, &m.der);
	m.ok = cert_read(buf_view(&m.der), &m.cert, &m.err);
	return m;
}

static void a_good_certificate_is_read_and_nothing_is_odd(void **state)
{
	struct hand hand = hand_good();
	struct made m = made(&hand);
	char text[CLOCK_TEXT];

	(void)state;
	assert_true(m.ok);
	assert_int_equal(m.cert.odd, 0);
	assert_int_equal(m.cert.version, 3);
	assert_int_equal(m.cert.serial.len, 1);
	assert_true(m.cert.self_issued);
	assert_false(m.cert.ca);
	assert_int_equal(m.cert.path_len, -1);
	clock_text(m.cert.not_before, text);
	assert_string_equal(text, "2020-01-01T00:00:00Z");
	clock_text(m.cert.not_after, text);
	assert_string_equal(text, "2049-12-31T23:59:59Z");
	assert_string_equal(key_of(&m.cert).curve, "P-256");
	assert_int_equal(m.cert.signature.len, 2);
	assert_int_equal(m.cert.key.len, 65);
	buf_done(&m.der);
}

/* Each oddity: a certificate that has it, and a neighbour that has not. */
static const struct odd_case {
	enum odd odd;
	const char *sentence;
	size_t field; /* offset in struct hand */
	const char *with, *without;
} odd_cases[] = {
#define FIELD(name) offsetof(struct hand, name)
	{ ODD_SERIAL_NEGATIVE, "-1, and 255", FIELD(serial), "ff", "00ff" },
	{ ODD_SERIAL_ZERO, "0, and 1", FIELD(serial), "00", "01" },
	{ ODD_SERIAL_LONG, "21 octets, and 20", FIELD(serial), "0102030405060708090a0b0c0d0e0f101112131415",
	  "0102030405060708090a0b0c0d0e0f1011121314" },
	{ ODD_SERIAL_LONG, "21 octets, and 20 with a zero in front", FIELD(serial),
	  "7fff030405060708090a0b0c0d0e0f101112131415", "00ff030405060708090a0b0c0d0e0f101112131415" },
	{ ODD_SERIAL_PADDED, "1 in two octets, and 128", FIELD(serial), "0001", "0080" },
	{ ODD_SERIAL_PADDED, "-1 in two octets, and -129", FIELD(serial), "ffff", "ff7f" },
	{ ODD_DEFAULT_ENCODED, "version 1 written out, and left out", FIELD(version), "a003 020100", "" },
	{ ODD_DEFAULT_ENCODED, "critical FALSE written out, and TRUE", FIELD(extensions),
	  "300c 0603551d13 010100 0402 3000", "300c 0603551d13 0101ff 0402 3000" },
	{ ODD_DEFAULT_ENCODED, "cA FALSE written out, and left out", FIELD(extensions),
	  "300c 0603551d13 0405 3003 010100", "3009 0603551d13 0402 3000" },
	{ ODD_TIME_FORM, "a GeneralizedTime of 2049, and of 2050", FIELD(validity),
	  "170d3230303130313030303030305a 180f32303439313233313233353935395a",
	  "170d3230303130313030303030305a 180f32303530303130313030303030305a" },
	{ ODD_TIME_FORM, "a UTCTime without seconds, and with", FIELD(validity),
	  "170b323030313031303030305a 170d3439313233313233353935395a",
	  "170d3230303130313030303030305a 170d3439313233313233353935395a" },
	{ ODD_TIME_ORDER, "an end a second before the beginning, and at it", FIELD(validity),
	  "170d3230303130313030303030315a 170d3230303130313030303030305a",
	  "170d3230303130313030303030305a 170d3230303130313030303030305a" },
	{ ODD_ISSUER_EMPTY, "an issuer without name, and CN=A", FIELD(issuer), "3000",
	  "300c 310a 3008 0603550403 0c0141" },
	{ ODD_NAME_PART_EMPTY, "an empty relative name, and none", FIELD(subject),
	  "300e 3100 310a 3008 0603550403 0c0141", "300c 310a 3008 0603550403 0c0141" },
	{ ODD_BASIC_CONSTRAINTS, "cA that is neither 00 nor ff, and ff", FIELD(extensions),
	  "300c 0603551d13 0405 3003 010101", "300c 0603551d13 0405 3003 0101ff" },
	{ ODD_BASIC_CONSTRAINTS, "pathLenConstraint -1, and 0", FIELD(extensions),
	  "300f 0603551d13 0408 3006 0101ff 0201ff", "300f 0603551d13 0408 3006 0101ff 020100" },
	{ ODD_BASIC_CONSTRAINTS, "something behind it, and nothing", FIELD(extensions),
	  "300b 0603551d13 0404 3000 0500", "3009 0603551d13 0402 3000" },
	{ ODD_KEY_USAGE, "more than 7 unused bits, and 1", FIELD(extensions), "300b 0603551d0f 0404 03020806",
	  "300b 0603551d0f 0404 03020106" },
	{ ODD_KEY_USAGE, "three octets of bits, and two", FIELD(extensions),
	  "300d 0603551d0f 0406 030400000000", "300c 0603551d0f 0405 0303070080" },
	{ ODD_KEY_ID, "a key identifier that is no OCTET STRING, and one that is", FIELD(extensions),
	  "300a 0603551d0e 0403 020101", "300a 0603551d0e 0403 040101" },
	{ ODD_KEY_ID, "an authority key identifier that is cut, and one that is whole", FIELD(extensions),
	  "300c 0603551d23 0405 3003 800201", "300c 0603551d23 0405 3003 800101" },
	{ ODD_EXTENDED_KEY_USAGE, "no purpose, and one", FIELD(extensions), "3009 0603551d25 0402 3000",
	  "300f 0603551d25 0408 3006 06042b060105" },
	{ ODD_EXTENDED_KEY_USAGE, "an OID that ends within an arc, and one that does not", FIELD(extensions),
	  "300f 0603551d25 0408 3006 06042b060185", "300f 0603551d25 0408 3006 06042b060105" },
	{ ODD_ALT_NAME, "no name, and one", FIELD(extensions), "3009 0603551d11 0402 3000",
	  "300c 0603551d11 0405 3003 820161" },
	{ ODD_ALT_NAME, "an empty dNSName, and one letter", FIELD(extensions),
	  "300b 0603551d11 0404 3002 8200", "300c 0603551d11 0405 3003 820161" },
	{ ODD_ALT_NAME, "a byte above 7f in a dNSName, and below", FIELD(extensions),
	  "300c 0603551d11 0405 3003 8201ff", "300c 0603551d11 0405 3003 82017f" },
	{ ODD_ALT_NAME, "an address of three octets, and of four", FIELD(extensions),
	  "300e 0603551d11 0407 3005 8703010203", "300f 0603551d11 0408 3006 870401020304" },
	{ ODD_ALT_NAME, "a tag that no name has, and registeredID", FIELD(extensions),
	  "300c 0603551d12 0405 3003 890101", "300c 0603551d12 0405 3003 880101" },
	{ ODD_ALT_NAME, "an otherName without value, and with", FIELD(extensions),
	  "300f 0603551d11 0408 3006 a004 06022a03", "3013 0603551d11 040c 300a a008 06022a03 a002 0500" },
	{ ODD_UNIQUE_ID, "a unique identifier, and none", FIELD(ids), "8102 0001", "" },
#undef FIELD
};

static void each_oddity_is_seen_and_its_neighbour_is_not(void **state)
{
	bool tried[ODD_ROWS] = { false };

	(void)state;
	for (size_t i = 0; i < sizeof(odd_cases) / sizeof(odd_cases[0]); i++) {
		const struct odd_case *c = &odd_cases[i];

		tried[c->odd] = true;
		for (int with = 0; with < 2; with++) {
			struct hand hand = hand_good();
			struct made m;

			*(const char **)((char *)&hand + c->field) = with ? c->with : c->without;
			m = made(&hand);
			if (!m.ok)
				fail_msg("%s: refused: %s", c->sentence, m.err.text);
			if (cert_is_odd(&m.cert, c->odd) != with)
				fail_msg("%s: %s is %s", c->sentence, odds[c->odd].name,
					 with ? "not seen" : "seen in the neighbour");
			buf_done(&m.der);
		}
	}
	for (int odd = 0; odd < ODD_ROWS; odd++)
		if (!tried[odd])
			fail_msg("there is no case for %s", odds[odd].name);
}

/* What leaves a field without one meaning: the error and a certificate that gives it. */
static const struct bad_case {
	const char *error;
	size_t field;
	const char *value;
} bad_cases[] = {
#define FIELD(name) offsetof(struct hand, name)
	{ "the version is not 1, 2 or 3", FIELD(version), "a003 020103" },
	{ "the version is not 1, 2 or 3", FIELD(version), "a004 02020002" },
	{ "the version is not 1, 2 or 3", FIELD(version), "a005 020102 0500" },
	{ "the serial number is no INTEGER", FIELD(serial), "" },
	{ "the signed signature algorithm is no AlgorithmIdentifier", FIELD(inner), "" },
	{ "the outer signature algorithm is no AlgorithmIdentifier", FIELD(outer), "0500" },
	{ "the outer signature algorithm is no AlgorithmIdentifier", FIELD(outer), "06022a03 0500 0500" },
	{ "the signed and the outer signature algorithm differ", FIELD(outer), "06082a8648ce3d040303" },
	{ "the signed and the outer signature algorithm differ", FIELD(outer), "06082a8648ce3d040302 0500" },
	{ "the issuer is no Name", FIELD(issuer), "3100" },
	{ "the issuer is no Name", FIELD(issuer), "300a 3108 3006 0603550483 0c00" },
	{ "the subject is no Name", FIELD(subject), "3009 3107 3005 0603550403" },
	{ "the subject is no Name", FIELD(subject), "300c 310a 3008 0603550403 1f0141" },
	{ "the validity is not two times", FIELD(validity), "170d3230303130313030303030305a" },
	{ "the validity is not two times", FIELD(validity), /* 30 February */
	  "170d3230303233303030303030305a 170d3439313233313233353935395a" },
	{ "the validity is not two times", FIELD(validity), /* an offset instead of Z */
	  "1711323030313031303030303030 2b30313030 170d3439313233313233353935395a" },
	{ "the validity is not two times", FIELD(validity), /* a GeneralizedTime of two-digit year */
	  "180d3230303130313030303030305a 170d3439313233313233353935395a" },
	{ "the validity is not two times", FIELD(validity), /* fractions */
	  "170d3230303130313030303030305a 18113230353031323331323335393539 2e315a" },
	{ "the public key is no SubjectPublicKeyInfo", FIELD(spki),
	  "3013 06072a8648ce3d0201 06082a8648ce3d030107" },
	{ "the public key is no SubjectPublicKeyInfo", FIELD(spki), "3004 06022a03 0302 0801" },
	{ "a unique identifier is no BIT STRING", FIELD(ids), "8100" },
	{ "something unknown follows the extensions", FIELD(ids), "a400" },
	{ "extension 1 is no DER Extension", FIELD(extensions), "3000" },
	{ "extension 1 is no DER Extension", FIELD(extensions), "3009 0603551d93 0402 3000" },
	{ "extension 1 is no DER Extension", FIELD(extensions), "300c 0603551d13 010101 0402 3000" },
	{ "extension 1 is no DER Extension", FIELD(extensions), "300b 0603551d13 0402 3000 0500" },
	{ "extension 2 is there twice", FIELD(extensions),
	  "3009 0603551d13 0402 3000 3009 0603551d13 0402 3000" },
	{ "extension 3 is there twice", FIELD(extensions),
	  "3008 06022a03 0402 3000 3009 0603551d13 0402 3000 3008 06022a03 0402 3000" },
	{ "the signature is no BIT STRING", FIELD(signature), "" },
	{ "the signature is no BIT STRING", FIELD(signature), "08 0102" },
	{ "the signature is no BIT STRING", FIELD(signature), "01" },
#undef FIELD
};

static void what_has_no_one_meaning_is_refused_by_its_rule(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad_cases) / sizeof(bad_cases[0]); i++) {
		const struct bad_case *c = &bad_cases[i];
		struct hand hand = hand_good();
		struct made m;

		*(const char **)((char *)&hand + c->field) = c->value;
		m = made(&hand);
		if (m.ok)
			fail_msg("'%s' is read: %s", c->value, c->error);
		if (strncmp(m.err.text, c->error, strlen(c->error)) != 0)
			fail_msg("'%s': '%s' instead of '%s'", c->value, m.err.text, c->error);
		assert_int_equal(m.cert.der.len, m.der.len);
		assert_int_equal(m.cert.subject.len, 0);
		assert_int_equal(m.cert.not_before, CLOCK_NONE);
		buf_done(&m.der);
	}
}

static void fields_that_a_version_does_not_have_are_refused(void **state)
{
	static const struct {
		const char *version, *ids, *extensions;
		bool ok;
	} rows[] = {
		{ "", "", NULL, true },
		{ "", "8102 0001", NULL, false },
		{ "", "", "3009 0603551d13 0402 3000", false },
		{ "a003 020101", "8102 0001 8202 0001", NULL, true },
		{ "a003 020101", "", "3009 0603551d13 0402 3000", false },
		{ "a003 020102", "8102 0001", "3009 0603551d13 0402 3000", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct hand hand = hand_good();
		struct made m;

		hand.version = rows[i].version;
		hand.ids = rows[i].ids;
		hand.extensions = rows[i].extensions;
		m = made(&hand);
		assert_int_equal(m.ok, rows[i].ok);
		buf_done(&m.der);
	}
}

static void a_byte_too_many_or_too_few_is_refused(void **state)
{
	struct hand hand = hand_good();
	struct made m = made(&hand);
	struct cert cert;
	struct err err;

	(void)state;
	for (size_t len = 0; len < m.der.len; len++)
		assert_false(cert_read((struct bytes){ m.der.at, len }, &cert, &err));
	buf_byte(&m.der, 0);
	assert_false(cert_read(buf_view(&m.der), &cert, &err));
	assert_string_equal(err.text, "1 bytes follow the certificate");
	buf_done(&m.der);
}

/* A signature that most verify and some refuse makes two certificates of one. */
static void a_signature_of_broken_octets_is_refused(void **state)
{
	struct hand hand = hand_good();
	struct made m = made(&hand);
	struct cert cert;
	struct err err = { 0 };

	(void)state;
	assert_true(m.ok);
	m.der.at[m.der.len - m.cert.signature.len - 1] = 4;
	assert_false(cert_read(buf_view(&m.der), &cert, &err));
	assert_non_null(strstr(err.text, "the signature"));
	buf_done(&m.der);
}

static void constraints_and_usage_are_read(void **state)
{
	struct hand hand = hand_good();
	struct made m;
	struct extension one;
	struct bytes oid = { NULL, 0 };
	size_t at = 0;

	(void)state;
	hand.extensions = "3012 0603551d13 0101ff 0408 3006 0101ff 020103"  /* a CA, at most three below */
			  "300e 0603551d0f 0101ff 0404 03020106"            /* keyCertSign, cRLSign */
			  "3013 0603551d25 040c 300a 06022a03 0604551d2500" /* 1.2.3 and any */
			  "3008 06022a03 0402 3000";
	m = made(&hand);
	assert_true(m.ok);
	assert_int_equal(m.cert.odd, 0);
	assert_true(m.cert.ca);
	assert_int_equal(m.cert.path_len, 3);
	assert_int_equal(m.cert.key_usage, 1 << USAGE_KEY_CERT_SIGN | 1 << USAGE_CRL_SIGN);
	assert_int_equal(m.cert.critical, 1 << EXT_BASIC_CONSTRAINTS | 1 << EXT_KEY_USAGE);
	assert_true(cert_has(&m.cert, EXT_EXTENDED_KEY_USAGE));
	assert_false(cert_has(&m.cert, EXT_SUBJECT_ALT_NAME));
	assert_true(cert_oid_next(m.cert.ext[EXT_EXTENDED_KEY_USAGE], &at, &oid));
	assert_int_equal(oid.len, 2);
	assert_true(cert_oid_next(m.cert.ext[EXT_EXTENDED_KEY_USAGE], &at, &oid));
	assert_int_equal(oid.len, 4);
	assert_false(cert_oid_next(m.cert.ext[EXT_EXTENDED_KEY_USAGE], &at, &oid));
	assert_true(cert_extension(&m.cert, (struct bytes){ (const uint8_t *)"\x2a\x03", 2 }, &one));
	assert_int_equal(one.value.len, 2);
	assert_false(one.critical);
	assert_false(cert_extension(&m.cert, (struct bytes){ (const uint8_t *)"\x2a\x04", 2 }, &one));
	buf_done(&m.der);
}

static void more_extensions_than_the_limit_are_refused(void **state)
{
	struct buf text = { 0 };
	struct hand hand = hand_good();
	struct made m;

	(void)state;
	for (int i = 0; i <= LIMIT_EXTENSIONS; i++) {
		if (i == LIMIT_EXTENSIONS) {
			buf_byte(&text, '\0');
			hand.extensions = (char *)text.at;
			m = made(&hand);
			assert_true(m.ok);
			buf_done(&m.der);
			text.len--;
		}
		buf_print(&text, "3009 0603 2a%02x%02x 0402 3000 ", 0x80 + i / 128 + 1, i % 128);
	}
	buf_byte(&text, '\0');
	hand.extensions = (char *)text.at;
	m = made(&hand);
	assert_false(m.ok);
	assert_int_equal(m.err.code, ERR_LIMIT);
	buf_done(&m.der);
	buf_done(&text);
}

static void keys_are_told_by_kind_and_size(void **state)
{
	static const struct {
		const char *spki, *type, *curve;
		unsigned bits;
	} rows[] = {
		{ "300d 06092a864886f70d010101 0500 030b 00 3008 0203 010001 020103", "RSA", NULL, 17 },
		{ "3008 0604 55080101 0500 030b 00 3008 0203 00ffff 020103", "RSA", NULL, 16 },
		{ "300d 06092a864886f70d010101 0500 0303 00 0500", "RSA", NULL, 0 },
		{ "3010 06072a8648ce3d0201 06052b81040022 0302 0004", "EC", "P-384", 384 },
		{ "3010 06072a8648ce3d0201 06052b81040077 0302 0004", "EC", NULL, 0 },
		{ "3005 06032b6570 0302 0004", "Ed25519", NULL, 256 },
		{ "3005 06032b6571 0302 0004", "Ed448", NULL, 456 },
		{ "3005 06032b656e 0302 0004", "X25519", NULL, 256 },
		{ "3004 06022a03 0302 0004", "unknown", NULL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct hand hand = hand_good();
		struct made m;
		struct key key;

		hand.spki = rows[i].spki;
		m = made(&hand);
		assert_true(m.ok);
		key = key_of(&m.cert);
		assert_string_equal(key.type, rows[i].type);
		assert_int_equal(key.bits, rows[i].bits);
		if (rows[i].curve != NULL)
			assert_string_equal(key.curve, rows[i].curve);
		else
			assert_null(key.curve);
		buf_done(&m.der);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_certificate_is_read_and_nothing_is_odd),
		cmocka_unit_test(each_oddity_is_seen_and_its_neighbour_is_not),
		cmocka_unit_test(what_has_no_one_meaning_is_refused_by_its_rule),
		cmocka_unit_test(fields_that_a_version_does_not_have_are_refused),
		cmocka_unit_test(a_byte_too_many_or_too_few_is_refused),
		cmocka_unit_test(a_signature_of_broken_octets_is_refused),
		cmocka_unit_test(constraints_and_usage_are_read),
		cmocka_unit_test(more_extensions_than_the_limit_are_refused),
		cmocka_unit_test(keys_are_told_by_kind_and_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
