/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The tree in which everything happens: the host, or a directory given by
 * --root. A root is a type, not a prefix: paths are resolved inside it by the
 * kernel (openat2(2), RESOLVE_IN_ROOT), or by our own walk where there is no
 * openat2; absolute links start again at the root, ".." stops there. Nothing of
 * the host is read through it.
 *
 * It does not write, and it does not protect against another process that
 * changes the tree in the middle of a directory listing: each open is safe for
 * itself.
 */
#ifndef BASE_ROOT_H
#define BASE_ROOT_H

#include "base/bytes.h"

struct buf;
struct err;
struct stat;

struct root {
	int fd;     /* an O_PATH directory; -1 for the host */
	char *path; /* owned; as the user wrote it, "/" for the host */
	bool walk;  /* tests: resolve by our own walk even where openat2 works */
};

/* NULL or "/": the host. Free with root_done(), also after a failure. */
bool root_open(const char *path, struct root *ret, struct err *err);
void root_done(struct root *root);
bool root_is_host(const struct root *root);

/*
 * A descriptor for `path` inside the root, close-on-exec, with the flags of
 * open(2); -1 and errno on failure. Never waits for a FIFO's other end. On the
 * host a relative path starts at the working directory, in a root at the root.
 */
int root_open_at(const struct root *root, const char *path, int flags);

/*
 * The whole regular file `path` into `ret`; on the host a pipe may be read too,
 * so that <(command) works, and is waited for. Errors name no path: the caller does.
 */
bool root_read(const struct root *root, const char *path, struct buf *ret, struct err *err);

/* The same, opened only; -1 on failure. Close it. */
int root_open_file(const struct root *root, const char *path, struct err *err);

/*
 * Waits until there is something to read in a FIFO that root_open_at() opened; from then on reading it waits.
 * False: for LIMIT_PIPE_MS nobody has opened it to write; who has may take any time.
 */
bool root_await(int fd, struct err *err);

/* The rest of an open descriptor, up to LIMIT_FILE_SIZE. */
bool root_read_fd(int fd, struct buf *ret, struct err *err);

/* What stat(2) tells, through links. False, and errno: it cannot be reached. */
bool root_stat(const struct root *root, const char *path, struct stat *ret);

/* Whether this process may write what is there, by access(2). */
bool root_may_write(const struct root *root, const char *path);

bool root_is_directory(const struct root *root, const char *path); /* follows links */
bool root_is_file(const struct root *root, const char *path);      /* a regular one; follows links */
bool root_has(const struct root *root, const char *path);          /* something is there */

/*
 * Where `path` is once all links in it are followed, inside the root: absolute, without
 * "." and "..", no link on the way. What is not there is kept as it is written. Owned by
 * the caller; NULL, and errno: too many links, or too long.
 */
char *root_resolve(const struct root *root, const char *path);

/*
 * Where the symbolic link `path` points, as text, or NULL if it is none. Owned
 * by the caller.
 */
char *root_link(const struct root *root, const char *path);

#endif
