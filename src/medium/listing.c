/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "medium/listing.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/root.h"

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool read_all(DIR *dir, struct listing *ret, struct err *err)
{
	const struct dirent *entry;

	while (errno = 0, (entry = readdir(dir)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (ret->count >= LIMIT_DIRECTORY_ENTRIES)
			return err_set(err, ERR_LIMIT, "more than %d files", LIMIT_DIRECTORY_ENTRIES);
		ret->names = mem_grow(ret->names, ret->count, sizeof(*ret->names));
		ret->names[ret->count++] = mem_string(entry->d_name, strlen(entry->d_name));
	}
	return errno == 0 || err_set(err, ERR_SYSTEM, "%s", strerror(errno));
}

bool listing_read(const struct root *root, const char *path, struct listing *ret, struct err *err)
{
	int fd = root_open_at(root, path, O_RDONLY | O_DIRECTORY);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	bool ok;

	*ret = (struct listing){ 0 };
	if (dir == NULL) {
		err_set(err, errno == ENOENT || errno == ENOTDIR ? ERR_ABSENT : ERR_SYSTEM, "%s",
			strerror(errno));
		if (fd >= 0)
			close(fd);
		return false;
	}
	ok = read_all(dir, ret, err);
	closedir(dir);
	if (ok && ret->count > 1)
		qsort(ret->names, ret->count, sizeof(*ret->names), by_name);
	if (!ok)
		listing_done(ret);
	return ok;
}

void listing_done(struct listing *listing)
{
	for (size_t i = 0; i < listing->count; i++)
		free(listing->names[i]);
	free(listing->names);
	*listing = (struct listing){ 0 };
}

char *listing_path(const char *path, const char *name)
{
	size_t len = strlen(path);

	return mem_print("%s%s%s", path, len > 0 && path[len - 1] == '/' ? "" : "/", name);
}
