/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The links by which OpenSSL finds a certificate in a directory: <hash of the
 * subject>.N, N from 0 without a gap, since a search ends at the first that is missing
 * (X509_LOOKUP_hash_dir(3)). `openssl rehash` numbers equal hashes in the order of the
 * directory, which is no order: any order that stands is right, so that neither
 * program changes what the other made.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/root.h"
#include "medium/listing.h"
#include "model/hashlink.h"
#include "model/name.h"
#include "model/store.h"
#include "stage/calinks.h"
#include "stage/cafiles.h"
#include "stage/put.h"

/* A certificate that must be found, or a link that is there; sorted by hash. */
struct item {
	uint32_t hash;
	unsigned number;               /* of a link */
	const struct calink *link;     /* of a certificate, the file that holds it */
	const struct present *present; /* of a link */
	bool settled;                  /* a certificate that a link leads to; a link that stays */
	bool moved;                    /* a link that stays, under another number */
};

struct items {
	struct item *all;
	size_t count;
};

static struct item *add(struct items *items, uint32_t hash)
{
	struct item *item;

	items->all = mem_grow(items->all, items->count, sizeof(*items->all));
	item = &items->all[items->count++];
	*item = (struct item){ .hash = hash };
	return item;
}

static int by_hash(const void *a, const void *b)
{
	const struct item *x = a, *y = b;
	int hashes = (x->hash > y->hash) - (x->hash < y->hash);
	int numbers = (x->number > y->number) - (x->number < y->number);

	return hashes != 0          ? hashes
	       : numbers != 0       ? numbers
	       : x->link != y->link ? (x->link > y->link) - (x->link < y->link)
				    : 0;
}

static void sort(struct items *items)
{
	if (items->count > 1)
		qsort(items->all, items->count, sizeof(*items->all), by_hash);
}

static bool hash_of(const struct calink *link, uint32_t *ret)
{
	return link->anchor != NULL && link->anchor->readable && name_hash(link->anchor->cert.subject, ret);
}

bool hashlinks_lead(const struct calinks *links, const struct calink *link)
{
	const struct present *present = NULL;
	bool leads = false;
	uint32_t hash;

	if (!hash_of(link, &hash))
		return true;
	for (unsigned number = 0; !leads && (number == 0 || present != NULL); number++) {
		char name[HASHLINK_NAME];
		const struct calink *to = NULL;

		hashlink_name(hash, number, name);
		present = calinks_present(links, name);
		if (present != NULL)
			to = calinks_led(links, present);
		leads = to != NULL && to->anchor != NULL &&
			memcmp(to->anchor->id, link->anchor->id, ID_LEN) == 0;
	}
	return leads;
}

/* The items of this hash: from *at on, which is moved behind them. */
static struct items group(const struct items *items, uint32_t hash, size_t *at)
{
	struct items of = { 0 };

	while (*at < items->count && items->all[*at].hash < hash)
		++*at;
	of.all = items->all == NULL ? NULL : &items->all[*at];
	while (*at < items->count && items->all[*at].hash == hash) {
		++*at;
		of.count++;
	}
	return of;
}

/* Somebody else's, which stays: a file, or a link to something that was not made of our sources. */
static bool is_foreign(const struct calinks *links, const struct root *root, const struct present *present)
{
	const struct calink *to = calinks_led(links, present);
	uint32_t hash;
	char *path;
	bool there;

	if (present->target == NULL)
		return true;
	if (to != NULL) /* of a certificate that we cannot read, OpenSSL could */
		return to->anchor != NULL && !hash_of(to, &hash);
	if (calinks_ours(root, present))
		return false;
	if (strchr(present->target, '/') == NULL) {
		const struct present *second = calinks_present(links, present->target);

		if (second == NULL || calinks_ours(root, second))
			return false;
	}
	path = listing_path(CA_CERTS, present->name);
	there = root_has(root, path);
	free(path);
	return there;
}

/* `openssl rehash` makes one link for a certificate that two files hold, also where one is not ours. */
static bool leads_to(const struct root *root, const struct present *present, const struct calink *to,
		     bool foreign, const struct anchor *anchor)
{
	if (to != NULL)
		return to->anchor != NULL && memcmp(anchor->id, to->anchor->id, ID_LEN) == 0;
	return foreign && calinks_hold(root, present->name, anchor);
}

const struct present *hashlinks_foreign(const struct calinks *links, const struct root *root,
					const struct anchor *anchor)
{
	const struct present *present = NULL, *found = NULL;
	uint32_t hash;

	if (!anchor->readable || !name_hash(anchor->cert.subject, &hash))
		return NULL;
	for (unsigned number = 0; found == NULL && (number == 0 || present != NULL); number++) {
		char name[HASHLINK_NAME];

		hashlink_name(hash, number, name);
		present = calinks_present(links, name);
		if (present != NULL && is_foreign(links, root, present) && calinks_hold(root, name, anchor))
			found = present;
	}
	return found;
}

static void settle(const struct calinks *links, const struct root *root, struct items *want,
		   struct item *item, bool foreign)
{
	const struct calink *to = calinks_led(links, item->present);

	for (size_t k = 0; k < want->count; k++) {
		struct item *wanted = &want->all[k];

		if (wanted->settled || !leads_to(root, item->present, to, foreign, wanted->link->anchor))
			continue;
		wanted->settled = item->settled = true;
		return;
	}
}

/* Which of the links lead to what they should. Ours come first, so that one of others takes the place of ours
 * only where that is missing; a file behind a gap does not, since it cannot be moved to where it is looked
 * for. */
static void match(const struct calinks *links, const struct root *root, struct items *want,
		  struct items *have)
{
	unsigned below = 0; /* so many numbers without a gap */

	for (size_t i = 0; i < have->count; i++) {
		struct item *item = &have->all[i];

		item->settled = is_foreign(links, root, item->present);
		if (!item->settled)
			settle(links, root, want, item, false);
	}
	for (size_t i = 0; i < have->count; i++) {
		struct item *item = &have->all[i];
		bool reached = item->number == below || item->present->target != NULL;

		if (reached && is_foreign(links, root, item->present))
			settle(links, root, want, item, true);
		below += item->settled && item->number == below;
	}
}

static struct item *with_number(struct items *have, unsigned number)
{
	for (size_t i = 0; i < have->count; i++)
		if (have->all[i].number == number)
			return &have->all[i];
	return NULL;
}

/* What goes to this number: a certificate without a link, else a link with a number too high; or NULL. */
static const char *next(struct items *want, struct items *have, unsigned most)
{
	for (size_t i = 0; i < want->count; i++) {
		if (!want->all[i].settled) {
			want->all[i].settled = true;
			return want->all[i].link->name;
		}
	}
	for (size_t i = 0; i < have->count; i++) {
		struct item *item = &have->all[i];

		if (item->settled && !item->moved && item->number >= most && item->present->target != NULL) {
			item->moved = true;
			return item->present->target;
		}
	}
	return NULL;
}

/* How many numbers there must be. Those of files are given, and links go around them. */
static unsigned numbers(const struct items *want, const struct items *have)
{
	unsigned count = 0;

	for (size_t i = 0; i < want->count; i++)
		count += !want->all[i].settled;
	for (size_t i = 0; i < have->count; i++)
		count += have->all[i].settled && have->all[i].present->target != NULL;
	for (size_t i = 0; i < have->count; i++)
		count += have->all[i].present->target == NULL && have->all[i].number < count;
	return count;
}

static bool stage_group(struct items *want, struct items *have, const struct root *root, const char *store,
			uint32_t hash, struct edits *to, struct err *err)
{
	unsigned count = numbers(want, have);
	bool ok = true;

	for (unsigned number = 0; ok && number < count; number++) {
		struct item *there = with_number(have, number);
		const char *target = there != NULL && there->settled ? NULL : next(want, have, count);
		char name[HASHLINK_NAME], *path;

		hashlink_name(hash, number, name);
		path = listing_path(CA_CERTS, name);
		if (target != NULL)
			ok = put_link(to, root, store, path, target, err);
		if (there != NULL && target != NULL)
			there->settled = there->moved = true; /* replaced */
		free(path);
	}
	for (size_t i = 0; ok && i < have->count; i++) {
		const struct item *item = &have->all[i];
		char *path = listing_path(CA_CERTS, item->present->name);

		if (!item->settled || (item->moved && item->number >= count))
			ok = put_nothing(to, root, store, path, err);
		free(path);
	}
	return ok;
}

static void collect(const struct calinks *links, struct items *want, struct items *have)
{
	uint32_t hash;
	unsigned number;

	for (size_t i = 0; i < links->count; i++)
		if (!links->all[i].again && hash_of(&links->all[i], &hash))
			add(want, hash)->link = &links->all[i];
	for (size_t i = 0; i < links->present_count; i++) {
		const struct present *present = &links->present[i];
		struct item *item;

		if (!hashlink_read(present->name, &hash, &number) ||
		    (number == HASHLINK_NEVER && present->target == NULL)) /* a file, which cannot be moved */
			continue;
		item = add(have, hash);
		item->number = number;
		item->present = present;
	}
	sort(want);
	sort(have);
}

bool hashlinks_stage(const struct calinks *links, const struct root *root, const char *store,
		     struct edits *to, struct err *err)
{
	struct items want = { 0 }, have = { 0 };
	size_t at_want = 0, at_have = 0;
	bool ok = true;

	collect(links, &want, &have);
	while (ok && (at_want < want.count || at_have < have.count)) {
		uint32_t hash = at_want >= want.count                             ? have.all[at_have].hash
				: at_have >= have.count                           ? want.all[at_want].hash
				: want.all[at_want].hash < have.all[at_have].hash ? want.all[at_want].hash
										  : have.all[at_have].hash;
		struct items wanted = group(&want, hash, &at_want), there = group(&have, hash, &at_have);

		match(links, root, &wanted, &there);
		ok = stage_group(&wanted, &there, root, store, hash, to, err);
	}
	free(want.all);
	free(have.all);
	return ok;
}
