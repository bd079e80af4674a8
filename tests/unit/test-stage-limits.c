/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The limits that we write into a trust directory, as GnuTLS keeps them when it reads
 * that directory through p11-kit. In a process of its own each: p11-kit's module is
 * given its directory once and for all.
 */
#include "unit.h"

#include <gnutls/pkcs11.h>
#include <gnutls/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "feed.h"
#include "model/staple.h"
#include "perform.h"
#include "stage/stager.h"
#include "trust.h"

static const struct make root = { .cn = "Corp Root", .key = 1, .serial = 1 },
			 inside = { .cn = "inside",
				    .issuer = "Corp Root",
				    .key = 2,
				    .issuer_key = 1,
				    .serial = 2,
				    .leaf = true,
				    .host = "a.corp.example" },
			 outside = { .cn = "outside",
				     .issuer = "Corp Root",
				     .key = 3,
				     .issuer_key = 1,
				     .serial = 3,
				     .leaf = true,
				     .host = "www.example.com" };

enum answer { ACCEPTED = 40, CONSTRAINED, REJECTED, FAILED };

/* What GnuTLS makes of the leaf, with the directory for all that is trusted. Does not return. */
static void judge(const char *module, const char *dir, const struct make *how)
{
	char *words = mem_print("p11-kit: paths='%s' trusted", dir);
	gnutls_typed_vdata_st host = { GNUTLS_DT_DNS_HOSTNAME, (unsigned char *)(uintptr_t)how->host, 0 };
	gnutls_x509_trust_list_t list;
	gnutls_x509_crt_t leaf;
	gnutls_datum_t leaf_der;
	struct buf der = { 0 };
	unsigned status = 0;

	make_cert(how, &der);
	gnutls_pkcs11_init(GNUTLS_PKCS11_FLAG_MANUAL, NULL);
	leaf_der = (gnutls_datum_t){ der.at, (unsigned)der.len };
	if (gnutls_pkcs11_add_provider(module, words) < 0 || gnutls_x509_trust_list_init(&list, 0) < 0 ||
	    gnutls_x509_trust_list_add_trust_file(list, "pkcs11:", NULL, GNUTLS_X509_FMT_PEM, 0, 0) < 0 ||
	    gnutls_x509_crt_init(&leaf) < 0 ||
	    gnutls_x509_crt_import(leaf, &leaf_der, GNUTLS_X509_FMT_DER) < 0 ||
	    gnutls_x509_trust_list_verify_crt2(list, &leaf, 1, &host, 1, 0, &status, NULL) < 0)
		_Exit(FAILED);
	_Exit(status == 0                                       ? ACCEPTED
	      : status & GNUTLS_CERT_SIGNER_CONSTRAINTS_FAILURE ? CONSTRAINED
								: REJECTED);
}

static enum answer gnutls_says(const char *dir, const struct make *how)
{
	struct buf module = { 0 };
	int status = 0;
	pid_t child;

	feed_run(&module,
		 "printf %%s \"$(pkg-config --variable=p11_module_path p11-kit-1)/p11-kit-trust.so\"");
	buf_byte(&module, '\0');
	fflush(NULL);
	child = fork();
	assert_true(child >= 0);
	if (child == 0)
		judge((char *)module.at, dir, how);
	assert_int_equal(waitpid(child, &status, 0), child);
	buf_done(&module);
	assert_true(WIFEXITED(status));
	return (enum answer)WEXITSTATUS(status);
}

static struct anchor *corp(struct store *wishes)
{
	struct buf der = { 0 };
	struct anchor *anchor;

	make_cert(&root, &der);
	anchor = store_add(wishes, buf_view(&der), 0);
	anchor->trusted = PURPOSES_ALL;
	buf_done(&der);
	return anchor;
}

static bool missing(void)
{
	if (trust_module_is_here())
		return false;
	skip();
	return true;
}

static void a_leaf_outside_the_permitted_names_is_refused_and_one_inside_is_not(void **state)
{
	static const uint8_t value[] = { 0x30, 0x12, 0xa0, 0x10, 0x30, 0x0e, 0x82, 0x0c, 'c', 'o',
					 'r',  'p',  '.',  'e',  'x',  'a',  'm',  'p',  'l', 'e' };
	struct store *wishes = store_new("wishes");
	struct anchor *anchor = corp(wishes);
	struct buf whole = { 0 };
	char *dir;

	(void)state;
	if (missing())
		return;
	dir = trust_directory();
	assert_int_equal(perform(&stager_p11kit, "/", dir, REQUEST_TRUST, anchor), OUTCOME_DONE);
	assert_int_equal(gnutls_says(dir, &inside), ACCEPTED);
	assert_int_equal(gnutls_says(dir, &outside), ACCEPTED);
	staple_write_extension(exts[EXT_NAME_CONSTRAINTS].oid, true, (struct bytes){ value, sizeof(value) },
			       &whole);
	assert_true(store_attach(wishes, anchor, buf_view(&whole)));
	assert_int_equal(perform(&stager_p11kit, "/", dir, REQUEST_TRUST, anchor), OUTCOME_DONE);
	assert_int_equal(gnutls_says(dir, &inside), ACCEPTED);
	assert_int_equal(gnutls_says(dir, &outside), CONSTRAINED);
	buf_done(&whole);
	feed_remove(dir);
	store_free(wishes);
}

static void what_is_forbidden_or_removed_is_refused(void **state)
{
	struct store *wishes = store_new("wishes");
	struct anchor *anchor = corp(wishes);
	char *dir;

	(void)state;
	if (missing())
		return;
	dir = trust_directory();
	assert_int_equal(perform(&stager_p11kit, "/", dir, REQUEST_TRUST, anchor), OUTCOME_DONE);
	assert_int_equal(perform(&stager_p11kit, "/", dir, REQUEST_DISTRUST, anchor), OUTCOME_DONE);
	assert_int_equal(gnutls_says(dir, &inside), REJECTED);
	assert_int_equal(perform(&stager_p11kit, "/", dir, REQUEST_LIFT, anchor), OUTCOME_DONE);
	assert_int_equal(gnutls_says(dir, &inside), ACCEPTED);
	assert_int_equal(perform(&stager_p11kit, "/", dir, REQUEST_REMOVE, anchor), OUTCOME_DONE);
	assert_int_equal(gnutls_says(dir, &inside), REJECTED);
	feed_remove(dir);
	store_free(wishes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_leaf_outside_the_permitted_names_is_refused_and_one_inside_is_not),
		cmocka_unit_test(what_is_forbidden_or_removed_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
