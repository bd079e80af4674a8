/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/root.h"
#include "medium/chain.h"
#include "medium/file.h"
#include "model/store.h"

static const struct root host = { .fd = -1 };

static char *fixture(const char *name)
{
	const char *srcdir = getenv("srcdir");

	return mem_print("%s/tests/corpus/%s", srcdir != NULL ? srcdir : ".", name);
}

/* Both ways to read a file give the same certificates in the same order, or both give none. */
static void assert_alike(const char *path)
{
	struct store *store = store_new(path);
	struct chain chain;
	struct err err = { 0 };
	bool stored = file_read(path, &host, NULL, store, &err);
	bool chained = chain_read(path, &host, &chain, &err);
	size_t n = 0;

	for (size_t i = 0; stored && i < store->count; i++) {
		if (store->anchors[i].names != ANCHOR_CERTIFICATE)
			continue;
		assert_true(n < chain.count);
		assert_true(bytes_equal(store->anchors[i].cert.der, chain.all[n].der));
		n++;
	}
	assert_int_equal(n, chain.count);
	assert_int_equal(chained, n > 0);
	chain_done(&chain);
	store_free(store);
}

static void every_fixture_reads_as_it_does_into_a_store(void **state)
{
	static const char *const folders[] = { "pem", "der", "trusted", "pkcs7", "jks", "certdata", "sst" };
	size_t count = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		char *dir = fixture(folders[i]);
		DIR *open = opendir(dir);
		const struct dirent *entry;

		assert_non_null(open);
		while ((entry = readdir(open)) != NULL) {
			char *path = mem_print("%s/%s", dir, entry->d_name);

			if (entry->d_name[0] != '.') {
				assert_alike(path);
				count++;
			}
			free(path);
		}
		closedir(open);
		free(dir);
	}
	assert_true(count > 50);
}

static void a_plain_bundle_is_read_without_a_store_and_told_by_line(void **state)
{
	char *path = fixture("pem/good-bundle.pem");
	struct chain chain;
	struct err err;

	(void)state;
	assert_true(chain_read(path, &host, &chain, &err));
	assert_null(chain.store);
	assert_int_equal(chain.count, 2);
	assert_true(strlen(chain.all[1].where) > strlen(path));
	assert_int_equal(strncmp(chain.all[1].where, path, strlen(path)), 0);
	assert_int_equal(chain.all[1].where[strlen(path)], ':');
	chain_done(&chain);
	free(path);
}

static void memory_of_the_last_file_serves_the_next(void **state)
{
	static const char *const files[] = { "pem/good-bundle.pem", "pem/odd-cut-block.pem",
					     "pem/bad-text.pem", "pem/good-bundle.pem" };
	struct chain chain = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		char *path = fixture(files[i]);
		struct chain fresh;
		struct err err = { 0 };

		assert_int_equal(chain_read_next(path, &host, &chain, &err),
				 chain_read(path, &host, &fresh, &err));
		assert_int_equal(chain.count, fresh.count);
		assert_int_equal(chain.store != NULL, fresh.store != NULL);
		for (size_t n = 0; n < fresh.count; n++) {
			assert_true(bytes_equal(chain.all[n].der, fresh.all[n].der));
			assert_string_equal(chain.all[n].where, fresh.all[n].where);
		}
		chain_done(&fresh);
		free(path);
	}
	chain_done(&chain);
}

static void what_is_odd_goes_through_a_store_and_is_noted(void **state)
{
	char *path = fixture("pem/odd-cut-block.pem");
	struct chain chain;
	struct err err;

	(void)state;
	assert_true(chain_read(path, &host, &chain, &err));
	assert_non_null(chain.store);
	assert_true(chain.store->note_count > 0);
	chain_done(&chain);
	free(path);
}

static void a_file_without_a_certificate_says_so(void **state)
{
	static const char *const files[] = { "pem/bad-text.pem", "pem/bad-private-key.pem",
					     "pem/absent.pem" };

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		char *path = fixture(files[i]);
		struct chain chain;
		struct err err = { 0 };

		assert_false(chain_read(path, &host, &chain, &err));
		assert_int_not_equal(err.code, ERR_NONE);
		chain_done(&chain);
		free(path);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_of_the_last_file_serves_the_next),
		cmocka_unit_test(every_fixture_reads_as_it_does_into_a_store),
		cmocka_unit_test(a_plain_bundle_is_read_without_a_store_and_told_by_line),
		cmocka_unit_test(what_is_odd_goes_through_a_store_and_is_noted),
		cmocka_unit_test(a_file_without_a_certificate_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
