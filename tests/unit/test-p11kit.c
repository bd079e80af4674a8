/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit.h"

#include "base/mem.h"
#include "feed.h"
#include "format/format.h"
#include "make.h"
#include "persist-cases.h"

static void what_is_written_is_read_back(void **state)
{
	struct store *store = persist_everything();

	(void)state;
	feed_round(&format_p11kit, store);
	store_free(store);
}

static void trust_by_bits_alone_becomes_an_extension_that_p11_kit_staples(void **state)
{
	struct store *store = store_new("bits"), *back;
	struct buf file = { 0 };

	(void)state;
	persist_add(store, &(struct make){ .key = 1 }, "x")->trusted =
		PURPOSE_BIT(PURPOSE_EMAIL) | PURPOSE_BIT(PURPOSE_CODE_SIGNING);
	feed_write(&format_p11kit, store, &file);
	back = feed_well(&format_p11kit, buf_view(&file));
	assert_int_equal(back->anchors[0].trusted, store->anchors[0].trusted);
	assert_int_equal(back->anchors[0].attached_count, 1);
	feed_round(&format_p11kit, back);
	store_free(back);
	store_free(store);
	buf_done(&file);
}

static void oids_are_written_as_der(void **state)
{
	struct store *store = persist_everything();
	struct buf file = { 0 };

	(void)state;
	feed_write(&format_p11kit, store, &file);
	buf_byte(&file, '\0');
	assert_non_null(strstr((char *)file.at, "object-id: \"%06%03U%1d%25\"\n"));
	assert_null(strstr((char *)file.at, "object-id: 2"));
	buf_done(&file);
	store_free(store);
}

static void one_key_with_different_limits_is_refused_since_p11_kit_could_not_tell(void **state)
{
	struct store *store = store_new("conflict");
	struct pick pick = { 0 };
	struct style style = { 0 };
	struct buf file = { 0 };
	struct err err = { 0 };

	(void)state;
	persist_add(store, &(struct make){ .cn = "One", .key = 1 }, "one")->trusted =
		PURPOSE_BIT(PURPOSE_EMAIL);
	persist_add(store, &(struct make){ .cn = "Two", .key = 1 }, "two");
	pick.anchors = mem_zero(2 * sizeof(const struct anchor *));
	pick.anchors[pick.count++] = &store->anchors[0];
	pick.anchors[pick.count++] = &store->anchors[1];
	assert_false(format_p11kit.write(&pick, &style, &file, &err));
	assert_non_null(strstr(err.text, "'one' and 'two'"));
	file.len = 0;
	store->anchors[1].trusted = store->anchors[0].trusted;
	assert_true(format_p11kit.write(&pick, &style, &file, &err));
	pick_done(&pick);
	buf_done(&file);
	store_free(store);
}

static bool ends_between_objects(struct bytes cut)
{
	static const char dashes[] = "-----", serial[] = "serial-number:";
	size_t line;

	while (cut.len > 0 && cut.at[cut.len - 1] == '\n')
		cut.len--;
	for (line = cut.len; line > 0 && cut.at[line - 1] != '\n';)
		line--;
	cut = bytes_skip(cut, line);
	return (bytes_start(cut, bytes_of("-----END ")) && cut.len > 19 &&
		memcmp(cut.at + cut.len - 5, dashes, 5) == 0) ||
	       (bytes_start(cut, bytes_of(serial)) && cut.at[cut.len - 1] == '"');
}

static void a_file_cut_anywhere_is_never_silently_less(void **state)
{
	struct store *store = persist_everything();
	struct buf file = { 0 };

	(void)state;
	feed_write(&format_p11kit, store, &file);
	feed_cut(&format_p11kit, buf_view(&file), ends_between_objects);
	buf_done(&file);
	store_free(store);
}

static struct store *read_text(const char *text)
{
	struct buf file = { 0 };
	struct store *store;

	persist_expand(text, &file);
	store = feed_well(&format_p11kit, buf_view(&file));
	buf_done(&file);
	return store;
}

static void the_forms_that_p11_kit_reads_are_read(void **state)
{
	static const struct {
		const char *text;
		uint16_t trusted, distrusted;
	} rows[] = {
		{ HEADER "trusted: true\nCERT\n", PURPOSES_ALL, 0 },
		{ "# text\r\n\r\n " HEADER "\ttrusted :true \r\nCERT\n", PURPOSES_ALL, 0 },
		{ HEADER "CERT\ntrusted: true\nx-distrusted: false\n", PURPOSES_ALL, 0 },
		{ HEADER "134: true\nCERT\n", PURPOSES_ALL, 0 },
		{ HEADER "trusted: \"%01\"\nCERT\n", PURPOSES_ALL, 0 },
		{ HEADER "trusted: true\ntrusted: false\nCERT\n", 0, 0 },
		{ HEADER "x-distrusted: true\nCERT\n", 0, PURPOSES_ALL },
		{ HEADER "trusted: true\nx-distrusted: true\nCERT\n", PURPOSES_ALL, PURPOSES_ALL },
		{ HEADER "class: certificate\ncertificate-type: x-509\ntrusted: true\nCERT\n", PURPOSES_ALL,
		  0 },
		{ HEADER "class: 1\ncertificate-type: 0\ntrusted: true\nCERT\n", PURPOSES_ALL, 0 },
		{ HEADER "trusted: true\nCERT\n" HEADER
			 "class: x-certificate-extension\nobject-id: 2.5.29.37\nvalue: " EMAIL_USAGE "KEY\n",
		  PURPOSE_BIT(PURPOSE_EMAIL), 0 },
		{ HEADER "class: x-certificate-extension\nvalue: " EMAIL_USAGE "KEY\n" HEADER
			 "trusted: true\nCERT\n",
		  PURPOSE_BIT(PURPOSE_EMAIL), 0 },
		{ HEADER "class: x-certificate-extension\nvalue: " EMAIL_USAGE "OTHER\n" HEADER
			 "trusted: true\nCERT\n",
		  PURPOSES_ALL, 0 },
		{ HEADER
		  "trusted: true\nmodifiable: false\nid: \"%00%01\"\ncertificate-category: authority\nCERT\n",
		  PURPOSES_ALL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct store *store = read_text(rows[i].text);

		assert_true(store->count > 0);
		assert_int_equal(store->anchors[0].trusted, rows[i].trusted);
		assert_int_equal(store->anchors[0].distrusted, rows[i].distrusted);
		for (size_t k = 0; k < store->note_count; k++)
			assert_int_equal(store->notes[k].level, NOTE_INFO);
		store_free(store);
	}
}

static void every_fault_is_noted_where_it_is_and_the_rest_is_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < fault_count; i++) {
		struct store *store = read_text(faults[i].text);

		if (!feed_noted(store, faults[i].level, faults[i].words))
			fail_msg("not noted: %s", faults[i].words);
		assert_int_equal(feed_noted(store, NOTE_WARN, "p11-kit drops this file"), faults[i].refused);
		assert_int_equal(store->count, faults[i].count);
		store_free(store);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read_back),
		cmocka_unit_test(trust_by_bits_alone_becomes_an_extension_that_p11_kit_staples),
		cmocka_unit_test(oids_are_written_as_der),
		cmocka_unit_test(one_key_with_different_limits_is_refused_since_p11_kit_could_not_tell),
		cmocka_unit_test(a_file_cut_anywhere_is_never_silently_less),
		cmocka_unit_test(the_forms_that_p11_kit_reads_are_read),
		cmocka_unit_test(every_fault_is_noted_where_it_is_and_the_rest_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
