/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/input.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/root.h"
#include "cmd/inside.h"
#include "find/find.h"
#include "medium/file.h"
#include "medium/medium.h"
#include "model/der.h"
#include "model/place.h"
#include "model/store.h"

/* Of a host only errors are told of unasked; and diff tells itself of what could be read on one side only. */
static void tell(const struct run *run, const struct store *store)
{
	struct show show = run->show;

	show_notes(&run->show, store);
	show.quiet = show.verbose == 0;
	for (size_t i = 0; i < store->part_count; i++)
		if (!store->parts[i]->unread || run->cmd != &cmd_diff || show.verbose > 0)
			show_notes(&show, store->parts[i]);
}

/*
 * "FILE!NAME": where the name begins, and *ret_file, which is the caller's; NULL: it
 * is not that. Behind "!/" is a path in an archive; a directory may be an image too.
 */
static const char *part_name(const struct run *run, const char *text, char **ret_file)
{
	const char *mark = strchr(text, '!');
	char *file;

	if (mark == NULL || root_has(&run->root, text))
		return NULL;
	for (; mark != NULL; mark = strchr(mark + 1, '!')) {
		if (mark[1] == '\0' || mark[1] == '/')
			continue;
		file = mem_string(text, (size_t)(mark - text));
		if (root_is_file(&run->root, file) || image_is(&run->root, file)) {
			*ret_file = file;
			return mark + 1;
		}
		free(file);
	}
	return NULL;
}

/* Moves one part of the store out of it. False: it has none of that name. */
static bool take_part(struct store **store, const char *name, struct err *err)
{
	struct store *whole = *store;

	for (size_t i = 0; i < whole->part_count; i++) {
		struct store *part = whole->parts[i];

		if (strcmp(part->place, name) != 0)
			continue;
		whole->parts[i] = whole->parts[--whole->part_count];
		store_free(whole);
		*store = part;
		return true;
	}
	return err_set(err, ERR_ABSENT, "%s: there is no store '%s' in it", whole->place, name);
}

static struct store *read_whole(const struct run *run, const char *text, struct err *err)
{
	struct place *places = NULL;
	struct store *store = NULL;
	size_t count = 0;

	if (find_places(text, &run->root, medium_kind, &places, &count, err))
		for (size_t i = 0; i < count && store == NULL; i++) {
			store = medium_read(&places[i], &run->root, err);
			if (store == NULL && err->code != ERR_ABSENT)
				break;
		}
	if (store == NULL && count > 0 && err->code == ERR_ABSENT && !root_is_host(&run->root) &&
	    text[0] != '/')
		err_in(err, "in the root '%s' (a file outside it comes as '-', standard input)",
		       run->root.path);
	find_done(places, count);
	return store;
}

/* One of an inventory of several. */
static struct store *read_part(const struct run *run, const char *file, const char *name, struct err *err)
{
	struct store *store = read_whole(run, file, err);

	if (store != NULL && !take_part(&store, name, err)) {
		store_free(store);
		store = NULL;
	}
	return store;
}

struct store *input_read(const struct run *run, const char *text, struct err *err)
{
	struct store *store;
	char *file = NULL;
	const char *name = part_name(run, text, &file);

	if (name == NULL)
		store = read_whole(run, text, err);
	else if (image_is(&run->root, file))
		store = inside_store(run, text, file, name, err);
	else
		store = read_part(run, file, name, err);
	free(file);
	return store;
}

static struct store *read_one(struct run *run, const char *text, struct err *err)
{
	struct store *store = input_read(run, text, err);

	if (store == NULL)
		cmd_fail(run, err);
	else
		tell(run, store);
	return store;
}

struct store *input_quietly(const struct run *run, const char *text)
{
	struct err ignored = { 0 };

	return input_read(run, text, &ignored);
}

struct store *input_bytes(const char *path, struct bytes content)
{
	struct store *store = store_new(path);
	struct err ignored = { 0 };

	if (file_read_bytes(path, content, NULL, store, &ignored)) {
		store_finish(store);
		return store;
	}
	store_free(store);
	return NULL;
}

struct store *input_store(struct run *run, const char *text)
{
	struct err err = { 0 };

	return read_one(run, text, &err);
}

static void add(struct inputs *to, struct store *store)
{
	to->stores = mem_grow(to->stores, to->count, sizeof(struct store *));
	to->stores[to->count++] = store;
}

void input_stores(struct run *run, int argc, char **argv, struct inputs *ret)
{
	static char system[] = "system";
	char *none[] = { system };

	*ret = (struct inputs){ 0 };
	if (argc == 0) {
		argc = 1;
		argv = none;
	}
	for (int i = 0; i < argc; i++) {
		struct err err = { 0 };
		struct store *store = read_one(run, argv[i], &err);

		ret->incomplete = ret->incomplete || store == NULL || store_incomplete(store);
		if (store == NULL) {
			ret->failed = mem_grow(ret->failed, ret->failed_count, sizeof(*ret->failed));
			ret->failed[ret->failed_count++] = mem_string(err.text, strlen(err.text));
			continue;
		}
		ret->read = mem_grow(ret->read, ret->read_count, sizeof(struct store *));
		ret->read[ret->read_count++] = store;
		if (store->part_count == 0)
			add(ret, store);
		for (size_t k = 0; k < store->part_count; k++)
			add(ret, store->parts[k]);
	}
}

void inputs_done(struct inputs *inputs)
{
	for (size_t i = 0; i < inputs->read_count; i++)
		store_free(inputs->read[i]);
	free(inputs->read);
	free(inputs->stores);
	for (size_t i = 0; i < inputs->failed_count; i++)
		free(inputs->failed[i]);
	free(inputs->failed);
	*inputs = (struct inputs){ 0 };
}

const char *input_filter_word(unsigned n)
{
	return n < FILTER_COUNT ? filters[n].name : NULL;
}

const char *input_purpose_word(unsigned n)
{
	return n < PURPOSE_ROWS ? purposes[n].name : n == PURPOSE_ROWS ? "any" : NULL;
}

bool input_purpose(const char *text, struct wanted *ret, struct buf *ret_oid, struct err *err)
{
	*ret = (struct wanted){ .any = true };
	if (text == NULL || strcmp(text, "any") == 0)
		return true;
	*ret = (struct wanted){ .purpose = PURPOSE_SERVER_AUTH };
	while (ret->purpose < PURPOSE_ROWS && strcmp(purposes[ret->purpose].name, text) != 0)
		ret->purpose++;
	if (ret->purpose < PURPOSE_ROWS)
		return true;
	if (!der_oid_read(text, ret_oid))
		return err_set(err, ERR_USAGE,
			       "--purpose: there is no '%s'; it is server-auth, client-auth, email, "
			       "code-signing, any, or an OID",
			       text);
	ret->oid = buf_view(ret_oid);
	ret->purpose = purpose_of_oid(ret->oid);
	return true;
}
