/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/retiring.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "change/state.h"
#include "cmd/call.h"
#include "cmd/input.h"
#include "model/anchor.h"
#include "model/match.h"
#include "model/store.h"
#include "stage/retire.h"

/* The file, beside the history. */
static char *noted_in(const struct changing *changing, struct err *err)
{
	char *state = state_path(&changing->run->root, changing->options->user, err);
	char *ret = state != NULL ? mem_print("%s/retirements", state) : NULL;

	free(state);
	return ret;
}

/* Who applies it on the day stands in another directory: a path is told whole. */
static char *name_of(const struct target *target)
{
	return target->path != NULL && stager_kind(target->stager->name) == target->stager
		       ? mem_print("%s:%s", target->stager->name, target->path)
		       : mem_string(target->name, strlen(target->name));
}

static bool add_names(const struct changing *changing, struct buf *line, struct err *err)
{
	for (size_t i = 0; i < changing->count; i++) {
		char *name = name_of(&changing->targets[i]);
		bool ok = strpbrk(name, "\t\r\n") == NULL;

		buf_print(line, "\t%s", name);
		free(name);
		if (!ok)
			return err_set(err, ERR_UNSUPPORTED,
				       "the path of the store '%s' has a character in it that cannot be "
				       "noted; rename it",
				       changing->targets[i].name);
	}
	return true;
}

bool retiring_note(struct changing *changing, int64_t on, const struct anchor *old, const struct anchor *new,
		   struct err *err)
{
	char time[CLOCK_TEXT], *path = noted_in(changing, err);
	char *command = call_command(changing->run, "apply", changing->options->user);
	struct buf line = { 0 };

	clock_text(on, time);
	buf_print(&line, "%s\t", time);
	text_hex((struct bytes){ old->id, ID_LEN }, &line);
	buf_byte(&line, '\t');
	text_hex((struct bytes){ new->id, ID_LEN }, &line);
	if (path == NULL || !add_names(changing, &line, err)) {
		buf_done(&line);
		free(command);
		free(path);
		return false;
	}
	buf_byte(&line, '\0');
	change_file(changing, &stager_retire, path, (const char *)line.at);
	texts_take(
		&changing->facts,
		mem_print("both are trusted until %s; '%s' takes the old one away, if it is run on that day "
			  "or later",
			  time, command));
	free(command);
	buf_done(&line);
	free(path);
	return true;
}

/* Whether the store trusts exactly this certificate, and it is valid. */
static bool ready(const struct store *store, const char *hex, int64_t at)
{
	for (size_t i = 0; i < store->count; i++) {
		const struct anchor *anchor = &store->anchors[i];
		struct match match;

		match_read(hex, &match);
		if (match_anchor(&match, anchor))
			return anchor_trusted(anchor) != 0 && anchor_not_before(anchor) <= at &&
			       at <= anchor_not_after(anchor);
	}
	return false;
}

/* One store of a note that is due. */
static bool retire_in(struct changing *changing, const struct retirement *due, const char *name,
		      const char *noted, struct certs *certs, struct err *err)
{
	struct store *store = input_store(changing->run, name);
	const struct anchor *old = NULL;
	struct match match;
	size_t index = 0;

	if (store == NULL)
		return false;
	certs->read = mem_grow(certs->read, certs->read_count, sizeof(struct store *));
	certs->read[certs->read_count++] = store;
	match_read(due->old, &match);
	for (size_t i = 0; i < store->count && old == NULL; i++)
		if (match_anchor(&match, &store->anchors[i]))
			old = &store->anchors[i];
	if (old == NULL) /* it has gone already */
		return true;
	if (!ready(store, due->new, changing->run->show.at))
		return err_set(
			err, ERR_ABSENT,
			"%.16s is to go from %s, but %.16s, which takes its place, is not trusted there or "
			"not valid now; nothing was changed. Add it, or take the line out of %s",
			due->old, name, due->new, noted);
	if (!change_target_index(changing, name, &index))
		return false;
	requests_add(&changing->tasks[index].requests, REQUEST_REMOVE, old);
	return true;
}

bool retiring_request(struct changing *changing, struct certs *certs, struct err *err)
{
	struct retirements noted = { 0 };
	char *path = noted_in(changing, err);
	bool ok = path != NULL && retirements_read(&changing->run->root, path, &noted, err), any = false;

	for (size_t i = 0; ok && i < noted.count; i++) {
		if (noted.all[i].on > changing->run->show.at)
			continue;
		any = true;
		for (size_t k = 0; ok && k < noted.all[i].stores.count; k++)
			ok = retire_in(changing, &noted.all[i], noted.all[i].stores.all[k], path, certs, err);
	}
	if (ok && any)
		change_file(changing, &stager_retire, path, NULL);
	retirements_done(&noted);
	free(path);
	return ok;
}
