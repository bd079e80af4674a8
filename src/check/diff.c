/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/diff.h"

#include <stdlib.h>
#include <strings.h>

#include "base/buf.h"
#include "base/mem.h"
#include "model/anchor.h"
#include "model/facts.h"
#include "model/name.h"
#include "model/pick.h"
#include "model/store.h"

const char *const diff_words[DIFF_KINDS] = {
	[DIFF_ADDED] = "added",
	[DIFF_REMOVED] = "removed",
	[DIFF_REISSUED] = "reissued",
	[DIFF_TRUST] = "trust",
	[DIFF_DISTRUST_AFTER] = "distrust_after",
	[DIFF_CONSTRAINTS] = "constraints",
	[DIFF_LABEL] = "label",
};

static void add(struct diff *diff, enum diff_kind kind, const struct anchor *before,
		const struct anchor *after)
{
	diff->entries = mem_grow(diff->entries, diff->count, sizeof(*diff->entries));
	diff->entries[diff->count++] = (struct diff_entry){ kind, before, after };
}

static bool same_trust(const struct anchor *a, const struct anchor *b)
{
	return anchor_trusted(a) == anchor_trusted(b) && a->distrusted == b->distrusted;
}

static bool same_dates(const struct anchor *a, const struct anchor *b)
{
	return memcmp(a->distrust_after, b->distrust_after, sizeof(a->distrust_after)) == 0;
}

/* Whether every purpose without a row that one list names is in the other. */
static bool others_within(struct bytes list, struct bytes in)
{
	struct bytes oid, other;
	size_t at = 0;

	while (cert_oid_next(list, &at, &oid)) {
		bool found = purpose_of_oid(oid) != PURPOSE_OTHER;

		for (size_t k = 0; !found && cert_oid_next(in, &k, &other);)
			found = bytes_equal(oid, other);
		if (!found)
			return false;
	}
	return true;
}

/*
 * An attached extKeyUsage is how purposes are kept: what it says of those with a
 * row is compared as trust, and its order and criticality have no effect.
 */
static bool same_usage(const struct anchor *a, const struct anchor *b)
{
	const struct bytes oid = exts[EXT_EXTENDED_KEY_USAGE].oid;
	const struct extension *x = anchor_attached(a, oid), *y = anchor_attached(b, oid);
	struct bytes p = x != NULL ? x->value : (struct bytes){ NULL, 0 };
	struct bytes q = y != NULL ? y->value : (struct bytes){ NULL, 0 };

	return !same_trust(a, b) || (others_within(p, q) && others_within(q, p));
}

static bool attached_within(const struct anchor *a, const struct anchor *b)
{
	for (size_t i = 0; i < a->attached_count; i++) {
		const struct extension *one = &a->attached[i], *other = anchor_attached(b, one->oid);

		if (bytes_equal(one->oid, exts[EXT_EXTENDED_KEY_USAGE].oid))
			continue;
		if (other == NULL || !bytes_equal(other->whole, one->whole))
			return false;
	}
	return true;
}

static bool same_constraints(const struct anchor *a, const struct anchor *b)
{
	return same_usage(a, b) && attached_within(a, b) && attached_within(b, a);
}

/* Whether the store gave it a name that is not simply the certificate's own. */
static bool own_label(const struct anchor *anchor)
{
	struct buf name = { 0 };
	bool own;

	if (anchor->label[0] == '\0')
		return false;
	if (anchor->cert.subject.len > 0)
		name_short(anchor->cert.subject, &name);
	own = !bytes_equal(buf_view(&name), bytes_of(anchor->label));
	buf_done(&name);
	return own;
}

static bool same_label(const struct anchor *a, const struct anchor *b)
{
	return strcmp(a->label, b->label) == 0 || !own_label(a) || !own_label(b);
}

static bool barred(const struct anchor *anchor, const struct wanted *wanted)
{
	return (anchor->distrusted & PURPOSE_BIT(wanted->purpose)) != 0;
}

/* Whether it concerns what is asked for at all. */
static bool concerns(const struct anchor *anchor, const struct wanted *wanted)
{
	return wanted->any || barred(anchor, wanted) || anchor_serves(anchor, wanted->purpose, wanted->oid);
}

static bool same_trust_for(const struct anchor *a, const struct anchor *b, const struct wanted *wanted)
{
	return wanted->any ? same_trust(a, b) : barred(a, wanted) == barred(b, wanted);
}

static bool same_dates_for(const struct anchor *a, const struct anchor *b, const struct wanted *wanted)
{
	return wanted->any ? same_dates(a, b)
			   : a->distrust_after[wanted->purpose] == b->distrust_after[wanted->purpose];
}

/* How purposes are kept does not matter where one of them is asked for. */
static bool same_constraints_for(const struct anchor *a, const struct anchor *b, const struct wanted *wanted)
{
	return wanted->any ? same_constraints(a, b) : attached_within(a, b) && attached_within(b, a);
}

static bool same_label_for(const struct anchor *a, const struct anchor *b, const struct wanted *wanted)
{
	(void)wanted;
	return same_label(a, b);
}

static const struct {
	enum diff_kind kind;
	bool (*same)(const struct anchor *a, const struct anchor *b, const struct wanted *wanted);
} aspects[] = {
	{ DIFF_TRUST, same_trust_for },
	{ DIFF_DISTRUST_AFTER, same_dates_for },
	{ DIFF_CONSTRAINTS, same_constraints_for },
	{ DIFF_LABEL, same_label_for },
};

/* Adds what differs between two entries about the same thing; false if nothing does. */
static bool compare(struct diff *diff, const struct anchor *before, const struct anchor *after)
{
	size_t count = diff->count;

	for (size_t i = 0; i < sizeof(aspects) / sizeof(aspects[0]); i++)
		if (!aspects[i].same(before, after, diff->wanted))
			add(diff, aspects[i].kind, before, after);
	return diff->count > count;
}

/* What a removed and an added certificate are joined by; empty: by nothing. */
static struct bytes key_of_anchor(const struct anchor *anchor, struct arena *arena)
{
	uint8_t id[ID_LEN];

	return anchor_key_id(anchor, id) ? arena_bytes(arena, (struct bytes){ id, ID_LEN })
					 : (struct bytes){ NULL, 0 };
}

/* As text, since an inventory without certificates has nothing else. */
static struct bytes subject_of_anchor(const struct anchor *anchor, struct arena *arena)
{
	struct bytes subject = { NULL, 0 };
	struct facts facts;

	if (anchor->told == NULL && anchor->cert.subject.len <= 2)
		return subject;
	facts_of(anchor, &facts);
	subject = arena_bytes(arena, bytes_of(facts.subject));
	facts_done(&facts);
	return subject;
}

struct candidate {
	struct bytes by;
	struct diff_entry *entry;
};

static int by_bytes(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;
	size_t len = x->by.len < y->by.len ? x->by.len : y->by.len;
	int order = memcmp(x->by.at, y->by.at, len);

	return order != 0 ? order : (x->by.len > y->by.len) - (x->by.len < y->by.len);
}

static struct candidate *candidates(struct diff *diff, enum diff_kind kind,
				    struct bytes (*of)(const struct anchor *, struct arena *),
				    struct arena *arena, size_t *ret_count)
{
	struct candidate *all = mem_zero((diff->count + 1) * sizeof(*all));
	size_t count = 0;

	for (size_t i = 0; i < diff->count; i++) {
		struct diff_entry *entry = &diff->entries[i];
		const struct anchor *anchor = entry->after != NULL ? entry->after : entry->before;
		bool certificate = anchor->names == ANCHOR_CERTIFICATE || anchor->names == ANCHOR_FINGERPRINT;

		if (entry->kind != kind || !certificate)
			continue;
		all[count] = (struct candidate){ of(anchor, arena), entry };
		count += all[count].by.len > 0;
	}
	if (count > 1)
		qsort(all, count, sizeof(*all), by_bytes);
	*ret_count = count;
	return all;
}

/* Makes one "reissued" of each removed and added pair with the same key, or subject. */
static void join_reissued(struct diff *diff, struct bytes (*of)(const struct anchor *, struct arena *))
{
	struct arena arena = { NULL };
	size_t gone_count, come_count, i = 0, k = 0;
	struct candidate *gone = candidates(diff, DIFF_REMOVED, of, &arena, &gone_count);
	struct candidate *come = candidates(diff, DIFF_ADDED, of, &arena, &come_count);

	while (i < gone_count && k < come_count) {
		int order = by_bytes(&gone[i], &come[k]);

		if (order == 0) {
			*come[k].entry = (struct diff_entry){ DIFF_REISSUED, gone[i].entry->before,
							      come[k].entry->after };
			gone[i].entry->kind = DIFF_KINDS; /* dropped in settle() */
		}
		i += order <= 0;
		k += order >= 0;
	}
	free(gone);
	free(come);
	arena_done(&arena);
}

static int by_kind_and_name(const void *a, const void *b)
{
	const struct diff_entry *x = a, *y = b;
	const struct anchor *m = x->after != NULL ? x->after : x->before,
			    *n = y->after != NULL ? y->after : y->before;
	struct buf p = { 0 }, q = { 0 };
	int order;

	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	anchor_name(m, &p);
	anchor_name(n, &q);
	buf_byte(&p, '\0');
	buf_byte(&q, '\0');
	order = strcasecmp((const char *)p.at, (const char *)q.at);
	buf_done(&p);
	buf_done(&q);
	return order != 0 ? order : memcmp(m->id, n->id, ID_LEN);
}

static void settle(struct diff *diff)
{
	size_t reissued = diff->count, kept = 0;

	join_reissued(diff, key_of_anchor);
	join_reissued(diff, subject_of_anchor);
	for (size_t i = 0; i < reissued; i++)
		if (diff->entries[i].kind == DIFF_REISSUED)
			compare(diff, diff->entries[i].before, diff->entries[i].after);
	for (size_t i = 0; i < diff->count; i++)
		if (diff->entries[i].kind != DIFF_KINDS)
			diff->entries[kept++] = diff->entries[i];
	diff->count = kept;
	if (kept > 1)
		qsort(diff->entries, kept, sizeof(*diff->entries), by_kind_and_name);
	for (size_t i = 0; i < kept; i++)
		diff->kinds[diff->entries[i].kind]++;
}

/* The entries that concern what is asked for, by identity; free() them. */
static const struct anchor **concerned(const struct store *store, const struct wanted *wanted,
				       size_t *ret_count)
{
	const struct anchor **all = store_by_id(store);

	*ret_count = 0;
	for (size_t i = 0; i < store->count; i++)
		if (concerns(all[i], wanted))
			all[(*ret_count)++] = all[i];
	return all;
}

void diff_stores(const struct store *before, const struct store *after, const struct wanted *wanted,
		 struct diff *ret)
{
	size_t i = 0, k = 0, m, n;
	const struct anchor **a = concerned(before, wanted, &m), **b = concerned(after, wanted, &n);

	*ret = (struct diff){ .wanted = wanted };
	while (i < m || k < n) {
		int order = i == m ? 1 : k == n ? -1 : memcmp(a[i]->id, b[k]->id, ID_LEN);

		if (order < 0)
			add(ret, DIFF_REMOVED, a[i++], NULL);
		else if (order > 0)
			add(ret, DIFF_ADDED, NULL, b[k++]);
		else
			ret->same += !compare(ret, a[i++], b[k++]);
	}
	settle(ret);
	ret->wanted = NULL;
	free(a);
	free(b);
}

void diff_done(struct diff *diff)
{
	free(diff->entries);
	*diff = (struct diff){ 0 };
}
