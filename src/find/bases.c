/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Directories that sites are in: by the patterns of a group, and by what code finds besides. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/root.h"
#include "find/scout.h"
#include "find/setting.h"

/* A base while it is gathered. */
struct found {
	struct bases *to;
	const struct root *root;
	struct id {
		dev_t device;
		ino_t node;
	} * seen;
	size_t seen_count;
};

static bool fresh(struct found *found, const char *dir)
{
	struct stat st;

	if (!root_stat(found->root, dir, &st) || !S_ISDIR(st.st_mode))
		return false;
	for (size_t i = 0; i < found->seen_count; i++)
		if (found->seen[i].device == st.st_dev && found->seen[i].node == st.st_ino)
			return false;
	found->seen = mem_grow(found->seen, found->seen_count, sizeof(*found->seen));
	found->seen[found->seen_count++] = (struct id){ st.st_dev, st.st_ino };
	return true;
}

static void add(struct found *found, const char *name, const char *dir, const char *unlisted)
{
	struct bases *to = found->to;

	if (to->count >= LIMIT_BASES || !fresh(found, dir))
		return;
	to->all = mem_grow(to->all, to->count, sizeof(*to->all));
	to->all[to->count++] = (struct base){
		.name = mem_string(name, strlen(name)),
		.dir = mem_string(dir, strlen(dir)),
		.unlisted = unlisted,
	};
}

/* Whether the directory above is a link, as python3 may be one to python3.11. */
static bool below_link(const struct root *root, const char *dir)
{
	char *above = mem_string(dir, (size_t)(strrchr(dir, '/') - dir));
	char *link = root_link(root, above);
	bool is = link != NULL;

	free(link);
	free(above);
	return is;
}

static void add_tails(struct scout *scout, const struct group *group, const char *base, const char *unlisted,
		      struct found *found)
{
	static const char self[] = ".";

	for (size_t i = 0; i < group->tails.count; i++) {
		struct texts dirs = { 0 };
		char *pattern;

		if (strcmp(group->tails.all[i], self) == 0) {
			add(found, base, base, unlisted);
			continue;
		}
		pattern = mem_print("%s/%s", base, group->tails.all[i]);
		expand_path(&scout->expand, pattern, &dirs);
		for (int links = 0; links < 2; links++)
			for (size_t k = 0; k < dirs.count; k++)
				if (below_link(scout->root, dirs.all[k]) == links)
					add(found, base, dirs.all[k], unlisted);
		texts_done(&dirs);
		free(pattern);
	}
}

/* JDKs that nothing but Debian's or Fedora's alternatives point to: HOME/bin/java, HOME/jre/bin/java. */
static void by_alternatives(struct scout *scout, const struct group *group, struct found *found)
{
	static const char *const starts[] = { "/etc/alternatives/java", "/usr/bin/java" };
	static const char end[] = "/bin/java";

	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
		char *path = mem_string(starts[i], strlen(starts[i])), *next;
		size_t len;

		for (unsigned links = 0;
		     links < LIMIT_LINKS && (next = root_link(scout->root, path)) != NULL && next[0] == '/';
		     links++) {
			free(path);
			path = next;
			next = NULL;
		}
		free(next);
		len = strlen(path);
		if (len > strlen(end) && strcmp(path + len - strlen(end), end) == 0) {
			path[len - strlen(end)] = '\0';
			if (strcmp(path, "/usr") != 0)
				add_tails(scout, group, path, NULL, found);
		}
		free(path);
	}
}

/* The environments that conda has made, wherever: a path a line. */
static void by_conda(struct scout *scout, const struct group *group, struct found *found)
{
	for (size_t i = 0; i < scout->homes.count; i++) {
		char *list = mem_print("%s/.conda/environments.txt", scout->homes.all[i]), *line, *rest;
		struct buf text = { 0 };

		if (scout_read(scout->root, list, &text)) {
			buf_byte(&text, '\0');
			rest = (char *)text.at;
			while ((line = strsep(&rest, "\r\n")) != NULL)
				if (line[0] == '/')
					add_tails(scout, group, line, NULL, found);
		}
		buf_done(&text);
		free(list);
	}
}

/*
 * The profiles of Mozilla's programs: the directories that profiles.ini names, in a
 * line Path= which is relative to its own directory unless IsRelative=0, which may
 * stand in front of it or behind. Others beside them are not used.
 */
static void by_profiles(struct scout *scout, const struct group *group, struct found *found)
{
	struct texts tops = { 0 };

	for (size_t i = 0; i < group->bases.count; i++)
		expand_path(&scout->expand, group->bases.all[i], &tops);
	for (size_t i = 0; i < tops.count; i++) {
		char *ini = mem_print("%s/profiles.ini", tops.all[i]);
		struct buf text = { 0 };
		struct setting setting;
		struct texts dirs = { 0 };
		bool listed = scout_read(scout->root, ini, &text);

		setting_begin(&setting, buf_view(&text), "path");
		while (listed && setting_next(&setting)) {
			const char *path = (const char *)setting.value.at;
			bool absolute = setting.value.len > 0 && path[0] == '/';
			char *dir = mem_print("%s%s%.*s", absolute ? "" : tops.all[i], absolute ? "" : "/",
					      (int)setting.value.len, path);

			add(found, dir, dir, NULL);
			free(dir);
		}
		for (size_t k = 0; k < group->tails.count; k++) {
			char *pattern = mem_print("%s/%s", tops.all[i], group->tails.all[k]);

			expand_path(&scout->expand, pattern, &dirs);
			free(pattern);
		}
		for (size_t k = 0; k < dirs.count; k++)
			add(found, dirs.all[k], dirs.all[k],
			    listed ? "profiles.ini, which does not name this profile" : NULL);
		texts_done(&dirs);
		buf_done(&text);
		free(ini);
	}
	texts_done(&tops);
}

static const struct {
	const char *name;
	bool instead; /* of the patterns */
	void (*find)(struct scout *, const struct group *, struct found *);
} codes[] = {
	{ "alternatives", false, by_alternatives },
	{ "conda", false, by_conda },
	{ "profiles", true, by_profiles },
};

/* Directories before links to them, so that a place is called by its own name. */
static void by_patterns(struct scout *scout, const struct group *group, struct found *found)
{
	struct texts bases = { 0 };

	for (size_t i = 0; i < group->bases.count; i++)
		expand_path(&scout->expand, group->bases.all[i], &bases);
	for (int links = 0; links < 2; links++)
		for (size_t i = 0; i < bases.count; i++) {
			char *link = root_link(scout->root, bases.all[i]);

			if ((link != NULL) == links && root_is_directory(scout->root, bases.all[i]))
				add_tails(scout, group, bases.all[i], NULL, found);
			free(link);
		}
	texts_done(&bases);
}

const struct bases *scout_bases(struct scout *scout, const struct group *group)
{
	struct bases *ret = &scout->bases[group - scout->sites.groups];
	struct found found = { .to = ret, .root = scout->root };
	bool instead = false;

	if (ret->known)
		return ret;
	ret->known = true;
	for (size_t i = 0; group->code != NULL && i < sizeof(codes) / sizeof(codes[0]); i++)
		instead = instead || (strcmp(codes[i].name, group->code) == 0 && codes[i].instead);
	if (!instead)
		by_patterns(scout, group, &found);
	for (size_t i = 0; group->code != NULL && i < sizeof(codes) / sizeof(codes[0]); i++)
		if (strcmp(codes[i].name, group->code) == 0)
			codes[i].find(scout, group, &found);
	free(found.seen);
	return ret;
}

void scout_bases_at(struct scout *scout, const struct group *group, const char *base, struct bases *ret)
{
	struct found found = { .to = ret, .root = scout->root };

	*ret = (struct bases){ 0 };
	add_tails(scout, group, base, NULL, &found);
	add(&found, base, base, NULL);
	free(found.seen);
}

void bases_done(struct bases *bases)
{
	for (size_t i = 0; i < bases->count; i++) {
		free(bases->all[i].name);
		free(bases->all[i].dir);
	}
	free(bases->all);
	*bases = (struct bases){ 0 };
}
