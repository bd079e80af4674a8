/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/place.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void place_set(struct place *place, const char *name, const char *kind)
{
	*place = (struct place){ .name = mem_string(name, strlen(name)), .kind = kind };
}

void place_add_path(struct place *place, const char *path)
{
	place->paths = mem_grow(place->paths, place->path_count, sizeof(*place->paths));
	place->paths[place->path_count++] = mem_string(path, strlen(path));
}

void place_done(struct place *place)
{
	for (size_t i = 0; i < place->path_count; i++)
		free(place->paths[i]);
	free(place->paths);
	free(place->name);
	free(place->how);
	*place = (struct place){ 0 };
}
