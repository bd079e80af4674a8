/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The files of an image in memory, as they are once archive upon archive was laid
 * over one another: what comes later hides what came before, and in layers a
 * whiteout hides what layers below have (OCI image-spec, layer.md: ".wh.NAME",
 * and ".wh..wh..opq" for all that is in a folder). Paths are resolved as in a
 * root: "..", and absolute links, stop at and start from the top; a folder that
 * is a link leads to where it points.
 */
#ifndef MEDIUM_TREE_H
#define MEDIUM_TREE_H

#include "base/arena.h"

enum node_kind {
	NODE_GONE, /* there is nothing (any more) */
	NODE_DIRECTORY,
	NODE_LINK,
	NODE_FILE,  /* its content is in `stage` */
	NODE_OTHER, /* a file without its content */
	NODE_ODD,   /* a device, a FIFO, a socket */
};

struct node {
	struct node *parent, *child, *next;
	const char *name, *target;
	const char *path; /* in the archive that it is from */
	enum node_kind kind;
	bool wanted;    /* a directory that is to be there even if it is empty */
	bool live;      /* something in it has content */
	unsigned layer; /* the last that said something of it */
	uint32_t stage; /* number of its content */
	uint32_t unit;  /* the archive that it is; 0: none */
};

struct tree {
	struct arena arena;
	struct node *top;
	struct node **table; /* by parent and name, 2^n places */
	size_t room, count;
	uint64_t work;  /* steps taken: behind LIMIT_IMAGE_WORK nothing is done any more */
	bool layers;    /* whiteouts mean something */
	unsigned layer; /* that is laid now, from 1 */
};

void tree_begin(struct tree *ret, bool layers);
void tree_done(struct tree *tree);

/*
 * The node at `path`, made anew as `kind` with folders above it; what it replaces
 * is gone. NULL: it is a whiteout, the top, too deep, or its links go in circles;
 * or a limit is reached.
 * `path` is borrowed until the tree is done.
 */
struct node *tree_put(struct tree *tree, const char *path, enum node_kind kind);

/* What is at a path, through links; NULL: nothing. */
struct node *tree_find(struct tree *tree, const char *path);

/* The same for where the link `node` points to. */
struct node *tree_follow(struct tree *tree, const struct node *node);

#endif
