/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "check/edition.h"
#include "check/refresh.h"
#include "check/roots.h"
#include "make.h"
#include "model/kind.h"
#include "model/store.h"

#define SERVER PURPOSE_BIT(PURPOSE_SERVER_AUTH)
#define MAIL   PURPOSE_BIT(PURPOSE_EMAIL)
#define YEAR   ((int64_t)31536000)
#define NOW    ((int64_t)1795000000) /* 2026-11-18 */

static const struct kind bundle = { "pem", "", CAN_MANY }, policy = { "p11-kit", "", CAN_ALL };

/* A store, a list, and what is known besides. */
struct scene {
	struct store *store, *next, *base, *local, *forbidden;
	struct roots roots;
	struct refresh refresh;
	const struct kind *target;
	int64_t at;
};

static int begin(void **state)
{
	struct scene *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	s->store = store_new("store");
	s->next = store_new("next");
	s->base = store_new("base");
	s->local = store_new("local");
	s->forbidden = store_new("forbidden");
	s->target = &bundle;
	s->at = NOW;
	*state = s;
	return 0;
}

static int end(void **state)
{
	struct scene *s = *state;

	refresh_done(&s->refresh);
	roots_done(&s->roots);
	store_free(s->store);
	store_free(s->next);
	store_free(s->base);
	store_free(s->local);
	store_free(s->forbidden);
	free(s);
	return 0;
}

/* The certificate of that number. */
static struct anchor *add(struct store *store, unsigned number, uint16_t trusted)
{
	char cn[32];
	struct buf der = { 0 };
	struct anchor *anchor;

	snprintf(cn, sizeof(cn), "Root %u", number);
	make_cert(&(struct make){ .cn = cn, .key = number, .serial = number }, &der);
	anchor = store_add(store, buf_view(&der), 0);
	anchor->trusted = trusted;
	buf_done(&der);
	return anchor;
}

static const struct refresh *review(struct scene *s)
{
	const struct store *bases[] = { s->base }, *locals[] = { s->local }, *forbidden[] = { s->forbidden };
	const struct refresh_question q = {
		.store = s->store,
		.target = s->target,
		.next = s->next,
		.source = "the list",
		.bases = bases,
		.base_count = 1,
		.locals = locals,
		.local_count = 1,
		.forbidden = forbidden,
		.forbidden_count = 1,
		.roots = &s->roots,
		.at = s->at,
	};

	store_finish(s->store);
	store_finish(s->next);
	store_finish(s->base);
	store_finish(s->local);
	store_finish(s->forbidden);
	refresh_done(&s->refresh);
	refresh_review(&q, &s->refresh);
	return &s->refresh;
}

/* The only entry there is. */
static const struct refresh_entry *only(struct scene *s, enum refresh_kind kind, enum refresh_cause cause)
{
	const struct refresh *r = review(s);

	assert_int_equal(r->count, 1);
	assert_string_equal(refresh_words[r->all[0].kind], refresh_words[kind]);
	assert_string_equal(cause_words[r->all[0].cause], cause_words[cause]);
	return &r->all[0];
}

static void fill_table(struct scene *s, const struct anchor *anchor, const char *rest)
{
	struct buf text = { 0 };
	struct err err = { 0 };

	buf_text(&text, "# a comment\n");
	for (int i = 0; i < ID_LEN; i++)
		buf_print(&text, "%02x", anchor->id[i]);
	buf_print(&text, "\t%s\tA root\n", rest);
	assert_true(roots_read(buf_view(&text), &s->roots, &err));
	buf_done(&text);
}

static void an_anchor_of_the_list_that_is_not_here_is_added(void **state)
{
	struct scene *s = *state;
	const struct refresh_entry *e;

	fill_table(s, add(s->next, 1, PURPOSES_ALL), "-\t-\t-\t-\tboth");
	e = only(s, REFRESH_ADDED, CAUSE_NONE);
	assert_true(e->asks && e->request == REQUEST_TRUST);
	assert_memory_equal(e->wish->id, e->after->id, ID_LEN);
}

static void a_new_anchor_that_is_on_no_known_list_is_told_as_such(void **state)
{
	struct scene *s = *state;

	add(s->next, 1, PURPOSES_ALL);
	assert_true(only(s, REFRESH_ADDED, CAUSE_UNKNOWN)->asks);
}

static void equal_lists_give_nothing_to_do(void **state)
{
	struct scene *s = *state;

	add(s->store, 1, PURPOSES_ALL);
	add(s->next, 1, PURPOSES_ALL);
	assert_int_equal(review(s)->count, 0);
	assert_int_equal(s->refresh.before, 1);
	assert_int_equal(s->refresh.after, 1);
}

static void what_the_list_dropped_goes_with_it(void **state)
{
	struct scene *s = *state;
	const struct refresh_entry *e;

	add(s->store, 1, PURPOSES_ALL);
	add(s->base, 1, PURPOSES_ALL);
	e = only(s, REFRESH_REMOVED, CAUSE_ABSENT);
	assert_true(e->asks && e->request == REQUEST_REMOVE);
	assert_string_equal(e->text, "no longer in the list");
}

static void an_anchor_on_no_known_list_stays(void **state)
{
	struct scene *s = *state;

	add(s->store, 1, PURPOSES_ALL);
	assert_false(only(s, REFRESH_KEPT, CAUSE_UNKNOWN)->asks);
}

static void an_anchor_of_this_host_s_own_stays_even_if_a_list_had_it(void **state)
{
	struct scene *s = *state;

	add(s->store, 1, PURPOSES_ALL);
	add(s->base, 1, PURPOSES_ALL);
	add(s->local, 1, PURPOSES_ALL);
	assert_false(only(s, REFRESH_KEPT, CAUSE_LOCAL)->asks);
}

static void what_is_forbidden_here_stays_out(void **state)
{
	struct scene *s = *state;

	add(s->next, 1, PURPOSES_ALL);
	add(s->forbidden, 1, 0);
	assert_false(only(s, REFRESH_KEPT, CAUSE_FORBIDDEN)->asks);
}

static void what_the_store_distrusts_stays_distrusted(void **state)
{
	struct scene *s = *state;

	add(s->next, 1, PURPOSES_ALL);
	add(s->store, 1, 0)->distrusted = PURPOSES_ALL;
	s->target = &policy;
	assert_false(only(s, REFRESH_KEPT, CAUSE_FORBIDDEN)->asks);
}

static void a_removal_says_that_it_expired(void **state)
{
	struct scene *s = *state;

	add(s->store, 1, PURPOSES_ALL);
	add(s->base, 1, PURPOSES_ALL);
	s->at = NOW + 100 * YEAR;
	assert_non_null(strstr(only(s, REFRESH_REMOVED, CAUSE_EXPIRED)->text, "expired on "));
}

static void a_removal_says_what_mozilla_did(void **state)
{
	struct scene *s = *state;

	fill_table(s, add(s->store, 1, PURPOSES_ALL), "2.84\t2026-04-09\t2024-11-30T23:59:59Z\t-\tboth");
	assert_string_equal(only(s, REFRESH_REMOVED, CAUSE_MOZILLA)->text,
			    "removed by Mozilla, after version 2.84 of its list (2026-04-09); nothing that "
			    "it issued counted after 2024-11-30");
}

static void a_removal_says_that_a_date_has_passed(void **state)
{
	struct scene *s = *state;

	fill_table(s, add(s->store, 1, PURPOSES_ALL), "-\t-\t2026-04-15T23:59:59Z\t-\tboth");
	assert_string_equal(only(s, REFRESH_REMOVED, CAUSE_DISTRUST_AFTER)->text,
			    "Mozilla trusts nothing that it issued after 2026-04-15");
}

static void a_removal_says_that_it_is_for_mail_alone_now(void **state)
{
	struct scene *s = *state;

	fill_table(s, add(s->store, 1, PURPOSES_ALL), "-\t-\t-\t-\temail");
	only(s, REFRESH_REMOVED, CAUSE_PURPOSE);
}

static void a_date_that_is_to_come_is_no_reason(void **state)
{
	struct scene *s = *state;

	fill_table(s, add(s->store, 1, PURPOSES_ALL), "-\t-\t2027-04-15T23:59:59Z\t-\tboth");
	only(s, REFRESH_REMOVED, CAUSE_ABSENT);
}

static void what_the_list_distrusts_is_distrusted(void **state)
{
	struct scene *s = *state;
	const struct refresh_entry *e;

	add(s->store, 1, PURPOSES_ALL);
	add(s->next, 1, 0)->distrusted = PURPOSES_ALL;
	e = only(s, REFRESH_REMOVED, CAUSE_DISTRUSTED);
	assert_true(e->asks && e->request == REQUEST_DISTRUST);
}

static void a_list_s_distrust_is_taken_over_where_it_can_be_said(void **state)
{
	struct scene *s = *state;

	add(s->next, 1, 0)->distrusted = PURPOSES_ALL;
	assert_int_equal(review(s)->count, 0);
	s->target = &policy;
	assert_true(only(s, REFRESH_TRUST, CAUSE_DISTRUSTED)->request == REQUEST_DISTRUST);
}

static void mail_only_roots_are_nothing_for_a_bundle(void **state)
{
	struct scene *s = *state;

	add(s->next, 1, MAIL);
	add(s->store, 2, PURPOSES_ALL);
	add(s->next, 2, MAIL);
	only(s, REFRESH_REMOVED, CAUSE_PURPOSE);
}

static void purposes_are_taken_over_where_both_can_say_them(void **state)
{
	struct scene *s = *state;

	add(s->store, 1, SERVER | MAIL);
	add(s->next, 1, SERVER);
	assert_int_equal(review(s)->count, 0);
	s->target = &policy;
	assert_int_equal(only(s, REFRESH_TRUST, CAUSE_NONE)->wish->trusted, SERVER);
}

static void a_list_without_purposes_changes_none_and_brings_anchors_for_servers(void **state)
{
	struct scene *s = *state;

	s->target = &policy;
	add(s->store, 1, SERVER | MAIL);
	add(s->next, 1, PURPOSES_ALL);
	add(s->next, 2, PURPOSES_ALL);
	assert_int_equal(only(s, REFRESH_ADDED, CAUSE_UNKNOWN)->wish->trusted, SERVER);
}

static void a_new_date_is_taken_over_or_said_to_be_lost(void **state)
{
	struct scene *s = *state;

	add(s->store, 1, SERVER);
	add(s->next, 1, SERVER)->distrust_after[PURPOSE_SERVER_AUTH] = NOW;
	assert_false(only(s, REFRESH_DISTRUST_AFTER, CAUSE_CANNOT)->asks);
	s->target = &policy;
	assert_true(only(s, REFRESH_DISTRUST_AFTER, CAUSE_NONE)->asks);
}

static void a_renewed_root_is_told_as_such(void **state)
{
	struct scene *s = *state;
	struct buf der = { 0 };

	add(s->store, 1, PURPOSES_ALL);
	add(s->base, 1, PURPOSES_ALL);
	make_cert(&(struct make){ .cn = "Root 1 new", .key = 1, .serial = 99 }, &der);
	store_add(s->next, buf_view(&der), 0)->trusted = PURPOSES_ALL;
	buf_done(&der);
	assert_int_equal(review(s)->count, 2);
	assert_int_equal(s->refresh.all[0].cause, CAUSE_RENEWED);
	assert_int_equal(s->refresh.all[1].kind, REFRESH_ADDED);
}

/* `had` roots here, of which the list still has the first `has`. */
static bool bounded(struct scene *s, unsigned had, unsigned has, const struct refresh_bounds *bounds,
		    struct err *err)
{
	for (unsigned i = 1; i <= had; i++) {
		add(s->store, i, PURPOSES_ALL);
		add(s->base, i, PURPOSES_ALL);
		if (i <= has)
			add(s->next, i, PURPOSES_ALL);
	}
	return refresh_bounded(review(s), bounds, err);
}

static void a_fifth_fewer_is_taken(void **state)
{
	struct err err = { 0 };

	assert_true(bounded(*state, 10, 8, &(struct refresh_bounds){ .max_shrink = 20 }, &err));
}

static void more_than_a_fifth_fewer_is_refused_unless_allowed(void **state)
{
	struct scene *s = *state;
	struct err err = { 0 };

	assert_false(bounded(s, 10, 7, &(struct refresh_bounds){ .max_shrink = 20 }, &err));
	assert_non_null(strstr(err.text, "7 of 10"));
	assert_non_null(strstr(err.text, "--allow-shrink"));
	assert_true(refresh_bounded(&s->refresh, &(struct refresh_bounds){ .max_shrink = 30 }, &err));
	assert_true(refresh_bounded(
		&s->refresh, &(struct refresh_bounds){ .max_shrink = 20, .allow_shrink = true }, &err));
}

/* Ten roots here; the list has others in the place of three. */
static void as_many_others_are_no_newer_list(void **state)
{
	struct scene *s = *state;
	struct err err = { 0 };

	for (unsigned i = 11; i <= 13; i++)
		add(s->next, i, PURPOSES_ALL);
	assert_false(bounded(s, 10, 7, &(struct refresh_bounds){ .max_shrink = 20 }, &err));
	assert_int_equal(s->refresh.before, s->refresh.after);
	assert_non_null(strstr(err.text, "3 of 10"));
	assert_non_null(strstr(err.text, "--allow-shrink"));
	assert_true(refresh_bounded(&s->refresh, &(struct refresh_bounds){ .max_shrink = 30 }, &err));
	assert_true(refresh_bounded(
		&s->refresh, &(struct refresh_bounds){ .max_shrink = 20, .allow_shrink = true }, &err));
}

/* What has expired by itself needs no list to go. */
static void what_goes_for_another_reason_is_not_the_lists_doing(void **state)
{
	struct scene *s = *state;
	struct err err = { 0 };

	s->at = NOW + 100 * YEAR;
	for (unsigned i = 11; i <= 13; i++)
		add(s->next, i, PURPOSES_ALL);
	assert_true(bounded(s, 10, 7, &(struct refresh_bounds){ .max_shrink = 20 }, &err));
	assert_int_equal(s->refresh.unexplained, 0);
}

static void an_empty_list_is_refused_always(void **state)
{
	struct err err = { 0 };

	assert_false(bounded(*state, 3, 0,
			     &(struct refresh_bounds){ .max_shrink = 100, .allow_shrink = true }, &err));
}

static void an_older_list_is_refused_unless_allowed(void **state)
{
	struct scene *s = *state;
	struct refresh_bounds bounds = { .was = "20250419", .is = "20230311+deb12u1", .max_shrink = 20 };
	struct err err = { 0 };

	assert_false(bounded(s, 3, 3, &bounds, &err));
	assert_non_null(strstr(err.text, "--allow-older"));
	bounds.allow_older = true;
	assert_true(refresh_bounded(&s->refresh, &bounds, &err));
	bounds = (struct refresh_bounds){ .was = "20230311", .is = "20230311", .max_shrink = 20 };
	assert_true(refresh_bounded(&s->refresh, &bounds, &err));
}

static void editions_are_ordered_as_dpkg_orders_versions(void **state)
{
	/* Each is older than the next. */
	static const char *const all[] = { "20210119~deb9u1",
					   "20210119",
					   "20230311",
					   "20230311+deb12u1",
					   "20250419~deb12u2",
					   "20250419",
					   "20250419+deb13u1",
					   "20260816+nmu1",
					   "1:1-1",
					   "1:1-1.1",
					   "1:1-2" };

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		for (size_t k = 0; k < sizeof(all) / sizeof(all[0]); k++) {
			int c = edition_compare(all[i], all[k]);

			assert_int_equal((c > 0) - (c < 0), (i > k) - (i < k));
		}
	assert_int_equal(edition_compare("2026.5.20", "2026.05.20"), 0);
	assert_true(edition_compare("2.9", "2.60") < 0);
	assert_true(edition_compare("2025-05-20", "2025-12-02") < 0);
}

static void edition(enum publisher publisher, const char *text, const char *want)
{
	char *got = edition_of(publisher, bytes_of(text));

	if (want == NULL)
		assert_null(got);
	else
		assert_string_equal(got, want);
	free(got);
}

static void an_edition_is_found_where_its_publisher_writes_it(void **state)
{
	enum publisher publisher = PUBLISHER_NONE;
	char *named = edition_named("/a/ca-certificates_20250419~deb12u2_all.deb", &publisher);

	(void)state;
	assert_string_equal(named, "20250419~deb12u2");
	assert_int_equal(publisher, PUBLISHER_DEBIAN);
	free(named);
	assert_null(edition_named("ca-certificates-2024.rpm", &publisher));
	edition(PUBLISHER_CERTIFI, "x = 1\n__version__ = \"2026.05.20\"\n", "2026.05.20");
	edition(PUBLISHER_CERTIFI, "__version__ = version()", NULL);
	edition(PUBLISHER_BUILTINS, "..Version: NSS Builtin Trusted Root CAs 2.92\n", "2.92");
	edition(PUBLISHER_BUILTINS, "NSS Builtin Trusted Root CAs ", NULL);
	edition(PUBLISHER_CURL, "##\n## Certificate data from Mozilla as of: Tue May 20 03:12:02 2025 GMT\n",
		"2025-05-20");
	edition(PUBLISHER_CURL,
		"## Certificate data from Mozilla last updated on: Tue Dec  2 04:12:02 2025 GMT\n",
		"2025-12-02");
	edition(PUBLISHER_CURL, "## Certificate data from Mozilla as of: yesterday\n", NULL);
	edition(PUBLISHER_DEBIAN,
		"Package: a\nVersion: 1\n\nPackage: ca-certificates\nStatus: x\nVersion: 20230311\n\n",
		"20230311");
	edition(PUBLISHER_DEBIAN, "Package: ca-certificates\nStatus: x\n\nPackage: b\nVersion: 1\n", NULL);
	edition(PUBLISHER_DEBIAN, "", NULL);
}

static void a_line_of_the_table_that_is_none_is_an_error_with_its_number(void **state)
{
	struct scene *s = *state;
	struct err err = { 0 };

	assert_false(roots_read(bytes_of("# a\n\nab\t-\t-\t-\t-\tboth\tname\n"), &s->roots, &err));
	assert_non_null(strstr(err.text, "line 3"));
}

#define test(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(an_anchor_of_the_list_that_is_not_here_is_added),
		test(a_new_anchor_that_is_on_no_known_list_is_told_as_such),
		test(equal_lists_give_nothing_to_do),
		test(what_the_list_dropped_goes_with_it),
		test(an_anchor_on_no_known_list_stays),
		test(an_anchor_of_this_host_s_own_stays_even_if_a_list_had_it),
		test(what_is_forbidden_here_stays_out),
		test(what_the_store_distrusts_stays_distrusted),
		test(a_removal_says_that_it_expired),
		test(a_removal_says_what_mozilla_did),
		test(a_removal_says_that_a_date_has_passed),
		test(a_removal_says_that_it_is_for_mail_alone_now),
		test(a_date_that_is_to_come_is_no_reason),
		test(what_the_list_distrusts_is_distrusted),
		test(a_list_s_distrust_is_taken_over_where_it_can_be_said),
		test(mail_only_roots_are_nothing_for_a_bundle),
		test(purposes_are_taken_over_where_both_can_say_them),
		test(a_list_without_purposes_changes_none_and_brings_anchors_for_servers),
		test(a_new_date_is_taken_over_or_said_to_be_lost),
		test(a_renewed_root_is_told_as_such),
		test(a_fifth_fewer_is_taken),
		test(more_than_a_fifth_fewer_is_refused_unless_allowed),
		test(as_many_others_are_no_newer_list),
		test(what_goes_for_another_reason_is_not_the_lists_doing),
		test(an_empty_list_is_refused_always),
		test(an_older_list_is_refused_unless_allowed),
		test(editions_are_ordered_as_dpkg_orders_versions),
		test(an_edition_is_found_where_its_publisher_writes_it),
		test(a_line_of_the_table_that_is_none_is_an_error_with_its_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
