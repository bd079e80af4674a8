/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/past.h"

#include <stdlib.h>

#include "cmd/call.h"

bool past_open(const struct run *run, bool user, struct past *ret, struct err *err)
{
	*ret = (struct past){ .state = { .dir = -1, .journal = -1, .lock = -1, .tool_lock = -1 } };
	ret->list = call_command(run, "history", user);
	ret->path = state_path(&run->root, user, err);
	if (ret->path == NULL || !state_open(&run->root, ret->path, false, &ret->state, err) ||
	    !journal_list(&ret->state, &ret->entries, err))
		return false;
	for (size_t i = 0; !run->show.json && i < ret->entries.notes.count; i++)
		cmd_say(run, "%s", ret->entries.notes.all[i]);
	return true;
}

void past_done(struct past *past)
{
	entries_done(&past->entries);
	state_done(&past->state);
	free(past->path);
	free(past->list);
	*past = (struct past){ 0 };
}

bool past_id(const struct past *past, const char *text, unsigned *ret, struct err *err)
{
	char *end;
	unsigned long id = strtoul(text, &end, 10);

	if (text[0] < '0' || text[0] > '9' || *end != '\0' || id == 0 || id > INT32_MAX)
		return err_set(err, ERR_USAGE, "'%s' is no number of a change ('%s' lists them)", text,
			       past->list);
	*ret = (unsigned)id;
	return true;
}

const struct entry *past_find(const struct past *past, unsigned id)
{
	for (size_t i = 0; i < past->entries.count; i++)
		if (past->entries.all[i].id == id)
			return &past->entries.all[i];
	return NULL;
}

const struct entry *past_newest(const struct past *past)
{
	for (size_t i = past->entries.count; i-- > 0;)
		if (entry_stands(&past->entries.all[i]) && past->entries.all[i].undoes == 0)
			return &past->entries.all[i];
	return NULL;
}

bool past_is_users(const struct run *run)
{
	struct run quiet = *run;
	struct past past = { 0 };
	struct err ignored = { 0 };
	bool is;

	quiet.show.quiet = true;
	is = root_is_host(&run->root) && past_open(&quiet, true, &past, &ignored) &&
	     past_newest(&past) != NULL;
	past_done(&past);
	return is;
}
