/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The rows of sites.conf as patterns, for who cannot look but must choose what to unpack. */
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "find/sites.h"
#include "find/survey.h"

/* What the survey looks into besides what rows name. */
static const char *const always[] = {
	"/etc/passwd",
	"/etc/environment",
	"/etc/ca-certificates.conf",
	"/etc/anchorage/sites.d/*",
	"/etc/alternatives/java",
	"~/.conda/environments.txt",
};

/* "." and ".." parts have no place in a pattern. */
static char *tidy(const char *pattern)
{
	char *ret = mem_zero(strlen(pattern) + 2);
	size_t len = 0;

	while (*(pattern += strspn(pattern, "/")) != '\0') {
		size_t part = strcspn(pattern, "/");

		if (part == 2 && strncmp(pattern, "..", 2) == 0) {
			while (len > 0 && ret[--len] != '/')
				;
		} else if (part != 1 || pattern[0] != '.') {
			ret[len++] = '/';
			memcpy(ret + len, pattern, part);
			len += part;
		}
		pattern += part;
	}
	ret[len] = '\0';
	return ret;
}

/* A home is root's or below /home: who else lives in an image is not known before it is read. */
static void add(struct texts *to, const char *pattern)
{
	static const char *const homes[] = { "/root", "/home/*" };
	char *whole;

	if (pattern[0] == '$')
		return;
	for (size_t i = 0; i < (pattern[0] == '~' ? sizeof(homes) / sizeof(homes[0]) : 1); i++) {
		char *path = pattern[0] == '~' ? mem_print("%s%s", homes[i], pattern + 1)
					       : mem_string(pattern, strlen(pattern));

		whole = tidy(path);
		if (!texts_have(to, whole))
			texts_add(to, whole);
		free(whole);
		free(path);
	}
}

static bool directory_kind(const struct site *site)
{
	static const char *const kinds[] = { "dir", "hashdir", "p11-kit" };

	for (size_t i = 0; site->kind != NULL && i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(site->kind, kinds[i]) == 0)
			return true;
	return false;
}

static void add_below(struct texts *to, const char *dir, const char *path, const char *end)
{
	char *pattern = mem_print("%s%s%s%s", dir, dir[0] != '\0' ? "/" : "", path, end);

	add(to, pattern);
	free(pattern);
}

/* The paths of a site below one directory, and what is looked for beside them. */
static void add_site(struct texts *to, const struct site *site, const char *dir)
{
	for (size_t i = 0; i < site->paths.count; i++) {
		const char *path = site->paths.all[i], *name = strrchr(path, '/');
		char *beside = mem_string(path, name != NULL ? (size_t)(name - path) + 1 : 0);

		add_below(to, dir, path, directory_kind(site) ? "/**" : "");
		if (site->at != NULL)
			add_below(to, dir, beside, "*");
		for (size_t k = 0; k < site->decoys.count; k++) {
			char *file = mem_print("%s%.*s", beside, (int)strcspn(site->decoys.all[k], " \t"),
					       site->decoys.all[k]);

			add_below(to, dir, file, "");
			free(file);
		}
		free(beside);
	}
	for (size_t i = 0; i < site->unless.count; i++)
		add_below(to, site->unless.all[i][0] == '/' ? "" : dir, site->unless.all[i], "");
}

static void add_group(struct texts *to, const struct site *site, const struct group *group)
{
	for (size_t i = 0; i < group->bases.count; i++) {
		if (group->code != NULL && strcmp(group->code, "profiles") == 0)
			add_below(to, group->bases.all[i], "profiles.ini", "");
		for (size_t k = 0; k < group->tails.count; k++) {
			char *dir = mem_print("%s/%s", group->bases.all[i], group->tails.all[k]);

			add_site(to, site, dir);
			free(dir);
		}
	}
}

bool survey_patterns(const struct root *root, const char *path, struct texts *ret, struct err *err)
{
	struct sites sites;

	if (!sites_load(root, path, &sites, err))
		return false;
	for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++)
		add(ret, always[i]);
	for (size_t i = 0; i < sites.count; i++) {
		const struct site *site = &sites.all[i];
		const struct group *group = site->group != NULL ? sites_group(&sites, site->group) : NULL;

		if (group != NULL)
			add_group(ret, site, group);
		else
			add_site(ret, site, "");
		for (size_t k = 0; k < site->config.count; k++) {
			char *file = mem_string(site->config.all[k], strcspn(site->config.all[k], " \t"));

			add(ret, file);
			free(file);
		}
	}
	sites_done(&sites);
	return true;
}

/* A pattern; `name` is its last part, `literal` how much of it stands before the first wildcard. */
struct wanted_path {
	char *pattern;
	const char *name;
	size_t literal;
	bool below; /* all that is in it too */
};

static bool plain(const struct wanted_path *path)
{
	return !path->below && strpbrk(path->name, "*?[") == NULL;
}

static int by_name(const void *a, const void *b)
{
	const struct wanted_path *x = a, *y = b;

	if (plain(x) != plain(y))
		return plain(x) ? -1 : 1;
	return strcmp(x->name, y->name);
}

bool survey_wanted(const struct root *root, const char *sites, struct wanted_paths *ret, struct err *err)
{
	struct texts patterns = { 0 };

	*ret = (struct wanted_paths){ 0 };
	if (!survey_patterns(root, sites, &patterns, err))
		return false;
	ret->all = mem_zero((patterns.count + 1) * sizeof(*ret->all));
	ret->count = patterns.count;
	for (size_t i = 0; i < patterns.count; i++) {
		struct wanted_path *path = &ret->all[i];
		size_t len = strlen(patterns.all[i]);

		path->below = len > 3 && strcmp(patterns.all[i] + len - 3, "/**") == 0;
		path->pattern = mem_string(patterns.all[i], path->below ? len - 3 : len);
		path->name = strrchr(path->pattern, '/') + 1;
		path->literal = strcspn(path->pattern, "*?[");
	}
	if (ret->count > 1)
		qsort(ret->all, ret->count, sizeof(*ret->all), by_name);
	while (ret->plain < ret->count && plain(&ret->all[ret->plain]))
		ret->plain++;
	texts_done(&patterns);
	return true;
}

static bool fits(const struct wanted_path *wanted, const char *path)
{
	return strncmp(wanted->pattern, path, wanted->literal) == 0 &&
	       fnmatch(wanted->pattern, path,
		       FNM_PATHNAME | FNM_PERIOD | (wanted->below ? FNM_LEADING_DIR : 0)) == 0;
}

bool survey_wants(const struct wanted_paths *wanted, const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash != NULL ? slash + 1 : path;
	size_t low = 0, high = wanted->plain;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (strcmp(wanted->all[mid].name, name) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	for (; low < wanted->plain && strcmp(wanted->all[low].name, name) == 0; low++)
		if (fits(&wanted->all[low], path))
			return true;
	for (size_t i = wanted->plain; i < wanted->count; i++)
		if (fits(&wanted->all[i], path))
			return true;
	return false;
}

void wanted_done(struct wanted_paths *wanted)
{
	for (size_t i = 0; i < wanted->count; i++)
		free(wanted->all[i].pattern);
	free(wanted->all);
	*wanted = (struct wanted_paths){ 0 };
}
