/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "find/expand.h"

#include <dirent.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/root.h"

/* A directory that was listed; without names if it cannot be. */
struct expand_dir {
	char *path; /* owned; NULL: the place is free */
	struct expand_name {
		char *name;
		bool leads; /* may be a directory */
	} * names;
	size_t count;
};

void expand_begin(struct expand *expand, const struct root *root, char *const *environment,
		  const struct texts *homes)
{
	*expand = (struct expand){ .root = root, .environment = environment, .homes = homes };
	expand->mask = 255;
	expand->dirs = mem_zero((expand->mask + 1) * sizeof(*expand->dirs));
}

static size_t place_of(const struct expand *expand, const char *path)
{
	size_t hash = 5381;

	for (const char *p = path; *p != '\0'; p++)
		hash = hash * 33 + (unsigned char)*p;
	while (expand->dirs[hash & expand->mask].path != NULL &&
	       strcmp(expand->dirs[hash & expand->mask].path, path) != 0)
		hash++;
	return hash & expand->mask;
}

static void grow(struct expand *expand)
{
	struct expand_dir *old = expand->dirs;
	size_t count = expand->mask + 1;

	expand->mask = 2 * count - 1;
	expand->dirs = mem_zero(2 * count * sizeof(*expand->dirs));
	for (size_t i = 0; i < count; i++)
		if (old[i].path != NULL)
			expand->dirs[place_of(expand, old[i].path)] = old[i];
	free(old);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct expand_name *)a)->name, ((const struct expand_name *)b)->name);
}

static void list(const struct expand *expand, struct expand_dir *dir)
{
	int fd = root_open_at(expand->root, dir->path[0] != '\0' ? dir->path : "/", O_RDONLY | O_DIRECTORY);
	DIR *stream = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *entry;

	if (stream == NULL) {
		if (fd >= 0)
			close(fd);
		return;
	}
	while ((entry = readdir(stream)) != NULL && dir->count < LIMIT_DIRECTORY_ENTRIES) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		dir->names = mem_grow(dir->names, dir->count, sizeof(*dir->names));
		dir->names[dir->count++] = (struct expand_name){
			mem_string(entry->d_name, strlen(entry->d_name)),
			entry->d_type == DT_DIR || entry->d_type == DT_LNK || entry->d_type == DT_UNKNOWN,
		};
	}
	closedir(stream);
	if (dir->count > 1)
		qsort(dir->names, dir->count, sizeof(*dir->names), by_name);
}

/* Borrowed until the next is listed. */
static const struct expand_dir *listed(struct expand *expand, const char *path)
{
	size_t at = place_of(expand, path);

	if (expand->dirs[at].path == NULL) {
		if (2 * ++expand->used > expand->mask)
			grow(expand);
		at = place_of(expand, path);
		expand->dirs[at].path = mem_string(path, strlen(path));
		list(expand, &expand->dirs[at]);
	}
	return &expand->dirs[at];
}

static bool has_name(const struct expand_dir *dir, const char *name, size_t len)
{
	size_t low = 0, high = dir->count;

	while (low < high) {
		size_t mid = (low + high) / 2;
		int order = strncmp(dir->names[mid].name, name, len);

		if (order == 0 && dir->names[mid].name[len] != '\0')
			order = 1;
		if (order == 0)
			return true;
		if (order < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return false;
}

/* Whether a name on the way is known to be absent, without asking the kernel. */
static bool known_absent(const struct expand *expand, const char *path)
{
	for (const char *slash = path; *slash != '\0' && (slash = strchr(slash + 1, '/')) != NULL;) {
		char *parent = mem_string(path, (size_t)(slash - path));
		size_t at = place_of(expand, parent);
		bool known = expand->dirs[at].path != NULL;
		bool absent = known && !has_name(&expand->dirs[at], slash + 1, strcspn(slash + 1, "/"));

		free(parent);
		if (absent)
			return true;
	}
	return false;
}

static bool wild(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (strchr("*?[", text[i]) != NULL)
			return true;
	return false;
}

/* How much of `rest`, which begins with a slash or is empty, has no wildcards. */
static size_t literal(const char *rest)
{
	size_t len = 0;

	while (rest[len] == '/') {
		size_t part = strcspn(rest + len + 1, "/");

		if (wild(rest + len + 1, part))
			break;
		len += 1 + part;
	}
	return len;
}

/* The names in `dir` that fit one part of a pattern, as paths; `leads`: something must be in them. */
static void match(struct expand *expand, const char *dir, const char *part, bool leads, struct texts *to)
{
	const struct expand_dir *all = listed(expand, dir);

	for (size_t i = 0; i < all->count; i++)
		if ((!leads || all->names[i].leads) && fnmatch(part, all->names[i].name, FNM_PERIOD) == 0)
			texts_take(to, mem_print("%s/%s", dir, all->names[i].name));
}

/* Adds what fits a path with wildcards, part by part: all that has been found up to here, and what is next.
 */
static void walk(struct expand *expand, const char *pattern, struct texts *to)
{
	struct texts here = { 0 };

	texts_add(&here, "");
	while (here.count > 0) {
		size_t plain = literal(pattern),
		       len = strcspn(pattern + plain + (pattern[plain] == '/'), "/");
		struct texts next = { 0 };
		char *part = pattern[plain] == '/' ? mem_string(pattern + plain + 1, len) : NULL;

		for (size_t i = 0; i < here.count; i++) {
			char *dir = mem_print("%s%.*s", here.all[i], (int)plain, pattern);

			if (!known_absent(expand, dir)) {
				if (part == NULL)
					texts_add(to, dir);
				else
					match(expand, dir, part, pattern[plain + 1 + len] == '/', &next);
			}
			free(dir);
		}
		texts_done(&here);
		here = next;
		pattern += part != NULL ? plain + 1 + len : 0;
		free(part);
	}
}

const char *expand_value(const struct expand *expand, const char *name)
{
	size_t len = strlen(name);

	for (char *const *e = expand->environment; e != NULL && *e != NULL; e++)
		if (strncmp(*e, name, len) == 0 && (*e)[len] == '=' && (*e)[len + 1] != '\0')
			return *e + len + 1;
	return NULL;
}

/* The home or the variable that it begins with, and no more; its wildcards stay. */
static void homes_of(const struct expand *expand, const char *pattern, struct texts *to)
{
	size_t len = strcspn(pattern, "/");

	if (pattern[0] == '~') {
		for (size_t i = 0; i < expand->homes->count; i++)
			texts_take(to, mem_print("%s%s", expand->homes->all[i], pattern + len));
	} else if (pattern[0] == '$') {
		char *name = mem_string(pattern + 1, len - 1);
		const char *value = expand_value(expand, name);

		if (value != NULL && value[0] == '/')
			texts_take(to,
				   mem_print("%s%s", strcmp(value, "/") == 0 ? "" : value, pattern + len));
		free(name);
	} else {
		texts_add(to, pattern);
	}
}

void expand_path(struct expand *expand, const char *pattern, struct texts *to)
{
	struct texts starts = { 0 };

	if (pattern[0] == '~')
		for (size_t i = 0; i < expand->homes->count; i++)
			listed(expand, expand->homes->all[i]); /* most of what is asked for is not there */
	homes_of(expand, pattern, &starts);
	for (size_t i = 0; i < starts.count; i++)
		walk(expand, starts.all[i], to);
	texts_done(&starts);
}

void expand_done(struct expand *expand)
{
	for (size_t i = 0; expand->dirs != NULL && i <= expand->mask; i++) {
		for (size_t k = 0; k < expand->dirs[i].count; k++)
			free(expand->dirs[i].names[k].name);
		free(expand->dirs[i].names);
		free(expand->dirs[i].path);
	}
	free(expand->dirs);
	*expand = (struct expand){ 0 };
}
