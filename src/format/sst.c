/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A serialized certificate store of Windows: .sst, as `certutil -generateSSTFromWU`
 * and certmgr write it (MS-OSHARED 2.3.2.5.5, MS-GPEF 2.2.1.1.1). Little-endian.
 *
 *   file:      le32 0, "CERT", element *, end
 *   element:   le32 id, le32 encoding, le32 length, data
 *   end:       le32 0, le64 0
 *
 * 32 is a certificate, 33 a CRL, 34 a CTL; any other element is a property of the
 * next one of these. The numbers of properties are those of wincrypt.h. What
 * Microsoft's root program says of a root is in some of them: a list of purposes
 * that it is limited to, since when it is disabled, and since when what it issues
 * is not trusted, each for the purposes of another property, or for all.
 *
 * A certificate in a store of another name than Root need not be an anchor for
 * Windows. The file does not tell, and each is taken for one.
 */

#include "base/buf.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/cursor.h"
#include "base/err.h"
#include "base/limits.h"
#include "format/format.h"
#include "format/payload.h"
#include "model/der.h"
#include "model/staple.h"
#include "model/store.h"

enum element { END = 0, CERTIFICATE = 32, CRL = 33, CTL = 34 };
enum { HEAD = 8, ENDING = 8, SHA1 = 20 };

/* The properties that are looked at. */
enum property {
	SHA1_HASH,
	PURPOSES,       /* limited to these, ExtKeyUsageSyntax */
	FRIENDLY_NAME,  /* UTF-16LE, ends with a zero */
	DISABLED,       /* FILETIME: no longer trusted since then */
	DISABLED_FOR,   /* ExtKeyUsageSyntax */
	NOT_BEFORE,     /* FILETIME: what begins later is not trusted */
	NOT_BEFORE_FOR, /* ExtKeyUsageSyntax */
	PROPERTIES,
};
static const uint32_t ids[PROPERTIES] = {
	[SHA1_HASH] = 3,      [PURPOSES] = 9,     [FRIENDLY_NAME] = 11,   [DISABLED] = 104,
	[DISABLED_FOR] = 122, [NOT_BEFORE] = 126, [NOT_BEFORE_FOR] = 127,
};

struct reader {
	struct cursor in;
	struct store *into;
	struct bytes value[PROPERTIES]; /* of the next element */
	bool there[PROPERTIES];         /* a property that is empty is there too */
	size_t at;                      /* of the element */
	bool ended;                     /* there is an end marker */
};

static uint32_t unit(struct bytes text, size_t i)
{
	return text.at[i] | (uint32_t)text.at[i + 1] << 8;
}

static void put_rune(uint32_t rune, struct buf *to)
{
	if (rune < 0x80) {
		buf_byte(to, rune);
		return;
	}
	if (rune >= 0x10000) {
		buf_byte(to, 0xf0 | rune >> 18);
		buf_byte(to, 0x80 | (rune >> 12 & 0x3f));
	} else if (rune >= 0x800) {
		buf_byte(to, 0xe0 | rune >> 12);
	} else {
		buf_byte(to, 0xc0 | rune >> 6);
	}
	if (rune >= 0x800)
		buf_byte(to, 0x80 | (rune >> 6 & 0x3f));
	buf_byte(to, 0x80 | (rune & 0x3f));
}

/* A surrogate without its other half becomes what no UTF-8 has, and is shown so. */
static void put_utf16(struct bytes text, struct buf *to)
{
	for (size_t i = 0; i + 1 < text.len; i += 2) {
		uint32_t rune = unit(text, i);
		bool high = rune >> 10 == 0xd800 >> 10 && i + 3 < text.len;

		if (rune == 0)
			break;
		if (high && unit(text, i + 2) >> 10 == 0xdc00 >> 10) {
			rune = 0x10000 + ((rune & 0x3ff) << 10 | (unit(text, i + 2) & 0x3ff));
			i += 2;
		}
		put_rune(rune, to);
	}
}

/* 100 nanoseconds since 1601. False: the property is none. */
static bool filetime(struct bytes value, int64_t *ret)
{
	struct cursor in = { .all = value };
	uint64_t low = cursor_le32(&in), high = cursor_le32(&in);

	*ret = (int64_t)((high << 32 | low) / 10000000) - INT64_C(11644473600);
	return !in.bad && cursor_left(&in) == 0 &&
	       *ret < INT64_C(253402300800); /* 9999, clock.h's last year */
}

static bool has(const struct reader *r, enum property property)
{
	return r->there[property];
}

/* The OIDs of a property, or none where it is absent. False: it cannot be read, or names nothing. */
static bool valid_list(const struct reader *r, enum property property)
{
	struct cursor in = der_into(r->value[property]), oids = der_into(der_take(&in, DER_SEQUENCE));

	if (!has(r, property))
		return true;
	while (cursor_left(&oids) > 0)
		der_take(&oids, DER_OID);
	return der_ended(&in) && der_ended(&oids) && oids.pos > 0 &&
	       r->value[property].len <= LIMIT_PURPOSES_SIZE;
}

/* What cannot be read trusts nothing. */
static void read_purposes(const struct reader *r, struct anchor *anchor)
{
	struct buf whole = { 0 };

	if (!has(r, PURPOSES))
		return;
	if (!valid_list(r, PURPOSES)) {
		store_note(r->into, NOTE_WARN, r->at,
			   "a list of purposes that cannot be read: the certificate is trusted for none");
		anchor->trusted = 0;
		return;
	}
	staple_write_extension(exts[EXT_EXTENDED_KEY_USAGE].oid, true, r->value[PURPOSES], &whole);
	staple_add(r->into, anchor, buf_view(&whole));
	buf_done(&whole);
}

/* Disabled for everything, or for some purposes; the date is when it was. */
static void read_disabled(const struct reader *r, struct anchor *anchor)
{
	char date[CLOCK_TEXT] = "";
	int64_t since;

	if (!has(r, DISABLED) && !has(r, DISABLED_FOR))
		return;
	if (has(r, DISABLED_FOR) && valid_list(r, DISABLED_FOR))
		staple_add_rejects(r->into, anchor, r->value[DISABLED_FOR]);
	else
		anchor->distrusted = PURPOSES_ALL;
	if (has(r, DISABLED) && filetime(r->value[DISABLED], &since))
		clock_date(since, date);
	store_note(r->into, NOTE_INFO, r->at, "disabled%s%s; Windows goes on with what was signed before",
		   date[0] != '\0' ? " since " : "", date);
}

static void read_not_before(const struct reader *r, struct anchor *anchor)
{
	uint16_t set = PURPOSES_ALL;
	int64_t date;

	if (!has(r, NOT_BEFORE))
		return;
	if (has(r, NOT_BEFORE_FOR) && valid_list(r, NOT_BEFORE_FOR))
		set = store_purposes_of(r->value[NOT_BEFORE_FOR]);
	if (!filetime(r->value[NOT_BEFORE], &date)) {
		store_note(r->into, NOTE_WARN, r->at,
			   "a date of distrust that is none: distrusted from the start");
		anchor->distrusted |= set;
		return;
	}
	for (size_t p = 0; p < PURPOSE_COUNT; p++)
		if (set & PURPOSE_BIT(p))
			anchor->distrust_after[p] = date;
}

static void check_hash(const struct reader *r, struct bytes der)
{
	uint8_t hash[SHA1];

	if (has(r, SHA1_HASH) && crypto()->hash_fast(GNUTLS_DIG_SHA1, der.at, der.len, hash) >= 0 &&
	    !bytes_equal(r->value[SHA1_HASH], (struct bytes){ hash, SHA1 }))
		store_note(r->into, NOTE_WARN, r->at, "the hash beside a certificate is that of another one");
}

static void read_certificate(const struct reader *r, struct bytes der)
{
	struct buf name = { 0 };
	struct anchor *anchor;

	if (payload_certificate(der, r->at, r->into) == 0)
		return;
	anchor = &r->into->anchors[r->into->count - 1];
	if (has(r, FRIENDLY_NAME))
		put_utf16(r->value[FRIENDLY_NAME], &name);
	store_label(r->into, anchor, buf_view(&name));
	buf_done(&name);
	check_hash(r, der);
	read_purposes(r, anchor);
	read_disabled(r, anchor);
	read_not_before(r, anchor);
}

static void read_property(struct reader *r, uint32_t id, struct bytes data)
{
	for (size_t i = 0; i < PROPERTIES; i++)
		if (ids[i] == id) {
			r->value[i] = data;
			r->there[i] = true;
		}
}

/* One element. False at the end, and where the file is cut: then `in` is bad. */
static bool read_element(struct reader *r)
{
	uint32_t id, length;
	struct bytes data;

	r->at = r->in.pos;
	id = cursor_le32(&r->in);
	if (id == END) {
		cursor_take(&r->in, ENDING);
		r->ended = true;
		return false;
	}
	cursor_le32(&r->in); /* the encoding, 1: DER */
	length = cursor_le32(&r->in);
	data = cursor_take(&r->in, length);
	if (r->in.bad)
		return false;
	if (id == CERTIFICATE)
		read_certificate(r, data);
	else if (id == CRL || id == CTL)
		store_note(r->into, NOTE_INFO, r->at, "a %s is not read",
			   id == CRL ? "revocation list" : "certificate trust list");
	else
		read_property(r, id, data);
	if (id == CERTIFICATE || id == CRL || id == CTL)
		memset(r->there, 0, sizeof(r->there));
	return true;
}

static bool is_sst(struct bytes file)
{
	return bytes_start(file, (struct bytes){ (const uint8_t *)"\0\0\0\0CERT", HEAD });
}

static int sst_probe(struct bytes file)
{
	return is_sst(file) ? 8 * HEAD : 0;
}

static bool sst_read(struct bytes file, struct store *into, struct err *err)
{
	struct reader r = { .in = { .all = file, .pos = HEAD }, .into = into };
	size_t before = into->count;

	if (!is_sst(file))
		return err_set(err, ERR_DAMAGED, "no header of a serialized store");
	while (cursor_left(&r.in) > 0 && read_element(&r))
		;
	if (r.in.bad)
		return err_set(err, ERR_DAMAGED, "the element at byte %zu is cut", r.at);
	if (cursor_left(&r.in) > 0)
		store_note(into, NOTE_WARN, r.in.pos, "%zu bytes behind the end are not read",
			   cursor_left(&r.in));
	else if (!r.ended)
		store_note(into, NOTE_WARN, r.in.pos, "there is no end marker: the file may have been cut");
	for (size_t i = 0; i < PROPERTIES; i++)
		if (r.there[i]) {
			store_note(into, NOTE_WARN, r.at,
				   "properties that belong to nothing are passed over");
			break;
		}
	if (into->count == before)
		store_note(into, NOTE_WARN, 0, "there is no certificate in it");
	return true;
}

const struct format format_sst = {
	.kind = { "sst", "serialized store of Windows (.sst)",
		  CAN_ALL & ~(unsigned)(CAN_NO_CERTIFICATE | CAN_NEUTRAL) },
	.probe = sst_probe,
	.read = sst_read,
};
