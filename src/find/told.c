/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "find/told.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/root.h"
#include "find/scout.h"
#include "find/setting.h"

static char *word(const char **text)
{
	size_t len;
	char *ret;

	*text += strspn(*text, " \t");
	len = strcspn(*text, " \t");
	ret = len > 0 ? mem_string(*text, len) : NULL;
	*text += len;
	return ret;
}

void told_read(const struct site *site, const char *text, struct told *ret)
{
	char *next;

	*ret = (struct told){ .site = site };
	ret->what = word(&text);
	while ((next = word(&text)) != NULL) {
		if (strcmp(next, "for") == 0)
			ret->whom = text + strspn(text, " \t");
		else if (strcmp(next, "replaces") == 0)
			ret->replaces = true;
		else if (strcmp(next, "adds") != 0 && ret->key == NULL) {
			ret->key = next;
			continue;
		}
		free(next);
		if (ret->whom != NULL)
			break;
	}
}

void told_done(struct told *told)
{
	free(told->what);
	free(told->key);
}

/* A variable that holds a list is parted at colons, unless a directory is called so. */
static void add_paths(const struct scout *scout, const char *value, size_t len, struct texts *to)
{
	char *all = mem_string(value, len), *rest = all, *path;

	if (root_has(scout->root, all)) {
		texts_take(to, all);
		return;
	}
	while ((path = strsep(&rest, ":")) != NULL)
		if (path[0] == '/')
			texts_add(to, path);
	free(all);
}

/* The spot of a file that somebody is told to use; one that is not there is a spot too, which cannot be read.
 */
static struct spot *target(struct scout *scout, const char *name, const char *path)
{
	bool is_new;
	struct spot *spot = scout_spot(scout, name, NULL, path, &is_new);

	if (spot == NULL) {
		spot = spots_named(scout->spots, name);
		if (spot == NULL && scout->spots->cut)
			return NULL;
		if (spot == NULL || strcmp(spot->place.paths[0], path) != 0) {
			spot = spots_add(scout->spots, name, NULL);
			place_add_path(&spot->place, path);
			is_new = true;
		}
	}
	if (is_new) {
		spot->site = mem_string(name, strcspn(name, ":"));
		spot->write = mem_string("edit", 4);
		spot->writable = scout_may_write(scout, spot);
	}
	return spot;
}

static void add_users(struct spot *spot, const struct told *told, const char *how)
{
	if (told->whom != NULL) {
		char *user = mem_print("%s (%s)", told->whom, how);

		texts_add_new(&spot->used_by, user);
		free(user);
	}
	for (size_t i = 0; told->whom == NULL && i < told->site->used_by.count; i++) {
		char *user = mem_print("%s (%s)", told->site->used_by.all[i], how);

		texts_add_new(&spot->used_by, user);
		free(user);
	}
}

static void note(struct spot *spot, const struct told *told, const char *whom, const char *how,
		 const char *path)
{
	char *text = mem_print("%s: %s %s %s", how, told->whom != NULL ? told->whom : whom,
			       told->replaces ? "reads instead" : "reads besides", path);

	texts_add_new(&spot->notes, text);
	free(text);
}

/* By which name, if by any but its own, the site has this spot. */
static const char *alias_of(const struct spot *spot, const struct site *site)
{
	size_t len = strlen(site->name);

	for (size_t i = 0; i < spot->alias_count; i++)
		if (strncmp(spot->aliases[i].name, site->name, len) == 0 && spot->aliases[i].name[len] == ':')
			return spot->aliases[i].name;
	return NULL;
}

/* Every spot of the site but this one is no longer read, or less than before. */
static void overrule(struct scout *scout, const struct told *told, const struct spot *by, const char *how,
		     const char *path)
{
	for (size_t i = 0; i < scout->spots->count; i++) {
		struct spot *spot = &scout->spots->all[i];
		bool own = spot->site != NULL && strcmp(spot->site, told->site->name) == 0;
		const char *alias = alias_of(spot, told->site);

		if (spot == by || (!own && alias == NULL))
			continue;
		if (own && told->replaces && told->whom == NULL && spot->state == SPOT_EFFECTIVE) {
			spot->state = SPOT_SHADOWED;
			spot->by = mem_print("%s, %s", how, path);
		} else {
			note(spot, told, own ? "its program" : told->site->name, how, path);
		}
	}
}

static void apply(struct scout *scout, const struct told *told, const char *name, const char *how,
		  const char *path)
{
	struct spot *spot = target(scout, name, path);

	if (spot == NULL)
		return;
	add_users(spot, told, how);
	overrule(scout, told, spot, how, path);
}

static void by_environment(struct scout *scout, const struct told *told)
{
	const char *value = expand_value(&scout->expand, told->what);
	struct texts paths = { 0 };
	char *name = mem_print("env:%s", told->what);

	if (value != NULL && told->key != NULL) {
		value = strstr(value, told->key);
		if (value != NULL) {
			value += strlen(told->key);
			value += value[0] == '"';
			add_paths(scout, value, strcspn(value, " \t\""), &paths);
		}
	} else if (value != NULL) {
		add_paths(scout, value, strlen(value), &paths);
	}
	for (size_t i = 0; i < paths.count; i++)
		apply(scout, told, name, told->what, paths.all[i]);
	texts_done(&paths);
	free(name);
}

/* "~/", "$HOME/" and "${HOME}/" are the home in which the file lies. NULL: it is no path that is known here.
 */
static char *told_path(struct bytes value, const char *home)
{
	static const char *const heads[] = { "~/", "$HOME/", "${HOME}/" };

	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]) && home != NULL; i++) {
		size_t len = strlen(heads[i]);

		if (bytes_start(value, bytes_of(heads[i])))
			return mem_print("%s/%.*s", home, (int)(value.len - len),
					 (const char *)value.at + len);
	}
	return value.len > 0 && value.at[0] == '/' ? mem_string((const char *)value.at, value.len) : NULL;
}

/* One value that a file sets. */
static void take_value(struct scout *scout, const struct told *told, struct bytes value, const char *how,
		       const char *home)
{
	char *path = told_path(value, home);
	char *name = path != NULL ? mem_print("%s:%s", told->site->name, path) : NULL;

	if (path != NULL)
		apply(scout, told, name, how, path);
	free(name);
	free(path);
}

/* "json:a.b.c": a string there, or an array of them. */
static void by_json(struct scout *scout, const struct told *told, const char *file, const char *home,
		    const struct buf *text)
{
	struct json_tokener *tokener = json_tokener_new_ex(LIMIT_JSON_DEPTH);
	struct json_object *whole = json_tokener_parse_ex(tokener, (const char *)text->at, (int)text->len),
			   *at = whole;
	char *keys = mem_string(told->key + 5, strlen(told->key + 5)), *rest = keys, *key;
	char *how = mem_print("%s, %s", file, told->key + 5);
	size_t count;

	while (at != NULL && (key = strsep(&rest, ".")) != NULL)
		if (!json_object_is_type(at, json_type_object) || !json_object_object_get_ex(at, key, &at))
			at = NULL;
	count = json_object_is_type(at, json_type_array) ? json_object_array_length(at) : at != NULL;
	for (size_t i = 0; i < count; i++) {
		struct json_object *one =
			json_object_is_type(at, json_type_array) ? json_object_array_get_idx(at, i) : at;

		if (json_object_is_type(one, json_type_string))
			take_value(scout, told, bytes_of(json_object_get_string(one)), how, home);
	}
	free(how);
	free(keys);
	json_object_put(whole);
	json_tokener_free(tokener);
}

static void by_file(struct scout *scout, const struct told *told, const char *file, const char *home)
{
	struct buf text = { 0 };
	struct setting setting;

	if (!scout_read(scout->root, file, &text)) {
		buf_done(&text);
		return;
	}
	if (strncmp(told->key, "json:", 5) == 0) {
		by_json(scout, told, file, home, &text);
	} else {
		setting_begin(&setting, buf_view(&text), told->key);
		while (setting_next(&setting)) {
			char *how = mem_print("%s line %u, %s", file, setting.line, told->key);

			take_value(scout, told, setting.value, how, home);
			free(how);
		}
	}
	buf_done(&text);
}

static void by_configuration(struct scout *scout, const struct told *told)
{
	bool of_home = told->what[0] == '~';

	for (size_t i = 0; i < (of_home ? scout->homes.count : 1); i++) {
		const char *home = of_home ? scout->homes.all[i] : NULL;
		char *pattern = mem_print("%s%s", of_home ? home : "", told->what + of_home);
		struct texts files = { 0 };

		expand_path(&scout->expand, pattern, &files);
		for (size_t k = 0; k < files.count; k++)
			by_file(scout, told, files.all[k], home);
		texts_done(&files);
		free(pattern);
	}
}

void scout_told(struct scout *scout)
{
	for (size_t i = 0; i < scout->sites.count; i++) {
		const struct site *site = &scout->sites.all[i];
		struct told told;

		for (size_t k = 0; k < site->config.count; k++) {
			told_read(site, site->config.all[k], &told);
			if (told.what != NULL && told.key != NULL)
				by_configuration(scout, &told);
			told_done(&told);
		}
		for (size_t k = 0; k < site->env.count; k++) {
			told_read(site, site->env.all[k], &told);
			if (told.what != NULL)
				by_environment(scout, &told);
			told_done(&told);
		}
	}
}
