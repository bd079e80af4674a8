/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/again.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "change/state.h"

const struct overlay *again_of(const struct again *again, const char *path)
{
	for (size_t i = 0; path != NULL && i < again->overlays.count; i++)
		if (strcmp(again->overlays.all[i].path, path) == 0)
			return &again->overlays.all[i];
	return NULL;
}

/* What is gone with its package is no store any more. */
static bool add_store(struct changing *changing, const struct overlay *overlay)
{
	char *text;
	bool ok;

	for (size_t i = 0; i < changing->count; i++)
		if (changing->targets[i].path != NULL &&
		    strcmp(changing->targets[i].path, overlay->path) == 0)
			return true;
	if (!root_has(&changing->run->root, overlay->path)) {
		cmd_say(changing->run, "%s is no longer there, in which something was changed",
			overlay->path);
		return true;
	}
	text = mem_print("%s:%s", overlay->kind, overlay->path);
	ok = change_target(changing, text);
	free(text);
	return ok;
}

bool again_request(struct changing *changing, bool all, struct again *ret)
{
	struct err err = { 0 };
	char *state = state_path(&changing->run->root, changing->options->user, &err);
	bool ok = state != NULL && overlays_read(&changing->run->root, state, &ret->overlays, &err);

	free(state);
	if (!ok) {
		cmd_fail(changing->run, &err);
		return false;
	}
	for (size_t i = 0; ok && all && i < ret->overlays.count; i++)
		ok = add_store(changing, &ret->overlays.all[i]);
	for (size_t i = 0; ok && i < changing->count; i++) {
		const struct overlay *overlay = again_of(ret, changing->targets[i].path);

		if (overlay != NULL)
			overlay_requests(overlay, &changing->tasks[i].requests);
	}
	return ok;
}

void again_done(struct again *again)
{
	overlays_done(&again->overlays);
}
