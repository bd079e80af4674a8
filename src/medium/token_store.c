/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * From the records of one token to anchors. p11-kit says trust on the object and
 * staples extensions to a key; NSS and PKCS#11 3.2 say it in objects of their own,
 * joined by issuer and serial number. Everything is joined by sorting: a token
 * may be large.
 */
#include "medium/token.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/mem.h"
#include "medium/token_uri.h"
#include "medium/wire.h"
#include "model/der.h"
#include "model/name.h"
#include "model/staple.h"
#include "model/store.h"

/* An Extension stapled to all certificates with this key. */
struct staple {
	struct bytes key, whole;
	size_t at; /* its record */
	bool used;
};

/* What is said about a certificate without naming it by its value. */
struct remark {
	struct bytes issuer, serial; /* the INTEGER's contents; empty: see `key` */
	struct bytes key;            /* of what is not listed itself */
	struct bytes hash;
	size_t at; /* its record */
	uint16_t trusted, distrusted, peer, forged;
	bool trust; /* a trust object, */
	bool new;   /* of PKCS#11 3.2, which beats NSS's where both speak */
	bool fits;  /* the certificate that is now looked at */
	bool used;
};

struct telling {
	const struct token_said *said;
	struct store *into;
	struct staple *staples;
	size_t staple_count;
	struct remark *remarks;
	size_t remark_count;
	const char *last; /* the file of the record before, in the store: most share one */
};

static int order(struct bytes a, struct bytes b)
{
	if (a.len != b.len)
		return a.len < b.len ? -1 : 1;
	return a.len > 0 ? memcmp(a.at, b.at, a.len) : 0;
}

static int by_key(const void *a, const void *b)
{
	return order(((const struct staple *)a)->key, ((const struct staple *)b)->key);
}

static int by_subject(const void *a, const void *b)
{
	const struct remark *x = a, *y = b;
	int n = order(x->serial, y->serial);

	n = n != 0 ? n : order(x->issuer, y->issuer);
	return n != 0 ? n : order(x->key, y->key);
}

static struct wire record_at(const struct telling *t, size_t at)
{
	struct wire ret = { .present = 0 };

	wire_next(t->said->records, &at, &ret);
	return ret;
}

/* The record's file as people know it, in the store's memory; the place if it has none. */
static const char *file_of(struct telling *t, const struct wire *wire)
{
	bool rest = wire_has(wire, WIRE_REST);
	struct bytes file = wire->field[rest ? WIRE_REST : WIRE_ORIGIN];
	const char *place = rest && t->said->place != NULL ? t->said->place : "";
	size_t len = strlen(place);

	if (len > 0 && place[len - 1] == '/' && file.len > 0) /* the rest begins with one */
		len--;
	if (!rest && file.len == 0)
		return t->said->place;
	if (t->last == NULL || strlen(t->last) != len + file.len || memcmp(t->last, place, len) != 0 ||
	    (file.len > 0 && memcmp(t->last + len, file.at, file.len) != 0)) {
		char *path = mem_print("%.*s%.*s", (int)len, place, (int)file.len, (const char *)file.at);

		t->last = arena_text(&t->into->arena, bytes_of(path));
		free(path);
	}
	return t->last;
}

/* CKA_SERIAL_NUMBER is an INTEGER with tag and length; some write it without. */
static struct bytes serial_of(const struct wire *wire)
{
	struct cursor c = der_into(wire->field[WIRE_SERIAL]);
	struct bytes body = der_take(&c, DER_INTEGER);

	return der_ended(&c) ? body : wire->field[WIRE_SERIAL];
}

static void gather_staple(struct telling *t, const struct wire *wire, size_t at)
{
	struct staple staple = { .key = wire->field[WIRE_KEY], .whole = wire->field[WIRE_VALUE], .at = at };
	struct extension extension;
	bool odd;

	if (staple.key.len == 0 || !extension_read(staple.whole, &extension, &odd)) {
		store_note_file(t->into, NOTE_ERROR, file_of(t, wire), NOTE_NOWHERE,
				"an extension that is to be attached to a key is %s: it constrains nothing",
				staple.key.len == 0 ? "without a key" : "no DER");
		return;
	}
	t->staples = mem_grow(t->staples, t->staple_count, sizeof(*t->staples));
	t->staples[t->staple_count++] = staple;
}

static void add_remark(struct telling *t, const struct remark *remark)
{
	t->remarks = mem_grow(t->remarks, t->remark_count, sizeof(*t->remarks));
	t->remarks[t->remark_count++] = *remark;
}

static void gather_remark(struct telling *t, const struct wire *wire, size_t at)
{
	struct remark remark = {
		.issuer = wire->field[WIRE_ISSUER],
		.serial = serial_of(wire),
		.hash = wire->field[WIRE_HASH],
		.at = at,
		.trusted = (uint16_t)wire_number(wire, WIRE_TRUSTED),
		.distrusted = (uint16_t)wire_number(wire, WIRE_DISTRUSTED),
		.peer = (uint16_t)wire_number(wire, WIRE_PEER),
		.forged = (uint16_t)wire_number(wire, WIRE_FORGED),
		.trust = wire->type == WIRE_TRUST,
		.new = wire_has(wire, WIRE_NEW_TRUST),
	};

	add_remark(t, &remark);
	if (remark.trust || wire->field[WIRE_KEY].len == 0)
		return;
	remark.issuer = remark.serial = (struct bytes){ NULL, 0 };
	remark.key = wire->field[WIRE_KEY];
	add_remark(t, &remark);
}

static void gather(struct telling *t)
{
	struct wire wire;

	for (size_t at = 0, next = 0; wire_next(t->said->records, &next, &wire) == WIRE_GOT; at = next)
		if (wire.type == WIRE_EXTENSION)
			gather_staple(t, &wire, at);
		else if (wire.type == WIRE_TRUST ||
			 (wire_has(&wire, WIRE_CONTEXT) && wire_has(&wire, WIRE_DISTRUSTED)))
			gather_remark(t, &wire, at);
	if (t->staple_count > 1)
		qsort(t->staples, t->staple_count, sizeof(*t->staples), by_key);
	if (t->remark_count > 1)
		qsort(t->remarks, t->remark_count, sizeof(*t->remarks), by_subject);
}

/* The first of the sorted elements that is not before `key`. */
static size_t lower(const void *all, size_t count, size_t size, const void *key,
		    int (*compare)(const void *, const void *))
{
	size_t from = 0, to = count;

	while (from < to) {
		size_t mid = from + (to - from) / 2;

		if (compare((const char *)all + mid * size, key) < 0)
			from = mid + 1;
		else
			to = mid;
	}
	return from;
}

static bool has_attached(const struct anchor *anchor, struct bytes whole)
{
	for (size_t i = 0; i < anchor->attached_count; i++)
		if (bytes_equal(anchor->attached[i].whole, whole))
			return true;
	return false;
}

static void staple_to(struct telling *t, struct anchor *anchor, struct bytes key)
{
	struct staple like = { .key = key };
	size_t i = lower(t->staples, t->staple_count, sizeof(like), &like, by_key);

	for (; key.len > 0 && i < t->staple_count && by_key(&t->staples[i], &like) == 0; i++) {
		t->staples[i].used = true;
		if (!has_attached(anchor, t->staples[i].whole))
			staple_add(t->into, anchor, t->staples[i].whole);
	}
}

static void say_after(struct telling *t, struct anchor *anchor, const struct wire *wire)
{
	for (unsigned p = 0; p < PURPOSE_ROWS; p++) {
		struct bytes text = wire->field[WIRE_AFTER + p];
		int part[6] = { 0 };
		bool ok = text.len == 13 && text.at[12] == 'Z';
		int64_t at;

		if (text.len == 0 || (text.len == 1 && text.at[0] == 0)) /* CK_FALSE: there is none */
			continue;
		for (size_t i = 0; ok && i < 12; i++) {
			ok = text.at[i] >= '0' && text.at[i] <= '9';
			part[i / 2] = 10 * part[i / 2] + text.at[i] - '0';
		}
		/* A UTCTime, RFC 5280 section 4.1.2.5.1. */
		if (ok && clock_from(part[0] + (part[0] < 50 ? 2000 : 1900), part[1], part[2], part[3],
				     part[4], part[5], &at))
			anchor->distrust_after[p] =
				anchor->distrust_after[p] == CLOCK_NONE || at < anchor->distrust_after[p]
					? at
					: anchor->distrust_after[p];
		else
			store_note_file(t->into, NOTE_ERROR, file_of(t, wire), NOTE_NOWHERE,
					"'%.*s' is not a date after which to distrust for %s",
					text.len < 40 ? (int)text.len : 40, (const char *)text.at,
					purposes[p].name);
	}
}

/* Whether a remark with a hash means this very certificate; one without means it as well. */
static bool hash_fits(struct bytes hash, const struct anchor *anchor)
{
	uint8_t sha1[DIGEST_SHA1_LEN];

	if (hash.len == ID_LEN)
		return memcmp(anchor->id, hash.at, ID_LEN) == 0;
	if (hash.len != DIGEST_SHA1_LEN)
		return true;
	digest_sha1(anchor->cert.der, sha1);
	return memcmp(sha1, hash.at, DIGEST_SHA1_LEN) == 0;
}

/* What is said of one certificate, put together from its remarks. */
struct verdict {
	uint16_t trusted, peer;
	uint16_t old[3], new[3]; /* what the two generations of trust objects say: for, against, peer */
	bool decided, both;
};

/* NSS reads a trust object as a whole or not at all: nssCryptokiTrust_GetAttributes(), lib/dev/ckhelper.c. */
static void tell_forged(struct telling *t, const char *name, const struct wire *wire)
{
	uint16_t forged = (uint16_t)wire_number(wire, WIRE_FORGED);
	struct buf of = { 0 };

	for (unsigned i = 0; i < PURPOSE_ROWS && forged != PURPOSES_ALL; i++)
		if (forged & PURPOSE_BIT(i))
			buf_print(&of, "%s%s", of.len > 0 ? ", " : " for ", purposes[i].name);
	buf_byte(&of, 0);
	store_note_file(t->into, NOTE_ERROR, file_of(t, wire), NOTE_NOWHERE,
			"%s: what is said of trust in it was not written by NSS, the signature%s does not "
			"hold; NSS treats all of it as not said, so that a distrust is lost: remove the "
			"certificate from the database and add it again",
			name, (const char *)of.at);
	buf_done(&of);
}

/* NSS from 3.114 on writes objects of PKCS#11 3.2 and looks at them first; before that it does not know them.
 */
static void tell_both(struct telling *t, const struct anchor *anchor, const struct verdict *v)
{
	if (v->both && memcmp(v->old, v->new, sizeof(v->old)) != 0)
		store_note_file(t->into, NOTE_WARN, anchor->origin.file, NOTE_NOWHERE,
				"'%s': NSS before 3.114 finds other trust here than later ones, as the "
				"objects for both differ; what later ones find is listed",
				anchor->label);
}

/*
 * NSS trusts a peer itself, and none that it issued. As an anchor it would say
 * more if it is a CA, and nothing else if it is not.
 */
static void tell_peer(struct telling *t, struct anchor *anchor, uint16_t peer)
{
	if (peer == 0)
		return;
	if (!anchor->readable || anchor->cert.ca || anchor->cert.version < 3) {
		store_note_file(
			t->into, NOTE_WARN, anchor->origin.file, NOTE_NOWHERE,
			"'%s' is a CA that is trusted itself (P) and not for what it issues, which no "
			"anchor is: it is not listed as one",
			anchor->label);
		return;
	}
	anchor->trusted |= peer;
	store_note_file(t->into, NOTE_INFO, anchor->origin.file, NOTE_NOWHERE,
			"'%s' is trusted itself (P), being no CA", anchor->label);
}

static void weigh(struct telling *t, struct anchor *anchor, const struct remark *remark, struct verdict *v)
{
	struct wire wire = record_at(t, remark->at);
	uint16_t *generation = remark->new ? v->new : v->old;

	if (remark->forged != 0) {
		char *name = mem_print("'%s'", anchor->label);

		tell_forged(t, name, &wire);
		free(name);
		return;
	}
	if (remark->trust) {
		generation[0] |= remark->trusted;
		generation[1] |= remark->distrusted;
		generation[2] |= remark->peer;
	}
	if (v->both && remark->trust && !remark->new)
		return;
	anchor->distrusted |= remark->distrusted;
	v->trusted |= remark->trusted;
	v->peer |= remark->peer;
	v->decided |= remark->trust;
	say_after(t, anchor, &wire);
}

static void remark_on(struct telling *t, struct anchor *anchor, const struct remark *like)
{
	size_t first = lower(t->remarks, t->remark_count, sizeof(*like), like, by_subject), end = first;
	struct verdict v = { .both = false };
	bool new = false, old = false;

	for (; end < t->remark_count && by_subject(&t->remarks[end], like) == 0; end++) {
		struct remark *remark = &t->remarks[end];

		remark->fits = hash_fits(remark->hash, anchor);
		remark->used |= remark->fits;
		new |= remark->fits && remark->new;
		old |= remark->fits && remark->trust && !remark->new;
	}
	v.both = new &&old;
	for (size_t i = first; i < end; i++)
		if (t->remarks[i].fits)
			weigh(t, anchor, &t->remarks[i], &v);
	if (v.decided)
		anchor->trusted = v.trusted;
	tell_peer(t, anchor, v.peer & (uint16_t)~anchor->distrusted);
	tell_both(t, anchor, &v);
}

static void describe(struct telling *t, struct anchor *anchor, const struct wire *wire)
{
	char *uri = token_uri(t->said, wire);

	store_label(t->into, anchor, wire->field[WIRE_LABEL]);
	anchor->origin.file = file_of(t, wire);
	anchor->origin.uri = uri != NULL ? arena_text(&t->into->arena, bytes_of(uri)) : NULL;
	free(uri);
}

static void tell_certificate(struct telling *t, const struct wire *wire)
{
	struct anchor *anchor = store_add(t->into, wire->field[WIRE_VALUE], NOTE_NOWHERE);
	struct bytes key = anchor->readable ? anchor->cert.spki : wire->field[WIRE_KEY];
	struct remark like = {
		.issuer = anchor->readable ? anchor->cert.issuer : wire->field[WIRE_ISSUER],
		.serial = anchor->readable ? anchor->cert.serial : serial_of(wire),
	};

	describe(t, anchor, wire);
	anchor->trusted = wire_has(wire, WIRE_TRUSTED) ? PURPOSES_ALL : 0;
	anchor->distrusted = wire_has(wire, WIRE_DISTRUSTED) ? PURPOSES_ALL : 0;
	anchor->mozilla_policy = wire_has(wire, WIRE_MOZILLA);
	say_after(t, anchor, wire);
	staple_to(t, anchor, key);
	if (like.issuer.len > 0 && like.serial.len > 0)
		remark_on(t, anchor, &like);
	like = (struct remark){ .key = key };
	if (key.len > 0)
		remark_on(t, anchor, &like);
}

/* What people call an object that has no certificate: its label, or else who issued what it is about. free()
 * it. */
static char *name_of(const struct wire *wire)
{
	struct bytes label = wire->field[WIRE_LABEL], issuer = wire->field[WIRE_ISSUER];
	struct buf name = { 0 };

	if (label.len > 0 || !name_valid(issuer)) {
		buf_print(&name, "'%.*s'", (int)label.len, (const char *)label.at);
	} else {
		buf_text(&name, "what '");
		name_short(issuer, &name);
		buf_text(&name, "' issued");
	}
	buf_byte(&name, 0);
	return (char *)name.at;
}

/* An object without a certificate: worth something only where it forbids. */
static void tell_nameless(struct telling *t, const struct wire *wire)
{
	struct bytes issuer = wire->field[WIRE_ISSUER], key = wire->field[WIRE_KEY];
	bool named = issuer.len > 0 && wire_has(wire, WIRE_SERIAL);
	struct anchor *anchor;

	if (!wire_has(wire, WIRE_DISTRUSTED) || (!named && key.len == 0)) {
		char *name = name_of(wire);

		store_note_file(t->into, NOTE_WARN, file_of(t, wire), NOTE_NOWHERE,
				"%s has no certificate%s: it is not listed", name,
				wire_has(wire, WIRE_DISTRUSTED) ? ", no issuer with serial number and no key"
								: " and forbids nothing");
		free(name);
		return;
	}
	if (named) {
		anchor = store_add_issuer_serial(t->into, issuer, serial_of(wire));
		anchor->distrusted = PURPOSES_ALL;
		describe(t, anchor, wire);
	}
	if (key.len > 0) {
		anchor = store_add_key(t->into, key);
		anchor->distrusted = PURPOSES_ALL;
		describe(t, anchor, wire);
	}
}

static void tell_note(struct telling *t, const struct wire *wire)
{
	uint64_t level = wire_number(wire, WIRE_NUMBER);
	struct bytes text = wire->field[WIRE_TEXT];
	bool named = t->said->place != NULL || t->said->label == NULL || t->said->label[0] == '\0';

	store_note_file(t->into, level > NOTE_ERROR ? NOTE_ERROR : (enum note_level)level, t->said->place,
			NOTE_NOWHERE, "%s%s%s%.*s", named ? "" : "token '", named ? "" : t->said->label,
			named ? "" : "': ", (int)text.len, (const char *)text.at);
}

static void tell(struct telling *t, const struct wire *wire)
{
	if (wire->type == WIRE_NOTE)
		tell_note(t, wire);
	if (wire->type != WIRE_CERTIFICATE || wire_has(wire, WIRE_CONTEXT))
		return;
	if (wire->field[WIRE_VALUE].len > 0)
		tell_certificate(t, wire);
	else
		tell_nameless(t, wire);
}

/* By what a trust object names that it distrusts without the certificate: NULL, if by nothing that can be
 * listed. */
static struct anchor *add_named(struct telling *t, const struct remark *remark)
{
	if (remark->serial.len > 0)
		return store_add_issuer_serial(t->into, remark->issuer, remark->serial);
	return remark->hash.len == ID_LEN ? store_add_fingerprint(t->into, remark->hash.at) : NULL;
}

static void tell_remark(struct telling *t, const struct remark *remark)
{
	struct wire wire = record_at(t, remark->at);
	struct anchor *anchor = remark->distrusted != 0 ? add_named(t, remark) : NULL;
	char *name = name_of(&wire);

	if (remark->forged != 0)
		tell_forged(t, name, &wire);
	if (anchor != NULL) {
		anchor->distrusted = remark->distrusted;
		describe(t, anchor, &wire);
	} else if (remark->distrusted != 0) {
		store_note_file(t->into, NOTE_ERROR, file_of(t, &wire), NOTE_NOWHERE,
				"%s distrusts a certificate that it names by %s alone: it is not listed",
				name, remark->hash.len == DIGEST_SHA1_LEN ? "its SHA-1" : "nothing");
	} else if (remark->trusted != 0) {
		store_note_file(t->into, NOTE_INFO, file_of(t, &wire), NOTE_NOWHERE,
				"%s is trusted, but no such certificate is here", name);
	}
	free(name);
}

/* What was said about certificates that are not here. */
static void tell_unused(struct telling *t)
{
	for (size_t i = 0; i < t->staple_count; i++) {
		struct wire wire = record_at(t, t->staples[i].at);

		if (!t->staples[i].used)
			store_note_file(t->into, NOTE_WARN, file_of(t, &wire), NOTE_NOWHERE,
					"an extension is attached to a key that no certificate here has");
	}
	for (size_t i = 0; i < t->remark_count; i++)
		if (!t->remarks[i].used && t->remarks[i].trust)
			tell_remark(t, &t->remarks[i]);
}

/* A record that may become an anchor. */
struct entry {
	struct bytes file;
	size_t at;
};

static int by_file(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	size_t len = x->file.len < y->file.len ? x->file.len : y->file.len;
	int n = len > 0 ? memcmp(x->file.at, y->file.at, len) : 0;

	n = n != 0 ? n : (x->file.len > y->file.len) - (x->file.len < y->file.len);
	return n != 0 ? n : (x->at > y->at) - (x->at < y->at);
}

/* By the names of the files, as the order of a directory is anybody's; inside a file in its order. */
static void tell_all(struct telling *t)
{
	struct entry *all = NULL;
	struct wire wire;
	size_t count = 0;

	for (size_t at = 0, next = 0; wire_next(t->said->records, &next, &wire) == WIRE_GOT; at = next) {
		all = mem_grow(all, count, sizeof(*all));
		all[count++] =
			(struct entry){ wire.field[wire_has(&wire, WIRE_REST) ? WIRE_REST : WIRE_ORIGIN],
					at };
	}
	if (count > 1)
		qsort(all, count, sizeof(*all), by_file);
	for (size_t i = 0; i < count; i++) {
		wire = record_at(t, all[i].at);
		tell(t, &wire);
	}
	free(all);
}

void token_store(const struct token_said *said, struct store *into)
{
	struct telling t = { .said = said, .into = into };

	gather(&t);
	tell_all(&t);
	if (!said->partly)
		tell_unused(&t);
	free(t.staples);
	free(t.remarks);
}
