/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "find/remedy.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "find/sites.h"
#include "find/told.h"
#include "model/spot.h"

/* The spots that are made of the same sources as the one that was changed. */
struct reach {
	const struct sites *sites;
	const struct spots *spots;
	bool *in; /* owned; for each spot */
};

/* Joins a spot with those that it feeds: whether one of them was not reached before. */
static bool spread(struct reach *reach, size_t from)
{
	const struct spot *spot = &reach->spots->all[from];
	bool more = false;

	for (size_t i = 0; i < spot->feeds.count; i++) {
		const struct spot *to = spots_named(reach->spots, spot->feeds.all[i]);
		size_t at = to != NULL ? (size_t)(to - reach->spots->all) : from;

		if (reach->in[from] != reach->in[at])
			more = reach->in[from] = reach->in[at] = true;
	}
	return more;
}

static void reach_from(const struct sites *sites, const struct spots *spots, const char *changed,
		       struct reach *ret)
{
	const struct spot *start = spots_named(spots, changed);
	bool more = start != NULL;

	*ret = (struct reach){ sites, spots, mem_zero(spots->count + 1) };
	if (start != NULL)
		ret->in[start - spots->all] = true;
	while (more) {
		more = false;
		for (size_t i = 0; i < spots->count; i++)
			more = spread(ret, i) || more;
	}
}

/* The first file of this kind that programs read, of those that were reached; or NULL. */
static const char *file_of(const struct reach *reach, bool java)
{
	for (size_t i = 0; i < reach->spots->count; i++) {
		const struct spot *spot = &reach->spots->all[i];
		const char *site = spot->site != NULL ? spot->site : "";
		bool fits = java ? strcmp(site, "java-system") == 0
				 : spot->kind != NULL && strcmp(spot->kind, "pem") == 0 &&
					    spot->state == SPOT_EFFECTIVE;

		if (reach->in[i] && fits && spot->place.path_count > 0 && spot->place.paths[0][0] == '/')
			return spot->place.paths[0];
	}
	return NULL;
}

/* Whether a note says that the variable is set, and to a file that was reached. */
static bool is_set(const struct reach *reach, const struct spot *spot, const char *variable)
{
	size_t len = strlen(variable);

	for (size_t i = 0; i < spot->notes.count; i++) {
		const char *note = spot->notes.all[i], *path = strrchr(note, ' ');

		if (strncmp(note, variable, len) != 0 || note[len] != ':' || path == NULL)
			continue;
		for (size_t k = 0; k < reach->spots->count; k++)
			for (size_t p = 0; reach->in[k] && p < reach->spots->all[k].place.path_count; p++)
				if (strcmp(reach->spots->all[k].place.paths[p], path + 1) == 0)
					return true;
	}
	return false;
}

static struct remedy *add(struct remedies *remedies, const struct spot *spot, const char *software)
{
	struct remedy *remedy;

	remedies->all = mem_grow(remedies->all, remedies->count, sizeof(*remedies->all));
	remedy = &remedies->all[remedies->count++];
	if (software == NULL)
		software = spot->used_by.count > 0 ? spot->used_by.all[0] : spot->place.name;
	*remedy = (struct remedy){ .software = mem_string(software, strlen(software)), .spot = spot };
	return remedy;
}

static void add_variable(const struct spot *spot, const struct told *told, const char *file,
			 struct remedies *to)
{
	struct remedy *remedy = add(to, spot, told->whom);

	remedy->line = mem_print("%s=%s%s", told->what, told->key != NULL ? told->key : "", file);
	remedy->adds = !told->replaces;
}

static void add_line(const struct spot *spot, enum remedy_kind kind, char *line, struct remedies *to)
{
	struct remedy *remedy = add(to, spot, NULL);

	remedy->kind = kind;
	remedy->line = line;
	remedy->adds = true;
}

static const struct site *site_of(const struct reach *reach, const struct spot *spot)
{
	for (size_t i = 0; spot->site != NULL && i < reach->sites->count; i++)
		if (strcmp(reach->sites->all[i].name, spot->site) == 0)
			return &reach->sites->all[i];
	return NULL;
}

static bool was_told(const struct remedies *remedies, size_t first, const char *software)
{
	for (; first < remedies->count; first++)
		if (strcmp(remedies->all[first].software, software) == 0)
			return true;
	return false;
}

/* The first variable that all of its programs heed; else one for each program that heeds any. */
static bool add_variables(const struct reach *reach, const struct spot *spot, const struct site *site,
			  struct remedies *to)
{
	size_t first = to->count;
	bool any = false;

	for (int all = 1; all >= 0 && !any; all--)
		for (size_t i = 0; i < site->env.count && !(all && any); i++) {
			struct told told;
			const char *file;

			told_read(site, site->env.all[i], &told);
			file = told.what != NULL ? file_of(reach, told.key != NULL) : NULL;
			if (file != NULL && (told.whom == NULL) == (all == 1)) {
				any = true;
				if (!is_set(reach, spot, told.what) &&
				    (told.whom == NULL || !was_told(to, first, told.whom)))
					add_variable(spot, &told, file, to);
			}
			told_done(&told);
		}
	return any;
}

/* Stores that nobody is turned away from by a change elsewhere: what forbids, and what modules bring along.
 */
static bool is_for_trust(const struct spot *spot)
{
	const char *kind = spot->kind != NULL ? spot->kind : "";

	return spot->state == SPOT_EFFECTIVE && spot->used_by.count > 0 && strcmp(kind, "blocked") != 0 &&
	       strcmp(kind, "pkcs11") != 0;
}

static bool starts(const char *text, const char *with)
{
	return text != NULL && strncmp(text, with, strlen(with)) == 0;
}

/* What its owner keeps up is changed there; a package's is left alone, and another read in its stead. */
static void add_for(const struct reach *reach, const struct spot *spot, struct remedies *to)
{
	const struct site *site = site_of(reach, spot);
	bool own = starts(spot->write, "edit");

	if (site != NULL && site->besides != NULL && strcmp(site->besides, "yes") == 0)
		return;
	if (!own && site != NULL && add_variables(reach, spot, site, to))
		return;
	if (starts(spot->write, "tool, ") && strchr(spot->write + strlen("tool, "), ' ') == NULL)
		add_line(spot, REMEDY_COMMAND, mem_print("%s", spot->write + strlen("tool, ")), to);
	else if (!starts(spot->write, "tool") && !starts(spot->write, "none") &&
		 !starts(spot->write, "config"))
		add_line(spot, REMEDY_COMMAND, mem_print("anchorage add --to '%s' FILE", spot->place.name),
			 to);
}

void remedies_for(const struct sites *sites, const struct spots *spots, const char *changed,
		  struct remedies *ret)
{
	struct reach reach;

	reach_from(sites, spots, changed, &reach);
	for (size_t i = 0; i < spots->count; i++)
		if (!reach.in[i] && is_for_trust(&spots->all[i]))
			add_for(&reach, &spots->all[i], ret);
	free(reach.in);
}

void remedies_done(struct remedies *remedies)
{
	for (size_t i = 0; i < remedies->count; i++) {
		free(remedies->all[i].software);
		free(remedies->all[i].line);
	}
	free(remedies->all);
	*remedies = (struct remedies){ 0 };
}
