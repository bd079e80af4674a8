/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "nss-case.h"

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
#include "trust.h"

/* Certificates with P-256 keys, as NSS before 3.110 takes none with the Ed25519 of make.h. */
struct store *nss_make(const char *name, unsigned char serial, bool is_ca)
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

bool nss_is_here(void)
{
	char *softokn = library_find("libsoftokn3.so");
	bool here = softokn != NULL && feed_run(NULL, "command -v certutil >/dev/null");

	free(softokn);
	if (!here)
		print_message("skipped: NSS's libsoftokn3.so or certutil is not here\n");
	return here;
}

/* A directory with an empty database in db/. */
char *nss_database(const char *password)
{
	char *directory = feed_directory();

	trust_text(directory, "password", password);
	trust_folder(directory, "db");
	assert_true(feed_run(NULL, "certutil -N -d sql:%s/db %s %s/password 2>/dev/null", directory,
			     password[0] == '\0' ? "--empty-password #" : "-f", directory));
	return directory;
}

void nss_flags(const char *directory, const char *nickname, const char *want)
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

bool nss_stage_only(const char *directory, enum request_kind kind, const struct anchor *anchor,
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

void nss_perform(const struct edits *edits)
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
size_t nss_change_it(const char *directory, enum request_kind kind, const struct anchor *anchor,
		     enum outcome_kind outcome)
{
	struct staged staged = { 0 };
	struct err err = { 0 };
	size_t ret;

	if (!nss_stage_only(directory, kind, anchor, NULL, &staged, &err))
		fail_msg("%s", err.text);
	assert_int_equal(staged.outcome_count, 1);
	assert_int_equal(staged.outcomes[0].kind, outcome);
	nss_perform(&staged.edits);
	ret = staged.edits.count;
	staged_done(&staged);
	assert_true(nss_stage_only(directory, kind, anchor, NULL, &staged, &err));
	assert_int_equal(staged.edits.count, 0);
	if (outcome == OUTCOME_DONE)
		assert_int_equal(staged.outcomes[0].kind, OUTCOME_ALREADY);
	staged_done(&staged);
	return ret;
}
