/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/root.h"
#include "feed.h"
#include "model/edit.h"
#include "stage/brought.h"
#include "stage/stager.h"

/* A root in which the record is written by hand, as if the edits were performed. */
struct scene {
	char *folder;
	struct root root;
	struct store *roots; /* three certificates */
	struct target target;
};

static int begin(void **state)
{
	static char name[] = "record", path[] = "/record", label[] = "certifi\t2030\t/a.whl";
	struct scene *s = calloc(1, sizeof(*s));
	struct err err;

	assert_non_null(s);
	s->folder = feed_directory();
	assert_true(root_open(s->folder, &s->root, &err));
	s->roots = feed_roots(3);
	s->target = (struct target){ .name = name, .stager = &stager_brought, .path = path, .label = label };
	*state = s;
	return 0;
}

static int end(void **state)
{
	struct scene *s = *state;

	root_done(&s->root);
	feed_remove(s->folder);
	store_free(s->roots);
	free(s);
	return 0;
}

/* Stages and writes. How many edits there were. */
static size_t step(struct scene *s, enum request_kind kind, size_t from, size_t to)
{
	struct requests requests = { 0 };
	const struct terms terms = { .at = 0 };
	struct staged staged = { 0 };
	struct err err = { 0 };
	size_t count;

	for (size_t i = from; i < to; i++)
		requests_add(&requests, kind, &s->roots->anchors[i]);
	assert_true(stager_brought.stage(&s->root, &s->target, &requests, &terms, &staged, &err));
	count = staged.edits.count;
	if (count > 0)
		feed_file(s->folder, "record", buf_view(&edits_find(&staged.edits, "/record")->content));
	staged_done(&staged);
	requests_done(&requests);
	return count;
}

static struct brought record(struct scene *s)
{
	struct brought brought;
	struct err err = { 0 };

	assert_true(brought_read(&s->root, "/record", &brought, &err));
	return brought;
}

static void without_a_file_nothing_was_brought(void **state)
{
	struct brought brought = record(*state);

	assert_null(brought.publisher);
	assert_int_equal(brought.came->count + brought.went->count, 0);
	brought_done(&brought);
}

static void what_came_and_went_is_kept_with_its_edition(void **state)
{
	struct scene *s = *state;
	struct brought brought;

	assert_int_equal(step(s, REQUEST_TRUST, 0, 2), 1);
	assert_int_equal(step(s, REQUEST_REMOVE, 2, 3), 1);
	brought = record(s);
	assert_string_equal(brought.publisher, "certifi");
	assert_string_equal(brought.edition, "2030");
	assert_string_equal(brought.source, "/a.whl");
	assert_int_equal(brought.came->count, 2);
	assert_non_null(store_find(brought.went, s->roots->anchors[2].id));
	brought_done(&brought);
}

static void staged_again_it_is_the_same(void **state)
{
	struct scene *s = *state;

	step(s, REQUEST_TRUST, 0, 2);
	step(s, REQUEST_REMOVE, 1, 3);
	assert_int_equal(step(s, REQUEST_REMOVE, 1, 3), 0);
	assert_int_equal(step(s, REQUEST_TRUST, 0, 0), 0);
}

static void what_came_and_went_later_has_gone(void **state)
{
	struct scene *s = *state;
	struct brought brought;

	step(s, REQUEST_TRUST, 0, 3);
	step(s, REQUEST_DISTRUST, 0, 1);
	brought = record(s);
	assert_null(store_find(brought.came, s->roots->anchors[0].id));
	assert_non_null(store_find(brought.went, s->roots->anchors[0].id));
	brought_done(&brought);
}

static void a_line_that_is_not_ours_is_an_error(void **state)
{
	struct scene *s = *state;
	struct brought brought;
	struct err err = { 0 };

	feed_file(s->folder, "record", bytes_of("list\ta\tb\tc\n+\t12\tname\n"));
	assert_false(brought_read(&s->root, "/record", &brought, &err));
	assert_non_null(strstr(err.text, "/record: line 2"));
	brought_done(&brought);
}

#define test(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(without_a_file_nothing_was_brought),  test(what_came_and_went_is_kept_with_its_edition),
		test(staged_again_it_is_the_same),         test(what_came_and_went_later_has_gone),
		test(a_line_that_is_not_ours_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
