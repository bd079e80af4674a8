/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What hides what in the files of an image. */
#include "unit.h"

#include <stdlib.h>

#include "base/limits.h"
#include "medium/tree.h"

static int begin(void **state)
{
	struct tree *tree = calloc(1, sizeof(*tree));

	assert_non_null(tree);
	tree_begin(tree, true);
	*state = tree;
	return 0;
}

static int end(void **state)
{
	tree_done(*state);
	free(*state);
	return 0;
}

static struct node *file(struct tree *tree, const char *path, uint32_t stage)
{
	struct node *node = tree_put(tree, path, NODE_FILE);

	if (node != NULL)
		node->stage = stage;
	return node;
}

static struct node *link_to(struct tree *tree, const char *path, const char *target)
{
	struct node *node = tree_put(tree, path, NODE_LINK);

	assert_non_null(node);
	node->target = target;
	return node;
}

/* The number of the file that a path leads to, 0 if it leads to none. */
static uint32_t at(struct tree *tree, const char *path)
{
	const struct node *node = tree_find(tree, path);

	return node != NULL && node->kind == NODE_FILE ? node->stage : 0;
}

static void what_comes_later_replaces(void **state)
{
	file(*state, "/etc/a.pem", 1);
	file(*state, "/etc/a.pem", 2);
	assert_int_equal(at(*state, "/etc/a.pem"), 2);
	assert_int_equal(at(*state, "etc//./a.pem"), 2);
	assert_int_equal(at(*state, "/etc/x/../a.pem"), 0);
	assert_int_equal(at(*state, "/etc"), 0);
}

static void a_file_in_place_of_a_folder_takes_its_files_along(void **state)
{
	struct node *node;

	file(*state, "/etc/ssl/a.pem", 1);
	file(*state, "/etc", 2);
	assert_int_equal(at(*state, "/etc"), 2);
	assert_int_equal(at(*state, "/etc/ssl/a.pem"), 0);
	node = tree_put(*state, "/etc/ssl", NODE_DIRECTORY);
	assert_non_null(node);
	assert_int_equal(at(*state, "/etc"), 0);
	assert_int_equal(at(*state, "/etc/ssl/a.pem"), 0);
}

static void names_with_dots_stay_inside(void **state)
{
	file(*state, "../../etc/../../a.pem", 1);
	assert_int_equal(at(*state, "/a.pem"), 1);
	assert_null(file(*state, "/etc/..", 2));
	assert_null(file(*state, "/.", 2));
	assert_null(file(*state, "/", 2));
}

static void links_start_again_at_the_top(void **state)
{
	file(*state, "/etc/a.pem", 1);
	link_to(*state, "/usr/absolute", "/etc/a.pem");
	link_to(*state, "/usr/relative", "../etc/a.pem");
	link_to(*state, "/usr/out", "../../../../../etc/a.pem");
	link_to(*state, "/usr/folder", "/etc");
	link_to(*state, "/usr/nowhere", "/nowhere");
	assert_int_equal(at(*state, "/usr/absolute"), 1);
	assert_int_equal(at(*state, "/usr/relative"), 1);
	assert_int_equal(at(*state, "/usr/out"), 1);
	assert_int_equal(at(*state, "/usr/folder/a.pem"), 1);
	assert_null(tree_find(*state, "/usr/nowhere"));
}

static void a_file_below_a_link_is_where_the_link_points(void **state)
{
	tree_put(*state, "/usr/lib", NODE_DIRECTORY);
	link_to(*state, "/lib", "usr/lib");
	file(*state, "/lib/a.pem", 1);
	assert_int_equal(at(*state, "/usr/lib/a.pem"), 1);
	assert_int_equal(tree_find(*state, "/lib")->kind, NODE_DIRECTORY);
	link_to(*state, "/later", "/made/by/it");
	file(*state, "/later/b.pem", 2);
	assert_int_equal(at(*state, "/made/by/it/b.pem"), 2);
}

static void links_in_circles_lead_nowhere(void **state)
{
	link_to(*state, "/a", "b");
	link_to(*state, "/b", "/a");
	link_to(*state, "/self", "self/x");
	assert_null(tree_find(*state, "/a"));
	assert_null(tree_find(*state, "/self"));
	assert_null(file(*state, "/a/x.pem", 1));
	assert_null(file(*state, "/self/x.pem", 1));
}

static void a_whiteout_takes_away_what_layers_below_have(void **state)
{
	struct tree *tree = *state;

	file(tree, "/etc/a.pem", 1);
	file(tree, "/etc/b.pem", 2);
	file(tree, "/etc/ssl/c.pem", 3);
	tree->layer++;
	assert_null(file(tree, "/etc/.wh.a.pem", 9));
	assert_null(file(tree, "/etc/.wh.ssl", 9));
	assert_null(file(tree, "/etc/.wh.none", 9));
	assert_int_equal(at(tree, "/etc/a.pem"), 0);
	assert_int_equal(at(tree, "/etc/b.pem"), 2);
	assert_int_equal(at(tree, "/etc/ssl/c.pem"), 0);
	assert_int_equal(at(tree, "/etc/.wh.a.pem"), 0);
}

static void a_whiteout_does_not_take_what_its_own_layer_has(void **state)
{
	struct tree *tree = *state;

	file(tree, "/etc/a.pem", 1);
	file(tree, "/etc/ssl/old.pem", 2);
	tree->layer++;
	file(tree, "/etc/a.pem", 3);
	file(tree, "/etc/ssl/new.pem", 4);
	file(tree, "/etc/.wh.a.pem", 9);
	file(tree, "/etc/.wh.ssl", 9);
	assert_int_equal(at(tree, "/etc/a.pem"), 3);
	assert_int_equal(at(tree, "/etc/ssl/new.pem"), 4);
	assert_int_equal(at(tree, "/etc/ssl/old.pem"), 0);
}

static void an_opaque_folder_has_what_its_own_layer_put_there(void **state)
{
	struct tree *tree = *state;

	file(tree, "/etc/old.pem", 1);
	file(tree, "/etc/ssl/old.pem", 2);
	tree->layer++;
	tree_put(tree, "/etc", NODE_DIRECTORY);
	file(tree, "/etc/ssl/new.pem", 3);
	file(tree, "/etc/.wh..wh..opq", 9);
	assert_int_equal(at(tree, "/etc/old.pem"), 0);
	assert_int_equal(at(tree, "/etc/ssl/old.pem"), 0);
	assert_int_equal(at(tree, "/etc/ssl/new.pem"), 3);
	tree->layer++;
	file(tree, "/etc/old.pem", 4);
	assert_int_equal(at(tree, "/etc/old.pem"), 4);
}

static void without_layers_a_whiteout_is_a_file(void **state)
{
	struct tree plain;

	(void)state;
	tree_begin(&plain, false);
	file(&plain, "/etc/a.pem", 1);
	plain.layer++;
	file(&plain, "/etc/.wh.a.pem", 2);
	assert_int_equal(at(&plain, "/etc/a.pem"), 1);
	assert_int_equal(at(&plain, "/etc/.wh.a.pem"), 2);
	tree_done(&plain);
}

static void depth_and_length_have_limits(void **state)
{
	char deep[4 * LIMIT_IMAGE_PARTS + 1] = "", name[300];

	for (int i = 0; i < 2 * LIMIT_IMAGE_PARTS; i++)
		strcat(deep, "/x");
	memset(name, 'y', sizeof(name));
	name[0] = '/';
	name[299] = '\0';
	assert_null(file(*state, deep, 1));
	deep[2 * LIMIT_IMAGE_PARTS - 2] = '\0';
	assert_non_null(file(*state, deep, 1));
	assert_null(file(*state, name, 1));
	name[256] = '\0';
	assert_non_null(file(*state, name, 1));
}

static void a_thousand_links_to_one_another_come_to_an_end(void **state)
{
	struct tree *tree = *state;

	/* Each path through them takes as many steps as are allowed; there is a limit for all together. */
	link_to(tree, "/l", "./././././././././././././././././././././././././././././././././././l");
	for (unsigned i = 0; tree->work <= LIMIT_IMAGE_WORK; i++)
		assert_null(tree_find(tree, "/l"));
	assert_null(file(tree, "/a.pem", 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
		TEST(what_comes_later_replaces),
		TEST(a_file_in_place_of_a_folder_takes_its_files_along),
		TEST(names_with_dots_stay_inside),
		TEST(links_start_again_at_the_top),
		TEST(a_file_below_a_link_is_where_the_link_points),
		TEST(links_in_circles_lead_nowhere),
		TEST(a_whiteout_takes_away_what_layers_below_have),
		TEST(a_whiteout_does_not_take_what_its_own_layer_has),
		TEST(an_opaque_folder_has_what_its_own_layer_put_there),
		TEST(without_layers_a_whiteout_is_a_file),
		TEST(depth_and_length_have_limits),
		TEST(a_thousand_links_to_one_another_come_to_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
