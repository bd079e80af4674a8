/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How a path stands: what is there, and with which owner, mode, times and extended
 * attributes. A fact that was read (change/stand.h) or that is to be made so.
 */
#ifndef MODEL_STAND_H
#define MODEL_STAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/digest.h"

enum was_kind {
	WAS_UNKNOWN, /* not looked: an export */
	WAS_ABSENT,
	WAS_FILE,
	WAS_LINK,
	WAS_DIRECTORY,
};
enum { WAS_KINDS = WAS_DIRECTORY + 1 };
extern const char *const was_words[WAS_KINDS];

struct was {
	enum was_kind kind;
	uint8_t id[DIGEST_LEN]; /* SHA-256 of a file's content */
	char *target;           /* of a link, owned */
};

/* An extended attribute: ACLs, labels and capabilities are such. */
struct xattr {
	char *name;
	struct buf value;
};

struct stand {
	struct was was;
	unsigned mode;
	uid_t uid;
	gid_t gid;
	int64_t mtime, mtime_nsec;
	struct xattr *attributes;
	size_t attribute_count;
	bool whole; /* these are all that it has: a new one keeps no ACL that it gets of its directory */
	struct buf content; /* of a file, where it was read or kept */
};

bool was_same(const struct was *a, const struct was *b); /* WAS_UNKNOWN is like nothing */
void was_copy(const struct was *from, struct was *ret);
void stand_copy(const struct stand *from, struct stand *ret); /* all but the content */
void stand_done(struct stand *stand);

#endif
