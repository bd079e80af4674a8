/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Global options, then the command: everything else is in cmd/. */
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "cmd/cmd.h"
#include "cmd/guess.h"
#include "cmd/help.h"
#include "cmd/inside.h"
#include "show/change.h"
#include "show/json.h"
#include "show/put.h"

enum { KEPT = 2 << 20 };

struct globals {
	bool json, quiet, help, version;
	int verbose, color;
	const char *root;
	int64_t at;
};

/* In the order of enum show_color. */
static const char *color_word(unsigned n)
{
	static const char *const words[] = { "auto", "always", "never", NULL };

	return words[n];
}

static const struct option globals_rows[] = {
	{ "json", 0, OPTION_FLAG, offsetof(struct globals, json), NULL, NULL,
	  "the result as one JSON object" },
	{ "root", 0, OPTION_TEXT, offsetof(struct globals, root), "DIR", NULL,
	  "everything happens inside DIR; nothing of this host is read or written" },
	{ "at", 0, OPTION_TIME, offsetof(struct globals, at), "TIME", NULL,
	  "judge dates as of this time: a date, RFC 3339, or Unix seconds" },
	{ "quiet", 'q', OPTION_FLAG, offsetof(struct globals, quiet), NULL, NULL, "say only what failed" },
	{ "verbose", 'v', OPTION_COUNT, offsetof(struct globals, verbose), NULL, NULL, "say more" },
	{ "color", 0, OPTION_CHOICE, offsetof(struct globals, color), "WHEN", color_word,
	  "auto (default: on a terminal, unless NO_COLOR is set), always, never" },
	{ "help", 'h', OPTION_FLAG, offsetof(struct globals, help), NULL, NULL, "this help" },
	{ "version", 'V', OPTION_FLAG, offsetof(struct globals, version), NULL, NULL, "the version" },
	{ 0 },
};

static void say_wrong(const struct run *run, const char *text)
{
	show_say(&run->show, "anchorage", text);
	run->said->len = 0;
	buf_bytes(run->said, (struct bytes){ (const uint8_t *)text, strlen(text) + 1 });
}

enum status cmd_fail(const struct run *run, const struct err *err)
{
	say_wrong(run, err->text);
	return STATUS_TROUBLE;
}

enum status cmd_usage(const struct run *run, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	say_wrong(run, text);
	if (run->cmd != NULL)
		snprintf(text, sizeof(text), "anchorage %s [OPTIONS] %s", run->cmd->name, run->cmd->args);
	else
		snprintf(text, sizeof(text),
			 "anchorage [OPTIONS] COMMAND [ARGUMENTS]; --help lists the commands");
	show_say(&run->show, "usage", text);
	return STATUS_TROUBLE;
}

void cmd_say(const struct run *run, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (!run->show.quiet)
		show_say(&run->show, "anchorage", text);
}

static void apply(const struct globals *globals, struct run *run)
{
	run->at_given = globals->at != CLOCK_NONE;
	run->show.at = run->at_given ? globals->at : clock_now();
	run->show.json = globals->json;
	run->show.quiet = globals->quiet;
	run->show.verbose = globals->verbose;
	show_tune(&run->show, (enum show_color)globals->color);
}

static const struct cmd *find_cmd(const char *name)
{
	for (size_t i = 0; cmds[i] != NULL; i++)
		if (strcmp(cmds[i]->name, name) == 0)
			return cmds[i];
	return NULL;
}

/* The command's own options and the global ones may be mixed behind its name. */
static enum status run_cmd(struct run *run, struct globals *globals, int argc, char **argv)
{
	struct err err = { 0 };
	void *values = mem_zero(run->cmd->size);
	struct option_set sets[] = { { globals_rows, globals }, { run->cmd->options, values } };
	enum status status = STATUS_TROUBLE;
	bool understood;

	if (run->cmd->preset != NULL)
		run->cmd->preset(values);
	run->show.name = run->cmd->name;
	understood = option_parse(sets, 2, false, &argc, argv, &err);
	apply(globals, run);
	if (!understood) {
		cmd_usage(run, "%s", err.text);
		goto out;
	}
	inside_show_progress(run);
	if (globals->help) {
		help_cmd(&run->show, run->cmd, globals_rows);
		status = STATUS_OK;
		goto out;
	}
	if (!root_open(globals->root, &run->root, &err)) {
		cmd_fail(run, &err);
		goto out;
	}
	status = run->cmd->run(run, values, argc, argv);
out:
	option_done(&sets[1]);
	free(values);
	return status;
}

/* What other programs call it: a shell, trust(1), git, package managers. */
static const struct guess_word foreign[] = {
	{ "ls", "list" },          { "rm", "remove" },          { "del", "remove" },
	{ "delete", "remove" },    { "anchor", "add" },         { "trust", "add" },
	{ "install", "add" },      { "import", "add" },         { "block", "distrust" },
	{ "untrust", "distrust" }, { "blocklist", "distrust" }, { "extract", "export" },
	{ "update", "refresh" },   { "sync", "refresh" },       { "log", "history" },
	{ "revert", "undo" },      { "rollback", "undo" },      { "info", "show" },
	{ "compare", "diff" },     { "check", "verify" },       { NULL, NULL },
};

static enum status unknown_cmd(const struct run *run, const char *name)
{
	struct guess guess = { .typed = name, .len = strlen(name) };
	char hint[GUESS_TEXT];

	for (size_t i = 0; cmds[i] != NULL; i++)
		guess_offer(&guess, cmds[i]->name);
	for (size_t i = 0; cmds[i] != NULL; i++)
		guess_translate(&guess, foreign, cmds[i]->name);
	return cmd_usage(run, "there is no command '%s'%s", name, guess_text(&guess, "", hint));
}

static enum status dispatch(struct run *run, int argc, char **argv)
{
	struct globals globals = { .at = CLOCK_NONE };
	struct option_set set = { globals_rows, &globals };
	struct err err = { 0 };
	bool understood;

	/* Two calls for scripts: the shell's completion, and the tests of the manual. */
	if (argc > 0 && strcmp(argv[0], "--complete") == 0) {
		help_complete(&run->show, globals_rows, argc - 1, argv + 1);
		return STATUS_OK;
	}
	if (argc == 1 && strcmp(argv[0], "--tables") == 0) {
		help_tables(&run->show, globals_rows);
		return STATUS_OK;
	}
	understood = option_parse(&set, 1, true, &argc, argv, &err);
	apply(&globals, run);
	if (!understood)
		return cmd_usage(run, "%s", err.text);
	if (globals.version) {
		put(&run->show, "anchorage " VERSION "\n");
		return STATUS_OK;
	}
	if (argc == 0 && !globals.help)
		return cmd_usage(run, "which command?");
	if (argc == 0 || (strcmp(argv[0], "help") == 0 && argc == 1)) {
		help_all(&run->show, globals_rows);
		return STATUS_OK;
	}
	if (strcmp(argv[0], "help") == 0) {
		globals.help = true;
		argc--, argv++;
	}
	run->cmd = find_cmd(argv[0]);
	if (run->cmd == NULL)
		return unknown_cmd(run, argv[0]);
	return run_cmd(run, &globals, argc - 1, argv + 1);
}

/*
 * A descriptor of ours must not become somebody's standard output by its number: what is closed is opened the
 * wrong way round, so that using it still fails. Who ignores SIGCHLD hears nothing of how helpers end.
 */
static void begin(void)
{
	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			(void)!open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGCHLD, SIG_DFL);
#ifdef M_MMAP_THRESHOLD /* glibc: the memory of a file that was read is kept for the next, not given back */
	mallopt(M_MMAP_THRESHOLD, KEPT);
	mallopt(M_TRIM_THRESHOLD, KEPT);
#endif
}

/* Where there is nothing else to be told: programs read one object, whatever happens. */
static void show_trouble(struct run *run)
{
	const char *error = run->said->len > 0 ? (const char *)run->said->at : NULL;

	if (run->cmd != NULL && run->cmd->changes)
		show_changed(&run->show, &(struct changed){ .warnings = &(struct warnings){ 0 },
							    .end = CHANGE_FAILED,
							    .error = error });
	else
		show_error_json(&run->show, error);
}

int main(int argc, char **argv)
{
	struct buf said = { 0 };
	struct run run = { .root = { .fd = -1 }, .said = &said };
	enum status status;

	begin();
	show_begin(&run.show);
	status = dispatch(&run, argc - 1, argv + 1);
	if (run.show.json && status != STATUS_OK && !show_begun(&run.show))
		show_trouble(&run);
	if (!show_flush(&run.show)) {
		if (errno != EPIPE)
			cmd_say(&run, "standard output: %s", strerror(errno));
		status = STATUS_TROUBLE;
	}
	show_done(&run.show);
	root_done(&run.root);
	buf_done(&said);
	return (int)status;
}
