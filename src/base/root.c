/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/root.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"

enum { TRIES = 16, PATIENCE = 1000 /* milliseconds */ };

bool root_open(const char *path, struct root *ret, struct err *err)
{
	*ret = (struct root){ .fd = -1 };
	if (path == NULL || strcmp(path, "/") == 0) {
		ret->path = mem_string("/", 1);
		return true;
	}
	ret->path = mem_string(path, strlen(path));
	ret->fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (ret->fd < 0)
		return err_set(err, ERR_SYSTEM, "root '%s': %s", path, strerror(errno));
	return true;
}

void root_done(struct root *root)
{
	if (root->fd >= 0)
		close(root->fd);
	free(root->path);
	*root = (struct root){ .fd = -1 };
}

bool root_is_host(const struct root *root)
{
	return root->fd < 0;
}

/* How far our own walk has come: the directory it stands in, and what is left of the path. */
struct walk {
	int root, at;
	char rest[2 * PATH_MAX];
	int links;
};

/* A link's target takes the place of its name; an absolute one starts again at the root. */
static bool walk_link(struct walk *w, const char *name, const char *rest)
{
	char target[PATH_MAX], joined[2 * PATH_MAX];
	ssize_t n = readlinkat(w->at, name, target, sizeof(target) - 1);

	if (n < 0)
		return false;
	target[n] = '\0';
	if (++w->links > LIMIT_LINKS) {
		errno = ELOOP;
		return false;
	}
	if (snprintf(joined, sizeof(joined), "%s%s", target, rest) >= (int)sizeof(joined)) {
		errno = ENAMETOOLONG;
		return false;
	}
	memcpy(w->rest, joined, strlen(joined) + 1);
	if (target[0] == '/') {
		close(w->at);
		w->at = fcntl(w->root, F_DUPFD_CLOEXEC, 0);
	}
	return w->at >= 0;
}

static bool same_directory(int a, int b)
{
	struct stat x, y;

	return fstat(a, &x) == 0 && fstat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* One directory down, or up; ".." stops at the root. */
static bool walk_into(struct walk *w, const char *name)
{
	int next;

	if (strcmp(name, "..") == 0 && same_directory(w->at, w->root))
		return true;
	next = openat(w->at, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (next < 0)
		return false;
	close(w->at);
	w->at = next;
	return true;
}

/* The fallback where the kernel has no openat2: each part by itself, links by hand. */
static int walk_open(int root, const char *path, int flags)
{
	struct walk w = { .root = root, .at = fcntl(root, F_DUPFD_CLOEXEC, 0) };
	int fd = -1;

	if (w.at < 0)
		goto out;
	if (path[0] == '\0' || snprintf(w.rest, sizeof(w.rest), "%s", path) >= PATH_MAX) {
		errno = path[0] == '\0' ? ENOENT : ENAMETOOLONG;
		goto out;
	}
	for (;;) {
		char name[NAME_MAX + 1];
		size_t skip = strspn(w.rest, "/"), len = strcspn(w.rest + skip, "/");
		const char *rest = w.rest + skip + len;
		bool last = *rest == '\0'; /* a slash behind it wants a directory, and goes through links */
		struct stat st;

		if (len > NAME_MAX) {
			errno = ENAMETOOLONG;
			goto out;
		}
		snprintf(name, sizeof(name), "%.*s", len > 0 ? (int)len : 1, len > 0 ? w.rest + skip : ".");
		if (strcmp(name, "..") != 0 && fstatat(w.at, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    S_ISLNK(st.st_mode) && !(last && (flags & O_NOFOLLOW))) {
			if (!walk_link(&w, name, rest))
				goto out;
			continue;
		}
		if (last && strcmp(name, "..") != 0) {
			fd = openat(w.at, name, flags | O_NOFOLLOW | O_CLOEXEC);
			goto out;
		}
		if (!walk_into(&w, name))
			goto out;
		memmove(w.rest, rest, strlen(rest) + 1);
	}
out:
	if (w.at >= 0) {
		int saved = errno;

		close(w.at);
		errno = saved;
	}
	return fd;
}

int root_open_at(const struct root *root, const char *path, int flags)
{
	struct open_how how = {
		.flags = (unsigned)(flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY),
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	long fd = -1;

	if (flags & O_PATH)
		how.flags &= ~(unsigned)(O_NONBLOCK | O_NOCTTY);
	if (root_is_host(root))
		return open(path, (int)how.flags);
	errno = ENOSYS;
	for (int i = 0; !root->walk && i < TRIES && (i == 0 || (fd < 0 && errno == EAGAIN)); i++)
		fd = syscall(SYS_openat2, root->fd, path, &how,
			     sizeof(how)); /* EAGAIN: the tree moved meanwhile */
	if (fd < 0 && (errno == ENOSYS || errno == EPERM))
		return walk_open(root->fd, path, (int)how.flags);
	return (int)fd;
}

static bool too_large(struct err *err)
{
	return err_set(err, ERR_LIMIT, "larger than %zu MiB, which is the limit for one file",
		       LIMIT_FILE_SIZE >> 20);
}

/* The rest of a file of `size` bytes, or of something of which nobody knows the size: 0. */
static bool read_rest(int fd, uintmax_t size, struct buf *ret, struct err *err)
{
	enum { STEP = 1 << 16 };

	if (size > LIMIT_FILE_SIZE)
		return too_large(err);
	if (size > 0)
		buf_room(ret, (size_t)size + 1);
	for (size_t all = 0;;) {
		uint8_t *to = buf_room(ret, ret->room > ret->len ? 1 : STEP);
		size_t room = ret->room - ret->len, most = room < LIMIT_FILE_SIZE ? room : LIMIT_FILE_SIZE;
		ssize_t n = read(fd, to, most);

		if (n == 0)
			return true;
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set(err, ERR_SYSTEM, "%s", strerror(errno));
		ret->len += (size_t)n;
		all += (size_t)n;
		if (ret->len > LIMIT_FILE_SIZE)
			return too_large(err);
		/* All that it says it has, and no more although there was room: nothing is left to be seen.
		 */
		if (all == size && (size_t)n < most)
			return true;
	}
}

bool root_read_fd(int fd, struct buf *ret, struct err *err)
{
	struct stat st;
	bool regular = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);

	return read_rest(fd, regular ? (uintmax_t)st.st_size : 0, ret, err);
}

/* An empty pipe is worth waiting for while somebody has it open; tee(2) tells, and takes nothing out. */
static bool has_writer(int fd)
{
	int other[2];
	bool has = true;

	if (pipe2(other, O_CLOEXEC) != 0)
		return true;
	has = tee(fd, other[1], 1, SPLICE_F_NONBLOCK) != 0;
	close(other[0]);
	close(other[1]);
	return has;
}

bool root_await(int fd, struct err *err)
{
	struct pollfd first = { .fd = fd, .events = POLLIN };
	int waited = 0, got;

	/* Linux: silent until the first writer has come, while read(2) would say at once that all is read. */
	while ((got = poll(&first, 1, PATIENCE)) == 0 || (got < 0 && errno == EINTR)) {
		waited += got == 0 ? PATIENCE : 0;
		if (waited >= LIMIT_PIPE_MS && !has_writer(fd))
			return err_set(err, ERR_LIMIT,
				       "a pipe that nobody has opened to write to it within %d seconds",
				       LIMIT_PIPE_MS / 1000);
	}
	fcntl(fd, F_SETFL, 0);
	return true;
}

static int open_file(const struct root *root, const char *path, struct stat *ret, struct err *err)
{
	int fd = root_open_at(root, path, O_RDONLY);

	if (fd < 0 || fstat(fd, ret) != 0) {
		err_set(err, errno == ENOENT || errno == ENOTDIR ? ERR_ABSENT : ERR_SYSTEM, "%s",
			strerror(errno));
	} else if (S_ISFIFO(ret->st_mode) && root_is_host(root)) {
		if (root_await(fd, err))
			return fd;
	} else if (!S_ISREG(ret->st_mode)) {
		err_set(err, ERR_UNSUPPORTED, "%s, not a regular file",
			S_ISDIR(ret->st_mode)    ? "a directory"
			: S_ISFIFO(ret->st_mode) ? "a FIFO"
						 : "a device or socket");
	} else {
		return fd;
	}
	if (fd >= 0)
		close(fd);
	return -1;
}

int root_open_file(const struct root *root, const char *path, struct err *err)
{
	struct stat st;

	return open_file(root, path, &st, err);
}

bool root_read(const struct root *root, const char *path, struct buf *ret, struct err *err)
{
	struct stat st;
	int fd = open_file(root, path, &st, err);
	bool ok = fd >= 0 && read_rest(fd, S_ISREG(st.st_mode) ? (uintmax_t)st.st_size : 0, ret, err);

	if (fd >= 0)
		close(fd);
	return ok;
}

bool root_stat(const struct root *root, const char *path, struct stat *ret)
{
	int fd;
	bool ok;

	if (root_is_host(root))
		return fstatat(AT_FDCWD, path, ret, 0) == 0;
	fd = root_open_at(root, path, O_PATH);
	ok = fd >= 0 && fstat(fd, ret) == 0;
	if (fd >= 0)
		close(fd);
	return ok;
}

bool root_may_write(const struct root *root, const char *path)
{
	int fd = root_open_at(root, path, O_PATH);
	bool ok = fd >= 0 && faccessat(fd, "", W_OK, AT_EMPTY_PATH | AT_EACCESS) == 0;

	if (fd >= 0)
		close(fd);
	return ok;
}

bool root_is_directory(const struct root *root, const char *path)
{
	struct stat st;

	return root_stat(root, path, &st) && S_ISDIR(st.st_mode);
}

bool root_is_file(const struct root *root, const char *path)
{
	struct stat st;

	return root_stat(root, path, &st) && S_ISREG(st.st_mode);
}

bool root_has(const struct root *root, const char *path)
{
	struct stat st;

	return root_stat(root, path, &st);
}

char *root_link(const struct root *root, const char *path)
{
	char target[PATH_MAX];
	ssize_t n = -1;
	int fd = root_open_at(root, path, O_PATH | O_NOFOLLOW);

	if (fd >= 0) {
		n = readlinkat(fd, "", target, sizeof(target));
		close(fd);
	}
	return n > 0 ? mem_string(target, (size_t)n) : NULL;
}

/* One part of the path: `at` has no links, `rest` is what is left; false: no more. */
static bool resolve_step(const struct root *root, struct buf *at, char **rest, int *links)
{
	size_t skip = strspn(*rest, "/"), len = strcspn(*rest + skip, "/"), before = at->len;
	char *name = mem_string(*rest + skip, len), *left = *rest + skip + len, *target = NULL, *joined;

	if (len == 0) {
		free(name);
		return false;
	}
	if (strcmp(name, "..") == 0) {
		while (at->len > 0 && at->at[--at->len] != '/')
			;
	} else if (strcmp(name, ".") != 0) {
		buf_print(at, "/%s", name);
		buf_byte(at, '\0');
		target = root_link(root, (const char *)at->at);
		at->len--;
	}
	if (target != NULL) {
		++*links;
		at->len = target[0] == '/' ? 0 : before;
		joined = mem_print("%s%s", target, left);
	} else {
		joined = mem_string(left, strlen(left));
	}
	free(target);
	free(name);
	free(*rest);
	*rest = joined;
	return true;
}

char *root_resolve(const struct root *root, const char *path)
{
	char here[PATH_MAX], *rest = mem_string(path, strlen(path));
	struct buf at = { 0 };
	int links = 0;
	bool ok = true;

	if (root_is_host(root) && path[0] != '/' && getcwd(here, sizeof(here)) != NULL)
		buf_text(&at, strcmp(here, "/") == 0 ? "" : here);
	while (ok && resolve_step(root, &at, &rest, &links)) {
		ok = links <= LIMIT_LINKS && at.len + strlen(rest) < PATH_MAX;
		errno = links > LIMIT_LINKS ? ELOOP : ENAMETOOLONG;
	}
	free(rest);
	if (at.len == 0)
		buf_byte(&at, '/');
	buf_byte(&at, '\0');
	if (ok)
		return (char *)at.at;
	buf_done(&at);
	return NULL;
}
