/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/lint.h"
#include "cmd/help.h"

#include <stdio.h>
#include <string.h>

#include "check/reason.h"
#include "cmd/warning.h"
#include "find/find.h"
#include "find/survey.h"
#include "medium/medium.h"
#include "stage/output.h"
#include "model/pick.h"
#include "model/spot.h"
#include "show/put.h"

/* What is said of a word, in a column of its own, which begins `hang` columns in. */
static void put_said(struct show *show, size_t start, size_t hang, const char *text)
{
	put(show, text);
	put_fold(show, start, hang);
	put(show, "\n");
}

static void put_options(struct show *show, const struct option *rows)
{
	for (; rows != NULL && rows->name != NULL; rows++) {
		char left[64], letter[8] = "    ";
		size_t start = show->out.len;

		if (rows->letter != 0)
			snprintf(letter, sizeof(letter), "-%c, ", rows->letter);
		snprintf(left, sizeof(left), "%s--%s%s%s", letter, rows->name, rows->arg != NULL ? "=" : "",
			 rows->arg != NULL ? rows->arg : "");
		put_print(show, "  %-24s  ", left);
		put_said(show, start, 28, rows->help);
	}
}

void help_all(struct show *show, const struct option *globals)
{
	put(show, "anchorage manages the trust anchors of a host\n\n"
		  "usage: anchorage [OPTIONS] COMMAND [ARGUMENTS]\n\ncommands:\n");
	for (size_t i = 0; cmds[i] != NULL; i++) {
		size_t start = show->out.len;

		put_print(show, "  %-10s %-15s  ", cmds[i]->name, cmds[i]->args);
		put_said(show, start, 30, cmds[i]->brief);
	}
	put(show, "\noptions:\n");
	put_options(show, globals);
	put(show, "\nSTORE is a name that 'stores' prints, such as 'system', a file or directory,\n"
		  "KIND:PATH, a pkcs11: URI, or - for standard input;\n"
		  "CERT is a SHA-256 fingerprint or its first digits, a file, or words of the\n"
		  "subject.\n"
		  "kinds:\n");
	for (unsigned i = 0; medium_kind(i) != NULL; i++)
		put_print(show, "  %-10s %s\n", medium_kind(i)->name, medium_kind(i)->brief);
	put(show, "\n'anchorage COMMAND --help' tells more, and so does anchorage(1).\n");
}

void help_cmd(struct show *show, const struct cmd *cmd, const struct option *globals)
{
	size_t title = show->out.len;

	put_print(show, "anchorage %s: ", cmd->name);
	put_said(show, title, 2, cmd->brief);
	put_print(show, "\nusage: anchorage %s [OPTIONS] %s\n\n", cmd->name, cmd->args);
	if (cmd->options != NULL) {
		put(show, "options:\n");
		put_options(show, cmd->options);
		put(show, "\n");
	}
	put(show, "options of every command:\n");
	put_options(show, globals);
	if (cmd != &cmd_export)
		return;
	put(show, "\nformats:\n");
	for (size_t i = 0; outputs[i].name != NULL; i++) {
		size_t start = show->out.len;

		put_print(show, "  %-20s ", outputs[i].name);
		put_said(show, start, 23, outputs[i].brief);
	}
}

static void offer(struct show *show, const char *before, const char *word, const char *begun)
{
	char text[256];

	snprintf(text, sizeof(text), "%s%s", before, word);
	if (strncmp(text, begun, strlen(begun)) == 0)
		put_print(show, "%s\n", text);
}

/* The option whose value is begun: "--format=p", or "--format p", "-F p". *ret_value is where it begins. */
static const struct option *option_begun(const struct option *rows, const char *begun, const char *previous,
					 const char **ret_value)
{
	const char *equals = strchr(begun, '=');

	for (; rows != NULL && rows->name != NULL; rows++) {
		char name[64], letter[3] = { '-', rows->letter, '\0' };
		size_t len = (size_t)snprintf(name, sizeof(name), "--%s", rows->name);

		*ret_value = equals != NULL ? equals + 1 : begun;
		if (rows->arg == NULL)
			continue;
		if (equals != NULL && (size_t)(equals - begun) == len && memcmp(begun, name, len) == 0)
			return rows;
		if (equals == NULL && previous != NULL &&
		    (strcmp(previous, name) == 0 || (rows->letter != 0 && strcmp(previous, letter) == 0)))
			return rows;
	}
	return NULL;
}

static void complete_options(struct show *show, const struct option *rows, const char *begun)
{
	for (; rows != NULL && rows->name != NULL; rows++) {
		char name[64];

		snprintf(name, sizeof(name), "--%s", rows->name);
		offer(show, name, rows->arg != NULL ? "=" : "", begun);
	}
}

/* What is here by name; a path needs none of them. */
static void complete_stores(struct show *show, const char *begun)
{
	const struct root host = { .fd = -1 };
	struct survey survey;
	struct spots spots;
	struct err none = { 0 };

	for (unsigned i = 0; find_name(i) != NULL; i++)
		offer(show, "", find_name(i), begun);
	survey_here(&host, &survey);
	if (strchr("/.~", begun[0]) != NULL && begun[0] != '\0')
		return;
	if (!survey_find(&survey, &spots, &none))
		return;
	for (size_t i = 0; i < spots.count; i++) {
		const struct spot *spot = &spots.all[i];

		if (strcmp(spot->place.name, "system") != 0 && strcmp(spot->place.name, "mozilla") != 0)
			offer(show, "", spot->place.name, begun);
		for (size_t k = 0; k < spot->alias_count; k++)
			offer(show, "", spot->aliases[k].name, begun);
	}
	spots_done(&spots);
}

static const struct cmd *cmd_among(int count, char **words)
{
	for (int i = 0; i < count; i++)
		for (size_t k = 0; cmds[k] != NULL; k++)
			if (strcmp(words[i], cmds[k]->name) == 0)
				return cmds[k];
	return NULL;
}

/* The others take files, certificates or numbers. */
static bool takes_stores(const struct cmd *cmd)
{
	static const struct cmd *const others[] = { &cmd_add,   &cmd_remove,  &cmd_distrust,
						    &cmd_apply, &cmd_history, &cmd_undo };

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (cmd == others[i])
			return false;
	return cmd != NULL;
}

void help_complete(struct show *show, const struct option *globals, int count, char **words)
{
	const char *begun = count > 0 ? words[count - 1] : "",
		   *previous = count > 1 ? words[count - 2] : NULL;
	const struct cmd *cmd = cmd_among(count - 1, words);
	const char *value = NULL;
	const struct option *option = option_begun(globals, begun, previous, &value);

	if (option == NULL && cmd != NULL)
		option = option_begun(cmd->options, begun, previous, &value);
	if (option != NULL) {
		for (unsigned i = 0; option->words != NULL && option->words(i) != NULL; i++)
			offer(show, "", option->words(i), value);
		if (option->arg != NULL && strcmp(option->arg, "STORE") == 0)
			complete_stores(show, value);
		return;
	}
	if (begun[0] == '-') {
		complete_options(show, globals, begun);
		complete_options(show, cmd != NULL ? cmd->options : NULL, begun);
		return;
	}
	for (size_t i = 0; cmd == NULL && cmds[i] != NULL; i++)
		offer(show, "", cmds[i]->name, begun);
	if (!takes_stores(cmd))
		return;
	complete_stores(show, begun);
	for (unsigned i = 0; medium_kind(i) != NULL; i++) {
		char kind[64];

		snprintf(kind, sizeof(kind), "%s:", medium_kind(i)->name);
		offer(show, "", kind, begun);
	}
}

static void table_options(struct show *show, const char *owner, const struct option *rows)
{
	for (; rows != NULL && rows->name != NULL; rows++)
		put_print(show, "option\t%s\t--%s\n", owner, rows->name);
}

void help_tables(struct show *show, const struct option *globals)
{
	table_options(show, "-", globals);
	for (size_t i = 0; cmds[i] != NULL; i++) {
		put_print(show, "command\t%s\n", cmds[i]->name);
		table_options(show, cmds[i]->name, cmds[i]->options);
	}
	for (unsigned i = 0; medium_kind(i) != NULL; i++)
		put_print(show, "kind\t%s\n", medium_kind(i)->name);
	for (size_t i = 0; outputs[i].name != NULL; i++)
		put_print(show, "export\t%s\n", outputs[i].name);
	for (size_t i = 0; i < PURPOSE_ROWS; i++)
		put_print(show, "purpose\t%s\n", purposes[i].name);
	for (size_t i = 0; i < FILTER_COUNT; i++)
		put_print(show, "filter\t%s\n", filters[i].name);
	for (size_t i = 0; i < REASON_ROWS; i++)
		put_print(show, "reason\t%s\n", reasons_table[i].code);
	for (size_t i = 0; i < lint_count; i++)
		put_print(show, "lint\t%s\n", lints[i].name);
	for (size_t i = 0; warning_at(i) != NULL; i++)
		put_print(show, "warning\t%s\t%s%s\n", warning_at(i)->code,
			  severity_words[warning_at(i)->severity], warning_at(i)->by_name ? ", by name" : "");
}
