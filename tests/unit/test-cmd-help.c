/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit.h"

#include <stdlib.h>

#include "cmd/help.h"
#include "medium/medium.h"
#include "stage/output.h"

struct values {
	bool flag;
	int choice;
	const char *dir;
};

static const char *word(unsigned n)
{
	static const char *const words[] = { "red", "green", NULL };

	return words[n];
}

static const struct option globals[] = {
	{ "flag", 'f', OPTION_FLAG, offsetof(struct values, flag), NULL, NULL, "a flag" },
	{ "color", 0, OPTION_CHOICE, offsetof(struct values, choice), "WHEN", word, "a choice" },
	{ "root", 0, OPTION_TEXT, offsetof(struct values, dir), "DIR", NULL, "a directory" },
	{ 0 },
};

/* The program's main file has these; nothing here comes so far. */
enum status cmd_fail(const struct run *run, const struct err *err)
{
	(void)run;
	(void)err;
	return STATUS_TROUBLE;
}

enum status cmd_usage(const struct run *run, const char *fmt, ...)
{
	(void)run;
	(void)fmt;
	return STATUS_TROUBLE;
}

void cmd_say(const struct run *run, const char *fmt, ...)
{
	(void)run;
	(void)fmt;
}

/* What the program said, as text until the next call. */
static const char *taken(struct show *show)
{
	static char text[16384];

	assert_in_range(show->out.len, 0, sizeof(text) - 1);
	if (show->out.len > 0)
		memcpy(text, show->out.at, show->out.len);
	text[show->out.len] = '\0';
	show_done(show);
	return text;
}

/* What is offered behind these words, parted by spaces; the last may be empty ("list "). */
static const char *complete(const char *line)
{
	static char room[256];
	struct show show = { 0 };
	char *words[16], *at = room;
	int count = 0;

	strcpy(room, line);
	for (words[count++] = at; (at = strchr(at, ' ')) != NULL; words[count++] = at)
		*at++ = '\0';
	help_complete(&show, globals, count, words);
	return taken(&show);
}

static bool offers(const char *line, const char *answer)
{
	const char *text = complete(line);
	size_t len = strlen(answer);

	for (const char *at = text; (at = strstr(at, answer)) != NULL; at++)
		if ((at == text || at[-1] == '\n') && at[len] == '\n')
			return true;
	return false;
}

static void the_first_word_is_a_command(void **state)
{
	(void)state;
	for (size_t i = 0; cmds[i] != NULL; i++)
		assert_true(offers("", cmds[i]->name));
	assert_false(offers("", "system"));
	assert_false(offers("", "pem:"));
	assert_string_equal(complete("ex"), "export\n");
	assert_string_equal(complete("x"), "");
	assert_true(offers("--flag ", "list"));
}

static void behind_a_command_stand_stores_and_no_second_command(void **state)
{
	(void)state;
	assert_true(offers("list ", "system"));
	for (unsigned i = 0; medium_kind(i) != NULL; i++) {
		char kind[64];

		snprintf(kind, sizeof(kind), "%s:", medium_kind(i)->name);
		assert_true(offers("list ", kind));
	}
	assert_false(offers("list ", "show"));
	assert_string_equal(complete("list hashd"), "hashdir:\n");
	assert_string_equal(complete("list system sy"), "system\n");
}

static void a_dash_begins_options_of_the_command_and_of_all(void **state)
{
	(void)state;
	assert_string_equal(complete("-"), "--flag\n--color=\n--root=\n");
	assert_true(offers("list -", "--flag"));
	assert_true(offers("list -", "--filter="));
	assert_false(offers("list -", "--overwrite"));
	assert_true(offers("export --o", "--overwrite"));
	assert_true(offers("export --o", "--on-lossy="));
	assert_false(offers("export --o", "--flag"));
	assert_false(offers("list -", "system"));
}

static void a_choice_offers_its_words_glued_or_apart(void **state)
{
	(void)state;
	assert_string_equal(complete("--color="), "red\ngreen\n");
	assert_string_equal(complete("--color=g"), "green\n");
	assert_true(offers("--color ", "red"));
	assert_true(offers("list --filter ", "blocklist"));
	assert_string_equal(complete("list --filter=ca"), "ca-anchors\n");
	assert_string_equal(complete("list --purpose=ipsec-t"), "ipsec-tunnel\n");
	assert_string_equal(complete("export --format=java"), "java-cacerts\n");
	assert_string_equal(complete("--root="), "");
	assert_string_equal(complete("--flag="), "");
}

static void the_tables_name_every_row(void **state)
{
	struct show show = { 0 };
	const char *text;
	char row[128];

	(void)state;
	help_tables(&show, globals);
	text = taken(&show);
	assert_non_null(strstr(text, "option\t-\t--color\n"));
	for (size_t i = 0; cmds[i] != NULL; i++) {
		snprintf(row, sizeof(row), "command\t%s\n", cmds[i]->name);
		assert_non_null(strstr(text, row));
		for (const struct option *o = cmds[i]->options; o != NULL && o->name != NULL; o++) {
			snprintf(row, sizeof(row), "option\t%s\t--%s\n", cmds[i]->name, o->name);
			assert_non_null(strstr(text, row));
		}
	}
	for (unsigned i = 0; medium_kind(i) != NULL; i++) {
		snprintf(row, sizeof(row), "kind\t%s\n", medium_kind(i)->name);
		assert_non_null(strstr(text, row));
	}
	for (size_t i = 0; outputs[i].name != NULL; i++) {
		snprintf(row, sizeof(row), "export\t%s\n", outputs[i].name);
		assert_non_null(strstr(text, row));
	}
}

static void every_option_a_command_has_is_in_its_help(void **state)
{
	(void)state;
	for (size_t i = 0; cmds[i] != NULL; i++) {
		struct show show = { 0 };
		const char *text;
		char name[64];

		help_cmd(&show, cmds[i], globals);
		text = taken(&show);
		assert_non_null(strstr(text, cmds[i]->brief));
		assert_non_null(strstr(text, "--color=WHEN"));
		for (const struct option *o = cmds[i]->options; o != NULL && o->name != NULL; o++) {
			snprintf(name, sizeof(name), "--%s", o->name);
			assert_non_null(strstr(text, name));
			assert_non_null(strstr(text, o->help));
		}
	}
}

static void no_two_options_of_a_command_have_one_letter_or_one_name(void **state)
{
	(void)state;
	for (size_t i = 0; cmds[i] != NULL; i++)
		for (const struct option *o = cmds[i]->options; o != NULL && o->name != NULL; o++)
			for (const struct option *p = o + 1; p->name != NULL; p++) {
				assert_string_not_equal(o->name, p->name);
				assert_true(o->letter == 0 || o->letter != p->letter);
			}
}

static void fits(struct show *show, unsigned columns)
{
	const char *text = taken(show);

	while (*text != '\0') {
		size_t len = strcspn(text, "\n");

		if (len > columns)
			fail_msg("%.*s", (int)len, text);
		text += len + (text[len] == '\n');
	}
}

static void on_a_terminal_no_line_of_the_help_is_wider_than_it(void **state)
{
	struct show show = { .columns = 80 };

	(void)state;
	help_all(&show, globals);
	fits(&show, 80);
	for (size_t i = 0; cmds[i] != NULL; i++) {
		show = (struct show){ .columns = 80 };
		help_cmd(&show, cmds[i], globals);
		fits(&show, 80);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_word_is_a_command),
		cmocka_unit_test(behind_a_command_stand_stores_and_no_second_command),
		cmocka_unit_test(a_dash_begins_options_of_the_command_and_of_all),
		cmocka_unit_test(a_choice_offers_its_words_glued_or_apart),
		cmocka_unit_test(the_tables_name_every_row),
		cmocka_unit_test(every_option_a_command_has_is_in_its_help),
		cmocka_unit_test(no_two_options_of_a_command_have_one_letter_or_one_name),
		cmocka_unit_test(on_a_terminal_no_line_of_the_help_is_wider_than_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
