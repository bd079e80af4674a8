/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/owned.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "change/state.h"
#include "cmd/call.h"
#include "cmd/warning.h"
#include "find/owned.h"
#include "find/sites.h"
#include "stage/overlay.h"

/* A file beside the history, changed with the store and by the same requests. */
static void note(struct changing *changing, size_t index, const char *state)
{
	const struct target *target = &changing->targets[index];
	char *path = overlay_path(state, target->stager->name, target->path);
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
	char *state = state_path(&changing->run->root, changing->options->user, &err);
	bool known = false, ok = state != NULL;
	char *command = call_command(changing->run, "refresh", changing->options->user);

	for (size_t i = 0, count = changing->count; ok && i < count && !changing->passing; i++) {
		const struct site *site;

		if (changing->targets[i].path == NULL || changing->targets[i].own)
			continue;
		ok = known || sites_load(&changing->run->root, NULL, &sites, &err);
		known = true;
		site = ok ? owner_of(changing, i, &sites) : NULL;
		if (site == NULL)
			continue;
		warnings_add(&changing->warnings, &change_warnings[WARNING_PACKAGE_OWNED], NULL,
			     "'%s' is part of %s, whose next upgrade undoes what is changed in it",
			     changing->targets[i].name, site->owner)
			->advice = mem_print("after an upgrade: %s %s", command, changing->targets[i].name);
		note(changing, i, state);
	}
	if (!ok)
		cmd_fail(changing->run, &err);
	sites_done(&sites);
	free(state);
	free(command);
	return ok;
}
