/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "stage/put.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/root.h"
#include "model/edit.h"
#include "model/store.h"

static bool look_file(const struct root *root, const char *path, struct was *ret, struct err *err)
{
	struct buf content = { 0 };
	bool ok = root_read(root, path, &content, err);

	if (ok) {
		ret->kind = WAS_FILE;
		digest_sha256(buf_view(&content), ret->id);
	}
	buf_done(&content);
	return ok;
}

bool put_look(const struct root *root, const char *path, struct was *ret, struct err *err)
{
	int fd = root_open_at(root, path, O_PATH | O_NOFOLLOW);
	struct was was = { .kind = WAS_ABSENT };
	struct stat st;
	bool ok = true;

	if (fd < 0) {
		ok = errno == ENOENT || errno == ENOTDIR ||
		     err_set(err, ERR_SYSTEM, "cannot look at '%s': %s", path, strerror(errno));
	} else if (fstat(fd, &st) != 0) {
		ok = err_set(err, ERR_SYSTEM, "cannot look at '%s': %s", path, strerror(errno));
	} else if (S_ISLNK(st.st_mode)) {
		was.kind = WAS_LINK;
		was.target = root_link(root, path);
		ok = was.target != NULL || err_set(err, ERR_SYSTEM, "cannot read the link '%s'", path);
	} else if (S_ISDIR(st.st_mode)) {
		was.kind = WAS_DIRECTORY;
	} else if (S_ISREG(st.st_mode)) {
		ok = look_file(root, path, &was, err) || err_in(err, "%s", path);
	} else {
		ok = err_set(err, ERR_UNSUPPORTED, "'%s' is a device, a FIFO or a socket; it is not replaced",
			     path);
	}
	if (fd >= 0)
		close(fd);
	if (ok)
		*ret = was;
	return ok;
}

/* What stands there for an edit that puts a file or a link; a directory there is an error. */
static bool look_name(const struct root *root, const char *path, struct was *ret, struct err *err)
{
	if (!put_look(root, path, ret, err))
		return false;
	return ret->kind != WAS_DIRECTORY ||
	       err_set(err, ERR_UNSUPPORTED, "'%s' is a directory; it is not replaced", path);
}

static struct edit *add(struct edits *edits, enum edit_kind kind, const char *store, const char *path,
			struct was *was)
{
	struct edit *edit = edits_add(edits, kind, path);

	edit->was = *was;
	was->target = NULL;
	edit->store = store != NULL ? mem_string(store, strlen(store)) : NULL;
	return edit;
}

bool put_file(struct edits *edits, const struct root *root, const char *store, const char *path,
	      struct bytes content, unsigned mode, struct err *err)
{
	struct was was = { 0 };
	uint8_t id[DIGEST_LEN];

	if (!look_name(root, path, &was, err))
		return false;
	digest_sha256(content, id);
	if (was.kind != WAS_FILE || memcmp(was.id, id, DIGEST_LEN) != 0) {
		struct edit *edit = add(edits, EDIT_FILE, store, path, &was);

		buf_bytes(&edit->content, content);
		edit->mode = mode;
	}
	free(was.target);
	return true;
}

void put_over(struct edits *edits, const char *store, const char *path, struct bytes was,
	      struct bytes content)
{
	struct was stood = { .kind = WAS_FILE };

	if (bytes_equal(was, content))
		return;
	digest_sha256(was, stood.id);
	buf_bytes(&add(edits, EDIT_FILE, store, path, &stood)->content, content);
}

bool put_link(struct edits *edits, const struct root *root, const char *store, const char *path,
	      const char *target, struct err *err)
{
	struct was was = { 0 };

	if (!look_name(root, path, &was, err))
		return false;
	if (was.kind != WAS_LINK || strcmp(was.target, target) != 0)
		add(edits, EDIT_LINK, store, path, &was)->target = mem_string(target, strlen(target));
	free(was.target);
	return true;
}

bool put_nothing(struct edits *edits, const struct root *root, const char *store, const char *path,
		 struct err *err)
{
	struct was was = { 0 };

	if (!look_name(root, path, &was, err))
		return false;
	if (was.kind != WAS_ABSENT)
		add(edits, EDIT_REMOVE, store, path, &was);
	free(was.target);
	return true;
}

bool put_may_go(const struct store *held, const char *path, struct err *err)
{
	return !held->private_key ||
	       err_set(err, ERR_UNSUPPORTED,
		       "'%s' holds a private key too, which would go with the certificate; put the key into "
		       "a file of its own, elsewhere, first",
		       path);
}

/* NOLINTNEXTLINE(misc-no-recursion): no deeper than a path has names, which are shorter than PATH_MAX */
bool put_directory(struct edits *edits, const struct root *root, const char *store, const char *path,
		   struct err *err)
{
	const char *slash = strrchr(path, '/');
	struct was was = { .kind = WAS_ABSENT };
	bool ok = true;

	if (root_is_directory(root, path) || edits_find(edits, path) != NULL)
		return true;
	if (slash != NULL && slash > path) {
		char *above = mem_string(path, (size_t)(slash - path));

		ok = put_directory(edits, root, store, above, err);
		free(above);
	}
	if (ok && root_has(root, path))
		ok = err_set(err, ERR_UNSUPPORTED, "'%s' is no directory", path);
	if (ok)
		add(edits, EDIT_DIRECTORY, store, path, &was);
	return ok;
}
