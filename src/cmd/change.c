/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/change.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/mem.h"
#include "change/apply.h"
#include "cmd/accept.h"
#include "cmd/advice.h"
#include "cmd/call.h"
#include "cmd/lock.h"
#include "cmd/mine.h"
#include "cmd/owned.h"
#include "cmd/staging.h"
#include "cmd/warning.h"
#include "model/anchor.h"
#include "model/store.h"

enum { MOST_ROUNDS = 3 }; /* a distribution's tool that ran meanwhile is waited for so often */

const char *change_warning_word(unsigned n)
{
	const struct warning_row *row = warning_at(n);

	return row != NULL ? row->code : NULL;
}

/* The first line of the file, without its end. */
static bool read_password(struct changing *changing, struct err *err)
{
	const char *path = changing->options->password_file;
	struct buf content = { 0 };
	size_t len = 0;

	if (path == NULL || changing->password != NULL)
		return true;
	if (!root_read(&changing->run->root, path, &content, err)) {
		buf_done(&content);
		err_in(err, "--password-file: %s", path);
		if (!root_is_host(&changing->run->root))
			err_in(err, "in the root '%s'", changing->run->root.path);
		return false;
	}
	while (len < content.len && content.at[len] != '\n' && content.at[len] != '\r' &&
	       content.at[len] != '\0')
		len++;
	changing->password = mem_string((const char *)content.at, len);
	buf_done(&content);
	return true;
}

static void waits(void *data, const char *holder)
{
	const struct run *run = data;

	cmd_say(run, "waiting for %s", holder);
}

/* One round: perform what is staged. */
static bool perform(struct changing *changing, struct state *state, struct changed *changed,
		    struct applied *applied, struct err *err)
{
	struct change change = { .command = changing->run->cmd->name,
				 .summary = changing->summary,
				 .at = clock_now(), /* a history is by the real clock, whatever --at says */
				 .undoes = changing->undoes };
	struct edits edits;
	bool ok;

	staging_edits(changing, &edits);
	ok = apply_edits(state, &change, &edits, applied, err);
	free(edits.all);
	changed->program_failed = changed->program_failed || applied->program_failed;
	changed->id = applied->id; /* also where it could not be taken back */
	return ok;
}

/* Of the root's system, if that is among what is changed: no other store is a distribution's tool's. */
static const struct stager *system_of(const struct changing *changing)
{
	const struct stager *system = NULL;

	for (size_t i = 0; i < changing->count && system == NULL; i++)
		if (changing->targets[i].stager->is != NULL)
			system = changing->targets[i].stager;
	return system;
}

static bool has(const struct root *root, const struct edit *edit)
{
	struct buf file = { 0 };
	struct err ignored = { 0 };
	bool is = (edit->kind == EDIT_DIRECTORY && root_is_directory(root, edit->path)) ||
		  (edit->kind == EDIT_FILE && root_read(root, edit->path, &file, &ignored) &&
		   bytes_equal(buf_view(&file), buf_view(&edit->content)));

	buf_done(&file);
	return is;
}

/* Nothing is left to be done where nothing was, and where all of it is what was staged and no more counts. */
static bool is_done(const struct changing *changing, size_t index)
{
	const struct task *task = &changing->tasks[index];
	bool same = changing->targets[index].stager->closed;

	for (size_t i = 0; same && task_changes(task) && i < task->staged.edits.count; i++)
		same = has(&changing->run->root, &task->staged.edits.all[i]);
	return same || !task_changes(task);
}

/*
 * Reading back is staging again: nothing may be left to do. Where the distribution's
 * own tool ran meanwhile, there may be; then it is done once more.
 */
static bool read_back(struct changing *changing, struct state *state, struct err *err)
{
	const struct stager *system = system_of(changing);
	struct changing again = { .run = changing->run,
				  .options = changing->options,
				  .summary = changing->summary,
				  .targets = changing->targets,
				  .tasks = mem_zero(changing->count * sizeof(*again.tasks)),
				  .count = changing->count,
				  .password = changing->password };
	struct changed unused = { 0 };
	bool ok = true;

	for (size_t i = 0; i < again.count; i++) {
		again.tasks[i].skipped = is_done(changing, i);
		again.tasks[i].name = changing->tasks[i].name;
		again.tasks[i].requests = changing->tasks[i].requests; /* borrowed */
	}
	for (int round = 0; ok; round++) {
		struct applied applied = { 0 };
		bool ran = state_tool_runs(state, system);

		if (ran)
			ok = state_lock(state, system, waits, changing->run, err);
		staging_do(&again, true);
		for (size_t i = 0; ok && i < again.count; i++)
			if (again.tasks[i].failed != NULL && !again.tasks[i].skipped)
				ok = err_set(err, ERR_DAMAGED, "%s does not read back: %s",
					     again.tasks[i].name, again.tasks[i].failed);
		if (!ok || (!staging_changes(&again) && !ran))
			break;
		if (round >= MOST_ROUNDS)
			ok = err_set(
				err, ERR_DAMAGED,
				"somebody changes '%s' again and again; 'anchorage refresh' mends it when "
				"that has ended",
				again.tasks[0].name);
		else if (staging_changes(&again))
			ok = staging_passes(changing, &again, err) &&
			     perform(&again, state, &unused, &applied, err);
		applied_done(&applied);
	}
	for (size_t i = 0; i < again.count; i++) {
		staged_done(&again.tasks[i].staged);
		free(again.tasks[i].failed);
		free(again.tasks[i].losses);
	}
	free(again.tasks);
	return ok;
}

/* Nobody agrees to what was not shown. */
static bool shows(const struct changing *changing)
{
	return !changing->run->show.quiet && !changing->run->show.json;
}

/* There is nothing to do, and yet what was asked is not so. */
static bool wider(const struct changing *changing, struct err *err)
{
	const char *code = change_warnings[WARNING_CONSTRAINTS_IGNORED].code;

	if (!changing->wider || changing->options->lossy == CHANGE_LOSSY_SKIP ||
	    accept_has(changing->options, code))
		return false;
	err_set(err, ERR_USAGE,
		"nothing was changed: it is trusted for more than was asked; to leave it so: --accept %s",
		code);
	return true;
}

/*
 * Another, most often the distribution's tool that began after we looked, changed something at the same
 * moment, and nothing is done. What was agreed to in advance is staged and done anew, if it is still to be
 * done everywhere.
 */
static bool once_more(struct changing *changing, struct state *state, struct changed *changed,
		      struct applied *applied, struct err *err)
{
	for (int i = 0;
	     i < MOST_ROUNDS && changing->options->yes && err->code == ERR_CHANGED && changed->id == 0; i++) {
		size_t failed = staging_failed(changing);
		struct err why = *err;

		if (!state_lock(state, system_of(changing), waits, changing->run, err))
			return false;
		staging_do(changing, true);
		if (staging_failed(changing) != failed || !staging_changes(changing)) {
			*err = why;
			return false;
		}
		if (!staging_passes(changing, changing, err))
			return false;
		applied_done(applied);
		if (perform(changing, state, changed, applied, err))
			return true;
	}
	return false;
}

/* What stands in the way of doing it at all: CHANGE_DONE if nothing does. */
static enum change_end decide(struct changing *changing, struct changed *changed, struct texts *missing,
			      struct err *err)
{
	const struct change_options *options = changing->options;
	bool ask = !options->yes && shows(changing) && accept_can_ask();

	for (size_t i = 0; options->lossy == CHANGE_LOSSY_FAIL && i < changing->count; i++)
		if (changing->tasks[i].loss_count > 0) {
			err_set(err, ERR_UNSUPPORTED,
				"%s cannot say all of this (--on-lossy=fail); nothing was changed",
				changing->tasks[i].name);
			return CHANGE_REFUSED;
		}
	if (!staging_changes(changing))
		return wider(changing, err) ? CHANGE_REFUSED : CHANGE_NOTHING;
	accept_missing(options, &changing->warnings, options->dry_run || options->check || ask, missing);
	changed->accept = missing;
	if (options->dry_run || options->check)
		return CHANGE_SHOWN;
	if (missing->count > 0) {
		struct buf codes = { 0 };

		for (size_t i = 0; i < missing->count; i++)
			buf_print(&codes, "%s%s", i > 0 ? "," : "", missing->all[i]);
		err_set(err, ERR_USAGE, "nothing was changed; to do it all the same: --accept %.*s",
			(int)codes.len, (const char *)codes.at);
		buf_done(&codes);
		return CHANGE_REFUSED;
	}
	if (!options->yes && !ask) {
		err_set(err, ERR_USAGE, "nothing was changed: %s; --yes does it without, --dry-run shows it",
			accept_can_ask() ? "with --quiet or --json nobody is asked"
					 : "nobody is there to be asked");
		return CHANGE_FAILED;
	}
	return CHANGE_DONE;
}

/* Asked without the lock: others may work while somebody thinks. Then it must still be the same. */
static bool confirm(struct changing *changing, struct state *state, enum change_end *end, struct err *err)
{
	uint8_t shown[DIGEST_LEN], now[DIGEST_LEN];

	if (changing->options->yes)
		return true;
	staging_id(changing, shown);
	state_done(state);
	show_flush(&changing->run->show);
	if (!accept_ask(changing->run, "Do this?")) {
		*end = CHANGE_REFUSED;
		return err_set(err, ERR_USAGE, "nothing was changed");
	}
	if (!lock_state(changing->run, changing->options->user, state, err))
		return false;
	staging_do(changing, false);
	staging_id(changing, now);
	return memcmp(shown, now, DIGEST_LEN) == 0 ||
	       err_set(err, ERR_DAMAGED,
		       "nothing was changed: the stores are no longer as they were shown; run it again");
}

static enum status status_of(const struct changing *changing, const struct changed *changed)
{
	size_t failed = staging_failed(changing);
	bool changes = staging_changes(changing);

	switch (changed->end) {
	case CHANGE_SHOWN:
		return failed > 0                            ? STATUS_TROUBLE
		       : changing->options->check && changes ? STATUS_NO
							     : STATUS_OK;
	case CHANGE_REFUSED:
		return STATUS_NO;
	case CHANGE_FAILED:
		return changed->id != 0 ? STATUS_PARTLY : STATUS_TROUBLE;
	case CHANGE_NOTHING:
		return failed > 0 ? STATUS_TROUBLE : STATUS_OK;
	case CHANGE_DONE:
		return failed > 0 || changed->program_failed ? STATUS_PARTLY : STATUS_OK;
	}
	return STATUS_TROUBLE;
}

/* With `dry` nothing is made and nothing locked. */
static bool begin(struct changing *changing, struct state *state, bool dry, struct err *err)
{
	for (size_t i = 0; i < changing->options->accept.count; i++)
		if (!warning_codes(changing->options->accept.all[i], err))
			return false;
	for (size_t i = 0; i < changing->count; i++)
		if (!changing->targets[i].own)
			requests_join(&changing->tasks[i].requests, &changing->requests);
	if (!owned_find(changing))
		return false;
	if (!read_password(changing, err) ||
	    (!dry && !lock_state(changing->run, changing->options->user, state, err)))
		return false;
	staging_do(changing, false);
	return staging_weigh(changing, err);
}

static void show_failed(const struct changing *changing)
{
	for (size_t i = 0; i < changing->count; i++) {
		struct err err = { 0 };

		if (changing->tasks[i].failed == NULL)
			continue;
		err_set(&err, ERR_SYSTEM, "%s: %s", changing->tasks[i].name, changing->tasks[i].failed);
		cmd_fail(changing->run, &err);
	}
}

/* It was done, and who must hear of it did not: that is said even where reports are not wanted. */
static void tell_programs(const struct run *run, const struct texts *said)
{
	for (size_t i = 0; i < said->count && run->show.quiet; i++) {
		struct err err = { 0 };

		err_set(&err, ERR_SYSTEM, "%s", said->all[i]);
		cmd_fail(run, &err);
	}
}

enum status change_perform(struct changing *changing)
{
	const bool dry = changing->options->dry_run || changing->options->check;
	struct changed changed = { .warnings = &changing->warnings,
				   .reviews = changing->reviews,
				   .review_count = changing->review_count,
				   .facts = &changing->facts,
				   .end = CHANGE_FAILED };
	char *undo = call_command(changing->run, "undo", changing->options->user);
	struct state state = { .dir = -1, .journal = -1, .lock = -1, .tool_lock = -1 };
	struct applied applied = { 0 };
	struct replaced replaced = { 0 };
	struct texts missing = { 0 }, advice = { 0 };
	struct err err = { 0 };
	bool done = false;

	changed.undo = undo;
	if (begin(changing, &state, dry, &err)) {
		changed.tasks = changing->tasks;
		changed.count = changing->count;
		changed.planned = staging_changes(changing) || changing->always || changing->wider ||
				  staging_failed(changing) > 0;
		if (changed.planned) {
			show_warnings(&changing->run->show, &changing->warnings);
			show_plan(&changing->run->show, &changed);
		}
		changed.end = decide(changing, &changed, &missing, &err);
		replaced_find(changing, &replaced);
		done = changed.end == CHANGE_DONE && confirm(changing, &state, &changed.end, &err) &&
		       (perform(changing, &state, &changed, &applied, &err) ||
			once_more(changing, &state, &changed, &applied, &err));
		if (changed.end == CHANGE_DONE && (!done || !read_back(changing, &state, &err)))
			changed.end = CHANGE_FAILED;
	}
	/* What is wrong comes behind what was shown, also where both go into one file. */
	if (!changing->run->show.json)
		show_flush(&changing->run->show);
	show_failed(changing);
	if (changed.end == CHANGE_FAILED && done)
		err_in(&err, "change %u was done ('%s %u' takes it back), but", changed.id, undo, changed.id);
	if ((changed.end == CHANGE_FAILED || changed.end == CHANGE_REFUSED) && err.code != ERR_NONE) {
		cmd_fail(changing->run, &err);
		changed.error = err.text;
	}
	changed.said = &applied.said;
	changed.advice = &advice;
	if (!changing->run->show.quiet &&
	    (changed.end == CHANGE_DONE || changed.end == CHANGE_SHOWN || changed.end == CHANGE_NOTHING))
		advice_find(changing, changed.end, &replaced, &advice);
	if (changed.program_failed)
		tell_programs(changing->run, &applied.said);
	show_changed(&changing->run->show, &changed);
	state_done(&state);
	applied_done(&applied);
	replaced_done(&replaced);
	texts_done(&advice);
	texts_done(&missing);
	free(undo);
	return status_of(changing, &changed);
}

void change_done(struct changing *changing)
{
	mine_free(changing->mine);
	store_free(changing->revived);
	for (size_t i = 0; i < changing->count; i++) {
		target_done(&changing->targets[i]);
		staged_done(&changing->tasks[i].staged);
		requests_done(&changing->tasks[i].requests);
		free(changing->tasks[i].failed);
		free(changing->tasks[i].losses);
	}
	free(changing->targets);
	free(changing->tasks);
	requests_done(&changing->requests);
	warnings_done(&changing->warnings);
	texts_done(&changing->facts);
	free(changing->summary);
	free(changing->password);
}
