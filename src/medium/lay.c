/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "medium/lay.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "medium/image.h"
#include "medium/sniff.h"
#include "model/store.h"

struct lay {
	const struct unpacked *unpacked;
	struct store *notes;
	struct image *image;
	const char *name;
	unsigned depth; /* of archives */
	struct err err;
};

/* A directory, made as soon as there is something to be in it. */
struct folder {
	struct folder *up;
	const char *name;
	int fd; /* -1: not yet */
};

static bool failed(struct lay *l)
{
	if (l->err.code == ERR_NONE)
		err_set(&l->err, ERR_SYSTEM, "what is in it cannot be written: %s", strerror(errno));
	return false;
}

/* NOLINTNEXTLINE(misc-no-recursion): no deeper than LIMIT_IMAGE_PARTS for each archive */
static int folder_fd(struct lay *l, struct folder *folder)
{
	int up;

	if (folder->fd >= 0 || folder->up == NULL)
		return folder->fd;
	up = folder_fd(l, folder->up);
	if (up < 0)
		return -1;
	if (mkdirat(up, folder->name, 0700) != 0 && errno != EEXIST) {
		failed(l);
		return -1;
	}
	folder->fd = openat(up, folder->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (folder->fd < 0)
		failed(l);
	return folder->fd;
}

static void folder_done(struct folder *folder)
{
	if (folder->up != NULL && folder->fd >= 0)
		close(folder->fd);
}

/* --- one tree --- */

static struct node *put(struct tree *tree, const struct unpacked_entry *entry)
{
	static const enum node_kind kinds[UNPACK_TYPES] = {
		[UNPACK_OTHER] = NODE_OTHER, [UNPACK_ODD] = NODE_ODD,    [UNPACK_DIRECTORY] = NODE_DIRECTORY,
		[UNPACK_LINK] = NODE_LINK,   [UNPACK_HARD] = NODE_OTHER, [UNPACK_FILE] = NODE_FILE,
		[UNPACK_UNIT] = NODE_OTHER,
	};
	struct node *node, *of = entry->type == UNPACK_HARD ? tree_find(tree, entry->target) : NULL;
	struct node was = of != NULL ? *of : (struct node){ .kind = NODE_GONE };

	if (entry->type == UNPACK_HARD && (was.kind == NODE_GONE || was.kind == NODE_DIRECTORY))
		return NULL;
	node = tree_put(tree, entry->path, entry->type == UNPACK_HARD ? was.kind : kinds[entry->type]);
	if (node == NULL)
		return NULL;
	node->wanted |= entry->wanted;
	node->target = entry->type == UNPACK_HARD ? was.target : entry->target;
	node->stage = entry->type == UNPACK_HARD ? was.stage : entry->stage;
	node->unit = entry->type == UNPACK_HARD ? was.unit : entry->unit;
	if (entry->type == UNPACK_HARD)
		node->path = was.path;
	return node;
}

/* What has no place in the tree is told, unless it is a whiteout, or nothing that could be read. */
static void left_out(struct lay *l, const struct tree *tree, const struct unpacked_entry *entry)
{
	const char *slash = strrchr(entry->path, '/');
	char *file;

	if (tree->work > LIMIT_IMAGE_WORK || entry->type == UNPACK_OTHER || entry->type == UNPACK_DIRECTORY ||
	    entry->type == UNPACK_ODD)
		return;
	if (tree->layers && slash != NULL && strncmp(slash + 1, ".wh.", 4) == 0)
		return;
	file = mem_print("%s!%s", l->name, entry->path);
	store_note_file(
		l->notes, NOTE_WARN, file, NOTE_NOWHERE, "%s",
		entry->type == UNPACK_HARD
			? "a hard link to what is not in the archive; it is left out"
			: "the path is too long or too deep, or its links go in circles; it is left out");
	free(file);
}

static void apply(struct lay *l, struct tree *tree, uint32_t unit)
{
	const struct unpacked_unit *from = &l->unpacked->units[unit];

	for (size_t i = 0; i < from->count; i++) {
		const struct unpacked_entry *entry = &from->all[i];
		const struct node *node = put(tree, entry);

		if (node == NULL)
			left_out(l, tree, entry);
		else if (node->kind == NODE_ODD && sniff_name(entry->path))
			store_note_file(l->notes, NOTE_INFO, l->name, NOTE_NOWHERE,
					"'%s' is a FIFO, a socket or a device; it is not read", entry->path);
	}
	tree->layer++;
	if (tree->work > LIMIT_IMAGE_WORK)
		store_note_file(l->notes, NOTE_ERROR, l->name, NOTE_NOWHERE,
				"its links and layers are too entangled; not all of it is read");
}

/* Marks what leads to something that has content. */
/* NOLINTNEXTLINE(misc-no-recursion): no deeper than LIMIT_IMAGE_PARTS */
static bool enliven(struct node *node)
{
	node->live = node->kind == NODE_FILE || node->unit != 0 || node->wanted;
	for (struct node *child = node->child; child != NULL; child = child->next)
		if (child->kind != NODE_GONE && enliven(child))
			node->live = true;
	return node->live;
}

static void build(struct lay *l, uint32_t unit, struct folder *folder, struct tree *ret_tree);

static bool lay_file(struct lay *l, const struct node *node, struct folder *folder)
{
	char from[16];
	int fd = folder_fd(l, folder);

	snprintf(from, sizeof(from), "%u", node->stage);
	if (fd < 0)
		return false;
	if (linkat(l->unpacked->stage, from, fd, node->name, 0) == 0 || errno == EEXIST)
		return true;
	/* A file system without hard links. */
	return renameat(l->unpacked->stage, from, fd, node->name) == 0 || failed(l);
}

static bool lay_link(struct lay *l, struct tree *tree, const struct node *node, struct folder *folder)
{
	const struct node *to = tree_follow(tree, node);
	int fd;

	/* One that leads nowhere is worth a note where there are stores; one to what is not read is not. */
	if (to != NULL && to->kind != NODE_GONE ? !to->live : !node->parent->live)
		return true;
	fd = folder_fd(l, folder);
	if (fd < 0)
		return false;
	return symlinkat(node->target, fd, node->name) == 0 || errno == EEXIST || errno == ENOENT ||
	       errno == ENAMETOOLONG || failed(l);
}

/* NOLINTNEXTLINE(misc-no-recursion): no deeper than LIMIT_IMAGE_DEPTH */
static bool lay_unit(struct lay *l, const struct node *node, struct folder *folder)
{
	char *name = mem_print("%s!", node->name);
	struct folder inner = { .up = folder, .name = name, .fd = -1 };

	if (strlen(name) > NAME_MAX)
		store_note_file(l->notes, NOTE_WARN, l->name, NOTE_NOWHERE,
				"the archive '%s' in it has too long a name to be read", node->path);
	else
		build(l, node->unit, &inner, NULL);
	folder_done(&inner);
	free(name);
	return l->err.code == ERR_NONE;
}

/* NOLINTNEXTLINE(misc-no-recursion): no deeper than LIMIT_IMAGE_PARTS for each archive */
static bool lay_tree(struct lay *l, struct tree *tree, const struct node *node, struct folder *folder)
{
	bool ok = !node->wanted || folder_fd(l, folder) >= 0;

	for (const struct node *child = node->child; ok && child != NULL; child = child->next) {
		struct folder below = { .up = folder, .name = child->name, .fd = -1 };

		if (child->unit != 0)
			ok = lay_unit(l, child, folder);
		else if (child->kind == NODE_FILE)
			ok = lay_file(l, child, folder);
		else if (child->kind == NODE_LINK)
			ok = lay_link(l, tree, child, folder);
		else if (child->kind == NODE_DIRECTORY)
			ok = lay_tree(l, tree, child, &below);
		folder_done(&below);
	}
	return ok;
}

/* --- archives and images --- */

/* "/linux/arm64!": a folder for each part, the last with the mark. */
/* NOLINTNEXTLINE(misc-no-recursion): no deeper than LIMIT_IMAGE_DEPTH */
static void lay_other(struct lay *l, struct tree *tree, const struct layered *image, struct folder *folder)
{
	char *path = mem_print("/%s!", image->name), *rest = path + 1;
	struct folder parts[8];
	size_t count = 0;
	bool ok = strstr(path, "/../") == NULL && strstr(path, "//") == NULL && strlen(path) < NAME_MAX;

	while (ok && count < sizeof(parts) / sizeof(parts[0])) {
		char *slash = strchr(rest, '/');

		parts[count] = (struct folder){ count == 0 ? folder : &parts[count - 1], rest, -1 };
		count++;
		if (slash == NULL)
			break;
		*slash = '\0';
		rest = slash + 1;
	}
	if (count > 0 && rest[strlen(rest) - 1] == '!')
		lay_tree(l, tree, tree->top, &parts[count - 1]);
	while (count-- > 0)
		folder_done(&parts[count]);
	free(path);
}

static void overlay(struct lay *l, const struct layers *layers, const struct layered *image, struct tree *ret)
{
	tree_begin(ret, !layers->plain);
	for (size_t i = 0; i < image->count; i++)
		apply(l, ret, image->units[i]);
	enliven(ret->top);
}

static void tell_others(struct lay *l, const struct layers *layers)
{
	struct image *to = l->image;

	for (size_t i = 0; i < layers->count; i++) {
		if (i == layers->chosen)
			continue;
		to->others = mem_grow(to->others, to->other_count, sizeof(*to->others));
		to->others[to->other_count++] = mem_print("/%s!", layers->all[i].name);
		store_note_file(l->notes, NOTE_INFO, l->name, NOTE_NOWHERE,
				"'%s' is read; there is also '%s', which is %s!/%s!/",
				layers->all[layers->chosen].name, layers->all[i].name, l->name,
				layers->all[i].name);
	}
}

/* The files of one archive into a folder; *ret_tree, if not NULL, is what they are, to be freed. */
/* NOLINTNEXTLINE(misc-no-recursion): no deeper than LIMIT_IMAGE_DEPTH */
static void build(struct lay *l, uint32_t unit, struct folder *folder, struct tree *ret_tree)
{
	struct tree own, tree;
	struct layers layers = { 0 };

	tree_begin(&own, false);
	apply(l, &own, unit);
	layers_find(l->unpacked, &own, l->name, l->notes, &layers);
	if (layers.count == 0) {
		tree = own;
		enliven(tree.top);
	} else {
		tree_done(&own);
		overlay(l, &layers, &layers.all[layers.chosen], &tree);
	}
	lay_tree(l, &tree, tree.top, folder);
	for (size_t i = 0; i < layers.count && l->err.code == ERR_NONE; i++)
		if (i != layers.chosen) {
			struct tree other;

			overlay(l, &layers, &layers.all[i], &other);
			lay_other(l, &other, &layers.all[i], folder);
			tree_done(&other);
		}
	if (ret_tree != NULL) {
		tell_others(l, &layers);
		if (layers.count > 0) {
			l->image->environment = layers.all[layers.chosen].environment;
			layers.all[layers.chosen].environment = (struct texts){ 0 };
		}
		*ret_tree = tree;
	} else {
		tree_done(&tree);
	}
	layers_done(&layers);
}

static bool has(struct tree *tree, const char *path)
{
	const struct node *node = tree_find(tree, path);

	return node != NULL && node->kind != NODE_GONE;
}

bool lay_out(const struct unpacked *unpacked, const char *name, const char *asked, int dir,
	     struct store *notes, struct image *image, char **ret_again, struct err *err)
{
	struct lay l = { .unpacked = unpacked, .notes = notes, .image = image, .name = name };
	struct folder top = { .fd = dir };
	const struct node *node;
	struct tree tree;

	*ret_again = NULL;
	build(&l, 0, &top, &tree);
	image->files = unpacked->files;
	image->system = has(&tree, "/etc/os-release") || has(&tree, "/usr/lib/os-release");
	node = asked != NULL ? tree_find(&tree, asked) : NULL;
	if (node != NULL && node->kind == NODE_ODD)
		image->odd = mem_print("a FIFO, a socket or a device");
	if (node != NULL && node->kind == NODE_OTHER && node->unit == 0 && strcmp(node->path, asked) != 0)
		*ret_again = mem_print("%s", node->path);
	tree_done(&tree);
	if (l.err.code != ERR_NONE)
		*err = l.err;
	return l.err.code == ERR_NONE;
}
