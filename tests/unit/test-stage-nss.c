/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* NSS databases changed by us, and what NSS's own certutil makes of them. */
#include "unit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gnutls/x509.h>

#include "base/mem.h"
#include "base/root.h"
#include "feed.h"
#include "medium/library.h"
#include "medium/token.h"
#include "model/anchor.h"
#include "stage/stager.h"
#include "trust.h"

enum {
	SERVER = 1 << PURPOSE_SERVER_AUTH,
	CLIENT = 1 << PURPOSE_CLIENT_AUTH,
	EMAIL = 1 << PURPOSE_EMAIL,
	CODE = 1 << PURPOSE_CODE_SIGNING,
};

/* Certificates with P-256 keys, as NSS before 3.110 takes none with the Ed25519 of make.h. */
static struct store *make(const char *name, unsigned char serial, bool is_ca)
{
	struct store *store = store_new(name);
	gnutls_x509_privkey_t key;
	gnutls_x509_crt_t crt;
	gnutls_datum_t der;

	assert_int_equal(gnutls_x509_privkey_init(&key), 0);
	assert_int_equal(gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA,
						      GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0),
			 0);
	assert_int_equal(gnutls_x509_crt_init(&crt), 0);
	gnutls_x509_crt_set_version(crt, 3);
	gnutls_x509_crt_set_serial(crt, &serial, 1);
	gnutls_x509_crt_set_activation_time(crt, 1577836800);
	gnutls_x509_crt_set_expiration_time(crt, 2082758400);
	gnutls_x509_crt_set_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0, name, (unsigned)strlen(name));
	gnutls_x509_crt_set_key(crt, key);
	gnutls_x509_crt_set_basic_constraints(crt, is_ca, -1);
	assert_int_equal(gnutls_x509_crt_sign2(crt, crt, key, GNUTLS_DIG_SHA256, 0), 0);
	assert_int_equal(gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_DER, &der), 0);
	store_add(store, (struct bytes){ der.data, der.size }, 0)->trusted = PURPOSES_ALL;
	store_finish(store);
	gnutls_free(der.data);
	gnutls_x509_crt_deinit(crt);
	gnutls_x509_privkey_deinit(key);
	return store;
}

static struct store *ca, *same_name, *colon, *leaf;

static int set_up(void **state)
{
	(void)state;
	ca = make("A CA", 11, true);
	same_name = make("A CA", 12, true);
	colon = make("pkcs11:Corp: Root", 13, true);
	leaf = make("A server", 14, false);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	store_free(ca);
	store_free(same_name);
	store_free(colon);
	store_free(leaf);
	return 0;
}

static bool nss_is_here(void)
{
	char *softokn = library_find("libsoftokn3.so");
	bool here = softokn != NULL && feed_run(NULL, "command -v certutil >/dev/null");

	free(softokn);
	if (!here)
		print_message("skipped: NSS's libsoftokn3.so or certutil is not here\n");
	return here;
}

#define NEEDS_NSS()                                                                                          \
	do {                                                                                                 \
		if (!nss_is_here())                                                                          \
			skip();                                                                              \
	} while (0)

/* A directory with an empty database in db/. */
static char *database(const char *password)
{
	char *directory = feed_directory();

	trust_text(directory, "password", password);
	trust_folder(directory, "db");
	assert_true(feed_run(NULL, "certutil -N -d sql:%s/db %s %s/password 2>/dev/null", directory,
			     password[0] == '\0' ? "--empty-password #" : "-f", directory));
	return directory;
}

static void flags(const char *directory, const char *nickname, const char *want)
{
	struct buf said = { 0 };
	char *line = NULL;

	assert_true(feed_run(&said,
			     "certutil -L -d sql:%s/db -f %s/password 2>&1 | "
			     "sed -n 's/^%s  *\\([pPcCTu,]*\\) *$/\\1/p'",
			     directory, directory, nickname));
	line = mem_string((const char *)said.at, said.len > 0 ? said.len - 1 : 0);
	assert_string_equal(line, want);
	free(line);
	buf_done(&said);
}

static bool stage_only(const char *directory, enum request_kind kind, const struct anchor *anchor,
		       const char *password, struct staged *ret, struct err *err)
{
	static const struct root host = { .fd = -1 };
	struct requests requests = { 0 };
	struct terms terms = { .at = 1795392000, .password = password };
	struct target target = { .name = (char *)(uintptr_t) "nss:the test's", .stager = &stager_nss };
	bool ok;

	target.path = mem_print("%s/db", directory);
	requests_add(&requests, kind, anchor);
	ok = stager_nss.stage(&host, &target, &requests, &terms, ret, err);
	requests_done(&requests);
	free(target.path);
	return ok;
}

static void perform(const struct edits *edits)
{
	for (size_t i = 0; i < edits->count; i++) {
		const struct edit *edit = &edits->all[i];
		int fd;

		if (edit->kind == EDIT_DIRECTORY) {
			assert_int_equal(mkdir(edit->path, edit->mode), 0);
			continue;
		}
		assert_int_equal(edit->kind, EDIT_FILE);
		assert_true(edit->database);
		assert_int_equal(edit->mode, 0600);
		fd = open(edit->path, O_WRONLY | O_CREAT | O_TRUNC, edit->mode);
		assert_true(fd >= 0);
		assert_int_equal(write(fd, edit->content.at, edit->content.len), edit->content.len);
		close(fd);
	}
}

/* Stages, performs, and stages once more, which must find nothing to do. The number of edits. */
static size_t change(const char *directory, enum request_kind kind, const struct anchor *anchor,
		     enum outcome_kind outcome)
{
	struct staged staged = { 0 };
	struct err err = { 0 };
	size_t ret;

	if (!stage_only(directory, kind, anchor, NULL, &staged, &err))
		fail_msg("%s", err.text);
	assert_int_equal(staged.outcome_count, 1);
	assert_int_equal(staged.outcomes[0].kind, outcome);
	perform(&staged.edits);
	ret = staged.edits.count;
	staged_done(&staged);
	assert_true(stage_only(directory, kind, anchor, NULL, &staged, &err));
	assert_int_equal(staged.edits.count, 0);
	if (outcome == OUTCOME_DONE)
		assert_int_equal(staged.outcomes[0].kind, OUTCOME_ALREADY);
	staged_done(&staged);
	return ret;
}

static void a_ca_is_added_distrusted_lifted_and_removed_as_certutil_sees_it(void **state)
{
	struct buf said = { 0 };
	char *directory;

	(void)state;
	NEEDS_NSS();
	directory = database("");
	assert_true(change(directory, REQUEST_TRUST, &ca->anchors[0], OUTCOME_DONE) > 0);
	flags(directory, "A CA", "C,,");
	assert_true(feed_run(&said, "certutil -V -u L -n 'A CA' -d sql:%s/db 2>&1", directory));
	change(directory, REQUEST_DISTRUST, &ca->anchors[0], OUTCOME_DONE);
	flags(directory, "A CA", "p,p,p");
	assert_false(feed_run(&said, "certutil -V -u L -n 'A CA' -d sql:%s/db 2>&1", directory));
	change(directory, REQUEST_LIFT, &ca->anchors[0], OUTCOME_DONE);
	flags(directory, "A CA", ",,");
	change(directory, REQUEST_REMOVE, &ca->anchors[0], OUTCOME_DONE);
	assert_false(feed_run(&said, "certutil -L -n 'A CA' -d sql:%s/db 2>&1", directory));
	buf_done(&said);
	feed_remove(directory);
}

static void purposes_are_flags_and_what_is_trusted_already_is_left(void **state)
{
	static const struct {
		uint16_t trusted;
		const char *flags;
	} rows[] = {
		{ SERVER, "C,," }, { CLIENT, "T,," },          { EMAIL, ",C," },
		{ CODE, ",,C" },   { SERVER | EMAIL, "C,C," }, { SERVER | CLIENT | EMAIL | CODE, "CT,C,C" },
	};
	struct anchor anchor = ca->anchors[0];
	char *directory;

	(void)state;
	NEEDS_NSS();
	directory = database("");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		anchor.trusted = rows[i].trusted;
		change(directory, REQUEST_TRUST, &anchor, OUTCOME_DONE);
		flags(directory, "A CA", rows[i].flags);
	}
	/* Who asks for nothing gets no less than there is. */
	anchor.trusted = PURPOSES_ALL;
	assert_int_equal(change(directory, REQUEST_TRUST, &anchor, OUTCOME_ALREADY), 0);
	anchor.trusted = 1 << PURPOSE_TIME_STAMPING;
	assert_int_equal(change(directory, REQUEST_TRUST, &anchor, OUTCOME_CANNOT), 0);
	feed_remove(directory);
}

static void what_is_so_already_gives_no_edit(void **state)
{
	struct buf before = { 0 }, after = { 0 };
	char *directory;

	(void)state;
	NEEDS_NSS();
	directory = database("");
	trust_text(directory, "none", "");
	change(directory, REQUEST_TRUST, &ca->anchors[0], OUTCOME_DONE);
	assert_true(feed_run(&before, "cd %s/db && stat -c '%%n %%s %%y' * && cksum *", directory));
	assert_int_equal(change(directory, REQUEST_TRUST, &ca->anchors[0], OUTCOME_ALREADY), 0);
	assert_int_equal(change(directory, REQUEST_REMOVE, &leaf->anchors[0], OUTCOME_ALREADY), 0);
	assert_int_equal(change(directory, REQUEST_LIFT, &ca->anchors[0], OUTCOME_ALREADY), 0);
	assert_true(feed_run(&after, "cd %s/db && stat -c '%%n %%s %%y' * && cksum *", directory));
	assert_true(bytes_equal(buf_view(&before), buf_view(&after)));
	buf_done(&before);
	buf_done(&after);
	feed_remove(directory);
}

/* What NSS's own tool wrote counts as well. */
static void what_certutil_added_is_so_already_and_can_be_removed(void **state)
{
	struct buf said = { 0 };
	char *directory;

	(void)state;
	NEEDS_NSS();
	directory = database("");
	feed_file(directory, "ca.der", ca->anchors[0].cert.der);
	assert_true(
		feed_run(NULL, "certutil -A -d sql:%s/db -n mine -t C,, -i %s/ca.der", directory, directory));
	assert_int_equal(change(directory, REQUEST_TRUST, &ca->anchors[0], OUTCOME_ALREADY), 0);
	change(directory, REQUEST_REMOVE, &ca->anchors[0], OUTCOME_DONE);
	assert_true(feed_run(&said, "certutil -L -d sql:%s/db | grep mine || echo gone", directory));
	assert_true(bytes_equal(buf_view(&said), bytes_of("gone\n")));
	/* And the other way round. */
	change(directory, REQUEST_TRUST, &ca->anchors[0], OUTCOME_DONE);
	assert_true(feed_run(NULL, "certutil -D -d sql:%s/db -n 'A CA'", directory));
	assert_int_equal(change(directory, REQUEST_REMOVE, &ca->anchors[0], OUTCOME_ALREADY), 0);
	buf_done(&said);
	feed_remove(directory);
}

static void what_is_removed_leaves_no_trust_behind(void **state)
{
	struct store *store;
	char *directory, *path;

	(void)state;
	NEEDS_NSS();
	directory = database("");
	change(directory, REQUEST_TRUST, &leaf->anchors[0], OUTCOME_DONE);
	change(directory, REQUEST_DISTRUST, &ca->anchors[0], OUTCOME_DONE);
	change(directory, REQUEST_REMOVE, &ca->anchors[0], OUTCOME_DONE);
	path = mem_print("%s/db", directory);
	store = trust_read_well("nss", NULL, path);
	assert_int_equal(store->count, 1);
	store_free(store);
	free(path);
	feed_remove(directory);
}

static void a_server_certificate_is_trusted_itself(void **state)
{
	char *directory;

	(void)state;
	NEEDS_NSS();
	directory = database("");
	change(directory, REQUEST_TRUST, &leaf->anchors[0], OUTCOME_DONE);
	flags(directory, "A server", "P,,");
	feed_remove(directory);
}

static void a_nickname_is_shared_by_one_subject_and_has_no_colon(void **state)
{
	struct store *other;
	char *directory;

	(void)state;
	NEEDS_NSS();
	directory = database("");
	change(directory, REQUEST_TRUST, &colon->anchors[0], OUTCOME_DONE);
	flags(directory, "pkcs11-Corp- Root", "C,,");
	/* Another subject with that nickname: by certutil, for its own is another. */
	feed_file(directory, "leaf.der", leaf->anchors[0].cert.der);
	assert_true(feed_run(NULL, "certutil -A -d sql:%s/db -n 'A CA' -t ,, -i %s/leaf.der", directory,
			     directory));
	change(directory, REQUEST_TRUST, &ca->anchors[0], OUTCOME_DONE);
	flags(directory, "A CA #2", "C,,");
	change(directory, REQUEST_TRUST, &same_name->anchors[0], OUTCOME_DONE);
	flags(directory, "A CA #2", "C,,\nC,,");
	other = make("A CA", 11, true);
	assert_int_equal(change(directory, REQUEST_TRUST, &other->anchors[0], OUTCOME_CANNOT), 0);
	store_free(other);
	feed_remove(directory);
}

static void a_database_with_a_password_is_changed_with_it_and_not_touched_without(void **state)
{
	struct staged staged = { 0 };
	struct err err = { 0 };
	char *directory;

	(void)state;
	NEEDS_NSS();
	directory = database("a long password");
	assert_false(stage_only(directory, REQUEST_TRUST, &ca->anchors[0], NULL, &staged, &err));
	assert_int_equal(err.code, ERR_USAGE);
	assert_non_null(strstr(err.text, "the database has a password"));
	assert_false(stage_only(directory, REQUEST_TRUST, &ca->anchors[0], "another", &staged, &err));
	assert_non_null(strstr(err.text, "does not open the database"));
	if (!stage_only(directory, REQUEST_TRUST, &ca->anchors[0], "a long password", &staged, &err))
		fail_msg("%s", err.text);
	perform(&staged.edits);
	staged_done(&staged);
	flags(directory, "A CA", "C,,");
	feed_remove(directory);
}

static void a_database_that_is_not_there_is_made_with_an_empty_password(void **state)
{
	struct buf said = { 0 };
	char *directory;

	(void)state;
	NEEDS_NSS();
	directory = feed_directory();
	trust_text(directory, "password", "");
	assert_int_equal(change(directory, REQUEST_REMOVE, &ca->anchors[0], OUTCOME_ALREADY), 0);
	assert_int_equal(change(directory, REQUEST_TRUST, &ca->anchors[0], OUTCOME_DONE), 3);
	flags(directory, "A CA", "C,,");
	assert_true(feed_run(&said,
			     "cd %s && stat -c %%a db db/cert9.db db/key4.db && "
			     "certutil -K -d sql:db 2>&1 | grep -c 'no keys found'",
			     directory));
	assert_true(bytes_equal(buf_view(&said), bytes_of("700\n600\n600\n1\n")));
	/* And NSS's own tools go on with it. */
	feed_file(directory, "other.der", same_name->anchors[0].cert.der);
	assert_true(
		feed_run(NULL, "cd %s && certutil -A -d sql:db -n 'A CA' -t C,, -i other.der", directory));
	flags(directory, "A CA", "C,,\nC,,");
	buf_done(&said);
	feed_remove(directory);
}

static void a_forged_trust_is_written_anew(void **state)
{
	char *directory;

	(void)state;
	NEEDS_NSS();
	directory = database("");
	change(directory, REQUEST_DISTRUST, &ca->anchors[0], OUTCOME_DONE);
	if (!feed_run(NULL,
		      "command -v python3 >/dev/null && python3 -c \"import sqlite3, sys\n"
		      "c = sqlite3.connect(sys.argv[1])\n"
		      "c.execute('update nssPublic set ace536358=x\\'ce534352\\' where "
		      "ace536358=x\\'ce53435a\\'')\n"
		      "c.commit()\" %s/db/cert9.db",
		      directory)) {
		print_message("skipped: python3 with sqlite3 is not here\n");
		feed_remove(directory);
		skip();
	}
	flags(directory, "A CA", ",,"); /* NSS drops all that its object says */
	change(directory, REQUEST_DISTRUST, &ca->anchors[0], OUTCOME_DONE);
	flags(directory, "A CA", "p,p,p");
	feed_remove(directory);
}

static void the_certificate_of_a_private_key_stays_without_trust(void **state)
{
	struct buf der = { 0 };
	struct staged staged = { 0 };
	struct err err = { 0 };
	struct store *own = store_new("own");
	char *directory;

	(void)state;
	NEEDS_NSS();
	directory = database("");
	if (!feed_run(
		    &der,
		    "cd %s && head -c 100 /dev/urandom >noise && certutil -S -x -n Own -s CN=Own -t C,, -k "
		    "ec "
		    "-q nistp256 -d sql:db -z noise -m 5 2>/dev/null >&2 && certutil -L -r -n Own -d sql:db",
		    directory))
		fail_msg("certutil makes no certificate");
	store_add(own, buf_view(&der), 0)->trusted = PURPOSES_ALL;
	store_finish(own);
	assert_true(stage_only(directory, REQUEST_REMOVE, &own->anchors[0], NULL, &staged, &err));
	assert_int_equal(staged.outcomes[0].kind, OUTCOME_DONE);
	assert_non_null(strstr(staged.outcomes[0].text, "its private key is in the database"));
	perform(&staged.edits);
	staged_done(&staged);
	flags(directory, "Own", "u,u,u");
	store_free(own);
	buf_done(&der);
	feed_remove(directory);
}

static void what_is_named_without_its_certificate_is_found_where_it_is(void **state)
{
	struct store *names = store_new("names");
	struct anchor *anchor;
	char *directory;

	(void)state;
	NEEDS_NSS();
	directory = database("");
	store_add_fingerprint(names, ca->anchors[0].id);
	anchor = store_add_issuer_serial(names, leaf->anchors[0].cert.issuer, leaf->anchors[0].cert.serial);
	(void)anchor;
	store_finish(names);
	assert_int_equal(change(directory, REQUEST_DISTRUST, &names->anchors[0], OUTCOME_CANNOT), 0);
	assert_int_equal(change(directory, REQUEST_DISTRUST, &names->anchors[1], OUTCOME_CANNOT), 0);
	assert_int_equal(change(directory, REQUEST_REMOVE, &names->anchors[0], OUTCOME_ALREADY), 0);
	change(directory, REQUEST_TRUST, &ca->anchors[0], OUTCOME_DONE);
	change(directory, REQUEST_TRUST, &leaf->anchors[0], OUTCOME_DONE);
	change(directory, REQUEST_DISTRUST, &names->anchors[0], OUTCOME_DONE);
	flags(directory, "A CA", "p,p,p");
	change(directory, REQUEST_REMOVE, &names->anchors[1], OUTCOME_DONE);
	flags(directory, "A server", "");
	store_free(names);
	feed_remove(directory);
}

static void what_cannot_be_changed_safely_is_an_error_that_says_what_to_do(void **state)
{
	static const struct {
		const char *make, *says;
	} rows[] = {
		{ "rm db/* && printf '\\0\\6\\25\\141' >db/cert8.db", "certutil -K -X" },
		{ "rm db/key4.db", "there is no 'key4.db' beside 'cert9.db'" },
		{ "rm db/cert9.db", "there is no 'cert9.db' beside 'key4.db'" },
		{ "printf x >db/cert9.db-journal", "close the browser" },
		{ "printf x >db/key4.db-wal", "close the browser" },
		{ "mv db/cert9.db real && ln -s ../real db/cert9.db", "'cert9.db' is a link to '../real'" },
		{ "echo text >db/cert9.db", "NSS cannot open the database" },
		{ "rm -r db && echo text >db.txt && ln -s db.txt db", "no directory with an NSS database" },
	};

	(void)state;
	NEEDS_NSS();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *directory = database("");
		struct staged staged = { 0 };
		struct err err = { 0 };

		assert_true(feed_run(NULL, "cd %s && %s", directory, rows[i].make));
		if (stage_only(directory, REQUEST_TRUST, &ca->anchors[0], NULL, &staged, &err))
			fail_msg("%s: staged", rows[i].make);
		if (strstr(err.text, rows[i].says) == NULL)
			fail_msg("%s: %s", rows[i].make, err.text);
		feed_remove(directory);
	}
}

/*
 * An NSS from 3.114 on beside this host's, unpacked of its packages (libnss3 and libnss3-tools
 * of Debian, from forky on): $ANCHORAGE_NEWER_NSS/usr/lib/TRIPLET/libsoftokn3.so, usr/bin/certutil. This
 * program is then run once more with these libraries, for what it is told in words.
 */
static bool newer_nss(char **ret_libraries)
{
	const char *prefix = getenv("ANCHORAGE_NEWER_NSS");
	struct buf found = { 0 };
	bool ret = prefix != NULL && feed_run(&found,
					      "ls -d '%s'/usr/lib/*/libsoftokn3.so | sed 's,/[^/]*$,,' && "
					      "[ -x '%s'/usr/bin/certutil ]",
					      prefix, prefix);

	if (ret)
		*ret_libraries = mem_string((const char *)found.at, found.len - 1);
	else
		print_message("skipped: $ANCHORAGE_NEWER_NSS names no NSS of 3.114 or later\n");
	buf_done(&found);
	return ret && nss_is_here();
}

static const char *const words[] = { "trust", "remove", "distrust", "lift" };

/* The change that main() was asked for. */
static int change_by_words(char **args)
{
	struct store *store = store_new("given");
	struct buf der = { 0 };

	token_tuning.softokn = getenv("SOFTOKN");
	feed_load(args[0], args[1], &der);
	store_add(store, buf_view(&der), 0)->trusted = PURPOSES_ALL;
	store_finish(store);
	for (size_t i = 0; i < REQUEST_KINDS; i++)
		if (strcmp(args[2], words[i]) == 0)
			change(args[0], (enum request_kind)i, &store->anchors[0],
			       (enum outcome_kind)strtol(args[3], NULL, 10));
	store_free(store);
	buf_done(&der);
	return 0;
}

static void newly(const char *libraries, const char *directory, enum request_kind kind,
		  enum outcome_kind outcome)
{
	char self[4096] = "";

	assert_true(readlink("/proc/self/exe", self, sizeof(self) - 1) > 0);
	assert_true(feed_run(NULL, "LD_LIBRARY_PATH=%s SOFTOKN=%s/libsoftokn3.so '%s' change %s ca.der %s %d",
			     libraries, libraries, self, directory, words[kind], (int)outcome));
}

static void new_flags(const char *libraries, const char *directory, const char *want)
{
	struct buf said = { 0 };

	assert_true(feed_run(&said,
			     "LD_LIBRARY_PATH=%s %s/../../bin/certutil -L -d sql:%s/db | "
			     "sed -n 's/^A CA  *\\([pPcCTu,]*\\) *$/\\1/p'",
			     libraries, libraries, directory));
	buf_byte(&said, 0);
	if (strncmp((const char *)said.at, want, strlen(want)) != 0 || said.at[strlen(want)] != '\n')
		fail_msg("newer NSS finds '%s' and not '%s'", said.at, want);
	buf_done(&said);
}

/* Each of the two writes, and both find the same, whoever wrote before. */
static void older_and_newer_nss_find_the_same_whoever_writes(void **state)
{
	static const struct {
		enum request_kind kind;
		const char *flags;
	} steps[] = {
		{ REQUEST_TRUST, "C,," },      { REQUEST_DISTRUST, "p,p,p" }, { REQUEST_LIFT, ",," },
		{ REQUEST_DISTRUST, "p,p,p" }, { REQUEST_TRUST, "C,," },
	};
	char *libraries = NULL;

	(void)state;
	if (!newer_nss(&libraries))
		skip();
	for (unsigned order = 0; order < 1u << (sizeof(steps) / sizeof(steps[0])); order++) {
		char *directory = database("");

		feed_file(directory, "ca.der", ca->anchors[0].cert.der);
		for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
			if (order >> i & 1)
				newly(libraries, directory, steps[i].kind, OUTCOME_DONE);
			else
				change(directory, steps[i].kind, &ca->anchors[0], OUTCOME_DONE);
			flags(directory, "A CA", steps[i].flags);
			new_flags(libraries, directory, steps[i].flags);
		}
		if (order & 1)
			newly(libraries, directory, REQUEST_REMOVE, OUTCOME_DONE);
		else
			change(directory, REQUEST_REMOVE, &ca->anchors[0], OUTCOME_DONE);
		flags(directory, "A CA", "");
		feed_remove(directory);
	}
	free(libraries);
}

static void what_newer_nss_wrote_is_changed_for_older_nss_too(void **state)
{
	char *libraries = NULL, *directory;

	(void)state;
	if (!newer_nss(&libraries))
		skip();
	directory = database("");
	feed_file(directory, "ca.der", ca->anchors[0].cert.der);
	assert_true(
		feed_run(NULL,
			 "cd %s && LD_LIBRARY_PATH=%s %s/../../bin/certutil -A -n 'A CA' -t C,, -i ca.der "
			 "-d sql:db",
			 directory, libraries, libraries));
	flags(directory, "A CA", ",,"); /* which knows nothing of such objects */
	change(directory, REQUEST_DISTRUST, &ca->anchors[0], OUTCOME_DONE);
	flags(directory, "A CA", "p,p,p");
	new_flags(libraries, directory, "p,p,p");
	newly(libraries, directory, REQUEST_REMOVE, OUTCOME_DONE);
	flags(directory, "A CA", "");
	feed_remove(directory);
	free(libraries);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_ca_is_added_distrusted_lifted_and_removed_as_certutil_sees_it),
		cmocka_unit_test(purposes_are_flags_and_what_is_trusted_already_is_left),
		cmocka_unit_test(what_is_so_already_gives_no_edit),
		cmocka_unit_test(what_certutil_added_is_so_already_and_can_be_removed),
		cmocka_unit_test(what_is_removed_leaves_no_trust_behind),
		cmocka_unit_test(a_server_certificate_is_trusted_itself),
		cmocka_unit_test(a_nickname_is_shared_by_one_subject_and_has_no_colon),
		cmocka_unit_test(a_database_with_a_password_is_changed_with_it_and_not_touched_without),
		cmocka_unit_test(a_database_that_is_not_there_is_made_with_an_empty_password),
		cmocka_unit_test(a_forged_trust_is_written_anew),
		cmocka_unit_test(the_certificate_of_a_private_key_stays_without_trust),
		cmocka_unit_test(what_is_named_without_its_certificate_is_found_where_it_is),
		cmocka_unit_test(what_cannot_be_changed_safely_is_an_error_that_says_what_to_do),
		cmocka_unit_test(older_and_newer_nss_find_the_same_whoever_writes),
		cmocka_unit_test(what_newer_nss_wrote_is_changed_for_older_nss_too),
	};

	if (argc == 6 && strcmp(argv[1], "change") == 0)
		return change_by_words(argv + 2);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
