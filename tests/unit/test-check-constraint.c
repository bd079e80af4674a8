/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit.h"

#include <stdio.h>
#include <time.h>

#include "base/limits.h"
#include "check/constraint.h"
#include "model/der.h"
#include "model/store.h"
#include "stand.h"

/* A leaf with `names` (NULL: no subjectAltName) under a root with these subtrees. */
static void one(struct stand *stand, const char *permitted, const char *excluded, const char *names,
		const char *subject)
{
	struct buf leaf = { 0 }, root = { 0 };

	stand_clear(stand);
	if (names != NULL)
		ext_alt_names(&leaf, false, names);
	stand_add(stand, subject, "CN=Root", &leaf);
	ext_ca(&root);
	ext_constraints(&root, permitted, excluded);
	stand_add(stand, "CN=Root", "CN=Root", &root);
}

/* Each pair is a name that passes and its nearest neighbour that does not, or the other way round. */
static const struct {
	const char *permitted, *excluded, *names;
	bool passes;
} named[] = {
	/* dNSName */
	{ "dns:example.com", NULL, "dns:example.com", true },
	{ "dns:example.com", NULL, "dns:a.b.EXAMPLE.com", true },
	{ "dns:example.com", NULL, "dns:badexample.com", false },
	{ "dns:example.com", NULL, "dns:example.org", false },
	{ "dns:example.com", NULL, "dns:a.example.com dns:example.org", false },
	{ "dns:example.com dns:example.org", NULL, "dns:a.example.com dns:example.org", true },
	{ "dns:example.com", NULL, "ip:192.0.2.1", true },
	{ NULL, "dns:example.com", "dns:example.org", true },
	{ NULL, "dns:example.com", "dns:www.example.com", false },
	{ NULL, "dns:www.example.com", "dns:example.com", true },
	{ "dns:example.com", "dns:bad.example.com", "dns:good.example.com", true },
	{ "dns:example.com", "dns:bad.example.com", "dns:bad.example.com", false },
	{ "dns:.example.com", NULL, "dns:a.example.com", true },
	{ "dns:.example.com", NULL, "dns:*.example.com", true },
	{ "dns:.example.com", NULL, "dns:example.com", false },
	{ NULL, "dns:.example.com", "dns:example.com", true },
	{ "dns:", NULL, "dns:example.com", true },
	{ NULL, "dns:", "dns:example.com", false },
	{ "dns:example.com", NULL, "dns:.example.com", false }, /* malformed */
	/* wildcards stand for names on both sides */
	{ "dns:example.com", NULL, "dns:*.example.com", true },
	{ "dns:foo.example.com", NULL, "dns:*.example.com", false },
	{ NULL, "dns:foo.example.com", "dns:*.example.com", false },
	{ NULL, "dns:a.foo.example.com", "dns:*.example.com", true },
	{ NULL, "dns:foo.example.org", "dns:*.example.com", true },
	{ NULL, "dns:.foo.example.com", "dns:*.example.com", true },
	{ NULL, "dns:.example.com", "dns:*.example.com", false },
	{ NULL, "dns:example.com", "dns:*.foo.example.com", false },
	/* rfc822Name */
	{ "mail:jo@example.com", NULL, "mail:jo@EXAMPLE.com", true },
	{ "mail:jo@example.com", NULL, "mail:Jo@example.com", false },
	{ "mail:example.com", NULL, "mail:jo@example.com", true },
	{ "mail:example.com", NULL, "mail:jo@a.example.com", false },
	{ "mail:.example.com", NULL, "mail:jo@a.example.com", true },
	{ "mail:.example.com", NULL, "mail:jo@example.com", false },
	{ NULL, "mail:example.com", "mail:jo@example.com", false },
	{ NULL, "mail:example.com", "mail:jo@a.example.com", true },
	{ "mail:**@example.com", NULL, "mail:**@example.com", true },
	{ "mail:**@example.com", NULL, "mail:*@example.com", false },
	{ "mail:", NULL, "mail:jo@example.com", true },
	{ NULL, "mail:", "mail:jo@example.com", false },
	/* iPAddress */
	{ "ip:192.0.2.0/24", NULL, "ip:192.0.2.255", true },
	{ "ip:192.0.2.0/24", NULL, "ip:192.0.3.0", false },
	{ "ip:192.0.2.0/24", NULL, "ip:2001:db8::1", false }, /* one type: iPAddress */
	{ NULL, "ip:192.0.2.0/24", "ip:2001:db8::1", true },
	{ NULL, "ip:::1/128", "ip:::1", false },
	{ NULL, "ip:::1/128", "ip:::2", true },
	{ "ip:0.0.0.0/0", NULL, "ip:198.51.100.1", true },
	/* URI: the host, exactly, or below a leading dot */
	{ "uri:example.com", NULL, "uri:https://u:p@EXAMPLE.com:8443/x?y#z", true },
	{ "uri:example.com", NULL, "uri:https://a.example.com/", false },
	{ "uri:.example.com", NULL, "uri:https://a.example.com/", true },
	{ "uri:.example.com", NULL, "uri:https://example.com/", false },
	{ NULL, "uri:example.com", "uri:https://example.com/", false },
	{ NULL, "uri:example.com", "uri:https://example.com@other.org/", true },
	{ NULL, "uri:example.com", "uri:https://192.0.2.1/", false }, /* an address is no host */
	{ NULL, "uri:example.com", "uri:https://[::1]/", false },
	{ NULL, "uri:example.com", "uri:urn:x", false },
	{ NULL, "dns:example.com", "uri:urn:x", true },
	{ NULL, "uri:example.com", "dns:.example.org", false }, /* malformed: never held against */
	/* directoryName */
	{ "dir:O=Trees", NULL, "dir:O=Trees,CN=x", false }, /* the subject is CN=Leaf */
	{ "dir:CN=Leaf dir:O=Trees", NULL, "dir:O=trees,CN=x", true },
	{ NULL, "dir:O=Trees", "dir:O=Trees,CN=x", false },
	{ NULL, "dir:O=Trees", "dir:O=Treesome", true },
	{ NULL, "dir:O=Trees,CN=x", "dir:O=Trees", true },
	{ "dir:", NULL, "dns:example.com", true },
	{ NULL, "dir:", "dns:example.com", false },
	/* types that cannot be compared refuse names of the type, and nothing else */
	{ NULL, "other:06032a0304a0030c0141", "dns:example.com", true },
	{ NULL, "other:06032a0304a0030c0141", "other:06032a0305a0030c0142", false },
	{ "reg:1.2.3", NULL, "dns:example.com", true },
	{ "reg:1.2.3", NULL, "reg:1.2.3", false },
	{ "x400:3000", NULL, "dns:example.com", true },
};

static void names_are_held_against_subtrees_of_their_type(void **state)
{
	struct stand *stand = *state;

	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++) {
		size_t got;

		one(stand, named[i].permitted, named[i].excluded, named[i].names, "CN=Leaf");
		got = stand_run(stand, name_constraints_check);
		if ((got == 0) != named[i].passes)
			fail_msg("permitted '%s', excluded '%s', names '%s'",
				 named[i].permitted != NULL ? named[i].permitted : "",
				 named[i].excluded != NULL ? named[i].excluded : "", named[i].names);
		if (got > 0)
			assert_int_equal(stand->reasons.all[0].code, REASON_NAME_CONSTRAINT);
	}
}

static void the_subject_is_a_directory_name(void **state)
{
	struct stand *stand = *state;

	one(stand, "dir:C=DE", NULL, NULL, "C=DE,CN=Leaf");
	stand_passes(stand, name_constraints_check);
	one(stand, "dir:C=DE", NULL, NULL, "C=FR,CN=Leaf");
	stand_refuses(stand, name_constraints_check, REASON_NAME_CONSTRAINT, "the subject");
	one(stand, "dir:C=DE", NULL, "dns:example.com", ""); /* an empty one is none */
	stand_passes(stand, name_constraints_check);
}

static void a_mail_address_in_the_subject_counts(void **state)
{
	struct stand *stand = *state;

	one(stand, "mail:example.com", NULL, NULL, "CN=Leaf,E=jo@example.com");
	stand_passes(stand, name_constraints_check);
	one(stand, "mail:example.com", NULL, NULL, "CN=Leaf,E=jo@example.org");
	stand_refuses(stand, name_constraints_check, REASON_NAME_CONSTRAINT, "emailAddress");
	one(stand, "mail:example.com", NULL, "mail:jo@example.com", "CN=Leaf,E=jo@example.org");
	stand_refuses(stand, name_constraints_check, REASON_NAME_CONSTRAINT, "emailAddress");
}

static void a_common_name_that_looks_like_a_host_counts_where_no_dns_name_is(void **state)
{
	struct stand *stand = *state;

	one(stand, "dns:example.com", NULL, NULL, "CN=www.example.org");
	stand_refuses(stand, name_constraints_check, REASON_NAME_CONSTRAINT, "the common name");
	one(stand, "dns:example.com", NULL, NULL, "CN=www.example.com");
	stand_passes(stand, name_constraints_check);
	one(stand, "dns:example.com", NULL, NULL, "CN=Joe of Example");
	stand_passes(stand, name_constraints_check);
	one(stand, "dns:example.com", NULL, NULL, "CN=192.0.2.1"); /* an address is no host */
	stand_passes(stand, name_constraints_check);
	one(stand, "dns:example.com", NULL, "dns:www.example.com", "CN=www.example.org");
	stand_passes(stand, name_constraints_check);
}

/* Leaf, intermediate `subject` by `issuer`, root with the constraints. */
static void three(struct stand *stand, const char *names, const char *subject, const char *issuer,
		  const char *leaf_names)
{
	struct buf leaf = { 0 }, middle = { 0 }, root = { 0 };

	stand_clear(stand);
	ext_alt_names(&leaf, false, leaf_names);
	stand_add(stand, "CN=Leaf", subject, &leaf);
	ext_ca(&middle);
	ext_alt_names(&middle, false, names);
	stand_add(stand, subject, issuer, &middle);
	ext_ca(&root);
	ext_constraints(&root, "dns:example.com", NULL);
	stand_add(stand, "CN=Root", "CN=Root", &root);
}

static void intermediates_are_bound_unless_they_are_self_issued(void **state)
{
	struct stand *stand = *state;

	three(stand, "dns:example.org", "CN=CA", "CN=Root", "dns:example.com");
	stand_refuses(stand, name_constraints_check, REASON_NAME_CONSTRAINT, "'example.org'");
	assert_int_equal(stand->reasons.all[0].depth, 1);
	three(stand, "dns:example.org", "CN=Root", "CN=ROOT", "dns:example.com");
	stand_passes(stand, name_constraints_check);
}

static void the_last_certificate_is_bound_even_if_it_is_self_issued(void **state)
{
	struct stand *stand = *state;
	struct buf leaf = { 0 }, root = { 0 };

	ext_alt_names(&leaf, false, "dns:example.org");
	stand_add(stand, "CN=Root", "CN=Root", &leaf);
	ext_ca(&root);
	ext_constraints(&root, "dns:example.com", NULL);
	stand_add(stand, "CN=Root", "CN=Root", &root);
	stand_refuses(stand, name_constraints_check, REASON_NAME_CONSTRAINT, "'example.org'");
}

static void every_level_narrows_and_none_widens(void **state)
{
	static const struct {
		const char *name;
		bool passes;
	} rows[] = { { "dns:foo.example.com", true },
		     { "dns:bar.example.com", false },
		     { "dns:baz.example.com", false } };
	struct stand *stand = *state;

	for (size_t i = 0; i < 3; i++) {
		struct buf leaf = { 0 }, lower = { 0 }, upper = { 0 };

		stand_clear(stand);
		ext_alt_names(&leaf, false, rows[i].name);
		stand_add(stand, "CN=Leaf", "CN=Lower", &leaf);
		ext_ca(&lower);
		ext_constraints(&lower, "dns:foo.example.com dns:baz.example.com", NULL);
		stand_add(stand, "CN=Lower", "CN=Upper", &lower);
		ext_ca(&upper);
		ext_constraints(&upper, "dns:foo.example.com dns:bar.example.com", NULL);
		stand_add(stand, "CN=Upper", "CN=Upper", &upper);
		assert_int_equal(stand_run(stand, name_constraints_check) == 0, rows[i].passes);
	}
}

static void a_malformed_extension_refuses_and_says_why(void **state)
{
	static const struct {
		const char *hex, *words;
	} rows[] = {
		{ "3000", "no subtrees" },
		{ "3002 a000", "empty" },
		{ "3004 a000 a100", "empty" },
		{ "0500", "no SEQUENCE" },
		{ "3004 0500 0500", "something else" },
		{ "3009 a007 3005 8203 2e2e61", "dNSName '..a'" },
		{ "3009 a007 3005 8103 614062", "" },                              /* mail a@b is fine */
		{ "300b a009 3007 8105 6140624063", "not what its type must be" }, /* mail a@b@c */
		{ "300a a008 3006 8704 c0000201", "not what its type must be" },   /* no mask */
		{ "300e a00c 300a 8708 c0000200 ff00ff00", "not what its type must be" }, /* no prefix */
		{ "300b a009 3007 8202 6165 800101", "minimum" },
		{ "300b a009 3007 8202 6165 800100", "" }, /* the default, written out */
		{ "300b a009 3007 8202 6165 810101", "maximum" },
		{ "3008 a006 3004 8f02 6165", "" }, /* a form that is not known, and that no name has */
	};
	struct stand *stand = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf root = { 0 };

		stand_clear(stand);
		stand_add(stand, "CN=Leaf", "CN=Root", NULL);
		ext_hex(&root, "2.5.29.30", true, rows[i].hex);
		stand_add(stand, "CN=Root", "CN=Root", &root);
		if (rows[i].words[0] == '\0')
			stand_passes(stand, name_constraints_check);
		else
			stand_refuses(stand, name_constraints_check, REASON_MALFORMED, rows[i].words);
	}
}

static void alternative_names_that_cannot_be_read_are_held_against_nothing(void **state)
{
	struct stand *stand = *state;
	struct buf leaf = { 0 }, root = { 0 };

	ext_hex(&leaf, "2.5.29.17", false, "3004 8f02 6165");
	stand_add(stand, "CN=Leaf", "CN=Root", &leaf);
	ext_constraints(&root, "dns:example.com", NULL);
	stand_add(stand, "CN=Root", "CN=Root", &root);
	stand_refuses(stand, name_constraints_check, REASON_NAME_CONSTRAINT, "cannot be read");
}

/* The contents of a NameConstraints that the store keeps beside the root. */
static void what_the_store_attaches_binds_too(void **state)
{
	static const uint8_t only_example[] = "\x30\x11\xa0\x0f\x30\x0d\x82\x0b"
					      "example.com";
	struct stand *stand = *state;
	struct extension attached = { .oid = exts[EXT_NAME_CONSTRAINTS].oid,
				      .value = { only_example, sizeof(only_example) - 1 } };
	struct buf leaf = { 0 };

	ext_alt_names(&leaf, false, "dns:example.org");
	stand_add(stand, "CN=Leaf", "CN=Root", &leaf);
	stand_add(stand, "CN=Root", "CN=Root", NULL)->anchor = &stand->anchors[0];
	stand_passes(stand, attached_constraints_check);
	stand->anchors[0].attached = &attached;
	stand->anchors[0].attached_count = 1;
	stand_refuses(stand, attached_constraints_check, REASON_NAME_CONSTRAINT, "the store keeps");
	stand_passes(stand, name_constraints_check);
}

/* `count` names "dns:aNNNNN.example.com", or the bases of as many subtrees. */
static void many(struct buf *to, unsigned first, unsigned count, bool subtrees)
{
	for (unsigned i = 0; i < count; i++) {
		struct buf base = { 0 };
		char text[32];

		snprintf(text, sizeof(text), "a%06u.example.com", first + i);
		der_write(subtrees ? &base : to, DER_CONTEXT(2), bytes_of(text));
		if (subtrees)
			der_write(to, DER_SEQUENCE, buf_view(&base));
		buf_done(&base);
	}
}

static void crowd(struct stand *stand, unsigned names, unsigned subtrees)
{
	struct buf list = { 0 }, value = { 0 }, leaf = { 0 }, root = { 0 };

	stand_clear(stand);
	many(&list, 0, names, false);
	der_write(&value, DER_SEQUENCE, buf_view(&list));
	ext_add(&leaf, "2.5.29.17", false, buf_view(&value));
	stand_add(stand, "CN=Leaf", "CN=Root", &leaf);
	list.len = value.len = 0;
	many(&list, 500000, subtrees, true);
	der_write(&value, DER_EXPLICIT(1), buf_view(&list));
	list.len = 0;
	der_write(&list, DER_SEQUENCE, buf_view(&value));
	ext_add(&root, "2.5.29.30", true, buf_view(&list));
	stand_add(stand, "CN=Root", "CN=Root", &root);
	buf_done(&list);
	buf_done(&value);
}

static void too_many_names_and_subtrees_end_at_a_stated_limit(void **state)
{
	struct stand *stand = *state;
	struct timespec begin, end;

	crowd(stand, 10000, 10000);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
	stand_refuses(stand, name_constraints_check, REASON_SEARCH_LIMIT, "10000 names");
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
	assert_int_equal(stand->reasons.count, 1);
	assert_true(end.tv_sec - begin.tv_sec < 2);
}

static void many_names_and_subtrees_below_the_limit_are_held(void **state)
{
	struct stand *stand = *state;

	crowd(stand, 10000, LIMIT_CONSTRAINT_WORK / 10000);
	stand_passes(stand, name_constraints_check);
	crowd(stand, 10000, LIMIT_CONSTRAINT_WORK / 10000 + 1);
	stand_refuses(stand, name_constraints_check, REASON_SEARCH_LIMIT, "comparisons");
}

#define STAND(test) cmocka_unit_test_setup_teardown(test, stand_begin, stand_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		STAND(names_are_held_against_subtrees_of_their_type),
		STAND(the_subject_is_a_directory_name),
		STAND(a_mail_address_in_the_subject_counts),
		STAND(a_common_name_that_looks_like_a_host_counts_where_no_dns_name_is),
		STAND(intermediates_are_bound_unless_they_are_self_issued),
		STAND(the_last_certificate_is_bound_even_if_it_is_self_issued),
		STAND(every_level_narrows_and_none_widens),
		STAND(a_malformed_extension_refuses_and_says_why),
		STAND(alternative_names_that_cannot_be_read_are_held_against_nothing),
		STAND(what_the_store_attaches_binds_too),
		STAND(too_many_names_and_subtrees_end_at_a_stated_limit),
		STAND(many_names_and_subtrees_below_the_limit_are_held),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
