/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From --to to the stores that are changed. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "cmd/change.h"
#include "cmd/generated.h"
#include "cmd/mine.h"
#include "find/find.h"
#include "medium/medium.h"
#include "model/place.h"
#include "model/store.h"
#include "stage/registry.h"

static void add(struct changing *changing, const char *name, const struct stager *stager, char *path)
{
	struct target *target;

	changing->targets = mem_grow(changing->targets, changing->count, sizeof(*changing->targets));
	changing->tasks = mem_grow(changing->tasks, changing->count, sizeof(*changing->tasks));
	target = &changing->targets[changing->count];
	*target = (struct target){ .name = mem_string(name, strlen(name)), .stager = stager };
	target->path = path;
	changing->tasks[changing->count++] = (struct task){ .name = target->name, .brief = stager->brief };
}

static bool add_system(struct changing *changing, struct err *err)
{
	const struct stager *stager = stager_system(&changing->run->root);

	if (stager == NULL)
		return err_set(err, ERR_UNSUPPORTED,
			       "how this system keeps its trust anchors is not known; name a store with "
			       "--to ('anchorage stores' lists those here)");
	add(changing, "system", stager, NULL);
	return true;
}

static bool has_dots(const char *path)
{
	return strncmp(path, "./", 2) == 0 || strstr(path, "/./") != NULL || strstr(path, "..") != NULL;
}

/*
 * Absolute in the root, and without "..", which the history does not take. On the host what is typed starts
 * at the working directory.
 */
static char *absolute(const struct root *root, const char *path)
{
	char *here, *whole = has_dots(path) ? root_resolve(root, path) : NULL;

	if (whole != NULL)
		return whole;

	if (path[0] == '/')
		return mem_string(path, strlen(path));
	if (!root_is_host(root))
		return mem_print("/%s", path);
	here = getcwd(NULL, 0);
	whole = mem_print("%s/%s", here != NULL ? here : "", path);
	free(here);
	return whole;
}

/* The kind of what is there, as far as its bytes tell. False: it cannot be read. */
static bool kind_of(const struct root *root, const struct place *place, const char **ret, struct err *err)
{
	struct store *store = medium_read(place, root, err);

	if (store == NULL)
		return err->code == ERR_ABSENT && place->kind != NULL;
	if (store->kind != NULL)
		*ret = store->kind->name;
	store_free(store);
	return true;
}

/* What a system's tools generate is changed by changing the system. */
static bool not_generated(const struct changing *changing, const char *path, struct err *err)
{
	struct generated generated = { 0 };
	bool ok = !generated_has(&generated, changing->run, path) ||
		  err_set(err, ERR_USAGE,
			  "'%s' is generated from the system's sources, and would be lost; use --to system",
			  path);

	generated_done(&generated);
	return ok;
}

static bool add_place(struct changing *changing, const char *text, const struct place *place, struct err *err)
{
	const struct root *root = &changing->run->root;
	const char *kind = place->kind;
	const struct stager *stager;
	char *path;

	if (place->path_count == 0 || strncmp(place->paths[0], "pkcs11:", 7) == 0 ||
	    strcmp(place->paths[0], "-") == 0)
		return err_set(err, ERR_UNSUPPORTED, "'%s' cannot be changed; name a file or a directory",
			       text);
	/* Where the kind was named, staging sees whether it is that. */
	if ((kind == NULL || stager_kind(kind) == NULL) && !kind_of(root, place, &kind, err))
		return false;
	stager = kind != NULL ? stager_kind(kind) : NULL;
	if (stager == NULL)
		return err_set(err, ERR_UNSUPPORTED, "'%s' is of the kind '%s', which cannot be changed",
			       text, kind != NULL ? kind : "unknown");
	path = absolute(root, place->paths[0]);
	if (stager != &stager_nss && !not_generated(changing, path, err)) {
		free(path);
		return false;
	}
	add(changing, text, stager, path);
	return true;
}

static bool add_user(struct changing *changing, struct err *err)
{
	changing->mine = mine_find(changing->run, err);
	if (changing->mine == NULL)
		return false;
	add(changing, "user", &stager_user, NULL);
	changing->targets[changing->count - 1].user = &changing->mine->as;
	return true;
}

/* "docker:HOST": the directory need not be there yet. */
static bool add_registry(struct changing *changing, const char *text, struct err *err)
{
	const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	char *base = NULL, *path;

	if (changing->options->user && config != NULL && config[0] == '/')
		base = mem_string(config, strlen(config));
	else if (changing->options->user && home != NULL)
		base = mem_print("%s/.config", home);
	path = registry_path(text, base, err);
	free(base);
	if (path == NULL)
		return false;
	add(changing, text, &stager_registry, path);
	return true;
}

static bool add_store(struct changing *changing, const char *text, struct err *err)
{
	struct place *places = NULL;
	size_t count = 0;
	bool ok;

	for (size_t i = 0; i < changing->count; i++)
		if (strcmp(changing->targets[i].name, text) == 0)
			return true;
	if (strcmp(text, "system") == 0)
		return add_system(changing, err);
	if (strcmp(text, "user") == 0)
		return add_user(changing, err);
	if (registry_of(text) != NULL)
		return add_registry(changing, text, err);
	ok = find_places(text, &changing->run->root, medium_kind, &places, &count, err) &&
	     add_place(changing, text, &places[0], err);
	find_done(places, count);
	return ok;
}

bool change_target(struct changing *changing, const char *text)
{
	struct err err = { 0 };

	return add_store(changing, text, &err) || (cmd_fail(changing->run, &err), false);
}

bool change_target_index(struct changing *changing, const char *text, size_t *ret)
{
	if (!change_target(changing, text))
		return false;
	for (size_t i = 0; i < changing->count; i++)
		if (strcmp(changing->targets[i].name, text) == 0)
			*ret = i;
	return true;
}

char *change_reads(const struct changing *changing, const struct target *target)
{
	const struct root *root = &changing->run->root;

	if (target->user != NULL) {
		char *bundle = mem_print("pem:%s/anchorage/ca-bundle.pem", target->user->data);

		if (root_is_file(root, bundle + strlen("pem:")))
			return bundle;
		free(bundle);
		return mem_print("system");
	}
	if (target->stager == &stager_registry)
		return root_is_directory(root, target->path) ? mem_print("dir:%s", target->path) : NULL;
	return mem_string(target->name, strlen(target->name));
}

void change_file(struct changing *changing, const struct stager *stager, const char *path, const char *line)
{
	struct target *target;

	add(changing, stager->name, stager, mem_string(path, strlen(path)));
	target = &changing->targets[changing->count - 1];
	if (line != NULL)
		target->label = mem_string(line, strlen(line));
	target->own = true;
}

bool change_targets(struct changing *changing)
{
	const struct option_list *to = &changing->options->to;

	for (size_t i = 0; i < to->count; i++)
		if (!change_target(changing, to->all[i]))
			return false;
	return to->count > 0 || change_target(changing, changing->options->user ? "user" : "system");
}
