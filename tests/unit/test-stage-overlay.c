/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is done again after an upgrade: it is recorded with the change, and survives only what it should. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/root.h"
#include "feed.h"
#include "format/armor.h"
#include "make.h"
#include "model/edit.h"
#include "stage/overlay.h"
#include "stage/stager.h"

#define STATE "/var/lib/anchorage"

/* A bundle of a package with the first two of three certificates. */
struct fixture {
	char *directory;
	struct root root;
	struct store *store;
	struct overlays overlays;
	struct err err;
};

static void upgrade(struct fixture *f)
{
	struct buf file = { 0 };

	armor_write(&file, "CERTIFICATE", f->store->anchors[0].cert.der);
	armor_write(&file, "CERTIFICATE", f->store->anchors[1].cert.der);
	feed_file(f->directory, "cacert.pem", buf_view(&file));
	buf_done(&file);
}

static void begin(struct fixture *f)
{
	*f = (struct fixture){ .directory = feed_directory(), .store = feed_roots(3) };
	assert_true(root_open(f->directory, &f->root, &f->err));
	upgrade(f);
}

static void end(struct fixture *f)
{
	overlays_done(&f->overlays);
	store_free(f->store);
	root_done(&f->root);
	feed_remove(f->directory);
}

static void perform(struct fixture *f, const struct edits *edits)
{
	for (size_t i = 0; i < edits->count; i++) {
		const struct edit *edit = &edits->all[i];

		if (edit->kind == EDIT_DIRECTORY)
			assert_true(feed_run(NULL, "mkdir -p '%s%s'", f->directory, edit->path));
		else if (edit->kind == EDIT_REMOVE)
			assert_true(feed_run(NULL, "rm '%s%s'", f->directory, edit->path));
		else
			feed_file(f->directory, edit->path + 1, buf_view(&edit->content));
	}
}

/* Stages the requests, performs them, and records them if that is asked; how many edits the store has. */
static size_t change(struct fixture *f, const struct requests *requests, bool record)
{
	struct target target = { .stager = stager_kind("pem"), .path = mem_print("/cacert.pem") },
		      own = { .stager = &stager_overlay,
			      .path = overlay_path(STATE, "pem", "/cacert.pem"),
			      .label = overlay_label("pem", "/cacert.pem", NULL) };
	struct terms terms = { .at = 0 };
	struct staged staged = { 0 }, kept = { 0 };
	size_t count;

	if (!target.stager->stage(&f->root, &target, requests, &terms, &staged, &f->err) ||
	    !own.stager->stage(&f->root, &own, requests, &terms, &kept, &f->err))
		fail_msg("%s", f->err.text);
	count = staged.edits.count;
	perform(f, &staged.edits);
	if (record)
		perform(f, &kept.edits);
	staged_done(&staged);
	staged_done(&kept);
	assert_true(own.stager->stage(&f->root, &own, requests, &terms, &kept, &f->err));
	assert_int_equal(kept.edits.count, 0); /* read back */
	staged_done(&kept);
	target_done(&target);
	target_done(&own);
	return count;
}

static void ask(struct fixture *f, enum request_kind kind, unsigned number)
{
	struct requests requests = { 0 };

	requests_add(&requests, kind, &f->store->anchors[number]);
	change(f, &requests, true);
	requests_done(&requests);
}

/* What is recorded is asked for again. */
static size_t refresh(struct fixture *f)
{
	struct requests requests = { 0 };
	size_t count;

	overlays_done(&f->overlays);
	assert_true(overlays_read(&f->root, STATE, &f->overlays, &f->err));
	assert_int_equal(f->overlays.count, 1);
	assert_string_equal(f->overlays.all[0].kind, "pem");
	assert_string_equal(f->overlays.all[0].path, "/cacert.pem");
	overlay_requests(&f->overlays.all[0], &requests);
	count = change(f, &requests, false);
	requests_done(&requests);
	return count;
}

static bool holds(struct fixture *f, unsigned number)
{
	struct buf block = { 0 }, file = { 0 };
	bool has;

	armor_write(&block, "CERTIFICATE", f->store->anchors[number].cert.der);
	feed_load(f->directory, "cacert.pem", &file);
	has = memmem(file.at, file.len, block.at, block.len) != NULL;
	buf_done(&block);
	buf_done(&file);
	return has;
}

static void what_an_upgrade_undid_is_done_again_from_what_was_recorded(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	ask(&f, REQUEST_TRUST, 2);
	ask(&f, REQUEST_REMOVE, 0);
	assert_int_equal(refresh(&f), 0);
	upgrade(&f);
	assert_true(holds(&f, 0));
	assert_false(holds(&f, 2));
	assert_int_equal(refresh(&f), 1);
	assert_false(holds(&f, 0));
	assert_true(holds(&f, 1));
	assert_true(holds(&f, 2));
	end(&f);
}

static void what_is_taken_back_by_hand_is_not_recorded_any_more(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	ask(&f, REQUEST_TRUST, 1); /* it is there, and not by us */
	assert_true(feed_run(NULL, "test ! -e '%s" STATE "'", f.directory));
	ask(&f, REQUEST_TRUST, 2);
	ask(&f, REQUEST_DISTRUST, 0);
	ask(&f, REQUEST_REMOVE, 2);
	ask(&f, REQUEST_TRUST, 0);
	assert_true(feed_run(NULL, "cd '%s" STATE "' && test -z \"$(ls overlays)\"", f.directory));
	end(&f);
}

static void purposes_names_and_fingerprints_come_back_as_they_were_written(void **state)
{
	struct target own = { .stager = &stager_overlay,
			      .path = overlay_path(STATE, "trusted", "/a path.pem"),
			      .label = overlay_label("trusted", "/a path.pem", "corp:") };
	struct terms terms = { .at = 0 };
	struct requests requests = { 0 };
	struct staged staged = { 0 };
	struct store *other = store_new("other");
	struct fixture f;
	struct anchor mail;
	const struct overlay *back;

	(void)state;
	begin(&f);
	assert_true(feed_run(NULL, "cd '%s' && mv cacert.pem 'a path.pem'", f.directory));
	mail = f.store->anchors[2];
	mail.trusted = PURPOSE_BIT(PURPOSE_EMAIL);
	requests_add(&requests, REQUEST_TRUST, &mail);
	requests_add(&requests, REQUEST_REMOVE, store_add_fingerprint(other, f.store->anchors[0].id));
	assert_true(stager_overlay.stage(&f.root, &own, &requests, &terms, &staged, &f.err));
	perform(&f, &staged.edits);
	assert_true(overlays_read(&f.root, STATE, &f.overlays, &f.err));
	assert_int_equal(f.overlays.count, 1);
	back = &f.overlays.all[0];
	assert_string_equal(back->path, "/a path.pem");
	assert_string_equal(back->label, "corp:");
	assert_int_equal(back->count, 2);
	assert_int_equal(back->all[0].store->anchors[0].trusted, PURPOSE_BIT(PURPOSE_EMAIL));
	assert_int_equal(back->all[1].kind, REQUEST_REMOVE);
	assert_memory_equal(back->all[1].store->anchors[0].id, f.store->anchors[0].id, ID_LEN);
	requests_done(&requests);
	staged_done(&staged);
	target_done(&own);
	store_free(other);
	end(&f);
}

static void a_file_that_was_cut_or_changed_is_an_error_or_loses_no_more_than_its_end(void **state)
{
	static const char *const bad[] = {
		"trust\n",
		"store\n",
		"store pem\n",
		"store pem x\n",
		"store pem /x\nkeep\n",
		"store pem /x\ntrust sha256:00\n",
		"store pem /x\ntrust\nstore pem /y\n",
		"store pem /x\ntrust\n-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----\n",
	};
	char *path = overlay_path(STATE, "pem", "/cacert.pem");
	struct buf whole = { 0 };
	struct overlays back = { 0 };
	struct fixture f;
	size_t refused = 0;

	(void)state;
	begin(&f);
	ask(&f, REQUEST_TRUST, 2);
	feed_load(f.directory, path + 1, &whole);
	for (size_t len = 0; len < whole.len; len++) {
		feed_file(f.directory, path + 1, (struct bytes){ whole.at, len });
		f.err = (struct err){ 0 };
		refused += !overlays_read(&f.root, STATE, &back, &f.err);
		overlays_done(&back);
	}
	assert_true(refused > whole.len / 2);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		feed_file(f.directory, path + 1, bytes_of(bad[i]));
		f.err = (struct err){ 0 };
		assert_false(overlays_read(&f.root, STATE, &back, &f.err));
		assert_non_null(strstr(f.err.text, ": line "));
	}
	feed_file(f.directory, path + 1, bytes_of(""));
	assert_false(overlays_read(&f.root, STATE, &back, &f.err));
	buf_done(&whole);
	free(path);
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_an_upgrade_undid_is_done_again_from_what_was_recorded),
		cmocka_unit_test(what_is_taken_back_by_hand_is_not_recorded_any_more),
		cmocka_unit_test(purposes_names_and_fingerprints_come_back_as_they_were_written),
		cmocka_unit_test(a_file_that_was_cut_or_changed_is_an_error_or_loses_no_more_than_its_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
