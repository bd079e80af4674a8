/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "format/stapler.h"

#include <stdlib.h>

#include "base/digest.h"
#include "base/limits.h"
#include "base/mem.h"
#include "model/anchor.h"
#include "model/der.h"
#include "model/staple.h"
#include "model/store.h"

struct staple {
	uint8_t key_id[ID_LEN];
	struct bytes key, whole; /* copies, owned */
	size_t at;
	unsigned line;
};

void stapler_add(struct stapler *stapler, struct bytes key, struct bytes whole, size_t at, unsigned line)
{
	struct staple *staple;

	stapler->all = mem_grow(stapler->all, stapler->count, sizeof(*stapler->all));
	staple = &stapler->all[stapler->count++];
	*staple = (struct staple){ .at = at, .line = line };
	staple->key = arena_bytes(&stapler->arena, key);
	staple->whole = arena_bytes(&stapler->arena, whole);
	digest_sha256(staple->key, staple->key_id);
}

static int by_key(const void *a, const void *b)
{
	const struct staple *x = a, *y = b;
	int order = memcmp(x->key_id, y->key_id, ID_LEN);

	return order != 0 ? order : (x->at > y->at) - (x->at < y->at);
}

/* Whether a value is an ExtKeyUsageSyntax. */
static bool is_list(struct bytes value)
{
	struct cursor outer = der_into(value), in = der_into(der_take(&outer, DER_SEQUENCE));

	while (cursor_left(&in) > 0)
		der_take(&in, DER_OID);
	return der_ended(&in) && der_ended(&outer);
}

static void check_list(struct store *into, const struct staple *staple, const struct extension *one)
{
	bool usage = bytes_equal(one->oid, exts[EXT_EXTENDED_KEY_USAGE].oid);

	if ((usage || bytes_equal(one->oid, staple_reject)) && !is_list(one->value))
		store_note(into, NOTE_ERROR, staple->at,
			   "a list of purposes that cannot be read: p11-kit sees no limit in it%s",
			   usage ? ", here it trusts nothing" : "");
}

/* What `count` extensions of one key make of an anchor for everything. */
static struct anchor gather(struct store *into, const struct staple *staples, size_t count)
{
	struct anchor all = { .trusted = PURPOSES_ALL };

	for (size_t i = 0; i < count; i++) {
		struct extension one = { 0 };
		bool odd;

		extension_read(staples[i].whole, &one, &odd);
		check_list(into, &staples[i], &one);
		if (all.attached_count >= LIMIT_ATTACHED)
			store_note(into, NOTE_ERROR, staples[i].at,
				   "one of more than %d extensions of one key is not kept", LIMIT_ATTACHED);
		else if (anchor_attached(&all, one.oid) != NULL && !bytes_equal(one.oid, staple_reject))
			store_note(into, NOTE_WARN, staples[i].at,
				   "a second extension of this kind for one key: p11-kit uses either");
		else
			staple_add(into, &all, staples[i].whole);
	}
	return all;
}

struct keyed {
	uint8_t key_id[ID_LEN];
	size_t index; /* of the anchor */
};

static int keyed_by_key(const void *a, const void *b)
{
	return memcmp(((const struct keyed *)a)->key_id, ((const struct keyed *)b)->key_id, ID_LEN);
}

/* Gives what is stapled to the anchors with that key; without one, a key is an anchor of its own. */
static void give(struct store *into, const struct anchor *all, const struct staple *first,
		 const struct keyed *keyed, size_t count)
{
	if (count == 0) {
		struct anchor *anchor = store_add_key(into, first->key);

		anchor->origin.line = first->line;
		anchor->attached = all->attached;
		anchor->attached_count = all->attached_count;
		anchor->distrusted = all->distrusted;
		store_note(into, NOTE_INFO, first->at, "an extension for a key of no certificate here");
	}
	for (size_t i = 0; i < count; i++) {
		struct anchor *anchor = &into->anchors[keyed[i].index];

		anchor->attached = all->attached;
		anchor->attached_count = all->attached_count;
		anchor->trusted &= all->trusted;
		anchor->distrusted |= all->distrusted;
	}
}

void stapler_join(struct stapler *stapler, struct store *into)
{
	struct staple *all = stapler->all;
	struct keyed *keyed = mem_zero((into->count - stapler->first) * sizeof(*keyed));
	size_t count = 0;

	for (size_t i = stapler->first; i < into->count; i++)
		if (anchor_key_id(&into->anchors[i], keyed[count].key_id))
			keyed[count++].index = i;
	if (count > 0)
		qsort(keyed, count, sizeof(*keyed), keyed_by_key);
	if (stapler->count > 0)
		qsort(all, stapler->count, sizeof(*all), by_key);
	for (size_t i = 0, k = 0, n, m; i < stapler->count; i += n, k += m) {
		struct anchor sum;

		for (n = 1; i + n < stapler->count && memcmp(all[i].key_id, all[i + n].key_id, ID_LEN) == 0;)
			n++;
		while (k < count && memcmp(keyed[k].key_id, all[i].key_id, ID_LEN) < 0)
			k++;
		for (m = 0; k + m < count && memcmp(keyed[k + m].key_id, all[i].key_id, ID_LEN) == 0;)
			m++;
		sum = gather(into, &all[i], n);
		give(into, &sum, &all[i], keyed + k, m);
	}
	free(keyed);
	free(all);
	arena_done(&stapler->arena);
	*stapler = (struct stapler){ 0 };
}
