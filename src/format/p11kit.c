/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * p11-kit's persistence format, the .p11-kit files of its trust directories.
 *
 *   file    = *( comment | section )
 *   section = "[p11-kit-object-v1]" *( comment | field | PEM block )
 *   field   = name ":" value         name of an attribute, or its number
 *   value   = word | %22 percent-encoded bytes %22 | "true" | "false" | number | dotted OID
 *
 * A section is an object. Of interest are certificates (a PEM block CERTIFICATE,
 * or only issuer and serial-number, or only a PEM block PUBLIC KEY, for distrust)
 * and x-certificate-extension objects, whole Extensions that p11-kit staples to
 * every certificate with the key of their PEM block PUBLIC KEY.
 *
 * What p11-kit 0.24 makes of faults was measured, and is told in the notes: one
 * line that it cannot read, and it takes the file for a plain PEM bundle, so that
 * distrust becomes, in a directory anchors/, trust; one object with a missing or
 * a strange attribute, and that object and all behind it are gone. OIDs are
 * written as percent-encoded DER, since it cannot read an 8 in a dotted one.
 */
#include <stdlib.h>

#include <gnutls/crypto.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "format/armor.h"
#include "format/format.h"
#include "format/payload.h"
#include "format/persist.h"
#include "model/anchor.h"
#include "model/der.h"
#include "model/name.h"
#include "model/pick.h"
#include "model/staple.h"
#include "model/store.h"

/* An extension object, until all certificates are known. */
struct staple {
	uint8_t key_id[ID_LEN];
	struct bytes key, whole; /* in the store's arena */
	size_t at;
	unsigned line;
};

struct reader {
	struct store *into;
	struct staple *staples; /* owned */
	size_t staple_count;
	const struct persist_object *object;
};

static void note(const struct reader *r, enum note_level level, const char *text)
{
	store_note(r->into, level, r->object->at, "line %u: %s", r->object->line, text);
}

/* The purposes that have a distrust-after, and the attributes that say it. */
static const struct after {
	enum attribute_row attribute;
	enum purpose purpose;
} afters[] = {
	{ ATTRIBUTE_SERVER_AFTER, PURPOSE_SERVER_AUTH },
	{ ATTRIBUTE_EMAIL_AFTER, PURPOSE_EMAIL },
};
enum { AFTERS = sizeof(afters) / sizeof(afters[0]) };

/* `trusted` and the like are booleans; a number is none, and counts as false. */
static bool truth(const struct reader *r, enum attribute_row attribute, const char *name)
{
	if (persist_has(r->object, attribute) && r->object->value[attribute].len != 1)
		store_note(r->into, NOTE_WARN, r->object->at, "line %u: '%s' is no truth, and has no effect",
			   r->object->line, name);
	return persist_true(r->object, attribute);
}

static void read_policy(const struct reader *r, struct anchor *anchor)
{
	const struct persist_object *object = r->object;

	anchor->trusted = truth(r, ATTRIBUTE_TRUSTED, "trusted") ? PURPOSES_ALL : 0;
	anchor->distrusted = truth(r, ATTRIBUTE_DISTRUSTED, "x-distrusted") ? PURPOSES_ALL : 0;
	anchor->mozilla_policy = truth(r, ATTRIBUTE_MOZILLA_POLICY, "nss-mozilla-ca-policy");
	anchor->origin.line = object->line;
	if (persist_has(object, ATTRIBUTE_LABEL))
		store_label(r->into, anchor, object->value[ATTRIBUTE_LABEL]);
	for (size_t i = 0; i < AFTERS; i++)
		if (persist_has(object, afters[i].attribute) &&
		    !attribute_date(object->value[afters[i].attribute],
				    &anchor->distrust_after[afters[i].purpose]))
			note(r, NOTE_WARN, "a distrust-after that is no date is not kept");
	if (anchor->trusted != 0 && anchor->names != ANCHOR_CERTIFICATE) {
		note(r, NOTE_WARN, "an anchor without a certificate is none");
		anchor->trusted = 0;
	}
}

/* The INTEGER's contents, false if it is none. */
static bool read_serial(struct bytes whole, struct bytes *ret)
{
	struct cursor in = der_into(whole);

	*ret = der_take(&in, DER_INTEGER);
	return der_ended(&in) && ret->len > 0;
}

static bool valid_key(struct bytes spki)
{
	struct cursor outer = der_into(spki), in = der_into(der_take(&outer, DER_SEQUENCE));

	der_take(&in, DER_SEQUENCE);
	der_take(&in, DER_BIT_STRING);
	return der_ended(&in) && der_ended(&outer);
}

/* What an object says of itself besides the certificate must be what the certificate says. */
static void check_certificate(const struct reader *r, const struct anchor *anchor)
{
	const struct persist_object *object = r->object;
	struct bytes serial = { NULL, 0 };
	bool differs = false;

	if (!anchor->readable)
		return;
	if (persist_has(object, ATTRIBUTE_ISSUER))
		differs |= !bytes_equal(object->value[ATTRIBUTE_ISSUER], anchor->cert.issuer);
	if (persist_has(object, ATTRIBUTE_SERIAL))
		differs |= !read_serial(object->value[ATTRIBUTE_SERIAL], &serial) ||
			   !bytes_equal(serial, anchor->cert.serial);
	if (persist_has(object, ATTRIBUTE_PUBLIC_KEY))
		differs |= !bytes_equal(object->value[ATTRIBUTE_PUBLIC_KEY], anchor->cert.spki);
	if (differs)
		note(r, NOTE_WARN,
		     "the issuer, serial number or key that is written out is not the certificate's: p11-kit "
		     "goes "
		     "by what is written out");
}

static void read_certificate(const struct reader *r)
{
	const struct persist_object *object = r->object;
	const struct bytes *value = object->value;
	struct bytes serial;
	uint64_t type;

	if (!persist_number(object, ATTRIBUTE_CERTIFICATE_TYPE, &type) || type != 0)
		note(r, NOTE_WARN,
		     "an object without 'certificate-type: x-509': p11-kit drops it and all that follow");
	if (persist_has(object, ATTRIBUTE_VALUE)) {
		if (payload_certificate(value[ATTRIBUTE_VALUE], object->at, r->into) == 0)
			return;
		check_certificate(r, &r->into->anchors[r->into->count - 1]);
	} else if (persist_has(object, ATTRIBUTE_ISSUER) && persist_has(object, ATTRIBUTE_SERIAL) &&
		   name_valid(value[ATTRIBUTE_ISSUER]) && read_serial(value[ATTRIBUTE_SERIAL], &serial)) {
		store_add_issuer_serial(r->into, value[ATTRIBUTE_ISSUER], serial);
	} else if (persist_has(object, ATTRIBUTE_PUBLIC_KEY) && valid_key(value[ATTRIBUTE_PUBLIC_KEY])) {
		store_add_key(r->into, value[ATTRIBUTE_PUBLIC_KEY]);
	} else {
		note(r, persist_true(object, ATTRIBUTE_DISTRUSTED) ? NOTE_ERROR : NOTE_WARN,
		     "an object that names no certificate, no issuer and serial number and no key that can "
		     "be "
		     "read is passed over");
		return;
	}
	read_policy(r, &r->into->anchors[r->into->count - 1]);
}

static void key_id_of(struct bytes key, uint8_t ret[ID_LEN])
{
	if (gnutls_hash_fast(GNUTLS_DIG_SHA256, key.at, key.len, ret) < 0)
		mem_out(); /* SHA-256 is always there; what fails is its memory */
}

/* p11-kit goes by object-id and takes only the value and `critical` out of the Extension. */
static struct bytes as_p11_kit(const struct reader *r, const struct extension *one, struct buf *room)
{
	struct cursor in = der_into(r->object->value[ATTRIBUTE_OBJECT_ID]);
	struct bytes oid = der_take(&in, DER_OID);

	if (!persist_has(r->object, ATTRIBUTE_OBJECT_ID))
		return one->whole;
	if (!der_ended(&in)) {
		note(r, NOTE_WARN, "an object-id that is no OID in DER: p11-kit does not find the extension");
		return one->whole;
	}
	if (bytes_equal(oid, one->oid))
		return one->whole;
	note(r, NOTE_WARN, "the object-id is not the OID of the extension: p11-kit goes by the object-id");
	staple_write_extension(oid, one->critical, one->value, room);
	return buf_view(room);
}

static void read_extension(struct reader *r)
{
	const struct persist_object *object = r->object;
	struct buf room = { 0 };
	struct staple *staple;
	struct extension one;
	bool odd;

	if (!persist_has(object, ATTRIBUTE_PUBLIC_KEY) || !valid_key(object->value[ATTRIBUTE_PUBLIC_KEY])) {
		note(r, NOTE_ERROR,
		     "an extension for no key: the limits that it sets have no effect, and p11-kit drops all "
		     "that "
		     "follows");
		return;
	}
	if (!persist_has(object, ATTRIBUTE_VALUE) ||
	    !extension_read(object->value[ATTRIBUTE_VALUE], &one, &odd)) {
		note(r, NOTE_ERROR, "a value that is no Extension: the limits that it sets have no effect");
		return;
	}
	r->staples = mem_grow(r->staples, r->staple_count, sizeof(*r->staples));
	staple = &r->staples[r->staple_count++];
	*staple = (struct staple){ .at = object->at, .line = object->line };
	staple->key = arena_bytes(&r->into->arena, object->value[ATTRIBUTE_PUBLIC_KEY]);
	staple->whole = arena_bytes(&r->into->arena, as_p11_kit(r, &one, &room));
	key_id_of(staple->key, staple->key_id);
	buf_done(&room);
}

static void read_object(struct reader *r)
{
	uint64_t class;

	if (!persist_number(r->object, ATTRIBUTE_CLASS, &class))
		note(r, persist_true(r->object, ATTRIBUTE_DISTRUSTED) ? NOTE_ERROR : NOTE_WARN,
		     "an object without a class: p11-kit drops it and all that follow");
	else if (class == OBJECT_CERTIFICATE)
		read_certificate(r);
	else if (class == OBJECT_EXTENSION)
		read_extension(r);
	else
		note(r, NOTE_WARN, "an object that is neither certificate nor extension is passed over");
}

static int by_key(const void *a, const void *b)
{
	const struct staple *x = a, *y = b;
	int order = memcmp(x->key_id, y->key_id, ID_LEN);

	return order != 0 ? order : (x->at > y->at) - (x->at < y->at);
}

/* What `count` extensions of one key make of an anchor for everything. */
static struct anchor gather(struct store *into, const struct staple *staples, size_t count)
{
	struct anchor all = { .trusted = PURPOSES_ALL };

	for (size_t i = 0; i < count; i++) {
		struct extension one = { 0 };
		bool odd;

		extension_read(staples[i].whole, &one, &odd);
		if (all.attached_count >= LIMIT_ATTACHED)
			store_note(into, NOTE_WARN, staples[i].at,
				   "line %u: one of more than %d extensions of one key is not kept",
				   staples[i].line, LIMIT_ATTACHED);
		else if (anchor_attached(&all, one.oid) != NULL && !bytes_equal(one.oid, staple_reject))
			store_note(
				into, NOTE_WARN, staples[i].at,
				"line %u: a second extension of this kind for one key: p11-kit uses either",
				staples[i].line);
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
		store_note(into, NOTE_INFO, first->at,
			   "line %u: an extension for a key of no certificate here", first->line);
	}
	for (size_t i = 0; i < count; i++) {
		struct anchor *anchor = &into->anchors[keyed[i].index];

		anchor->attached = all->attached;
		anchor->attached_count = all->attached_count;
		anchor->trusted &= all->trusted;
		anchor->distrusted |= all->distrusted;
	}
}

static void join(struct reader *r, size_t before)
{
	struct store *into = r->into;
	size_t count = 0, end = into->count;
	struct keyed *keyed = mem_zero((end - before) * sizeof(*keyed));

	for (size_t i = before; i < end; i++)
		if (into->anchors[i].has_key_id) {
			memcpy(keyed[count].key_id, into->anchors[i].key_id, ID_LEN);
			keyed[count++].index = i;
		}
	if (count > 0)
		qsort(keyed, count, sizeof(*keyed), keyed_by_key);
	if (r->staple_count > 0)
		qsort(r->staples, r->staple_count, sizeof(*r->staples), by_key);
	for (size_t i = 0, k = 0, n, m; i < r->staple_count; i += n, k += m) {
		struct anchor all;

		for (n = 1; i + n < r->staple_count &&
			    memcmp(r->staples[i].key_id, r->staples[i + n].key_id, ID_LEN) == 0;)
			n++;
		while (k < count && memcmp(keyed[k].key_id, r->staples[i].key_id, ID_LEN) < 0)
			k++;
		for (m = 0; k + m < count && memcmp(keyed[k + m].key_id, r->staples[i].key_id, ID_LEN) == 0;)
			m++;
		all = gather(into, &r->staples[i], n);
		give(into, &all, &r->staples[i], keyed + k, m);
	}
	free(keyed);
}

static int p11kit_probe(struct bytes file)
{
	return persist_begins(file) ? 152 : 0;
}

static bool p11kit_read(struct bytes file, struct store *into, struct err *err)
{
	struct persist_at at = { .file = file, .notes = into };
	struct persist_object object;
	struct reader r = { .into = into, .object = &object };
	size_t before = into->count;

	if (!persist_begins(file))
		return err_set(err, ERR_DAMAGED, "no section [p11-kit-object-v1]");
	while (persist_next(&at, &object))
		read_object(&r);
	join(&r, before);
	free(r.staples);
	if (at.refused)
		store_note(into, NOTE_WARN, 0,
			   "p11-kit drops this file: what it says of trust and distrust has no effect, and "
			   "its PEM "
			   "certificates are taken for plain ones");
	return true;
}

/* The Extensions that p11-kit has to staple to say what the anchor says. */
static void write_staples(const struct anchor *anchor, struct buf *to)
{
	struct bytes usage = exts[EXT_EXTENDED_KEY_USAGE].oid;
	const struct extension *limits = anchor_attached(anchor, usage);
	struct buf list = { 0 }, value = { 0 };

	if (limits != NULL)
		buf_bytes(to, limits->whole);
	else if (anchor_trusted(anchor) != 0 && staple_write_purposes(anchor, &list)) {
		der_write(&value, DER_SEQUENCE, buf_view(&list));
		staple_write_extension(usage, true, buf_view(&value), to);
	}
	list.len = value.len = 0;
	if (anchor->distrusted != PURPOSES_ALL && staple_write_rejects(anchor, &list)) {
		der_write(&value, DER_SEQUENCE, buf_view(&list));
		staple_write_extension(staple_reject, false, buf_view(&value), to);
	}
	for (size_t i = 0; i < anchor->attached_count; i++)
		if (!bytes_equal(anchor->attached[i].oid, usage) &&
		    !bytes_equal(anchor->attached[i].oid, staple_reject))
			buf_bytes(to, anchor->attached[i].whole);
	buf_done(&list);
	buf_done(&value);
}

static void write_extensions(struct bytes all, struct bytes key, struct buf *to)
{
	struct cursor in = der_into(all);

	while (cursor_left(&in) > 0) {
		struct extension one = { 0 };
		struct buf oid = { 0 };
		bool odd;

		if (!extension_read(der_take_whole(&in, DER_SEQUENCE), &one, &odd))
			break;
		der_write(&oid, DER_OID, one.oid);
		persist_write_object(to);
		persist_write_word(to, ATTRIBUTE_CLASS, "x-certificate-extension");
		persist_write(to, ATTRIBUTE_OBJECT_ID, buf_view(&oid));
		persist_write(to, ATTRIBUTE_VALUE, one.whole);
		armor_write(to, "PUBLIC KEY", key);
		buf_byte(to, '\n');
		buf_done(&oid);
	}
}

static void write_after(int64_t after, enum attribute_row attribute, struct buf *to)
{
	struct buf date = { 0 };

	attribute_write_date(after, &date);
	persist_write(to, attribute, buf_view(&date));
	buf_done(&date);
}

static void write_serial(struct bytes serial, struct buf *to)
{
	struct buf whole = { 0 };

	der_write(&whole, DER_INTEGER, serial);
	persist_write(to, ATTRIBUTE_SERIAL, buf_view(&whole));
	buf_done(&whole);
}

static void write_anchor(const struct anchor *anchor, struct buf *to)
{
	bool certificate = anchor->names == ANCHOR_CERTIFICATE;

	persist_write_object(to);
	if (anchor->label[0] != '\0')
		persist_write(to, ATTRIBUTE_LABEL, bytes_of(anchor->label));
	if (!certificate) {
		persist_write_word(to, ATTRIBUTE_CLASS, "certificate");
		persist_write_word(to, ATTRIBUTE_CERTIFICATE_TYPE, "x-509");
	}
	if (anchor_trusted(anchor) != 0 && certificate)
		persist_write_true(to, ATTRIBUTE_TRUSTED);
	if (anchor->distrusted == PURPOSES_ALL)
		persist_write_true(to, ATTRIBUTE_DISTRUSTED);
	if (anchor->mozilla_policy)
		persist_write_true(to, ATTRIBUTE_MOZILLA_POLICY);
	for (size_t i = 0; i < AFTERS; i++)
		if (anchor->distrust_after[afters[i].purpose] != CLOCK_NONE)
			write_after(anchor->distrust_after[afters[i].purpose], afters[i].attribute, to);
	if (certificate)
		armor_write(to, "CERTIFICATE", anchor->cert.der);
	else if (anchor->names == ANCHOR_KEY)
		armor_write(to, "PUBLIC KEY", anchor->cert.spki);
	else {
		persist_write(to, ATTRIBUTE_ISSUER, anchor->cert.issuer);
		write_serial(anchor->cert.serial, to);
	}
	buf_byte(to, '\n');
}

/* An anchor to be written, and what is to be stapled to its key. */
struct written {
	const struct anchor *anchor;
	size_t index;
	struct buf staples;
	bool first; /* of those with this key: it writes them */
};

static int written_by_key(const void *a, const void *b)
{
	const struct written *x = a, *y = b;
	int order = memcmp(x->anchor->key_id, y->anchor->key_id, ID_LEN);

	return order != 0 ? order : (x->index > y->index) - (x->index < y->index);
}

static int written_by_index(const void *a, const void *b)
{
	const struct written *x = a, *y = b;

	return (x->index > y->index) - (x->index < y->index);
}

static bool conflict(const struct anchor *a, const struct anchor *b, struct err *err)
{
	struct buf x = { 0 }, y = { 0 };

	anchor_name(a, &x);
	anchor_name(b, &y);
	err_set(err, ERR_UNSUPPORTED,
		"'%.*s' and '%.*s' have one key and different limits, and p11-kit staples limits to keys: "
		"write "
		"them into different directories",
		(int)x.len, (const char *)x.at, (int)y.len, (const char *)y.at);
	buf_done(&x);
	buf_done(&y);
	return false;
}

/* Finds who writes the extensions of each key. False: p11-kit could not tell two anchors apart. */
static bool share_keys(struct written *all, size_t count, struct err *err)
{
	struct written *owner = NULL;

	qsort(all, count, sizeof(*all), written_by_key);
	for (size_t i = 0; i < count; i++) {
		const struct anchor *anchor = all[i].anchor;
		bool idle = all[i].staples.len == 0 && anchor_trusted(anchor) == 0;

		if (!anchor->has_key_id && all[i].staples.len > 0)
			return err_set(err, ERR_UNSUPPORTED,
				       "p11-kit staples limits to keys, and the key of '%s' cannot be read",
				       anchor->label);
		if (!anchor->has_key_id || idle)
			continue;
		if (owner == NULL || memcmp(owner->anchor->key_id, anchor->key_id, ID_LEN) != 0) {
			owner = &all[i];
			owner->first = true;
		} else if (!bytes_equal(buf_view(&owner->staples), buf_view(&all[i].staples))) {
			return conflict(owner->anchor, anchor, err);
		}
	}
	qsort(all, count, sizeof(*all), written_by_index);
	return true;
}

static bool p11kit_write(const struct pick *from, const struct style *style, struct buf *to, struct err *err)
{
	struct written *all = mem_zero((from->count + 1) * sizeof(*all));
	size_t count = 0;
	bool ok;

	for (size_t i = 0; i < from->count; i++) {
		if (from->anchors[i]->names == ANCHOR_FINGERPRINT)
			continue;
		all[count] = (struct written){ .anchor = from->anchors[i], .index = i };
		write_staples(from->anchors[i], &all[count++].staples);
	}
	ok = share_keys(all, count, err);
	for (size_t i = 0; ok && i < count; i++) {
		const struct anchor *anchor = all[i].anchor;
		bool only_staples = anchor->names == ANCHOR_KEY && anchor->distrusted != PURPOSES_ALL;

		if (style->comments && anchor->label[0] != '\0')
			armor_comment(to, bytes_of(anchor->label));
		if (!only_staples)
			write_anchor(anchor, to);
		if (all[i].first)
			write_extensions(buf_view(&all[i].staples), anchor->cert.spki, to);
	}
	for (size_t i = 0; i < count; i++)
		buf_done(&all[i].staples);
	free(all);
	return ok;
}

const struct format format_p11kit = {
	.kind = { "persist", "p11-kit persistence file (.p11-kit)",
		  CAN_MANY | CAN_LABEL | CAN_PURPOSE | CAN_DISTRUST | CAN_DISTRUST_AFTER | CAN_CONSTRAIN |
			  CAN_NO_CERTIFICATE | CAN_NEUTRAL },
	.probe = p11kit_probe,
	.read = p11kit_read,
	.write = p11kit_write,
};
