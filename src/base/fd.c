/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

int fd_above(int fd)
{
	int other = fd < 0 || fd > 2 ? fd : fcntl(fd, F_DUPFD_CLOEXEC, 3), why = errno;

	if (other != fd)
		close(fd);
	errno = why;
	return other;
}

bool fd_write(int fd, struct bytes content)
{
	while (content.len > 0) {
		ssize_t n = write(fd, content.at, content.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		content = bytes_skip(content, (size_t)n);
	}
	return true;
}

bool fd_write_new(int directory, const char *name, struct bytes content)
{
	int fd = openat(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600), why;
	bool ok = fd >= 0 && fd_write(fd, content);

	why = errno;
	if (fd >= 0)
		close(fd);
	errno = why;
	return ok;
}
