/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stddef.h>
#include <stdlib.h>

#include "change/journal.h"
#include "change/state.h"
#include "cmd/past.h"
#include "show/history.h"

enum { FEW = 30 }; /* shown to people who do not say how many */

struct history_options {
	bool user;
	int last; /* 0: not given */
};

static const struct option options[] = {
	{ "last", 'n', OPTION_NUMBER, offsetof(struct history_options, last), "N", NULL,
	  "only the newest N changes (default: 30; with -v or --json all)" },
	{ "user", 0, OPTION_FLAG, offsetof(struct history_options, user), NULL, NULL,
	  "what this user changed for itself, and not the system's" },
	{ 0 },
};

static size_t most(const struct run *run, int last)
{
	return last > 0 ? (size_t)last : run->show.json || run->show.verbose > 0 ? SIZE_MAX : FEW;
}

static bool show_all(struct run *run, const struct past *past, const struct history_options *o, int argc,
		     char **argv, bool *ret_found, struct err *err)
{
	const struct entry *entry;
	unsigned id;

	if (argc == 0) {
		show_history(&run->show, &past->entries, most(run, o->last), past->path);
		if (past->entries.count == 0 && !o->user && !run->show.json && past_is_users(run))
			cmd_say(run, "'anchorage history --user' lists what you changed for yourself");
		return true;
	}
	if (!past_id(past, argv[0], &id, err))
		return false;
	entry = past_find(past, id);
	*ret_found = entry != NULL;
	if (entry == NULL)
		return err_set(err, ERR_ABSENT, "the history has no change %u ('%s' lists them)", id,
			       past->list);
	show_entry(&run->show, entry);
	return true;
}

static enum status history_run(struct run *run, void *values, int argc, char **argv)
{
	const struct history_options *o = values;
	struct past past = { 0 };
	struct err err = { 0 };
	enum status status = STATUS_OK;
	bool found = true;

	if (argc > 1 || (argc == 1 && o->last > 0))
		return cmd_usage(run, "it takes one number at most: of a change, or with --last of how many");
	if (!past_open(run, o->user, &past, &err) || !show_all(run, &past, o, argc, argv, &found, &err)) {
		cmd_fail(run, &err);
		status = found ? STATUS_TROUBLE : STATUS_NO;
	}
	past_done(&past);
	return status;
}

const struct cmd cmd_history = {
	.name = "history",
	.args = "[ID]",
	.brief = "what anchorage has changed",
	.options = options,
	.size = sizeof(struct history_options),
	.run = history_run,
};
