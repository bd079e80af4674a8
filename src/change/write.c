/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "change/write.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/mem.h"
#include "base/root.h"

enum { TRIES = 100 };

bool write_failed(struct err *err, const char *what, const char *name)
{
	int why = errno;

	err_set(err, ERR_SYSTEM, "cannot %s '%s': %s", what, name,
		why == EBUSY ? "something is mounted on it" : strerror(why));
	errno = why;
	return false;
}

void write_temporary_name(char ret[WRITE_NAME])
{
	uint64_t random = 0;

	if (getrandom(&random, sizeof(random), 0) != (ssize_t)sizeof(random))
		random = (uint64_t)getpid();
	snprintf(ret, WRITE_NAME, ".anchorage-%016llx", (unsigned long long)random);
}

int write_parent(const struct root *root, const char *path, const char **ret_name, struct err *err)
{
	const char *slash = strrchr(path, '/');
	char *parent = slash == NULL   ? mem_string(root_is_host(root) ? "." : "/", 1)
		       : slash == path ? mem_string("/", 1)
				       : mem_string(path, (size_t)(slash - path));
	int fd = root_open_at(root, parent, O_RDONLY | O_DIRECTORY), why = errno;

	*ret_name = slash != NULL ? slash + 1 : path;
	if (fd < 0) {
		write_failed(err, "open the directory", parent);
	} else if (**ret_name == '\0' || strcmp(*ret_name, ".") == 0 || strcmp(*ret_name, "..") == 0) {
		err_set(err, ERR_USAGE, "'%s' is no name for a file or directory to be made", path);
		close(fd);
		fd = -1;
		why = EINVAL;
	}
	free(parent);
	errno = why;
	return fd;
}

int write_create(int dir, const char *name, unsigned mode)
{
	return openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
}

int write_temporary(int dir, char ret_name[WRITE_NAME])
{
	int fd = -1;

	for (int i = 0; fd < 0 && i < TRIES && (i == 0 || errno == EEXIST); i++) {
		write_temporary_name(ret_name);
		fd = write_create(dir, ret_name, 0644);
	}
	if (fd < 0)
		ret_name[0] = '\0';
	return fd;
}

bool write_all(int fd, const char *name, struct bytes content, struct err *err)
{
	return fd_write(fd, content) || write_failed(err, "write", name);
}

bool write_and_close(int fd, const char *name, struct bytes content, struct err *err)
{
	bool ok = write_all(fd, name, content, err);

	if (close(fd) != 0 && ok) /* NFS tells here that the disk is full */
		ok = write_failed(err, "write", name);
	return ok;
}

bool write_sync_file(int dir, const char *name, const char *as, struct err *err)
{
	int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	bool ok = (fd >= 0 && fsync(fd) == 0) || write_failed(err, "write", as);

	if (fd >= 0)
		close(fd);
	return ok;
}

bool write_sync_directory(int dir, struct err *err)
{
	return fsync(dir) == 0 || write_failed(err, "sync", "the directory");
}
