/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/root.h"
#include "find/find.h"
#include "find/mozilla.h"
#include "medium/library.h"
#include "medium/medium.h"
#include "model/name.h"
#include "model/place.h"
#include "model/store.h"

static void a_store_is_a_kind_and_a_path_a_bare_path_a_uri_or_standard_input(void **state)
{
	static const struct {
		const char *text, *kind, *path;
	} rows[] = {
		{ "pem:/a/b", "pem", "/a/b" },
		{ "/a/b", NULL, "/a/b" },
		{ "hashdir:c:d", "hashdir", "c:d" },
		{ "C:/odd", NULL, "C:/odd" },
		{ "-", NULL, "-" },
		{ "pkcs11:token=x;object=a:b", "pkcs11", "pkcs11:token=x;object=a:b" },
	};
	struct root root = { .fd = -1, .path = (char *)(uintptr_t) "/" };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct place *places;
		struct err err;
		size_t count;

		assert_true(find_places(rows[i].text, &root, medium_kind, &places, &count, &err));
		assert_int_equal(count, 1);
		assert_string_equal(places[0].name, rows[i].text);
		assert_string_equal(places[0].paths[0], rows[i].path);
		if (rows[i].kind != NULL)
			assert_string_equal(places[0].kind, rows[i].kind);
		else
			assert_null(places[0].kind);
		find_done(places, count);
	}
}

static void an_empty_store_and_a_kind_without_a_path_are_refused(void **state)
{
	struct root root = { .fd = -1, .path = (char *)(uintptr_t) "/" };
	struct place *places;
	struct err err;
	size_t count;

	(void)state;
	assert_false(find_places("", &root, medium_kind, &places, &count, &err));
	assert_false(find_places("pem:", &root, medium_kind, &places, &count, &err));
	assert_non_null(strstr(err.text, "path"));
}

/* A tree with some directories of one distribution. */
static void make(const char *top, const char *path)
{
	char full[512];

	for (const char *slash = strchr(path + 1, '/');; slash = strchr(slash + 1, '/')) {
		snprintf(full, sizeof(full), "%s%.*s", top,
			 slash != NULL ? (int)(slash - path) : (int)strlen(path), path);
		mkdir(full, 0755);
		if (slash == NULL)
			break;
	}
}

static void the_system_of_a_root_is_its_own_distribution_s(void **state)
{
	static const struct {
		const char *made[2], *kind;
		size_t paths;
	} rows[] = {
		{ { "/etc/pki/ca-trust/source", NULL }, "p11-kit", 1 },
		{ { "/etc/pki/ca-trust/source", "/usr/share/pki/ca-trust-source" }, "p11-kit", 2 },
		{ { "/usr/share/pki/trust", "/etc/ssl/certs/ca-certificates.crt" }, "p11-kit", 1 },
		{ { "/etc/ssl/certs/ca-certificates.crt", "/etc/ssl/cert.pem" }, "pem", 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char top[] = "/tmp/anchorage-test-XXXXXX", command[64];
		struct place *places = NULL;
		struct root root;
		struct err err;
		size_t count = 0;

		assert_non_null(mkdtemp(top));
		assert_true(root_open(top, &root, &err));
		assert_false(find_places("system", &root, medium_kind, &places, &count, &err));
		assert_int_equal(err.code, ERR_ABSENT);
		for (size_t k = 0; k < 2 && rows[i].made[k] != NULL; k++)
			make(top, rows[i].made[k]);
		assert_true(find_places("system", &root, medium_kind, &places, &count, &err));
		assert_string_equal(places[0].kind, rows[i].kind);
		assert_int_equal(places[0].path_count, rows[i].paths);
		find_done(places, count);
		root_done(&root);
		snprintf(command, sizeof(command), "rm -rf %s", top);
		assert_int_equal(system(command), 0);
	}
}

static void mozilla_is_nss_s_module_on_the_host_and_refused_in_a_root(void **state)
{
	struct root root = { .fd = -1, .path = (char *)(uintptr_t) "/" };
	char top[] = "/tmp/anchorage-test-XXXXXX";
	struct place *places = NULL;
	struct err err = { 0 };
	size_t count = 0;

	(void)state;
	if (find_places("mozilla", &root, medium_kind, &places, &count, &err)) {
		assert_int_equal(count, 1);
		assert_string_equal(places[0].name, "mozilla");
		assert_string_equal(places[0].kind, "pkcs11");
		assert_int_equal(strncmp(places[0].paths[0], "pkcs11:?module-path=/", 21), 0);
		assert_non_null(strstr(places[0].how, "libnssckbi.so"));
		find_done(places, count);
	} else {
		assert_int_equal(err.code, ERR_ABSENT);
		assert_non_null(strstr(err.text, "install libnss3"));
	}
	assert_non_null(mkdtemp(top));
	assert_true(root_open(top, &root, &err));
	assert_false(find_places("mozilla", &root, medium_kind, &places, &count, &err));
	assert_int_equal(err.code, ERR_UNSUPPORTED);
	root_done(&root);
	assert_int_equal(rmdir(top), 0);
}

static void only_a_library_of_that_name_and_for_this_machine_is_mozilla_s(void **state)
{
	static const struct {
		const char *command;
		bool fits;
	} rows[] = {
		{ "true", false },
		{ "ln -s none libnssckbi.so", false },
		{ "echo text >libnssckbi.so", false },
		{ "cp \"$SELF\" libnssckbi.so", true },
		{ "cp \"$SELF\" libnssckbi.so.1 && ln -s libnssckbi.so.1 libnssckbi.so", true },
		{ "cp \"$SELF\" p11-kit-trust.so && ln -s p11-kit-trust.so libnssckbi.so", false },
		{ "cp \"$SELF\" libnssckbi.so && printf '\\377\\377' |"
		  " dd of=libnssckbi.so bs=1 seek=18 conv=notrunc 2>/dev/null",
		  false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char top[] = "/tmp/anchorage-test-XXXXXX", path[64], self[512], *command;
		ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);

		if (len < 0)
			skip();
		self[len] = '\0';
		assert_non_null(mkdtemp(top));
		setenv("SELF", self, 1);
		command = mem_print("cd %s && %s", top, rows[i].command);
		assert_int_equal(system(command), 0);
		free(command);
		snprintf(path, sizeof(path), "%s/libnssckbi.so", top);
		assert_int_equal(library_fits(path, "libnssckbi.so"), rows[i].fits);
		command = mem_print("rm -r %s", top);
		assert_int_equal(system(command), 0);
		free(command);
	}
}

static struct store *read_mozilla(const struct root *root)
{
	struct place *places;
	struct store *store;
	struct err err;
	size_t count;

	if (!mozilla_places(root, &places, &count, &err)) {
		print_message("# NSS's module is not installed\n");
		skip();
	}
	store = medium_read(&places[0], root, &err);
	assert_non_null(store);
	find_done(places, count);
	return store;
}

/* The same name, as far as names are compared: its letters large. */
static void make_large(struct buf *name)
{
	struct name_part part;

	for (size_t at = 0; name_next(buf_view(name), &at, &part);)
		for (size_t i = 0; i < part.value.len; i++) {
			uint8_t *c = name->at + (part.value.at - name->at) + i;

			*c = (uint8_t)(*c >= 'a' && *c <= 'z' ? *c - 0x20 : *c);
		}
}

static bool may_know(const struct root *root, const struct cert *cert)
{
	struct anchor anchor = { .cert = *cert, .readable = true };

	return mozilla_may_know(root, &(struct store){ .anchors = &anchor, .count = 1 });
}

static void each_certificate_of_mozilla_s_is_seen_in_the_module_s_file_by_key_issuer_and_name(void **state)
{
	struct root root = { .fd = -1, .path = (char *)(uintptr_t) "/" };
	struct store *store = read_mozilla(&root);
	size_t seen = 0;

	(void)state;
	for (size_t i = 0; i < store->count; i++) {
		const struct cert *cert = &store->anchors[i].cert;
		struct buf large = { 0 };

		if (!store->anchors[i].readable)
			continue;
		buf_bytes(&large, cert->subject);
		make_large(&large);
		assert_true(may_know(&root, &(struct cert){ .spki = cert->spki }));
		assert_true(
			may_know(&root, &(struct cert){ .subject = cert->subject, .issuer = cert->issuer }));
		assert_true(may_know(&root, &(struct cert){ .subject = buf_view(&large) }));
		buf_done(&large);
		seen++;
	}
	assert_true(seen > 50);
	store_free(store);
}

/* CN=Ktsqx Root CA: the last two words are in it, and the first is not. */
static void a_name_that_mozilla_s_list_does_not_have_is_not_asked_for(void **state)
{
	static const uint8_t name[] = "0\x18"
				      "1\x16"
				      "0\x14"
				      "\x06\x03\x55\x04\x03"
				      "\x0c\x0dKtsqx Root CA";
	const struct cert cert = { .subject = { name, sizeof(name) - 1 },
				   .issuer = { name, sizeof(name) - 1 } };
	struct root root = { .fd = -1, .path = (char *)(uintptr_t) "/" };

	(void)state;
	assert_true(name_valid(cert.subject));
	assert_false(may_know(&root, &cert));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_store_is_a_kind_and_a_path_a_bare_path_a_uri_or_standard_input),
		cmocka_unit_test(an_empty_store_and_a_kind_without_a_path_are_refused),
		cmocka_unit_test(the_system_of_a_root_is_its_own_distribution_s),
		cmocka_unit_test(mozilla_is_nss_s_module_on_the_host_and_refused_in_a_root),
		cmocka_unit_test(only_a_library_of_that_name_and_for_this_machine_is_mozilla_s),
		cmocka_unit_test(
			each_certificate_of_mozilla_s_is_seen_in_the_module_s_file_by_key_issuer_and_name),
		cmocka_unit_test(a_name_that_mozilla_s_list_does_not_have_is_not_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
