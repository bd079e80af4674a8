/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit.h"

#include "tree.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"

int tree_begin(void **state)
{
	struct tree *tree = mem_zero(sizeof(*tree));
	struct err err;

	strcpy(tree->top, "/tmp/anchorage-test-XXXXXX");
	if (mkdtemp(tree->top) == NULL || !root_open(tree->top, &tree->root, &err))
		return -1;
	tree_open(tree);
	*state = tree;
	return 0;
}

int tree_end(void **state)
{
	struct tree *tree = *state;
	char command[64];
	int rc;

	tree_close(tree);
	root_done(&tree->root);
	snprintf(command, sizeof(command), "rm -rf %s", tree->top);
	rc = system(command);
	free(tree);
	return rc;
}

void tree_open(struct tree *tree)
{
	struct err err = { 0 };

	if (!state_open(&tree->root, STATE_PATH, true, &tree->state, &err) ||
	    !state_lock(&tree->state, NULL, NULL, NULL, &err))
		fail_msg("%s", err.text);
}

void tree_close(struct tree *tree)
{
	state_done(&tree->state);
}

void tree_run(const struct tree *tree, const char *fmt, ...)
{
	char *text = NULL, *command;
	va_list args;

	va_start(args, fmt);
	assert_true(vasprintf(&text, fmt, args) >= 0);
	va_end(args);
	command = mem_print("cd %s && { %s; }", tree->top, text);
	assert_int_equal(system(command), 0);
	free(command);
	free(text);
}

void tree_file(const struct tree *tree, const char *path, const char *content, unsigned mode)
{
	char *full = mem_print("%s%s", tree->top, path), *slash = strrchr(full, '/');
	FILE *file;

	*slash = '\0';
	tree_run(tree, "mkdir -p %s", full);
	*slash = '/';
	file = fopen(full, "w");
	assert_non_null(file);
	fputs(content, file);
	fclose(file);
	assert_int_equal(chmod(full, mode), 0);
	free(full);
}

char *tree_text(const struct tree *tree)
{
	char *command = mem_print("cd %s && find . -path ./var/lib/anchorage -prune -o -print0 | sort -z | "
				  "while IFS= read -r -d '' f; do if [ -f \"$f\" ] && [ ! -L \"$f\" ]; then "
				  "stat -c '%%n %%A %%u %%g %%.Y' \"$f\"; cat \"$f\"; "
				  "else stat -c '%%N %%A %%u %%g' \"$f\"; fi; done",
				  tree->top);
	struct buf text = { 0 };
	FILE *pipe;
	int c;

	assert_int_equal(setenv("TREE_COMMAND", command, 1), 0);
	pipe = popen("bash -c \"$TREE_COMMAND\"", "r");
	assert_non_null(pipe);
	while ((c = getc(pipe)) != EOF)
		buf_byte(&text, (unsigned)c);
	assert_int_equal(pclose(pipe), 0);
	buf_byte(&text, 0);
	free(command);
	return (char *)text.at;
}

unsigned tree_apply(struct tree *tree, const struct edits *edits)
{
	const struct change change = { .command = "add", .summary = "trust one", .at = 1000000000 };
	struct applied applied;
	struct err err = { 0 };
	unsigned id;

	if (!apply_edits(&tree->state, &change, edits, &applied, &err))
		fail_msg("%s", err.text);
	id = applied.id;
	applied_done(&applied);
	return id;
}
