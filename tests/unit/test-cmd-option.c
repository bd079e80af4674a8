/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit.h"

#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "cmd/option.h"

struct values {
	bool flag;
	int count, choice;
	const char *text;
	int64_t at;
	int number;
	struct option_list list;
};

static const char *word(unsigned n)
{
	static const char *const words[] = { "red", "green", NULL };

	return words[n];
}

static const struct option rows[] = {
	{ "flag", 'f', OPTION_FLAG, offsetof(struct values, flag), NULL, NULL, "a flag" },
	{ "verbose", 'v', OPTION_COUNT, offsetof(struct values, count), NULL, NULL, "a count" },
	{ "text", 't', OPTION_TEXT, offsetof(struct values, text), "TEXT", NULL, "a text" },
	{ "color", 'c', OPTION_CHOICE, offsetof(struct values, choice), "COLOR", word, "a choice" },
	{ "at", 0, OPTION_TIME, offsetof(struct values, at), "TIME", NULL, "a time" },
	{ "number", 0, OPTION_NUMBER, offsetof(struct values, number), "N", NULL, "a number" },
	{ "list", 'l', OPTION_LIST, offsetof(struct values, list), "ITEM", NULL, "one of several" },
	{ 0 },
};

/* Parses the words of one line; returns how many operands are left, -1 if it was refused. */
static int parse(const char *line, bool stop, struct values *v, char **operands, struct err *err)
{
	static char room[256];
	struct option_set set = { rows, v };
	int argc = 0;

	*v = (struct values){ .choice = -1, .at = CLOCK_NONE };
	strcpy(room, line);
	for (char *w = strtok(room, " "); w != NULL; w = strtok(NULL, " "))
		operands[argc++] = w;
	return option_parse(&set, 1, stop, &argc, operands, err) ? argc : -1;
}

static void every_spelling_of_an_option_fills_its_value(void **state)
{
	static const char *const lines[] = { "--text=x a", "--text x a", "-tx a",
					     "-t x a",     "a -fvt x",   "a --text x" };
	char *operands[8];
	struct values v = { 0 };
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		assert_int_equal(parse(lines[i], false, &v, operands, &err), 1);
		assert_string_equal(v.text, "x");
		assert_string_equal(operands[0], "a");
	}
	assert_int_equal(parse("-vv --verbose --color=green --at 1970-01-02 -f", false, &v, operands, &err),
			 0);
	assert_int_equal(v.count, 3);
	assert_int_equal(v.choice, 1);
	assert_int_equal(v.at, 86400);
	assert_true(v.flag);
}

static void two_dashes_end_the_options_and_one_is_an_operand(void **state)
{
	char *operands[8];
	struct values v = { 0 };
	struct err err;

	(void)state;
	assert_int_equal(parse("- -- -f --text", false, &v, operands, &err), 3);
	assert_string_equal(operands[0], "-");
	assert_string_equal(operands[1], "-f");
	assert_string_equal(operands[2], "--text");
	assert_false(v.flag);
}

static void with_stop_the_first_operand_ends_the_options(void **state)
{
	char *operands[8];
	struct values v = { 0 };
	struct err err;

	(void)state;
	assert_int_equal(parse("-f list -v --unknown", true, &v, operands, &err), 3);
	assert_true(v.flag);
	assert_int_equal(v.count, 0);
}

static void of_a_list_each_is_kept_in_order(void **state)
{
	char *operands[8];
	struct values v = { 0 };
	struct option_set set = { rows, &v };
	struct err err;

	(void)state;
	assert_int_equal(parse("--list=a x -l b -lc --number=12", false, &v, operands, &err), 1);
	assert_int_equal(v.list.count, 3);
	assert_string_equal(v.list.all[0], "a");
	assert_string_equal(v.list.all[1], "b");
	assert_string_equal(v.list.all[2], "c");
	assert_int_equal(v.number, 12);
	option_done(&set);
	assert_int_equal(v.list.count, 0);
	assert_null(v.list.all);
}

static void what_is_wrong_is_said_with_its_name(void **state)
{
	static const struct {
		const char *line, *says;
	} bad[] = {
		{ "--nothing", "--nothing" },
		{ "-x", "-x" },
		{ "--text", "--text needs" },
		{ "-t", "-t needs" },
		{ "--flag=1", "--flag" },
		{ "--color=blue", "red, green" },
		{ "--at=soon", "soon" },
		{ "--tex=1", "--tex" },
		{ "--number=-1", "no number" },
		{ "--number=1x", "no number" },
		{ "--number=9999999999", "no number" },
	};
	char *operands[8];
	struct values v = { 0 };
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(parse(bad[i].line, false, &v, operands, &err), -1);
		assert_int_equal(err.code, ERR_USAGE);
		assert_non_null(strstr(err.text, bad[i].says));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_spelling_of_an_option_fills_its_value),
		cmocka_unit_test(two_dashes_end_the_options_and_one_is_an_operand),
		cmocka_unit_test(with_stop_the_first_operand_ends_the_options),
		cmocka_unit_test(of_a_list_each_is_kept_in_order),
		cmocka_unit_test(what_is_wrong_is_said_with_its_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
