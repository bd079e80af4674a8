/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What one user trusts beside the system: files, variables and the NSS database, in a tree of its own. */
#include "unit.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/root.h"
#include "feed.h"
#include "format/format.h"
#include "medium/token.h"
#include "model/anchor.h"
#include "nss-case.h"
#include "stage/user.h"

static struct store *system_store, *ca;

static int set_up(void **state)
{
	(void)state;
	system_store = feed_roots(3);
	ca = nss_make("A CA", 11, true);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	store_free(system_store);
	store_free(ca);
	return 0;
}

/* A home in a tree; its data is in no place of the standard's. */
struct tree {
	char *path;
	struct root root;
	struct user_home home;
	char *data, *config;
};

static void tree_make(struct tree *tree, const char *data)
{
	struct err err = { 0 };

	*tree = (struct tree){ .path = feed_directory() };
	assert_true(feed_run(NULL, "mkdir -p %s/home/u", tree->path));
	assert_true(root_open(tree->path, &tree->root, &err));
	tree->data = mem_print("/home/u/%s", data);
	tree->config = mem_print("/home/u/.config");
	tree->home = (struct user_home){ "/home/u", tree->data, tree->config, system_store };
}

static void tree_done(struct tree *tree)
{
	free(tree->data);
	free(tree->config);
	root_done(&tree->root);
	feed_remove(tree->path);
}

static bool stage(const struct tree *tree, enum request_kind kind, const struct anchor *anchor,
		  struct staged *ret, struct err *err)
{
	struct requests requests = { 0 };
	struct terms terms = { .at = 1795392000 };
	struct target target = { .name = (char *)(uintptr_t) "user",
				 .stager = &stager_user,
				 .user = &tree->home };
	bool ok;

	if (anchor != NULL)
		requests_add(&requests, kind, anchor);
	ok = stager_user.stage(&tree->root, &target, &requests, &terms, ret, err);
	requests_done(&requests);
	return ok;
}

static void perform(const struct tree *tree, const struct edits *edits)
{
	for (size_t i = 0; i < edits->count; i++) {
		const struct edit *edit = &edits->all[i];

		if (edit->kind == EDIT_DIRECTORY)
			assert_true(feed_run(NULL, "mkdir '%s%s'", tree->path, edit->path));
		else if (edit->kind == EDIT_REMOVE)
			assert_true(feed_run(NULL, "rm '%s%s'", tree->path, edit->path));
		else
			feed_file(tree->path, edit->path, buf_view(&edit->content));
	}
}

/* Stages, performs, and stages once more, which must find nothing to do. */
static void change(const struct tree *tree, enum request_kind kind, const struct anchor *anchor,
		   enum outcome_kind outcome)
{
	struct staged staged = { 0 };
	struct err err = { 0 };

	if (!stage(tree, kind, anchor, &staged, &err))
		fail_msg("%s", err.text);
	assert_int_equal(staged.outcome_count, 1);
	if (staged.outcomes[0].kind != outcome)
		fail_msg("%s and not %s", outcome_words[staged.outcomes[0].kind], outcome_words[outcome]);
	perform(tree, &staged.edits);
	staged_done(&staged);
	assert_true(stage(tree, kind, anchor, &staged, &err));
	if (staged.edits.count > 0)
		fail_msg("%s is edited again", staged.edits.all[0].path);
	staged_done(&staged);
}

/* How many certificates a file holds; 0: it is not there. */
static size_t holds(const struct tree *tree, const char *name)
{
	char *path = mem_print("%s%s/anchorage/%s", tree->path, tree->data, name);
	struct buf said = { 0 };
	size_t ret;

	feed_run(&said, "cat '%s' 2>/dev/null | grep -c BEGIN", path);
	buf_byte(&said, 0);
	ret = strtoul((const char *)said.at, NULL, 10);
	buf_done(&said);
	free(path);
	return ret;
}

static bool has_line(const struct tree *tree, const char *line)
{
	return feed_run(NULL, "grep -qxF '%s' %s/home/u/.config/environment.d/60-anchorage.conf", line,
			tree->path);
}

static void an_own_anchor_is_in_the_bundle_the_variables_and_the_database(void **state)
{
	struct tree tree;

	(void)state;
	tree_make(&tree, "data");
	change(&tree, REQUEST_TRUST, &ca->anchors[0], OUTCOME_DONE);
	assert_int_equal(holds(&tree, "ca-bundle.pem"), 4);
	assert_int_equal(holds(&tree, "own.pem"), 1);
	assert_int_equal(holds(&tree, "anchors/A_CA.pem"), 1);
	assert_true(has_line(&tree, "SSL_CERT_FILE=\"/home/u/data/anchorage/ca-bundle.pem\""));
	assert_true(has_line(&tree, "REQUESTS_CA_BUNDLE=\"/home/u/data/anchorage/ca-bundle.pem\""));
	assert_true(has_line(&tree, "NODE_EXTRA_CA_CERTS=\"/home/u/data/anchorage/own.pem\""));
	assert_false(feed_run(NULL, "grep -q SSL_CERT_DIR %s/home/u/.config/environment.d/*", tree.path));
	if (nss_is_here()) {
		assert_true(feed_run(NULL,
				     "certutil -L -d sql:%s/home/u/data/pki/nssdb | grep -q '^A CA .* C,,'",
				     tree.path));
		change(&tree, REQUEST_DISTRUST, &ca->anchors[0], OUTCOME_DONE);
		assert_true(feed_run(NULL,
				     "certutil -L -d sql:%s/home/u/data/pki/nssdb | grep -q '^A CA .* p,p,p'",
				     tree.path));
	}
	change(&tree, REQUEST_REMOVE, &ca->anchors[0], OUTCOME_DONE);
	assert_true(feed_run(NULL, "! find %s/home/u/data/anchorage %s/home/u/.config -type f | grep .",
			     tree.path, tree.path));
	tree_done(&tree);
}

static void what_is_forbidden_is_left_out_and_openssl_finds_no_directory_beside(void **state)
{
	const struct anchor *root = &system_store->anchors[1];
	struct tree tree;

	(void)state;
	tree_make(&tree, "data");
	change(&tree, REQUEST_DISTRUST, root, OUTCOME_DONE);
	assert_int_equal(holds(&tree, "ca-bundle.pem"), 2);
	assert_int_equal(holds(&tree, "own.pem"), 0);
	assert_true(has_line(&tree, "SSL_CERT_DIR=\"/home/u/data/anchorage/anchors\""));
	assert_false(feed_run(NULL, "grep -q NODE_EXTRA %s/home/u/.config/environment.d/*", tree.path));
	change(&tree, REQUEST_TRUST, &ca->anchors[0], OUTCOME_DONE);
	assert_int_equal(holds(&tree, "ca-bundle.pem"), 3);
	change(&tree, REQUEST_LIFT, root, OUTCOME_DONE);
	assert_int_equal(holds(&tree, "ca-bundle.pem"), 4);
	/* What the system's list has can be removed by forbidding it alone. */
	change(&tree, REQUEST_REMOVE, root, OUTCOME_FORBIDDEN);
	assert_int_equal(holds(&tree, "ca-bundle.pem"), 3);
	change(&tree, REQUEST_TRUST, root, OUTCOME_DONE);
	assert_int_equal(holds(&tree, "ca-bundle.pem"), 4);
	assert_int_equal(holds(&tree, "own.pem"), 2);
	tree_done(&tree);
}

static void without_requests_the_bundle_follows_the_system(void **state)
{
	struct store *grown = feed_roots(5);
	struct staged staged = { 0 };
	struct err err = { 0 };
	struct tree tree;

	(void)state;
	tree_make(&tree, "data");
	assert_true(stage(&tree, REQUEST_TRUST, NULL, &staged, &err));
	assert_int_equal(staged.edits.count, 0);
	staged_done(&staged);
	change(&tree, REQUEST_TRUST, &ca->anchors[0], OUTCOME_DONE);
	tree.home.system = grown;
	assert_true(stage(&tree, REQUEST_TRUST, NULL, &staged, &err));
	assert_int_equal(staged.edits.count, 1);
	perform(&tree, &staged.edits);
	staged_done(&staged);
	assert_int_equal(holds(&tree, "ca-bundle.pem"), 6);
	store_free(grown);
	tree_done(&tree);
}

static void a_system_without_anchors_makes_no_bundle(void **state)
{
	struct store *empty = store_new("empty");
	struct staged staged = { 0 };
	struct err err = { 0 };
	struct tree tree;

	(void)state;
	store_finish(empty);
	tree_make(&tree, "data");
	tree.home.system = empty;
	assert_false(stage(&tree, REQUEST_TRUST, &ca->anchors[0], &staged, &err));
	assert_int_equal(err.code, ERR_ABSENT);
	assert_non_null(strstr(err.text, "the system has no anchors for TLS servers"));
	store_free(empty);
	tree_done(&tree);
}

static void another_s_file_of_variables_is_not_replaced(void **state)
{
	struct staged staged = { 0 };
	struct err err = { 0 };
	struct tree tree;

	(void)state;
	tree_make(&tree, "data");
	assert_true(feed_run(NULL,
			     "mkdir -p %s/home/u/.config/environment.d && "
			     "echo A=b >%s/home/u/.config/environment.d/60-anchorage.conf",
			     tree.path, tree.path));
	assert_false(stage(&tree, REQUEST_TRUST, &ca->anchors[0], &staged, &err));
	assert_non_null(strstr(err.text, "was not made by anchorage"));
	tree_done(&tree);
}

static void an_old_shared_database_is_the_one_that_counts(void **state)
{
	struct tree tree;
	char *path;

	(void)state;
	tree_make(&tree, "data");
	path = user_nss_path(&tree.root, &tree.home);
	assert_string_equal(path, "/home/u/data/pki/nssdb");
	free(path);
	assert_true(feed_run(NULL, "mkdir -p %s/home/u/.pki/nssdb", tree.path));
	path = user_nss_path(&tree.root, &tree.home);
	assert_string_equal(path, "/home/u/.pki/nssdb");
	free(path);
	tree_done(&tree);
}

static void without_softokn_the_rest_is_done_and_the_database_told(void **state)
{
	struct staged staged = { 0 };
	struct err err = { 0 };
	struct tree tree;

	(void)state;
	tree_make(&tree, "data");
	token_tuning.softokn = "libanchorage-none.so";
	assert_true(stage(&tree, REQUEST_TRUST, &ca->anchors[0], &staged, &err));
	token_tuning.softokn = "libsoftokn3.so";
	assert_int_equal(staged.notes.count, 1);
	assert_non_null(strstr(staged.notes.all[0], "install libnss3"));
	assert_true(staged.edits.count > 0);
	staged_done(&staged);
	tree_done(&tree);
}

static void what_is_not_in_effect_is_told_by_the_environment(void **state)
{
	static const char *const environment[] = { "SSL_CERT_FILE=/home/u/data/anchorage/ca-bundle.pem",
						   "PIP_CERT=/etc/other.pem", "XPIP_CERT=no", NULL };
	struct settings settings = { 0 };
	struct err err = { 0 };
	struct lack *lacks;
	size_t count = 0;
	struct tree tree;

	(void)state;
	tree_make(&tree, "data");
	assert_true(user_settings(&tree.root, &tree.home, &settings, &err));
	assert_int_equal(settings.count, 0);
	settings_done(&settings);
	change(&tree, REQUEST_TRUST, &ca->anchors[0], OUTCOME_DONE);
	assert_true(user_settings(&tree.root, &tree.home, &settings, &err));
	assert_true(settings.count > 10);
	lacks = settings_lacking(&settings, (char *const *)(uintptr_t)environment, &count);
	assert_int_equal(count, settings.count - 1);
	for (size_t i = 0; i < count; i++) {
		assert_string_not_equal(lacks[i].setting->row->name, "SSL_CERT_FILE");
		if (strcmp(lacks[i].setting->row->name, "PIP_CERT") == 0)
			assert_string_equal(lacks[i].has, "/etc/other.pem");
		else
			assert_null(lacks[i].has);
	}
	free(lacks);
	settings_done(&settings);
	tree_done(&tree);
}

/* Both ways of writing are read by those who read them. */
static void odd_paths_survive_the_shell_and_environment_d(void **state)
{
	static const char odd[] = "/home/a b/$HOME/it's/\"x\"/\\y/`z`";
	struct settings settings;
	struct buf text = { 0 }, said = { 0 };
	char *directory = feed_directory();

	(void)state;
	settings_make(odd, NULL, NULL, &settings);
	settings_shell(&settings, &text);
	feed_file(directory, "lines", buf_view(&text));
	assert_true(feed_run(&said, ". %s/lines && printf '%%s' \"$SSL_CERT_FILE\"", directory));
	assert_true(bytes_equal(buf_view(&said), bytes_of(odd)));
	text.len = 0;
	settings_text(&settings, &text);
	assert_true(
		bytes_start(buf_view(&text),
			    bytes_of("SSL_CERT_FILE=\"/home/a b/$$HOME/it's/\\\"x\\\"/\\\\y/\\`z\\`\"\n")));
	settings_done(&settings);
	buf_done(&text);
	buf_done(&said);
	feed_remove(directory);
}

static void a_mail_ca_is_for_the_database_alone(void **state)
{
	struct anchor mail = ca->anchors[0];
	struct tree tree;

	(void)state;
	NEEDS_NSS();
	tree_make(&tree, "data");
	mail.trusted = PURPOSE_BIT(PURPOSE_EMAIL);
	change(&tree, REQUEST_TRUST, &mail, OUTCOME_DONE);
	assert_int_equal(holds(&tree, "ca-bundle.pem"), 0);
	assert_true(feed_run(NULL, "certutil -L -d sql:%s/home/u/data/pki/nssdb | grep -q '^A CA .* ,C,'",
			     tree.path));
	tree_done(&tree);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_own_anchor_is_in_the_bundle_the_variables_and_the_database),
		cmocka_unit_test(what_is_forbidden_is_left_out_and_openssl_finds_no_directory_beside),
		cmocka_unit_test(without_requests_the_bundle_follows_the_system),
		cmocka_unit_test(a_system_without_anchors_makes_no_bundle),
		cmocka_unit_test(another_s_file_of_variables_is_not_replaced),
		cmocka_unit_test(an_old_shared_database_is_the_one_that_counts),
		cmocka_unit_test(without_softokn_the_rest_is_done_and_the_database_told),
		cmocka_unit_test(what_is_not_in_effect_is_told_by_the_environment),
		cmocka_unit_test(odd_paths_survive_the_shell_and_environment_d),
		cmocka_unit_test(a_mail_ca_is_for_the_database_alone),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
