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

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "format/armor.h"
#include "format/format.h"
#include "format/payload.h"
#include "format/persist.h"
#include "format/stapler.h"
#include "model/anchor.h"
#include "model/der.h"
#include "model/name.h"
#include "model/pick.h"
#include "model/staple.h"
#include "model/store.h"

struct reader {
	struct store *into;
	struct stapler stapler;
	const struct persist_object *object;
};

static void note(const struct reader *r, enum note_level level, const char *text)
{
	store_note(r->into, level, r->object->at, "%s", text);
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
		store_note(r->into, NOTE_WARN, r->object->at, "'%s' is no truth, and has no effect", name);
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

/* Distrust of an issuer and serial number, of a key, or of both. */
static void read_distrust(const struct reader *r)
{
	const struct bytes *value = r->object->value;
	struct bytes serial = { NULL, 0 };
	size_t before = r->into->count;

	if (!truth(r, ATTRIBUTE_DISTRUSTED, "x-distrusted")) {
		note(r, NOTE_WARN, "an object without a certificate that distrusts nothing is passed over");
		return;
	}
	if (persist_has(r->object, ATTRIBUTE_ISSUER) && persist_has(r->object, ATTRIBUTE_SERIAL) &&
	    name_valid(value[ATTRIBUTE_ISSUER]) && read_serial(value[ATTRIBUTE_SERIAL], &serial))
		read_policy(r, store_add_issuer_serial(r->into, value[ATTRIBUTE_ISSUER], serial));
	if (persist_has(r->object, ATTRIBUTE_PUBLIC_KEY) && valid_key(value[ATTRIBUTE_PUBLIC_KEY]))
		read_policy(r, store_add_key(r->into, value[ATTRIBUTE_PUBLIC_KEY]));
	if (r->into->count == before + 2)
		note(r, NOTE_WARN,
		     "an object that names an issuer and serial number and a key is read as two");
	if (r->into->count == before)
		note(r, NOTE_ERROR,
		     "distrust of no certificate, no issuer and serial number and no key that can be read");
}

static void read_certificate(const struct reader *r)
{
	const struct persist_object *object = r->object;
	uint64_t type;

	if (!persist_number(object, ATTRIBUTE_CERTIFICATE_TYPE, &type) || type != 0)
		note(r, NOTE_WARN,
		     "an object without 'certificate-type: x-509': p11-kit drops it and all that follow");
	if (!persist_has(object, ATTRIBUTE_VALUE)) {
		read_distrust(r);
	} else if (payload_certificate(object->value[ATTRIBUTE_VALUE], object->at, r->into) > 0) {
		check_certificate(r, &r->into->anchors[r->into->count - 1]);
		read_policy(r, &r->into->anchors[r->into->count - 1]);
	} else if (truth(r, ATTRIBUTE_DISTRUSTED, "x-distrusted")) {
		note(r, NOTE_ERROR, "distrust of something that is no certificate");
	}
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
	stapler_add(&r->stapler, object->value[ATTRIBUTE_PUBLIC_KEY], as_p11_kit(r, &one, &room), object->at,
		    object->line);
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

/* Whether a PEM block begins before the first section. */
static bool pem_first(struct bytes file)
{
	static const char begin[] = "-----BEGIN ", section[] = "[p11-kit-object-v1]";
	const uint8_t *end = memmem(file.at, file.len, section, sizeof(section) - 1), *hit;
	struct bytes rest = { file.at, end != NULL ? (size_t)(end - file.at) : file.len };

	while (rest.len > 0 && (hit = memmem(rest.at, rest.len, begin, sizeof(begin) - 1)) != NULL) {
		if (hit == file.at || hit[-1] == '\n')
			return true;
		rest = bytes_skip(rest, (size_t)(hit - rest.at) + 1);
	}
	return false;
}

/* A block before the first section makes it a PEM bundle to p11-kit, as to everybody else. */
static int p11kit_probe(struct bytes file)
{
	return persist_begins(file) && !pem_first(file) ? 152 : 0;
}

static bool p11kit_read(struct bytes file, struct store *into, struct err *err)
{
	struct persist_at at = { .file = file, .notes = into };
	struct persist_object object;
	struct reader r = { .into = into, .stapler = { .first = into->count }, .object = &object };

	if (!persist_begins(file))
		return err_set(err, ERR_DAMAGED, "no section [p11-kit-object-v1]");
	while (persist_next(&at, &object))
		read_object(&r);
	stapler_join(&r.stapler, into);
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
}

/* An anchor to be written, and what is to be stapled to its key. */
struct written {
	const struct anchor *anchor;
	uint8_t key_id[ID_LEN];
	bool has_key_id;
	size_t index;
	struct buf staples;
	bool first; /* of those with this key: it writes them */
};

static int written_by_key(const void *a, const void *b)
{
	const struct written *x = a, *y = b;
	int order = memcmp(x->key_id, y->key_id, ID_LEN);

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

		if (!all[i].has_key_id && all[i].staples.len > 0)
			return err_set(err, ERR_UNSUPPORTED,
				       "p11-kit staples limits to keys, and the key of '%s' cannot be read",
				       anchor->label);
		if (!all[i].has_key_id || idle)
			continue;
		if (owner == NULL || memcmp(owner->key_id, all[i].key_id, ID_LEN) != 0) {
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

	(void)style; /* the labels are there anyway */
	for (size_t i = 0; i < from->count; i++) {
		if (from->anchors[i]->names == ANCHOR_FINGERPRINT)
			continue;
		all[count] = (struct written){ .anchor = from->anchors[i], .index = i };
		all[count].has_key_id = anchor_key_id(from->anchors[i], all[count].key_id);
		write_staples(from->anchors[i], &all[count++].staples);
	}
	ok = share_keys(all, count, err);
	for (size_t i = 0; ok && i < count; i++) {
		const struct anchor *anchor = all[i].anchor;
		bool only_staples = anchor->names == ANCHOR_KEY && anchor->distrusted != PURPOSES_ALL;

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
