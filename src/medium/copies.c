/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "medium/copies.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/root.h"
#include "medium/helper.h"

static bool write_file(int dir, const char *name, struct bytes content)
{
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600), saved;
	bool ok = fd >= 0;

	while (ok && content.len > 0) {
		ssize_t n = write(fd, content.at, content.len);

		ok = n >= 0 || errno == EINTR;
		if (n > 0)
			content = bytes_skip(content, (size_t)n);
	}
	saved = errno;
	if (fd >= 0)
		close(fd);
	errno = saved;
	return ok;
}

static bool copy_all(const struct trustdir *from, size_t first, size_t count, int to, struct err *err)
{
	struct buf content = { 0 };
	size_t total = 0;
	bool ok = true;

	for (size_t i = first; ok && i < first + count; i++) {
		char *path = trustdir_file(from, &from->files[i]);
		struct err why;

		content.len = 0;
		if (root_read(from->root, path, &content, &why)) {
			total += content.len;
			if (total > LIMIT_TOKEN_TOTAL)
				ok = err_set(err, ERR_LIMIT, "more than %zu MiB of files, which is the limit",
					     LIMIT_TOKEN_TOTAL >> 20);
			else if (!write_file(to, from->files[i].name, buf_view(&content)))
				ok = err_set(err, ERR_SYSTEM, "a copy of '%s' cannot be written: %s", path,
					     strerror(errno));
		}
		free(path);
	}
	buf_done(&content);
	return ok;
}

static bool make_in(const char *base, struct copies *ret)
{
	char *path = mem_print("%s/anchorage-XXXXXX", base);
	int fd = -1;

	/* 0700, whatever the umask: mkdtemp(3) */
	if (base[0] != '/' || mkdtemp(path) == NULL) {
		free(path);
		return false;
	}
	ret->path = path;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	ret->fd = fd < 0 || fd > 2 ? fd : fcntl(fd, F_DUPFD_CLOEXEC, 3);
	if (ret->fd != fd)
		close(fd);
	for (size_t i = TRUST_TOP + 1; ret->fd >= 0 && i < TRUST_PARTS; i++)
		if (mkdirat(ret->fd, trust_parts[i], 0700) != 0)
			return false;
	return ret->fd >= 0;
}

static void remove_part(int dir, const char *part)
{
	int fd = openat(dir, part[0] != '\0' ? part : ".", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *all = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *entry;

	while (all != NULL && (entry = readdir(all)) != NULL)
		unlinkat(fd, entry->d_name, 0); /* fails for "." and the like */
	if (all != NULL)
		closedir(all);
	if (part[0] != '\0')
		unlinkat(dir, part, AT_REMOVEDIR);
}

static void remove_all(struct copies *copies)
{
	if (copies->fd >= 0) {
		for (size_t i = TRUST_PARTS; i-- > 0;)
			remove_part(copies->fd, trust_parts[i]);
		close(copies->fd);
	}
	if (copies->path != NULL)
		rmdir(copies->path);
	free(copies->path);
	*copies = (struct copies){ .fd = -1 };
}

bool copies_make(const struct trustdir *from, size_t first, size_t count, struct copies *ret, struct err *err)
{
	const char *bases[] = { secure_getenv("TMPDIR"), "/dev/shm", "/tmp" };
	bool ok = false;

	*ret = (struct copies){ .fd = -1 };
	helper_hold();
	/* Where one is full, the next may do. */
	for (size_t i = 0; !ok && i < sizeof(bases) / sizeof(bases[0]); i++) {
		if (bases[i] == NULL)
			continue;
		ok = make_in(bases[i], ret);
		if (!ok)
			err_set(err, ERR_SYSTEM, "no private directory can be made in '%s': %s", bases[i],
				strerror(errno));
		else
			ok = copy_all(from, first, count, ret->fd, err);
		if (!ok)
			remove_all(ret);
	}
	if (!ok)
		helper_release();
	return ok;
}

void copies_done(struct copies *copies)
{
	if (copies->path == NULL)
		return;
	remove_all(copies);
	helper_release();
}
