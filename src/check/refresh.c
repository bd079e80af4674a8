/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/refresh.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "check/edition.h"
#include "check/roots.h"
#include "model/anchor.h"
#include "model/kind.h"
#include "model/store.h"

const char *const refresh_words[REFRESH_KINDS] = {
	[REFRESH_REMOVED] = "removed", [REFRESH_ADDED] = "added",
	[REFRESH_TRUST] = "trust",     [REFRESH_DISTRUST_AFTER] = "distrust_after",
	[REFRESH_KEPT] = "kept",
};

const char *const cause_words[CAUSES] = {
	[CAUSE_NONE] = "",
	[CAUSE_DISTRUSTED] = "distrusted",
	[CAUSE_EXPIRED] = "expired",
	[CAUSE_MOZILLA] = "removed-by-mozilla",
	[CAUSE_DISTRUST_AFTER] = "distrust-after",
	[CAUSE_PURPOSE] = "other-purpose",
	[CAUSE_RENEWED] = "renewed",
	[CAUSE_ABSENT] = "not-in-source",
	[CAUSE_LOCAL] = "local",
	[CAUSE_FORBIDDEN] = "forbidden-here",
	[CAUSE_UNKNOWN] = "not-of-a-known-list",
	[CAUSE_CANNOT] = "cannot-be-said",
};

/* The question with what follows from the stores as a whole. */
struct review {
	const struct refresh_question *q;
	uint16_t scope; /* the purposes by which an entry is in a list */
	bool purposes;  /* the list tells purposes and dates, and does not mean all by saying none */
	struct refresh *ret;
};

static bool tells_purposes(const struct store *list)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct anchor *a = &list->anchors[i];

		if ((a->trusted != 0 && a->trusted != PURPOSES_ALL) ||
		    a->distrust_after[PURPOSE_SERVER_AUTH] != CLOCK_NONE)
			return true;
	}
	return false;
}

static bool is_in(const struct store *const *stores, size_t count, const struct anchor *anchor)
{
	for (size_t i = 0; i < count; i++)
		if (store_find(stores[i], anchor->id) != NULL)
			return true;
	return false;
}

static bool is_listed(const struct review *r, const struct anchor *anchor)
{
	return anchor != NULL && anchor->names == ANCHOR_CERTIFICATE &&
	       (anchor_trusted(anchor) & r->scope) != 0;
}

static bool is_forbidden(const struct review *r, const struct anchor *before, const struct anchor *after)
{
	return (before != NULL && (before->distrusted & r->scope) != 0) ||
	       is_in(r->q->forbidden, r->q->forbidden_count, after);
}

static bool is_others(const struct review *r, const struct anchor *before)
{
	return is_in(r->q->bases, r->q->base_count, before) || roots_find(r->q->roots, before->id) != NULL ||
	       store_find(r->q->next, before->id) != NULL;
}

static bool is_local(const struct review *r, const struct anchor *anchor)
{
	return is_in(r->q->locals, r->q->local_count, anchor);
}

/* --- entries --- */

static struct refresh_entry *add(struct review *r, enum refresh_kind kind, enum refresh_cause cause,
				 const struct anchor *before, const struct anchor *after)
{
	struct refresh *ret = r->ret;
	struct refresh_entry *entry;

	ret->all = mem_grow(ret->all, ret->count, sizeof(*ret->all));
	entry = &ret->all[ret->count++];
	*entry = (struct refresh_entry){ .kind = kind, .cause = cause, .before = before, .after = after };
	entry->text = mem_string("", 0);
	ret->kinds[kind]++;
	return entry;
}

static void say(struct refresh_entry *entry, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void say(struct refresh_entry *entry, const char *fmt, ...)
{
	char text[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args); /* NOLINT(clang-analyzer-valist.Uninitialized): it is */
	va_end(args);
	free(entry->text);
	entry->text = mem_string(text, strlen(text));
}

static void ask(const struct review *r, struct refresh_entry *entry, enum request_kind request)
{
	const struct anchor *about = entry->after != NULL ? entry->after : entry->before;

	entry->asks = true;
	entry->request = request;
	entry->wish = mem_copy(about, sizeof(*about));
	if (request != REQUEST_TRUST)
		return;
	/* A list of TLS roots that tells no purposes is no reason to trust them for signed programs. */
	if (!(r->q->target->can & CAN_PURPOSE))
		entry->wish->trusted = PURPOSES_ALL;
	else if (!r->purposes)
		entry->wish->trusted &= r->scope;
	/* What the store cannot say the review has said. */
	for (size_t i = 0; !(r->q->target->can & CAN_DISTRUST_AFTER) && i < PURPOSE_COUNT; i++)
		entry->wish->distrust_after[i] = CLOCK_NONE;
}

/* --- why it goes --- */

static const struct anchor *renewed_as(const struct review *r, const struct anchor *before)
{
	uint8_t key[ID_LEN], other[ID_LEN];

	if (!anchor_key_id(before, key))
		return NULL;
	for (size_t i = 0; i < r->q->next->count; i++) {
		const struct anchor *a = &r->q->next->anchors[i];

		if (is_listed(r, a) && anchor_key_id(a, other) && memcmp(key, other, ID_LEN) == 0)
			return a;
	}
	return NULL;
}

/* What the table of roots knows. False: nothing against it. */
static bool blame_table(const struct review *r, struct refresh_entry *entry)
{
	const struct root_row *row =
		roots_find(r->q->roots, (entry->before != NULL ? entry->before : entry->after)->id);
	char date[CLOCK_TEXT] = "";
	bool past = row != NULL && row->distrust_after[0] != CLOCK_NONE && row->distrust_after[0] < r->q->at;

	if (row == NULL || (row->last == NULL && !past && row->servers))
		return false;
	if (past)
		clock_date(row->distrust_after[0], date);
	if (row->last == NULL && !past) {
		entry->cause = CAUSE_PURPOSE;
		say(entry, "Mozilla no longer trusts it for TLS servers");
		return true;
	}
	if (row->last == NULL) {
		entry->cause = CAUSE_DISTRUST_AFTER;
		say(entry, "Mozilla trusts nothing that it issued after %s", date);
		return true;
	}
	entry->cause = CAUSE_MOZILLA;
	say(entry, "removed by Mozilla, after version %s of its list%s%s%s%s%s", row->last,
	    row->until != NULL ? " (" : "", row->until != NULL ? row->until : "",
	    row->until != NULL ? ")" : "", past ? "; nothing that it issued counted after " : "", date);
	return true;
}

/* False: the list is the only reason; what is known here is none. */
static bool blame(const struct review *r, struct refresh_entry *entry)
{
	int64_t end = anchor_not_after(entry->before);
	const struct anchor *renewed;
	char date[CLOCK_TEXT];

	if (entry->after != NULL && (entry->after->distrusted & r->scope) != 0) {
		entry->cause = CAUSE_DISTRUSTED;
		say(entry, "%s distrusts it", r->q->source);
		return false;
	}
	if (end != CLOCK_NONE && end < r->q->at) {
		clock_date(end, date);
		entry->cause = CAUSE_EXPIRED;
		say(entry, "expired on %s", date);
		return true;
	}
	if (blame_table(r, entry))
		return true;
	if (entry->after != NULL) {
		entry->cause = CAUSE_PURPOSE;
		say(entry, "in %s it is no longer for TLS servers", r->q->source);
		return false;
	}
	if ((renewed = renewed_as(r, entry->before)) != NULL) {
		entry->cause = CAUSE_RENEWED;
		say(entry, "renewed: its key is in another certificate, %02x%02x%02x%02x", renewed->id[0],
		    renewed->id[1], renewed->id[2], renewed->id[3]);
		return true;
	}
	entry->cause = CAUSE_ABSENT;
	say(entry, "no longer in %s", r->q->source);
	return false;
}

/* --- one certificate --- */

static void gone(struct review *r, const struct anchor *before, const struct anchor *after)
{
	struct refresh_entry *entry;

	if (is_local(r, before)) {
		entry = add(r, REFRESH_KEPT, CAUSE_LOCAL, before, after);
		say(entry, "not in %s, and an anchor of this host's own", r->q->source);
		return;
	}
	if (!is_others(r, before)) {
		entry = add(r, REFRESH_KEPT, CAUSE_UNKNOWN, before, after);
		say(entry,
		    "not in %s, nor on any list that is known here; if it is not yours: anchorage remove",
		    r->q->source);
		return;
	}
	r->ret->before++;
	entry = add(r, REFRESH_REMOVED, CAUSE_ABSENT, before, after);
	r->ret->unexplained += !blame(r, entry);
	ask(r, entry, entry->cause == CAUSE_DISTRUSTED ? REQUEST_DISTRUST : REQUEST_REMOVE);
}

/* A list that brings back what Mozilla gave up is old, or somebody's own: that is to be seen. */
static void blame_came(const struct review *r, struct refresh_entry *entry)
{
	struct refresh_entry known = { .before = entry->before, .after = entry->after, .text = NULL };

	if (blame_table(r, &known)) {
		entry->cause = known.cause;
		free(entry->text);
		entry->text = known.text;
	}
}

static void came(struct review *r, const struct anchor *before, const struct anchor *after)
{
	struct refresh_entry *entry;
	char date[CLOCK_TEXT];

	if (is_forbidden(r, before, after)) {
		entry = add(r, REFRESH_KEPT, CAUSE_FORBIDDEN, before, after);
		say(entry, "in %s, and forbidden on this host: it stays out", r->q->source);
		return;
	}
	r->ret->after++;
	entry = add(r, REFRESH_ADDED, CAUSE_NONE, before, after);
	if (anchor_not_after(after) != CLOCK_NONE && anchor_not_after(after) < r->q->at) {
		clock_date(anchor_not_after(after), date);
		entry->cause = CAUSE_EXPIRED;
		say(entry, "expired on %s", date);
	} else if (roots_find(r->q->roots, after->id) == NULL) {
		entry->cause = CAUSE_UNKNOWN;
		say(entry, "on no list of public roots that is known here: new, or no public root at all");
	} else {
		blame_came(r, entry);
	}
	if (after->distrust_after[PURPOSE_SERVER_AUTH] != CLOCK_NONE) {
		clock_date(after->distrust_after[PURPOSE_SERVER_AUTH], date);
		entry->cause = CAUSE_DISTRUST_AFTER;
		say(entry, "what it issued after %s is not trusted%s", date,
		    r->q->target->can & CAN_DISTRUST_AFTER ? "" : ", which this store cannot say");
	}
	ask(r, entry, REQUEST_TRUST);
}

static bool dates_differ(const struct anchor *a, const struct anchor *b)
{
	return a->distrust_after[PURPOSE_SERVER_AUTH] != b->distrust_after[PURPOSE_SERVER_AUTH] ||
	       a->distrust_after[PURPOSE_EMAIL] != b->distrust_after[PURPOSE_EMAIL];
}

static void stays(struct review *r, const struct anchor *before, const struct anchor *after)
{
	int64_t date = after->distrust_after[PURPOSE_SERVER_AUTH];
	struct refresh_entry *entry;
	char text[CLOCK_TEXT];

	r->ret->before++;
	r->ret->after++;
	if (!r->purposes || is_local(r, before))
		return;
	if ((r->q->target->can & CAN_PURPOSE) && anchor_trusted(before) != anchor_trusted(after)) {
		entry = add(r, REFRESH_TRUST, CAUSE_NONE, before, after);
		ask(r, entry, REQUEST_TRUST);
		return;
	}
	if (!dates_differ(before, after))
		return;
	entry = add(r, REFRESH_DISTRUST_AFTER, CAUSE_NONE, before, after);
	clock_date(date, text);
	if (date == CLOCK_NONE)
		say(entry,
		    "there is no date any more after which what it issued for TLS servers is not trusted");
	else
		say(entry, "what it issued after %s is not trusted%s", text,
		    r->q->target->can & CAN_DISTRUST_AFTER ? "" : ", which this store cannot say");
	if (r->q->target->can & CAN_DISTRUST_AFTER)
		ask(r, entry, REQUEST_TRUST);
	else
		entry->cause = CAUSE_CANNOT;
}

static void look(struct review *r, const struct anchor *before, const struct anchor *after)
{
	bool was = is_listed(r, before), is = is_listed(r, after);

	if (was && is)
		stays(r, before, after);
	else if (was)
		gone(r, before, after);
	else if (is)
		came(r, before, after);
	else if (after != NULL && (after->distrusted & r->scope) != 0 && (r->q->target->can & CAN_DISTRUST) &&
		 (before == NULL || (before->distrusted & r->scope) == 0)) {
		struct refresh_entry *entry = add(r, REFRESH_TRUST, CAUSE_DISTRUSTED, before, after);

		say(entry, "%s distrusts it", r->q->source);
		ask(r, entry, REQUEST_DISTRUST);
	}
}

/* --- all of them --- */

static int by_kind(const void *a, const void *b)
{
	const struct refresh_entry *x = a, *y = b;
	struct buf p = { 0 }, q = { 0 };
	int c;

	if (x->kind != y->kind)
		return (x->kind > y->kind) - (x->kind < y->kind);
	anchor_name(x->before != NULL ? x->before : x->after, &p);
	anchor_name(y->before != NULL ? y->before : y->after, &q);
	c = memcmp(p.at, q.at, p.len < q.len ? p.len : q.len);
	c = c != 0 ? c : (p.len > q.len) - (p.len < q.len);
	buf_done(&p);
	buf_done(&q);
	return c != 0 ? c
		      : memcmp((x->before != NULL ? x->before : x->after)->id,
			       (y->before != NULL ? y->before : y->after)->id, ID_LEN);
}

void refresh_review(const struct refresh_question *question, struct refresh *ret)
{
	const struct anchor **before = store_by_id(question->store), **after = store_by_id(question->next);
	struct review r = { .q = question, .ret = ret, .purposes = tells_purposes(question->next) };
	size_t i = 0, k = 0;

	*ret = (struct refresh){ 0 };
	/* What cannot tell TLS from mail is for TLS, and so is a list that does not. */
	r.scope = r.purposes && (question->target->can & CAN_PURPOSE) ? PURPOSES_ALL
								      : PURPOSE_BIT(PURPOSE_SERVER_AUTH);
	while (i < question->store->count || k < question->next->count) {
		const struct anchor *a = i < question->store->count ? before[i] : NULL,
				    *b = k < question->next->count ? after[k] : NULL;
		int c = a == NULL ? 1 : b == NULL ? -1 : memcmp(a->id, b->id, ID_LEN);

		look(&r, c <= 0 ? a : NULL, c >= 0 ? b : NULL);
		i += c <= 0;
		k += c >= 0;
	}
	if (ret->count > 1)
		qsort(ret->all, ret->count, sizeof(*ret->all), by_kind);
	free(before);
	free(after);
}

void refresh_requests(const struct refresh *refresh, bool moves, struct requests *ret)
{
	for (size_t i = 0; i < refresh->count; i++) {
		const struct refresh_entry *entry = &refresh->all[i];

		if (entry->asks && (!moves || entry->kind == REFRESH_ADDED || entry->kind == REFRESH_REMOVED))
			requests_add(ret, entry->request, entry->wish);
	}
}

bool refresh_bounded(const struct refresh *refresh, const struct refresh_bounds *bounds, struct err *err)
{
	size_t lost = refresh->before > refresh->after ? refresh->before - refresh->after : 0;

	if (refresh->after == 0)
		return err_set(err, ERR_USAGE,
			       "the new list has no anchors that this store could hold; nothing is changed");
	if (bounds->was != NULL && bounds->is != NULL && !bounds->allow_older &&
	    edition_compare(bounds->is, bounds->was) < 0)
		return err_set(
			err, ERR_USAGE,
			"the list is older than the one that is here (%s, here %s); --allow-older takes it "
			"all the same",
			bounds->is, bounds->was);
	if (!bounds->allow_shrink && lost * 100 > refresh->before * (size_t)bounds->max_shrink)
		return err_set(
			err, ERR_USAGE,
			"the list would leave %zu of %zu anchors, and more than %d%% fewer is no usual "
			"change; look at what goes, then --max-shrink or --allow-shrink takes it all the "
			"same",
			refresh->after, refresh->before, bounds->max_shrink);
	/* As many others in their place make it no newer edition of the same list. */
	if (!bounds->allow_shrink &&
	    refresh->unexplained * 100 > refresh->before * (size_t)bounds->max_shrink)
		return err_set(
			err, ERR_USAGE,
			"the list would take %zu of %zu anchors away for which nothing else speaks against "
			"them, and more than %d%% is no usual change; look at what goes, then --max-shrink "
			"or "
			"--allow-shrink takes it all the same",
			refresh->unexplained, refresh->before, bounds->max_shrink);
	return true;
}

void refresh_done(struct refresh *refresh)
{
	for (size_t i = 0; i < refresh->count; i++) {
		free(refresh->all[i].text);
		free(refresh->all[i].wish);
	}
	free(refresh->all);
	*refresh = (struct refresh){ 0 };
}
