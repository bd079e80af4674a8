/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/limits.h"
#include "base/mem.h"
#include "check/evidence.h"
#include "check/judge.h"
#include "check/member.h"
#include "check/question.h"
#include "check/rule.h"
#include "make.h"
#include "model/name.h"
#include "model/store.h"

enum { NOW = 1795000000, MOST = 4096 };

/* A store, a question, and what is given. Certificates are made without key identifiers: no profile. */
struct world {
	struct store *store;
	struct trust *trust;
	struct question question;
	struct evidence evidence;
	struct judge *judge;
	struct given given[MOST];
	struct buf ders[MOST];
	size_t count;
	struct verdict verdict;
};

static int begin(void **state)
{
	struct world *w = mem_zero(sizeof(*w));

	w->store = store_new("the store");
	w->question = (struct question){ .purpose = PURPOSE_SERVER_AUTH,
					 .at = NOW,
					 .max_depth = -1,
					 .rules_off = UINT64_C(1) << RULE_PROFILE };
	w->evidence.clock.given = true;
	*state = w;
	return 0;
}

static int end(void **state)
{
	struct world *w = *state;

	verdict_done(&w->verdict);
	judge_free(w->judge);
	trust_free(w->trust);
	store_free(w->store);
	for (size_t i = 0; i < w->count; i++)
		buf_done(&w->ders[i]);
	free(w);
	return 0;
}

/* The next certificate that is given; the first is the target. */
static void give(struct world *w, const struct make *how)
{
	assert_true(w->count < MOST);
	make_cert(how, &w->ders[w->count]);
	w->given[w->count] = (struct given){ buf_view(&w->ders[w->count]), "chain.pem" };
	w->count++;
}

static struct anchor *trusted(struct world *w, const struct make *how)
{
	struct buf der = { 0 };
	struct anchor *anchor;

	make_cert(how, &der);
	anchor = store_add(w->store, buf_view(&der), 0);
	anchor->trusted = PURPOSES_ALL;
	buf_done(&der);
	return anchor;
}

static const struct verdict *verdict(struct world *w)
{
	if (w->trust == NULL) {
		store_finish(w->store);
		w->trust = trust_new(w->store);
	}
	if (w->judge == NULL)
		w->judge = judge_new(w->trust, &w->question, &w->evidence);
	verdict_done(&w->verdict);
	judge_try(w->judge, w->given, w->count, &w->verdict);
	return &w->verdict;
}

static void accepts(struct world *w, size_t length)
{
	const struct verdict *v = verdict(w);

	if (v->outcome != OUTCOME_ACCEPTED)
		fail_msg("refused: %s: %s", reasons_table[v->best->reasons.all[0].code].code,
			 v->best->reasons.all[0].text);
	assert_int_equal(v->best->path.count, length);
	assert_int_equal(v->best->reasons.count, 0);
}

static void refuses(struct world *w, enum reason_code code)
{
	const struct verdict *v = verdict(w);

	assert_int_equal(v->outcome, OUTCOME_REJECTED);
	if (!reasons_have(&v->best->reasons, code))
		fail_msg("not refused as %s but as %s: %s", reasons_table[code].code,
			 reasons_table[v->best->reasons.all[0].code].code, v->best->reasons.all[0].text);
}

/* leaf (1) under inter (2) under root (3). */
#define ROOT                                                                                                 \
	{                                                                                                    \
		.cn = "root", .key = 3                                                                       \
	}
#define INTER                                                                                                \
	{                                                                                                    \
		.cn = "inter", .key = 2, .issuer = "root", .issuer_key = 3                                   \
	}
#define LEAF                                                                                                 \
	{                                                                                                    \
		.cn = "leaf", .key = 1, .issuer = "inter", .issuer_key = 2, .leaf = true                     \
	}

static void a_path_is_found_in_any_order_and_among_strangers(void **state)
{
	struct world *w = *state;

	trusted(w, &(struct make)ROOT);
	give(w, &(struct make)LEAF);
	give(w, &(struct make){ .cn = "stranger", .key = 9 });
	give(w, &(struct make)ROOT);
	give(w, &(struct make){ .cn = "inter", .key = 8, .issuer = "root", .issuer_key = 9 });
	give(w, &(struct make)INTER);
	accepts(w, 3);
	assert_string_equal(w->verdict.best->path.at[1]->where, "chain.pem");
	assert_int_equal(w->verdict.best->path.at[2]->from, MEMBER_STORE);
}

static void another_way_is_tried_when_the_first_leads_nowhere(void **state)
{
	struct world *w = *state;

	trusted(w, &(struct make)ROOT);
	give(w, &(struct make)LEAF);
	give(w, &(struct make){ .cn = "inter", .key = 2, .issuer = "old", .issuer_key = 7, .serial = 5 });
	give(w, &(struct make){ .cn = "old", .key = 7 });
	give(w, &(struct make)INTER);
	accepts(w, 3);
}

static void another_way_is_tried_when_the_first_anchor_is_not_for_this(void **state)
{
	struct world *w = *state;

	trusted(w, &(struct make)ROOT);
	trusted(w, &(struct make)INTER)->trusted = PURPOSE_BIT(PURPOSE_EMAIL);
	give(w, &(struct make)LEAF);
	accepts(w, 3);
	assert_int_equal(w->verdict.tried, 2);
}

static void an_anchor_that_issued_itself_by_another_key_is_no_end(void **state)
{
	struct world *w = *state;

	trusted(w, &(struct make){ .cn = "root", .key = 3, .issuer = "root", .issuer_key = 4, .serial = 7 })
		->trusted = PURPOSE_BIT(PURPOSE_EMAIL);
	trusted(w, &(struct make){ .cn = "root", .key = 4 });
	give(w, &(struct make){ .cn = "leaf", .key = 1, .issuer = "root", .issuer_key = 3, .leaf = true });
	accepts(w, 3);
}

static void an_anchor_may_be_an_intermediate_or_the_target_itself(void **state)
{
	struct world *w = *state;

	trusted(w, &(struct make)INTER);
	give(w, &(struct make)LEAF);
	accepts(w, 2);
	trust_with(w->trust, w->store);
	judge_free(w->judge);
	w->judge = NULL;
	accepts(w, 2);
	judge_free(w->judge);
	trust_free(w->trust);
	w->judge = NULL;
	w->trust = NULL;
	trusted(w, &(struct make)LEAF);
	accepts(w, 1);
}

static void names_are_compared_as_names_and_not_as_bytes(void **state)
{
	struct world *w = *state;

	trusted(w, &(struct make){ .cn = "The  ROOT ", .key = 3 });
	give(w,
	     &(struct make){ .cn = "leaf", .key = 1, .issuer = "the root", .issuer_key = 3, .leaf = true });
	accepts(w, 2);
}

static void a_chain_without_an_anchor_tells_what_is_missing(void **state)
{
	struct world *w = *state;

	trusted(w, &(struct make){ .cn = "another", .key = 9 });
	give(w, &(struct make)LEAF);
	refuses(w, REASON_INCOMPLETE_CHAIN);
	give(w, &(struct make)INTER);
	refuses(w, REASON_UNKNOWN_CA);
	assert_int_equal(w->verdict.best->path.count, 2);
	give(w, &(struct make)ROOT);
	refuses(w, REASON_UNKNOWN_CA);
	assert_int_equal(w->verdict.best->path.count, 3);
}

static void a_missing_issuer_is_wished_for_and_one_that_is_there_is_not(void **state)
{
	struct world *w = *state;
	const struct make leaf = { .cn = "leaf",
				   .key = 1,
				   .issuer = "inter",
				   .issuer_key = 2,
				   .leaf = true,
				   .fetch = "http://ca.example/inter.der" };

	trusted(w, &(struct make)ROOT);
	give(w, &leaf);
	refuses(w, REASON_INCOMPLETE_CHAIN);
	assert_int_equal(w->verdict.wishes.count, 1);
	assert_int_equal(w->verdict.wishes.all[0].kind, WISH_ISSUER);
	assert_string_equal(w->verdict.wishes.all[0].url, leaf.fetch);
	give(w, &(struct make){ .cn = "inter",
				.key = 2,
				.issuer = "old",
				.issuer_key = 7,
				.serial = 5,
				.fetch = "http://ca.example/old.der" });
	give(w, &(struct make)INTER);
	accepts(w, 3);
	assert_int_equal(w->verdict.wishes.count, 0);
}

static void a_target_that_signed_itself_is_told_as_such(void **state)
{
	struct world *w = *state;

	give(w, &(struct make){ .cn = "alone", .key = 1 });
	refuses(w, REASON_SELF_SIGNED);
}

static void a_bad_signature_is_told_where_nothing_better_is_found(void **state)
{
	struct world *w = *state;

	trusted(w, &(struct make)ROOT);
	give(w, &(struct make){ .cn = "leaf", .key = 1, .issuer = "inter", .issuer_key = 9, .leaf = true });
	give(w, &(struct make)INTER);
	refuses(w, REASON_BAD_SIGNATURE);
	assert_int_equal(w->verdict.best->reasons.count, 1);
	assert_int_equal(w->verdict.best->path.count, 3);
}

static void all_that_speaks_against_a_path_is_told(void **state)
{
	struct world *w = *state;

	w->question.at = INT64_C(4000000000);
	give(w, &(struct make)LEAF);
	give(w, &(struct make)INTER);
	refuses(w, REASON_EXPIRED);
	refuses(w, REASON_UNKNOWN_CA);
	assert_int_equal(w->verdict.best->reasons.all[0].code, REASON_EXPIRED);
	assert_int_equal(w->verdict.best->reasons.all[0].depth, 0);
}

static void a_cross_sign_of_a_distrusted_key_does_not_pass(void **state)
{
	struct world *w = *state;
	struct buf spki = { 0 };

	trusted(w, &(struct make)ROOT);
	give(w, &(struct make)LEAF);
	give(w, &(struct make)INTER);
	make_spki(2, &spki);
	store_add_key(w->store, buf_view(&spki))->distrusted = PURPOSES_ALL;
	refuses(w, REASON_DISTRUSTED);
	assert_int_equal(w->verdict.best->reasons.all[0].depth, 1);
	buf_done(&spki);
}

static void distrust_for_another_purpose_is_none(void **state)
{
	struct world *w = *state;
	struct buf spki = { 0 };

	trusted(w, &(struct make)ROOT);
	give(w, &(struct make)LEAF);
	give(w, &(struct make)INTER);
	make_spki(2, &spki);
	store_add_key(w->store, buf_view(&spki))->distrusted = PURPOSE_BIT(PURPOSE_EMAIL);
	accepts(w, 3);
	buf_done(&spki);
}

static void a_serial_number_distrusted_with_its_issuer_is_found_in_any_spelling(void **state)
{
	struct world *w = *state;
	static const uint8_t serial[] = { 0x00, 0x01 };
	struct cert cert;
	struct err *none = NULL;
	bool ok;

	trusted(w, &(struct make)ROOT);
	give(w, &(struct make)LEAF);
	give(w, &(struct make)INTER);
	ok = cert_read(w->given[1].der, &cert, none);
	assert_true(ok);
	store_add_issuer_serial(w->store, cert.issuer, (struct bytes){ serial, sizeof(serial) })->distrusted =
		PURPOSES_ALL;
	refuses(w, REASON_DISTRUSTED);
}

static void with_and_without_are_as_if_the_store_were_another(void **state)
{
	struct world *w = *state;
	struct store *extra = store_new("extra");
	struct buf der = { 0 };
	struct anchor *anchor;

	give(w, &(struct make)LEAF);
	give(w, &(struct make)INTER);
	refuses(w, REASON_UNKNOWN_CA);
	make_cert(&(struct make)ROOT, &der);
	anchor = store_add(extra, buf_view(&der), 0);
	trust_with(w->trust, extra);
	judge_free(w->judge);
	w->judge = NULL;
	accepts(w, 3);
	trust_without(w->trust, anchor->id);
	judge_free(w->judge);
	w->judge = NULL;
	refuses(w, REASON_UNKNOWN_CA);
	verdict_done(&w->verdict);
	trust_free(w->trust);
	w->trust = NULL;
	store_free(extra);
	buf_done(&der);
}

static void leave_out(struct world *w, const struct anchor *anchor)
{
	trust_without(w->trust, anchor->id);
	judge_free(w->judge);
	w->judge = NULL;
}

/* As if the store had been read without it. */
static void without_an_entry_what_it_alone_made_distrusted_is_trusted(void **state)
{
	struct world *w = *state;

	trusted(w, &(struct make)ROOT);
	for (unsigned i = 0; i < 2; i++) {
		trusted(w, &(struct make){ .cn = i == 0 ? "bad" : "worse", .key = 3 });
		w->store->anchors[1 + i].trusted = 0;
		w->store->anchors[1 + i].distrusted = PURPOSES_ALL;
	}
	store_finish(w->store);
	assert_int_equal(w->store->anchors[0].distrusted, PURPOSES_ALL);
	give(w, &(struct make)LEAF);
	give(w, &(struct make)INTER);
	refuses(w, REASON_DISTRUSTED);
	leave_out(w, &w->store->anchors[1]);
	refuses(w, REASON_DISTRUSTED);
	leave_out(w, &w->store->anchors[2]);
	accepts(w, 3);
}

static void what_came_with_one_target_does_not_help_the_next(void **state)
{
	struct world *w = *state;

	trusted(w, &(struct make)ROOT);
	give(w, &(struct make)LEAF);
	give(w, &(struct make)INTER);
	accepts(w, 3);
	w->count--;
	refuses(w, REASON_INCOMPLETE_CHAIN);
	w->count++;
	accepts(w, 3);
	assert_int_equal(w->verdict.signatures, 0);
}

static void intermediates_for_all_help_each_target(void **state)
{
	struct world *w = *state;

	trusted(w, &(struct make)ROOT);
	give(w, &(struct make)LEAF);
	give(w, &(struct make)INTER);
	store_finish(w->store);
	w->trust = trust_new(w->store);
	w->judge = judge_new(w->trust, &w->question, &w->evidence);
	judge_add(w->judge, &w->given[1], 1);
	w->count = 1;
	accepts(w, 3);
	w->count = 2;
	accepts(w, 3);
}

static void a_target_that_cannot_be_read_is_malformed_and_nothing_else(void **state)
{
	struct world *w = *state;

	trusted(w, &(struct make)ROOT);
	give(w, &(struct make)LEAF);
	w->given[0].der.len -= 3;
	refuses(w, REASON_MALFORMED);
	assert_int_equal(w->verdict.best->reasons.count, 1);
}

static void ends_in_time(struct world *w)
{
	struct timespec before, after;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
	refuses(w, REASON_SEARCH_LIMIT);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
	assert_true(after.tv_sec - before.tv_sec < 2);
	assert_true(w->verdict.signatures <= LIMIT_SIGNATURES);
	assert_true(w->verdict.tried <= LIMIT_PATHS);
}

/* Each of 32 CAs is certified by each other one, and none by an anchor. */
static void an_intermediate_that_cannot_be_read_is_told_where_one_is_missing(void **state)
{
	struct world *w = *state;

	trusted(w, &(struct make)ROOT);
	give(w, &(struct make)LEAF);
	give(w, &(struct make)INTER);
	w->given[1].der.len--;
	refuses(w, REASON_INCOMPLETE_CHAIN);
	assert_non_null(strstr(w->verdict.best->reasons.all[0].remedy, "chain.pem cannot be read"));
}

static void a_mesh_of_cross_signs_ends_in_time(void **state)
{
	struct world *w = *state;
	char subject[16], issuer[16];

	trusted(w, &(struct make)ROOT);
	give(w, &(struct make){ .cn = "leaf", .key = 100, .issuer = "CA 0", .issuer_key = 0, .leaf = true });
	for (unsigned i = 0; i < 32; i++)
		for (unsigned k = 0; k < 32; k++) {
			snprintf(subject, sizeof(subject), "CA %u", i);
			snprintf(issuer, sizeof(issuer), "CA %u", k);
			if (i != k)
				give(w, &(struct make){ .cn = subject,
							.key = i,
							.issuer = issuer,
							.issuer_key = k,
							.serial = 1 + i * 32 + k });
		}
	ends_in_time(w);
	verdict_done(&w->verdict);
	judge_try(w->judge, w->given, w->count, &w->verdict); /* now all signatures are known */
	ends_in_time(w);
}

/* A thousand keys of one name: only one of them signed the target. */
static void a_thousand_issuers_of_one_name_end_in_time(void **state)
{
	struct world *w = *state;

	trusted(w, &(struct make)ROOT);
	give(w,
	     &(struct make){ .cn = "leaf", .key = 5000, .issuer = "CA", .issuer_key = 6000, .leaf = true });
	for (unsigned i = 1; i <= 1000; i++)
		give(w,
		     &(struct make){
			     .cn = "CA", .key = 10 + i, .issuer = "CA", .issuer_key = 9 + i, .serial = i });
	ends_in_time(w);
}

static void a_long_chain_is_no_reason_but_the_work_is(void **state)
{
	struct world *w = *state;
	char subject[16], issuer[16];

	trusted(w, &(struct make){ .cn = "CA 300", .key = 300 });
	give(w, &(struct make){ .cn = "leaf", .key = 2000, .issuer = "CA 0", .issuer_key = 0, .leaf = true });
	for (unsigned i = 0; i < 300; i++) {
		snprintf(subject, sizeof(subject), "CA %u", i);
		snprintf(issuer, sizeof(issuer), "CA %u", i + 1);
		give(w, &(struct make){ .cn = subject, .key = i, .issuer = issuer, .issuer_key = i + 1 });
	}
	accepts(w, 302);
	for (unsigned i = 300; i < 1000; i++) {
		snprintf(subject, sizeof(subject), "CA %u", i);
		snprintf(issuer, sizeof(issuer), "CA %u", i + 1);
		give(w, &(struct make){ .cn = subject, .key = i, .issuer = issuer, .issuer_key = i + 1 });
	}
	trust_without(w->trust, w->store->anchors[0].id);
	judge_free(w->judge);
	w->judge = NULL;
	ends_in_time(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(without_an_entry_what_it_alone_made_distrusted_is_trusted,
						begin, end),
		cmocka_unit_test_setup_teardown(a_path_is_found_in_any_order_and_among_strangers, begin, end),
		cmocka_unit_test_setup_teardown(another_way_is_tried_when_the_first_leads_nowhere, begin,
						end),
		cmocka_unit_test_setup_teardown(another_way_is_tried_when_the_first_anchor_is_not_for_this,
						begin, end),
		cmocka_unit_test_setup_teardown(an_anchor_that_issued_itself_by_another_key_is_no_end, begin,
						end),
		cmocka_unit_test_setup_teardown(an_anchor_may_be_an_intermediate_or_the_target_itself, begin,
						end),
		cmocka_unit_test_setup_teardown(names_are_compared_as_names_and_not_as_bytes, begin, end),
		cmocka_unit_test_setup_teardown(a_chain_without_an_anchor_tells_what_is_missing, begin, end),
		cmocka_unit_test_setup_teardown(a_missing_issuer_is_wished_for_and_one_that_is_there_is_not,
						begin, end),
		cmocka_unit_test_setup_teardown(a_target_that_signed_itself_is_told_as_such, begin, end),
		cmocka_unit_test_setup_teardown(a_bad_signature_is_told_where_nothing_better_is_found, begin,
						end),
		cmocka_unit_test_setup_teardown(all_that_speaks_against_a_path_is_told, begin, end),
		cmocka_unit_test_setup_teardown(a_cross_sign_of_a_distrusted_key_does_not_pass, begin, end),
		cmocka_unit_test_setup_teardown(distrust_for_another_purpose_is_none, begin, end),
		cmocka_unit_test_setup_teardown(
			a_serial_number_distrusted_with_its_issuer_is_found_in_any_spelling, begin, end),
		cmocka_unit_test_setup_teardown(with_and_without_are_as_if_the_store_were_another, begin,
						end),
		cmocka_unit_test_setup_teardown(what_came_with_one_target_does_not_help_the_next, begin, end),
		cmocka_unit_test_setup_teardown(intermediates_for_all_help_each_target, begin, end),
		cmocka_unit_test_setup_teardown(a_target_that_cannot_be_read_is_malformed_and_nothing_else,
						begin, end),
		cmocka_unit_test_setup_teardown(
			an_intermediate_that_cannot_be_read_is_told_where_one_is_missing, begin, end),
		cmocka_unit_test_setup_teardown(a_mesh_of_cross_signs_ends_in_time, begin, end),
		cmocka_unit_test_setup_teardown(a_thousand_issuers_of_one_name_end_in_time, begin, end),
		cmocka_unit_test_setup_teardown(a_long_chain_is_no_reason_but_the_work_is, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
