/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A stager knows how one kind of store, or one distribution's system, is changed: it
 * reads what is there and makes the edits after which the requests hold and all that
 * is generated agrees with its sources. With no requests that is the repair of the
 * store. It writes nothing and asks nothing.
 *
 * Staging again after the edits were performed gives no edits: that is how a change
 * is read back, or by comparing (`closed`). Edits say what they replace (struct was), so that a change that
 * comes in between is seen. What is written has been parsed and compared first
 * (stage/checked.h). What a stager cannot read it does not replace: that is an error.
 *
 * To add one: stage/NAME.c with one `const struct stager` at its end, named below and
 * in stage/table.c; man/anchorage-add.1; tests/unit/test-stage-NAME.c against the
 * distribution's own tool.
 */
#ifndef STAGE_STAGER_H
#define STAGE_STAGER_H

#include <stdbool.h>
#include <stdint.h>

#include "model/request.h"
#include "model/staged.h"

struct err;
struct root;
struct user_home;

struct target {
	char *name;                  /* owned; as `stores` prints it, or as typed */
	const struct stager *stager; /* a row of stagers[] */
	char *path; /* owned; in the root: the store's file or directory. NULL: a system, which has its own */
	char *label; /* owned or NULL: for stores with names, a prefix of the names that are given */
	const struct user_home *user; /* borrowed; of stager_user (stage/user.h) alone */
	bool own;                     /* a file of anchorage's own, and no store */
};

/* What staging may not ask for itself. */
struct terms {
	int64_t at;           /* the time to write where a format has one */
	const char *password; /* of a keystore or database; NULL: none was given, the usual ones are tried */
	bool allow_empty;     /* a store may be left without anchors */
};

struct stager {
	const char *name;  /* of a distribution, or of the kind of store */
	const char *brief; /* for people: "Debian's ca-certificates" */
	/* Whether the root's system is kept this way; NULL: it is no system's. */
	bool (*is)(const struct root *root);
	const char *tool; /* the distribution's own program, by the name of its process; NULL: none */
	const char
		*lock; /* a file or directory in the root that it locks by flock(2); NULL: it locks nothing */
	/* It reads nothing but the files that it changes, and their new content was read back before it
	 * became an edit: a change is read back by comparing. */
	bool closed;
	/* False: the store could not be read, or would be damaged; `ret` is untouched. Free with
	 * staged_done(). */
	bool (*stage)(const struct root *root, const struct target *target, const struct requests *requests,
		      const struct terms *terms, struct staged *ret, struct err *err);
};

/* All of them, ends with NULL; systems first, the surest first. */
extern const struct stager *const stagers[];

extern const struct stager stager_alpine, stager_arch, stager_debian, stager_der, stager_dir, stager_fedora,
	stager_hashdir, stager_jks, stager_nixos, stager_nss, stager_p11kit, stager_pem, stager_pkcs12,
	stager_registry, stager_suse, stager_trusted, stager_user;

/* Of the root's system store; NULL: none that is known. */
const struct stager *stager_system(const struct root *root);

/* For a store of this kind (model/kind.h); NULL: such a store cannot be changed. */
const struct stager *stager_kind(const char *kind);

void target_done(struct target *target);

#endif
