/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "change/replace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/root.h"
#include "change/stand.h"
#include "change/write.h"
#include "medium/helper.h"
#include "model/edit.h"

/* What the file that is being replaced was: its owner, mode and attributes go to the new one. */
static bool take_after(int dir, const char *name, int fd, struct err *err)
{
	struct stand old = { 0 };
	bool ok;

	if (!stand_read(dir, name, false, &old, NULL, err))
		return false;
	ok = old.was.kind != WAS_DIRECTORY ||
	     err_set(err, ERR_USAGE, "'%s' is a directory; only a file or a link is replaced", name);
	if (ok && old.was.kind == WAS_FILE)
		ok = stand_give(fd, &old, false, err) || err_in(err, "%s", name);
	stand_done(&old);
	return ok;
}

/* The new content under a temporary name beside its target. */
static bool prepare_file(int dir, const char *name, struct bytes content, bool overwrite,
			 char temporary[WRITE_NAME], struct err *err)
{
	int fd = write_temporary(dir, temporary);

	if (fd < 0)
		return write_failed(err, "create a file beside", name);
	if (overwrite && !take_after(dir, name, fd, err)) {
		close(fd);
		return false;
	}
	return write_and_close(fd, name, content, err);
}

/* Whether one call that syncs the file system is less than one for each file. */
static bool many(const struct edits *edits)
{
	size_t files = 0;

	for (size_t i = 0; i < edits->count; i++)
		files += edits->all[i].kind == EDIT_FILE;
	return files > WRITE_FEW;
}

static bool sync_all(int dir, struct err *err)
{
	return syncfs(dir) == 0 || write_failed(err, "sync", "the file system");
}

/* Each file by itself, which stands under its temporary name, or under its own if `temporary` is NULL. */
static bool sync_each(int dir, const struct edits *edits, char (*temporary)[WRITE_NAME], struct err *err)
{
	bool ok = true;

	for (size_t i = 0; ok && i < edits->count; i++)
		if (edits->all[i].kind == EDIT_FILE)
			ok = write_sync_file(dir, temporary != NULL ? temporary[i] : edits->all[i].path,
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
	return write_failed(err, "put in place", name);
}

static bool put_link(int dir, const char *name, const char *target, struct err *err)
{
	char temporary[WRITE_NAME];

	write_temporary_name(temporary);
	if (symlinkat(target, dir, temporary) != 0)
		return write_failed(err, "make a link beside", name);
	if (renameat(dir, temporary, dir, name) == 0)
		return true;
	write_failed(err, "put in place", name);
	unlinkat(dir, temporary, 0);
	return false;
}

bool replace_file(const struct root *root, const char *path, struct bytes content, bool overwrite,
		  struct err *err)
{
	char temporary[WRITE_NAME] = "";
	const char *name;
	bool ok;
	int dir;

	helper_hold(); /* a signal waits until it is done or undone */
	dir = write_parent(root, path, &name, err);
	ok = dir >= 0 && prepare_file(dir, name, content, overwrite, temporary, err) &&
	     write_sync_file(dir, temporary, name, err) && finish_file(dir, temporary, name, overwrite, err);
	if (dir >= 0 && !ok && temporary[0] != '\0')
		unlinkat(dir, temporary, 0);
	ok = ok && write_sync_directory(dir, err);
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
		return unlinkat(dir, edit->path, 0) == 0 || write_failed(err, "remove", edit->path);
	case EDIT_DIRECTORY:
	case EDIT_RUN:
		break; /* no export makes these */
	}
	return err_set(err, ERR_UNSUPPORTED, "'%s' is no part of an export", edit->path);
}

/* Nothing is changed before all files are written and synced; temporaries that were not used are removed. */
static bool perform(int dir, const struct edits *edits, struct err *err)
{
	char(*temporary)[WRITE_NAME] = mem_zero(edits->count * sizeof(*temporary));
	const struct edit *edit = edits->all, *end = edits->all + edits->count;
	bool ok = true;

	for (; ok && edit < end; edit++)
		if (edit->kind == EDIT_FILE)
			ok = prepare_file(dir, edit->path, buf_view(&edit->content), true,
					  temporary[edit - edits->all], err);
	ok = ok && (many(edits) ? sync_all(dir, err) : sync_each(dir, edits, temporary, err));
	for (edit = edits->all; ok && edit < end; edit++) {
		ok = finish(dir, edit, temporary[edit - edits->all], err);
		if (ok)
			temporary[edit - edits->all][0] = '\0';
	}
	for (edit = edits->all; !ok && edit < end; edit++)
		if (temporary[edit - edits->all][0] != '\0')
			unlinkat(dir, temporary[edit - edits->all], 0);
	free(temporary);
	return ok && write_sync_directory(dir, err);
}

/* In a directory that nobody has seen yet everything can have its name at once. */
static bool fill_directory(int dir, const struct edits *edits, struct err *err)
{
	const struct edit *edit = edits->all, *end = edits->all + edits->count;
	bool ok = true;

	for (; ok && edit < end; edit++) {
		if (edit->kind == EDIT_FILE) {
			int fd = write_create(dir, edit->path, 0644);

			ok = fd >= 0 ? write_and_close(fd, edit->path, buf_view(&edit->content), err)
				     : write_failed(err, "create", edit->path);
		} else {
			ok = edit->kind == EDIT_LINK && (symlinkat(edit->target, dir, edit->path) == 0 ||
							 write_failed(err, "make the link", edit->path));
		}
	}
	if (ok && many(edits)) /* the directory, too */
		return sync_all(dir, err);
	return ok && sync_each(dir, edits, NULL, err) && write_sync_directory(dir, err);
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
	char temporary[WRITE_NAME];
	bool ok = false;
	int dir = -1;

	write_temporary_name(temporary);
	if (mkdirat(parent, temporary, 0755) != 0)
		return write_failed(err, "make a directory beside", name);
	dir = openat(parent, temporary, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir < 0)
		write_failed(err, "open", temporary);
	else if (fill_directory(dir, edits, err))
		ok = put_directory(parent, temporary, name) || write_failed(err, "put in place", name);
	if (!ok)
		discard(parent, temporary, dir, edits);
	if (dir >= 0)
		close(dir);
	return ok && write_sync_directory(parent, err);
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
	parent = write_parent(root, plain, &name, err);
	if (parent < 0)
		goto out;
	if (!root_has(root, plain)) {
		ok = new_directory(parent, name, edits, err);
	} else if (!overwrite) {
		err_set(err, ERR_USAGE,
			"'%s' is there already; --overwrite replaces what an export left in it", path);
	} else {
		dir = root_open_at(root, plain, O_RDONLY | O_DIRECTORY);
		ok = dir >= 0 ? perform(dir, edits, err) : write_failed(err, "open the directory", path);
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
