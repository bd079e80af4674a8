/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "find/survey.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/root.h"
#include "find/find.h"
#include "find/homes.h"
#include "find/mozilla.h"
#include "find/scout.h"
#include "find/system.h"

bool scout_read(const struct root *root, const char *path, struct buf *ret)
{
	struct stat st;
	struct err none = { 0 };
	int fd = root_open_at(root, path, O_RDONLY);
	bool ok = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size <= LIMIT_CONFIG_SIZE &&
		  root_read_fd(fd, ret, &none);

	if (fd >= 0)
		close(fd);
	return ok;
}

/* The variables that pam_env(8) gives to every session: NAME=value, with "export" or quotes perhaps. */
static void read_environment(struct scout *scout)
{
	struct buf text = { 0 };
	char *rest, *line;

	if (scout_read(scout->root, "/etc/environment", &text)) {
		buf_byte(&text, '\0');
		rest = (char *)text.at;
		while ((line = strsep(&rest, "\r\n")) != NULL) {
			char *equals = strchr(line, '='), *value;
			size_t len;

			line += strncmp(line, "export ", 7) == 0 ? 7 : 0;
			if (equals == NULL || line[0] == '#')
				continue;
			value = equals + 1;
			value += value[0] == '"' || value[0] == '\'';
			len = strcspn(value, "\"'");
			texts_take(&scout->environment,
				   mem_print("%.*s=%.*s", (int)(equals - line), line, (int)len, value));
		}
	}
	buf_done(&text);
}

static bool begin(struct scout *scout, const struct survey *survey, struct spots *spots, struct err *err)
{
	*scout = (struct scout){ .survey = survey, .root = survey->root, .spots = spots };
	if (!sites_load(survey->root, survey->sites, &scout->sites, err))
		return false;
	for (size_t i = 0; survey->image != NULL && i < survey->image->count; i++)
		texts_add(&scout->environment, survey->image->all[i]);
	if (survey->environment == NULL)
		read_environment(scout);
	for (char *const *e = survey->environment; e != NULL && *e != NULL; e++)
		texts_add(&scout->environment, *e);
	scout->variables = mem_zero((scout->environment.count + 1) * sizeof(*scout->variables));
	for (size_t i = 0; i < scout->environment.count; i++)
		scout->variables[i] = scout->environment.all[i];
	expand_begin(&scout->expand, scout->root, scout->variables, &scout->homes);
	homes_find(scout->root, expand_value(&scout->expand, "HOME"), survey->everybody, &scout->homes);
	scout->bases = mem_zero((scout->sites.group_count + 1) * sizeof(*scout->bases));
	return true;
}

static void done(struct scout *scout)
{
	for (size_t i = 0; i < scout->sites.group_count; i++)
		bases_done(&scout->bases[i]);
	free(scout->bases);
	expand_done(&scout->expand);
	free(scout->variables);
	texts_done(&scout->environment);
	texts_done(&scout->homes);
	sites_done(&scout->sites);
}

static bool has_path(const struct spot *spot, const char *path)
{
	for (size_t i = 0; i < spot->place.path_count; i++)
		if (strcmp(spot->place.paths[i], path) == 0)
			return true;
	return false;
}

static struct spot *known(struct scout *scout, const char *path, const struct stat *st)
{
	for (size_t i = 0; i < scout->spots->count; i++)
		if (has_path(&scout->spots->all[i], path))
			return &scout->spots->all[i];
	return spots_at(scout->spots, st->st_dev, st->st_ino);
}

struct spot *scout_spot(struct scout *scout, const char *name, const char *kind, const char *path,
			bool *ret_new)
{
	struct stat st;
	struct spot *spot;
	char *unique;

	*ret_new = false;
	if (!root_stat(scout->root, path, &st) || !(S_ISREG(st.st_mode) || S_ISDIR(st.st_mode)))
		return NULL;
	spot = known(scout, path, &st);
	if (spot != NULL) {
		spot_alias(spot, name, path);
		return spot;
	}
	if (scout->spots->count >= LIMIT_SPOTS) {
		scout->spots->cut = true;
		return NULL;
	}
	unique = spots_named(scout->spots, name) == NULL
			 ? mem_string(name, strlen(name))
			 : mem_print("%.*s:%s", (int)strcspn(name, ":"), name, path);
	spot = spots_add(scout->spots, unique, kind);
	place_add_path(&spot->place, path);
	spot->changed = st.st_mtime;
	spot->device = st.st_dev;
	spot->inode = st.st_ino;
	spot->size = S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0;
	*ret_new = true;
	free(unique);
	return spot;
}

static char *copy(const char *text)
{
	return text != NULL ? mem_string(text, strlen(text)) : NULL;
}

bool scout_may_write(const struct scout *scout, const struct spot *spot)
{
	static const char *const hows[] = { "edit", "overlay", "tool" };
	const char *how = spot->write != NULL ? spot->write : "edit";

	for (size_t i = 0; i < sizeof(hows) / sizeof(hows[0]); i++)
		if (strncmp(how, hows[i], strlen(hows[i])) == 0)
			return root_may_write(scout->root, spot->place.paths[0]);
	return false;
}

static void shadow(struct spot *spot, enum spot_state state, const char *by)
{
	if (spot->state != SPOT_EFFECTIVE)
		return;
	spot->state = state;
	spot->by = copy(by);
}

/* "FILE TEXT": the file, which is relative to the store's directory, holds the text. */
static void look_for_decoy(struct scout *scout, const char *decoy, const char *path, struct spot *spot)
{
	size_t len = strcspn(decoy, " \t"), dir = (size_t)(strrchr(path, '/') - path) + 1;
	const char *text = decoy + len + strspn(decoy + len, " \t");
	char *file = mem_print("%.*s%.*s", (int)dir, path, (int)len, decoy);
	struct buf content = { 0 };

	if (text[0] != '\0' && scout_read(scout->root, file, &content) && content.len > 0 &&
	    memmem(content.at, content.len, text, strlen(text)) != NULL)
		shadow(spot, SPOT_DECOY, text);
	buf_done(&content);
	free(file);
}

/* Something in front of it: "unless" is relative to the base, or absolute. */
static void look_for_better(struct scout *scout, const char *unless, const char *base, struct spot *spot)
{
	char *pattern =
		unless[0] == '/' || unless[0] == '$' ? copy(unless) : mem_print("%s/%s", base, unless);
	struct texts paths = { 0 };
	struct stat st;

	expand_path(&scout->expand, pattern, &paths);
	for (size_t i = 0; i < paths.count; i++)
		if (root_stat(scout->root, paths.all[i], &st) &&
		    (st.st_ino != spot->inode || st.st_dev != spot->device))
			shadow(spot, SPOT_SHADOWED, paths.all[i]);
	texts_done(&paths);
	free(pattern);
}

static void add_texts(struct texts *to, const struct texts *from)
{
	for (size_t i = 0; i < from->count; i++)
		texts_add_new(to, from->all[i]);
}

/* A file that a row found. */
static void find_file(struct scout *scout, const struct site *site, const struct base *base,
		      const char *label, const char *path)
{
	bool directory = site->at != NULL && strcmp(site->at, "directory") == 0, is_new;
	const char *prefix = site->prefix != NULL ? site->prefix : site->name;
	char *place = directory ? mem_string(path, (size_t)(strrchr(path, '/') - path)) : copy(path);
	char *name =
		label == NULL ? copy(prefix) : mem_print("%s:%s", prefix, label[0] != '\0' ? label : place);
	struct stat st;
	struct spot *spot = root_stat(scout->root, path, &st)
				    ? scout_spot(scout, name, site->kind, place, &is_new)
				    : NULL;

	if (spot != NULL && is_new) {
		spot->site = copy(site->name);
		spot->changed = st.st_mtime;
		spot->owner = copy(site->owner);
		spot->write = copy(site->write);
		spot->writable = scout_may_write(scout, spot);
		add_texts(&spot->notes, &site->notes);
		if (site->source != NULL && strcmp(site->source, "yes") == 0)
			spot->state = SPOT_SOURCE;
		for (size_t i = 0; i < site->decoys.count; i++)
			look_for_decoy(scout, site->decoys.all[i], path, spot);
		for (size_t i = 0; i < site->unless.count; i++)
			look_for_better(scout, site->unless.all[i], base != NULL ? base->dir : "", spot);
		if (base != NULL && base->unlisted != NULL)
			shadow(spot, SPOT_SHADOWED, base->unlisted);
	}
	if (spot != NULL && !is_new && spot->owner == NULL && site->owner != NULL) {
		spot->owner = copy(site->owner); /* the system's store knows nothing of itself */
		free(spot->write);
		spot->write = copy(site->write);
	}
	if (spot != NULL)
		add_texts(&spot->used_by, &site->used_by);
	free(name);
	free(place);
}

static void find_below(struct scout *scout, const struct site *site, const struct base *base,
		       const char *path)
{
	char *pattern = mem_print("%s/%s", base->dir, path);
	struct texts files = { 0 };

	expand_path(&scout->expand, pattern, &files);
	for (size_t i = 0; i < files.count; i++)
		find_file(scout, site, base, site->prefix != NULL ? "" : base->name, files.all[i]);
	texts_done(&files);
	free(pattern);
}

/* A path that is absolute: the row's name alone is the store's, unless there may be several. */
static void find_absolute(struct scout *scout, const struct site *site, const char *path)
{
	struct texts files = { 0 };
	bool several = site->prefix != NULL || strpbrk(path, "*?[") != NULL;

	expand_path(&scout->expand, path, &files);
	for (size_t i = 0; i < files.count; i++)
		find_file(scout, site, NULL, several ? "" : NULL, files.all[i]);
	texts_done(&files);
}

/* A directory that the patterns of the group do not lead to, but the user. */
static void find_at(struct scout *scout, const struct site *site, const char *dir)
{
	const struct group *group = site->group != NULL ? sites_group(&scout->sites, site->group) : NULL;
	struct bases bases = { 0 };

	if (group != NULL)
		scout_bases_at(scout, group, dir, &bases);
	for (size_t i = 0; i < bases.count; i++)
		for (size_t k = 0; k < site->paths.count; k++)
			find_below(scout, site, &bases.all[i], site->paths.all[k]);
	bases_done(&bases);
}

static void find_site(struct scout *scout, const struct site *site)
{
	const struct group *group = site->group != NULL ? sites_group(&scout->sites, site->group) : NULL;
	const struct bases *bases = group != NULL ? scout_bases(scout, group) : NULL;

	for (size_t i = 0; bases != NULL && i < bases->count; i++)
		for (size_t k = 0; k < site->paths.count; k++)
			find_below(scout, site, &bases->all[i], site->paths.all[k]);
	for (size_t k = 0; bases == NULL && k < site->paths.count; k++) {
		const char *path = site->paths.all[k];

		for (size_t i = 0; path[0] == '~' && i < scout->homes.count; i++) {
			struct base home = { .name = scout->homes.all[i], .dir = scout->homes.all[i] };

			find_below(scout, site, &home, path + 2);
		}
		if (path[0] != '~')
			find_absolute(scout, site, path);
	}
}

/* The system's store: of the places where it may be the first that is there. */
static void find_system(struct scout *scout)
{
	struct place *places = NULL;
	size_t count = 0;
	struct err none = { 0 };
	struct stat st;
	struct spot *spot;

	if (system_places(scout->root, &places, &count, &none)) {
		spot = spots_add(scout->spots, places[0].name, places[0].kind);
		for (size_t i = 0; i < places[0].path_count; i++)
			place_add_path(&spot->place, places[0].paths[i]);
		spot->place.how = copy(places[0].how);
		spot->site = copy("system");
		spot->write = copy("tool, the distribution's own");
		if (places[0].paths[0][0] == '/' && root_stat(scout->root, places[0].paths[0], &st)) {
			spot->changed = st.st_mtime;
			spot->device = st.st_dev;
			spot->inode = st.st_ino;
			spot->writable = scout_may_write(scout, spot);
		}
		texts_add(&spot->used_by, "programs that ask p11-kit");
	}
	find_done(places, count);
}

/* Mozilla's list, which is compiled into a module of the host. */
static void find_mozilla(struct scout *scout)
{
	struct place *places = NULL;
	size_t count = 0;
	struct err none = { 0 };
	struct spot *spot;

	if (root_is_host(scout->root) && mozilla_places(scout->root, &places, &count, &none)) {
		spot = spots_add(scout->spots, "mozilla", places[0].kind);
		place_add_path(&spot->place, places[0].paths[0]);
		spot->place.how = copy(places[0].how);
		spot->site = copy("mozilla");
		spot->owner = copy("NSS");
		spot->write = copy("none, compiled in");
		texts_add(&spot->used_by, "programs that use NSS");
	}
	find_done(places, count);
}

static bool is_of(const struct spot *spot, const char *site)
{
	size_t len = strlen(site);

	if (spot->site != NULL && strcmp(spot->site, site) == 0)
		return true;
	for (size_t i = 0; i < spot->alias_count; i++)
		if (strncmp(spot->aliases[i].name, site, len) == 0 &&
		    (spot->aliases[i].name[len] == '\0' || spot->aliases[i].name[len] == ':'))
			return true;
	return false;
}

/* The spots of a site, by index; free() it. */
static size_t *indexes_of(const struct spots *spots, const char *site, size_t *ret_count)
{
	size_t *all = mem_zero((spots->count + 1) * sizeof(*all));

	*ret_count = 0;
	for (size_t i = 0; i < spots->count; i++)
		if (is_of(&spots->all[i], site))
			all[(*ret_count)++] = i;
	return all;
}

/* What is made of what: each spot of the rows that `from` names feeds each of the site. */
static void feed(const struct spots *spots, const struct site *site, const char *from)
{
	size_t source_count, made_count;
	size_t *sources = indexes_of(spots, from, &source_count),
	       *made = indexes_of(spots, site->name, &made_count);

	for (size_t i = 0; i < source_count; i++)
		for (size_t k = 0; k < made_count; k++)
			if (sources[i] != made[k])
				texts_add_new(&spots->all[sources[i]].feeds, spots->all[made[k]].place.name);
	free(sources);
	free(made);
}

/* Who is turned away from a decoy reads the other file. */
static void redirect(const struct spots *spots)
{
	for (size_t i = 0; i < spots->count; i++) {
		const struct spot *decoy = &spots->all[i];

		for (size_t k = 0; decoy->state == SPOT_DECOY && decoy->by != NULL && k < spots->count; k++)
			if (has_path(&spots->all[k], decoy->by))
				add_texts(&spots->all[k].used_by, &decoy->used_by);
	}
}

void survey_here(const struct root *root, struct survey *ret)
{
	bool host = root_is_host(root);

	*ret = (struct survey){
		.root = root,
		.environment = host ? environ : NULL,
		.everybody = !host || geteuid() == 0,
	};
}

static void find_all(struct scout *scout)
{
	find_system(scout);
	for (size_t i = 0; i < scout->sites.count; i++)
		find_site(scout, &scout->sites.all[i]);
	find_mozilla(scout);
	scout_told(scout);
	redirect(scout->spots);
	for (size_t i = 0; i < scout->sites.count; i++)
		for (size_t k = 0; k < scout->sites.all[i].from.count; k++)
			feed(scout->spots, &scout->sites.all[i], scout->sites.all[i].from.all[k]);
}

bool survey_find(const struct survey *survey, struct spots *ret, struct err *err)
{
	struct scout scout;

	*ret = (struct spots){ 0 };
	if (!begin(&scout, survey, ret, err))
		return false;
	find_all(&scout);
	done(&scout);
	return true;
}

/* All but the spot at `kept` is dropped; the same order as in the survey. */
static void keep(struct spots *spots, struct spot *kept)
{
	struct spot first = *kept;

	*kept = spots->all[0];
	spots->all[0] = first;
	spots_cut(spots, 1);
}

bool survey_named(const struct survey *survey, const char *name, struct spots *ret, bool *ret_known,
		  struct err *err)
{
	size_t len = strcspn(name, ":");
	struct scout scout;
	struct spot *spot;

	*ret = (struct spots){ 0 };
	*ret_known = len == 3 && strncmp(name, "env", len) == 0;
	if (!begin(&scout, survey, ret, err))
		return false;
	for (size_t i = 0; i < scout.sites.count; i++)
		*ret_known = *ret_known || (strlen(scout.sites.all[i].name) == len &&
					    strncmp(scout.sites.all[i].name, name, len) == 0);
	if (*ret_known) {
		find_all(&scout);
		spot = spots_named(ret, name);
		for (size_t i = 0; spot == NULL && name[len] == ':' && i < scout.sites.count; i++)
			if (strlen(scout.sites.all[i].name) == len &&
			    strncmp(scout.sites.all[i].name, name, len) == 0) {
				find_at(&scout, &scout.sites.all[i], name + len + 1);
				spot = spots_named(ret, name);
			}
		if (spot != NULL)
			keep(ret, spot);
		else
			spots_cut(ret, 0);
	}
	done(&scout);
	return true;
}
