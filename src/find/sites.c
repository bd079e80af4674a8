/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 *   file    ::= section*
 *   section ::= "[" NAME "]" line*  |  "[group" NAME "]" line*
 *   line    ::= KEY "=" value       |  blank value      which goes on with the key above
 *
 * Keys that hold lists may be repeated; anchorage's sites.conf(5) has them all.
 */
#include "find/sites.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/root.h"
#include "find/ini.h"
#include "find/own.h"
#include "medium/listing.h"

static const struct ini_key site_keys[] = {
	{ "path", INI_WORDS, offsetof(struct site, paths) },
	{ "kind", INI_TEXT, offsetof(struct site, kind) },
	{ "in", INI_TEXT, offsetof(struct site, group) },
	{ "at", INI_TEXT, offsetof(struct site, at) },
	{ "prefix", INI_TEXT, offsetof(struct site, prefix) },
	{ "used-by", INI_LIST, offsetof(struct site, used_by) },
	{ "env", INI_LIST, offsetof(struct site, env) },
	{ "config", INI_LIST, offsetof(struct site, config) },
	{ "from", INI_WORDS, offsetof(struct site, from) },
	{ "unless", INI_WORDS, offsetof(struct site, unless) },
	{ "decoy", INI_LIST, offsetof(struct site, decoys) },
	{ "source", INI_TEXT, offsetof(struct site, source) },
	{ "besides", INI_TEXT, offsetof(struct site, besides) },
	{ "owner", INI_TEXT, offsetof(struct site, owner) },
	{ "write", INI_TEXT, offsetof(struct site, write) },
	{ "note", INI_LIST, offsetof(struct site, notes) },
	{ NULL, INI_TEXT, 0 },
};

static const struct ini_key group_keys[] = {
	{ "base", INI_WORDS, offsetof(struct group, bases) },
	{ "tail", INI_WORDS, offsetof(struct group, tails) },
	{ "code", INI_TEXT, offsetof(struct group, code) },
	{ NULL, INI_TEXT, 0 },
};

/* From the end: it is asked for each key, and most often of the newest. */
static struct site *site_named(struct sites *sites, const char *name)
{
	for (size_t i = sites->count; i-- > 0;)
		if (strcmp(sites->all[i].name, name) == 0)
			return &sites->all[i];
	sites->all = mem_grow(sites->all, sites->count, sizeof(*sites->all));
	sites->all[sites->count] = (struct site){ .name = mem_string(name, strlen(name)) };
	return &sites->all[sites->count++];
}

static struct group *group_named(struct sites *sites, const char *name)
{
	for (size_t i = 0; i < sites->group_count; i++)
		if (strcmp(sites->groups[i].name, name) == 0)
			return &sites->groups[i];
	sites->groups = mem_grow(sites->groups, sites->group_count, sizeof(*sites->groups));
	sites->groups[sites->group_count] = (struct group){ .name = mem_string(name, strlen(name)) };
	return &sites->groups[sites->group_count++];
}

/* What a row cannot do without, and what it may not say. */
static bool valid(const struct sites *sites, const char *name, struct err *err)
{
	for (size_t i = 0; i < sites->count; i++) {
		const struct site *site = &sites->all[i];

		if (strpbrk(site->name, ": \t") != NULL)
			return err_set(err, ERR_USAGE, "%s: [%s]: no colons or blanks in a name", name,
				       site->name);
		if (site->group != NULL && sites_group(sites, site->group) == NULL)
			return err_set(err, ERR_USAGE, "%s: [%s]: there is no [group %s]", name, site->name,
				       site->group);
		for (size_t k = 0; k < site->paths.count; k++)
			if (site->group == NULL && strchr("/~$", site->paths.all[k][0]) == NULL)
				return err_set(err, ERR_USAGE,
					       "%s: [%s]: path '%s' must begin with '/', '~/' or a variable",
					       name, site->name, site->paths.all[k]);
	}
	return true;
}

/* The row of a section. */
static void *section(void *user, const char *name, const struct ini_key **ret_keys, struct err *err)
{
	struct sites *into = user;

	if (name[0] == '\0') {
		err_set(err, ERR_USAGE, "a key stands before the first [section]");
		return NULL;
	}
	if (strncmp(name, "group ", 6) == 0) {
		*ret_keys = group_keys;
		return group_named(into, name + 6);
	}
	*ret_keys = site_keys;
	return site_named(into, name);
}

bool sites_read(struct bytes text, const char *name, struct sites *into, struct err *err)
{
	return ini_read(text, name, "sites.conf(5)", section, into, err) && valid(into, name, err);
}

static bool read_file(const struct root *root, const char *path, struct sites *into, struct err *err)
{
	struct buf text = { 0 };
	bool ok = root_read(root, path, &text, err) ? sites_read(buf_view(&text), path, into, err)
						    : err_in(err, "%s", path);

	buf_done(&text);
	return ok;
}

bool sites_load(const struct root *root, const char *path, struct sites *ret, struct err *err)
{
	static const char *const more = "/etc/anchorage/sites.d";
	const struct root host = { .fd = -1 };
	struct listing listing = { 0 };
	struct err none = { 0 };
	char *own = path != NULL ? mem_string(path, strlen(path)) : own_path("sites.conf", SITES_CONF);
	bool ok;

	*ret = (struct sites){ 0 };
	ok = read_file(&host, own, ret, err);
	if (!ok && path == NULL && err->code == ERR_ABSENT)
		err_set(err, ERR_ABSENT,
			"%s: the table of sites is not there; it is installed with anchorage", own);
	if (ok && path == NULL && listing_read(root, more, &listing, &none))
		for (size_t i = 0; ok && i < listing.count; i++) {
			char *file = listing_path(more, listing.names[i]);
			size_t len = strlen(file);

			if (len > 5 && strcmp(file + len - 5, ".conf") == 0)
				ok = read_file(root, file, ret, err);
			free(file);
		}
	listing_done(&listing);
	free(own);
	if (!ok)
		sites_done(ret);
	return ok;
}

const struct group *sites_group(const struct sites *sites, const char *name)
{
	for (size_t i = 0; i < sites->group_count; i++)
		if (strcmp(sites->groups[i].name, name) == 0)
			return &sites->groups[i];
	return NULL;
}

static void done(void *row, const struct ini_key *keys)
{
	char *member = row;

	for (; keys->name != NULL; keys++)
		if (keys->kind == INI_TEXT)
			free(*(char **)(void *)(member + keys->offset));
		else
			texts_done((struct texts *)(void *)(member + keys->offset));
}

void sites_done(struct sites *sites)
{
	for (size_t i = 0; i < sites->count; i++) {
		free(sites->all[i].name);
		done(&sites->all[i], site_keys);
	}
	for (size_t i = 0; i < sites->group_count; i++) {
		free(sites->groups[i].name);
		done(&sites->groups[i], group_keys);
	}
	free(sites->all);
	free(sites->groups);
	*sites = (struct sites){ 0 };
}
