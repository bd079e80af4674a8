/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A root of its own for a test of changes, and what stands in it as one text. */
#ifndef UNIT_TREE_H
#define UNIT_TREE_H

#include "base/buf.h"
#include "base/root.h"
#include "change/apply.h"
#include "change/state.h"
#include "model/edit.h"

struct tree {
	char top[40];
	struct root root;
	struct state state; /* opened and locked */
};

int tree_begin(void **state);
int tree_end(void **state);

void tree_open(struct tree *tree); /* the state again, as the next start does */
void tree_close(struct tree *tree);

void tree_file(const struct tree *tree, const char *path, const char *content, unsigned mode);
void tree_run(const struct tree *tree, const char *fmt, ...) /* by sh, in the tree; must succeed */
	__attribute__((format(printf, 2, 3)));

/* Every path below `path` but the state, with mode, owner, link, content and time of files. free() it. */
char *tree_text(const struct tree *tree);

/* Performs them; the journal's id. */
unsigned tree_apply(struct tree *tree, const struct edits *edits);

#endif
