/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/owned.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "find/remedy.h"
#include "find/survey.h"
#include "model/spot.h"
#include "stage/overlay.h"

static const struct warning_row owned_row = {
	"package-owned", SEVERITY_MEDIUM, false,
	"The store is a file of a package. Its next upgrade brings its own file back; 'anchorage refresh' "
	"then "
	"does the change again. A variable or a setting that leads the program to the system's store lasts."
};

static const struct spot *spot_of(const struct spots *spots, const struct target *target)
{
	const struct spot *named = spots_named(spots, target->name);

	for (size_t i = 0; named == NULL && i < spots->count; i++) {
		const struct spot *spot = &spots->all[i];

		for (size_t k = 0; k < spot->place.path_count; k++)
			if (target->path != NULL && strcmp(spot->place.paths[k], target->path) == 0)
				named = spot;
		for (size_t k = 0; k < spot->alias_count; k++)
			if (target->path != NULL && strcmp(spot->aliases[k].path, target->path) == 0)
				named = spot;
	}
	return named;
}

/* A file beside the history, changed with the store and by the same requests. */
static void note(struct changing *changing, size_t index)
{
	const struct target *target = &changing->targets[index];
	char *path = overlay_path(STATE_PATH, target->stager->name, target->path);
	char *label = overlay_label(target->stager->name, target->path, target->label);

	change_file(changing, &stager_overlay, path, label);
	requests_join(&changing->tasks[changing->count - 1].requests, &changing->tasks[index].requests);
	free(path);
	free(label);
}

bool owned_find(struct changing *changing)
{
	struct survey survey;
	struct spots spots = { 0 };
	struct err err = { 0 };
	bool any = false;

	for (size_t i = 0; i < changing->count && !changing->passing; i++)
		any = any || (changing->targets[i].path != NULL && !changing->targets[i].own);
	if (!any)
		return true;
	survey_here(&changing->run->root, &survey);
	if (!survey_find(&survey, &spots, &err)) {
		cmd_fail(changing->run, &err);
		return false;
	}
	for (size_t i = 0, count = changing->count; i < count; i++) {
		const struct spot *spot = spot_of(&spots, &changing->targets[i]);
		char *text = spot != NULL && !changing->targets[i].own ? remedy_warning(spot) : NULL;

		if (text != NULL) {
			warnings_add(&changing->warnings, &owned_row, NULL, "%s", text);
			note(changing, i);
		}
		free(text);
	}
	spots_done(&spots);
	return true;
}
