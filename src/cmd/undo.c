/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stddef.h>
#include <stdlib.h>

#include "base/mem.h"
#include "change/stand.h"
#include "change/undo.h"
#include "cmd/call.h"
#include "cmd/change.h"
#include "cmd/lock.h"
#include "cmd/past.h"
#include "cmd/warning.h"
#include "medium/file.h"
#include "model/store.h"
#include "show/history.h"

struct undo_options {
	struct change_options change;
	bool force;
};

static const struct option options[] = {
	{ "force", 0, OPTION_FLAG, offsetof(struct undo_options, force), NULL, NULL,
	  "also what was changed since; shows first what is lost" },
	{ "dry-run", 'n', OPTION_FLAG, offsetof(struct undo_options, change.dry_run), NULL, NULL,
	  "show what would be done, and do nothing" },
	{ "check", 0, OPTION_FLAG, offsetof(struct undo_options, change.check), NULL, NULL,
	  "as --dry-run, with status 1 if something would change" },
	{ "yes", 'y', OPTION_FLAG, offsetof(struct undo_options, change.yes), NULL, NULL, "do not ask" },
	{ "accept", 0, OPTION_LIST, offsetof(struct undo_options, change.accept), "WARNING[,...]",
	  change_warning_word, "accept these warnings, whatever their severity" },
	{ "user", 0, OPTION_FLAG, offsetof(struct undo_options, change.user), NULL, NULL,
	  "what this user changed for itself, and not the system's" },
	{ 0 },
};

static const char forced[] = "force";

/*
 * To the rest of the program an undo is a store whose only wish is to be as it was:
 * shown, locked, performed and read back like any other. The path is the state's, the
 * label the entry's number, and behind it whether others' changes count.
 */
static bool stage(const struct root *root, const struct target *target, const struct requests *requests,
		  const struct terms *terms, struct staged *ret, struct err *err)
{
	struct staged staged = { 0 };
	struct conflicts conflicts = { 0 };
	struct entries all = { 0 };
	struct entry entry = { 0 };
	struct state state;
	char *rest;
	unsigned id = (unsigned)strtoul(target->label, &rest, 10);
	bool force = strcmp(rest, forced) == 0, ok;

	(void)requests;
	(void)terms;
	ok = state_open(root, target->path, false, &state, err) && journal_list(&state, &all, err) &&
	     journal_read(&state, id, &entry, err) &&
	     undo_stage(root, &entry, &all, force, &staged.edits, &conflicts, err);
	if (ok && !force && conflicts.count > 0)
		ok = err_set(err, ERR_CHANGED, "'%s' %s; --force takes it back all the same",
			     entry.all[conflicts.all[0].touched].path, conflicts.all[0].text);
	if (ok)
		*ret = staged;
	else
		staged_done(&staged);
	conflicts_done(&conflicts);
	entry_done(&entry);
	entries_done(&all);
	state_done(&state);
	return ok;
}

static const struct stager undoing = { .name = "history", .stage = stage };

/* What the file holds as a store; NULL: it is none. */
static struct store *store_of(const char *path, const struct stand *stand)
{
	struct store *store;
	struct err err;

	if (stand->was.kind != WAS_FILE)
		return NULL;
	store = store_new(path);
	if (!file_read_bytes(path, buf_view(&stand->content), NULL, store, &err) || store->count == 0) {
		store_free(store);
		return NULL;
	}
	store_finish(store);
	return store;
}

/* Before, as we left it, and now. */
static void show_conflict(struct run *run, const struct touched *touched, const struct conflict *conflict)
{
	struct stand now = { .was = { .kind = WAS_ABSENT } };
	const struct stand *stands[] = { &touched->before, &touched->after, &now };
	struct versions versions = { .path = touched->path, .how = conflict->text, .later = conflict->later };
	struct store *stores[3];
	struct err err;

	if (!stand_look(&run->root, touched->path, true, &now, &err))
		return;
	for (size_t i = 0; i < 3; i++) {
		stores[i] = store_of(touched->path, stands[i]);
		versions.stands[i] = stands[i];
		versions.stores[i] = stores[i];
	}
	show_versions(&run->show, &versions);
	for (size_t i = 0; i < 3; i++)
		store_free(stores[i]);
	stand_done(&now);
}

/* With --json one object all the same, for an answer that is none of change_perform(). */
static void show_end(struct run *run, enum change_end end, const char *error)
{
	const struct warnings none = { 0 };
	const struct changed changed = { .warnings = &none, .end = end, .error = error };

	if (run->show.json)
		show_changed(&run->show, &changed);
}

static void refuse(struct run *run, bool user, const struct entry *entry, const struct conflicts *conflicts)
{
	char *undo = call_command(run, "undo", user);
	struct err err = { 0 };

	for (size_t i = 0; i < conflicts->count; i++) {
		const struct conflict *one = &conflicts->all[i];

		err_set(&err, ERR_CHANGED, "'%s' %s", entry->all[one->touched].path, one->text);
		if (one->later != 0)
			err_set(&err, ERR_CHANGED, "'%s' %s, by change %u ('%s %u' first)",
				entry->all[one->touched].path, one->text, one->later, undo, one->later);
		cmd_fail(run, &err);
	}
	err_set(&err, ERR_CHANGED,
		"change %u is not taken back, since others have changed what it did; nothing was changed "
		"(--force shows what would be lost, and asks)",
		entry->id);
	cmd_fail(run, &err);
	show_end(run, CHANGE_REFUSED, err.text);
	free(undo);
}

/* Whether it can be taken back at all, before anything is locked. */
static bool look(struct changing *changing, const struct past *past, const struct entry *which, bool force,
		 enum status *status, struct err *err)
{
	struct run *run = changing->run;
	struct conflicts conflicts = { 0 };
	struct edits edits = { 0 };
	struct entry entry = { 0 };
	bool ok = journal_read(&past->state, which->id, &entry, err) &&
		  undo_stage(&run->root, &entry, &past->entries, force, &edits, &conflicts, err);

	if (ok && conflicts.count > 0 && !force) {
		refuse(run, changing->options->user, &entry, &conflicts);
		*status = STATUS_NO;
		ok = false;
	}
	for (size_t i = 0; ok && i < conflicts.count; i++) {
		const struct touched *touched = &entry.all[conflicts.all[i].touched];

		show_conflict(run, touched, &conflicts.all[i]);
		warnings_add(&changing->warnings, &change_warnings[WARNING_CHANGED_SINCE], NULL, "'%s' %s",
			     touched->path, conflicts.all[i].text);
	}
	if (ok && conflicts.count > 0)
		texts_add(&changing->facts,
			  "The files of a store may disagree after this: 'anchorage refresh' makes "
			  "them agree again");
	conflicts_done(&conflicts);
	edits_done(&edits);
	entry_done(&entry);
	return ok;
}

static const struct entry *choose(const struct run *run, bool user, const struct past *past, int argc,
				  char **argv, struct err *err)
{
	const struct entry *entry = NULL;
	unsigned id;

	if (argc == 0) {
		entry = past_newest(past);
		if (entry == NULL)
			err_set(err, ERR_ABSENT, "there is nothing to take back in '%s'%s", past->path,
				!user && past_is_users(run)
					? "; 'anchorage undo --user' takes back what you changed for yourself"
					: "");
		return entry;
	}
	if (!past_id(past, argv[0], &id, err))
		return NULL;
	entry = past_find(past, id);
	if (entry == NULL)
		err_set(err, ERR_ABSENT, "the history has no change %u ('%s' lists them)", id, past->list);
	else if (entry->state == ENTRY_UNDONE)
		err_set(err, ERR_USAGE, "change %u was taken back already, by change %u", id,
			entry->undone_by);
	else if (entry->state == ENTRY_ROLLED_BACK)
		err_set(err, ERR_USAGE, "change %u was interrupted, and was taken back already", id);
	else
		return entry;
	return NULL;
}

/* "system, nss:/home/x": the stores that it touched. */
static char *stores_of(const struct entry *entry)
{
	struct texts seen = { 0 };
	struct buf text = { 0 };

	for (size_t i = 0; i < entry->count; i++)
		if (entry->all[i].store != NULL)
			texts_add_new(&seen, entry->all[i].store);
	for (size_t i = 0; i < seen.count; i++)
		buf_print(&text, "%s%s", i > 0 ? ", " : "", seen.all[i]);
	if (seen.count == 0)
		buf_text(&text, "files");
	buf_byte(&text, '\0');
	texts_done(&seen);
	return (char *)text.at;
}

static enum status take_back(struct changing *changing, const struct past *past, const struct entry *entry,
			     bool force)
{
	char *label = mem_print("%u%s", entry->id, force ? forced : "");

	changing->undoes = entry->id;
	changing->summary = mem_print("undo %u: %s", entry->id, entry->summary);
	change_file(changing, &undoing, past->path, label);
	free(label);
	free(changing->targets[0].name);
	changing->targets[0].name = stores_of(entry);
	changing->tasks[0].name = changing->targets[0].name;
	return change_perform(changing);
}

/* What was interrupted is taken back by whoever takes the lock, and needs no consent. */
static bool recover(struct run *run, bool user, struct err *err)
{
	struct state state;
	bool ok = lock_state(run, user, &state, err);

	state_done(&state);
	return ok;
}

static enum status undo_run(struct run *run, void *values, int argc, char **argv)
{
	const struct undo_options *o = values;
	struct changing changing = { .run = run, .options = &o->change };
	const struct entry *entry = NULL;
	struct past past = { 0 };
	struct err err = { 0 };
	enum status status = STATUS_TROUBLE;

	if (argc > 1)
		return cmd_usage(run, "it takes one number at most");
	if (past_open(run, o->change.user, &past, &err))
		entry = choose(run, o->change.user, &past, argc, argv, &err);
	if (entry != NULL && entry->state == ENTRY_PREPARED && !o->change.dry_run && !o->change.check) {
		if (recover(run, o->change.user, &err)) {
			status = STATUS_OK;
			show_end(run, CHANGE_NOTHING, NULL);
		}
	} else if (entry != NULL && look(&changing, &past, entry, o->force, &status, &err)) {
		status = take_back(&changing, &past, entry, o->force);
	}
	if (err.code != ERR_NONE)
		cmd_fail(run, &err);
	change_done(&changing);
	past_done(&past);
	return status;
}

const struct cmd cmd_undo = {
	.name = "undo",
	.args = "[ID]",
	.brief = "take a change back: the last, or this",
	.options = options,
	.size = sizeof(struct undo_options),
	.changes = true,
	.run = undo_run,
};
