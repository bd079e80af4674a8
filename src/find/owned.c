/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "find/owned.h"

#include <fnmatch.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "find/sites.h"

/* Below any directory, as bases of groups and homes may be anywhere. */
static bool below(const char *tail, const char *pattern, const char *path)
{
	char *whole =
		strcmp(tail, ".") == 0 ? mem_print("*/%s", pattern) : mem_print("*/%s/%s", tail, pattern);
	bool fits = fnmatch(whole, path, 0) == 0;

	free(whole);
	return fits;
}

static bool fits(const struct sites *sites, const struct site *site, const char *pattern, const char *path)
{
	const struct group *group = site->group != NULL ? sites_group(sites, site->group) : NULL;
	const char *slash = strchr(pattern, '/');

	for (size_t i = 0; group != NULL && i < group->tails.count; i++)
		if (below(group->tails.all[i], pattern, path))
			return true;
	if (group != NULL || slash == NULL)
		return false;
	return pattern[0] == '/' ? fnmatch(pattern, path, FNM_PATHNAME) == 0 : below(".", slash + 1, path);
}

const struct site *owned_by(const struct sites *sites, const char *path)
{
	for (size_t i = 0; i < sites->count; i++) {
		const struct site *site = &sites->all[i];

		if (site->owner == NULL || site->write == NULL || strncmp(site->write, "overlay", 7) != 0)
			continue;
		for (size_t k = 0; k < site->paths.count; k++)
			if (fits(sites, site, site->paths.all[k], path))
				return site;
	}
	return NULL;
}
