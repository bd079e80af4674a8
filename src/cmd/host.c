/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/host.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "find/find.h"
#include "find/survey.h"
#include "medium/medium.h"
#include "model/kind.h"
#include "model/store.h"

static int by_name(const void *a, const void *b)
{
	const struct surveyed *x = a, *y = b;

	return strcmp(x->spot->place.name, y->spot->place.name);
}

bool host_enter(struct run *run, const char *path)
{
	struct root inner = { .fd = root_open_at(&run->root, path, O_PATH | O_DIRECTORY) };
	struct err err = { 0 };

	if (inner.fd < 0) {
		err_set(&err, ERR_SYSTEM, "%s: %s", path,
			errno == ENOTDIR ? "neither a directory nor an image; 'anchorage list' reads a file"
					 : strerror(errno));
		cmd_fail(run, &err);
		return false;
	}
	inner.path = mem_string(path, strlen(path));
	root_done(&run->root);
	run->root = inner;
	return true;
}

bool host_find(struct run *run, struct host *ret)
{
	struct survey survey;
	struct err err = { 0 };

	*ret = (struct host){ 0 };
	survey_here(&run->root, &survey);
	survey.image = run->environment;
	if (!survey_find(&survey, &ret->spots, &err)) {
		cmd_fail(run, &err);
		return false;
	}
	if (ret->spots.cut) {
		err_set(&err, ERR_LIMIT, "more than %d stores; the others are left out", LIMIT_SPOTS);
		cmd_fail(run, &err);
		ret->incomplete = true;
	}
	ret->count = ret->spots.count;
	ret->all = mem_zero((ret->count + 1) * sizeof(*ret->all));
	for (size_t i = 0; i < ret->count; i++)
		ret->all[i].spot = &ret->spots.all[i];
	if (ret->count > 1)
		qsort(ret->all, ret->count, sizeof(*ret->all), by_name);
	return true;
}

void host_of_image(struct host *host)
{
	for (size_t i = 0; i < host->spots.count; i++) {
		host->spots.all[i].changed = CLOCK_NONE;
		host->spots.all[i].writable = false;
	}
}

static bool readable_kind(const char *kind)
{
	if (kind == NULL || strcmp(kind, "policy") == 0 || strcmp(kind, "pkcs11") == 0)
		return true;
	for (unsigned i = 0; medium_kind(i) != NULL; i++)
		if (strcmp(medium_kind(i)->name, kind) == 0)
			return true;
	return false;
}

/* The system's store has several candidates, of which the first that can be read is the one. */
static struct store *read_system(struct run *run, struct err *err)
{
	struct place *places = NULL;
	struct store *store = NULL;
	size_t count = 0;

	if (find_places("system", &run->root, medium_kind, &places, &count, err))
		for (size_t i = 0; i < count && store == NULL; i++) {
			store = medium_read(&places[i], &run->root, err);
			if (store == NULL && err->code != ERR_ABSENT)
				break;
		}
	find_done(places, count);
	return store;
}

static bool same_content(const struct root *root, const char *a, const char *b)
{
	struct buf x = { 0 }, y = { 0 };
	struct err none = { 0 };
	bool same = root_read(root, a, &x, &none) && root_read(root, b, &y, &none) &&
		    bytes_equal(buf_view(&x), buf_view(&y));

	buf_done(&x);
	buf_done(&y);
	return same;
}

static bool same_kind(const struct spot *a, const struct spot *b)
{
	return a->kind == b->kind || (a->kind != NULL && b->kind != NULL && strcmp(a->kind, b->kind) == 0);
}

/*
 * The first of those that are read already with the same kind and the same bytes, or
 * NULL. Of equal size are few that are not equal: more than MOST_TRIED are nobody's.
 */
static const struct surveyed *twin_of(const struct run *run, const struct host *host, size_t index)
{
	enum { MOST_TRIED = 16 };
	const struct spot *spot = host->all[index].spot;
	unsigned tried = 0;

	for (size_t i = 0; i < index && spot->size > 0 && tried < MOST_TRIED; i++) {
		const struct surveyed *other = &host->all[i];

		if (other->store == NULL || other->twin != NULL || other->spot->size != spot->size ||
		    !same_kind(spot, other->spot))
			continue;
		tried++;
		if (same_content(&run->root, spot->place.paths[0], other->spot->place.paths[0]))
			return other;
	}
	return NULL;
}

static struct store *read_one(struct run *run, const struct host *host, size_t index,
			      const struct spot **ret_twin, struct err *err)
{
	const struct spot *spot = host->all[index].spot;
	const struct surveyed *twin;

	*ret_twin = NULL;
	if (!readable_kind(spot->kind)) {
		err_set(err, ERR_UNSUPPORTED, "of the kind '%s', which this version does not read",
			spot->kind);
		return NULL;
	}
	if (strcmp(spot->place.name, "system") == 0)
		return read_system(run, err);
	twin = twin_of(run, host, index);
	if (twin == NULL)
		return medium_read(&spot->place, &run->root, err);
	*ret_twin = twin->spot;
	return store_twin(twin->store, twin->spot->place.paths[0], spot->place.name, spot->place.paths[0]);
}

static bool within(const char *file, const struct spot *spot)
{
	const char *path = spot->place.paths[0];
	size_t len = strlen(path);
	bool trusts = spot->kind != NULL && strcmp(spot->kind, "p11-kit") == 0;

	return file != NULL && strncmp(file, path, len) == 0 &&
	       (file[len] == '\0' || (trusts && file[len] == '/'));
}

/* What p11-kit's policy was read from, as the origins of its entries tell. */
static void find_source(const struct host *host, const struct store *policy)
{
	for (size_t i = 0; i < host->spots.count; i++) {
		struct spot *spot = &host->spots.all[i];

		for (size_t k = 0; k < policy->count && strcmp(spot->place.name, "system") != 0; k++)
			if (within(policy->anchors[k].origin.file, spot)) {
				texts_add_new(&spot->feeds, "system");
				break;
			}
	}
}

/* Why it could not be read, without the name that stands beside it anyway. */
static char *reason(const struct err *err, const char *name)
{
	size_t len = strlen(name);
	bool named = strncmp(err->text, name, len) == 0 && strncmp(err->text + len, ": ", 2) == 0;
	const char *text = err->text + (named ? len + 2 : 0);

	return mem_string(text, strlen(text));
}

void host_read(struct run *run, struct host *host)
{
	for (size_t i = 0; i < host->count; i++) {
		struct surveyed *one = &host->all[i];
		struct err err = { 0 };

		one->read = true;
		one->store = read_one(run, host, i, &one->twin, &err);
		if (one->store == NULL)
			one->failed = reason(&err, one->spot->place.name);
		else if (strcmp(one->spot->place.name, "system") == 0)
			find_source(host, one->store);
		host->incomplete = host->incomplete || one->store == NULL || store_incomplete(one->store);
	}
}

void host_done(struct host *host)
{
	for (int twins = 1; twins >= 0; twins--)
		for (size_t i = 0; i < host->count; i++)
			if ((host->all[i].twin != NULL) == twins)
				store_free(host->all[i].store);
	for (size_t i = 0; i < host->count; i++)
		free(host->all[i].failed);
	free(host->all);
	spots_done(&host->spots);
	*host = (struct host){ 0 };
}
