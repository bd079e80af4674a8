/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit.h"

#include <stdlib.h>

#include "feed.h"
#include "format/format.h"

static void what_is_written_is_read_back_with_its_digest_checked(void **state)
{
	struct store *store = feed_roots(40), *back;
	struct buf file = { 0 };

	(void)state;
	feed_round(&format_jks, store);
	feed_write(&format_jks, store, &file);
	back = feed_well(&format_jks, buf_view(&file));
	assert_int_equal(back->note_count, 0);
	store_free(back);
	store_free(store);
	buf_done(&file);
}

/* Both types of entry that can be stepped over, and the one that cannot, in front of a certificate. */
static void a_secret_key_ends_the_reading_of_a_jceks_with_an_error(void **state)
{
	struct store *store = feed_roots(1), *back;
	struct buf file = { 0 }, both = { 0 };
	struct err err;

	(void)state;
	feed_write(&format_jks, store, &file);
	buf_be32(&both, 0xcececece);
	buf_be32(&both, 2);
	buf_be32(&both, 3);
	buf_bytes(&both, (struct bytes){ file.at + 12, file.len - 12 - 20 });
	buf_be32(&both, 3);
	buf_be16(&both, 1);
	buf_text(&both, "s");
	buf_be64(&both, 0);
	buf_text(&both, "some Java object");
	back = feed_well(&format_jks, buf_view(&both));
	assert_int_equal(back->count, 1);
	assert_true(feed_noted(back, NOTE_ERROR, "entry 2 of 3 is a SECRET KEY"));
	store_free(back);

	both.at[0] = both.at[2] = 0xfe; /* in a JKS there is no such thing */
	both.at[1] = both.at[3] = 0xed;
	back = feed(&format_jks, buf_view(&both), &err);
	assert_int_equal(err.code, ERR_DAMAGED);
	assert_non_null(strstr(err.text, "of the unknown kind 3"));
	store_free(back);
	store_free(store);
	buf_done(&file);
	buf_done(&both);
}

static void what_keytool_writes_as_jceks_is_read_like_its_jks(void **state)
{
	static const char *const types[] = { "JKS", "JCEKS" };
	struct store *store;
	char *dir;
	struct buf file = { 0 };

	(void)state;
	if (!feed_run(NULL, "command -v keytool >/dev/null")) {
		print_message("# keytool is not installed\n");
		skip();
	}
	store = feed_roots(50);
	dir = feed_directory();
	feed_write(&format_jks, store, &file);
	feed_file(dir, "in.jks", buf_view(&file));
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		const struct anchor **a, **b = store_by_id(store);
		struct store *back;

		assert_true(feed_run(NULL,
				     "keytool -importkeystore -noprompt -srckeystore %s/in.jks -srcstorepass "
				     "changeit -destkeystore %s/%s -deststoretype %s -deststorepass changeit "
				     ">/dev/null 2>&1",
				     dir, dir, types[i], types[i]));
		file.len = 0;
		feed_load(dir, types[i], &file);
		assert_true(format_of(buf_view(&file)) == &format_jks);
		back = feed_well(&format_jks, buf_view(&file));
		assert_int_equal(back->count, store->count);
		assert_int_equal(back->note_count, 0);
		a = store_by_id(back);
		for (size_t k = 0; k < store->count; k++)
			assert_memory_equal(a[k]->id, b[k]->id, ID_LEN);
		free(a);
		free(b);
		store_free(back);
	}
	feed_remove(dir);
	store_free(store);
	buf_done(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read_back_with_its_digest_checked),
		cmocka_unit_test(a_secret_key_ends_the_reading_of_a_jceks_with_an_error),
		cmocka_unit_test(what_keytool_writes_as_jceks_is_read_like_its_jks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
