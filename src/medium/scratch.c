/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "medium/scratch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/mem.h"
#include "medium/helper.h"

static bool make_in(const char *base, struct scratch *ret)
{
	char *path = mem_print("%s/anchorage-XXXXXX", base);

	/* 0700, whatever the umask: mkdtemp(3) */
	if (base[0] != '/' || mkdtemp(path) == NULL) {
		free(path);
		return false;
	}
	ret->path = path;
	ret->fd = fd_above(open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
	return ret->fd >= 0;
}

bool scratch_make_from(unsigned *place, struct scratch *ret, struct err *err)
{
	const char *bases[SCRATCH_PLACES] = { secure_getenv("TMPDIR"), "/dev/shm", "/tmp" };

	*ret = (struct scratch){ .fd = -1 };
	helper_hold();
	while (*place < SCRATCH_PLACES) {
		const char *base = bases[(*place)++];

		if (base == NULL)
			continue;
		if (make_in(base, ret))
			return true;
		err_set(err, ERR_SYSTEM, "no private directory can be made in '%s': %s", base,
			strerror(errno));
		if (ret->path != NULL)
			rmdir(ret->path);
		free(ret->path);
		ret->path = NULL;
	}
	helper_release();
	return false;
}

bool scratch_make(struct scratch *ret, struct err *err)
{
	unsigned place = 0;

	return scratch_make_from(&place, ret, err);
}

bool scratch_file(const struct scratch *scratch, const char *name, struct bytes content, struct err *err)
{
	return fd_write_new(scratch->fd, name, content) ||
	       err_set(err, ERR_SYSTEM, "'%s/%s': %s", scratch->path, name, strerror(errno));
}

/* All that is in it; closes the descriptor. One for each level that was laid out. */
/* NOLINTNEXTLINE(misc-no-recursion): no deeper than what was laid out */
static void empty(int fd)
{
	DIR *all = fdopendir(fd);
	const struct dirent *entry;

	if (all == NULL)
		close(fd);
	while (all != NULL && (entry = readdir(all)) != NULL) {
		int below;

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
		    unlinkat(fd, entry->d_name, 0) == 0)
			continue;
		below = openat(fd, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (below >= 0)
			empty(below);
		unlinkat(fd, entry->d_name, AT_REMOVEDIR);
	}
	if (all != NULL)
		closedir(all);
}

void scratch_empty(int dir, const char *name)
{
	int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd >= 0)
		empty(fd);
	unlinkat(dir, name, AT_REMOVEDIR);
}

void scratch_done(struct scratch *scratch)
{
	if (scratch->path == NULL)
		return;
	empty(scratch->fd);
	rmdir(scratch->path);
	free(scratch->path);
	*scratch = (struct scratch){ .fd = -1 };
	helper_release();
}
