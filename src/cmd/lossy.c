/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/lossy.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "change/loss.h"
#include "cmd/warning.h"
#include "model/kind.h"
#include "model/pick.h"

const char *change_lossy_word(unsigned n)
{
	/* The first word is what is in force if nothing is given. */
	static const char *const words[] = { "warn", "keep", "skip", "fail", NULL };

	return words[n];
}

/* What is to be trusted and is in that file then. */
static void find_in(const struct requests *requests, const struct output_file *file, struct pick *ret)
{
	*ret = (struct pick){ 0 };
	for (size_t i = 0; i < requests->count; i++) {
		const struct request *request = &requests->all[i];

		if (request->kind != REQUEST_TRUST ||
		    !pick_takes(file->filter, &file->wanted, request->anchor))
			continue;
		ret->anchors = mem_grow(ret->anchors, ret->count, sizeof(const struct anchor *));
		ret->anchors[ret->count++] = request->anchor;
	}
}

void lossy_find(struct task *task)
{
	task->loss_count = 0;
	for (size_t i = 0; i < task->staged.file_count; i++) {
		const struct output_file *file = &task->staged.files[i];
		struct losses losses;
		struct pick pick;

		find_in(&task->requests, file, &pick);
		loss_find(&pick, file->kind, false, &losses);
		for (size_t k = 0; k < losses.count; k++) {
			if (losses.all[k].row->small)
				continue;
			task->losses = mem_grow(task->losses, task->loss_count, sizeof(*task->losses));
			task->losses[task->loss_count++] =
				(struct task_loss){ losses.all[k].row, file->path, losses.all[k].count };
		}
		losses_done(&losses);
		pick_done(&pick);
	}
}

/* Whether every file of the store that has something of it loses something. */
static bool loses_everywhere(const struct task *task)
{
	for (size_t i = 0; i < task->staged.file_count; i++) {
		const struct output_file *file = &task->staged.files[i];
		bool loses = false;
		struct pick pick;

		for (size_t k = 0; k < task->loss_count; k++)
			loses = loses || task->losses[k].path == file->path;
		find_in(&task->requests, file, &pick);
		loses = loses || pick.count == 0;
		pick_done(&pick);
		if (!loses)
			return false;
	}
	return true;
}

/* What is lost, each kind of it once; `then`: and what becomes of it. */
static char *losses_text(const struct task *task, bool then)
{
	struct buf text = { 0 };

	for (size_t i = 0; i < task->loss_count; i++) {
		const struct loss_row *row = task->losses[i].row;
		bool told = false;

		for (size_t k = 0; k < i; k++)
			told = told || task->losses[k].row == row;
		if (told)
			continue;
		buf_print(&text, "%swhat is %s", text.len > 0 ? ", and " : "", row->text);
		if (then)
			buf_print(&text, " becomes %s", row->then != NULL ? row->then : "unknown");
	}
	buf_byte(&text, '\0');
	return (char *)text.at;
}

/* It is there without limits that were asked for, which no file of the store could say. */
static void tell_wider(struct changing *changing, const struct task *task)
{
	char *text;

	if (!changing->exact || changing->options->lossy == CHANGE_LOSSY_KEEP || !loses_everywhere(task))
		return;
	text = losses_text(task, false);
	warnings_add(&changing->warnings, &change_warnings[WARNING_CONSTRAINTS_IGNORED], NULL,
		     "%s: it is trusted there already, without the limits: %s, is lost in every file of it",
		     task->name, text)
		->advice = mem_print("--on-lossy=keep leaves it so; 'anchorage remove' ends it");
	free(text);
	changing->wider = true;
}

static void tell_lost(struct changing *changing, const struct task *task)
{
	bool everywhere = loses_everywhere(task);
	char *text = losses_text(task, true);

	warnings_add(&changing->warnings,
		     &change_warnings[everywhere ? WARNING_CONSTRAINTS_IGNORED : WARNING_CONSTRAINTS_LOST],
		     NULL, "%s: %s, for %s%s%s", task->name, text,
		     everywhere ? "every program that reads it: no file of it can say more"
				: "those that read ",
		     everywhere ? "" : task->losses[0].path,
		     task->loss_count > 1 && !everywhere ? " and others" : "")
		->advice =
		mem_print("--on-lossy=keep does it all the same, =skip leaves the store as it is, "
			  "=fail changes nothing%s",
			  everywhere ? "; only a limit in the CA's own certificate holds here" : "");
	free(text);
}

void lossy_weigh(struct changing *changing, struct task *task)
{
	if (task->loss_count == 0)
		return;
	if (task->staged.edits.count == 0)
		tell_wider(changing, task);
	else if (changing->options->lossy == CHANGE_LOSSY_SKIP)
		task->skipped = true;
	else if (changing->options->lossy == 0)
		tell_lost(changing, task);
}
