/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "check/lint.h"
#include "check/profile.h"
#include "hand.h"
#include "stand.h"

#define AKI   "2.5.29.35"
#define SKI   "2.5.29.14"
#define BC    "2.5.29.19"
#define KU    "2.5.29.15"
#define EKU   "2.5.29.37"
#define SAN   "2.5.29.17"
#define NC    "2.5.29.30"
#define PC    "2.5.29.36"
#define AIA   "1.3.6.1.5.5.7.1.1"
#define CRLDP "2.5.29.31"

#define OWN_KEY  "0403 010203"                      /* as subjectKeyIdentifier */
#define THAT_KEY "3005 8003 010203"                 /* as authorityKeyIdentifier */
#define EXAMPLE  "300d 820b 6578616d706c652e636f6d" /* dNSName example.com */
#define RSA_KEY  "300d 06092a864886f70d010101 0500" /* its algorithm */

enum { LEAF, MIDDLE, ROOT, COUNT };

/* One thing that is changed in a path of three good certificates. */
struct change {
	const char *lint; /* which must then be broken, or not */
	bool broken;
	size_t at;       /* LEAF, MIDDLE, ROOT */
	const char *oid; /* this extension is put in, or replaced */
	bool critical;
	const char *value; /* as hex; NULL: it is taken out */
	const char *subject, *issuer, *serial, *version, *spki, *validity;
	bool bare;        /* no extensions at all */
	bool nameless;    /* no name is asked for */
	bool implied;     /* the purpose is nobody's wish */
	bool any_purpose; /* no purpose is asked for */
	bool alone;       /* the certificate itself is the anchor */
};

struct extension_row {
	size_t at;
	const char *oid;
	bool critical;
	const char *value;
};
static const struct extension_row good[] = {
	{ LEAF, AKI, false, THAT_KEY },      { LEAF, SAN, false, EXAMPLE },
	{ LEAF, KU, true, "0302 0780" },     { LEAF, EKU, false, "300a 06082b06010505070301" },
	{ MIDDLE, AKI, false, THAT_KEY },    { MIDDLE, SKI, false, OWN_KEY },
	{ MIDDLE, BC, true, "3003 0101ff" }, { MIDDLE, KU, true, "0302 0106" },
	{ ROOT, SKI, false, OWN_KEY },       { ROOT, BC, true, "3003 0101ff" },
	{ ROOT, KU, true, "0302 0106" },     { ROOT, AKI, false, THAT_KEY },
};

static void put(struct stand *stand, const struct change *change, size_t at)
{
	static const char *const names[] = { "CN=example.com", "CN=Middle", "CN=Root", "CN=Root" };
	bool here = change->at == at;
	struct hand hand = hand_good();
	struct buf ext = { 0 };

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (good[i].at == at &&
		    !(here && change->oid != NULL && strcmp(good[i].oid, change->oid) == 0))
			ext_hex(&ext, good[i].oid, good[i].critical, good[i].value);
	if (here && change->value != NULL)
		ext_hex(&ext, change->oid, change->critical, change->value);
	if (here && change->bare)
		ext.len = 0;
	hand.serial = here && change->serial != NULL ? change->serial : hand.serial;
	hand.version = here && change->version != NULL ? change->version : hand.version;
	hand.spki = here && change->spki != NULL ? change->spki : hand.spki;
	hand.validity = here && change->validity != NULL ? change->validity : hand.validity;
	stand_add_hand(stand, &hand, here && change->subject != NULL ? change->subject : names[at],
		       here && change->issuer != NULL ? change->issuer : names[at + 1], &ext);
	buf_done(&ext);
}

static void build(struct stand *stand, const struct change *change)
{
	stand_clear(stand);
	for (size_t at = change->alone ? change->at : LEAF; at < (change->alone ? change->at + 1 : COUNT);
	     at++)
		put(stand, change, at);
	stand->question.purpose = change->any_purpose ? PURPOSE_OTHER : PURPOSE_SERVER_AUTH;
	stand->question.purpose_oid = (struct bytes){ (const uint8_t *)"\x55\x1d\x25\x00", 4 };
	stand->question.purpose_implied = change->implied;
	stand->question.strict = true;
	stand->question.reference =
		(struct reference){ .type = REFERENCE_DNS, .name = bytes_of("example.com") };
	if (change->nameless)
		stand->question.reference.type = REFERENCE_NONE;
}

static void both(const struct trial *trial)
{
	profile_check(trial);
	strict_check(trial);
}

/* The reason that names this row, or NULL. */
static const struct reason *reason_of(struct stand *stand, const char *lint)
{
	char wanted[64];

	snprintf(wanted, sizeof(wanted), "(%s)", lint);
	stand_run(stand, both);
	for (size_t i = 0; i < stand->reasons.count; i++)
		if (strstr(stand->reasons.all[i].text, wanted) != NULL)
			return &stand->reasons.all[i];
	return NULL;
}

static size_t index_of(const char *name)
{
	size_t i = 0;

	while (i < lint_count && strcmp(lints[i].name, name) != 0)
		i++;
	assert_true(i < lint_count);
	return i;
}

/* A P-256 key is in hand_good(). */
#define EC_KEY(len, curve) len " 06072a8648ce3d0201 " curve " 0304 00040102"

static const struct change changes[] = {
	{ "authority-key-id-missing", true, LEAF, .oid = AKI },
	{ "authority-key-id-missing", true, MIDDLE, .oid = AKI },
	{ "authority-key-id-missing", false, ROOT, .oid = AKI },
	{ "authority-key-id-missing", false, LEAF, .oid = AKI, .implied = true },
	{ "ca-without-cert-sign", true, LEAF, .oid = BC, .critical = true, .value = "3003 0101ff" },
	{ "ca-without-cert-sign", false, LEAF, .oid = BC, .critical = true, .value = "3003 0101ff",
	  .implied = true },
	{ "ca-without-cert-sign", false, LEAF, .oid = BC, .critical = true, .value = "3003 0101ff",
	  .nameless = true },
	{ "ca-without-cert-sign", false, LEAF, .oid = KU, .critical = true, .value = "0302 0780" },
	{ "authority-key-id-other", true, ROOT, .oid = AKI, .critical = false, .value = "3005 8003 010204" },
	{ "authority-key-id-other", false, ROOT, .oid = AKI, .critical = false, .value = "3005 8003 010204",
	  .issuer = "CN=Other" },
	{ "common-name-idn", true, LEAF, .subject = "CN=xn--bcher-kva.example" },
	{ "common-name-idn", true, LEAF, .subject = "CN=b\xc3\xbc.example" },
	{ "common-name-idn", false, LEAF, .subject = "CN=b\xc3\xbc.example", .implied = true },
	{ "common-name-idn", false, LEAF, .subject = "CN=B\xc3\xbc G.m.b.H." },
	{ "common-name-idn", false, LEAF, .oid = SAN, .critical = false,
	  .value = "300c 820a 786e2d2d6b76612e6162", .subject = "CN=xn--kva.ab" },
	{ "authority-key-id-missing", false, MIDDLE, .oid = AKI,
	  .issuer = "CN=MIDDLE" }, /* it issued itself */
	{ "authority-key-id-critical", true, LEAF, .oid = AKI, .critical = true, .value = THAT_KEY },
	{ "authority-key-id-critical", true, ROOT, .oid = AKI, .critical = true, .value = THAT_KEY },
	{ "authority-key-id-empty", true, ROOT, .oid = AKI, .critical = false, .value = "3000" },
	{ "authority-key-id-empty", true, LEAF, .oid = AKI, .critical = false,
	  .value = "3008 a103 820141 820101" },
	{ "authority-key-id-half", true, ROOT, .oid = AKI, .critical = false,
	  .value = "300a 8003010203 a103 820141" },
	{ "authority-key-id-half", true, ROOT, .oid = AKI, .critical = false,
	  .value = "3008 8003010203 820101" },
	{ "authority-key-id-half", false, ROOT, .oid = AKI, .critical = false,
	  .value = "300d 8003010203 a103 820141 820101" },
	{ "subject-key-id-missing", true, MIDDLE, .oid = SKI },
	{ "subject-key-id-missing", false, LEAF, .oid = SKI },
	{ "subject-key-id-critical", true, ROOT, .oid = SKI, .critical = true, .value = OWN_KEY },
	{ "ca-without-subject", true, ROOT, .subject = "" },
	{ "ca-without-subject", true, LEAF, .oid = BC, .critical = true, .value = "3003 0101ff",
	  .subject = "" },
	{ "ca-without-subject", false, LEAF, .subject = "" },
	{ "authority-info-critical", true, LEAF, .oid = AIA, .critical = true,
	  .value = "3010 300e 06082b06010505073001 8602 612f" },
	{ "authority-info-critical", false, LEAF, .oid = AIA, .critical = false,
	  .value = "3010 300e 06082b06010505073001 8602 612f" },
	{ "extension-malformed", true, LEAF, .oid = AIA, .critical = false, .value = "3000" },
	{ "extension-malformed", true, LEAF, .oid = AIA, .critical = false,
	  .value = "300c 300a 06082b06010505073001" },
	{ "extension-malformed", false, LEAF, .oid = AIA, .critical = false,
	  .value = "3010 300e 06082b06010505073001 8602 612f" },
	{ "extension-malformed", true, LEAF, .oid = CRLDP, .critical = false, .value = "0400" },
	{ "extension-malformed", false, LEAF, .oid = CRLDP, .critical = false,
	  .value = "300a 3008 a006 a004 8602 612f" },
	{ "purposes-critical", true, LEAF, .oid = EKU, .critical = true,
	  .value = "300a 06082b06010505070301" },
	{ "purposes-critical", false, LEAF, .oid = EKU, .critical = true,
	  .value = "300a 06082b06010505070301", .any_purpose = true },
	{ "purposes-any", true, LEAF, .oid = EKU, .critical = false, .value = "3006 0604551d2500" },
	{ "purposes-any", false, LEAF, .oid = EKU, .critical = false, .value = "3006 0604551d2500",
	  .any_purpose = true },
	{ "cert-sign-without-ca", true, LEAF, .oid = KU, .critical = true, .value = "0302 0204" },
	{ "cert-sign-without-ca", false, LEAF, .oid = KU, .critical = true, .value = "0302 0780" },
	{ "cert-sign-without-ca", false, LEAF, .oid = KU, .critical = true, .value = "0302 0204",
	  .alone = true },
	{ "constraints-in-leaf", true, LEAF, .oid = NC, .critical = true,
	  .value = "3009 a007 3005 8203 616263" },
	{ "constraints-in-leaf", false, MIDDLE, .oid = NC, .critical = true,
	  .value = "3009 a007 3005 8203 616263" },
	{ "policy-constraints-not-critical", true, MIDDLE, .oid = PC, .critical = false,
	  .value = "3003 800100" },
	{ "policy-constraints-not-critical", false, MIDDLE, .oid = PC, .critical = true,
	  .value = "3003 800100" },
	{ "root-without-basic-constraints", true, ROOT, .oid = BC },
	{ "root-without-basic-constraints", false, LEAF, .oid = BC },
	{ "alt-name-not-critical", true, LEAF, .oid = SAN, .critical = false, .value = EXAMPLE,
	  .subject = "" },
	{ "alt-name-not-critical", true, LEAF, .oid = SAN, .subject = "" },
	{ "alt-name-not-critical", false, LEAF, .oid = SAN, .critical = true, .value = EXAMPLE,
	  .subject = "" },
	{ "alt-name-critical", true, LEAF, .oid = SAN, .critical = true, .value = EXAMPLE },
	{ "alt-name-critical", false, LEAF, .oid = SAN, .critical = false, .value = EXAMPLE },
	{ "alt-name-malformed", true, LEAF, .oid = SAN, .critical = false,
	  .value = "3009 8207 312e322e332e34" }, /* dNSName 1.2.3.4 */
	{ "alt-name-malformed", true, LEAF, .oid = SAN, .critical = false,
	  .value = "3006 8204 2e612e62" }, /* .a.b */
	{ "alt-name-malformed", true, LEAF, .oid = SAN, .critical = false,
	  .value = "3005 8203 612062" }, /* "a b" */
	{ "alt-name-malformed", true, LEAF, .oid = SAN, .critical = false,
	  .value = "3005 8103 614140" }, /* mail aA@ */
	{ "alt-name-malformed", false, LEAF, .oid = SAN, .critical = false,
	  .value = "3008 8206 2a2e5f612e62" }, /* *._a.b */
	{ "serial-long", true, LEAF, .serial = "7f0102030405060708090a0b0c0d0e0f1011121314" },
	{ "serial-long", false, LEAF, .serial = "7f0102030405060708090a0b0c0d0e0f10111213" },
	{ "serial-long", false, LEAF, .serial = "00ff0102030405060708090a0b0c0d0e0f10111213" },
	{ "serial-negative", true, LEAF, .serial = "80" },
	{ "serial-negative", false, LEAF, .serial = "7f" },
	{ "serial-zero", true, ROOT, .serial = "00" },
	{ "serial-zero", false, ROOT, .serial = "01" },
	{ "version", true, LEAF, .version = "", .bare = true },
	{ "version", true, ROOT, .version = "a003 020101", .bare = true },
	{ "version", false, LEAF, .bare = true },
	{ "key-dsa", true, LEAF, .spki = "3009 06072a8648ce380401 0304 00 020101" },
	{ "key-dsa", false, LEAF, .spki = EC_KEY("3013", "06082a8648ce3d030107") },
	{ "key-modulus", true, LEAF, .spki = RSA_KEY " 030b 00 3008 0203 7fffff 020103" },
	{ "key-modulus", false, LEAF, .spki = RSA_KEY " 030c 00 3009 0204 00ffffff 020103" },
	{ "key-malformed", true, LEAF, .spki = EC_KEY("3013", "06082a8648ce3d030107") },
	{ "key-malformed", true, ROOT, .spki = EC_KEY("3010", "06052b81040022") }, /* P-384 */
	{ "key-malformed", false, LEAF, .spki = EC_KEY("3010", "06052b8104000a") },
	{ "key-malformed", true, LEAF, .spki = RSA_KEY " 0304 00 020101" },
	{ "key-malformed", true, LEAF, .spki = RSA_KEY " 030c 00 3009 0204 00ffffff 020101" },
	{ "key-malformed", true, LEAF, .spki = RSA_KEY " 030c 00 3009 0204 00ffffff 020104" },
	{ "key-malformed", true, LEAF, .spki = RSA_KEY " 030c 00 3009 0204 00fffffe 020103" },
	{ "key-malformed", true, LEAF, .spki = RSA_KEY " 030b 00 3008 0203 ffffff 020103" },
	{ "key-malformed", true, LEAF, .spki = RSA_KEY " 030e 00 3009 0204 00ffffff 020103 0500" },
	{ "key-malformed", false, LEAF, .spki = RSA_KEY " 030c 00 3009 0204 00ffffff 020103" },
	{ "key-malformed", true, LEAF, .spki = "3005 06032b6570 0304 00040102" },    /* Ed25519 */
	{ "key-curve", true, LEAF, .spki = EC_KEY("3010", "06052b8104000a") },       /* secp256k1 */
	{ "key-curve", true, ROOT, .spki = EC_KEY("3013", "06082a8648ce3d030101") }, /* P-192 */
	{ "key-curve", true, LEAF, .spki = "300d 06072a8648ce3d0201 3002 0500 0304 00040102" }, /* explicit */
	{ "key-curve", false, LEAF, .spki = EC_KEY("3010", "06052b81040022") },                 /* P-384 */
	{ "key-curve", false, LEAF, .spki = "3005 06032b6570 0304 00040102" },                  /* Ed25519 */
	{ "common-name-address", false, LEAF, .subject = "CN=192.0.2.1" },
	{ "common-name-literal", true, LEAF, .subject = "CN=192.0.2.1" },
	{ "common-name-address", true, LEAF, .subject = "CN=0xc0000201" },
	{ "common-name-address", true, LEAF, .subject = "CN=192.000.2.01" },
	{ "common-name-address", false, LEAF, .subject = "CN=2001:db8::1" },
	{ "common-name-address", true, LEAF, .subject = "CN=2001:DB8:0::1" },
	{ "common-name-address", false, LEAF, .oid = SAN, .critical = false, .value = "3006 8704 c0000201",
	  .subject = "CN=192.0.2.1" },
	{ "common-name-address", true, LEAF, .oid = SAN, .critical = false, .value = "3006 8704 c0000201",
	  .subject = "CN=192.000.2.1" },
	{ "common-name-address", false, LEAF, .subject = "CN=Number 5" },
	{ "common-name-address", false, LEAF, .subject = "CN=12345" },
	{ "common-name-address", false, LEAF, .subject = "CN=1.2" },
	{ "root-key-id", true, ROOT, .oid = SKI },
	{ "root-key-id", true, ROOT, .oid = AKI, .critical = false, .value = "3005 8003 010204" },
	{ "root-key-id", true, ROOT, .oid = AKI, .critical = false,
	  .value = "300d 8003010203 a103 820141 820101" },
	{ "root-key-id", false, ROOT, .oid = AKI },
	{ "basic-constraints-not-critical", true, ROOT, .oid = BC, .critical = false,
	  .value = "3003 0101ff" },
	{ "basic-constraints-not-critical", true, MIDDLE, .oid = BC, .critical = false,
	  .value = "3003 0101ff" },
	{ "basic-constraints-not-critical", false, LEAF, .oid = BC, .critical = false, .value = "3000" },
	{ "purposes-missing", true, LEAF, .oid = EKU },
	{ "purposes-missing", false, LEAF, .oid = EKU, .any_purpose = true },
	{ "leaf-ca", true, LEAF, .oid = BC, .critical = true, .value = "3003 0101ff" },
	{ "leaf-ca", false, LEAF, .oid = BC, .critical = true, .value = "3000" },
	{ "common-name-literal", true, LEAF, .subject = "CN=EXAMPLE.com" },
	{ "common-name-literal", true, LEAF, .subject = "CN=www.example.com" },
	{ "common-name-literal", false, LEAF, .subject = "CN=example.com" },
	{ "alt-name-malformed", false, LEAF, .oid = SAN, .critical = false, .value = "3005 8203 612062",
	  .nameless = true },
	{ "alt-name-malformed", true, LEAF, .oid = SAN, .critical = false, .value = "3005 8f03 612062" },
	{ "purposes-any", false, LEAF, .oid = EKU, .critical = false, .value = "3006 0604551d2500",
	  .implied = true },
	{ "policy-constraints-not-critical", false, MIDDLE, .oid = PC, .critical = false,
	  .value = "3003 800100", .implied = true },
};

static void each_row_is_broken_by_one_change_and_not_by_its_neighbour(void **state)
{
	struct stand *stand = *state;

	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		const struct reason *reason;

		build(stand, &changes[i]);
		reason = reason_of(stand, changes[i].lint);
		if ((reason != NULL) != changes[i].broken)
			fail_msg("change %zu: %s is %sbroken", i, changes[i].lint,
				 reason != NULL ? "" : "not ");
		if (reason != NULL) {
			assert_int_equal(reason->depth, changes[i].alone ? 0 : changes[i].at);
			assert_int_equal(reason->code, lints[index_of(changes[i].lint)].code);
		}
	}
}

static void good_certificates_break_nothing(void **state)
{
	struct stand *stand = *state;

	build(stand, &(struct change){ .at = COUNT });
	stand_passes(stand, both);
}

/* Both kinds of change, so that a row that is always or never broken is seen. */
static void every_row_has_both_kinds_of_change(void **state)
{
	(void)state;
	for (size_t row = 0; row < lint_count; row++) {
		bool has[2] = { false, false };

		for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++)
			if (strcmp(changes[i].lint, lints[row].name) == 0)
				has[changes[i].broken] = true;
		if (!has[true] || (!has[false] && strcmp(lints[row].name, "authority-key-id-critical") != 0 &&
				   strcmp(lints[row].name, "authority-key-id-empty") != 0 &&
				   strcmp(lints[row].name, "subject-key-id-critical") != 0))
			fail_msg("%s", lints[row].name); /* of the three a good path is the neighbour */
	}
}

static void a_row_that_is_off_is_left_out(void **state)
{
	struct stand *stand = *state;

	assert_in_range(lint_count, 1, 64);
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		if (!changes[i].broken)
			continue;
		build(stand, &changes[i]);
		stand->question.lints_off = UINT64_C(1) << index_of(changes[i].lint);
		assert_null(reason_of(stand, changes[i].lint));
		stand->question.lints_off = 0;
	}
}

static void strict_rows_need_to_be_asked_for(void **state)
{
	struct stand *stand = *state;

	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		bool strict = lints[index_of(changes[i].lint)].strict;

		if (!changes[i].broken)
			continue;
		build(stand, &changes[i]);
		stand->question.strict = false;
		assert_true((reason_of(stand, changes[i].lint) != NULL) == !strict);
	}
}

#define STAND(test) cmocka_unit_test_setup_teardown(test, stand_begin, stand_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		STAND(each_row_is_broken_by_one_change_and_not_by_its_neighbour),
		STAND(good_certificates_break_nothing),
		STAND(a_row_that_is_off_is_left_out),
		STAND(strict_rows_need_to_be_asked_for),
		cmocka_unit_test(every_row_has_both_kinds_of_change),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
