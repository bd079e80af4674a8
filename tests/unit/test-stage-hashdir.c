/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Directories that are changed: what is there afterwards is what OpenSSL's rehash makes of the same files. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/root.h"
#include "feed.h"
#include "format/armor.h"
#include "make.h"
#include "model/request.h"
#include "stage/stager.h"

enum { CERTIFICATES = 5 };

/* Certificates of which the first three have one name. */
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
	*f = (struct fixture){ .directory = feed_directory(), .store = store_new("made") };
	assert_true(root_open(f->directory, &f->root, &f->err));
	for (unsigned i = 0; i < CERTIFICATES; i++) {
		char *cn = i < 3 ? mem_print("Same") : mem_print("Root %u", i);
		struct buf der = { 0 };

		make_cert(&(struct make){ .cn = cn, .key = i + 1, .serial = i + 1 }, &der);
		store_add(f->store, buf_view(&der), 0)->trusted = PURPOSES_ALL;
		buf_done(&der);
		free(cn);
	}
	assert_true(feed_run(NULL, "cd '%s' && mkdir d", f->directory));
}

static void end(struct fixture *f)
{
	staged_done(&f->staged);
	requests_done(&f->requests);
	store_free(f->store);
	root_done(&f->root);
	feed_remove(f->directory);
}

static void put_pem(struct fixture *f, const char *name, unsigned first, unsigned count)
{
	struct buf pem = { 0 };

	for (unsigned i = first; i < first + count; i++)
		armor_write(&pem, "CERTIFICATE", f->store->anchors[i].cert.der);
	feed_file(f->directory, name, buf_view(&pem));
	buf_done(&pem);
}

/* Asks for one thing; false: it is refused. */
static bool stage(struct fixture *f, const char *kind, enum request_kind request, unsigned number)
{
	struct target target = { .stager = stager_kind(kind), .path = mem_string("/d", 2) };
	bool ok;

	staged_done(&f->staged);
	requests_done(&f->requests);
	f->err = (struct err){ 0 };
	if (number < CERTIFICATES)
		requests_add(&f->requests, request, &f->store->anchors[number]);
	assert_non_null(target.stager);
	ok = target.stager->stage(&f->root, &target, &f->requests, &f->terms, &f->staged, &f->err);
	target_done(&target);
	return ok;
}

static void perform(struct fixture *f)
{
	for (size_t i = 0; i < f->staged.edits.count; i++) {
		const struct edit *edit = &f->staged.edits.all[i];
		char *path = mem_print("%s%s", f->directory, edit->path);

		if (edit->kind == EDIT_DIRECTORY)
			assert_true(feed_run(NULL, "mkdir '%s'", path));
		else
			unlink(path);
		if (edit->kind == EDIT_FILE)
			feed_file(f->directory, edit->path + 1, buf_view(&edit->content));
		if (edit->kind == EDIT_LINK)
			assert_int_equal(symlink(edit->target, path), 0);
		free(path);
	}
}

/* Done, and found done when it is asked for again. */
static void stage_well(struct fixture *f, const char *kind, enum request_kind request, unsigned number)
{
	if (!stage(f, kind, request, number))
		fail_msg("%s", f->err.text);
	assert_true(f->staged.edits.count > 0);
	if (number < CERTIFICATES && request != REQUEST_DISTRUST)
		assert_int_equal(f->staged.outcomes[0].kind, OUTCOME_DONE);
	perform(f);
	assert_true(stage(f, kind, request, number));
	if (f->staged.edits.count > 0)
		fail_msg("'%s' would be changed again", f->staged.edits.all[0].path);
	if (number < CERTIFICATES && request != REQUEST_DISTRUST)
		assert_int_equal(f->staged.outcomes[0].kind, OUTCOME_ALREADY);
}

static void rehash(const struct fixture *f)
{
	assert_true(feed_run(NULL, "cd '%s' && openssl rehash d", f->directory));
}

/* Whether it is among what OpenSSL reads for its name: the numbers from 0 on, without a gap. */
static bool is_found(const struct fixture *f, unsigned number)
{
	struct buf pem = { 0 };
	bool ok;

	armor_write(&pem, "CERTIFICATE", f->store->anchors[number].cert.der);
	feed_file(f->directory, "asked", buf_view(&pem));
	ok = feed_run(
		NULL,
		"cd '%s' && h=$(openssl x509 -hash -noout -in asked) && i=0 && while test -e d/$h.$i; do "
		"openssl x509 -in d/$h.$i | cmp -s - asked && exit 0; i=$((i + 1)); done; exit 1",
		f->directory);
	buf_done(&pem);
	return ok;
}

/* The links that rehash would make, counted by their hash, are there, and no other name of a hash. */
static void as_rehash_does(const struct fixture *f)
{
	static const char list[] = "ls | sed -n 's/^\\(........\\.[0-9]*\\)$/\\1/p'";

	assert_true(feed_run(NULL,
			     "cd '%s' && rm -rf r && cp -a d r && (cd d && %s) >ours && openssl rehash r && "
			     "(cd r && %s) >theirs && cmp ours theirs",
			     f->directory, list, list));
}

static bool has_openssl(void)
{
	if (feed_run(NULL, "openssl version >/dev/null 2>&1"))
		return true;
	print_message("# openssl is not here\n");
	return false;
}

static void certificates_of_one_name_come_and_go_and_openssl_finds_the_others(void **state)
{
	struct fixture f;

	(void)state;
	if (!has_openssl())
		skip();
	begin(&f);
	put_pem(&f, "d/a.pem", 0, 1);
	put_pem(&f, "d/b.pem", 1, 1);
	put_pem(&f, "d/x.pem", 3, 1);
	rehash(&f);
	stage_well(&f, "hashdir", REQUEST_TRUST, 2);
	as_rehash_does(&f);
	for (unsigned i = 0; i < 4; i++)
		assert_true(is_found(&f, i));
	stage_well(&f, "hashdir", REQUEST_REMOVE, 0);
	as_rehash_does(&f);
	stage_well(&f, "hashdir", REQUEST_DISTRUST, 1);
	as_rehash_does(&f);
	assert_false(is_found(&f, 0));
	assert_false(is_found(&f, 1));
	assert_true(is_found(&f, 2));
	assert_true(is_found(&f, 3));
	end(&f);
}

static void links_of_before_openssl_1_are_kept_up_where_there_are_some(void **state)
{
	struct fixture f;

	(void)state;
	if (!has_openssl())
		skip();
	begin(&f);
	put_pem(&f, "d/x.pem", 3, 1);
	assert_true(feed_run(NULL, "cd '%s' && openssl rehash -compat d && ls d | wc -l | grep -qx 3",
			     f.directory));
	stage_well(&f, "hashdir", REQUEST_TRUST, 4);
	assert_true(feed_run(NULL, "cd '%s' && ls d | wc -l | grep -qx 6", f.directory));
	stage_well(&f, "hashdir", REQUEST_REMOVE, 3);
	assert_true(feed_run(NULL, "cd '%s' && ls d | wc -l | grep -qx 3", f.directory));
	assert_true(is_found(&f, 4));
	end(&f);
}

static void stale_and_dangling_links_gaps_and_files_without_a_link_are_mended(void **state)
{
	struct fixture f;

	(void)state;
	if (!has_openssl())
		skip();
	begin(&f);
	put_pem(&f, "d/a.pem", 0, 1);
	put_pem(&f, "d/b.pem", 1, 1);
	put_pem(&f, "d/x.pem", 3, 1);
	rehash(&f);
	put_pem(&f, "d/y.pem", 4, 1);
	assert_true(feed_run(NULL,
			     "cd '%s/d' && ln -s gone.pem 01234567.0 && ln -s x.pem 89abcdef.0 && "
			     "h=$(openssl x509 -hash -noout -in a.pem) && mv $h.1 $h.3 && touch words.txt",
			     f.directory));
	stage_well(&f, "hashdir", REQUEST_TRUST, CERTIFICATES);
	as_rehash_does(&f);
	assert_true(feed_run(NULL, "test -e '%s/d/words.txt'", f.directory));
	end(&f);
}

static void files_that_are_named_by_a_hash_themselves_move_up_and_are_not_lost(void **state)
{
	struct fixture f;

	(void)state;
	if (!has_openssl())
		skip();
	begin(&f);
	put_pem(&f, "d/a.pem", 0, 1);
	assert_true(feed_run(NULL, "cd '%s/d' && mv a.pem $(openssl x509 -hash -noout -in a.pem).0",
			     f.directory));
	put_pem(&f, "d/b.pem", 1, 1);
	assert_true(feed_run(NULL, "cd '%s/d' && mv b.pem $(openssl x509 -hash -noout -in b.pem).1",
			     f.directory));
	put_pem(&f, "d/01234567.0", 3, 1);
	stage_well(&f, "hashdir", REQUEST_REMOVE, 0);
	assert_false(is_found(&f, 0));
	assert_true(is_found(&f, 1));
	assert_true(feed_run(NULL, "test -e '%s/d/01234567.0'", f.directory));
	assert_int_equal(f.staged.notes.count, 1);
	end(&f);
}

static void what_openssl_did_not_find_is_not_found_when_its_neighbour_goes(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	put_pem(&f, "d/several.pem", 0, 2);
	put_pem(&f, "d/one.pem", 3, 1);
	stage_well(&f, "hashdir", REQUEST_TRUST, 4);
	assert_false(stage(&f, "hashdir", REQUEST_REMOVE, 0));
	assert_non_null(strstr(f.err.text,
			       "several.pem: it holds this certificate and one that OpenSSL does not find"));
	stage_well(&f, "hashdir", REQUEST_TRUST, 1);
	stage_well(&f, "hashdir", REQUEST_REMOVE, 0);
	assert_true(is_found(&f, 1));
	assert_false(is_found(&f, 0));
	end(&f);
}

static void a_plain_directory_gets_a_file_and_loses_it_and_a_bundle_in_it_shrinks(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	assert_true(feed_run(NULL, "rmdir '%s/d'", f.directory));
	stage_well(&f, "dir", REQUEST_TRUST, 3);
	assert_true(feed_run(NULL, "test -e '%s/d/Root_3.crt'", f.directory));
	put_pem(&f, "d/several.crt", 0, 3);
	stage_well(&f, "dir", REQUEST_REMOVE, 1);
	stage_well(&f, "dir", REQUEST_REMOVE, 3);
	assert_true(feed_run(NULL,
			     "test ! -e '%s/d/Root_3.crt' && grep -c BEGIN '%s/d/several.crt' | grep -qx 2",
			     f.directory, f.directory));
	stage_well(&f, "dir", REQUEST_REMOVE, 0);
	assert_false(stage(&f, "dir", REQUEST_REMOVE, 2));
	assert_non_null(strstr(f.err.text, "without anchors"));
	f.terms.allow_empty = true;
	stage_well(&f, "dir", REQUEST_REMOVE, 2);
	assert_true(feed_run(NULL, "test -z \"$(ls '%s/d')\"", f.directory));
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(certificates_of_one_name_come_and_go_and_openssl_finds_the_others),
		cmocka_unit_test(links_of_before_openssl_1_are_kept_up_where_there_are_some),
		cmocka_unit_test(stale_and_dangling_links_gaps_and_files_without_a_link_are_mended),
		cmocka_unit_test(files_that_are_named_by_a_hash_themselves_move_up_and_are_not_lost),
		cmocka_unit_test(what_openssl_did_not_find_is_not_found_when_its_neighbour_goes),
		cmocka_unit_test(a_plain_directory_gets_a_file_and_loses_it_and_a_bundle_in_it_shrinks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
