/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/root.h"
#include "feed.h"
#include "format/armor.h"
#include "hand.h"
#include "medium/evidence.h"

/* A CRL of nobody, and an OCSP response that is an error: both can be read. */
#define CRL                                                                                                  \
	"30{ 30{ 020101 30{ 06032b6570 } 30{ 31{ 30{ 0603550403 0c0141 } } } "                               \
	"17{ 3235303530313030303030305a } } 30{ 06032b6570 } 03{ 00ff } }"
#define OCSP "30{ 0a0103 }"

static const struct root host = { .fd = -1 };

/* A file of these bytes, read as one kind. */
struct one {
	char *dir;
	struct evidence_files files;
	struct err err;
	bool ok;
};

static struct one read_bytes(enum proof_kind kind, struct bytes content)
{
	struct one one = { .dir = feed_directory() };
	char *path = mem_print("%s/file", one.dir);

	feed_file(one.dir, "file", content);
	one.ok = evidence_read(&host, path, kind, &one.files, &one.err);
	free(path);
	return one;
}

static void one_done(struct one *one)
{
	evidence_files_done(&one->files);
	feed_remove(one->dir);
}

static void der(const char *tree, struct buf *to)
{
	*to = (struct buf){ 0 };
	hand_tree(tree, to);
}

static void pem(const char *type, const char *tree, struct buf *to)
{
	struct buf bytes;

	der(tree, &bytes);
	armor_write(to, type, buf_view(&bytes));
	buf_done(&bytes);
}

static bool ends(const char *text, const char *with)
{
	size_t a = strlen(text), b = strlen(with);

	return a >= b && strcmp(text + a - b, with) == 0;
}

static void der_is_read_also_one_behind_the_other(void **state)
{
	struct buf bytes, twice = { 0 };
	struct one one;

	(void)state;
	der(CRL, &bytes);
	buf_bytes(&twice, buf_view(&bytes));
	buf_bytes(&twice, buf_view(&bytes));
	one = read_bytes(PROOF_CRL, buf_view(&twice));
	assert_true(one.ok);
	assert_int_equal(one.files.crl_count, 2);
	assert_int_equal(one.files.ocsp_count, 0);
	assert_null(one.files.crls[1].damage);
	assert_true(ends(one.files.crls[0].where, "/file"));
	assert_non_null(strstr(one.files.crls[1].where, "/file@"));
	one_done(&one);
	buf_done(&bytes);
	buf_done(&twice);
}

static void pem_is_read_and_what_stands_beside_is_passed_over(void **state)
{
	struct buf text = { 0 };
	struct one one;

	(void)state;
	buf_text(&text, "words\n");
	pem("CERTIFICATE", "30{ 0500 }", &text);
	pem("X509 CRL", CRL, &text);
	pem("OCSP RESPONSE", OCSP, &text);
	pem("X509 CRL", CRL, &text);
	one = read_bytes(PROOF_CRL, buf_view(&text));
	assert_true(one.ok);
	assert_int_equal(one.files.crl_count, 2);
	assert_true(ends(one.files.crls[0].where, "/file:5"));
	one_done(&one);
	one = read_bytes(PROOF_OCSP, buf_view(&text));
	assert_true(one.ok);
	assert_int_equal(one.files.ocsp_count, 1);
	assert_int_equal(one.files.ocsp[0].ocsp.status, 3);
	one_done(&one);
	buf_done(&text);
}

static void what_is_damaged_is_kept_with_its_damage(void **state)
{
	static const char cut[] = "-----BEGIN X509 CRL-----\nMAA=\n",
			  junk[] = "-----BEGIN X509 CRL-----\n"
				   "M!A=\n-----END X509 CRL-----\n";
	struct buf bytes;
	struct one one;

	(void)state;
	der(CRL, &bytes);
	one = read_bytes(PROOF_CRL, (struct bytes){ bytes.at, bytes.len - 1 });
	assert_true(one.ok);
	assert_int_equal(one.files.crl_count, 1);
	assert_non_null(strstr(one.files.crls[0].damage, "at byte 0"));
	one_done(&one);
	one = read_bytes(PROOF_CRL, bytes_of(cut));
	assert_true(one.ok);
	assert_non_null(strstr(one.files.crls[0].damage, "END"));
	one_done(&one);
	one = read_bytes(PROOF_CRL, bytes_of(junk));
	assert_true(one.ok);
	assert_non_null(strstr(one.files.crls[0].damage, "base64"));
	one_done(&one);
	buf_done(&bytes);
}

/* What is nothing of the kind is an error that says what it is instead. */
static void refuses(enum proof_kind kind, struct bytes content, const char *words)
{
	struct one one = read_bytes(kind, content);

	if (one.ok || strstr(one.err.text, words) == NULL)
		fail_msg("not '%s' but '%s'", words, one.ok ? "read" : one.err.text);
	one_done(&one);
}

static void another_thing_is_told_by_its_name(void **state)
{
	struct buf crl, ocsp, cert = { 0 }, text = { 0 };

	(void)state;
	der(CRL, &crl);
	der(OCSP, &ocsp);
	hand_root("A", 1, 1, &cert);
	pem("CERTIFICATE", "30{ 0500 }", &text);
	refuses(PROOF_CRL, buf_view(&ocsp), "an OCSP response; give it with --ocsp");
	refuses(PROOF_OCSP, buf_view(&crl), "a CRL; give it with --crl");
	refuses(PROOF_CRL, buf_view(&cert), "a certificate");
	refuses(PROOF_CRL, buf_view(&text), "its PEM holds 'CERTIFICATE'");
	refuses(PROOF_CRL, bytes_of(""), "empty");
	refuses(PROOF_OCSP, bytes_of("<html>"), "neither PEM nor DER");
	buf_done(&crl);
	buf_done(&ocsp);
	buf_done(&cert);
	buf_done(&text);
}

static void a_file_that_is_not_there_is_an_error(void **state)
{
	struct evidence_files files = { 0 };
	struct err err = { 0 };

	(void)state;
	assert_false(evidence_read(&host, "/nonexistent/crl.pem", PROOF_CRL, &files, &err));
	assert_int_not_equal(err.text[0], '\0');
	evidence_files_done(&files);
}

static void several_files_add_up(void **state)
{
	char *dir = feed_directory(), *a = mem_print("%s/a", dir), *b = mem_print("%s/b", dir);
	struct evidence_files files = { 0 };
	struct err err = { 0 };
	struct buf bytes;

	(void)state;
	der(CRL, &bytes);
	feed_file(dir, "a", buf_view(&bytes));
	feed_file(dir, "b", buf_view(&bytes));
	assert_true(evidence_read(&host, a, PROOF_CRL, &files, &err));
	assert_true(evidence_read(&host, b, PROOF_CRL, &files, &err));
	assert_int_equal(files.crl_count, 2);
	assert_true(ends(files.crls[0].where, "/a") && ends(files.crls[1].where, "/b"));
	assert_true(bytes_equal(files.crls[0].crl.issuer, files.crls[1].crl.issuer));
	evidence_files_done(&files);
	feed_remove(dir);
	buf_done(&bytes);
	free(a);
	free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(der_is_read_also_one_behind_the_other),
		cmocka_unit_test(pem_is_read_and_what_stands_beside_is_passed_over),
		cmocka_unit_test(what_is_damaged_is_kept_with_its_damage),
		cmocka_unit_test(another_thing_is_told_by_its_name),
		cmocka_unit_test(a_file_that_is_not_there_is_an_error),
		cmocka_unit_test(several_files_add_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
