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

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_ca_is_added_distrusted_lifted_and_removed_as_certutil_sees_it),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
