/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "change/draft.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/root.h"
#include "base/texts.h"
#include "change/journal.h"

/* --- directories --- */

/* The directory of the path; -1, and errno, where it is not there. Borrowed. */
static int folder_of(struct folders *folders, const char *path, struct err *err)
{
	const char *slash = strrchr(path, '/');
	size_t len = slash != NULL ? (size_t)(slash - path) : 0;
	const char *name;
	int fd;

	for (size_t i = 0; i < folders->count; i++)
		if (strlen(folders->all[i].path) == len && memcmp(folders->all[i].path, path, len) == 0)
			return folders->all[i].fd;
	fd = write_parent(folders->root, path, &name, err);
	if (fd < 0)
		return -1;
	folders->all = mem_grow(folders->all, folders->count, sizeof(*folders->all));
	folders->all[folders->count++] = (struct folder){ mem_string(path, len), fd };
	return fd;
}

bool folders_sync(const struct folders *folders, struct err *err)
{
	for (size_t i = 0; i < folders->count; i++)
		if (!write_sync_directory(folders->all[i].fd, err))
			return err_in(err, "%s", folders->all[i].path);
	return true;
}

void folders_done(struct folders *folders)
{
	for (size_t i = 0; i < folders->count; i++) {
		close(folders->all[i].fd);
		free(folders->all[i].path);
	}
	free(folders->all);
	*folders = (struct folders){ 0 };
}

/* --- one path --- */

bool draft_begin(struct folders *folders, unsigned id, size_t index, struct touched *touched,
		 struct draft *ret, struct err *err)
{
	struct err why = { 0 };
	int dir = folder_of(folders, touched->path, &why);

	if (dir < 0 && errno != ENOENT && errno != ENOTDIR) {
		*err = why;
		return false;
	}
	*ret = (struct draft){ .touched = touched, .dir = dir };
	ret->name = strrchr(touched->path, '/') + 1;
	snprintf(ret->temporary, sizeof(ret->temporary), ".anchorage-%06u-%zu", id, index);
	return true;
}

/* Where a mode, an owner, or attributes are to be, and not what the umask makes of it. */
static bool fill(int fd, const struct draft *draft, const struct stand *stand, bool times, bool sync,
		 struct err *err)
{
	bool ok = write_all(fd, draft->touched->path, buf_view(&stand->content), err) &&
		  (stand_give(fd, stand, times, err) || err_in(err, "%s", draft->touched->path)) &&
		  (!sync || fsync(fd) == 0 || write_failed(err, "write", draft->touched->path));

	if (close(fd) != 0 && ok) /* NFS tells here that the disk is full */
		ok = write_failed(err, "write", draft->touched->path);
	return ok;
}

/* `stand`, a file or a link, under the temporary name. */
static bool make(const struct draft *draft, const struct stand *stand, bool times, bool sync, struct err *err)
{
	int fd;

	if (stand->was.kind == WAS_LINK)
		return (symlinkat(stand->was.target, draft->dir, draft->temporary) == 0 ||
			write_failed(err, "make a link beside", draft->touched->path)) &&
		       (!times || stand_give_link(draft->dir, draft->temporary, stand, err));
	fd = write_create(draft->dir, draft->temporary, 0600);
	if (fd < 0)
		return write_failed(err, "create a file beside", draft->touched->path);
	return fill(fd, draft, stand, times, sync, err);
}

static bool make_directory(const struct draft *draft, const struct stand *stand, struct err *err)
{
	int fd;
	bool ok;

	if (mkdirat(draft->dir, draft->name, 0700) != 0)
		return write_failed(err, "make the directory", draft->touched->path);
	fd = openat(draft->dir, draft->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return write_failed(err, "open the directory", draft->touched->path);
	ok = stand_give(fd, stand, false, err) || err_in(err, "%s", draft->touched->path);
	close(fd);
	return ok;
}

bool draft_make(struct draft *draft, bool times, bool sync, struct err *err)
{
	const struct stand *after = &draft->touched->after;

	if (after->was.kind == WAS_DIRECTORY)
		return make_directory(draft, after, err);
	return after->was.kind == WAS_ABSENT || make(draft, after, times, sync, err);
}

/* NFS has neither flag; a link(2) replaces nothing either. */
static bool put_new(const struct draft *draft)
{
	if (renameat2(draft->dir, draft->temporary, draft->dir, draft->name, RENAME_NOREPLACE) == 0)
		return true;
	return errno == EINVAL && linkat(draft->dir, draft->temporary, draft->dir, draft->name, 0) == 0;
}

static bool same(const struct stand *a, const struct stand *b)
{
	if (!was_same(&a->was, &b->was))
		return false;
	return a->was.kind != WAS_FILE || (a->mode == b->mode && a->uid == b->uid && a->gid == b->gid);
}

/*
 * Whether the temporary name holds now what was to be replaced, and not what came at the last moment. Where
 * an overlay has copied it up for that it has another number, and is told by what it is.
 */
static bool has_replaced(const struct draft *draft)
{
	struct stand now = { 0 };
	struct stat st;
	struct err err;
	bool is;

	if (fstatat(draft->dir, draft->temporary, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return false;
	if (st.st_dev == draft->which.device && st.st_ino == draft->which.inode &&
	    (uint64_t)st.st_size == draft->which.size)
		return true;
	is = stand_read(draft->dir, draft->temporary, true, &now, NULL, &err) &&
	     same(&now, &draft->touched->before);
	stand_done(&now);
	return is;
}

static bool changed_now(const struct draft *draft, struct err *err)
{
	return err_set(err, ERR_CHANGED, "'%s' was changed by another at this moment", draft->touched->path);
}

/* False with errno 0: another's came between, and is in its place again. */
static bool put_over(const struct draft *draft)
{
	int dir = draft->dir;

	if (renameat2(dir, draft->temporary, dir, draft->name, RENAME_EXCHANGE) != 0)
		return errno == EINVAL && renameat(dir, draft->temporary, dir, draft->name) == 0;
	if (has_replaced(draft))
		return true;
	if (renameat2(dir, draft->temporary, dir, draft->name, RENAME_EXCHANGE) == 0)
		errno = 0;
	return false;
}

static bool put_away(const struct draft *draft)
{
	int dir = draft->dir;

	if (renameat2(dir, draft->name, dir, draft->temporary, RENAME_NOREPLACE) != 0 &&
	    (errno != EINVAL || renameat(dir, draft->name, dir, draft->temporary) != 0))
		return false;
	if (has_replaced(draft))
		return true;
	if (renameat2(dir, draft->temporary, dir, draft->name, RENAME_NOREPLACE) == 0)
		errno = 0;
	return false;
}

bool draft_exchange(struct draft *draft, struct err *err)
{
	const struct touched *touched = draft->touched;
	enum was_kind before = touched->before.was.kind, after = touched->after.was.kind;
	bool ok;

	if (after == WAS_DIRECTORY)
		return true;
	if (stand_moved(draft->dir, draft->name, before, &draft->which))
		return changed_now(draft, err);
	if (before == WAS_DIRECTORY)
		return true; /* empty only when what was in it has ended */
	if (after == WAS_ABSENT)
		ok = put_away(draft);
	else
		ok = before == WAS_ABSENT ? put_new(draft) : put_over(draft);
	if (!ok && errno == 0)
		return changed_now(draft, err);
	return ok || write_failed(err, after == WAS_ABSENT ? "remove" : "replace", touched->path);
}

/* A directory in which others have put something stays. */
static bool take_directory(const struct draft *draft, struct err *err)
{
	return unlinkat(draft->dir, draft->name, AT_REMOVEDIR) == 0 || errno == ENOTEMPTY ||
	       errno == EEXIST || errno == ENOENT ||
	       write_failed(err, "remove the directory", draft->touched->path);
}

static bool drop_temporary(const struct draft *draft, struct err *err)
{
	return unlinkat(draft->dir, draft->temporary, 0) == 0 || errno == ENOENT ||
	       write_failed(err, "remove what was written beside", draft->touched->path);
}

bool draft_end(struct draft *draft, struct err *err)
{
	if (draft->touched->before.was.kind == WAS_DIRECTORY)
		return take_directory(draft, err);
	return draft->touched->after.was.kind == WAS_DIRECTORY || drop_temporary(draft, err);
}

/* --- back --- */

/* What stood before is most often still there, under the temporary name; that needs no room on the disk. */
static bool restore(const struct draft *draft, struct err *err)
{
	const struct stand *before = &draft->touched->before;
	struct stand kept = { 0 };
	bool ok, whole;

	whole = stand_read(draft->dir, draft->temporary, true, &kept, NULL, err) && same(&kept, before);
	stand_done(&kept);
	ok = whole || (drop_temporary(draft, err) && make(draft, before, true, true, err));
	return ok && (renameat(draft->dir, draft->temporary, draft->dir, draft->name) == 0 ||
		      write_failed(err, "put back", draft->touched->path));
}

static bool take_back(const struct draft *draft, const struct stand *now, struct err *err)
{
	switch (draft->touched->before.was.kind) {
	case WAS_FILE:
	case WAS_LINK:
		return restore(draft, err);
	case WAS_DIRECTORY:
		return make_directory(draft, &draft->touched->before, err);
	case WAS_ABSENT:
	case WAS_UNKNOWN:
		break;
	}
	if (now->was.kind == WAS_DIRECTORY)
		return take_directory(draft, err);
	return unlinkat(draft->dir, draft->name, 0) == 0 || errno == ENOENT ||
	       write_failed(err, "take back", draft->touched->path);
}

bool draft_back(struct draft *draft, struct texts *left, struct err *err)
{
	const struct touched *touched = draft->touched;
	struct stand now = { 0 };
	bool ok;

	if (touched->kind == EDIT_RUN || draft->dir < 0)
		return true;
	ok = stand_read(draft->dir, draft->name, true, &now, NULL, err);
	if (!ok &&
	    (err->code == ERR_USAGE || err->code == ERR_LIMIT)) { /* a device, a giant: not left by us */
		texts_add(left, touched->path);
		return drop_temporary(draft, err);
	}
	if (ok && !same(&now, &touched->before)) {
		if (was_same(&now.was, &touched->after.was))
			ok = take_back(draft, &now, err);
		else
			texts_add(left, touched->path);
	}
	stand_done(&now);
	return ok && drop_temporary(draft, err);
}
