/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reading how a name in a directory stands, and giving a new file what the old one
 * had besides its content. Links are looked at themselves.
 */
#ifndef CHANGE_STAND_H
#define CHANGE_STAND_H

#include "model/stand.h"

struct err;
struct root;

/*
 * `name` in the open directory. With `content` a file's content is read too, and its hash;
 * without, the hash is zero. A device, a FIFO or a socket is an error. `ret_file`
 * may be NULL; otherwise it gets which file it is, for stand_moved(). False: `ret` is untouched.
 */
struct which {
	uint64_t device, inode;
	int64_t changed, changed_nsec; /* ctime */
	uint64_t size;
};
bool stand_read(int dir, const char *name, bool content, struct stand *ret, struct which *ret_file,
		struct err *err);

/* The same by its path in a root; without its directory it is WAS_ABSENT. */
bool stand_look(const struct root *root, const char *path, bool content, struct stand *ret, struct err *err);

/* Whether something else stands there now than what stand_read() saw. */
bool stand_moved(int dir, const char *name, enum was_kind kind, const struct which *which);

/* Owner, mode and attributes to an open file; with `times` also mtime. */
bool stand_give(int fd, const struct stand *stand, bool times, struct err *err);

/* Owner and times to a link. */
bool stand_give_link(int dir, const char *name, const struct stand *stand, struct err *err);

#endif
