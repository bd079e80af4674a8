/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/input.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "find/find.h"
#include "medium/medium.h"
#include "model/der.h"
#include "model/place.h"
#include "model/store.h"

static struct store *read_one(struct run *run, const char *text, struct err *err)
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
	if (store == NULL)
		cmd_fail(run, err);
	else
		show_notes(&run->show, store);
	find_done(places, count);
	return store;
}

struct store *input_store(struct run *run, const char *text)
{
	struct err err = { 0 };

	return read_one(run, text, &err);
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
		ret->stores = mem_grow(ret->stores, ret->count, sizeof(*ret->stores));
		ret->stores[ret->count++] = store;
	}
}

void inputs_done(struct inputs *inputs)
{
	for (size_t i = 0; i < inputs->count; i++)
		store_free(inputs->stores[i]);
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
