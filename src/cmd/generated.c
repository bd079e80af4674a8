/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/generated.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "stage/stager.h"

static bool same_file(const struct root *root, const char *a, const char *b)
{
	struct stat x, y;

	return strcmp(a, b) == 0 || (root_stat(root, a, &x) && root_stat(root, b, &y) &&
				     x.st_dev == y.st_dev && x.st_ino == y.st_ino);
}

/* What all systems generate is below these; to stage the system takes longer than most changes. */
static bool is_where_systems_are(const struct root *root, const char *path)
{
	static const char *const tops[] = { "/etc/", "/usr/", "/var/lib/" };
	char *real = root_resolve(root, path);
	bool is = real == NULL;

	for (size_t i = 0; !is && i < sizeof(tops) / sizeof(tops[0]); i++)
		is = strncmp(real, tops[i], strlen(tops[i])) == 0;
	free(real);
	return is;
}

static void look(struct generated *generated, const struct run *run)
{
	const struct stager *system = stager_system(&run->root);
	const struct target target = { .stager = system };
	const struct requests none = { 0 };
	const struct terms terms = { .at = run->show.at, .allow_empty = true };
	struct err ignored = { 0 };

	generated->looked = true;
	generated->failed = system != NULL &&
			    !system->stage(&run->root, &target, &none, &terms, &generated->staged, &ignored);
}

bool generated_has(struct generated *generated, const struct run *run, const char *path)
{
	bool has = false;

	if (!is_where_systems_are(&run->root, path))
		return false;
	if (!generated->looked)
		look(generated, run);
	for (size_t i = 0; !has && i < generated->staged.file_count; i++)
		has = same_file(&run->root, generated->staged.files[i].path, path);
	return has;
}

void generated_done(struct generated *generated)
{
	staged_done(&generated->staged);
}
