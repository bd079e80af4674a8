/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "medium/tree.h"

#include <limits.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/mem.h"

static size_t hash(const struct node *parent, struct bytes name)
{
	uint64_t h = (uint64_t)(uintptr_t)parent >> 4;

	for (size_t i = 0; i < name.len; i++)
		h = (h ^ name.at[i]) * UINT64_C(0x100000001b3);
	return (size_t)(h ^ h >> 29);
}

/* Its place in the table, where NULL stands if there is none. */
static struct node **place_of(const struct tree *tree, const struct node *parent, struct bytes name)
{
	size_t mask = tree->room - 1, at = hash(parent, name) & mask;

	for (; tree->table[at] != NULL; at = (at + 1) & mask)
		if (tree->table[at]->parent == parent && bytes_equal(bytes_of(tree->table[at]->name), name))
			break;
	return &tree->table[at];
}

static void grow(struct tree *tree)
{
	struct tree old = *tree;

	tree->room = old.room * 2;
	tree->table = mem_zero(tree->room * sizeof(struct node *));
	for (size_t i = 0; i < old.room; i++)
		if (old.table[i] != NULL)
			*place_of(tree, old.table[i]->parent, bytes_of(old.table[i]->name)) = old.table[i];
	free(old.table);
}

/* `kept`: the name, if it ends and lives as long as the tree; else NULL, and it is copied. */
static struct node *node_new(struct tree *tree, struct node *parent, struct bytes name, const char *kept)
{
	struct node *node = arena_take(&tree->arena, sizeof(*node));

	*node = (struct node){ .parent = parent,
			       .name = kept != NULL ? kept : arena_text(&tree->arena, name) };
	if (parent == NULL)
		return node;
	node->next = parent->child;
	parent->child = node;
	*place_of(tree, parent, name) = node;
	if (++tree->count * 2 > tree->room)
		grow(tree);
	return node;
}

void tree_begin(struct tree *ret, bool layers)
{
	*ret = (struct tree){ .room = 1024, .layers = layers, .layer = 1 };
	ret->table = mem_zero(ret->room * sizeof(struct node *));
	ret->top = node_new(ret, NULL, bytes_of(""), "");
	ret->top->kind = NODE_DIRECTORY;
}

void tree_done(struct tree *tree)
{
	free(tree->table);
	arena_done(&tree->arena);
	*tree = (struct tree){ 0 };
}

/* Everything below is gone, if it is of a layer before `layer`. As deep as LIMIT_IMAGE_PARTS. */
/* NOLINTNEXTLINE(misc-no-recursion): no deeper than LIMIT_IMAGE_PARTS */
static void sweep(struct tree *tree, struct node *node, unsigned layer)
{
	for (struct node *child = node->child; child != NULL; child = child->next) {
		bool any = false;

		if (++tree->work > LIMIT_IMAGE_WORK)
			return;
		if (child->kind == NODE_GONE)
			continue;
		sweep(tree, child, layer);
		for (const struct node *below = child->child; below != NULL && !any; below = below->next)
			any = below->kind != NODE_GONE;
		if (child->layer < layer && !any)
			child->kind = NODE_GONE;
	}
}

/* Where a path leads. */
struct way {
	struct tree *tree;
	struct node *at;
	bool make; /* folders that are missing */
	int links;
};

static bool way_along(struct way *w, const char *path, bool last);

static unsigned depth_of(const struct node *node)
{
	unsigned depth = 0;

	for (; node->parent != NULL; node = node->parent)
		depth++;
	return depth;
}

/* The folder or, if `last`, the thing of this name. */
/* NOLINTNEXTLINE(misc-no-recursion): as many as links are followed, LIMIT_LINKS */
static bool way_into(struct way *w, struct bytes name, bool last)
{
	struct node *node = *place_of(w->tree, w->at, name);

	if (node != NULL && node->kind == NODE_LINK) {
		if (++w->links > LIMIT_LINKS)
			return false;
		if (node->target[0] == '/')
			w->at = w->tree->top;
		return way_along(w, node->target, last);
	}
	if (node != NULL && (node->kind == NODE_DIRECTORY || (last && node->kind != NODE_GONE))) {
		w->at = node;
		return true;
	}
	if (!w->make || depth_of(w->at) >= LIMIT_IMAGE_PARTS)
		return false;
	if (node == NULL)
		node = node_new(w->tree, w->at, name, NULL);
	node->kind = NODE_DIRECTORY;
	node->layer = w->tree->layer;
	w->at = node;
	return true;
}

/* NOLINTNEXTLINE(misc-no-recursion): as many as links are followed, LIMIT_LINKS */
static bool way_along(struct way *w, const char *path, bool last)
{
	size_t len;

	for (;; path += len) {
		struct bytes name;
		const char *rest;

		if (++w->tree->work > LIMIT_IMAGE_WORK)
			return false;
		path += strspn(path, "/");
		len = strcspn(path, "/");
		if (len == 0)
			return true;
		name = (struct bytes){ (const uint8_t *)path, len };
		if (len == 1 && path[0] == '.')
			continue;
		if (len == 2 && path[0] == '.' && path[1] == '.') {
			w->at = w->at->parent != NULL ? w->at->parent : w->at;
			continue;
		}
		rest = path + len + strspn(path + len, "/");
		if (len > NAME_MAX || w->at->kind != NODE_DIRECTORY ||
		    !way_into(w, name, last && *rest == '\0'))
			return false;
	}
}

static bool whiteout(struct tree *tree, struct node *folder, struct bytes name)
{
	static const char mark[] = ".wh.", opaque[] = ".wh..wh..opq";
	struct node *node;

	if (!tree->layers || !bytes_start(name, bytes_of(mark)))
		return false;
	if (bytes_equal(name, bytes_of(opaque))) {
		sweep(tree, folder, tree->layer);
		return true;
	}
	/* ".wh..wh.plnk" and the like are a file system's own */
	node = *place_of(tree, folder, bytes_skip(name, 4));
	if (node == NULL || bytes_start(name, bytes_of(".wh..wh.")))
		return true;
	sweep(tree, node, tree->layer);
	if (node->layer < tree->layer) {
		bool any = false;

		for (const struct node *below = node->child; below != NULL; below = below->next)
			any |= below->kind != NODE_GONE;
		node->kind = any ? NODE_DIRECTORY : NODE_GONE;
	}
	return true;
}

struct node *tree_put(struct tree *tree, const char *path, enum node_kind kind)
{
	const char *slash = strrchr(path, '/');
	const char *base = slash != NULL ? slash + 1 : path;
	struct bytes name = bytes_of(base);
	struct way w = { .tree = tree, .make = true, .at = tree->top };
	char *folder = mem_string(path, (size_t)(base - path));
	bool ok = way_along(&w, folder, false) && w.at->kind == NODE_DIRECTORY;
	struct node *node;

	free(folder);
	if (!ok || name.len == 0 || name.len > NAME_MAX || strcmp(base, ".") == 0 ||
	    strcmp(base, "..") == 0 || depth_of(w.at) >= LIMIT_IMAGE_PARTS || whiteout(tree, w.at, name))
		return NULL;
	node = *place_of(tree, w.at, name);
	if (node == NULL)
		node = node_new(tree, w.at, name, base);
	if (kind != NODE_DIRECTORY)
		sweep(tree, node, UINT_MAX);
	if (kind != NODE_DIRECTORY || node->kind != NODE_DIRECTORY)
		node->wanted = false;
	node->kind = kind;
	node->layer = tree->layer;
	node->path = path;
	node->target = NULL;
	node->stage = node->unit = 0;
	return node;
}

struct node *tree_find(struct tree *tree, const char *path)
{
	struct way w = { .tree = tree, .at = tree->top };

	return way_along(&w, path, true) ? w.at : NULL;
}

struct node *tree_follow(struct tree *tree, const struct node *node)
{
	struct way w = { .tree = tree, .at = node->target[0] == '/' ? tree->top : node->parent };

	return way_along(&w, node->target, true) ? w.at : NULL;
}
