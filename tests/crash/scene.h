/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A small system like Debian's in a root of its own, and a change of it: one
 * certificate is trusted and one of the package's no longer. Everything that ends the
 * process is a failure of the test itself.
 */
#ifndef CRASH_SCENE_H
#define CRASH_SCENE_H

#include <stdbool.h>

#include "base/root.h"
#include "model/request.h"

struct store;

/* All files and links of a tree, sorted by path. */
struct picture {
	struct item {
		char *path, *what; /* owned; what: type, mode, owner, content or target */
		char *exact;       /* owned; and the time */
	} * all;
	size_t count;
};

struct scene {
	char top[64];
	struct root root;
	struct store *store; /* the certificates of the requests */
	struct requests requests;
	struct picture old, new;
};

void scene_begin(struct scene *scene, const char *below); /* `below`: the directory to make it in */
void scene_end(struct scene *scene);

/* The tree as it was at the beginning; no history. With `changed` the change is done, by an entry 1. */
void scene_reset(struct scene *scene, bool changed);

/* What the change, and its undo, do: state, lock, recovery, staging, performing. 0: done. */
int scene_change(void *scene);
int scene_undo(void *scene);

/* The next start: takes the lock and recovers. */
bool scene_recover(struct scene *scene);

void picture_take(const struct scene *scene, bool temporaries, struct picture *ret);
void picture_done(struct picture *picture);

/*
 * The verdicts; NULL: well, or what is wrong (not owned). The first: each path by
 * itself is old or new. The second: the whole is, no temporary file is left, the history
 * agrees; *ret_new tells which. `undo`: it was the undo that was cut.
 */
const char *scene_mixed(const struct scene *scene);
const char *scene_settled(struct scene *scene, bool undo, bool *ret_new);

#endif
