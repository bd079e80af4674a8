/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/store.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <gnutls/crypto.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "model/anchor.h"
#include "model/staple.h"

struct store *store_new(const char *place)
{
	struct store *store = mem_zero(sizeof(*store));

	store->place = arena_text(&store->arena, bytes_of(place));
	return store;
}

void store_free(struct store *store)
{
	if (store == NULL)
		return;
	for (size_t i = 0; i < store->part_count; i++)
		store_free(store->parts[i]);
	free(store->parts);
	free(store->anchors);
	free(store->notes);
	arena_done(&store->arena);
	free(store);
}

struct store *store_part(struct store *store, const char *place)
{
	struct store *part = store_new(place);

	store->parts = mem_grow(store->parts, store->part_count, sizeof(struct store *));
	store->parts[store->part_count++] = part;
	return part;
}

struct store *store_twin(const struct store *of, const char *of_file, const char *place, const char *file)
{
	struct store *twin = store_new(place);

	twin->how = of->how;
	twin->kind = of->kind;
	twin->anchors = mem_copy(of->anchors, of->count * sizeof(*of->anchors));
	twin->count = of->count;
	twin->notes = mem_copy(of->notes, of->note_count * sizeof(*of->notes));
	twin->note_count = twin->note_room = of->note_count;
	file = arena_text(&twin->arena, bytes_of(file));
	for (size_t i = 0; i < twin->count; i++)
		if (twin->anchors[i].origin.file != NULL &&
		    strcmp(twin->anchors[i].origin.file, of_file) == 0)
			twin->anchors[i].origin.file = file;
	for (size_t i = 0; i < twin->note_count; i++)
		if (twin->notes[i].file != NULL && strcmp(twin->notes[i].file, of_file) == 0)
			twin->notes[i].file = file;
	return twin;
}

static void digest(struct bytes of, uint8_t ret[ID_LEN])
{
	if (gnutls_hash_fast(GNUTLS_DIG_SHA256, of.at, of.len, ret) < 0)
		mem_out(); /* SHA-256 is always there; what fails is its memory */
}

static struct anchor *add(struct store *store, enum anchor_names names)
{
	struct anchor *anchor;

	store->anchors = mem_grow(store->anchors, store->count, sizeof(*anchor));
	anchor = &store->anchors[store->count++];
	*anchor = (struct anchor){ .names = names, .label = "" };
	for (size_t i = 0; i < PURPOSE_COUNT; i++)
		anchor->distrust_after[i] = CLOCK_NONE;
	anchor->cert.path_len = -1;
	anchor->cert.not_before = anchor->cert.not_after = CLOCK_NONE;
	return anchor;
}

static void set_key(struct anchor *anchor, struct bytes spki)
{
	anchor->cert.spki = spki;
	anchor->has_key_id = true;
	digest(spki, anchor->key_id);
}

struct anchor *store_add(struct store *store, struct bytes der, size_t at)
{
	struct anchor *anchor = add(store, ANCHOR_CERTIFICATE);
	struct err err = { 0 };

	der = arena_bytes(&store->arena, der);
	digest(der, anchor->id);
	anchor->readable = cert_read(der, &anchor->cert, &err);
	if (anchor->readable)
		set_key(anchor, anchor->cert.spki);
	else
		store_note(store, NOTE_WARN, at,
			   "a certificate that is not RFC 5280: %s; it is known by its hash only", err.text);
	return anchor;
}

/* The identity of something that is no certificate: hashed with a word in front, so that it can equal none.
 */
static void other_id(struct anchor *anchor, const char *word, struct bytes a, struct bytes b)
{
	struct buf all = { 0 };

	buf_text(&all, word);
	buf_be32(&all, (uint32_t)a.len);
	buf_bytes(&all, a);
	buf_bytes(&all, b);
	digest(buf_view(&all), anchor->id);
	buf_done(&all);
}

struct anchor *store_add_issuer_serial(struct store *store, struct bytes issuer, struct bytes serial)
{
	struct anchor *anchor = add(store, ANCHOR_ISSUER_SERIAL);

	anchor->cert.issuer = arena_bytes(&store->arena, issuer);
	anchor->cert.serial = arena_bytes(&store->arena, serial);
	other_id(anchor, "issuer and serial", issuer, serial);
	return anchor;
}

struct anchor *store_add_key(struct store *store, struct bytes spki)
{
	struct anchor *anchor = add(store, ANCHOR_KEY);

	set_key(anchor, arena_bytes(&store->arena, spki));
	other_id(anchor, "key", spki, (struct bytes){ NULL, 0 });
	return anchor;
}

struct anchor *store_add_fingerprint(struct store *store, const uint8_t id[ID_LEN])
{
	struct anchor *anchor = add(store, ANCHOR_FINGERPRINT);

	memcpy(anchor->id, id, ID_LEN);
	return anchor;
}

void store_label(struct store *store, struct anchor *anchor, struct bytes label)
{
	const uint8_t *nul = label.len > 0 ? memchr(label.at, 0, label.len) : NULL;

	if (nul != NULL)
		label.len = (size_t)(nul - label.at);
	if (label.len > LIMIT_LABEL) {
		store_note(store, NOTE_WARN, NOTE_NOWHERE, "a label of %zu bytes is cut at %d", label.len,
			   LIMIT_LABEL);
		label.len = LIMIT_LABEL;
	}
	anchor->label = arena_text(&store->arena, label);
}

bool store_attach(struct store *store, struct anchor *anchor, struct bytes whole)
{
	struct extension *more = arena_take(&store->arena, (anchor->attached_count + 1) * sizeof(*more));
	bool odd;

	if (anchor->attached_count > 0)
		memcpy(more, anchor->attached, anchor->attached_count * sizeof(*more));
	if (!extension_read(arena_bytes(&store->arena, whole), &more[anchor->attached_count], &odd))
		return false;
	anchor->attached = more;
	anchor->attached_count++;
	return true;
}

uint16_t store_purposes_of(struct bytes extended_key_usage)
{
	uint16_t set = 0;
	struct bytes oid;
	size_t at = 0;

	while (cert_oid_next(extended_key_usage, &at, &oid)) {
		enum purpose purpose = purpose_of_oid(oid);

		if (purpose_any(oid))
			return PURPOSES_ALL;
		if (!bytes_equal(oid, staple_nothing))
			set |= PURPOSE_BIT(purpose);
	}
	return set;
}

static void keep_note(struct store *store, enum note_level level, const char *file, size_t at,
		      const char *text)
{
	store->notes = mem_grow(store->notes, store->note_count, sizeof(*store->notes));
	store->notes[store->note_count++] = (struct note){
		.level = level,
		.file = file != NULL ? arena_text(&store->arena, bytes_of(file)) : NULL,
		.at = at,
		.text = arena_text(&store->arena, bytes_of(text)),
	};
}

static void note(struct store *store, enum note_level level, const char *file, size_t at, const char *fmt,
		 va_list ap)
{
	char text[1024];

	if (store->note_room++ >= (level == NOTE_ERROR ? LIMIT_ERRORS : LIMIT_NOTES))
		return; /* store_finish() says, as an error, how many there were */
	vsnprintf(text, sizeof(text), fmt, ap);
	keep_note(store, level, file, at, text);
}

void store_note(struct store *store, enum note_level level, size_t at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	note(store, level, NULL, at, fmt, ap);
	va_end(ap);
}

void store_note_file(struct store *store, enum note_level level, const char *file, size_t at, const char *fmt,
		     ...)
{
	va_list ap;

	va_start(ap, fmt);
	note(store, level, file, at, fmt, ap);
	va_end(ap);
}

bool store_incomplete(const struct store *store)
{
	for (size_t i = 0; i < store->part_count; i++)
		if (store_incomplete(store->parts[i]))
			return true;
	for (size_t i = 0; i < store->note_count; i++)
		if (store->notes[i].level == NOTE_ERROR)
			return true;
	return false;
}

static int by_id(const void *a, const void *b)
{
	const struct anchor *const *x = a, *const *y = b;
	int order = memcmp((*x)->id, (*y)->id, ID_LEN);

	return order != 0 ? order : (*x > *y) - (*x < *y);
}

static int by_key(const void *a, const void *b)
{
	const struct anchor *const *x = a, *const *y = b;

	return memcmp((*x)->key_id, (*y)->key_id, ID_LEN);
}

static int by_issuer_serial(const void *a, const void *b)
{
	const struct cert *x = &(*(const struct anchor *const *)a)->cert,
			  *y = &(*(const struct anchor *const *)b)->cert;

	if (x->issuer.len != y->issuer.len)
		return x->issuer.len < y->issuer.len ? -1 : 1;
	if (x->serial.len != y->serial.len)
		return x->serial.len < y->serial.len ? -1 : 1;
	int order = memcmp(x->issuer.at, y->issuer.at, x->issuer.len);

	return order != 0 ? order : memcmp(x->serial.at, y->serial.at, x->serial.len);
}

const struct anchor **store_by_id(const struct store *store)
{
	const struct anchor **all = mem_zero(store->count * sizeof(const struct anchor *));

	for (size_t i = 0; i < store->count; i++)
		all[i] = &store->anchors[i];
	if (store->count > 1)
		qsort(all, store->count, sizeof(*all), by_id);
	return all;
}

const struct anchor *store_find(const struct store *store, const uint8_t id[ID_LEN])
{
	for (size_t i = 0; i < store->count; i++)
		if (memcmp(store->anchors[i].id, id, ID_LEN) == 0)
			return &store->anchors[i];
	return NULL;
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a == CLOCK_NONE ? b : b == CLOCK_NONE ? a : a < b ? a : b;
}

static bool same_attached(const struct anchor *a, const struct anchor *b)
{
	bool same = a->attached_count == b->attached_count;

	for (size_t i = 0; same && i < a->attached_count; i++)
		same = bytes_equal(a->attached[i].whole, b->attached[i].whole);
	return same;
}

static void note_joined(struct store *store, const struct anchor *into, const struct anchor *from)
{
	const char *file = into->origin.file, *of;
	bool differ = from->attached_count > 0 && !same_attached(into, from);
	char line[32] = "";

	if (into->origin.line > 0)
		snprintf(line, sizeof(line), " in line %u", into->origin.line);
	of = file == NULL ? "" : line[0] != '\0' ? " of " : " in ";
	store_note_file(store, differ ? NOTE_WARN : NOTE_INFO, from->origin.file, NOTE_NOWHERE,
			"the same certificate again; it stands%s%s%s already%s", line, of,
			file != NULL ? file : "",
			differ ? ", and is constrained there in another way, which counts" : "");
}

/*
 * Constraints of kinds that the first has none of; of one kind the first's counts.
 * Lists of purposes are trust, and joined as such.
 */
static void attach_others(struct store *store, struct anchor *into, const struct anchor *from)
{
	for (size_t i = 0; i < from->attached_count; i++) {
		struct bytes oid = from->attached[i].oid;

		if (!bytes_equal(oid, exts[EXT_EXTENDED_KEY_USAGE].oid) && !bytes_equal(oid, staple_reject) &&
		    anchor_attached(into, oid) == NULL)
			store_attach(store, into, from->attached[i].whole);
	}
}

static void join(struct store *store, struct anchor *into, const struct anchor *from)
{
	const struct extension *rejects = anchor_attached(from, staple_reject);

	into->trusted |= from->trusted;
	into->distrusted |= from->distrusted;
	into->mozilla_policy |= from->mozilla_policy;
	for (size_t i = 0; i < PURPOSE_COUNT; i++)
		into->distrust_after[i] = earlier(into->distrust_after[i], from->distrust_after[i]);
	if (into->label[0] == '\0')
		into->label = from->label;
	note_joined(store, into, from);
	if (into->attached_count == 0) {
		into->attached = from->attached;
		into->attached_count = from->attached_count;
	} else {
		attach_others(store, into, from);
		if (rejects != NULL)
			staple_add_rejects(store, into, rejects->value);
	}
}

static void join_equal(struct store *store)
{
	const struct anchor **all = store_by_id(store);
	bool *gone = mem_zero(store->count * sizeof(*gone));
	size_t kept = 0, first = 0;

	for (size_t i = 1; i < store->count; i++) {
		if (memcmp(all[i]->id, all[first]->id, ID_LEN) != 0) {
			first = i;
			continue;
		}
		join(store, &store->anchors[all[first] - store->anchors], all[i]);
		gone[all[i] - store->anchors] = true;
	}
	for (size_t i = 0; i < store->count; i++)
		if (!gone[i]) {
			if (kept != i)
				store->anchors[kept] = store->anchors[i];
			kept++;
		}
	store->count = kept;
	free(gone);
	free(all);
}

/* Leaves the first of those that are equal in the sorted array, and what all of them distrust; how many
 * remain.
 */
static size_t one_of_each(const struct anchor **sorted, uint16_t *ret_sums, size_t count,
			  int (*order)(const void *, const void *))
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		if (kept == 0 || order(&sorted[kept - 1], &sorted[i]) != 0)
			sorted[kept++] = sorted[i];
		ret_sums[kept - 1] |= sorted[i]->distrusted;
	}
	return kept;
}

/* Gives the distrust of some anchors to all that are equal to one of them by `order`. */
static void spread_by(struct store *store, const struct anchor **from, size_t count,
		      bool (*has)(const struct anchor *), int (*order)(const void *, const void *))
{
	const struct anchor **with = mem_zero((count + 1) * sizeof(const struct anchor *));
	uint16_t *sums = mem_zero((count + 1) * sizeof(*sums));
	size_t used = 0;

	for (size_t i = 0; i < count; i++)
		if (has(from[i]))
			with[used++] = from[i];
	if (used > 0)
		qsort(with, used, sizeof(*with), order);
	used = one_of_each(with, sums, used, order);
	for (size_t i = 0; used > 0 && i < store->count; i++) {
		const struct anchor *key = &store->anchors[i], **hit;

		hit = has(key) ? bsearch(&key, with, used, sizeof(*with), order) : NULL;
		if (hit != NULL)
			store->anchors[i].distrusted |= sums[hit - with];
	}
	free(sums);
	free(with);
}

static bool has_key(const struct anchor *anchor)
{
	return anchor->has_key_id;
}

static bool has_issuer_serial(const struct anchor *anchor)
{
	return anchor->cert.issuer.len > 0 && anchor->cert.serial.len > 0;
}

static void spread_distrust(struct store *store)
{
	const struct anchor **from = mem_zero((store->count + 1) * sizeof(const struct anchor *));
	size_t count = 0;

	for (size_t i = 0; i < store->count; i++)
		if (store->anchors[i].distrusted != 0)
			from[count++] = &store->anchors[i];
	if (count > 0) {
		spread_by(store, from, count, has_key, by_key);
		spread_by(store, from, count, has_issuer_serial, by_issuer_serial);
	}
	free(from);
}

void store_finish(struct store *store)
{
	for (size_t i = 0; i < store->part_count; i++)
		store_finish(store->parts[i]);
	join_equal(store);
	spread_distrust(store);
	if (store->note_room > store->note_count) {
		char text[64];

		snprintf(text, sizeof(text), "%zu more notes are not shown",
			 store->note_room - store->note_count);
		keep_note(store, NOTE_WARN, NULL, NOTE_NOWHERE, text);
		store->note_room++;
	}
}
