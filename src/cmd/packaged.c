/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Stores that belong to software: what is changed in them its next upgrade undoes, and is noted for
 * `refresh`. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "cmd/change.h"
#include "cmd/host.h"
#include "stage/overlay.h"

/* What sites.conf(5) says of an owner who is no software. */
static bool is_software(const char *owner)
{
	return strstr(owner, "the administrator") == NULL && strstr(owner, "the user") == NULL;
}

static const char *owner_of(const struct root *root, const struct spots *spots, const char *path)
{
	struct stat st;

	for (size_t i = 0; i < spots->count; i++) {
		const struct spot *spot = &spots->all[i];

		if (spot->owner == NULL || !is_software(spot->owner) || spot->place.path_count == 0)
			continue;
		if (strcmp(spot->place.paths[0], path) == 0 ||
		    (spot->inode != 0 && root_stat(root, path, &st) && spot->device == st.st_dev &&
		     spot->inode == st.st_ino))
			return spot->owner;
	}
	return NULL;
}

/* A system is no package's store, and neither is what anchorage keeps for itself. */
static bool is_asked(const struct changing *changing, size_t i)
{
	return changing->targets[i].path != NULL && changing->tasks[i].requests.count > 0 &&
	       stager_kind(changing->targets[i].stager->name) == changing->targets[i].stager;
}

void packaged_find(struct changing *changing)
{
	struct host host = { .count = 0 };
	bool any = false;

	for (size_t i = 0; i < changing->count; i++)
		any = any || is_asked(changing, i);
	if (!any || changing->passing || !host_find(changing->run, &host))
		return;
	changing->packaged = mem_zero(changing->count * sizeof(*changing->packaged));
	for (size_t i = 0; i < changing->count; i++) {
		const char *path = changing->targets[i].path, *owner;

		owner = is_asked(changing, i) ? owner_of(&changing->run->root, &host.spots, path) : NULL;
		changing->packaged[i] = owner != NULL;
		if (owner != NULL)
			texts_take(&changing->facts, mem_print("%s belongs to %s: its next upgrade undoes "
							       "this, and 'anchorage refresh' "
							       "does it again",
							       changing->targets[i].name, owner));
	}
	host_done(&host);
}

/* The record goes with the first of these stores: it is changed by the same change. */
bool packaged_record(struct changing *changing, struct err *err)
{
	const struct root *root = &changing->run->root;
	struct overlays overlays = { 0 };
	struct edits *edits = NULL;
	char *state = NULL;
	bool ok = true;

	for (size_t i = 0; ok && changing->packaged != NULL && i < changing->count; i++) {
		struct task *task = &changing->tasks[i];

		if (!changing->packaged[i] || task->failed != NULL)
			continue;
		if (edits == NULL) {
			state = state_path(root, changing->options->user, err);
			ok = state != NULL && overlays_read(root, state, &overlays, err);
			edits = &task->staged.edits;
		}
		ok = ok &&
		     overlay_record(&overlays, &changing->targets[i], &task->requests, &task->staged, err);
	}
	ok = ok && (edits == NULL || overlays_put(&overlays, root, state, edits, err));
	overlays_done(&overlays);
	free(state);
	return ok;
}
