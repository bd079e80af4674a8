/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit.h"

#include <stdio.h>
#include <time.h>

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/x509.h>

#include "base/limits.h"
#include "check/algorithm.h"
#include "check/member.h"
#include "check/signature.h"
#include "hand.h"
#include "make.h"
#include "model/der.h"

#define ALGORITHM(text)                                                                                      \
	(struct bytes)                                                                                       \
	{                                                                                                    \
		(const uint8_t *)(text), sizeof(text) - 1                                                    \
	}
#define RSA_WITH(hash) ALGORITHM("\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01" hash "\x05\x00")

/* A certificate and what it borrows. */
struct one {
	struct buf der;
	struct member member;
};

static void read_one(struct one *one)
{
	struct err *none = NULL;

	one->member = (struct member){ .readable = true };
	if (!cert_read(buf_view(&one->der), &one->member.cert, none))
		fail_msg("the certificate cannot be read");
	/* Not a hash, but as unlike others as one. */
	memcpy(one->member.id, one->member.cert.signature.at,
	       one->member.cert.signature.len < ID_LEN ? one->member.cert.signature.len : ID_LEN);
}

static struct one made(const struct make *how)
{
	struct one one = { 0 };

	make_cert(how, &one.der);
	read_one(&one);
	return one;
}

static void what_is_known_costs_nothing(void **state)
{
	struct signatures *s = signatures_new(2);
	struct one root = made(&(struct make){ .cn = "root", .key = 1 });
	struct one leaf = made(
		&(struct make){ .cn = "leaf", .key = 2, .issuer = "root", .issuer_key = 1, .leaf = true });
	struct one twin = made(&(struct make){ .cn = "another name", .key = 1 });

	(void)state;
	assert_int_equal(signature_of(s, &leaf.member, &root.member), SIGNATURE_GOOD);
	assert_int_equal(signature_of(s, &leaf.member, &root.member), SIGNATURE_GOOD);
	assert_int_equal(signature_of(s, &leaf.member, &twin.member), SIGNATURE_GOOD);
	assert_int_equal(signatures_made(s), 1);
	assert_int_equal(signature_of(s, &leaf.member, &leaf.member), SIGNATURE_BAD);
	assert_int_equal(signatures_made(s), 2);
	signatures_free(s);
	buf_done(&root.der);
	buf_done(&leaf.der);
	buf_done(&twin.der);
}

static void what_was_not_checked_for_want_of_budget_is_checked_later(void **state)
{
	struct signatures *s = signatures_new(0);
	struct one root = made(&(struct make){ .cn = "root", .key = 1 });

	(void)state;
	assert_int_equal(signature_of(s, &root.member, &root.member), SIGNATURE_BUDGET);
	signatures_refill(s, 1);
	assert_int_equal(signature_of(s, &root.member, &root.member), SIGNATURE_GOOD);
	assert_int_equal(signatures_made(s), 1);
	signatures_free(s);
	buf_done(&root.der);
}

/* Each target of a long run may bring a key of its own. */
static void too_many_keys_are_forgotten_and_found_out_again(void **state)
{
	struct signatures *s = signatures_new(1);
	struct member_memo memo = { 0 };
	struct one root = made(&(struct make){ .cn = "root", .key = 1 });
	struct member stranger = root.member;
	struct buf spki = { 0 };

	(void)state;
	root.member.memo = &memo;
	assert_int_equal(signature_of(s, &root.member, &root.member), SIGNATURE_GOOD);
	for (uint32_t i = 1; i < LIMIT_KEYS; i++) {
		spki.len = 0;
		buf_be32(&spki, i);
		stranger.cert.spki = buf_view(&spki); /* no key, and kept as such */
		assert_int_equal(signature_of(s, &root.member, &stranger), SIGNATURE_UNSUPPORTED);
	}
	assert_int_equal(signature_of(s, &root.member, &root.member), SIGNATURE_GOOD);
	assert_int_equal(signatures_made(s), 1);
	signatures_refill(s, 1);
	assert_int_equal(signature_of(s, &root.member, &root.member), SIGNATURE_GOOD);
	assert_int_equal(signatures_made(s), 1);
	signatures_free(s);
	buf_done(&spki);
	buf_done(&root.der);
}

static void each_byte_that_is_signed_counts(void **state)
{
	struct one root = made(&(struct make){ .cn = "root", .key = 1 });
	uint8_t *serial = root.der.at + (root.member.cert.serial.at - root.der.at);
	struct signatures *s = signatures_new(10);

	(void)state;
	*serial ^= 2;
	assert_int_equal(signature_of(s, &root.member, &root.member), SIGNATURE_BAD);
	signatures_free(s);
	buf_done(&root.der);
}

static void bytes_that_lie_elsewhere_are_others(void **state)
{
	struct one root = made(&(struct make){ .cn = "root", .key = 1 });
	const struct cert *cert = &root.member.cert;
	struct signatures *s = signatures_new(10);

	(void)state;
	assert_int_equal(
		signature_over(s, cert->tbs, cert->signature_algorithm, cert->signature, &root.member),
		SIGNATURE_GOOD);
	assert_int_equal(
		signature_over(s, cert->subject, cert->signature_algorithm, cert->signature, &root.member),
		SIGNATURE_BAD);
	assert_int_equal(
		signature_over(s, cert->tbs, cert->signature_algorithm, cert->signature, &root.member),
		SIGNATURE_GOOD);
	assert_int_equal(signatures_made(s), 2);
	signatures_free(s);
	buf_done(&root.der);
}

static void ok(int code)
{
	if (code < 0)
		fail_msg("GnuTLS: %s", gnutls_strerror(code));
}

/* Self-signed by PSS; the key says so itself, or is one for RSA of any kind. */
static struct one pss(bool key_says, unsigned salt)
{
	gnutls_x509_privkey_t key;
	gnutls_x509_spki_t spki;
	gnutls_x509_crt_t crt;
	gnutls_datum_t der;
	struct one one = { 0 };

	ok(gnutls_x509_privkey_init(&key));
	ok(gnutls_x509_privkey_generate(key, GNUTLS_PK_RSA, 2048, 0));
	ok(gnutls_x509_spki_init(&spki));
	gnutls_x509_spki_set_rsa_pss_params(spki, GNUTLS_DIG_SHA256, salt);
	if (key_says)
		ok(gnutls_x509_privkey_set_spki(key, spki, 0));
	ok(gnutls_x509_crt_init(&crt));
	ok(gnutls_x509_crt_set_version(crt, 3));
	ok(gnutls_x509_crt_set_serial(crt, "\1", 1));
	ok(gnutls_x509_crt_set_activation_time(crt, 1767225600));
	ok(gnutls_x509_crt_set_expiration_time(crt, 2082758400));
	ok(gnutls_x509_crt_set_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0, "pss", 3));
	ok(gnutls_x509_crt_set_key(crt, key));
	if (!key_says)
		ok(gnutls_x509_privkey_set_spki(key, spki, 0));
	ok(gnutls_x509_crt_sign2(crt, crt, key, GNUTLS_DIG_SHA256, GNUTLS_PRIVKEY_SIGN_FLAG_RSA_PSS));
	ok(gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_DER, &der));
	buf_bytes(&one.der, (struct bytes){ der.data, der.size });
	gnutls_free(der.data);
	gnutls_x509_spki_deinit(spki);
	gnutls_x509_crt_deinit(crt);
	gnutls_x509_privkey_deinit(key);
	read_one(&one);
	return one;
}

/* A member that is nothing but a new RSA key, which is left in `key`. */
static struct one rsa(gnutls_privkey_t *key)
{
	gnutls_pubkey_t public;
	gnutls_datum_t der;
	struct one one = { 0 };

	ok(gnutls_privkey_init(key));
	ok(gnutls_privkey_generate(*key, GNUTLS_PK_RSA, 2048, 0));
	ok(gnutls_pubkey_init(&public));
	ok(gnutls_pubkey_import_privkey(public, *key, 0, 0));
	ok(gnutls_pubkey_export2(public, GNUTLS_X509_FMT_DER, &der));
	buf_bytes(&one.der, (struct bytes){ der.data, der.size });
	gnutls_free(der.data);
	gnutls_pubkey_deinit(public);
	one.member = (struct member){ .cert.spki = buf_view(&one.der) };
	one.member.cert.key_algorithm = ALGORITHM("\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00");
	one.member.cert.key = bytes_skip(buf_view(&one.der), 24);
	return one;
}

static enum signature_answer answer(const struct one *signer, struct bytes data, struct bytes algorithm,
				    const gnutls_datum_t *signature)
{
	struct signatures *s = signatures_new(10);
	enum signature_answer answer = signature_over(
		s, data, algorithm, (struct bytes){ signature->data, signature->size }, &signer->member);

	signatures_free(s);
	return answer;
}

/* The DigestInfo is ours: what GnuTLS signs, with one of its own, must hold, and nothing else. */
static void rsa_is_checked_as_gnutls_signs_with_each_hash(void **state)
{
	static const struct {
		gnutls_digest_algorithm_t hash;
		struct bytes algorithm;
	} rows[] = {
		{ GNUTLS_DIG_SHA256, RSA_WITH("\x0b") }, { GNUTLS_DIG_SHA384, RSA_WITH("\x0c") },
		{ GNUTLS_DIG_SHA512, RSA_WITH("\x0d") }, { GNUTLS_DIG_SHA224, RSA_WITH("\x0e") },
		{ GNUTLS_DIG_SHA1, RSA_WITH("\x05") },   { GNUTLS_DIG_MD5, RSA_WITH("\x04") },
	};
	enum { ROWS = sizeof(rows) / sizeof(rows[0]) };
	uint8_t text[] = "what is signed";
	const gnutls_datum_t what = { text, sizeof(text) };
	const struct bytes data = { text, sizeof(text) };
	gnutls_privkey_t key;
	struct one signer = rsa(&key);

	(void)state;
	for (size_t i = 0; i < ROWS; i++) {
		gnutls_datum_t by;

		ok(gnutls_privkey_sign_data(key, rows[i].hash, 0, &what, &by));
		for (size_t k = 0; k < ROWS; k++)
			assert_int_equal(answer(&signer, data, rows[k].algorithm, &by),
					 i == k ? SIGNATURE_GOOD : SIGNATURE_BAD);
		text[3] ^= 1;
		assert_int_equal(answer(&signer, data, rows[i].algorithm, &by), SIGNATURE_BAD);
		text[3] ^= 1;
		for (unsigned at = 0; at < by.size; at += 51) {
			by.data[at] ^= 1;
			assert_int_equal(answer(&signer, data, rows[i].algorithm, &by), SIGNATURE_BAD);
			by.data[at] ^= 1;
		}
		by.size--;
		assert_int_equal(answer(&signer, data, rows[i].algorithm, &by), SIGNATURE_BAD);
		gnutls_free(by.data);
	}
	gnutls_privkey_deinit(key);
	buf_done(&signer.der);
}

/* Some let the NULL of the parameters be left out; GnuTLS does not (RFC 8017 section 9.2, note 2). */
static void a_digest_info_of_another_form_is_no_signature(void **state)
{
	static const uint8_t text[] = "what is signed";
	uint8_t info[17 + 32] = "\x30\x2f\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x04\x20";
	const gnutls_datum_t what = { info, sizeof(info) };
	gnutls_privkey_t key;
	struct one signer = rsa(&key);
	gnutls_datum_t by;

	(void)state;
	ok(gnutls_hash_fast(GNUTLS_DIG_SHA256, text, sizeof(text), info + 17));
	ok(gnutls_privkey_sign_hash(key, GNUTLS_DIG_UNKNOWN, GNUTLS_PRIVKEY_SIGN_FLAG_TLS1_RSA, &what, &by));
	assert_int_equal(answer(&signer, (struct bytes){ text, sizeof(text) }, RSA_WITH("\x0b"), &by),
			 SIGNATURE_BAD);
	gnutls_free(by.data);
	gnutls_privkey_deinit(key);
	buf_done(&signer.der);
}

static void pss_is_checked_with_the_salt_that_the_signature_names(void **state)
{
	static const unsigned salts[] = { 32, 48, 64 }; /* GnuTLS makes none shorter than the hash */

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(salts) / sizeof(salts[0]); i++) {
		struct one one = pss(i % 2 == 0, salts[i / 2]);
		struct algorithm algorithm = algorithm_read(one.member.cert.signature_algorithm);
		struct signatures *s = signatures_new(10);

		assert_true(algorithm.pss);
		assert_int_equal(algorithm.salt, salts[i / 2]);
		assert_int_equal(signature_of(s, &one.member, &one.member), SIGNATURE_GOOD);
		signatures_free(s);
		buf_done(&one.der);
	}
}

static struct algorithm algorithm_of(const char *hex)
{
	struct buf der = { 0 };
	struct algorithm algorithm;

	hand_hex(hex, &der);
	algorithm = algorithm_read(buf_view(&der));
	buf_done(&der);
	return algorithm;
}

static void parameters_are_read_strictly(void **state)
{
	static const char rsa[] = "06092a864886f70d01010b", ecdsa[] = "06082a8648ce3d040302";
	static const char pss_sha256[] = "06092a864886f70d01010a3034a00f300d06096086480165030402010500"
					 "a11c301a06092a864886f70d010108300d06096086480165030402010500"
					 "a203020120";
	static const char pss_mixed[] = "06092a864886f70d01010a3034a00f300d06096086480165030402010500"
					"a11c301a06092a864886f70d010108300d06096086480165030402020500"
					"a203020120";
	static const char pss_trailer[] = "06092a864886f70d01010a3039a00f300d06096086480165030402010500"
					  "a11c301a06092a864886f70d010108300d06096086480165030402010500"
					  "a203020120a303020102";
	char with_null[64];

	(void)state;
	assert_int_equal(algorithm_of(rsa).sign, GNUTLS_SIGN_RSA_SHA256);
	snprintf(with_null, sizeof(with_null), "%s0500", rsa);
	assert_int_equal(algorithm_of(with_null).sign, GNUTLS_SIGN_RSA_SHA256);
	snprintf(with_null, sizeof(with_null), "%s0400", rsa);
	assert_int_equal(algorithm_of(with_null).sign, GNUTLS_SIGN_UNKNOWN);
	assert_int_equal(algorithm_of(ecdsa).sign, GNUTLS_SIGN_ECDSA_SHA256);
	snprintf(with_null, sizeof(with_null), "%s0500", ecdsa);
	assert_int_equal(algorithm_of(with_null).sign, GNUTLS_SIGN_UNKNOWN);
	assert_int_equal(algorithm_of(pss_sha256).sign, GNUTLS_SIGN_RSA_PSS_SHA256);
	assert_int_equal(algorithm_of(pss_mixed).sign, GNUTLS_SIGN_UNKNOWN);
	assert_int_equal(algorithm_of(pss_trailer).sign, GNUTLS_SIGN_UNKNOWN);
}

/* An RSA key of so many octets, all of whose bits are set. */
static void costly_spki(size_t modulus, size_t exponent, struct buf *hex)
{
	struct buf number = { 0 }, key = { 0 }, bits = { 0 }, body = { 0 };
	const size_t sizes[] = { modulus, exponent };
	static const uint8_t zero = 0;

	for (size_t i = 0; i < 2; i++) {
		number.len = 0;
		buf_byte(&number, 0);
		for (size_t k = 0; k < sizes[i]; k++)
			buf_byte(&number, 0xff);
		der_write(&key, DER_INTEGER, buf_view(&number));
	}
	buf_bytes(&bits, (struct bytes){ &zero, 1 });
	der_write(&bits, DER_SEQUENCE, buf_view(&key));
	hand_hex("300d06092a864886f70d0101010500", &body);
	der_write(&body, DER_BIT_STRING, buf_view(&bits));
	for (size_t i = 0; i < body.len; i++)
		buf_print(hex, "%02x", body.at[i]);
	buf_byte(hex, '\0');
	buf_done(&number);
	buf_done(&key);
	buf_done(&bits);
	buf_done(&body);
}

static void keys_that_are_made_to_cost_are_not_used(void **state)
{
	static const size_t sizes[][2] = { { 100000, 3 }, { 2048, 2048 }, { 256, 256 } };
	struct timespec before, after;

	(void)state;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct signatures *s = signatures_new(10);
		struct hand hand = hand_good();
		struct one one = { 0 };
		struct buf spki = { 0 };

		costly_spki(sizes[i][0], sizes[i][1], &spki);
		hand.spki = (const char *)spki.at;
		hand.inner = hand.outer = "06092a864886f70d01010b0500";
		hand_cert(&hand, &one.der);
		read_one(&one);
		assert_int_equal(signature_of(s, &one.member, &one.member), SIGNATURE_UNSUPPORTED);
		assert_int_equal(signatures_made(s), 0);
		signatures_free(s);
		buf_done(&spki);
		buf_done(&one.der);
	}
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
	assert_true(after.tv_sec - before.tv_sec < 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_known_costs_nothing),
		cmocka_unit_test(what_was_not_checked_for_want_of_budget_is_checked_later),
		cmocka_unit_test(too_many_keys_are_forgotten_and_found_out_again),
		cmocka_unit_test(each_byte_that_is_signed_counts),
		cmocka_unit_test(bytes_that_lie_elsewhere_are_others),
		cmocka_unit_test(rsa_is_checked_as_gnutls_signs_with_each_hash),
		cmocka_unit_test(a_digest_info_of_another_form_is_no_signature),
		cmocka_unit_test(pss_is_checked_with_the_salt_that_the_signature_names),
		cmocka_unit_test(parameters_are_read_strictly),
		cmocka_unit_test(keys_that_are_made_to_cost_are_not_used),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
