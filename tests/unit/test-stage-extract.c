/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is made for programs of a system's trust directories is what the system's own
 * tool makes of them, which is a list of calls of `trust extract`. Trees with this
 * host's bundle of roots; `trust` takes its directories from its configuration alone,
 * so it runs in a mount namespace where that is ours.
 */
#include "unit.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "feed.h"
#include "format/format.h"
#include "perform.h"
#include "stage/stager.h"
#include "trust.h"

enum { NOW = 1795392000 };

static const char *const bundles[] = { "/etc/ssl/certs/ca-certificates.crt",
				       "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
				       "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem" };

/* The tool's calls, with $E for where it puts the files. */
#define CALL(what, how, where)                                                                               \
	"trust extract --overwrite --format=" what " --filter=ca-anchors " how " $E/" where " && "
#define SERVER "--purpose=server-auth"

static const struct system {
	const char *name;
	const struct stager *const *stager;
	const char *own, *share, *extracted;
	const char *calls;
} systems[] = {
	{ "Fedora", (const struct stager *const[]){ &stager_fedora }, "etc/pki/ca-trust/source",
	  "usr/share/pki/ca-trust-source", "etc/pki/ca-trust/extracted",
	  "mkdir -p $E/openssl $E/pem $E/java $E/edk2 && "
	  "trust extract --overwrite --comment --format=openssl-bundle --filter=certificates "
	  "$E/openssl/ca-bundle.trust.crt && " CALL("pem-bundle", "--comment " SERVER,
						    "pem/tls-ca-bundle.pem")
		  CALL("pem-bundle", "--comment --purpose=email", "pem/email-ca-bundle.pem")
			  CALL("pem-bundle", "--comment --purpose=code-signing",
			       "pem/objsign-ca-bundle.pem") CALL("java-cacerts", SERVER, "java/cacerts")
				  CALL("edk2-cacerts", SERVER, "edk2/cacerts.bin") CALL(
					  "pem-directory-hash", SERVER,
					  "pem/directory-hash") "chmod u+w $E/pem/directory-hash && ln -s "
								"../tls-ca-bundle.pem "
								"$E/pem/directory-hash/ca-bundle.crt && "
								"ln -s ../tls-ca-bundle.pem "
								"$E/pem/directory-hash/ca-certificates.crt "
								"&& chmod u-w $E/pem/directory-hash" },
	{ "Arch", (const struct stager *const[]){ &stager_arch }, "etc/ca-certificates/trust-source",
	  "usr/share/ca-certificates/trust-source", "etc/ca-certificates/extracted",
	  "mkdir -p $E && trust extract --overwrite --comment --format=openssl-bundle --filter=certificates "
	  "$E/ca-bundle.trust.crt && " CALL("pem-bundle", "--comment " SERVER, "tls-ca-bundle.pem")
		  CALL("pem-bundle", "--comment --purpose=email", "email-ca-bundle.pem")
			  CALL("pem-bundle", "--comment --purpose=code-signing", "objsign-ca-bundle.pem")
				  CALL("java-cacerts", SERVER, "java-cacerts.jks")
					  CALL("edk2-cacerts", SERVER, "edk2-cacerts.bin")
						  CALL("pem-directory-hash", SERVER, "cadir") "true" },
	{ "SUSE", (const struct stager *const[]){ &stager_suse }, "etc/pki/trust", "usr/share/pki/trust",
	  "var/lib/ca-certificates",
	  "mkdir -p $E && " CALL("pem-bundle", SERVER, "ca-bundle.pem")
		  CALL("java-cacerts", SERVER, "java-cacerts") CALL("openssl-directory", "", "openssl")
			  CALL("pem-directory-hash", SERVER, "pem") "true" },
};
enum { SYSTEMS = sizeof(systems) / sizeof(systems[0]) };

/* A tree of the system with this host's roots for the distribution's list. Skips the test if there are none.
 */
static char *tree(const struct system *system)
{
	const char *bundle = NULL;
	char *dir;

	for (size_t i = 0; bundle == NULL && i < sizeof(bundles) / sizeof(bundles[0]); i++)
		bundle = access(bundles[i], R_OK) == 0 ? bundles[i] : NULL;
	if (bundle == NULL || !trust_module_is_here()) {
		print_message("skipped: no bundle of roots, or no trust module of p11-kit, on this host\n");
		skip();
		return NULL;
	}
	dir = feed_directory();
	assert_true(feed_run(
		NULL, "mkdir -p %s/%s/anchors %s/%s/blocklist %s/%s/anchors && cp %s %s/%s/anchors/roots.pem",
		dir, system->own, dir, system->own, dir, system->share, bundle, dir, system->share));
	return dir;
}

/* The tool's files, in `theirs` in the tree; false if there is no way to have `trust` read the tree. */
static bool theirs(const struct system *system, const char *dir)
{
	static const char script[] =
		"cd %s && configs=$(pkg-config --variable=p11_module_configs p11-kit-1) && mkdir -p conf && "
		"printf 'module: p11-kit-trust.so\\ntrust-policy: yes\\nx-init-reserved: "
		"paths=%s/%s:%s/%s\\n' "
		">conf/p11-kit-trust.module && cat >script <<'END'\nmount --bind conf $1 && E=$2 && %s\nEND\n"
		"SOURCE_DATE_EPOCH=%d unshare -rm sh script \"$configs\" %s/theirs/%s >/dev/null 2>&1";

	return feed_run(NULL, script, dir, dir, system->own, dir, system->share, system->calls, NOW, dir,
			system->extracted);
}

static void feed_remove_all(char *dir)
{
	feed_run(NULL, "chmod -R u+w %s", dir);
	feed_remove(dir);
}

static size_t repair(const struct system *system, const char *dir)
{
	const struct requests none = { 0 };
	struct staged staged;
	size_t count;

	perform_stage(*system->stager, dir, NULL, &none, &staged);
	count = staged.edits.count;
	perform_edits(dir, &staged.edits);
	staged_done(&staged);
	return count;
}

/* Files that differ, names and links that one of both has not. SUSE's hook puts a comment in front of its
 * bundle, and we another. */
static void differences(const struct system *system, const char *dir, struct buf *ret)
{
	feed_run(ret,
		 "cd %s/%s && { ! test -e ca-bundle.pem || sed -i '/^#/d' ca-bundle.pem; } && cd %s && "
		 "diff -rq --no-dereference theirs/%s %s",
		 dir, system->extracted, dir, system->extracted, system->extracted);
}

static void of_one_list_every_byte_name_and_link_is_that_of_the_systems_tool(void **state)
{
	(void)state;
	for (size_t i = 0; i < SYSTEMS; i++) {
		struct buf said = { 0 };
		char *dir = tree(&systems[i]);

		if (dir == NULL)
			return;
		if (!theirs(&systems[i], dir)) {
			print_message("skipped: no trust command here, or no mount namespace for it\n");
			feed_remove_all(dir);
			skip();
			return;
		}
		assert_true(repair(&systems[i], dir) > 100);
		assert_int_equal(repair(&systems[i], dir), 0);
		differences(&systems[i], dir, &said);
		buf_byte(&said, '\0');
		if (said.len > 1)
			fail_msg("%s: %s", systems[i].name, (char *)said.at);
		buf_done(&said);
		feed_remove_all(dir);
	}
}

/* Local files beside the distribution's list: one more, one again, one limited, one forbidden, a whole one
 * and a key. */
static void add_local(const struct system *system, const char *dir)
{
	static const struct make more = { .cn = "More CA", .key = 1, .serial = 1 },
				 mail = { .cn = "Mail CA", .key = 2, .serial = 2 },
				 leaf = { .cn = "leaf.example", .key = 3, .serial = 3, .leaf = true };
	char *own = mem_print("%s/%s", dir, system->own);
	struct store *store = store_new("local");
	struct buf der = { 0 }, file = { 0 };
	struct anchor *anchor;

	trust_pem(own, "anchors/more.pem", &more);
	trust_der(own, "anchors/leaf.der", &leaf);
	make_cert(&mail, &der);
	anchor = store_add(store, buf_view(&der), 0);
	anchor->trusted = PURPOSE_BIT(PURPOSE_EMAIL);
	store_label(store, anchor, bytes_of("Mail only"));
	feed_write(&format_p11kit, store, &file);
	feed_file(own, "mail.p11-kit", buf_view(&file));
	assert_true(feed_run(NULL,
			     "awk '/BEGIN CERT/ { n++ } n == 7 { print >\"%s/blocklist/seven.pem\" } "
			     "n == 9 { print >\"%s/anchors/nine.pem\" }' <%s/%s/anchors/roots.pem",
			     own, own, dir, system->share));
	buf_done(&file);
	buf_done(&der);
	store_free(store);
	free(own);
}

/* The bundles' blocks with what stands before each, sorted: the order is that of a directory's listing. */
static bool same_blocks(const struct system *system, const char *dir, const char *file)
{
	static const char sort[] =
		"awk 'BEGIN { RS = \"-----END [A-Z ]*-----\\n\" } { gsub(/\\n/, \"|\"); sub(/^\\|/, "
		"\"\"); print }' %s/%s/%s | sort >%s/sorted.%d";

	char *other = mem_print("%s/theirs", dir);
	bool same = feed_run(NULL, sort, dir, system->extracted, file, dir, 1) &&
		    feed_run(NULL, sort, other, system->extracted, file, dir, 2) &&
		    feed_run(NULL, "cd %s && test -s sorted.1 && cmp sorted.1 sorted.2", dir);

	free(other);
	return same;
}

static void of_lists_with_local_files_the_same_is_made_in_an_order_of_its_own(void **state)
{
	static const char *const orderless[] = { "pem/tls-ca-bundle.pem", "pem/email-ca-bundle.pem",
						 "pem/objsign-ca-bundle.pem", "openssl/ca-bundle.trust.crt" };
	const struct system *fedora = &systems[0];
	struct buf said = { 0 };
	char *dir = tree(fedora);

	(void)state;
	if (dir == NULL)
		return;
	add_local(fedora, dir);
	if (!theirs(fedora, dir)) {
		print_message("skipped: no trust command here, or no mount namespace for it\n");
		feed_remove_all(dir);
		skip();
		return;
	}
	assert_true(repair(fedora, dir) > 100);
	for (size_t i = 0; i < sizeof(orderless) / sizeof(orderless[0]); i++)
		if (!same_blocks(fedora, dir, orderless[i]))
			fail_msg("%s", orderless[i]);
	feed_run(&said,
		 "cd %s && diff -rq --no-dereference theirs/%s/pem/directory-hash %s/pem/directory-hash", dir,
		 fedora->extracted, fedora->extracted);
	buf_byte(&said, '\0');
	if (said.len > 1)
		fail_msg("%s", (char *)said.at);
	buf_done(&said);
	feed_remove_all(dir);
}

static void what_the_systems_tool_made_is_left_as_it_stands(void **state)
{
	const struct system *fedora = &systems[0];
	char *dir = tree(fedora);
	struct timespec from, to;

	(void)state;
	if (dir == NULL)
		return;
	add_local(fedora, dir);
	if (!theirs(fedora, dir)) {
		print_message("skipped: no trust command here, or no mount namespace for it\n");
		feed_remove_all(dir);
		skip();
		return;
	}
	assert_true(
		feed_run(NULL, "cd %s && cp -a theirs/etc/pki/ca-trust/extracted etc/pki/ca-trust/", dir));
	clock_gettime(CLOCK_MONOTONIC, &from);
	assert_int_equal(repair(fedora, dir), 0);
	clock_gettime(CLOCK_MONOTONIC, &to);
	print_message("nothing to do: %ld ms\n",
		      (to.tv_sec - from.tv_sec) * 1000 + (to.tv_nsec - from.tv_nsec) / 1000000);
	feed_remove_all(dir);
}

static void what_is_stale_goes_and_what_is_somebody_elses_stays(void **state)
{
	const struct system *arch = &systems[1];
	char *dir = tree(arch);

	(void)state;
	if (dir == NULL)
		return;
	add_local(arch, dir);
	assert_true(feed_run(NULL,
			     "cd %s && mkdir -p etc/ssl/certs && ln -s /elsewhere etc/ssl/certs/mine.pem && "
			     "echo x >etc/ssl/certs/own.crt",
			     dir));
	repair(arch, dir);
	assert_true(feed_run(NULL,
			     "cd %s/etc && test -f ca-certificates/extracted/cadir/More_CA.pem && "
			     "test \"$(readlink ssl/certs/More_CA.pem)\" = "
			     "../../ca-certificates/extracted/cadir/More_CA.pem && "
			     "test \"$(stat -c %%a ca-certificates/extracted/tls-ca-bundle.pem)\" = 444 && "
			     "test $(ls ssl/certs/*.0 | wc -l) -gt 200 && echo notes "
			     ">ca-certificates/extracted/cadir/README && "
			     "rm ca-certificates/trust-source/anchors/more.pem",
			     dir));
	assert_true(repair(arch, dir) > 0);
	assert_true(
		feed_run(NULL,
			 "cd %s/etc && ! test -e ca-certificates/extracted/cadir/More_CA.pem && "
			 "! test -L ssl/certs/More_CA.pem && ! ls -l ssl/certs | grep -q More_CA && "
			 "test -f ca-certificates/extracted/cadir/README && test -L ssl/certs/mine.pem && "
			 "test -f ssl/certs/own.crt && ! grep -q 'More CA' "
			 "ca-certificates/extracted/tls-ca-bundle.pem",
			 dir));
	assert_int_equal(repair(arch, dir), 0);
	feed_remove_all(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_one_list_every_byte_name_and_link_is_that_of_the_systems_tool),
		cmocka_unit_test(of_lists_with_local_files_the_same_is_made_in_an_order_of_its_own),
		cmocka_unit_test(what_the_systems_tool_made_is_left_as_it_stands),
		cmocka_unit_test(what_is_stale_goes_and_what_is_somebody_elses_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
