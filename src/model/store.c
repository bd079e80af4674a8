/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/store.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

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

static void free_one(struct store *store)
{
	free(store->parts);
	free(store->anchors);
	free(store->notes);
	arena_done(&store->arena);
	free(store);
}

void store_free(struct store *store)
{
	if (store == NULL)
		return;
	for (size_t i = 0; i < store->part_count; i++)
		free_one(store->parts[i]); /* a part has none itself */
	free_one(store);
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
	twin->private_key = of->private_key;
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

struct anchor *store_add(struct store *store, struct bytes der, size_t at)
{
	struct anchor *anchor = add(store, ANCHOR_CERTIFICATE);
	struct err err = { 0 };

	der = arena_bytes(&store->arena, der);
	digest_sha256(der, anchor->id);
	anchor->readable = cert_read(der, &anchor->cert, &err);
	if (!anchor->readable)
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
	digest_sha256(buf_view(&all), anchor->id);
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

	anchor->cert.spki = arena_bytes(&store->arena, spki);
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
	struct extension one, *more;
	bool odd;

	if (!extension_read(whole, &one, &odd))
		return false;
	/* The reject list is one at most: see staple.c. */
	if (anchor->attached_count >= LIMIT_ATTACHED && !bytes_equal(one.oid, staple_reject)) {
		store_note(store, NOTE_ERROR, NOTE_NOWHERE,
			   "one of more than %d extensions attached to one certificate is not kept",
			   LIMIT_ATTACHED);
		return true;
	}
	more = arena_take(&store->arena, (anchor->attached_count + 1) * sizeof(*more));
	if (anchor->attached_count > 0)
		memcpy(more, anchor->attached, anchor->attached_count * sizeof(*more));
	extension_read(arena_bytes(&store->arena, whole), &more[anchor->attached_count], &odd);
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
	bool full = store->note_count >= (level == NOTE_ERROR ? LIMIT_ERRORS : LIMIT_NOTES);
	char text[1024];

	store->note_room++;
	if (full && (level != NOTE_WARN || store->private_key))
		return; /* store_finish() says how many there were */
	vsnprintf(text, sizeof(text), fmt, ap);
	if (strncmp(text, NOTE_PRIVATE_KEY, strlen(NOTE_PRIVATE_KEY)) == 0)
		store->private_key = true;
	if (full)
		return;
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

static bool has_error(const struct store *store)
{
	for (size_t i = 0; i < store->note_count; i++)
		if (store->notes[i].level == NOTE_ERROR)
			return true;
	return false;
}

bool store_incomplete(const struct store *store)
{
	for (size_t i = 0; i < store->part_count; i++)
		if (has_error(store->parts[i]))
			return true;
	return has_error(store);
}

/* For sorting: the identity's start decides, mostly, without a look at the entry. */
struct ranked {
	uint8_t head[8];
	const struct anchor *anchor;
};

static int by_id(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;
	int order = memcmp(x->head, y->head, sizeof(x->head));

	if (order == 0)
		order = memcmp(x->anchor->id, y->anchor->id, ID_LEN);
	return order != 0 ? order : (x->anchor > y->anchor) - (x->anchor < y->anchor);
}

const struct anchor **store_by_id(const struct store *store)
{
	const struct anchor **all = mem_zero(store->count * sizeof(const struct anchor *));
	struct ranked *ranked = mem_zero(store->count * sizeof(*ranked));

	for (size_t i = 0; i < store->count; i++) {
		ranked[i].anchor = &store->anchors[i];
		memcpy(ranked[i].head, store->anchors[i].id, sizeof(ranked[i].head));
	}
	if (store->count > 1)
		qsort(ranked, store->count, sizeof(*ranked), by_id);
	for (size_t i = 0; i < store->count; i++)
		all[i] = ranked[i].anchor;
	free(ranked);
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
	else if (into->origin.at > 0)
		snprintf(line, sizeof(line), " at byte %zu", into->origin.at);
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
	uint16_t own;

	if (into->names == ANCHOR_FINGERPRINT && from->names != ANCHOR_FINGERPRINT) {
		into->names = from->names;
		into->readable = from->readable;
		into->cert = from->cert;
		into->told = NULL;
		into->told_key = NULL;
	}
	into->trusted |= from->trusted;
	own = (uint16_t)((into->distrusted & ~into->spread) | (from->distrusted & ~from->spread));
	into->distrusted |= from->distrusted;
	into->spread = into->distrusted & (uint16_t)~own;
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

/* What an entry distrusts by itself, before any of it spreads. */
struct own {
	uint16_t distrusted;
	const struct extension *rejects; /* purposes without a row; NULL: none */
};

/* What distrust spreads by, and what is distrusted so. */
struct spread {
	struct bytes by;
	size_t entry; /* the first that says so */
	uint16_t distrusted;
	struct anchor *rejects; /* is nothing but a reject list, and what follows from it; or NULL */
};

static int by_bytes(const void *a, const void *b)
{
	struct bytes x = ((const struct spread *)a)->by, y = ((const struct spread *)b)->by;
	int order = memcmp(x.at, y.at, x.len < y.len ? x.len : y.len);

	return order != 0 ? order : (x.len > y.len) - (x.len < y.len);
}

static int by_bytes_and_entry(const void *a, const void *b)
{
	size_t x = ((const struct spread *)a)->entry, y = ((const struct spread *)b)->entry;
	int order = by_bytes(a, b);

	return order != 0 ? order : (x > y) - (x < y);
}

/* Both write to `room` and return a view of it; an empty one: it has none. */
static struct bytes key_of_entry(const struct anchor *anchor, struct buf *room)
{
	uint8_t id[ID_LEN];

	if (anchor_key_id(anchor, id))
		buf_bytes(room, (struct bytes){ id, ID_LEN });
	return buf_view(room);
}

static struct bytes issuer_serial_of(const struct anchor *anchor, struct buf *room)
{
	if (anchor->cert.issuer.len > 0 && anchor->cert.serial.len > 0) {
		buf_bytes(room, anchor->cert.issuer); /* with its length: no two pairs are alike */
		buf_bytes(room, anchor->cert.serial);
	}
	return buf_view(room);
}

static void add_own(struct store *store, struct spread *to, const struct own *own)
{
	to->distrusted |= own->distrusted;
	if (own->rejects == NULL)
		return;
	if (to->rejects == NULL) {
		to->rejects = arena_take(&store->arena, sizeof(*to->rejects));
		*to->rejects = (struct anchor){ .names = ANCHOR_KEY };
	}
	staple_add_rejects(store, to->rejects, own->rejects->value);
}

/* Leaves the first of those that are equal, with what all of them distrust; how many remain. */
static size_t one_of_each(struct store *store, const struct own *own, struct spread *all, size_t count)
{
	size_t kept = 0;

	if (count > 1)
		qsort(all, count, sizeof(*all), by_bytes_and_entry);
	for (size_t i = 0; i < count; i++) {
		if (kept == 0 || by_bytes(&all[kept - 1], &all[i]) != 0)
			all[kept++] = all[i];
		add_own(store, &all[kept - 1], &own[all[i].entry]);
	}
	return kept;
}

static void take_distrust(struct store *store, struct anchor *anchor, const struct spread *from)
{
	const struct anchor *rejects = from->rejects;
	uint16_t more = from->distrusted;

	if (rejects != NULL)
		more |= rejects->distrusted;
	anchor->spread |= more & (uint16_t)~anchor->distrusted;
	anchor->distrusted |= more;
	if (rejects == NULL)
		return;
	if (anchor->attached_count == 0) { /* shared, as there may be many */
		anchor->attached = rejects->attached;
		anchor->attached_count = rejects->attached_count;
	} else if (rejects->attached_count > 0) {
		staple_add_rejects(store, anchor, rejects->attached[0].value);
	}
}

/* Gives what entries distrust by themselves to all with the same key, or issuer and serial number. */
static void spread_by(struct store *store, const struct own *own,
		      struct bytes (*of)(const struct anchor *, struct buf *))
{
	struct spread *all = mem_zero((store->count + 1) * sizeof(*all)), one = { .entry = 0 };
	struct arena arena = { NULL };
	struct buf room = { 0 };
	size_t used = 0;

	for (size_t i = 0; i < store->count; i++) {
		room.len = 0;
		if ((own[i].distrusted != 0 || own[i].rejects != NULL) &&
		    of(&store->anchors[i], &room).len > 0)
			all[used++] =
				(struct spread){ .by = arena_bytes(&arena, buf_view(&room)), .entry = i };
	}
	used = one_of_each(store, own, all, used);
	for (size_t i = 0; used > 0 && i < store->count; i++) {
		struct spread *hit;

		room.len = 0;
		one.by = of(&store->anchors[i], &room);
		hit = one.by.len > 0 ? bsearch(&one, all, used, sizeof(*all), by_bytes) : NULL;
		if (hit != NULL)
			take_distrust(store, &store->anchors[i], hit);
	}
	free(all);
	buf_done(&room);
	arena_done(&arena);
}

static void spread_distrust(struct store *store)
{
	struct own *own = mem_zero((store->count + 1) * sizeof(*own));
	bool any = false;

	for (size_t i = 0; i < store->count; i++) {
		own[i].distrusted = store->anchors[i].distrusted;
		own[i].rejects = anchor_attached(&store->anchors[i], staple_reject);
		any |= own[i].distrusted != 0 || own[i].rejects != NULL;
	}
	if (any) {
		spread_by(store, own, key_of_entry);
		spread_by(store, own, issuer_serial_of);
	}
	free(own);
}

static void finish_one(struct store *store)
{
	join_equal(store);
	if (!store->apart)
		spread_distrust(store);
	if (store->note_room > store->note_count) {
		char text[64];

		snprintf(text, sizeof(text), "%zu more notes are not shown",
			 store->note_room - store->note_count);
		keep_note(store, NOTE_WARN, NULL, NOTE_NOWHERE, text);
		store->note_room++;
	}
}

void store_finish(struct store *store)
{
	for (size_t i = 0; i < store->part_count; i++)
		finish_one(store->parts[i]);
	finish_one(store);
}
