/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/root.h"
#include "find/find.h"
#include "find/mozilla.h"
#include "medium/library.h"
#include "medium/medium.h"
#include "model/place.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_store_is_a_kind_and_a_path_a_bare_path_a_uri_or_standard_input),
		cmocka_unit_test(an_empty_store_and_a_kind_without_a_path_are_refused),
		cmocka_unit_test(the_system_of_a_root_is_its_own_distribution_s),
		cmocka_unit_test(mozilla_is_nss_s_module_on_the_host_and_refused_in_a_root),
		cmocka_unit_test(only_a_library_of_that_name_and_for_this_machine_is_mozilla_s),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
