/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit.h"

#include "perform.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/root.h"
#include "feed.h"
#include "stage/put.h"
#include "stage/stager.h"

enum { NOW = 1795392000 };

void perform_stage(const struct stager *stager, const char *tree, const char *path,
		   const struct requests *requests, struct staged *ret)
{
	struct target target = { .name = mem_string("test", 4), .stager = stager };
	const struct terms terms = { .at = NOW };
	struct err err = { 0 };
	struct root root;

	*ret = (struct staged){ 0 };
	if (path != NULL)
		target.path = mem_string(path, strlen(path));
	assert_true(root_open(tree, &root, &err));
	if (!stager->stage(&root, &target, requests, &terms, ret, &err))
		fail_msg("%s", err.text);
	target_done(&target);
	root_done(&root);
}

static void same_was(const char *tree, const struct edit *edit)
{
	struct was was = { 0 };
	struct err err = { 0 };
	struct root root;

	assert_true(root_open(tree, &root, &err));
	assert_true(put_look(&root, edit->path, &was, &err));
	if (was.kind != edit->was.kind ||
	    (was.kind == WAS_FILE && memcmp(was.id, edit->was.id, DIGEST_LEN) != 0))
		fail_msg("%s does not stand as it was", edit->path);
	free(was.target);
	root_done(&root);
}

void perform_edits(const char *tree, const struct edits *edits)
{
	for (size_t i = 0; i < edits->count; i++) {
		const struct edit *edit = &edits->all[i];
		char *path;

		if (edit->kind == EDIT_RUN)
			continue;
		path = mem_print("%s%s", tree, edit->path);
		same_was(tree, edit);
		if (edit->kind != EDIT_DIRECTORY && edit->was.kind != WAS_ABSENT)
			assert_int_equal(unlink(path), 0);
		if (edit->kind == EDIT_DIRECTORY)
			assert_int_equal(mkdir(path, 0755), 0);
		else if (edit->kind == EDIT_LINK)
			assert_int_equal(symlink(edit->target, path), 0);
		else if (edit->kind == EDIT_FILE) {
			feed_file(tree, edit->path + 1, buf_view(&edit->content));
			assert_int_equal(chmod(path, edit->mode != 0 ? edit->mode : 0644), 0);
		}
		free(path);
	}
}

enum outcome_kind perform(const struct stager *stager, const char *tree, const char *path,
			  enum request_kind kind, const struct anchor *anchor)
{
	struct requests requests = { 0 };
	struct staged staged;
	enum outcome_kind first;

	requests_add(&requests, kind, anchor);
	perform_stage(stager, tree, path, &requests, &staged);
	assert_int_equal(staged.outcome_count, 1);
	first = staged.outcomes[0].kind;
	perform_edits(tree, &staged.edits);
	staged_done(&staged);
	perform_stage(stager, tree, path, &requests, &staged);
	for (size_t i = 0; i < staged.edits.count; i++)
		print_message("again: %d %s\n", (int)staged.edits.all[i].kind, staged.edits.all[i].path);
	assert_int_equal(staged.edits.count, 0);
	staged_done(&staged);
	requests_done(&requests);
	return first;
}
