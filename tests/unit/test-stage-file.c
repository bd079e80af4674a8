/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Stores of one file as what they lie in sees them: links, wrong kinds, nothing left. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/root.h"
#include "feed.h"
#include "format/armor.h"
#include "format/format.h"
#include "make.h"
#include "model/request.h"
#include "stage/stager.h"

/* A root with a bundle of two certificates at /etc/b.pem, and what may be asked of it. */
struct fixture {
	char *directory;
	struct root root;
	struct store *store;
	struct requests requests;
	struct terms terms;
	struct staged staged;
	struct err err;
};

static void begin(struct fixture *f)
{
	struct buf file = { 0 };

	*f = (struct fixture){ .directory = feed_directory(), .store = feed_roots(3) };
	assert_true(root_open(f->directory, &f->root, &f->err));
	assert_true(feed_run(NULL, "cd '%s' && mkdir etc lib && ln -s /etc lib/e && ln -s e/b.pem lib/l.pem",
			     f->directory));
	armor_write(&file, "CERTIFICATE", f->store->anchors[0].cert.der);
	armor_write(&file, "CERTIFICATE", f->store->anchors[1].cert.der);
	feed_file(f->directory, "etc/b.pem", buf_view(&file));
	buf_done(&file);
}

static void end(struct fixture *f)
{
	staged_done(&f->staged);
	requests_done(&f->requests);
	store_free(f->store);
	root_done(&f->root);
	feed_remove(f->directory);
}

static bool stage(struct fixture *f, const char *kind, const char *path)
{
	struct target target = { .stager = stager_kind(kind), .path = mem_string(path, strlen(path)) };
	bool ok;

	staged_done(&f->staged);
	f->err = (struct err){ 0 };
	assert_non_null(target.stager);
	ok = target.stager->stage(&f->root, &target, &f->requests, &f->terms, &f->staged, &f->err);
	target_done(&target);
	return ok;
}

static void perform(struct fixture *f)
{
	for (size_t i = 0; i < f->staged.edits.count; i++) {
		const struct edit *edit = &f->staged.edits.all[i];

		assert_int_equal(edit->kind, EDIT_FILE);
		feed_file(f->directory, edit->path + 1, buf_view(&edit->content));
	}
}

static void the_file_behind_a_link_is_changed_and_staging_again_finds_it_done(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	requests_add(&f.requests, REQUEST_TRUST, &f.store->anchors[2]);
	requests_add(&f.requests, REQUEST_REMOVE, &f.store->anchors[0]);
	requests_add(&f.requests, REQUEST_DISTRUST, &f.store->anchors[1]);
	assert_true(stage(&f, "pem", "/lib/../lib/l.pem"));
	assert_int_equal(f.staged.edits.count, 1);
	assert_string_equal(f.staged.edits.all[0].path, "/etc/b.pem");
	assert_int_equal(f.staged.edits.all[0].was.kind, WAS_FILE);
	assert_int_equal(f.staged.notes.count, 1);
	assert_int_equal(f.staged.file_count, 1);
	assert_string_equal(f.staged.files[0].path, "/etc/b.pem");
	assert_int_equal(f.staged.outcome_count, 3);
	assert_int_equal(f.staged.outcomes[0].kind, OUTCOME_DONE);
	assert_int_equal(f.staged.outcomes[1].kind, OUTCOME_DONE);
	assert_int_equal(f.staged.outcomes[2].kind, OUTCOME_ABSENT);
	perform(&f);
	assert_true(stage(&f, "pem", "/etc/b.pem"));
	assert_int_equal(f.staged.edits.count, 0);
	assert_int_equal(f.staged.notes.count, 0);
	assert_int_equal(f.staged.outcomes[0].kind, OUTCOME_ALREADY);
	assert_int_equal(f.staged.outcomes[1].kind, OUTCOME_ALREADY);
	end(&f);
}

static void no_store_is_left_without_anchors_unasked(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	requests_add(&f.requests, REQUEST_REMOVE, &f.store->anchors[0]);
	requests_add(&f.requests, REQUEST_REMOVE, &f.store->anchors[1]);
	assert_false(stage(&f, "pem", "/etc/b.pem"));
	assert_non_null(strstr(f.err.text, "without anchors"));
	f.terms.allow_empty = true;
	assert_true(stage(&f, "pem", "/etc/b.pem"));
	assert_int_equal(f.staged.edits.count, 1);
	assert_int_equal(f.staged.edits.all[0].content.len, 0);
	end(&f);
}

static void a_store_of_another_kind_is_refused_and_a_new_bundle_is_begun(void **state)
{
	struct fixture f;
	struct buf jks = { 0 };

	(void)state;
	begin(&f);
	feed_write(&format_jks, f.store, &jks);
	feed_file(f.directory, "etc/cacerts", buf_view(&jks));
	requests_add(&f.requests, REQUEST_TRUST, &f.store->anchors[2]);
	assert_false(stage(&f, "pem", "/etc/cacerts"));
	assert_false(stage(&f, "jks", "/etc/b.pem"));
	assert_false(stage(&f, "jks", "/etc/none"));
	assert_non_null(strstr(f.err.text, "anchorage export"));
	assert_true(stage(&f, "jks", "/etc/cacerts"));
	assert_int_equal(f.staged.edits.count, 0);
	assert_true(stage(&f, "pem", "/etc/new.pem"));
	assert_int_equal(f.staged.edits.count, 1);
	assert_int_equal(f.staged.edits.all[0].was.kind, WAS_ABSENT);
	buf_done(&jks);
	end(&f);
}

static void what_a_kind_cannot_say_is_told(void **state)
{
	struct fixture f;
	struct anchor mail;

	(void)state;
	begin(&f);
	mail = f.store->anchors[2];
	mail.trusted = PURPOSE_BIT(PURPOSE_EMAIL);
	requests_add(&f.requests, REQUEST_TRUST, &mail);
	assert_true(stage(&f, "pem", "/etc/b.pem"));
	assert_int_equal(f.staged.outcomes[0].kind, OUTCOME_DONE);
	assert_non_null(strstr(f.staged.outcomes[0].text, "every purpose"));
	assert_true(stage(&f, "trusted", "/etc/b.pem"));
	assert_null(f.staged.outcomes[0].text);
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_file_behind_a_link_is_changed_and_staging_again_finds_it_done),
		cmocka_unit_test(no_store_is_left_without_anchors_unasked),
		cmocka_unit_test(a_store_of_another_kind_is_refused_and_a_new_bundle_is_begun),
		cmocka_unit_test(what_a_kind_cannot_say_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
