/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/advice.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "cmd/call.h"
#include "cmd/mine.h"
#include "cmd/others.h"
#include "find/holders.h"
#include "find/remedy.h"
#include "find/sites.h"
#include "find/survey.h"
#include "model/spot.h"

enum { MOST = 12 };

void replaced_find(const struct changing *changing, struct replaced *ret)
{
	*ret = (struct replaced){ 0 };
	for (size_t i = 0; i < changing->count; i++) {
		const struct task *task = &changing->tasks[i];

		for (size_t k = 0; task_changes(task) && k < task->staged.edits.count; k++) {
			const struct edit *edit = &task->staged.edits.all[k];
			struct stat st;

			if (edit->was.kind != WAS_FILE || !root_stat(&changing->run->root, edit->path, &st))
				continue;
			ret->all = mem_grow(ret->all, ret->count, sizeof(*ret->all));
			ret->all[ret->count++] = (struct held){ mem_string(edit->path, strlen(edit->path)),
								st.st_dev, st.st_ino };
		}
	}
}

void replaced_done(struct replaced *replaced)
{
	for (size_t i = 0; i < replaced->count; i++)
		free((char *)(uintptr_t)replaced->all[i].path);
	free(replaced->all);
	*replaced = (struct replaced){ 0 };
}

static void add_holder(const struct holder *holder, struct texts *ret)
{
	char *who = holder->unit != NULL
			    ? mem_print("%s (process %d, %s)", holder->unit, holder->pid, holder->name)
			    : mem_print("process %d (%s)", holder->pid, holder->name);

	texts_take(ret, mem_print("restart %s, which %s%s%s", who, holder->why,
				  holder->command != NULL ? ": " : "",
				  holder->command != NULL ? holder->command : ""));
	free(who);
}

static void tell_rest(size_t count, bool more, const char *what, struct texts *ret)
{
	if (count > 0)
		texts_take(ret, mem_print("%zu %sservice%s or process%s %s; -v names %s", count,
					  more ? "more " : "", count == 1 ? "" : "s", count == 1 ? "" : "es",
					  what, count == 1 ? "it" : "them"));
}

/* Sure ones each; those that may have read it at their start are many on any host, and are counted. */
static void tell_holders(const struct changing *changing, const struct replaced *replaced, struct texts *ret)
{
	const struct holders_question question = { .proc = "/proc",
						   .stores = replaced->all,
						   .count = replaced->count,
						   .changed = clock_now(),
						   .self = (int)getpid() };
	struct holders holders = { 0 };
	struct err ignored = { 0 };
	size_t may = 0, told = 0, sure = 0;
	bool all = changing->run->show.verbose > 0;

	if (!root_is_host(&changing->run->root) || replaced->count == 0 ||
	    !holders_find(&question, &holders, &ignored))
		return;
	for (size_t i = 0; i < holders.count; i++) {
		const struct holder *holder = &holders.all[i];

		if (holder->again)
			continue;
		if (all || (holder->hold == HOLD_SURE && told < MOST)) {
			add_holder(holder, ret);
			told++;
		} else {
			may += holder->hold == HOLD_MAY;
			sure += holder->hold == HOLD_SURE;
		}
	}
	tell_rest(sure, told > 0, "still hold the old store", ret);
	tell_rest(may, told > 0, "may have read the old store when they started", ret);
	if (holders.unread > 0 &&
	    (all || geteuid() == 0)) /* who is not root changes what others seldom read */
		texts_take(ret, mem_print("%u process%s could not be asked whether %s the old store",
					  holders.unread, holders.unread == 1 ? "" : "es",
					  holders.unread == 1 ? "it holds" : "they hold"));
	if (holders.cut)
		texts_add(ret,
			  "there are too many processes, or they have too many files: not all were asked "
			  "whether they hold the old store");
	holders_done(&holders);
}

static void add_remedy(const struct run *run, const struct remedy *remedy, struct texts *ret)
{
	static const char ours[] = "anchorage ";
	bool again = strncmp(remedy->line, ours, strlen(ours)) == 0;
	char *root = call_root(run);

	texts_take(ret,
		   mem_print("%s, whose store is %s: %s%s%s%s", remedy->software, remedy->spot->place.name,
			     again ? ours : "", again ? root : "", remedy->line + (again ? strlen(ours) : 0),
			     remedy->kind == REMEDY_COMMAND ? ""
			     : remedy->adds                 ? " in its environment adds to that"
							    : " in its environment is read instead"));
	free(root);
}

static const struct spot *spot_at(const struct spots *spots, const char *path)
{
	for (size_t i = 0; i < spots->count; i++) {
		const struct spot *spot = &spots->all[i];

		for (size_t k = 0; k < spot->place.path_count; k++)
			if (strcmp(spot->place.paths[k], path) == 0)
				return spot;
		for (size_t k = 0; k < spot->alias_count; k++)
			if (strcmp(spot->aliases[k].path, path) == 0)
				return spot;
	}
	return NULL;
}

/* The spot of the first file that the system's store writes for programs; NULL: the system is not changed. */
static const struct spot *changed_spot(const struct changing *changing, const struct spots *spots)
{
	const struct spot *spot = NULL;

	for (size_t i = 0; i < changing->count; i++) {
		const struct staged *staged = &changing->tasks[i].staged;

		for (size_t k = 0; strcmp(changing->targets[i].name, "system") == 0 && k < staged->file_count;
		     k++)
			if (spot == NULL || spot->state != SPOT_EFFECTIVE)
				spot = spot_at(spots, staged->files[k].path);
	}
	return spot;
}

/* The same line for the same software is told once, however many copies it has. */
static bool told_before(const struct remedies *remedies, size_t index)
{
	const struct remedy *one = &remedies->all[index];

	for (size_t i = 0; i < index; i++)
		if (strcmp(remedies->all[i].line, one->line) == 0 &&
		    strcmp(remedies->all[i].software, one->software) == 0)
			return true;
	return false;
}

/* Whoever has a store of its own sees no new anchor of the system. */
static void tell_remedies(const struct changing *changing, struct texts *ret)
{
	const struct root *root = &changing->run->root;
	struct survey survey;
	struct spots spots = { 0 };
	struct sites sites = { 0 };
	struct remedies remedies = { 0 };
	struct err ignored = { 0 };
	size_t most = changing->run->show.verbose > 0 ? SIZE_MAX : MOST, told = 0;
	const struct spot *changed = NULL;

	survey_here(root, &survey);
	if (survey_find(&survey, &spots, &ignored))
		changed = changed_spot(changing, &spots);
	if (changed != NULL && sites_load(root, survey.sites, &sites, &ignored))
		remedies_for(&sites, &spots, changed->place.name, &remedies);
	for (size_t i = 0; i < remedies.count; i++) {
		if (told_before(&remedies, i))
			continue;
		if (told++ < most)
			add_remedy(changing->run, &remedies.all[i], ret);
	}
	if (told > most)
		texts_take(ret, mem_print("%zu more have stores of their own; -v names them", told - most));
	remedies_done(&remedies);
	sites_done(&sites);
	spots_done(&spots);
}

static void tell_source(const struct run *run, const char *name, const struct spot *spot, struct texts *ret)
{
	char *command = call_command(run, "refresh", false);

	if (spot->write != NULL && strncmp(spot->write, "edit", 4) == 0)
		texts_take(ret, mem_print("no program reads %s, only what is made of it: %s", name, command));
	else
		texts_take(ret, mem_print("no program reads %s, only what the system chooses of it: the same "
					  "command without --to changes both",
					  name));
	free(command);
}

/* A store that was named, and of which something else is made, which has not been. */
static void tell_sources(const struct changing *changing, struct texts *ret)
{
	struct survey survey;
	struct spots spots = { 0 };
	struct err ignored = { 0 };
	bool found = false;

	for (size_t i = 0; i < changing->count; i++) {
		const struct target *target = &changing->targets[i];
		const struct spot *spot;

		if (target->path == NULL || target->own || !task_changes(&changing->tasks[i]))
			continue;
		if (!found) {
			survey_here(&changing->run->root, &survey);
			survey_find(&survey, &spots, &ignored);
			found = true;
		}
		spot = spot_at(&spots, target->path);
		if (spot != NULL && spot->state == SPOT_SOURCE)
			tell_source(changing->run, target->name, spot, ret);
	}
	spots_done(&spots);
}

static bool adds(const struct changing *changing)
{
	for (size_t i = 0; i < changing->requests.count; i++)
		if (changing->requests.all[i].kind == REQUEST_TRUST)
			return true;
	return false;
}

void advice_find(const struct changing *changing, enum change_end end, const struct replaced *replaced,
		 struct texts *ret)
{
	if (changing->mine != NULL && !changing->options->dry_run && !changing->options->check)
		mine_tell(changing->run, changing->mine, ret);
	if (end != CHANGE_NOTHING)
		tell_sources(changing, ret);
	if (adds(changing) && end != CHANGE_NOTHING)
		tell_remedies(changing, ret);
	others_tell(changing, end != CHANGE_SHOWN, ret);
	if (end == CHANGE_DONE)
		tell_holders(changing, replaced, ret);
}
