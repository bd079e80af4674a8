/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit.h"

#include <stdio.h>
#include <time.h>

#include "check/policy.h"
#include "model/der.h"
#include "stand.h"

/* What one certificate says of policies; NULL: nothing. */
struct says {
	const char *policies, *mappings;
	const char
		*limits; /* "e0": requireExplicitPolicy 0; "m": inhibitPolicyMapping; "a": inhibitAnyPolicy */
	bool self_issued;
};

static void add(struct stand *stand, const struct says *says, size_t depth, size_t count)
{
	struct buf ext = { 0 };
	char subject[32], issuer[32];

	if (says->policies != NULL)
		ext_policies(&ext, says->policies);
	if (says->mappings != NULL)
		ext_mappings(&ext, says->mappings);
	if (says->limits != NULL && says->limits[0] == 'a')
		ext_inhibit_any(&ext, says->limits[1] - '0');
	else if (says->limits != NULL)
		ext_policy_limits(&ext, says->limits[0] == 'e' ? says->limits[1] - '0' : -1,
				  says->limits[0] == 'm' ? says->limits[1] - '0' : -1);
	snprintf(subject, sizeof(subject), "CN=%zu", depth);
	snprintf(issuer, sizeof(issuer), "CN=%zu",
		 says->self_issued || depth + 1 == count ? depth : depth + 1);
	stand_add(stand, subject, issuer, &ext);
}

/* A path from the target up; the anchor, which says nothing, comes by itself. */
static void build(struct stand *stand, const struct says *path, size_t count)
{
	const struct says nothing = { .policies = NULL };

	stand_clear(stand);
	for (size_t i = 0; i < count; i++)
		add(stand, &path[i], i, count + 1);
	add(stand, &nothing, count, count + 1);
}

/* The policies of a path that passes, dotted, "any" last; "" if there are none. */
static void valid_for(struct stand *stand, const char *wanted)
{
	struct policies policies;
	struct buf text = { 0 };

	stand_passes(stand, policy_check);
	policies_of(&stand->path, &stand->question, &policies);
	for (size_t i = 0; i < policies.count; i++) {
		buf_text(&text, i > 0 ? " " : "");
		der_oid_text(policies.oids[i], &text);
	}
	if (policies.any)
		buf_text(&text, policies.count > 0 ? " any" : "any");
	buf_byte(&text, '\0');
	assert_string_equal((const char *)text.at, wanted);
	buf_done(&text);
	policies_done(&policies);
}

#define BUILD(stand, ...)                                                                                    \
	build(stand, (const struct says[]){ __VA_ARGS__ },                                                   \
	      sizeof((const struct says[]){ __VA_ARGS__ }) / sizeof(struct says))

/* The initial inputs of RFC 5280 section 6.1.1; `oids` is a list of contents of OIDs below 1.2. */
static void ask(struct stand *stand, const char *oids, bool explicit_policy)
{
	static struct bytes list[8];
	static const uint8_t arcs[][2] = { { 0x2a, 0 }, { 0x2a, 1 }, { 0x2a, 2 }, { 0x2a, 3 }, { 0x2a, 4 } };
	size_t count = 0;

	for (; *oids != '\0'; oids++)
		list[count++] = (struct bytes){ arcs[*oids - '0'], 2 };
	stand->question.policy.oids = list;
	stand->question.policy.count = count;
	stand->question.policy.explicit_policy = explicit_policy;
	stand->question.policy.inhibit_mapping = stand->question.policy.inhibit_any = false;
}

static void without_a_requirement_nothing_is_refused(void **state)
{
	struct stand *stand = *state;

	ask(stand, "", false);
	BUILD(stand, { .policies = NULL }, { .policies = NULL });
	valid_for(stand, "");
	BUILD(stand, { .policies = "1.2.1" }, { .policies = "1.2.2" });
	valid_for(stand, "");
	BUILD(stand, { .policies = "1.2.1 1.2.3" }, { .policies = "1.2.1 1.2.2" });
	valid_for(stand, "1.2.1");
	BUILD(stand, { .policies = "1.2.1" }, { .policies = NULL });
	valid_for(stand, "");
}

/* PKITS 4.8 */
static void with_one_the_policy_must_hold_all_the_way(void **state)
{
	struct stand *stand = *state;

	ask(stand, "", true);
	BUILD(stand, { .policies = "1.2.1" }, { .policies = "1.2.1" });
	valid_for(stand, "1.2.1");
	BUILD(stand, { .policies = "1.2.1" }, { .policies = NULL });
	stand_refuses(stand, policy_check, REASON_POLICY, "required by what was asked");
	assert_int_equal(stand->reasons.all[0].depth, 1);
	BUILD(stand, { .policies = "1.2.1" }, { .policies = "1.2.2" });
	stand_refuses(stand, policy_check, REASON_POLICY, "no policy is valid");
	assert_int_equal(stand->reasons.all[0].depth, 0);
	BUILD(stand, { .policies = "any" }, { .policies = "1.2.1" });
	valid_for(stand, "1.2.1");
	BUILD(stand, { .policies = "any" }, { .policies = "any" });
	valid_for(stand, "any");
	BUILD(stand, { .policies = "1.2.1" }, { .policies = "any" });
	valid_for(stand, "1.2.1");
}

static void the_policies_asked_for_are_those_of_the_anchors_domain(void **state)
{
	struct stand *stand = *state;

	ask(stand, "1", true);
	BUILD(stand, { .policies = "1.2.1 1.2.2" }, { .policies = "1.2.1 1.2.2" });
	valid_for(stand, "1.2.1");
	ask(stand, "3", true);
	stand_refuses(stand, policy_check, REASON_POLICY, "valid for 1.2.1, 1.2.2, and required is 1.2.3");
	ask(stand, "3", false);
	valid_for(stand, "");
	ask(stand, "13", true);
	BUILD(stand, { .policies = "any" }, { .policies = "any" });
	valid_for(stand, "1.2.1 1.2.3");
}

/* PKITS 4.9 */
static void require_explicit_policy_counts_certificates_that_are_not_self_issued(void **state)
{
	struct stand *stand = *state;

	ask(stand, "", false);
	BUILD(stand, { .policies = NULL }, { .limits = "e0" });
	stand_refuses(stand, policy_check, REASON_POLICY, "policyConstraints of the certificate 1 above");
	BUILD(stand, { .policies = NULL }, { .limits = "e2" });
	valid_for(stand, "");
	BUILD(stand, { .policies = NULL }, { .policies = NULL }, { .limits = "e2" });
	stand_refuses(stand, policy_check, REASON_POLICY, "required");
	BUILD(stand, { .policies = NULL }, { .self_issued = true }, { .limits = "e2" });
	valid_for(stand, "");
	BUILD(stand, { .limits = "e0" }, { .policies = NULL });
	stand_refuses(stand, policy_check, REASON_POLICY, "no policy");
	BUILD(stand, { .limits = "e1" }, { .policies = NULL });
	valid_for(stand, "");
}

/* PKITS 4.10 */
static void a_mapping_renames_a_policy_for_what_is_below(void **state)
{
	struct stand *stand = *state;

	ask(stand, "", true);
	BUILD(stand, { .policies = "1.2.2" }, { .policies = "1.2.1", .mappings = "1.2.1=1.2.2" });
	valid_for(stand, "1.2.1");
	BUILD(stand, { .policies = "1.2.1" }, { .policies = "1.2.1", .mappings = "1.2.1=1.2.2" });
	stand_refuses(stand, policy_check, REASON_POLICY, "no policy");
	BUILD(stand, { .policies = "1.2.2" }, { .policies = "any", .mappings = "1.2.1=1.2.2" });
	valid_for(stand, "1.2.1"); /* what is mapped no longer stands for itself */
	BUILD(stand, { .policies = "1.2.3" },
	      { .policies = "1.2.1 1.2.2", .mappings = "1.2.1=1.2.3 1.2.2=1.2.3" });
	valid_for(stand, "1.2.1 1.2.2");
	ask(stand, "2", true);
	valid_for(stand, "1.2.2");
	ask(stand, "3", true);
	stand_refuses(stand, policy_check, REASON_POLICY, "required is 1.2.3");
}

static void a_mapping_of_any_policy_is_refused(void **state)
{
	struct stand *stand = *state;

	ask(stand, "", false);
	BUILD(stand, { .policies = "1.2.1" }, { .policies = "1.2.1", .mappings = "any=1.2.1" });
	stand_refuses(stand, policy_check, REASON_POLICY, "anyPolicy");
	BUILD(stand, { .policies = "1.2.1" }, { .policies = "1.2.1", .mappings = "1.2.1=any" });
	stand_refuses(stand, policy_check, REASON_POLICY, "anyPolicy");
	/* of the target a mapping means nothing, RFC 5280 section 6.1.4 */
	BUILD(stand, { .policies = "1.2.1", .mappings = "1.2.1=any" }, { .policies = "1.2.1" });
	valid_for(stand, "1.2.1");
}

/* PKITS 4.11 */
static void inhibit_mapping_takes_mapped_policies_away(void **state)
{
	struct stand *stand = *state;

	ask(stand, "", true);
	BUILD(stand, { .policies = "1.2.2" }, { .policies = "1.2.1", .mappings = "1.2.1=1.2.2" },
	      { .policies = "1.2.1", .limits = "m0" });
	stand_refuses(stand, policy_check, REASON_POLICY, "no policy");
	BUILD(stand, { .policies = "1.2.2" }, { .policies = "1.2.1", .mappings = "1.2.1=1.2.2" },
	      { .policies = "1.2.1", .limits = "m1" });
	valid_for(stand, "1.2.1");
	stand->question.policy.inhibit_mapping = true;
	stand_refuses(stand, policy_check, REASON_POLICY, "no policy");
	BUILD(stand, { .policies = "1.2.3" }, { .policies = "1.2.1 1.2.3", .mappings = "1.2.1=1.2.2" });
	valid_for(stand, "1.2.3");
}

/* PKITS 4.12 */
static void inhibit_any_policy_spares_what_is_self_issued(void **state)
{
	struct stand *stand = *state;

	ask(stand, "", true);
	BUILD(stand, { .policies = "1.2.1" }, { .policies = "any" }, { .policies = "1.2.1", .limits = "a0" });
	stand_refuses(stand, policy_check, REASON_POLICY, "no policy");
	BUILD(stand, { .policies = "1.2.1" }, { .policies = "any" }, { .policies = "1.2.1", .limits = "a1" });
	valid_for(stand, "1.2.1");
	BUILD(stand, { .policies = "1.2.1" }, { .policies = "any", .self_issued = true },
	      { .policies = "1.2.1", .limits = "a0" });
	valid_for(stand, "1.2.1");
	stand->question.policy.inhibit_any = true;
	BUILD(stand, { .policies = "any" }, { .policies = "1.2.1" });
	stand_refuses(stand, policy_check, REASON_POLICY, "no policy");
	BUILD(stand, { .policies = "1.2.1" }, { .policies = "1.2.1" });
	valid_for(stand, "1.2.1");
}

/* RFC 5937: the anchor is asked too, if it says something. */
static void what_the_anchor_says_counts(void **state)
{
	static const struct says target = { .policies = "1.2.1" };
	static const struct {
		struct says anchor;
		bool passes;
	} rows[] = {
		{ { .policies = NULL }, true },
		{ { .policies = "1.2.1" }, true },
		{ { .policies = "1.2.2" }, false },
		{ { .policies = "any" }, true },
		{ { .mappings = "1.2.2=1.2.1" }, true },
		{ { .policies = "1.2.2", .mappings = "1.2.2=1.2.1" }, true },
		{ { .policies = "1.2.2", .mappings = "1.2.2=1.2.1", .limits = "m0" }, true },
	};
	struct stand *stand = *state;

	ask(stand, "", true);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		stand_clear(stand);
		add(stand, &target, 0, 2);
		add(stand, &rows[i].anchor, 1, 2);
		if ((stand_run(stand, policy_check) == 0) != rows[i].passes)
			fail_msg("row %zu", i);
	}
}

static void what_cannot_be_read_is_malformed(void **state)
{
	static const struct {
		const char *oid, *hex, *words;
	} rows[] = {
		{ "2.5.29.32", "3000", "certificatePolicies" },
		{ "2.5.29.32", "0500", "certificatePolicies" },
		{ "2.5.29.32", "300c 3004 06022a03 3004 06022a03", "twice" },
		{ "2.5.29.32", "3012 3008 0604551d2000 3008 0604551d2000",
		  "twice" }, /* lengths are off, too */
		{ "2.5.29.33", "3000", "policyMappings" },
		{ "2.5.29.33", "3006 3004 06022a03", "policyMappings" },
		{ "2.5.29.36", "3000", "policyConstraints" },
		{ "2.5.29.36", "3003 8001ff", "policyConstraints" },
		{ "2.5.29.36", "3003 820100", "policyConstraints" },
		{ "2.5.29.54", "0500", "inhibitAnyPolicy" },
		{ "2.5.29.54", "0201ff", "inhibitAnyPolicy" },
		{ "2.5.29.54", "0209 00ffffffffffffffff", "" }, /* large, and none the worse for it */
	};
	struct stand *stand = *state;

	ask(stand, "", false);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf ext = { 0 };

		stand_clear(stand);
		ext_hex(&ext, rows[i].oid, true, rows[i].hex);
		stand_add(stand, "CN=Leaf", "CN=Root", &ext);
		stand_add(stand, "CN=Root", "CN=Root", NULL);
		if (rows[i].words[0] == '\0')
			stand_passes(stand, policy_check);
		else
			stand_refuses(stand, policy_check, REASON_MALFORMED, rows[i].words);
	}
}

static void an_unknown_qualifier_matters_where_the_extension_is_critical(void **state)
{
	/* 1.2.1 with the qualifier 1.2.3 */
	static const char policy[] = "300f 300d 06022a01 3007 3005 06012a 0500";
	struct stand *stand = *state;
	struct buf ext = { 0 };

	ask(stand, "", false);
	ext_hex(&ext, "2.5.29.32", false, "300f 300d 06022a01 3007 3005 06012a 0500");
	stand_add(stand, "CN=Leaf", "CN=Root", &ext);
	stand_add(stand, "CN=Root", "CN=Root", NULL);
	stand_passes(stand, policy_check);
	stand_clear(stand);
	ext_hex(&ext, "2.5.29.32", true, policy);
	stand_add(stand, "CN=Leaf", "CN=Root", &ext);
	stand_add(stand, "CN=Root", "CN=Root", NULL);
	stand_refuses(stand, policy_check, REASON_UNKNOWN_CRITICAL_EXTENSION, "qualifier");
}

/* Each level maps each of its policies to all of the next: a tree would have 100 to the power of 8 nodes. */
static void mappings_that_would_make_a_tree_explode_do_not(void **state)
{
	enum { WIDE = 40, DEEP = 8 };
	struct stand *stand = *state;
	struct timespec begin, end;

	ask(stand, "", true);
	for (int depth = 0; depth < DEEP; depth++) {
		struct buf policies = { 0 }, mappings = { 0 }, ext = { 0 };
		char subject[32], issuer[32];

		for (int i = 0; i < WIDE; i++)
			buf_print(&policies, "1.2.%d ", i);
		for (int i = 0; i < WIDE * WIDE; i++)
			buf_print(&mappings, "1.2.%d=1.2.%d ", i / WIDE, i % WIDE);
		buf_byte(&policies, '\0');
		buf_byte(&mappings, '\0');
		ext_policies(&ext, (const char *)policies.at);
		ext_mappings(&ext, (const char *)mappings.at);
		snprintf(subject, sizeof(subject), "CN=%d", depth);
		snprintf(issuer, sizeof(issuer), "CN=%d", depth + 1);
		stand_add(stand, subject, issuer, &ext);
		buf_done(&policies);
		buf_done(&mappings);
	}
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
	stand_passes(stand, policy_check);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
	assert_true(end.tv_sec - begin.tv_sec < 2);
}

#define STAND(test) cmocka_unit_test_setup_teardown(test, stand_begin, stand_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		STAND(without_a_requirement_nothing_is_refused),
		STAND(with_one_the_policy_must_hold_all_the_way),
		STAND(the_policies_asked_for_are_those_of_the_anchors_domain),
		STAND(require_explicit_policy_counts_certificates_that_are_not_self_issued),
		STAND(a_mapping_renames_a_policy_for_what_is_below),
		STAND(a_mapping_of_any_policy_is_refused),
		STAND(inhibit_mapping_takes_mapped_policies_away),
		STAND(inhibit_any_policy_spares_what_is_self_issued),
		STAND(what_the_anchor_says_counts),
		STAND(what_cannot_be_read_is_malformed),
		STAND(an_unknown_qualifier_matters_where_the_extension_is_critical),
		STAND(mappings_that_would_make_a_tree_explode_do_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
