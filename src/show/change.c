/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "show/change.h"

#include <string.h>

#include "base/buf.h"
#include "change/loss.h"
#include "model/anchor.h"
#include "show/put.h"
#include "show/show.h"

enum { MOST_EDITS = 12, CODE_WIDTH = 22 };

static const enum color severity_colors[SEVERITIES] = {
	[SEVERITY_INFO] = COLOR_DIM, [SEVERITY_LOW] = COLOR_NONE,     [SEVERITY_MEDIUM] = COLOR_YELLOW,
	[SEVERITY_HIGH] = COLOR_RED, [SEVERITY_CRITICAL] = COLOR_RED,
};

bool task_changes(const struct task *task)
{
	return task->failed == NULL && !task->skipped && task->staged.edits.count > 0;
}

/* A line that goes on `hang` columns in where the terminal is too narrow. */
static void line(struct show *show, const char *before, const char *text, size_t hang)
{
	size_t start = show->out.len;

	put(show, before);
	put_escaped(show, bytes_of(text));
	put_fold(show, start, hang);
	put(show, "\n");
}

/* Where they are of several certificates, each says of which. */
static bool of_several(const struct warnings *warnings)
{
	const struct anchor *first = NULL;

	for (size_t i = 0; i < warnings->count; i++) {
		const struct anchor *anchor = warnings->all[i].anchor;

		if (first != NULL && anchor != NULL && anchor != first)
			return true;
		first = first != NULL ? first : anchor;
	}
	return false;
}

static void put_of(struct show *show, const struct anchor *anchor)
{
	struct buf name = { 0 };

	anchor_name(anchor, &name);
	put(show, "'");
	put_escaped(show, buf_view(&name));
	put(show, "': ");
	buf_done(&name);
}

static void put_warning(struct show *show, const struct warning *warning, bool several)
{
	const struct warning_row *row = warning->row;
	size_t start = show->out.len;

	put(show, "  ");
	put_color(show, severity_colors[row->severity], severity_words[row->severity]);
	for (size_t i = strlen(severity_words[row->severity]); i < 10; i++)
		put(show, " ");
	put(show, row->code);
	put(show, ": ");
	if (several && warning->anchor != NULL)
		put_of(show, warning->anchor);
	put_escaped(show, bytes_of(warning->text));
	put_fold(show, start, 14);
	put(show, "\n");
	if (show->verbose > 0)
		line(show, "              ", row->means, 14);
	if (warning->advice != NULL)
		line(show, "              ", warning->advice, 14);
}

void show_warnings(struct show *show, const struct warnings *warnings)
{
	if (show->json || show->quiet || warnings->count == 0)
		return;
	put_color(show, COLOR_BOLD, "Warnings");
	put(show, "\n");
	for (size_t i = 0; i < warnings->count; i++)
		put_warning(show, &warnings->all[i], of_several(warnings));
}

/* A sign for what becomes of the path: new, changed, gone, run. */
static const char *sign(const struct edit *edit)
{
	switch (edit->kind) {
	case EDIT_REMOVE:
		return "-";
	case EDIT_RUN:
		return "!";
	case EDIT_FILE:
	case EDIT_LINK:
	case EDIT_DIRECTORY:
		return edit->was.kind == WAS_ABSENT ? "+" : "~";
	}
	return "?";
}

static void put_edit(struct show *show, const struct edit *edit)
{
	put(show, "    ");
	put_color(show,
		  edit->kind == EDIT_REMOVE      ? COLOR_RED
		  : edit->was.kind == WAS_ABSENT ? COLOR_GREEN
						 : COLOR_YELLOW,
		  sign(edit));
	put(show, " ");
	put_escaped(show, bytes_of(edit->path));
	if (edit->kind == EDIT_LINK) {
		put(show, " -> ");
		put_escaped(show, bytes_of(edit->target));
	} else if (edit->kind == EDIT_RUN) {
		put(show, " (run, and told of the change)");
	}
	put(show, "\n");
}

static void put_edits(struct show *show, const struct edits *edits)
{
	size_t most = show->verbose > 0 || edits->count <= MOST_EDITS + 1 ? edits->count : MOST_EDITS;

	for (size_t i = 0; i < most; i++)
		put_edit(show, &edits->all[i]);
	if (edits->count > most)
		put_print(show, "    and %zu more; -v lists them all\n", edits->count - most);
}

static const char *const outcome_texts[OUTCOME_KINDS][REQUEST_KINDS] = {
	[OUTCOME_DONE] = { "will be trusted", "will be removed", "will be distrusted",
			   "will no longer be forbidden" },
	[OUTCOME_ALREADY] = { "is trusted already", "is not there", "is distrusted already",
			      "is not forbidden" },
	[OUTCOME_ABSENT] = { "is left out", "is left out", "is left out", "is left out" },
	[OUTCOME_FORBIDDEN] = { "will be forbidden", "will be kept out", "will be forbidden",
				"will be forbidden" },
	[OUTCOME_CANNOT] = { "cannot be trusted here", "cannot be removed here", "cannot be distrusted here",
			     "cannot be allowed here" },
};

static bool same_name(const struct anchor *a, const struct anchor *b)
{
	struct buf x = { 0 }, y = { 0 };
	bool same;

	anchor_name(a, &x);
	anchor_name(b, &y);
	same = bytes_equal(buf_view(&x), buf_view(&y));
	buf_done(&x);
	buf_done(&y);
	return same;
}

/* A CA that was made anew, beside the old one. */
static bool needs_fingerprint(const struct requests *requests, size_t index)
{
	enum { MANY = 100 }; /* a list, whose review has told the fingerprints */
	bool needs = false;

	for (size_t i = 0; !needs && requests->count <= MANY && i < requests->count; i++)
		needs = memcmp(requests->all[i].anchor->id, requests->all[index].anchor->id, ID_LEN) != 0 &&
			same_name(requests->all[i].anchor, requests->all[index].anchor);
	return needs;
}

static void put_outcome(struct show *show, const struct requests *requests, const struct outcome *outcome)
{
	const struct request *request = &requests->all[outcome->request];
	struct buf name = { 0 };
	size_t start = show->out.len;

	anchor_name(request->anchor, &name);
	put(show, "    ");
	put_escaped(show, buf_view(&name));
	if (needs_fingerprint(requests, outcome->request)) {
		put(show, " (");
		put_hex(show, (struct bytes){ request->anchor->id, ID_LEN }, 8);
		put(show, ")");
	}
	put(show, " ");
	put(show, outcome_texts[outcome->kind][request->kind]);
	if (outcome->text != NULL) {
		put(show, ": ");
		put_escaped(show, bytes_of(outcome->text));
	}
	put_fold(show, start, 6);
	put(show, "\n");
	buf_done(&name);
}

static void put_outcomes(struct show *show, const struct requests *requests, const struct staged *staged)
{
	size_t most = show->verbose > 0 || staged->outcome_count <= MOST_EDITS + 1 ? staged->outcome_count
										   : MOST_EDITS;

	for (size_t i = 0; i < most; i++)
		put_outcome(show, requests, &staged->outcomes[i]);
	if (staged->outcome_count > most)
		put_print(show, "    and %zu more certificates; -v lists them all\n",
			  staged->outcome_count - most);
}

/* Several files that lose the same are one line. */
static void put_losses(struct show *show, const struct task *task)
{
	for (size_t i = 0; i < task->loss_count; i++) {
		const struct task_loss *loss = &task->losses[i];
		size_t start = show->out.len, others = 0;
		bool told = false;

		for (size_t k = 0; k < i; k++)
			told = told || task->losses[k].row == loss->row;
		if (told)
			continue;
		for (size_t k = i + 1; k < task->loss_count; k++)
			others += task->losses[k].row == loss->row;
		put(show, "    ");
		put_color(show, COLOR_YELLOW, "lost");
		put(show, " in ");
		put_escaped(show, bytes_of(loss->path));
		if (others > 0)
			put_print(show, " and %zu more", others);
		put_print(show, ": what is %s", loss->row->text);
		if (loss->row->then != NULL)
			put_print(show, " becomes %s for its readers", loss->row->then);
		put_fold(show, start, 6);
		put(show, "\n");
	}
}

/* A file of our own, or a store that is neither asked for anything nor changed. */
static bool is_silent(const struct task *task)
{
	return task->failed == NULL && task->staged.outcome_count == 0 && task->staged.edits.count == 0 &&
	       task->staged.notes.count == 0 && task->staged.declare == NULL;
}

static void put_task(struct show *show, const struct task *task)
{
	if (is_silent(task))
		return;
	put(show, "  ");
	put_color(show, COLOR_BOLD, task->name);
	if (task->brief != NULL)
		put_print(show, " (%s)", task->brief);
	put(show, "\n");
	if (task->failed != NULL) {
		put(show, "    ");
		put_color(show, COLOR_RED, "not possible");
		put(show, ": ");
		put_escaped(show, bytes_of(task->failed));
		put(show, "\n");
		return;
	}
	put_outcomes(show, &task->requests, &task->staged);
	for (size_t i = 0; i < task->staged.notes.count; i++)
		line(show, "    note: ", task->staged.notes.all[i], 6);
	if (task->skipped)
		put(show, "    left out: it cannot say all of this (--on-lossy=skip)\n");
	else
		put_edits(show, &task->staged.edits);
	put_losses(show, task);
	if (task->staged.declare != NULL) {
		put(show, "    to be declared instead:\n");
		for (const char *at = task->staged.declare; *at != '\0';) {
			size_t len = strcspn(at, "\n");

			put(show, "      ");
			put_escaped(show, (struct bytes){ (const uint8_t *)at, len });
			put(show, "\n");
			at += len + (at[len] == '\n');
		}
	}
}

void show_plan(struct show *show, const struct changed *changed)
{
	if (show->json || show->quiet)
		return;
	put_color(show, COLOR_BOLD, "Plan");
	put(show, "\n");
	for (size_t i = 0; i < changed->count; i++)
		put_task(show, &changed->tasks[i]);
	for (size_t i = 0; changed->facts != NULL && i < changed->facts->count; i++)
		line(show, "  ", changed->facts->all[i], 2);
}

static void put_names(struct show *show, const struct changed *changed)
{
	bool any = false;

	for (size_t i = 0; i < changed->count; i++) {
		if (!task_changes(&changed->tasks[i]))
			continue;
		put(show, any ? ", " : "");
		put_escaped(show, bytes_of(changed->tasks[i].name));
		any = true;
	}
}

static void put_texts(struct show *show, const char *head, const struct texts *texts)
{
	if (texts == NULL || texts->count == 0)
		return;
	put_color(show, COLOR_BOLD, head);
	put(show, "\n");
	for (size_t i = 0; i < texts->count; i++)
		line(show, "  ", texts->all[i], 4);
}

static bool cannot(const struct changed *changed)
{
	for (size_t i = 0; i < changed->count; i++) {
		const struct staged *staged = &changed->tasks[i].staged;

		if (changed->tasks[i].failed != NULL)
			return true;
		for (size_t k = 0; k < staged->outcome_count; k++)
			if (staged->outcomes[k].kind == OUTCOME_CANNOT)
				return true;
	}
	return false;
}

/* Why there is nothing to do. */
static void put_already(struct show *show, const struct task *task)
{
	if (task->staged.outcome_count == 0)
		return;
	put_color(show, COLOR_BOLD, task->name);
	put(show, "\n");
	put_outcomes(show, &task->requests, &task->staged);
	put_losses(show, task);
}

/* It is there, but not with all that was asked for: what is missing has been told. */
static bool loses(const struct changed *changed)
{
	for (size_t i = 0; i < changed->count; i++)
		if (changed->tasks[i].staged.outcome_count > 0 && changed->tasks[i].loss_count > 0)
			return true;
	return false;
}

void show_changed(struct show *show, const struct changed *changed)
{
	if (show->json) {
		show_changed_json(show, changed);
		return;
	}
	if (show->quiet)
		return;
	switch (changed->end) {
	case CHANGE_SHOWN:
		put(show, "Nothing was changed: this was a dry run\n");
		break;
	case CHANGE_NOTHING:
		for (size_t i = 0; i < changed->count && !changed->planned && !cannot(changed); i++)
			put_already(show, &changed->tasks[i]);
		put(show, cannot(changed) ? "Nothing was changed: not all of this is possible here\n"
			  : loses(changed)
				  ? "Nothing to do, and not all that is asked can be said here: see above\n"
				  : "Nothing to do: all is as it should be\n");
		break;
	case CHANGE_DONE:
		put_color(show, COLOR_GREEN, "Done");
		put(show, ", and read back, in ");
		put_names(show, changed);
		put(show, "; '");
		put_escaped(show, bytes_of(changed->undo));
		put_print(show, " %u' takes it back\n", changed->id);
		break;
	case CHANGE_REFUSED:
	case CHANGE_FAILED:
		break;
	}
	put_texts(show, "Programs of the distribution said", changed->said);
	if (changed->end != CHANGE_REFUSED && changed->end != CHANGE_FAILED)
		put_texts(show, "What is left for you", changed->advice);
}
