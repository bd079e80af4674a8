/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "find/find.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/root.h"
#include "find/mozilla.h"
#include "find/survey.h"
#include "find/system.h"
#include "model/kind.h"
#include "model/place.h"
#include "model/spot.h"

/* Places that are always known. */
static const struct {
	const char *name;
	bool (*places)(const struct root *root, struct place **ret, size_t *ret_count, struct err *err);
} names[] = {
	{ "system", system_places },
	{ "mozilla", mozilla_places },
};

const char *find_name(unsigned index)
{
	return index < sizeof(names) / sizeof(names[0]) ? names[index].name : NULL;
}

void find_done(struct place *places, size_t count)
{
	for (size_t i = 0; i < count; i++)
		place_done(&places[i]);
	free(places);
}

/* The kind whose name stands in front of the colon, or NULL. */
static const struct kind *prefix(const char *text, size_t len, const struct kind *(*kinds)(unsigned))
{
	const struct kind *kind;

	for (unsigned i = 0; (kind = kinds(i)) != NULL; i++)
		if (strlen(kind->name) == len && memcmp(kind->name, text, len) == 0)
			return kind;
	return NULL;
}

static void one(const char *name, const char *kind, const char *path, struct place **ret, size_t *ret_count)
{
	*ret = mem_zero(sizeof(**ret));
	*ret_count = 1;
	place_set(*ret, name, kind);
	place_add_path(*ret, path);
}

/* The place of a spot; its kind as the tables spell it. False: nobody reads that kind. */
static bool place_of(const struct spot *spot, const char *name, const struct kind *(*kinds)(unsigned),
		     struct place **ret, size_t *ret_count, struct err *err)
{
	static const char *const silent[] = { "policy", "pkcs11" }; /* kinds that nobody types */
	const char *kind = spot->kind;
	const struct kind *known = kind != NULL ? prefix(kind, strlen(kind), kinds) : NULL;

	for (size_t i = 0; kind != NULL && i < sizeof(silent) / sizeof(silent[0]); i++)
		if (strcmp(kind, silent[i]) == 0)
			kind = silent[i];
	if (known != NULL)
		kind = known->name;
	else if (kind == spot->kind && kind != NULL)
		return err_set(err, ERR_UNSUPPORTED, "%s: of the kind '%s', which this version does not read",
			       name, kind);
	one(name, kind, spot->place.paths[0], ret, ret_count);
	for (size_t i = 1; i < spot->place.path_count; i++)
		place_add_path(*ret, spot->place.paths[i]);
	if (spot->place.how != NULL)
		(*ret)->how = mem_string(spot->place.how, strlen(spot->place.how));
	return true;
}

/*
 * What is no file may be a place that `stores` lists. *ret_count stays 0 if it is
 * called like none.
 */
static bool listed(const char *text, const struct survey *survey, const struct kind *(*kinds)(unsigned),
		   struct place **ret, size_t *ret_count, struct err *err)
{
	struct spots spots = { 0 };
	bool known, ok;

	ok = survey_named(survey, text, &spots, &known, err);
	if (!ok && err->code == ERR_ABSENT)
		return true; /* a program without its table knows no names */
	if (ok && spots.count > 0)
		ok = place_of(&spots.all[0], text, kinds, ret, ret_count, err);
	else if (ok && known)
		ok = err_set(err, ERR_ABSENT,
			     "%s: there is no such store; 'anchorage stores' lists those here", text);
	spots_done(&spots);
	return ok;
}

/* Written like the name of a place: a word, perhaps with a colon and a path behind it. */
static bool like_name(const char *text)
{
	size_t len = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-");

	return len > 0 && text[0] != '-' && (text[len] == '\0' || text[len] == ':');
}

bool find_places(const char *text, const struct root *root, const struct kind *(*kinds)(unsigned),
		 struct place **ret, size_t *ret_count, struct err *err)
{
	struct survey survey;

	survey_here(root, &survey);
	return find_places_of(&survey, text, kinds, ret, ret_count, err);
}

bool find_places_of(const struct survey *survey, const char *text, const struct kind *(*kinds)(unsigned),
		    struct place **ret, size_t *ret_count, struct err *err)
{
	const struct root *root = survey->root;
	size_t len = strcspn(text, ":");
	const struct kind *kind;

	if (text[0] == '\0')
		return err_set(err, ERR_USAGE,
			       "an empty STORE; name a file, a directory, KIND:PATH, 'system' or 'mozilla'");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(text, names[i].name) == 0)
			return names[i].places(root, ret, ret_count, err);
	if (strncmp(text, "pkcs11:", 7) == 0) {
		one(text, "pkcs11", text, ret, ret_count);
		return true;
	}
	kind = text[len] == ':' ? prefix(text, len, kinds) : NULL;
	if (kind != NULL && text[len + 1] == '\0')
		return err_set(err, ERR_USAGE, "'%s': a path must follow the colon", text);
	*ret = NULL;
	*ret_count = 0;
	if (kind == NULL && like_name(text) && !root_has(root, text) &&
	    (!listed(text, survey, kinds, ret, ret_count, err) || *ret_count > 0))
		return *ret_count > 0;
	if (kind == NULL && like_name(text) && !root_has(root, text))
		return err_set(err, ERR_ABSENT,
			       "%s: there is no such file, and no store of that name; 'anchorage stores' "
			       "lists those here",
			       text);
	if (kind != NULL)
		one(text, kind->name, text + len + 1, ret, ret_count);
	else
		one(text, NULL, text, ret, ret_count);
	return true;
}
