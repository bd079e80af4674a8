/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "change/replace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/root.h"
#include "medium/helper.h"
#include "model/edit.h"

enum { NAME_ROOM = 64, TRIES = 100, CREATE = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC };

static bool failed(struct err *err, const char *what, const char *name)
{
	return err_set(err, ERR_SYSTEM, "cannot %s '%s': %s", what, name, strerror(errno));
}

/* A name nobody else uses, for what becomes the target in a moment. */
static void temporary_name(char ret[NAME_ROOM])
{
	uint64_t random = 0;

	if (getrandom(&random, sizeof(random), 0) != (ssize_t)sizeof(random))
		random = (uint64_t)getpid();
	snprintf(ret, NAME_ROOM, ".anchorage-%016llx", (unsigned long long)random);
}

/* Splits a path into the directory, opened inside the root, and the last name. */
static int open_parent(const struct root *root, const char *path, const char **ret_name, struct err *err)
{
	const char *slash = strrchr(path, '/');
	char *parent = slash == NULL   ? mem_string(root_is_host(root) ? "." : "/", 1)
		       : slash == path ? mem_string("/", 1)
				       : mem_string(path, (size_t)(slash - path));
	int fd = root_open_at(root, parent, O_RDONLY | O_DIRECTORY);

	*ret_name = slash != NULL ? slash + 1 : path;
	if (fd < 0) {
		failed(err, "open the directory", parent);
	} else if (**ret_name == '\0' || strcmp(*ret_name, ".") == 0 || strcmp(*ret_name, "..") == 0) {
		err_set(err, ERR_USAGE, "'%s' is no name for a file or directory to be made", path);
		close(fd);
		fd = -1;
	}
	free(parent);
	return fd;
}

/* ACLs, SELinux labels and capabilities are all extended attributes. */
static bool copy_xattrs(int from, int to, struct err *err)
{
	char names[4096], value[65536];
	ssize_t len = flistxattr(from, names, sizeof(names));

	if (len < 0)
		return errno == ENOTSUP || failed(err, "list the attributes of", "the old file");
	for (const char *name = names; name < names + len; name += strlen(name) + 1) {
		ssize_t size = fgetxattr(from, name, value, sizeof(value));

		if (size < 0 || fsetxattr(to, name, value, (size_t)size, 0) < 0)
			return failed(err, "keep the attribute", name);
	}
	return true;
}

/* What the file that is being replaced was: its owner, mode and attributes go to the new one. */
static bool take_after(int dir, const char *name, int fd, struct err *err)
{
	struct stat st;
	bool ok = true;
	int old;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && !S_ISREG(st.st_mode) && !S_ISLNK(st.st_mode))
		return err_set(err, ERR_USAGE, "'%s' is %s; only a file or a link is replaced", name,
			       S_ISDIR(st.st_mode) ? "a directory" : "a device, a FIFO or a socket");
	old = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	if (old < 0) /* ELOOP: a link, and it is the link that is replaced */
		return errno == ENOENT || errno == ELOOP || failed(err, "keep the owner and mode of", name);
	if (fstat(old, &st) == 0 && S_ISREG(st.st_mode))
		ok = (fchown(fd, st.st_uid, st.st_gid) == 0 && fchmod(fd, st.st_mode & 07777) == 0) ||
		     failed(err, "keep the owner and mode of", name);
	ok = ok && copy_xattrs(old, fd, err);
	close(old);
	return ok;
}

static bool write_all(int fd, struct bytes content)
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

/* Creates a file nobody else uses; its name goes to `temporary`. */
static int create_temporary(int dir, char temporary[NAME_ROOM])
{
	int fd = -1;

	for (int i = 0; fd < 0 && i < TRIES && (i == 0 || errno == EEXIST); i++) {
		temporary_name(temporary);
		fd = openat(dir, temporary, CREATE, 0644);
	}
	if (fd < 0)
		temporary[0] = '\0';
	return fd;
}

static bool fill_file(int fd, const char *name, struct bytes content, struct err *err)
{
	bool ok = write_all(fd, content) || failed(err, "write", name);

	if (close(fd) != 0 && ok) /* NFS tells here that the disk is full */
		ok = failed(err, "write", name);
	return ok;
}

/* The new content under a temporary name beside its target. */
static bool prepare_file(int dir, const char *name, struct bytes content, bool overwrite,
			 char temporary[NAME_ROOM], struct err *err)
{
	int fd = create_temporary(dir, temporary);

	if (fd < 0)
		return failed(err, "create a file beside", name);
	if (overwrite && !take_after(dir, name, fd, err)) {
		close(fd);
		return false;
	}
	return fill_file(fd, name, content, err);
}

static bool sync_file(int dir, const char *temporary, const char *name, struct err *err)
{
	int fd = openat(dir, temporary, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	bool ok = fd >= 0 && fsync(fd) == 0;

	if (!ok)
		failed(err, "write", name);
	if (fd >= 0)
		close(fd);
	return ok;
}

/*
 * Puts the files on the disk, which stand under their temporary names, or under
 * their own if `temporary` is NULL. Syncing many one by one costs a cache flush
 * for each (20 ms for 144); one syncfs(2) covers them all (5 ms).
 */
static bool sync_files(int dir, const struct edits *edits, char (*temporary)[NAME_ROOM], struct err *err)
{
	enum { FEW = 8 };
	size_t files = 0;
	bool ok = true;

	for (size_t i = 0; i < edits->count; i++)
		files += edits->all[i].kind == EDIT_FILE;
	if (files > FEW)
		return syncfs(dir) == 0 || failed(err, "sync", "the file system");
	for (size_t i = 0; ok && i < edits->count; i++)
		if (edits->all[i].kind == EDIT_FILE)
			ok = sync_file(dir, temporary != NULL ? temporary[i] : edits->all[i].path,
				       edits->all[i].path, err);
	return ok;
}

static bool finish_file(int dir, const char *temporary, const char *name, bool overwrite, struct err *err)
{
	if (renameat2(dir, temporary, dir, name, overwrite ? 0 : RENAME_NOREPLACE) == 0)
		return true;
	if (!overwrite && errno == EINVAL && linkat(dir, temporary, dir, name, 0) == 0) {
		unlinkat(dir, temporary, 0); /* NFS has no RENAME_NOREPLACE; a link replaces nothing either */
		return true;
	}
	if (errno == EEXIST)
		return err_set(err, ERR_USAGE, "'%s' is there already; --overwrite replaces it", name);
	return failed(err, "put in place", name);
}

static bool put_link(int dir, const char *name, const char *target, struct err *err)
{
	char temporary[NAME_ROOM];

	temporary_name(temporary);
	if (symlinkat(target, dir, temporary) != 0)
		return failed(err, "make a link beside", name);
	if (renameat(dir, temporary, dir, name) == 0)
		return true;
	failed(err, "put in place", name);
	unlinkat(dir, temporary, 0);
	return false;
}

static bool sync_directory(int dir, struct err *err)
{
	return fsync(dir) == 0 || failed(err, "sync", "the directory");
}

bool replace_file(const struct root *root, const char *path, struct bytes content, bool overwrite,
		  struct err *err)
{
	char temporary[NAME_ROOM] = "";
	const char *name;
	bool ok;
	int dir;

	helper_hold(); /* a signal waits until it is done or undone */
	dir = open_parent(root, path, &name, err);
	ok = dir >= 0 && prepare_file(dir, name, content, overwrite, temporary, err) &&
	     sync_file(dir, temporary, name, err) && finish_file(dir, temporary, name, overwrite, err);
	if (dir >= 0 && !ok && temporary[0] != '\0')
		unlinkat(dir, temporary, 0);
	ok = ok && sync_directory(dir, err);
	if (dir >= 0)
		close(dir);
	helper_release();
	return ok;
}

/* What an edit does to the directory's names, once every new file is safely on the disk. */
static bool finish(int dir, const struct edit *edit, const char *temporary, struct err *err)
{
	switch (edit->kind) {
	case EDIT_FILE:
		return finish_file(dir, temporary, edit->path, true, err);
	case EDIT_LINK:
		return put_link(dir, edit->path, edit->target, err);
	case EDIT_REMOVE:
		return unlinkat(dir, edit->path, 0) == 0 || failed(err, "remove", edit->path);
	case EDIT_DIRECTORY:
	case EDIT_RUN:
		break; /* no export makes these */
	}
	return err_set(err, ERR_UNSUPPORTED, "'%s' is no part of an export", edit->path);
}

/* Nothing is changed before all files are written and synced; temporaries that were not used are removed. */
static bool perform(int dir, const struct edits *edits, struct err *err)
{
	char(*temporary)[NAME_ROOM] = mem_zero(edits->count * sizeof(*temporary));
	const struct edit *edit = edits->all, *end = edits->all + edits->count;
	bool ok = true;

	for (; ok && edit < end; edit++)
		if (edit->kind == EDIT_FILE)
			ok = prepare_file(dir, edit->path, buf_view(&edit->content), true,
					  temporary[edit - edits->all], err);
	ok = ok && sync_files(dir, edits, temporary, err);
	for (edit = edits->all; ok && edit < end; edit++) {
		ok = finish(dir, edit, temporary[edit - edits->all], err);
		if (ok)
			temporary[edit - edits->all][0] = '\0';
	}
	for (edit = edits->all; !ok && edit < end; edit++)
		if (temporary[edit - edits->all][0] != '\0')
			unlinkat(dir, temporary[edit - edits->all], 0);
	free(temporary);
	return ok && sync_directory(dir, err);
}

/* In a directory that nobody has seen yet everything can have its name at once. */
static bool fill_directory(int dir, const struct edits *edits, struct err *err)
{
	const struct edit *edit = edits->all, *end = edits->all + edits->count;
	bool ok = true;

	for (; ok && edit < end; edit++) {
		if (edit->kind == EDIT_FILE) {
			int fd = openat(dir, edit->path, CREATE, 0644);

			ok = fd >= 0 ? fill_file(fd, edit->path, buf_view(&edit->content), err)
				     : failed(err, "create", edit->path);
		} else {
			ok = edit->kind == EDIT_LINK && (symlinkat(edit->target, dir, edit->path) == 0 ||
							 failed(err, "make the link", edit->path));
		}
	}
	return ok && sync_files(dir, edits, NULL, err) && sync_directory(dir, err);
}

/* Takes a directory that could not be finished away again; it holds only what fill_directory() made. */
static void discard(int parent, const char *temporary, int dir, const struct edits *edits)
{
	for (size_t i = 0; dir >= 0 && i < edits->count; i++)
		unlinkat(dir, edits->all[i].path, 0);
	unlinkat(parent, temporary, AT_REMOVEDIR);
}

/* Where there is no RENAME_NOREPLACE: rename(2) lets a directory replace nothing but an empty one. */
static bool put_directory(int parent, const char *temporary, const char *name)
{
	return renameat2(parent, temporary, parent, name, RENAME_NOREPLACE) == 0 ||
	       (errno == EINVAL && renameat(parent, temporary, parent, name) == 0);
}

static bool new_directory(int parent, const char *name, const struct edits *edits, struct err *err)
{
	char temporary[NAME_ROOM];
	bool ok = false;
	int dir = -1;

	temporary_name(temporary);
	if (mkdirat(parent, temporary, 0755) != 0)
		return failed(err, "make a directory beside", name);
	dir = openat(parent, temporary, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir < 0)
		failed(err, "open", temporary);
	else if (fill_directory(dir, edits, err))
		ok = put_directory(parent, temporary, name) || failed(err, "put in place", name);
	if (!ok)
		discard(parent, temporary, dir, edits);
	if (dir >= 0)
		close(dir);
	return ok && sync_directory(parent, err);
}

bool replace_directory(const struct root *root, const char *path, const struct edits *edits, bool overwrite,
		       struct err *err)
{
	const char *name;
	char *plain = mem_string(path, strlen(path));
	int parent, dir = -1;
	bool ok = false;

	helper_hold();
	for (size_t len = strlen(plain); len > 1 && plain[len - 1] == '/'; len--)
		plain[len - 1] = '\0';
	parent = open_parent(root, plain, &name, err);
	if (parent < 0)
		goto out;
	if (!root_has(root, plain)) {
		ok = new_directory(parent, name, edits, err);
	} else if (!overwrite) {
		err_set(err, ERR_USAGE,
			"'%s' is there already; --overwrite replaces what an export left in it", path);
	} else {
		dir = root_open_at(root, plain, O_RDONLY | O_DIRECTORY);
		ok = dir >= 0 ? perform(dir, edits, err) : failed(err, "open the directory", path);
	}
out:
	if (dir >= 0)
		close(dir);
	if (parent >= 0)
		close(parent);
	free(plain);
	helper_release();
	return ok;
}
