/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/overlaid.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "find/owned.h"
#include "find/sites.h"
#include "stage/overlay.h"

static const struct warning_row owned_row = { "package-owned", SEVERITY_MEDIUM, false,
					      "The store is part of a package, whose next upgrade writes it "
					      "anew. What is changed in it is recorded, "
					      "and refresh does it again." };

static void add_record(struct changing *changing, size_t index, const struct site *site)
{
	const struct target *target = &changing->targets[index];
	char *path = overlay_path(STATE_PATH, target->stager->name, target->path),
	     *label = overlay_label(target->stager->name, target->path, target->label);

	warnings_add(&changing->warnings, &owned_row, NULL,
		     "%s is part of %s, whose next upgrade undoes what is changed in it", target->name,
		     site->owner)
		->advice = mem_print("anchorage refresh %s", target->name);
	change_file(changing, &stager_overlay, path, label);
	requests_join(&changing->tasks[changing->count - 1].requests, &changing->tasks[index].requests);
	free(path);
	free(label);
}

void overlaid_find(struct changing *changing)
{
	const struct root *root = &changing->run->root;
	struct sites sites = { 0 };
	struct err ignored = { 0 };
	size_t count = changing->count;
	bool known = false;

	for (size_t i = 0; i < count; i++) {
		const struct target *target = &changing->targets[i];
		const struct site *site = NULL;
		char *path;

		if (target->own || target->path == NULL || target->stager == NULL)
			continue;
		if (!known && !sites_load(root, NULL, &sites, &ignored))
			break;
		known = true;
		path = root_resolve(root, target->path);
		if (path != NULL)
			site = owned_by(&sites, path);
		if (site != NULL)
			add_record(changing, i, site);
		free(path);
	}
	sites_done(&sites);
}

static bool find_target(struct changing *changing, const struct overlay *overlay, bool all, size_t *ret)
{
	char *name;
	bool ok;

	for (size_t i = 0; i < changing->count; i++)
		if (changing->targets[i].path != NULL &&
		    strcmp(changing->targets[i].path, overlay->path) == 0) {
			*ret = i;
			return true;
		}
	if (!all || !root_has(&changing->run->root, overlay->path))
		return false;
	name = mem_print("%s:%s", overlay->kind, overlay->path);
	ok = change_target_index(changing, name, ret);
	free(name);
	return ok;
}

bool overlaid_again(struct changing *changing, bool all, struct overlays *ret)
{
	struct err err = { 0 };

	if (!overlays_read(&changing->run->root, STATE_PATH, ret, &err)) {
		cmd_fail(changing->run, &err);
		return false;
	}
	for (size_t i = 0; i < ret->count; i++) {
		size_t index;

		if (ret->all[i].kind != NULL && find_target(changing, &ret->all[i], all, &index))
			overlay_requests(&ret->all[i], &changing->tasks[index].requests);
	}
	return true;
}
