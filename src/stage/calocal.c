/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "stage/calocal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/root.h"
#include "base/texts.h"
#include "medium/listing.h"
#include "stage/cafiles.h"

/* A directory that the walk is in: a link back to one of these is passed over, as find(1) does. */
struct within {
	const struct within *above;
	dev_t dev;
	ino_t ino;
	bool linked;
};

struct walk {
	const struct root *root;
	bool deep;
	struct calocal *ret;
	struct texts *notes;
	struct err *err;
};

static bool ends_with(const char *name, const char *suffix)
{
	size_t len = strlen(name), tail = strlen(suffix);

	return len >= tail && strcmp(name + len - tail, suffix) == 0;
}

static bool add(struct walk *walk, const char *path, bool linked)
{
	struct calocal *ret = walk->ret;

	if (ret->count >= LIMIT_DIRECTORY_ENTRIES)
		return err_set(walk->err, ERR_LIMIT, "more than %d files in '%s'", LIMIT_DIRECTORY_ENTRIES,
			       CA_LOCAL);
	ret->all = mem_grow(ret->all, ret->count, sizeof(*ret->all));
	ret->all[ret->count++] = (struct calocal_file){ mem_string(path, strlen(path)), linked };
	return true;
}

static bool enter(struct walk *walk, const char *path, const struct within *above);

/* NOLINTNEXTLINE(misc-no-recursion): no deeper than a path has names, which are shorter than PATH_MAX */
static bool entry(struct walk *walk, const char *path, const char *name, const struct within *in)
{
	if (!walk->deep && name[0] == '.')
		return true;
	/* Its program reads names line by line, and so do its hooks: what is behind the break would be a word
	 * of its own to them. */
	if (walk->deep && strchr(name, '\n') != NULL) {
		texts_take(walk->notes,
			   mem_print("'%s' is not looked at, since its name has a line break", path));
		return true;
	}
	if (root_is_directory(walk->root, path)) {
		if (walk->deep)
			return enter(walk, path, in);
		texts_take(walk->notes,
			   mem_print("'%s' is a directory, into which the system does not look", path));
	} else if (walk->deep && !ends_with(name, ".crt")) {
		texts_take(walk->notes, mem_print("'%s' is not looked at, since its name does not end in "
						  ".crt",
						  path));
	} else if (root_is_file(walk->root, path)) {
		return add(walk, path, in->linked);
	} else {
		texts_take(walk->notes, mem_print("'%s' is no file, or leads to none", path));
	}
	return true;
}

/* NOLINTNEXTLINE(misc-no-recursion): as above */
static bool enter(struct walk *walk, const char *path, const struct within *above)
{
	struct within here = { .above = above, .linked = above != NULL && above->linked };
	char *link = above != NULL ? root_link(walk->root, path) : NULL;
	struct listing listing = { 0 };
	struct stat st;
	bool ok;

	here.linked = here.linked || link != NULL;
	free(link);
	if (!root_stat(walk->root, path, &st))
		return err_set(walk->err, ERR_SYSTEM, "cannot look at '%s': %s", path, strerror(errno));
	here.dev = st.st_dev;
	here.ino = st.st_ino;
	for (const struct within *up = above; up != NULL; up = up->above) {
		if (up->dev == here.dev && up->ino == here.ino) {
			texts_take(walk->notes, mem_print("'%s' leads back to where it lies", path));
			return true;
		}
	}
	ok = listing_read(walk->root, path, &listing, walk->err) || err_in(walk->err, "%s", path);
	for (size_t i = 0; ok && i < listing.count; i++) {
		char *full = listing_path(path, listing.names[i]);

		ok = entry(walk, full, listing.names[i], &here);
		free(full);
	}
	listing_done(&listing);
	return ok;
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct calocal_file *)a)->path, ((const struct calocal_file *)b)->path);
}

bool calocal_find(const struct root *root, bool deep, struct calocal *ret, struct texts *notes,
		  struct err *err)
{
	struct calocal local = { 0 };
	struct walk walk = { root, deep, &local, notes, err };

	if (root_is_directory(root, CA_LOCAL) && !enter(&walk, CA_LOCAL, NULL)) {
		calocal_done(&local);
		return false;
	}
	if (local.count > 1)
		qsort(local.all, local.count, sizeof(*local.all), by_path);
	*ret = local;
	return true;
}

void calocal_done(struct calocal *local)
{
	for (size_t i = 0; i < local->count; i++)
		free(local->all[i].path);
	free(local->all);
	*local = (struct calocal){ 0 };
}
