/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A subcommand: one file in cmd/, one `const struct cmd` at its end, one row in
 * cmd/table.c. It reads top to bottom as parse, do, show; nothing worth a test of
 * its own lives here.
 */
#ifndef CMD_CMD_H
#define CMD_CMD_H

#include "base/err.h"
#include "base/root.h"
#include "cmd/option.h"
#include "show/show.h"

struct buf;
struct texts;

enum status {
	STATUS_OK = 0,      /* done, the same, nothing found */
	STATUS_NO = 1,      /* the answer is no: differs, not there */
	STATUS_TROUBLE = 2, /* usage, or the question could not be answered */
	STATUS_PARTLY = 3,  /* some stores changed, some could not be */
};

/* What a command runs with: the global options, in effect. */
struct run {
	const struct cmd *cmd;
	struct root root;
	struct show show;
	const struct texts
		*environment; /* of the root, if it is an image: what its configuration sets; or NULL */
	bool at_given;        /* --at was given */
	struct buf *said;     /* what was last said to be wrong, for JSON; its final NUL is in it */
};

struct cmd {
	const char *name;
	const char *args;             /* for the usage line */
	const char *brief;            /* one line */
	const struct option *options; /* NULL: none of its own */
	size_t size;                  /* of the struct the options fill; zeroed before */
	bool changes;                 /* what it shows is show_changed() */
	void (*preset)(void *values); /* what is not zero before the options; may be NULL */
	enum status (*run)(struct run *run, void *values, int argc, char **argv);
};

extern const struct cmd *const cmds[]; /* ends with NULL */
extern const struct cmd cmd_stores, cmd_list, cmd_show, cmd_diff, cmd_export, cmd_verify, cmd_add, cmd_remove,
	cmd_distrust, cmd_refresh, cmd_apply, cmd_history, cmd_undo;

/*
 * The only way to say something is wrong: "anchorage: …" on standard error, the
 * text escaped. Both return STATUS_TROUBLE.
 */
enum status cmd_fail(const struct run *run, const struct err *err);
enum status cmd_usage(const struct run *run, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* A remark on standard error that -q silences. */
void cmd_say(const struct run *run, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
