/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/root.h"
#include "find/known.h"
#include "model/known.h"
#include "model/store.h"

#define HEAD                                                                                                 \
	"sha256\tspki_sha256\tname\tcategory\tprivate_key_public\tis_ca\tnot_after\tsubject\twhy\tsource\n"
#define ID_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define ID_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define TAIL "\tTrue\t-\tCN=x\twhy\tsource"

static void rows_are_found_by_certificate_and_by_key(void **state)
{
	static const char text[] = "# comment\n" HEAD ID_A "\t-\tfirst\tuntrusted-ca\tno" TAIL "\n"
				   "-\t" ID_B "\tsecond\tmalware\tunknown" TAIL "\n\n"
				   "-\t" ID_B "\tthird\tmitm-software\tyes" TAIL;
	struct known known;
	struct err err = { 0 };
	uint8_t a[DIGEST_LEN], b[DIGEST_LEN];

	(void)state;
	memset(a, 0xaa, sizeof(a));
	memset(b, 0xbb, sizeof(b));
	assert_true(known_read(bytes_of(text), "f", &known, &err));
	assert_int_equal(known.count, 3);
	assert_string_equal(known_certificate(&known, a)->name, "first");
	assert_null(known_certificate(&known, b));
	assert_null(known_key(&known, a));
	assert_string_equal(known_key(&known, b)->name, "third"); /* whose key is public */
	assert_string_equal(known_key(&known, b)->source, "source");
	assert_int_equal(known.all[0].category, KNOWN_UNTRUSTED_CA);
	assert_false(known.all[1].key_public);
	known_done(&known);
}

static void a_line_that_is_not_understood_is_an_error_that_names_it(void **state)
{
	static const struct {
		const char *text, *words;
	} rows[] = {
		{ "", "f: a table without columns" },
		{ "sha256\n", "f: line 1 does not name the columns" },
		{ HEAD ID_A "\t-\tx\tmalware\tno\n", "f: line 2 has fewer than 10 columns" },
		{ HEAD ID_A "\t-\tx\tmalware\tno" TAIL "\tmore\n", "f: line 2 has more than 10 columns" },
		{ HEAD "# c\n" ID_A "\t-\t\tmalware\tno" TAIL "\n", "f: line 3: column 3 is empty" },
		{ HEAD ID_A "a\t-\tx\tmalware\tno" TAIL "\n", "is too long for a SHA-256" },
		{ HEAD "aa\t-\tx\tmalware\tno" TAIL "\n", "f: line 2: 'aa' is no SHA-256" },
		{ HEAD "A" ID_A "\t-\tx\tmalware\tno" TAIL "\n", "small hex digits" },
		{ HEAD "-\t-\tx\tmalware\tno" TAIL "\n", "names no certificate and no key" },
		{ HEAD ID_A "\t-\tx\tmalwares\tno" TAIL "\n", "the category 'malwares' is not known" },
		{ HEAD ID_A "\t-\tx\tmalware\tperhaps" TAIL "\n", "'perhaps' is not 'yes', 'no'" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct known known = { 0 };
		struct err err = { 0 };

		assert_false(known_read(bytes_of(rows[i].text), "f", &known, &err));
		if (strstr(err.text, rows[i].words) == NULL)
			fail_msg("'%s' is not in '%s'", rows[i].words, err.text);
		assert_null(known.all);
	}
}

/* A row that this version does not understand fails here, and not at somebody's `add`. */
static void the_table_that_is_installed_can_be_read(void **state)
{
	char *path = mem_print("%s/data/known-bad.tsv", getenv("srcdir"));
	bool has[KNOWN_CATEGORIES] = { false };
	struct known known;
	struct err err = { 0 };

	(void)state;
	if (!known_load(path, NULL, &known, &err))
		fail_msg("%s", err.text);
	assert_in_range(known.count, 170, 10000);
	for (size_t i = 0; i < known.count; i++) {
		const struct known_row *row = &known.all[i];

		has[row->category] = true;
		assert_true(strcmp(row->source, "-") != 0 && strcmp(row->name, "-") != 0);
		if (row->has_id)
			assert_ptr_equal(known_certificate(&known, row->id), row); /* none is there twice */
		if (row->has_key)
			assert_non_null(known_key(&known, row->key));
	}
	for (size_t i = 0; i < KNOWN_CATEGORIES; i++)
		if (!has[i])
			fail_msg("no row is of '%s'", known_categories[i].name);
	known_done(&known);
	free(path);
}

static void a_table_is_read_for_who_is_in_it_and_for_nobody_else(void **state)
{
	char *path = mem_print("%s/data/known-bad.tsv", getenv("srcdir"));
	struct anchor anchor = { .id = { 1, 2, 3 } };
	const struct store store = { .anchors = &anchor, .count = 1 };
	const struct known_row *row;
	struct known all, some;
	struct err err = { 0 };

	(void)state;
	assert_true(known_load(path, NULL, &all, &err));
	assert_true(known_load(path, &store, &some, &err));
	assert_int_equal(some.count, 0);
	for (row = all.all; !row->has_key;)
		row++;
	anchor.told_key = row->key;
	assert_true(known_load(path, &store, &some, &err));
	assert_non_null(known_key(&some, row->key));
	known_done(&some);
	for (row = all.all; !row->has_id;)
		row++;
	anchor.told_key = NULL;
	memcpy(anchor.id, row->id, DIGEST_LEN);
	assert_true(known_load(path, &store, &some, &err));
	assert_non_null(known_certificate(&some, row->id));
	known_done(&some);
	known_done(&all);
	free(path);
}

static void a_table_that_is_not_there_is_an_error_that_names_it(void **state)
{
	struct known known;
	struct err err = { 0 };

	(void)state;
	assert_false(known_load("/nonexistent/known-bad.tsv", NULL, &known, &err));
	assert_int_equal(err.code, ERR_ABSENT);
	assert_non_null(strstr(err.text, "/nonexistent/known-bad.tsv"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_found_by_certificate_and_by_key),
		cmocka_unit_test(a_line_that_is_not_understood_is_an_error_that_names_it),
		cmocka_unit_test(the_table_that_is_installed_can_be_read),
		cmocka_unit_test(a_table_is_read_for_who_is_in_it_and_for_nobody_else),
		cmocka_unit_test(a_table_that_is_not_there_is_an_error_that_names_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
