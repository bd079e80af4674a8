/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "change/stand.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/root.h"
#include "change/write.h"

enum { NAMES = 4096, VALUE = 65536 };

static void from_stat(const struct stat *st, struct stand *stand, struct which *which)
{
	stand->mode = st->st_mode & 07777;
	stand->uid = st->st_uid;
	stand->gid = st->st_gid;
	stand->mtime = st->st_mtim.tv_sec;
	stand->mtime_nsec = st->st_mtim.tv_nsec;
	if (which != NULL)
		*which = (struct which){ .device = st->st_dev,
					 .inode = st->st_ino,
					 .changed = st->st_ctim.tv_sec,
					 .changed_nsec = st->st_ctim.tv_nsec,
					 .size = (uint64_t)st->st_size };
}

/* Hashes and signatures of a file's content are the kernel's to make, and wrong for another. */
static bool of_content(const char *name)
{
	return strcmp(name, "security.ima") == 0 || strcmp(name, "security.evm") == 0;
}

static bool read_attributes(int fd, const char *name, struct stand *stand, struct err *err)
{
	char names[NAMES];
	uint8_t *value = NULL;
	ssize_t len = flistxattr(fd, names, sizeof(names));
	bool ok = true;

	if (len < 0)
		return errno == ENOTSUP || write_failed(err, "list the attributes of", name);
	if (len > 0)
		value = mem_zero(VALUE);
	for (const char *one = names; ok && one < names + len; one += strlen(one) + 1) {
		struct xattr attribute = { 0 };
		ssize_t size;

		if (of_content(one))
			continue;
		size = fgetxattr(fd, one, value, VALUE);
		ok = size >= 0 || write_failed(err, "read the attribute", one);
		if (!ok)
			break;
		attribute.name = mem_string(one, strlen(one));
		buf_bytes(&attribute.value, (struct bytes){ value, (size_t)size });
		stand->attributes =
			mem_grow(stand->attributes, stand->attribute_count, sizeof(*stand->attributes));
		stand->attributes[stand->attribute_count++] = attribute;
	}
	free(value);
	return ok;
}

static bool read_link(int dir, const char *name, struct stand *stand, struct err *err)
{
	char target[PATH_MAX];
	ssize_t len = readlinkat(dir, name, target, sizeof(target));

	if (len < 0 || len == (ssize_t)sizeof(target))
		return write_failed(err, "read the link", name);
	stand->was.kind = WAS_LINK;
	stand->was.target = mem_string(target, (size_t)len);
	return true;
}

static bool read_file(int dir, const char *name, bool content, struct stand *stand, struct which *which,
		      struct err *err)
{
	int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	bool ok;

	stand->was.kind = WAS_FILE;
	if (fd < 0)
		return write_failed(err, "keep the owner and mode of", name);
	ok = fstat(fd, &st) == 0 || write_failed(err, "look at", name);
	if (ok && !S_ISREG(st.st_mode))
		ok = err_set(err, ERR_CHANGED, "'%s' was changed at this moment", name);
	if (ok) {
		from_stat(&st, stand, which);
		stand->whole = true;
		ok = read_attributes(fd, name, stand, err);
	}
	if (ok && content) {
		ok = root_read_fd(fd, &stand->content, err);
		digest_sha256(buf_view(&stand->content), stand->was.id);
	}
	close(fd);
	return ok;
}

bool stand_read(int dir, const char *name, bool content, struct stand *ret, struct which *ret_file,
		struct err *err)
{
	struct stand stand = { .was = { .kind = WAS_ABSENT } };
	struct stat st;
	bool ok = true;

	if (ret_file != NULL)
		*ret_file = (struct which){ 0 };
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0) {
		ok = errno == ENOENT || write_failed(err, "look at", name);
	} else {
		from_stat(&st, &stand, ret_file);
		if (S_ISREG(st.st_mode))
			ok = read_file(dir, name, content, &stand, ret_file, err);
		else if (S_ISLNK(st.st_mode))
			ok = read_link(dir, name, &stand, err);
		else if (S_ISDIR(st.st_mode))
			stand.was.kind = WAS_DIRECTORY;
		else
			ok = err_set(
				err, ERR_USAGE,
				"'%s' is a device, a FIFO or a socket; only a file or a link is replaced",
				name);
	}
	if (ok)
		*ret = stand;
	else
		stand_done(&stand);
	return ok;
}

bool stand_look(const struct root *root, const char *path, bool content, struct stand *ret, struct err *err)
{
	const char *name;
	struct err why = { 0 };
	int dir = write_parent(root, path, &name, &why);
	bool ok;

	if (dir < 0) {
		if (errno != ENOENT && errno != ENOTDIR) {
			*err = why;
			return false;
		}
		*ret = (struct stand){ .was = { .kind = WAS_ABSENT } };
		return true;
	}
	ok = stand_read(dir, name, content, ret, NULL, err);
	close(dir);
	return ok;
}

bool stand_moved(int dir, const char *name, enum was_kind kind, const struct which *which)
{
	struct stat st;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return kind != WAS_ABSENT || errno != ENOENT;
	if (kind == WAS_DIRECTORY)
		return !S_ISDIR(st.st_mode);
	return kind == WAS_ABSENT || st.st_dev != which->device || st.st_ino != which->inode ||
	       (uint64_t)st.st_size != which->size || st.st_ctim.tv_sec != which->changed ||
	       st.st_ctim.tv_nsec != which->changed_nsec;
}

/* A label is often inherited already, and who may not set it has no need to. */
static bool give_attribute(int fd, const struct xattr *attribute)
{
	struct buf now = { 0 };
	ssize_t size = fgetxattr(fd, attribute->name, buf_room(&now, VALUE), VALUE);
	bool same;

	now.len = size > 0 ? (size_t)size : 0;
	same = size >= 0 && bytes_equal(buf_view(&now), buf_view(&attribute->value));
	buf_done(&now);
	return same || fsetxattr(fd, attribute->name, attribute->value.at, attribute->value.len, 0) == 0;
}

/* Where the directory has a default ACL, a new file begins with that: it would let others in (acl(5)). */
static bool take_acl(int fd, const struct stand *stand, struct err *err)
{
	static const char name[] = "system.posix_acl_access";

	for (size_t i = 0; i < stand->attribute_count; i++)
		if (strcmp(stand->attributes[i].name, name) == 0)
			return true;
	return fremovexattr(fd, name) == 0 || errno == ENODATA || errno == ENOTSUP ||
	       write_failed(err, "take away", "the access list of its directory");
}

bool stand_give(int fd, const struct stand *stand, bool times, struct err *err)
{
	const struct timespec at[2] = { { .tv_nsec = UTIME_OMIT }, { stand->mtime, stand->mtime_nsec } };

	if (stand->whole && !take_acl(fd, stand, err))
		return false;
	/* The owner first: a new one takes the bits of set-user-ID away. */
	if (fchown(fd, stand->uid, stand->gid) != 0 || fchmod(fd, stand->mode) != 0)
		return write_failed(err, "keep", "the owner and mode");
	for (size_t i = 0; i < stand->attribute_count; i++)
		if (!give_attribute(fd, &stand->attributes[i]))
			return write_failed(err, "keep the attribute", stand->attributes[i].name);
	return !times || futimens(fd, at) == 0 || write_failed(err, "keep", "the time");
}

bool stand_give_link(int dir, const char *name, const struct stand *stand, struct err *err)
{
	const struct timespec at[2] = { { .tv_nsec = UTIME_OMIT }, { stand->mtime, stand->mtime_nsec } };

	/* By what is open: in a directory of another user the name may be another file's by now. */
	int fd = openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;
	bool ok = fd >= 0 && fstat(fd, &st) == 0 && S_ISLNK(st.st_mode) &&
		  fchownat(fd, "", stand->uid, stand->gid, AT_EMPTY_PATH) == 0 &&
		  utimensat(dir, name, at, AT_SYMLINK_NOFOLLOW) == 0;

	if (!ok)
		write_failed(err, "keep the owner of", name);
	if (fd >= 0)
		close(fd);
	return ok;
}
