/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The CAs of a registry of containers: a file for each in certs.d/HOST. */
#include "unit.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/root.h"
#include "feed.h"
#include "format/format.h"
#include "model/anchor.h"
#include "stage/registry.h"
#include "stage/stager.h"

static struct store *roots;

static int set_up(void **state)
{
	(void)state;
	roots = feed_roots(3);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	store_free(roots);
	return 0;
}

static bool stage(const struct root *root, struct requests *requests, struct staged *ret, struct err *err)
{
	struct target target = { .name = (char *)(uintptr_t) "docker:reg.example:5000",
				 .stager = &stager_registry,
				 .path = registry_path("docker:reg.example:5000", NULL, err) };
	struct terms terms = { .at = 1795392000 };
	bool ok;

	assert_non_null(target.path);
	ok = stager_registry.stage(root, &target, requests, &terms, ret, err);
	free(target.path);
	return ok;
}

/* What one request comes to; the edits are performed in the tree. */
static void change(const char *tree, enum request_kind kind, const struct anchor *anchor,
		   enum outcome_kind outcome, size_t edits)
{
	struct requests requests = { 0 };
	struct staged staged = { 0 };
	struct root root;
	struct err err = { 0 };

	assert_true(root_open(tree, &root, &err));
	requests_add(&requests, kind, anchor);
	if (!stage(&root, &requests, &staged, &err))
		fail_msg("%s", err.text);
	assert_int_equal(staged.outcomes[0].kind, outcome);
	assert_int_equal(staged.edits.count, edits);
	for (size_t i = 0; i < staged.edits.count; i++) {
		const struct edit *edit = &staged.edits.all[i];

		if (edit->kind == EDIT_DIRECTORY)
			assert_true(feed_run(NULL, "mkdir '%s%s'", tree, edit->path));
		else if (edit->kind == EDIT_REMOVE)
			assert_true(feed_run(NULL, "rm '%s%s'", tree, edit->path));
		else
			feed_file(tree, edit->path, buf_view(&edit->content));
	}
	staged_done(&staged);
	/* Once more: nothing is left to do. */
	assert_true(stage(&root, &requests, &staged, &err));
	assert_int_equal(staged.edits.count, 0);
	staged_done(&staged);
	requests_done(&requests);
	root_done(&root);
}

static void names(const char *tree, const char *want)
{
	struct buf said = { 0 };

	assert_true(feed_run(&said, "cd %s/etc/docker/certs.d/reg.example:5000 && ls | tr '\\n' ' '", tree));
	if (!bytes_equal(buf_view(&said), bytes_of(want)))
		fail_msg("'%.*s' and not '%s'", (int)said.len, said.at, want);
	buf_done(&said);
}

static void a_ca_is_a_file_of_its_own_and_goes_with_it(void **state)
{
	char *tree = feed_directory();

	(void)state;
	assert_true(feed_run(NULL, "mkdir %s/etc", tree));
	change(tree, REQUEST_TRUST, &roots->anchors[0], OUTCOME_DONE, 4);
	names(tree, "root1.crt ");
	change(tree, REQUEST_TRUST, &roots->anchors[0], OUTCOME_ALREADY, 0);
	change(tree, REQUEST_LIFT, &roots->anchors[0], OUTCOME_ALREADY, 0);
	change(tree, REQUEST_REMOVE, &roots->anchors[1], OUTCOME_ALREADY, 0);
	change(tree, REQUEST_REMOVE, &roots->anchors[0], OUTCOME_DONE, 1);
	names(tree, "");
	change(tree, REQUEST_DISTRUST, &roots->anchors[0], OUTCOME_ABSENT, 0);
	feed_remove(tree);
}

static void a_file_is_known_by_what_it_holds_and_others_are_left_alone(void **state)
{
	static const char directory[] = "etc/docker/certs.d/reg.example:5000";
	struct store *two = feed_roots(2);
	struct buf pem = { 0 };
	char *tree = feed_directory(), *inner = mem_print("%s/%s", tree, directory);

	(void)state;
	feed_write(&format_pem, two, &pem);
	assert_true(feed_run(NULL, "mkdir -p %s && cd %s && echo key >client.key && echo x >root3.crt", inner,
			     inner));
	feed_file(inner, "mine.crt", buf_view(&pem));
	assert_true(feed_run(NULL, "rm %s/root3.crt && cp %s/mine.crt %s/client.cert", inner, inner, inner));
	change(tree, REQUEST_TRUST, &roots->anchors[1], OUTCOME_ALREADY, 0);
	change(tree, REQUEST_REMOVE, &roots->anchors[1], OUTCOME_DONE, 1);
	names(tree, "client.cert client.key mine.crt ");
	change(tree, REQUEST_TRUST, &roots->anchors[0], OUTCOME_ALREADY, 0);
	change(tree, REQUEST_REMOVE, &roots->anchors[0], OUTCOME_DONE, 1);
	names(tree, "client.cert client.key ");
	assert_true(feed_run(NULL, "echo taken >%s/root1.crt.bak && mkdir %s/root1.crt.d", inner, inner));
	change(tree, REQUEST_TRUST, &roots->anchors[0], OUTCOME_DONE, 1);
	names(tree, "client.cert client.key root1.crt root1.crt.bak root1.crt.d ");
	store_free(two);
	buf_done(&pem);
	free(inner);
	feed_remove(tree);
}

static void a_name_that_is_taken_is_numbered(void **state)
{
	struct anchor other = roots->anchors[1];
	char *tree = feed_directory();

	(void)state;
	assert_true(feed_run(NULL, "mkdir %s/etc", tree));
	other.label = "root1";
	change(tree, REQUEST_TRUST, &roots->anchors[0], OUTCOME_DONE, 4);
	change(tree, REQUEST_TRUST, &other, OUTCOME_DONE, 1);
	names(tree, "root1-2.crt root1.crt ");
	other = roots->anchors[2];
	other.label = "../a b/\xc3\xa4";
	change(tree, REQUEST_TRUST, &other, OUTCOME_DONE, 1);
	names(tree, "_._a_b___.crt root1-2.crt root1.crt ");
	feed_remove(tree);
}

static void what_is_for_no_server_is_refused(void **state)
{
	struct anchor mail = roots->anchors[0];
	char *tree = feed_directory();

	(void)state;
	assert_true(feed_run(NULL, "mkdir %s/etc", tree));
	mail.trusted = PURPOSE_BIT(PURPOSE_EMAIL);
	change(tree, REQUEST_TRUST, &mail, OUTCOME_CANNOT, 0);
	feed_remove(tree);
}

static void a_hosts_toml_is_told_since_it_decides(void **state)
{
	struct requests requests = { 0 };
	struct staged staged = { 0 };
	char *tree = feed_directory();
	struct root root;
	struct err err = { 0 };

	(void)state;
	assert_true(feed_run(NULL,
			     "mkdir -p %s/etc/docker/certs.d/reg.example:5000 && "
			     ": >%s/etc/docker/certs.d/reg.example:5000/hosts.toml",
			     tree, tree));
	assert_true(root_open(tree, &root, &err));
	requests_add(&requests, REQUEST_TRUST, &roots->anchors[0]);
	assert_true(stage(&root, &requests, &staged, &err));
	assert_int_equal(staged.notes.count, 1);
	assert_non_null(
		strstr(staged.notes.all[0], "ca = [\"/etc/docker/certs.d/reg.example:5000/root1.crt\"]"));
	staged_done(&staged);
	requests_done(&requests);
	root_done(&root);
	feed_remove(tree);
}

static void a_target_names_a_host_or_a_path_that_stores_prints(void **state)
{
	static const struct {
		const char *target, *config, *want;
	} rows[] = {
		{ "docker:reg.example", NULL, "/etc/docker/certs.d/reg.example" },
		{ "docker:[::1]:5000", NULL, "/etc/docker/certs.d/[::1]:5000" },
		{ "containerd:_default", NULL, "/etc/containerd/certs.d/_default" },
		{ "podman:reg:1", "/home/u/.config", "/home/u/.config/containers/certs.d/reg:1" },
		{ "containers:/etc/containers/certs.d/a/b.crt", NULL, "/etc/containers/certs.d/a" },
		{ "docker:/etc/docker/certs.d/a", NULL, "/etc/docker/certs.d/a" },
		{ "docker:../../x", NULL, NULL },
		{ "docker:a/b", NULL, NULL },
		{ "docker:", NULL, NULL },
		{ "pem:/x", NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct err err = { 0 };
		char *path = registry_path(rows[i].target, rows[i].config, &err);

		if (rows[i].want == NULL) {
			assert_null(path);
			assert_int_equal(err.code, ERR_USAGE);
		} else {
			assert_string_equal(path, rows[i].want);
		}
		free(path);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_ca_is_a_file_of_its_own_and_goes_with_it),
		cmocka_unit_test(a_file_is_known_by_what_it_holds_and_others_are_left_alone),
		cmocka_unit_test(a_name_that_is_taken_is_numbered),
		cmocka_unit_test(what_is_for_no_server_is_refused),
		cmocka_unit_test(a_hosts_toml_is_told_since_it_decides),
		cmocka_unit_test(a_target_names_a_host_or_a_path_that_stores_prints),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
