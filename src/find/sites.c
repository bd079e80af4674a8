/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 *   file    ::= section*
 *   section ::= "[" NAME "]" line*  |  "[group" NAME "]" line*
 *   line    ::= KEY "=" value       |  blank value      which goes on with the key above
 *
 * Keys that hold lists may be repeated; anchorage's sites.conf(5) has them all.
 */
#include "find/sites.h"

#include <ini.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/root.h"
#include "medium/listing.h"

enum { LINE = 195 }; /* inih cuts lines at 200 bytes, unless it was built otherwise */

enum key_kind {
	KEY_TEXT,  /* one value */
	KEY_LIST,  /* a line is an element */
	KEY_WORDS, /* a word is an element */
};

struct key {
	const char *name;
	enum key_kind kind;
	size_t offset;
};

static const struct key site_keys[] = {
	{ "path", KEY_WORDS, offsetof(struct site, paths) },
	{ "kind", KEY_TEXT, offsetof(struct site, kind) },
	{ "in", KEY_TEXT, offsetof(struct site, group) },
	{ "at", KEY_TEXT, offsetof(struct site, at) },
	{ "prefix", KEY_TEXT, offsetof(struct site, prefix) },
	{ "used-by", KEY_LIST, offsetof(struct site, used_by) },
	{ "env", KEY_LIST, offsetof(struct site, env) },
	{ "config", KEY_LIST, offsetof(struct site, config) },
	{ "from", KEY_WORDS, offsetof(struct site, from) },
	{ "unless", KEY_WORDS, offsetof(struct site, unless) },
	{ "decoy", KEY_LIST, offsetof(struct site, decoys) },
	{ "source", KEY_TEXT, offsetof(struct site, source) },
	{ "besides", KEY_TEXT, offsetof(struct site, besides) },
	{ "owner", KEY_TEXT, offsetof(struct site, owner) },
	{ "write", KEY_TEXT, offsetof(struct site, write) },
	{ "note", KEY_LIST, offsetof(struct site, notes) },
	{ NULL, KEY_TEXT, 0 },
};

static const struct key group_keys[] = {
	{ "base", KEY_WORDS, offsetof(struct group, bases) },
	{ "tail", KEY_WORDS, offsetof(struct group, tails) },
	{ "code", KEY_TEXT, offsetof(struct group, code) },
	{ NULL, KEY_TEXT, 0 },
};

struct reader {
	const char *name;
	struct sites *into;
	struct err *err;
	bool failed;
};

static struct site *site_named(struct sites *sites, const char *name)
{
	for (size_t i = 0; i < sites->count; i++)
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

static void add_words(struct texts *to, const char *value)
{
	while (*(value += strspn(value, " \t\r\n")) != '\0') {
		size_t len = strcspn(value, " \t\r\n");

		texts_take(to, mem_string(value, len));
		value += len;
	}
}

/* Sets a member; a row that is given again in another file takes the place of the former, lists grow. */
static bool set(void *row, const struct key *keys, const char *name, const char *value)
{
	char *member = row;

	for (; keys->name != NULL; keys++) {
		if (strcmp(keys->name, name) != 0)
			continue;
		member += keys->offset;
		if (keys->kind == KEY_WORDS) {
			add_words((struct texts *)(void *)member, value);
		} else if (keys->kind == KEY_LIST) {
			texts_add((struct texts *)(void *)member, value);
		} else {
			char **text = (char **)(void *)member;

			free(*text);
			*text = mem_string(value, strlen(value));
		}
		return true;
	}
	return false;
}

/* inih's callback: 0 would only be counted as an error of some line. */
static int take(void *user, const char *section, const char *name, const char *value)
{
	struct reader *r = user;
	bool group = strncmp(section, "group ", 6) == 0, ok;

	if (r->failed || section[0] == '\0')
		return !r->failed;
	ok = group ? set(group_named(r->into, section + 6), group_keys, name, value)
		   : set(site_named(r->into, section), site_keys, name, value);
	if (!ok) {
		r->failed = true;
		err_set(r->err, ERR_USAGE, "%s: [%s] has a key '%s', which is unknown; see sites.conf(5)",
			r->name, section, name);
	}
	return ok;
}

static bool lines_fit(const char *text, const char *name, struct err *err)
{
	unsigned line = 1;

	for (; *text != '\0'; line++) {
		size_t len = strcspn(text, "\n");

		if (len > LINE)
			return err_set(
				err, ERR_LIMIT,
				"%s: line %u has %zu bytes, %d are allowed; go on in the next, indented",
				name, line, len, LINE);
		text += len + (text[len] == '\n');
	}
	return true;
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

bool sites_read(struct bytes text, const char *name, struct sites *into, struct err *err)
{
	struct reader r = { .name = name, .into = into, .err = err };
	char *string = mem_string((const char *)text.at, text.len);
	int line;
	bool ok = strlen(string) == text.len ||
		  err_set(err, ERR_DAMAGED, "%s: a zero byte, at byte %zu", name, strlen(string));

	ok = ok && lines_fit(string, name, err);
	line = ok ? ini_parse_string(string, take, &r) : 0;
	ok = ok && !r.failed;
	if (ok && line != 0)
		ok = err_set(err, ERR_USAGE, "%s: line %d is no '[section]' and no 'key = value'", name,
			     line);
	free(string);
	return ok && valid(into, name, err);
}

static bool read_file(const struct root *root, const char *path, struct sites *into, struct err *err)
{
	struct buf text = { 0 };
	bool ok = root_read(root, path, &text, err) ? sites_read(buf_view(&text), path, into, err)
						    : err_in(err, "%s", path);

	buf_done(&text);
	return ok;
}

/* Beside the program if it was not installed: then it is of the same build. Owned by the caller. */
static char *own_path(void)
{
	const struct root host = { .fd = -1 };
	char exe[4096], *slash, *path;
	ssize_t len = readlink("/proc/self/exe", exe, sizeof(exe) - 1);

	if (len > 0) {
		exe[len] = '\0';
		slash = strrchr(exe, '/');
		path = mem_print("%.*s/data/sites.conf", (int)(slash != NULL ? slash - exe : 0), exe);
		if (root_is_file(&host, path))
			return path;
		free(path);
	}
	return mem_string(SITES_CONF, strlen(SITES_CONF));
}

bool sites_load(const struct root *root, const char *path, struct sites *ret, struct err *err)
{
	static const char *const more = "/etc/anchorage/sites.d";
	const struct root host = { .fd = -1 };
	struct listing listing = { 0 };
	struct err none = { 0 };
	char *own = path != NULL ? mem_string(path, strlen(path)) : own_path();
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

static void done(void *row, const struct key *keys)
{
	char *member = row;

	for (; keys->name != NULL; keys++)
		if (keys->kind == KEY_TEXT)
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
