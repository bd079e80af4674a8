/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/owned.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "find/owned.h"
#include "find/sites.h"
#include "stage/overlay.h"

static const struct warning_row owned_row = {
	"package-owned", SEVERITY_MEDIUM, false,
	"The store is a file of a package. Its next upgrade brings its own file back; 'anchorage refresh' "
	"then "
	"does the change again. A variable or a setting that leads the program to the system's store lasts."
};

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

/* By the rows' patterns alone: to survey the host would take longer than the change. */
static const struct site *owner_of(const struct changing *changing, size_t index, const struct sites *sites)
{
	char *path = root_resolve(&changing->run->root, changing->targets[index].path);
	const struct site *site = path != NULL ? owned_by(sites, path) : NULL;

	free(path);
	return site;
}

bool owned_find(struct changing *changing)
{
	struct sites sites = { 0 };
	struct err err = { 0 };
	bool known = false, ok = true;

	for (size_t i = 0, count = changing->count; ok && i < count; i++) {
		const struct site *site;

		if (changing->targets[i].path == NULL || changing->targets[i].own)
			continue;
		ok = known || sites_load(&changing->run->root, NULL, &sites, &err);
		known = true;
		site = ok ? owner_of(changing, i, &sites) : NULL;
		if (site == NULL)
			continue;
		warnings_add(&changing->warnings, &owned_row, NULL,
			     "'%s' is part of %s, whose next upgrade undoes what is changed in it",
			     changing->targets[i].name, site->owner)
			->advice =
			mem_print("after an upgrade: anchorage refresh %s", changing->targets[i].name);
		note(changing, i);
	}
	if (!ok)
		cmd_fail(changing->run, &err);
	sites_done(&sites);
	return ok;
}

/* Of the stores that are meant, the one with this path; else it is added if all are meant. */
static bool find_store(struct changing *changing, const struct overlay *overlay, bool all,
		       const struct stager *stager, size_t *ret)
{
	for (size_t i = 0; i < changing->count; i++) {
		const struct target *target = &changing->targets[i];

		if (target->path != NULL && !target->own && strcmp(target->path, overlay->path) == 0) {
			*ret = i;
			return true;
		}
	}
	if (all) {
		change_store(changing, overlay->path, stager, overlay->path, overlay->label);
		*ret = changing->count - 1;
	}
	return all;
}

static bool again(struct changing *changing, const struct overlay *overlay, bool all, struct err *err)
{
	const struct stager *stager = stager_kind(overlay->kind);
	struct requests requests = { 0 };
	size_t index;

	if (stager == NULL)
		return err_set(err, ERR_DAMAGED, "%s/%s: there is no kind of store '%s'", STATE_PATH,
			       OVERLAYS_NAME, overlay->kind);
	if (!root_has(&changing->run->root, overlay->path)) {
		if (!all)
			return true;
		cmd_say(changing->run, "%s is not there any more; what was changed in it is not done again",
			overlay->path);
		return true;
	}
	if (!find_store(changing, overlay, all, stager, &index))
		return true;
	overlay_requests(overlay, &requests);
	requests_join(&changing->tasks[index].requests, &requests);
	requests_done(&requests);
	return true;
}

bool owned_again(struct changing *changing, bool all, struct err *err)
{
	changing->overlays = mem_zero(sizeof(*changing->overlays));
	if (!overlays_read(&changing->run->root, STATE_PATH, changing->overlays, err))
		return false;
	for (size_t i = 0; i < changing->overlays->count; i++)
		if (!again(changing, &changing->overlays->all[i], all, err))
			return false;
	return true;
}
