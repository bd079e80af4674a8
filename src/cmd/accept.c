/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/accept.h"

#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/change.h"

/* Whether a list of words with commas between has the word. */
static bool list_has(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = list; at != NULL; at = strchr(at, ',')) {
		at += *at == ',';
		if (strncmp(at, word, len) == 0 && (at[len] == '\0' || at[len] == ','))
			return true;
		if (*at == '\0')
			break;
	}
	return false;
}

bool accept_has(const struct change_options *options, const char *code)
{
	for (size_t i = 0; i < options->accept.count; i++)
		if (list_has(options->accept.all[i], code))
			return true;
	return false;
}

bool accept_is(const struct change_options *options, const struct warning *warning, bool asked)
{
	if (accept_has(options, warning->row->code))
		return true;
	if (warning->row->by_name)
		return false;
	return asked || warning->row->severity <= SEVERITY_MEDIUM;
}

void accept_missing(const struct change_options *options, const struct warnings *warnings, bool asked,
		    struct texts *ret)
{
	for (size_t i = 0; i < warnings->count; i++)
		if (!accept_is(options, &warnings->all[i], asked))
			texts_add_new(ret, warnings->all[i].row->code);
}

/* A pipe may lead to a terminal by a pager or tee(1); a file or /dev/null does not. */
static bool may_be_seen(int fd)
{
	struct stat st;

	return isatty(fd) == 1 || (fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode));
}

bool accept_can_ask(void)
{
	return isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1 && may_be_seen(STDOUT_FILENO);
}

bool accept_ask(const struct run *run, const char *question)
{
	char answer[16] = "";
	ssize_t len;

	show_ask(&run->show, question);
	len = read(STDIN_FILENO, answer, sizeof(answer) - 1);
	if (len <= 0)
		return false;
	answer[strcspn(answer, "\r\n")] = '\0';
	return strcasecmp(answer, "y") == 0 || strcasecmp(answer, "yes") == 0;
}
