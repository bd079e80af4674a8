/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit.h"

#include <json-c/json.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "feed.h"
#include "format/format.h"
#include "model/anchor.h"
#include "model/facts.h"
#include "model/json.h"
#include "persist-cases.h"

/* The same as `list --json` prints it: without the certificates. */
static void list(const struct store *store, struct buf *to)
{
	struct json_object *notes = json_notes(store);

	buf_text(to, "{\"schema\":1,\"command\":\"list\",\"store\":\"x\",\"anchors\":[");
	for (size_t i = 0; i < store->count; i++) {
		struct json_object *entry = json_anchor(&store->anchors[i], false);

		buf_print(to, "%s\n%s", i > 0 ? "," : "", json_object_to_json_string(entry));
		json_object_put(entry);
	}
	buf_print(to, "],\"notes\":%s}\n", json_object_to_json_string(notes));
	json_object_put(notes);
}

static void every_field_survives_the_way_there_and_back(void **state)
{
	struct store *store = persist_everything();

	(void)state;
	store->anchors[1].origin =
		(struct origin){ "/etc/x.pem", "alias", "pkcs11:object=x", 17, 4711, false };
	store->anchors[5].distrust_after[PURPOSE_OTHER] = 0;
	store->anchors[5].trusted = PURPOSE_BIT(PURPOSE_OTHER);
	feed_round(&format_inventory, store);
	store_free(store);
}

static void the_origin_survives(void **state)
{
	struct store *store = persist_everything(), *back;
	struct buf file = { 0 };

	(void)state;
	store->anchors[1].origin =
		(struct origin){ "/etc/x.pem", "alias", "pkcs11:object=x", 17, 4711, false };
	store->anchors[2].origin = (struct origin){ .alias = "\\xff" };
	store->anchors[3].origin = (struct origin){ .alias = "\xff" };
	store->anchors[2].label = "\\xff";
	store->anchors[3].label = "\xff";
	feed_write(&format_inventory, store, &file);
	back = feed_well(&format_inventory, buf_view(&file));
	assert_string_equal(back->anchors[1].origin.file, "/etc/x.pem");
	assert_string_equal(back->anchors[1].origin.alias, "alias");
	assert_string_equal(back->anchors[1].origin.uri, "pkcs11:object=x");
	assert_int_equal(back->anchors[1].origin.line, 17);
	assert_int_equal(back->anchors[1].origin.at, 4711);
	assert_int_equal(back->anchors[2].origin.at, 0);
	assert_null(back->anchors[2].origin.file);
	assert_null(back->anchors[2].origin.uri);
	assert_string_equal(back->anchors[2].origin.alias, "\\xff");
	assert_string_equal(back->anchors[3].origin.alias, "\xff");
	assert_string_equal(back->anchors[2].label, "\\xff");
	assert_string_equal(back->anchors[3].label, "\xff");
	store_free(back);
	store_free(store);
	buf_done(&file);
}

static void one_entry_is_one_line(void **state)
{
	struct store *store = persist_everything();
	struct buf file = { 0 };
	size_t lines = 0;

	(void)state;
	feed_write(&format_inventory, store, &file);
	for (size_t i = 0; i < file.len; i++)
		lines += file.at[i] == '\n';
	assert_int_equal(lines, store->count + 2);
	buf_done(&file);
	store_free(store);
}

static void same_facts(const struct anchor *a, const struct anchor *b)
{
	struct facts x, y;

	facts_of(a, &x);
	facts_of(b, &y);
	assert_string_equal(x.subject, y.subject);
	assert_string_equal(x.issuer, y.issuer);
	assert_string_equal(x.serial, y.serial);
	assert_string_equal(x.key_type, y.key_type);
	assert_string_equal(x.curve, y.curve);
	assert_string_equal(x.signature, y.signature);
	assert_int_equal(x.key_bits, y.key_bits);
	assert_int_equal(x.not_before, y.not_before);
	assert_int_equal(x.not_after, y.not_after);
	assert_int_equal(x.ca, y.ca);
	assert_int_equal(x.self_signed, y.self_signed);
	assert_int_equal(x.known, y.known);
	facts_done(&x);
	facts_done(&y);
}

static void without_certificates_what_was_told_is_known_and_can_be_told_again(void **state)
{
	struct store *store = persist_everything(), *back, *again;
	struct buf file = { 0 }, second = { 0 };

	(void)state;
	store->anchors[0].cert.odd = 1u << ODD_SERIAL_LONG;
	list(store, &file);
	back = feed_well(&format_inventory, buf_view(&file));
	assert_int_equal(back->count, store->count);
	for (size_t i = 0; i < back->count; i++) {
		const struct anchor *a = &store->anchors[i], *b = &back->anchors[i];
		enum anchor_names names = a->names == ANCHOR_CERTIFICATE ? ANCHOR_FINGERPRINT : a->names;

		assert_int_equal(b->names, names);
		assert_memory_equal(a->id, b->id, ID_LEN);
		feed_same_key(a, b);
		assert_int_equal(a->distrusted, b->distrusted);
		assert_int_equal(anchor_trusted(a), anchor_trusted(b));
		assert_string_equal(a->label, b->label);
		same_facts(a, b);
	}
	assert_int_equal(back->anchors[0].cert.odd, store->anchors[0].cert.odd);
	list(back, &second);
	again = feed_well(&format_inventory, buf_view(&second));
	feed_same(back, again);
	assert_int_equal(file.len, second.len);
	store_free(back);
	store_free(again);
	store_free(store);
	buf_done(&file);
	buf_done(&second);
}

static void notes_come_along_and_an_incomplete_store_stays_incomplete(void **state)
{
	struct store *store = persist_everything(), *back;
	struct buf file = { 0 };

	(void)state;
	store_note_file(store, NOTE_ERROR,
			"/a\xff"
			"b",
			12, "a \"text\"");
	store->notes[0].line = 3;
	store_note(store, NOTE_INFO, 7, "about nothing");
	store_note_file(store, NOTE_WARN, "f", NOTE_NOWHERE, "somewhere");
	list(store, &file);
	back = feed_well(&format_inventory, buf_view(&file));
	assert_true(store_incomplete(back));
	assert_int_equal(back->note_count, 3);
	assert_string_equal(back->notes[0].file, "/a\xff"
						 "b");
	assert_string_equal(back->notes[0].text, "a \"text\"");
	assert_int_equal(back->notes[0].at, 12);
	assert_int_equal(back->notes[0].line, 3);
	assert_int_equal(back->notes[1].at, NOTE_NOWHERE);
	assert_int_equal(back->notes[2].level, NOTE_WARN);
	store_free(back);
	store_free(store);
	buf_done(&file);
}

static void a_file_cut_anywhere_is_never_silently_less(void **state)
{
	struct store *store = persist_everything();
	struct buf file = { 0 };

	(void)state;
	feed_write(&format_inventory, store, &file);
	file.len--; /* the final newline */
	feed_cut(&format_inventory, buf_view(&file), NULL);
	file.len = 0;
	list(store, &file);
	file.len--;
	feed_cut(&format_inventory, buf_view(&file), NULL);
	buf_done(&file);
	store_free(store);
}

#define SHA "\"sha256\":\"0000000000000000000000000000000000000000000000000000000000000001\""

static void what_is_no_inventory_is_refused_with_a_reason(void **state)
{
	static const struct {
		const char *text, *words;
		enum err_code code;
	} rows[] = {
		{ "", "no JSON object", ERR_DAMAGED },
		{ "[1]", "no JSON object", ERR_DAMAGED },
		{ "{", "cut", ERR_DAMAGED },
		{ "{}", "no JSON from byte 1", ERR_DAMAGED },
		{ "{\"a\":1}", "without 'schema'", ERR_UNSUPPORTED },
		{ "{\"anchors\":[]}", "without 'schema'", ERR_UNSUPPORTED },
		{ "{\"schema\":1}", "without 'anchors'", ERR_DAMAGED },
		{ "{\"schema\":2,\"anchors\":[]}", "schema 2", ERR_UNSUPPORTED },
		{ "{\"schema\":\"1\",\"anchors\":[]}", "schema \"1\"", ERR_UNSUPPORTED },
		{ "{\"schema\":1,\"anchors\":[],\"anchors\":[]}", "twice", ERR_DAMAGED },
		{ "{\"schema\":1,\"anchors\":{}}", "no JSON from byte 22", ERR_DAMAGED },
		{ "{\"schema\":1,\"anchors\":[{" SHA "}", "cut", ERR_DAMAGED },
		{ "{\"schema\":1,\"anchors\":[{" SHA "} 1]}", "no JSON from", ERR_DAMAGED },
		{ "{\"schema\":1 \"anchors\":[]}", "no JSON from byte 12", ERR_DAMAGED },
		{ "{\"schema\":1,\"stores\":[],\"anchors\":[]}", "both there", ERR_DAMAGED },
		{ "{\"stores\":[]}", "without 'schema'", ERR_UNSUPPORTED },
		{ "{\"schema\":1,\"stores\":[{\"anchors\":[}]}", "no JSON from", ERR_DAMAGED },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct err err;

		store_free(feed(&format_inventory, bytes_of(rows[i].text), &err));
		assert_int_equal(err.code, rows[i].code);
		if (strstr(err.text, rows[i].words) == NULL)
			fail_msg("'%s' is not in '%s'", rows[i].words, err.text);
	}
}

static void an_inventory_of_a_host_is_read_store_by_store(void **state)
{
	static const char text[] =
		"{\"schema\":1,\"stores\":[{\"name\":\"a\",\"readable\":true,\"anchors\":[{" SHA
		",\"trust\":{\"other\":\"anchor\"}}],"
		"\"notes\":[]},{\"name\":\"b:/"
		"c\",\"readable\":false,\"anchors\":[]},{\"store\":\"d\",\"anchors\":[1]},7]}";
	struct err err;
	struct store *store = feed(&format_inventory, bytes_of(text), &err);

	(void)state;
	assert_non_null(store);
	assert_int_equal(store->count, 0);
	assert_int_equal(store->part_count, 3);
	assert_string_equal(store->parts[0]->place, "a");
	assert_int_equal(store->parts[0]->count, 1);
	assert_false(store->parts[0]->unread);
	assert_string_equal(store->parts[1]->place, "b:/c");
	assert_true(store->parts[1]->unread);
	assert_string_equal(store->parts[2]->place, "d");
	assert_true(store_incomplete(store->parts[2])); /* 1 is no entry */
	assert_int_equal(store->note_count, 1);         /* and 7 no store */
	store_free(store);
}

static void a_store_of_a_host_holds_no_stores_itself(void **state)
{
	static const char text[] = "{\"schema\":1,\"stores\":[{\"name\":\"a\",\"stores\":[{\"anchors\":[]}],"
				   "\"anchors\":[]}]}";
	struct err err;
	struct store *store = feed(&format_inventory, bytes_of(text), &err);

	(void)state;
	assert_non_null(store);
	assert_int_equal(store->part_count, 1);
	assert_int_equal(store->parts[0]->part_count, 0);
	store_free(store);
}

static void an_entry_that_contradicts_itself_is_refused_alone(void **state)
{
	static const struct {
		const char *entry, *words;
	} rows[] = {
		{ "1", "no object" },
		{ "{}", "without 'sha256'" },
		{ "{\"sha256\":\"00\"}", "1 bytes where 32 belong" },
		{ "{\"sha256\":\"0\"}", "is no hex" },
		{ "{\"sha256\":\"zz\"}", "is no hex" },
		{ "{\"sha256\":1}", "'sha256' is no string" },
		{ "{" SHA ",\"der\":\"AAAA\"}", "not the hash of 'der'" },
		{ "{" SHA ",\"der\":\"A*\"}", "no base64, at its character 1" },
		{ "{" SHA ",\"trust\":[]}", "'trust' is no object" },
		{ "{" SHA ",\"trust\":{\"email\":\"maybe\"}}", "a state that is unknown" },
		{ "{" SHA ",\"trust\":{\"email\":null}}", "a state that is unknown" },
		{ "{" SHA ",\"trust\":{},\"distrust_after\":{\"email\":\"soon\"}}", "is no time" },
		{ "{" SHA ",\"trust\":{},\"constraints\":[{\"der\":\"3000\"}]}", "no Extension" },
		{ "{" SHA ",\"trust\":{},\"constraints\":[1]}", "a constraint is no object" },
		{ "{" SHA ",\"label\":7}", "'label' is no string" },
		{ "{" SHA ",\"key\":{\"bits\":-1}}", "'bits' is out of range" },
		{ "{" SHA ",\"ca\":\"yes\"}", "'ca' is no boolean" },
		{ "{" SHA ",\"origin\":{\"line\":1.5}}", "'line' is no int" },
		{ "{" SHA ",\"spki_sha256\":\"aa\"}", "'spki_sha256' has 1 bytes" },
		{ "{\"names\":\"nothing\"}", "'names' is 'nothing'" },
		{ "{\"names\":\"key\"}", "no SubjectPublicKeyInfo" },
		{ "{\"names\":\"issuer-serial\",\"serial\":\"01\",\"der\":\"AAAA\"}", "is no Name" },
		{ "{\"names\":\"issuer-serial\",\"der\":\"MAA=\"}", "no serial number" },
		{ "{\"a\":}", "no JSON" },
		{ "{\"a\":1,}", "no JSON" },
		{ "{\"a\":[[[[[[[[[[[[[[1]]]]]]]]]]]]]]}", "no JSON: nesting too deep" },
		{ "[{}]", "no object" },
		{ "nonsense", "no object" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *text =
			mem_print("{\"schema\":1,\"anchors\":[%s,{" SHA ",\"trust\":{}}]}", rows[i].entry);
		struct store *store = feed_well(&format_inventory, bytes_of(text));

		assert_int_equal(store->count, 1);
		if (!feed_noted(store, NOTE_ERROR, rows[i].words))
			fail_msg("'%s' is not said of %s", rows[i].words, rows[i].entry);
		assert_int_equal(store->notes[0].at, 23);
		store_free(store);
		free(text);
	}
}

static void what_is_unknown_in_an_entry_is_noted_or_left_alone(void **state)
{
	static const char text[] =
		"\xef\xbb\xbf { \"anchors\" : [ {" SHA
		",\"trust\":{\"telepathy\":\"anchor\",\"email\":\"anchor\",\"fax\":\"distrusted\"},"
		"\"distrust_after\":{\"telepathy\":\"2026-01-01T00:00:00Z\"},"
		"\"new\":{\"a\":[\"}]\\\"\"]}} , {" SHA "}\n],\"x\":[1,{}],\"schema\":1} x";
	struct store *store =
		feed_well(&format_inventory, (struct bytes){ (const uint8_t *)text, sizeof(text) - 1 });

	(void)state;
	assert_int_equal(store->count, 2);
	assert_int_equal(store->anchors[0].trusted, PURPOSE_BIT(PURPOSE_EMAIL));
	assert_int_equal(store->anchors[0].distrusted, PURPOSE_BIT(PURPOSE_OTHER));
	assert_true(feed_noted(store, NOTE_WARN, "distrust for an unknown purpose 'fax' is kept"));
	assert_true(feed_noted(store, NOTE_WARN, "trust for an unknown purpose 'telepathy'"));
	assert_true(feed_noted(store, NOTE_WARN, "a date for an unknown purpose 'telepathy' is kept"));
	assert_true(store->anchors[0].distrust_after[PURPOSE_OTHER] == 1767225600);
	assert_true(feed_noted(store, NOTE_WARN, "says nothing of trust"));
	assert_true(feed_noted(store, NOTE_ERROR, "1 bytes behind"));
	store_free(store);
}

static void all_named_purposes_alike_speak_for_the_nameless_ones(void **state)
{
	struct buf file = { 0 };
	struct store *store;

	(void)state;
	buf_text(&file, "{\"schema\":1,\"anchors\":[{" SHA ",\"trust\":{");
	for (unsigned i = 0; i < PURPOSE_ROWS; i++)
		buf_print(&file, "%s\"%s\":\"anchor\"", i > 0 ? "," : "", purposes[i].name);
	buf_text(&file, "}}]}");
	store = feed_well(&format_inventory, buf_view(&file));
	assert_int_equal(store->anchors[0].trusted, PURPOSES_ALL);
	store_free(store);
	buf_done(&file);
}

static void an_entry_beyond_the_limit_is_passed_over(void **state)
{
	struct buf file = { 0 };
	struct store *store;

	(void)state;
	buf_text(&file, "{\"schema\":1,\"anchors\":[{\"x\":\"");
	for (size_t i = 0; i < (size_t)5 << 20; i++)
		buf_byte(&file, 'x');
	buf_text(&file, "\"},{" SHA ",\"trust\":{}}]}");
	store = feed_well(&format_inventory, buf_view(&file));
	assert_int_equal(store->count, 1);
	assert_true(feed_noted(store, NOTE_ERROR, "is passed over, 4194304 are allowed"));
	store_free(store);
	buf_done(&file);
}

static void what_stands_behind_an_inventory_is_an_error(void **state)
{
	struct store *store;

	(void)state;
	store = feed_well(&format_inventory,
			  bytes_of("{\"schema\":1,\"anchors\":[]}\n-----BEGIN CERTIFICATE-----\n"));
	assert_true(feed_noted(store, NOTE_ERROR, "behind the inventory are not read"));
	store_free(store);
	store = feed_well(&format_inventory, bytes_of("{\"schema\":1,\"anchors\":[]}\n \n"));
	assert_false(store_incomplete(store));
	store_free(store);
}

static void a_deep_file_needs_no_stack(void **state)
{
	struct buf file = { 0 };
	struct store *store;

	(void)state;
	buf_text(&file, "{\"schema\":1,\"x\":");
	for (size_t i = 0; i < 1000000; i++)
		buf_byte(&file, '[');
	for (size_t i = 0; i < 1000000; i++)
		buf_byte(&file, ']');
	buf_text(&file, ",\"anchors\":[]}");
	store = feed_well(&format_inventory, buf_view(&file));
	assert_int_equal(store->note_count, 1);
	assert_true(feed_noted(store, NOTE_INFO, "an inventory without entries"));
	store_free(store);
	buf_done(&file);
}

static void text_in_json_is_valid_utf_8_whatever_the_label_was(void **state)
{
	struct store *store = persist_everything();
	struct buf file = { 0 };
	struct bytes rest;

	(void)state;
	feed_write(&format_inventory, store, &file);
	for (rest = buf_view(&file); rest.len > 0;)
		assert_true(text_rune(&rest) != TEXT_BAD);
	buf_done(&file);
	store_free(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_field_survives_the_way_there_and_back),
		cmocka_unit_test(the_origin_survives),
		cmocka_unit_test(one_entry_is_one_line),
		cmocka_unit_test(without_certificates_what_was_told_is_known_and_can_be_told_again),
		cmocka_unit_test(notes_come_along_and_an_incomplete_store_stays_incomplete),
		cmocka_unit_test(a_file_cut_anywhere_is_never_silently_less),
		cmocka_unit_test(what_is_no_inventory_is_refused_with_a_reason),
		cmocka_unit_test(an_inventory_of_a_host_is_read_store_by_store),
		cmocka_unit_test(a_store_of_a_host_holds_no_stores_itself),
		cmocka_unit_test(an_entry_that_contradicts_itself_is_refused_alone),
		cmocka_unit_test(what_is_unknown_in_an_entry_is_noted_or_left_alone),
		cmocka_unit_test(all_named_purposes_alike_speak_for_the_nameless_ones),
		cmocka_unit_test(an_entry_beyond_the_limit_is_passed_over),
		cmocka_unit_test(what_stands_behind_an_inventory_is_an_error),
		cmocka_unit_test(a_deep_file_needs_no_stack),
		cmocka_unit_test(text_in_json_is_valid_utf_8_whatever_the_label_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
