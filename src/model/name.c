/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/name.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/crypto.h"
#include "base/digest.h"
#include "base/limits.h"
#include "base/text.h"
#include "model/der.h"

/* `at` counts within the outer SEQUENCE's contents; a set is entered again for each of its parts. */
bool name_next(struct bytes name, size_t *at, struct name_part *ret)
{
	struct cursor outer = der_into(name), sets = der_into(der_take(&outer, DER_SEQUENCE));

	for (int count = 0; cursor_left(&sets) > 0 && count < LIMIT_NAME_PARTS; count++) {
		size_t before = sets.pos;
		struct cursor set = der_into(der_take(&sets, DER_SET));
		size_t offset = sets.pos - set.all.len; /* where the set's contents begin */
		struct der value;

		if (sets.bad || sets.pos <= *at || set.all.len == 0)
			continue;
		ret->first = *at <= before;
		set.pos = *at > offset ? *at - offset : 0;
		struct cursor pair = der_into(der_take(&set, DER_SEQUENCE));

		ret->oid = der_take(&pair, DER_OID);
		value = der_next(&pair);
		if (set.bad || !der_ended(&pair) || !der_oid_valid(ret->oid))
			return false;
		ret->tag = value.tag;
		ret->value = value.body;
		*at = offset + set.pos;
		return true;
	}
	return false;
}

static bool part_valid(struct bytes body)
{
	struct cursor pair = der_into(body);
	bool ok = der_oid_valid(der_take(&pair, DER_OID));

	der_next(&pair);
	return ok && der_ended(&pair);
}

bool name_valid(struct bytes name)
{
	struct cursor outer = der_into(name), sets = der_into(der_take(&outer, DER_SEQUENCE));
	int count = 0, parts = 0;

	if (!der_ended(&outer))
		return false;
	while (cursor_left(&sets) > 0) {
		struct cursor set = der_into(der_take(&sets, DER_SET));

		if (++count > LIMIT_NAME_PARTS)
			return false;
		while (cursor_left(&set) > 0)
			if (!part_valid(der_take(&set, DER_SEQUENCE)) || ++parts > LIMIT_NAME_PARTS)
				return false;
	}
	return !sets.bad;
}

bool name_has_empty(struct bytes name)
{
	struct cursor outer = der_into(name), sets = der_into(der_take(&outer, DER_SEQUENCE));

	while (cursor_left(&sets) > 0)
		if (der_take(&sets, DER_SET).len == 0)
			return true;
	return false;
}

static void put_rune(struct buf *to, uint32_t rune)
{
	if (rune < 0x80) {
		buf_byte(to, rune);
	} else if (rune < 0x800) {
		buf_byte(to, 0xc0 | rune >> 6);
		buf_byte(to, 0x80 | (rune & 0x3f));
	} else if (rune < 0x10000) {
		buf_byte(to, 0xe0 | rune >> 12);
		buf_byte(to, 0x80 | (rune >> 6 & 0x3f));
		buf_byte(to, 0x80 | (rune & 0x3f));
	} else {
		buf_byte(to, 0xf0 | (rune >> 18 & 7));
		buf_byte(to, 0x80 | (rune >> 12 & 0x3f));
		buf_byte(to, 0x80 | (rune >> 6 & 0x3f));
		buf_byte(to, 0x80 | (rune & 0x3f));
	}
}

/* How many bytes a character takes; 0: it is UTF-8, and -1: no string at all. */
static int char_size(uint8_t tag)
{
	switch (tag) {
	case DER_BMP_STRING:
		return 2;
	case DER_UNIVERSAL_STRING:
		return 4;
	case DER_TELETEX_STRING: /* read as Latin-1, as everyone does; so are the ASCII ones */
	case DER_NUMERIC_STRING:
	case DER_PRINTABLE_STRING:
	case DER_IA5_STRING:
	case DER_VISIBLE_STRING:
		return 1;
	case DER_UTF8_STRING:
		return 0;
	default:
		return -1;
	}
}

static bool surrogate(uint32_t rune)
{
	return rune >= 0xd800 && rune <= 0xdfff;
}

/* A string's characters as UTF-8. False: there are some that are none; they are U+FFFD. */
static bool put_string(struct bytes value, size_t size, struct buf *to)
{
	bool ok = true;

	for (size_t i = 0; i + size <= value.len; i += size) {
		uint32_t rune = 0;
		bool good;

		for (size_t k = 0; k < size; k++)
			rune = rune << 8 | value.at[i + k];
		good = rune <= 0x10ffff && !surrogate(rune);
		ok = ok && good;
		put_rune(to, good ? rune : 0xfffd);
	}
	return ok;
}

void name_value(const struct name_part *part, struct buf *to)
{
	int size = char_size(part->tag);

	if (size == 0) {
		buf_bytes(to, part->value);
	} else if (size < 0 || part->value.len % (size_t)size != 0) {
		buf_byte(to, '#');
		text_hex(part->value, to);
	} else {
		put_string(part->value, (size_t)size, to);
	}
}

void name_short(struct bytes name, struct buf *to)
{
	/* 2.5.4.3 commonName, .11 organizationalUnitName, .10 organizationName: the last digit's rank. */
	static const uint8_t rank[] = { [3] = 4, [11] = 3, [10] = 2 };
	struct name_part part, best = { 0 };
	unsigned best_rank = 0;
	size_t at = 0;

	while (name_next(name, &at, &part)) {
		bool x520 = part.oid.len == 3 && part.oid.at[0] == 0x55 && part.oid.at[1] == 4;
		unsigned r = x520 && part.oid.at[2] < sizeof(rank) ? rank[part.oid.at[2]] : 0;

		r = r > 0 ? r : 1;
		if (r >= best_rank) {
			best = part;
			best_rank = r;
		}
	}
	if (best_rank > 0)
		name_value(&best, to);
}

/* The attributes of nearly all names, by the last number of 2.5.4.x; true: PrintableString only. */
static const struct plain {
	const char *name;
	bool printable;
} plains[] = {
	[3] = { "CN", false }, [5] = { "serialNumber", true }, [6] = { "C", true },    [7] = { "L", false },
	[8] = { "ST", false }, [10] = { "O", false },          [11] = { "OU", false },
};

static const char escaped[] = ",+\"\\<>;"; /* RFC 4514 section 2.4 */

/* The row of a part of which every reader makes the same; NULL: ask GnuTLS. */
static const struct plain *plain_of(const struct name_part *part)
{
	size_t count = sizeof(plains) / sizeof(plains[0]), at = 0;
	const struct plain *row = NULL;
	struct bytes rest = part->value;

	if (part->oid.len == 3 && part->oid.at[0] == 0x55 && part->oid.at[1] == 4)
		at = part->oid.at[2];
	if (at < count && plains[at].name != NULL)
		row = &plains[at];
	if (row == NULL || !part->first || rest.len == 0 || rest.at[0] == ' ' ||
	    rest.at[rest.len - 1] == ' ' ||
	    (part->tag != DER_PRINTABLE_STRING && (row->printable || part->tag != DER_UTF8_STRING)))
		return NULL;
	while (rest.len > 0) {
		uint32_t rune = text_rune(&rest);

		if (rune == TEXT_BAD || rune < ' ' || rune == '=' || rune == '#' ||
		    (rune >= 0x7f && part->tag == DER_PRINTABLE_STRING))
			return NULL;
	}
	return row;
}

/*
 * Nearly every name by itself: GnuTLS takes a hundred times as long, which is all
 * the time of a long list. False: it is not one of these.
 */
static bool plain_text(struct bytes name, struct buf *to)
{
	enum { MOST = 16 };
	struct name_part parts[MOST];
	const struct plain *rows[MOST];
	size_t at = 0, count = 0;

	while (count < MOST && name_next(name, &at, &parts[count])) {
		rows[count] = plain_of(&parts[count]);
		if (rows[count++] == NULL)
			return false;
	}
	if (count == 0 || count == MOST || name_has_empty(name))
		return false;
	while (count-- > 0) {
		buf_text(to, rows[count]->name);
		buf_byte(to, '=');
		for (size_t i = 0; i < parts[count].value.len; i++) {
			uint8_t c = parts[count].value.at[i];

			if (strchr(escaped, c) != NULL)
				buf_byte(to, '\\');
			buf_byte(to, c);
		}
		if (count > 0)
			buf_byte(to, ',');
	}
	return true;
}

void name_text(struct bytes name, struct buf *to)
{
	gnutls_datum_t in = { (unsigned char *)(uintptr_t)name.at, (unsigned)name.len }, out = { NULL, 0 };

	if (name.len > 2 && plain_text(name, to))
		return;
	if (name.len <= 2) {
		buf_text(to, "(empty)");
	} else if (crypto()->x509_rdn_get2(&in, &out, 0) == 0) {
		buf_bytes(to, (struct bytes){ out.data, out.size });
		if (out.size == 0) /* nothing but empty relative names */
			buf_text(to, "(empty)");
		(*crypto()->free)(out.data);
	} else {
		buf_byte(to, '#');
		text_hex(name, to);
	}
}

static uint32_t first_word(const uint8_t *digest)
{
	return digest[0] | (uint32_t)digest[1] << 8 | (uint32_t)digest[2] << 16 | (uint32_t)digest[3] << 24;
}

bool name_hash_old(struct bytes name, uint32_t *ret)
{
	uint8_t digest[16];

	digest_md5(name, digest);
	*ret = first_word(digest);
	return true;
}

static bool space(uint8_t c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Trimmed, inner white space as one space, ASCII letters small; bytes above 0x7f stay. */
static void canonical_text(struct bytes text, struct buf *to)
{
	uint8_t *out = buf_room(to, text.len + 1);
	bool pending = false;
	size_t len = 0;

	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.at[i];

		if (space(c)) {
			pending = len > 0;
			continue;
		}
		if (pending)
			out[len++] = ' ';
		pending = false;
		out[len++] = (uint8_t)(c >= 'A' && c <= 'Z' ? c + 32 : c);
	}
	to->len += len;
}

static bool ascii(struct bytes text)
{
	uint8_t all = 0;

	for (size_t i = 0; i < text.len; i++)
		all |= text.at[i];
	return all < 0x80;
}

static bool utf8_valid(struct bytes text)
{
	while (text.len > 0)
		if (text_rune(&text) == TEXT_BAD)
			return false;
	return true;
}

/* False: the value is no string of its type, and OpenSSL does not read the certificate at all. */
static bool canonical_part(const struct name_part *part, struct buf *to)
{
	struct buf value = { 0 }, text = { 0 };
	int size = char_size(part->tag);
	bool ok = true;

	der_write(to, DER_OID, part->oid);
	if (size < 0 || part->tag == DER_NUMERIC_STRING) { /* OpenSSL leaves it as it is */
		der_write(to, part->tag, part->value);
		return true;
	}
	if (size <= 1 && ascii(part->value)) { /* nearly always: what follows changes nothing */
		canonical_text(part->value, &text);
		der_write(to, DER_UTF8_STRING, buf_view(&text));
		buf_done(&text);
		return true;
	}
	if (size > 0) {
		ok = part->value.len % (size_t)size == 0 && put_string(part->value, (size_t)size, &value);
	} else {
		ok = utf8_valid(part->value);
		buf_bytes(&value, part->value);
	}
	canonical_text(buf_view(&value), &text);
	der_write(to, DER_UTF8_STRING, buf_view(&text));
	buf_done(&value);
	buf_done(&text);
	return ok;
}

/* The parts of one relative name, each with tag and length. */
struct parts {
	struct buf all;
	struct bytes by_order[LIMIT_NAME_PARTS]; /* `at` is not set before the end: `all` moves */
	size_t count;
};

static int by_encoding(const void *a, const void *b)
{
	const struct bytes *x = a, *y = b;
	int order = memcmp(x->at, y->at, x->len < y->len ? x->len : y->len);

	return order != 0 ? order : (x->len > y->len) - (x->len < y->len);
}

/* Writes the SET, in the order of DER (X.690 section 11.6), and empties the parts. */
static void parts_end(struct parts *parts, struct buf *to)
{
	struct buf set = { 0 };
	const uint8_t *at = parts->all.at;

	for (size_t i = 0; i < parts->count; i++) {
		parts->by_order[i].at = at;
		at += parts->by_order[i].len;
	}
	if (parts->count > 1)
		qsort(parts->by_order, parts->count, sizeof(parts->by_order[0]), by_encoding);
	for (size_t i = 0; i < parts->count; i++)
		buf_bytes(&set, parts->by_order[i]);
	if (parts->count > 0)
		der_write(to, DER_SET, buf_view(&set));
	buf_done(&set);
	parts->all.len = parts->count = 0;
}

static bool parts_add(struct parts *parts, const struct name_part *part)
{
	struct buf pair = { 0 };
	size_t before = parts->all.len;
	bool ok = canonical_part(part, &pair);

	der_write(&parts->all, DER_SEQUENCE, buf_view(&pair));
	parts->by_order[parts->count++].len = parts->all.len - before;
	buf_done(&pair);
	return ok;
}

bool name_canonical(struct bytes name, struct buf *to)
{
	struct parts parts; /* its array is large, and needs no zeros */
	struct name_part part;
	bool ok = name_valid(name);
	size_t at = 0;

	parts.all = (struct buf){ 0 };
	parts.count = 0;
	while (ok && name_next(name, &at, &part)) {
		if (part.first)
			parts_end(&parts, to);
		ok = parts_add(&parts, &part);
	}
	parts_end(&parts, to);
	buf_done(&parts.all);
	return ok;
}

bool name_hash(struct bytes name, uint32_t *ret)
{
	struct buf all = { 0 };
	uint8_t digest[20];
	bool ok = name_canonical(name, &all);

	if (ok) {
		digest_sha1(buf_view(&all), digest);
		*ret = first_word(digest);
	}
	buf_done(&all);
	return ok;
}
