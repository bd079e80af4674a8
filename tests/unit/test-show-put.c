/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <json-c/json.h>

#include "base/clock.h"
#include "base/text.h"
#include "make.h"
#include "model/pick.h"
#include "model/spot.h"
#include "model/store.h"
#include "model/warning.h"
#include "show/change.h"
#include "show/json.h"
#include "show/put.h"
#include "show/show.h"

static struct show plain(void)
{
	return (struct show){ .to = stdout, .notes = stderr };
}

/* What stands in the buffer, which is emptied. */
static const char *taken(struct show *show)
{
	static char text[4096];

	assert_in_range(show->out.len, 0, sizeof(text) - 1);
	if (show->out.len > 0)
		memcpy(text, show->out.at, show->out.len);
	text[show->out.len] = '\0';
	show->out.len = 0;
	return text;
}

static void a_line_is_broken_at_its_spaces_to_the_width_of_the_terminal(void **state)
{
	static const struct {
		const char *text;
		unsigned columns;
		size_t hang;
		const char *lines;
	} rows[] = {
		{ "one two three four five six", 0, 4, "one two three four five six" }, /* no terminal */
		{ "one two three four five six", 27, 3, "one two three four five six" },
		{ "one two three four five six", 26, 3, "one two three four five\n   six" },
		{ "  one two three four five six", 26, 3, "  one two three four five\n   six" },
		{ "one two three four five  six", 26, 3, "one two three four five\n   six" },
		{ "a http://example.com/a/long/word b", 24, 2, "a\n  http://example.com/a/long/word\n  b" },
		{ "\033[1mone\033[0m two three four five six", 27, 3,
		  "\033[1mone\033[0m two three four five six" },
		{ "証明書 証明書 証明書 証明書", 27, 0, "証明書 証明書 証明書 証明書" },
		{ "証明書 証明書 証明書 証明書", 26, 0, "証明書 証明書 証明書\n証明書" },
		{ "one two three four five six", 26, 4, "one two three four five six" }, /* too narrow */
		{ "", 80, 4, "" },
	};
	struct show show = plain();

	(void)state;
	show.to = NULL;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char want[128];

		show.columns = rows[i].columns;
		put(&show, "before ");
		put(&show, rows[i].text);
		put_fold(&show, strlen("before "), rows[i].hang);
		snprintf(want, sizeof(want), "before %s", rows[i].lines);
		assert_string_equal(taken(&show), want);
	}
	show_done(&show);
}

static void where_an_old_and_a_new_ca_have_one_name_the_plan_tells_which_goes(void **state)
{
	struct store *store = store_new("both");
	struct task task = { .name = "system" };
	struct changed changed = { .tasks = &task, .count = 1 };
	struct show show = plain();
	struct buf der = { 0 };
	char wanted[128];

	(void)state;
	for (unsigned key = 0; key < 2; key++) {
		make_cert(&(struct make){ .cn = "Alder", .key = key }, &der);
		store_add(store, buf_view(&der), 0)->trusted = PURPOSES_ALL;
		der.len = 0;
	}
	store_finish(store);
	requests_add(&task.requests, REQUEST_TRUST, &store->anchors[0]);
	staged_outcome(&task.staged, 0, OUTCOME_DONE, "%s", "");
	show_plan(&show, &changed);
	assert_string_equal(taken(&show), "Plan\n  system\n    Alder will be trusted\n");
	requests_add(&task.requests, REQUEST_REMOVE, &store->anchors[1]);
	staged_outcome(&task.staged, 1, OUTCOME_DONE, "%s", "");
	show_plan(&show, &changed);
	snprintf(wanted, sizeof(wanted), "    Alder (%02x%02x", store->anchors[1].id[0],
		 store->anchors[1].id[1]);
	assert_non_null(strstr(taken(&show), wanted));
	staged_done(&task.staged);
	requests_done(&task.requests);
	store_free(store);
	buf_done(&der);
	buf_done(&show.out);
}

static void a_warning_is_broken_with_its_severity_before_it(void **state)
{
	static const struct warning_row row = { "code", SEVERITY_LOW, false, "" };
	struct show show = plain();
	struct warnings warnings = { 0 };

	(void)state;
	show.columns = 50;
	warnings_add(&warnings, &row, NULL, "one two three four five six seven");
	show_warnings(&show, &warnings);
	assert_string_equal(taken(&show), "Warnings\n  low       code: one two three four five six\n"
					  "              seven\n");
	warnings_done(&warnings);
	buf_done(&show.out);
}

static void a_cell_is_filled_up_to_its_width(void **state)
{
	static const struct {
		const char *text;
		size_t width;
		bool cut;
		const char *cell;
	} rows[] = {
		{ "abc", 5, false, "abc  " },       { "abc", 5, true, "abc  " },
		{ "abc", 3, true, "abc" },          { "abcd", 3, false, "abcd" },
		{ "abcd", 3, true, "ab…" },         { "abcd", 1, true, "…" },
		{ "abcd", 0, true, "abcd" },        { "", 2, true, "  " },
		{ "Fő", 4, false, "Fő  " },         { "Főtanú", 5, true, "Főta…" },
		{ "証明書", 8, false, "証明書  " }, /* two columns each */
		{ "証明書", 6, true, "証明書" },    { "証明書", 5, true, "証明…" },
		{ "証明書", 4, true, "証…" },       { "a\033b", 10, false, "a\\u{1B}b  " },
		{ "a\\b", 5, false, "a\\\\b " },    { "a\nb", 3, true, "a\\…" },
	};
	struct show show = plain();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		put_cell(&show, bytes_of(rows[i].text), rows[i].width, rows[i].cut);
		assert_string_equal(taken(&show), rows[i].cell);
	}
	show_done(&show);
}

static void a_cell_of_marks_without_width_takes_no_more_time_than_its_length(void **state)
{
	enum { MARKS = 200000, MOST = 5 }; /* seconds; minutes, if each were counted anew for each */
	struct show show = plain();
	struct buf text = { 0 };
	clock_t before = clock();

	(void)state;
	for (int i = 0; i < MARKS; i++)
		buf_text(&text, "\u0301");
	buf_text(&text, "abcd");
	put_cell(&show, buf_view(&text), 3, true);
	assert_int_equal(show.out.len, 2 * (size_t)MARKS + strlen("ab…"));
	assert_true((clock() - before) / CLOCKS_PER_SEC < MOST);
	buf_done(&text);
	show_done(&show);
}

static void a_cut_cell_never_ends_within_a_character(void **state)
{
	static const char text[] = "a\u0301 \u202e証 \xff\xfe \U0001f332 ő";
	struct show show = plain();

	(void)state;
	for (size_t width = 1; width < 60; width++) {
		struct bytes rest;

		put_cell(&show, bytes_of(text), width, true);
		rest = (struct bytes){ show.out.at, show.out.len };
		assert_true(text_columns(rest) <= width);
		while (rest.len > 0)
			assert_true(text_rune(&rest) != TEXT_BAD);
		show.out.len = 0;
	}
	show_done(&show);
}

static void what_is_printed_is_never_cut(void **state)
{
	struct show show = plain();
	char text[3000];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	put_print(&show, "<%s>\n", text);
	assert_int_equal(show.out.len, sizeof(text) - 1 + 3);
	assert_memory_equal(show.out.at + show.out.len - 2, ">\n", 2);
	show_done(&show);
}

static void colours_are_put_only_where_they_are_wanted(void **state)
{
	struct show show = plain();

	(void)state;
	put_color(&show, COLOR_RED, "x");
	assert_string_equal(taken(&show), "x");
	show.color = true;
	put_color(&show, COLOR_RED, "x");
	assert_string_equal(taken(&show), "\033[31mx\033[0m");
	put_color(&show, COLOR_NONE, "x");
	assert_string_equal(taken(&show), "x");
	show_done(&show);
}

static void a_date_is_red_behind_and_yellow_for_the_last_ninety_days(void **state)
{
	enum { DAY = 86400 };
	const int64_t end = 20000 * (int64_t)DAY;
	struct show show = plain();

	(void)state;
	show.color = true;
	show.at = end + 1;
	put_date(&show, end);
	assert_string_equal(taken(&show), "\033[31m2024-10-04\033[0m");
	show.at = end;
	put_date(&show, end);
	assert_string_equal(taken(&show), "\033[33m2024-10-04\033[0m");
	show.at = end - 89 * (int64_t)DAY;
	put_date(&show, end);
	assert_string_equal(taken(&show), "\033[33m2024-10-04\033[0m");
	show.at = end - 90 * (int64_t)DAY;
	put_date(&show, end);
	assert_string_equal(taken(&show), "2024-10-04");
	put_date(&show, CLOCK_NONE);
	assert_string_equal(taken(&show), "-");
	show_done(&show);
}

static void standard_input_is_called_that(void **state)
{
	struct show show = plain();

	(void)state;
	put_place(&show, "-");
	assert_string_equal(taken(&show), "standard input");
	put_place(&show, "./-");
	assert_string_equal(taken(&show), "./-");
	put_place(&show, "a\nb");
	assert_string_equal(taken(&show), "a\\u{A}b");
	show_done(&show);
}

static void hex_stops_where_it_is_told(void **state)
{
	static const uint8_t bytes[] = { 0x00, 0x0f, 0xff };
	struct show show = plain();

	(void)state;
	put_hex(&show, (struct bytes){ bytes, sizeof(bytes) }, 2);
	assert_string_equal(taken(&show), "000f");
	put_hex(&show, (struct bytes){ bytes, sizeof(bytes) }, 8);
	assert_string_equal(taken(&show), "000fff");
	show_done(&show);
}

static void what_does_not_fit_the_buffer_is_written_in_order(void **state)
{
	struct show show = plain();
	size_t written = 0;
	char line[16], want[16];

	(void)state;
	show.to = tmpfile();
	assert_non_null(show.to);
	for (unsigned i = 0; i < 20000; i++) {
		snprintf(line, sizeof(line), "%u\n", i);
		put(&show, line);
		written += strlen(line);
	}
	assert_true(show.out.len < written);
	assert_true(show_flush(&show));
	rewind(show.to);
	for (unsigned i = 0; i < 20000; i++) {
		snprintf(want, sizeof(want), "%u\n", i);
		assert_non_null(fgets(line, sizeof(line), show.to));
		assert_string_equal(line, want);
	}
	fclose(show.to);
	show_done(&show);
}

static void a_host_of_many_stores_is_one_json_object_however_large(void **state)
{
	enum { MANY = 3000 };
	struct surveyed *all = calloc(MANY, sizeof(*all));
	struct spots spots = { 0 };
	struct show show = plain();
	struct json_object *back;
	char *text;
	long len;

	(void)state;
	for (int i = 0; i < MANY; i++) {
		char name[32];

		snprintf(name, sizeof(name), "store-%d", i);
		place_add_path(&spots_add(&spots, name, NULL)->place, name);
	}
	for (int i = 0; i < MANY; i++)
		all[i].spot = &spots.all[i];
	show.to = tmpfile();
	assert_non_null(show.to);
	show.name = "stores";
	show_stores_json(&show, all, MANY, NULL);
	assert_true(show_flush(&show));
	len = ftell(show.to);
	text = calloc(1, (size_t)len + 1);
	rewind(show.to);
	assert_int_equal(fread(text, 1, (size_t)len, show.to), len);
	back = json_tokener_parse(text);
	assert_non_null(back);
	assert_int_equal(json_object_array_length(json_object_object_get(back, "stores")), MANY);
	json_object_put(back);
	fclose(show.to);
	show_done(&show);
	spots_done(&spots);
	free(text);
	free(all);
}

static void what_is_not_taken_is_told(void **state)
{
	struct show show = plain();

	(void)state;
	show.to = fopen("/dev/full", "w");
	if (show.to == NULL)
		skip();
	put(&show, "text");
	assert_false(show_flush(&show));
	fclose(show.to);
	show_done(&show);
}

#define BIT(purpose) PURPOSE_BIT(PURPOSE_##purpose)

static void trust_is_told_in_few_words(void **state)
{
	static const struct {
		uint16_t trusted, distrusted;
		const char *text;
	} rows[] = {
		{ PURPOSES_ALL, 0, "anchor" },
		{ 0, 0, "none" },
		{ 0, PURPOSES_ALL, "distrusted" },
		{ PURPOSES_ALL, PURPOSES_ALL, "distrusted" },
		{ BIT(SERVER_AUTH) | BIT(EMAIL), 0, "server-auth,email" },
		{ BIT(OTHER), 0, "other" },
		{ PURPOSES_ALL, BIT(EMAIL), "anchor; not email" },
		{ PURPOSES_ALL, BIT(EMAIL) | BIT(SERVER_AUTH), "anchor; not server-auth,email" },
		{ BIT(EMAIL), (uint16_t)(PURPOSES_ALL & ~BIT(EMAIL)), "email; all else distrusted" },
		{ BIT(EMAIL), BIT(SERVER_AUTH), "email; not server-auth" },
		{ 0, BIT(SERVER_AUTH), "not server-auth" },
	};
	struct anchor anchor = { .label = "" };
	struct buf text = { 0 };

	(void)state;
	for (size_t i = 0; i < PURPOSE_COUNT; i++)
		anchor.distrust_after[i] = CLOCK_NONE;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		anchor.trusted = rows[i].trusted;
		anchor.distrusted = rows[i].distrusted;
		text.len = 0;
		show_trust(&anchor, &text);
		buf_byte(&text, '\0');
		assert_string_equal((const char *)text.at, rows[i].text);
	}
	anchor.trusted = PURPOSES_ALL;
	anchor.distrusted = 0;
	anchor.distrust_after[PURPOSE_SERVER_AUTH] = 0;
	anchor.distrust_after[PURPOSE_EMAIL] = 86400;
	text.len = 0;
	show_trust(&anchor, &text);
	buf_byte(&text, '\0');
	assert_string_equal((const char *)text.at,
			    "anchor; server-auth until 1970-01-01; email until 1970-01-02");
	buf_done(&text);
}

/* The longest line of a listing on a terminal of so many columns. */
static size_t widest(const struct store *store, unsigned columns)
{
	const struct wanted wanted = { .any = true };
	struct show show = plain();
	struct pick pick;
	struct listed listed = { store, &pick, &wanted };
	struct bytes rest;
	size_t most = 0;

	pick_from(store, FILTER_CERTIFICATES, &wanted, &pick);
	show.columns = columns;
	show_list(&show, &listed, 1, NULL, 0);
	rest = buf_view(&show.out);
	while (rest.len > 0) {
		const uint8_t *end = memchr(rest.at, '\n', rest.len);
		struct bytes line = { rest.at, end != NULL ? (size_t)(end - rest.at) : rest.len };

		assert_non_null(end);
		if (text_columns(line) > most)
			most = text_columns(line);
		rest = bytes_skip(rest, line.len + 1);
	}
	pick_done(&pick);
	show_done(&show);
	return most;
}

static void a_listing_fits_the_terminal_and_is_cut_for_nothing_else(void **state)
{
	struct store *store = store_new("a store");
	struct buf der = { 0 };

	(void)state;
	make_cert(&(struct make){ .cn = "A root whose name is a good deal longer than what is left" }, &der);
	store_add(store, buf_view(&der), 0)->trusted = PURPOSES_ALL;
	der.len = 0;
	make_cert(&(struct make){ .cn = "長い名前の認証局長い名前の認証局", .key = 1 }, &der);
	store_add(store, buf_view(&der), 0)->trusted = PURPOSES_ALL;
	buf_done(&der);
	for (unsigned columns = 70; columns < 120; columns++)
		assert_true(widest(store, columns) <= columns);
	assert_true(widest(store, 0) > 100);
	store->anchors[0].distrust_after[PURPOSE_SERVER_AUTH] = 0; /* which takes many words */
	store->anchors[0].distrust_after[PURPOSE_EMAIL] = 86400;
	for (unsigned columns = 61; columns < 160; columns++)
		assert_true(widest(store, columns) <= columns);
	assert_true(widest(store, 0) > 140);
	store_free(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_is_broken_at_its_spaces_to_the_width_of_the_terminal),
		cmocka_unit_test(where_an_old_and_a_new_ca_have_one_name_the_plan_tells_which_goes),
		cmocka_unit_test(a_warning_is_broken_with_its_severity_before_it),
		cmocka_unit_test(a_cell_is_filled_up_to_its_width),
		cmocka_unit_test(a_cell_of_marks_without_width_takes_no_more_time_than_its_length),
		cmocka_unit_test(a_cut_cell_never_ends_within_a_character),
		cmocka_unit_test(what_is_printed_is_never_cut),
		cmocka_unit_test(colours_are_put_only_where_they_are_wanted),
		cmocka_unit_test(a_date_is_red_behind_and_yellow_for_the_last_ninety_days),
		cmocka_unit_test(standard_input_is_called_that),
		cmocka_unit_test(hex_stops_where_it_is_told),
		cmocka_unit_test(what_does_not_fit_the_buffer_is_written_in_order),
		cmocka_unit_test(a_host_of_many_stores_is_one_json_object_however_large),
		cmocka_unit_test(what_is_not_taken_is_told),
		cmocka_unit_test(trust_is_told_in_few_words),
		cmocka_unit_test(a_listing_fits_the_terminal_and_is_cut_for_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
