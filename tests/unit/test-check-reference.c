/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit.h"

#include "base/err.h"
#include "check/host.h"
#include "check/reference.h"
#include "stand.h"

static void reads(const char *typed, enum reference_type type, const char *name)
{
	struct arena arena = { 0 };
	struct reference got = { 0 };
	struct err err = { 0 };

	if (!reference_read(typed, &arena, &got, &err))
		fail_msg("'%s': %s", typed, err.text);
	assert_int_equal(got.type, type);
	assert_string_equal(got.typed, typed);
	if (!bytes_equal(got.name, bytes_of(name)))
		fail_msg("'%s' is read as '%.*s'", typed, (int)got.name.len, (const char *)got.name.at);
	arena_done(&arena);
}

static void refuses(const char *typed, const char *words)
{
	struct arena arena = { 0 };
	struct reference got = { 0 };
	struct err err = { 0 };

	assert_false(reference_read(typed, &arena, &got, &err));
	assert_int_equal(err.code, ERR_USAGE);
	if (strstr(err.text, words) == NULL)
		fail_msg("'%s': '%s' does not say '%s'", typed, err.text, words);
	arena_done(&arena);
}

static void a_name_is_read_as_what_it_looks_like(void **state)
{
	(void)state;
	reads("example.com", REFERENCE_DNS, "example.com");
	reads("Example.COM.", REFERENCE_DNS, "example.com");
	reads("localhost", REFERENCE_DNS, "localhost");
	reads("a_b.example", REFERENCE_DNS, "a_b.example");
	reads("xn--bcher-kva.example", REFERENCE_DNS, "xn--bcher-kva.example");
	reads("b\xc3\xbc"
	      "cher.example",
	      REFERENCE_DNS, "xn--bcher-kva.example");
	reads("192.168.2.1", REFERENCE_IP, "\xc0\xa8\x02\x01");
	reads("Jo.Doe@Example.com", REFERENCE_MAIL, "Jo.Doe@example.com");
	reads("jo@b\xc3\xbc"
	      "cher.example",
	      REFERENCE_MAIL, "jo@xn--bcher-kva.example");
}

static void an_ipv6_address_may_stand_in_brackets(void **state)
{
	static const uint8_t address[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 };
	static const char *const spellings[] = { "2001:db8::1", "[2001:db8::1]", "2001:DB8:0:0:0:0:0:1" };
	struct arena arena = { 0 };
	struct err err;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct reference got;

		assert_true(reference_read(spellings[i], &arena, &got, &err));
		assert_int_equal(got.type, REFERENCE_IP);
		assert_int_equal(got.name.len, 16);
		assert_memory_equal(got.name.at, address, 16);
	}
	arena_done(&arena);
}

static void what_is_no_name_is_an_error_that_says_so(void **state)
{
	(void)state;
	refuses("", "empty");
	refuses("https://example.com/", "URL");
	refuses("example.com:443", "port");
	refuses("*.example.com", "pattern");
	refuses("a..b", "no DNS name");
	refuses(".example.com", "no DNS name");
	refuses("192.0.2.256", "no DNS name");
	refuses("1.2.3", "no DNS name");
	refuses("[192.0.2.1]", "no DNS name");
	refuses("fe80::1%eth0", "no IP address");
	refuses("with space.example", "no DNS name");
	refuses("-a.example", "no DNS name");
	refuses("@example.com", "mail address");
	refuses("a@b@example.com", "mail address");
	refuses("a@", "mail address");
	refuses("\xff.example", "internationalised");
}

static void dns_names_match_by_rfc_9525(void **state)
{
	static const struct {
		const char *presented, *host;
		bool matches;
	} rows[] = {
		{ "example.com", "example.com", true },
		{ "EXAMPLE.com", "example.com", true },
		{ "example.com", "www.example.com", false },
		{ "www.example.com", "example.com", false },
		{ "*.example.com", "www.example.com", true },
		{ "*.EXAMPLE.com", "www.example.com", true },
		{ "*.example.com", "xn--bcher-kva.example.com", true }, /* the whole label */
		{ "*.example.com", "example.com", false },
		{ "*.example.com", "a.b.example.com", false },
		{ "*.example.com", "example.org", false },
		{ "w*.example.com", "www.example.com", false },
		{ "*w.example.com", "www.example.com", false },
		{ "xn--*-kva.example.com", "xn--bcher-kva.example.com", false },
		{ "www.*.com", "www.example.com", false },
		{ "*.*.com", "www.example.com", false },
		{ "*.com", "example.com", false },
		{ "*.co.uk", "example.co.uk", false },
		{ "*.CO.uk", "example.co.uk", false },
		{ "*.example.co.uk", "www.example.co.uk", true },
		{ "*.co.example", "www.co.example", true },
		{ "*.parliament.uk", "www.parliament.uk", true },
		{ "*", "localhost", false },
		{ "localhost", "localhost", true },
		{ "example.com.", "example.com", false }, /* not in preferred syntax */
		{ ".example.com", "www.example.com", false },
		{ "", "example.com", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (reference_matches_dns(bytes_of(rows[i].presented), bytes_of(rows[i].host)) !=
		    rows[i].matches)
			fail_msg("'%s' and '%s'", rows[i].presented, rows[i].host);
}

static void a_name_with_a_nul_inside_matches_nothing(void **state)
{
	const struct bytes name = { (const uint8_t *)"example.com\0.evil.example", 25 };

	(void)state;
	assert_false(reference_matches_dns(name, bytes_of("example.com")));
}

/* The target has `names`; it is asked for `typed`. */
static void ask(struct stand *stand, struct arena *arena, const char *names, const char *typed)
{
	struct buf ext = { 0 };
	struct err err;

	stand_clear(stand);
	assert_true(reference_read(typed, arena, &stand->question.reference, &err));
	if (names != NULL)
		ext_alt_names(&ext, false, names);
	stand_add(stand, "CN=example.com", "CN=CA", &ext);
}

static void each_kind_of_name_is_sought_among_its_kind(void **state)
{
	static const struct {
		const char *names, *typed;
		bool matches;
	} rows[] = {
		{ "dns:example.com", "example.com", true },
		{ "dns:a.example dns:b.example", "b.example", true },
		{ "mail:x@example.com uri:http://example.com/", "example.com", false },
		{ "ip:192.0.2.1", "192.0.2.1", true },
		{ "ip:192.0.2.1", "192.0.2.2", false },
		{ "dns:192.0.2.1", "192.0.2.1", false },
		{ "ip:::ffff:192.0.2.1", "192.0.2.1", false },
		{ "ip:2001:db8::1", "2001:DB8:0::1", true },
		{ "mail:Jo@Example.com", "Jo@example.COM", true },
		{ "mail:jo@example.com", "Jo@example.com", false },
		{ "dns:example.com", "jo@example.com", false },
	};
	struct stand *stand = *state;
	struct arena arena = { 0 };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ask(stand, &arena, rows[i].names, rows[i].typed);
		if (rows[i].matches)
			stand_passes(stand, name_check);
		else
			stand_refuses(stand, name_check, REASON_HOSTNAME_MISMATCH, rows[i].typed);
	}
	arena_done(&arena);
}

static void a_common_name_is_not_asked(void **state)
{
	struct stand *stand = *state;
	struct arena arena = { 0 };

	ask(stand, &arena, NULL, "example.com");
	stand_refuses(stand, name_check, REASON_NO_SUBJECT_ALT_NAME, "common name does not count");
	ask(stand, &arena, "dns:other.example", "example.com");
	stand_refuses(stand, name_check, REASON_HOSTNAME_MISMATCH, "'other.example'");
	arena_done(&arena);
}

static void the_names_that_are_there_are_told_up_to_a_bound(void **state)
{
	struct stand *stand = *state;
	struct arena arena = { 0 };

	ask(stand, &arena,
	    "dns:n1.x dns:n2.x dns:n3.x dns:n4.x dns:n5.x dns:n6.x dns:n7.x dns:n8.x dns:n9.x ip:::1",
	    "example.com");
	stand_refuses(stand, name_check, REASON_HOSTNAME_MISMATCH, "'n8.x' and 2 more");
	ask(stand, &arena, "uri:http://a/", "example.com");
	stand_refuses(stand, name_check, REASON_HOSTNAME_MISMATCH, "no host, address or mailbox");
	arena_done(&arena);
}

static void no_name_asked_for_is_no_reason(void **state)
{
	struct stand *stand = *state;

	stand->question.reference = (struct reference){ .type = REFERENCE_NONE };
	stand_add(stand, "CN=A", "CN=CA", NULL);
	stand_passes(stand, name_check);
}

static void a_quoted_mailbox_is_the_same_as_a_plain_one(void **state)
{
	struct mailbox plain, quoted, other;

	(void)state;
	assert_true(mailbox_read(bytes_of("jo@example.com"), &plain));
	assert_true(mailbox_read(bytes_of("\"j\\o\"@EXAMPLE.com"), &quoted));
	assert_true(mailbox_read(bytes_of("\"j o@x\"@example.com"), &other));
	assert_true(mailbox_equal(&plain, &quoted));
	assert_false(mailbox_equal(&plain, &other));
	assert_false(mailbox_read(bytes_of("\"jo@example.com"), &other));
	assert_false(mailbox_read(bytes_of("j o@example.com"), &other));
	assert_false(mailbox_read(bytes_of(".jo@example.com"), &other));
	assert_false(mailbox_read(bytes_of("jo@.example.com"), &other));
	assert_false(mailbox_read(bytes_of(""), &other));
}

#define STAND(test) cmocka_unit_test_setup_teardown(test, stand_begin, stand_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_is_read_as_what_it_looks_like),
		cmocka_unit_test(an_ipv6_address_may_stand_in_brackets),
		cmocka_unit_test(what_is_no_name_is_an_error_that_says_so),
		cmocka_unit_test(dns_names_match_by_rfc_9525),
		cmocka_unit_test(a_name_with_a_nul_inside_matches_nothing),
		cmocka_unit_test(a_quoted_mailbox_is_the_same_as_a_plain_one),
		STAND(each_kind_of_name_is_sought_among_its_kind),
		STAND(a_common_name_is_not_asked),
		STAND(the_names_that_are_there_are_told_up_to_a_bound),
		STAND(no_name_asked_for_is_no_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
