/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "stage/checked.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "format/format.h"
#include "model/anchor.h"
#include "model/pick.h"
#include "model/request.h"
#include "model/store.h"

static int by_id(const void *a, const void *b)
{
	return memcmp((*(const struct anchor *const *)a)->id, (*(const struct anchor *const *)b)->id, ID_LEN);
}

/* Whether the store that was read back holds the anchors that were to be written, each once, and no other. */
static bool same_set(const struct store *store, const struct pick *pick)
{
	const struct anchor **got = store_by_id(store);
	const struct anchor **want = mem_copy(pick->anchors, pick->count * sizeof(*want));
	bool same = store->count == pick->count;

	if (pick->count > 1)
		qsort(want, pick->count, sizeof(*want), by_id);
	for (size_t i = 0; same && i < pick->count; i++)
		same = memcmp(got[i]->id, want[i]->id, ID_LEN) == 0;
	free(got);
	free(want);
	return same;
}

bool checked_write(const struct format *format, const struct pick *pick, const struct style *style,
		   struct buf *to, struct err *err)
{
	struct store *back = NULL;
	bool ok = format->write(pick, style, to, err);

	if (ok) {
		back = store_new("what was written");
		ok = pick->count == 0 || format->read(buf_view(to), back, err);
	}
	if (ok) {
		store_finish(back);
		ok = same_set(back, pick) ||
		     err_set(err, ERR_DAMAGED,
			     "what was to be written as %s does not read back as the same %zu "
			     "certificates; nothing was changed",
			     format->kind.name, pick->count);
	}
	store_free(back);
	return ok;
}

/* What the bytes hold; a file without an entry is an empty store. NULL: it cannot be read. */
static struct store *read_back(const struct format *format, struct bytes file, const char *password,
			       struct err *err)
{
	struct store *store = store_new("what was written");
	struct err why = { 0 };
	bool ok = password != NULL && format->read_with != NULL
			  ? format->read_with(file, password, store, &why)
			  : format->read(file, store, &why);

	if (ok || why.code == ERR_ABSENT)
		return store;
	store_free(store);
	*err = why;
	return NULL;
}

static bool is_named(const struct requests *requests, const struct anchor *entry)
{
	for (size_t i = 0; i < requests->count; i++)
		if (request_names(&requests->all[i], entry))
			return true;
	return false;
}

static bool same_entry(const struct anchor *a, const struct anchor *b)
{
	bool same = memcmp(a->id, b->id, ID_LEN) == 0 && a->names == b->names && a->trusted == b->trusted &&
		    a->distrusted == b->distrusted && a->attached_count == b->attached_count;

	for (size_t i = 0; same && i < a->attached_count; i++)
		same = bytes_equal(a->attached[i].whole, b->attached[i].whole);
	return same;
}

/* Whether both say the same, in the same order, of all that no request names. */
static bool same_others(const struct store *old, const struct store *new, const struct requests *requests)
{
	size_t a = 0, b = 0;

	for (;;) {
		while (a < old->count && is_named(requests, &old->anchors[a]))
			a++;
		while (b < new->count && is_named(requests, &new->anchors[b]))
			b++;
		if (a == old->count || b == new->count)
			return a == old->count && b == new->count;
		if (!same_entry(&old->anchors[a++], &new->anchors[b++]))
			return false;
	}
}

/* Whether the request holds in a store that says what `can` allows. */
static bool holds(const struct store *store, const struct request *request, unsigned can)
{
	const struct anchor *entry = NULL;

	for (size_t i = 0; entry == NULL && i < store->count; i++)
		if (request_names(request, &store->anchors[i]))
			entry = &store->anchors[i];
	switch (request->kind) {
	case REQUEST_TRUST:
		return entry != NULL &&
		       ((can & CAN_PURPOSE) == 0 ? anchor_trusted(entry) != 0
						 : entry->trusted == request->anchor->trusted);
	case REQUEST_REMOVE:
		return entry == NULL;
	case REQUEST_DISTRUST:
		return entry == NULL || entry->distrusted == PURPOSES_ALL;
	default:
		return true;
	}
}

bool checked_amend(const struct format *format, struct bytes file, const struct requests *requests,
		   const struct amend_terms *terms, bool *done, struct buf *to, struct store **ret_store,
		   struct err *err)
{
	size_t start = to->len, wrong = 0;
	struct store *old = NULL, *new = NULL;
	struct amend_terms how = *terms;
	bool ok;

	how.ret_seen = &old;
	ok = format->amend(file, requests, &how, done, to, err);
	if (ok && old == NULL)
		ok = (old = read_back(format, file, terms->password, err)) != NULL;
	ok = ok && (new = read_back(format, bytes_skip(buf_view(to), start), terms->password, err)) != NULL;
	if (ok && !same_others(old, new, requests))
		ok = err_set(err, ERR_DAMAGED,
			     "entries that are none of its business would not read back as "
			     "they were; nothing was changed");
	if (ok)
		store_finish(new);
	for (; ok && wrong < requests->count; wrong++)
		if (!holds(new, &requests->all[wrong], format->kind.can))
			ok = err_set(err, ERR_DAMAGED,
				     "what is asked of one certificate (to %s it) would not read back so; "
				     "nothing was changed",
				     request_words[requests->all[wrong].kind]);
	if (ok)
		*ret_store = new;
	else
		store_free(new);
	store_free(old);
	return ok;
}
