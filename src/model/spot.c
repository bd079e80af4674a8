/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/spot.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"

const char *const spot_words[SPOT_STATES] = {
	[SPOT_EFFECTIVE] = "effective",
	[SPOT_SHADOWED] = "shadowed",
	[SPOT_DECOY] = "decoy",
	[SPOT_SOURCE] = "source",
};

struct spot *spots_add(struct spots *spots, const char *name, const char *kind)
{
	struct spot *spot;

	spots->all = mem_grow(spots->all, spots->count, sizeof(*spots->all));
	spot = &spots->all[spots->count++];
	*spot = (struct spot){ .changed = CLOCK_NONE };
	if (kind != NULL)
		spot->kind = mem_string(kind, strlen(kind));
	place_set(&spot->place, name, spot->kind);
	return spot;
}

void spot_alias(struct spot *spot, const char *name, const char *path)
{
	for (size_t i = 0; i < spot->alias_count; i++)
		if (strcmp(spot->aliases[i].name, name) == 0 && strcmp(spot->aliases[i].path, path) == 0)
			return;
	if (strcmp(spot->place.name, name) == 0 && spot->place.path_count > 0 &&
	    strcmp(spot->place.paths[0], path) == 0)
		return;
	spot->aliases = mem_grow(spot->aliases, spot->alias_count, sizeof(*spot->aliases));
	spot->aliases[spot->alias_count++] = (struct spot_alias){
		.name = mem_string(name, strlen(name)),
		.path = mem_string(path, strlen(path)),
	};
}

static bool called(const struct spot *spot, const char *name)
{
	if (strcmp(spot->place.name, name) == 0)
		return true;
	for (size_t i = 0; i < spot->alias_count; i++)
		if (strcmp(spot->aliases[i].name, name) == 0)
			return true;
	return false;
}

struct spot *spots_named(const struct spots *spots, const char *name)
{
	for (size_t i = 0; i < spots->count; i++)
		if (called(&spots->all[i], name))
			return &spots->all[i];
	return NULL;
}

struct spot *spots_at(const struct spots *spots, uint64_t device, uint64_t inode)
{
	for (size_t i = 0; i < spots->count && inode != 0; i++)
		if (spots->all[i].inode == inode && spots->all[i].device == device)
			return &spots->all[i];
	return NULL;
}

static void spot_done(struct spot *spot)
{
	for (size_t i = 0; i < spot->alias_count; i++) {
		free(spot->aliases[i].name);
		free(spot->aliases[i].path);
	}
	free(spot->aliases);
	texts_done(&spot->feeds);
	texts_done(&spot->used_by);
	texts_done(&spot->notes);
	place_done(&spot->place);
	free(spot->site);
	free(spot->kind);
	free(spot->by);
	free(spot->owner);
	free(spot->write);
}

void spots_cut(struct spots *spots, size_t count)
{
	while (spots->count > count)
		spot_done(&spots->all[--spots->count]);
}

void spots_done(struct spots *spots)
{
	spots_cut(spots, 0);
	free(spots->all);
	*spots = (struct spots){ 0 };
}
