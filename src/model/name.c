/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/name.h"

#include <gnutls/crypto.h>
#include <gnutls/x509.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/text.h"
#include "model/der.h"

/* `at` counts within the outer SEQUENCE's contents; a set is entered again for each of its parts. */
bool name_next(struct bytes name, size_t *at, struct name_part *ret)
{
	struct cursor outer = der_into(name), sets = der_into(der_take(&outer, DER_SEQUENCE));

	while (cursor_left(&sets) > 0) {
		size_t before = sets.pos;
		struct cursor set = der_into(der_take(&sets, DER_SET));
		size_t offset = sets.pos - set.all.len; /* where the set's contents begin */
		struct der value;

		if (sets.bad || sets.pos <= *at)
			continue;
		ret->first = *at <= before;
		set.pos = *at > offset ? *at - offset : 0;
		struct cursor pair = der_into(der_take(&set, DER_SEQUENCE));

		ret->oid = der_take(&pair, DER_OID);
		value = der_next(&pair);
		if (set.bad || !der_ended(&pair) || ret->oid.len == 0)
			return false;
		ret->tag = value.tag;
		ret->value = value.body;
		*at = offset + set.pos;
		return true;
	}
	return false;
}

bool name_valid(struct bytes name)
{
	struct cursor outer = der_into(name), sets = der_into(der_take(&outer, DER_SEQUENCE));
	int count = 0;

	if (!der_ended(&outer))
		return false;
	while (cursor_left(&sets) > 0) {
		struct cursor set = der_into(der_take(&sets, DER_SET));

		do {
			struct cursor pair = der_into(der_take(&set, DER_SEQUENCE));

			if (der_take(&pair, DER_OID).len == 0)
				return false;
			der_next(&pair);
			if (!der_ended(&pair) || ++count > LIMIT_NAME_PARTS)
				return false;
		} while (cursor_left(&set) > 0);
		if (set.bad)
			return false;
	}
	return !sets.bad;
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

/* How many bytes a character takes; 0: already UTF-8 or ASCII, and -1: no string at all. */
static int char_size(uint8_t tag)
{
	switch (tag) {
	case DER_BMP_STRING:
		return 2;
	case DER_UNIVERSAL_STRING:
		return 4;
	case DER_TELETEX_STRING:
		return 1; /* read as Latin-1, as everyone does */
	case DER_UTF8_STRING:
	case DER_PRINTABLE_STRING:
	case DER_IA5_STRING:
	case DER_VISIBLE_STRING:
		return 0;
	default:
		return -1;
	}
}

void name_value(const struct name_part *part, struct buf *to)
{
	int size = char_size(part->tag);
	struct bytes value = part->value;

	if (size == 0) {
		buf_bytes(to, value);
	} else if (size < 0 || value.len % (size_t)size != 0) {
		buf_byte(to, '#');
		text_hex(value, to);
	} else {
		for (size_t i = 0; i < value.len; i += (size_t)size) {
			uint32_t rune = 0;

			for (int k = 0; k < size; k++)
				rune = rune << 8 | value.at[i + (size_t)k];
			put_rune(to, rune > 0x10ffff || (rune >= 0xd800 && rune <= 0xdfff) ? 0xfffd : rune);
		}
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

void name_text(struct bytes name, struct buf *to)
{
	gnutls_datum_t in = { (unsigned char *)(uintptr_t)name.at, (unsigned)name.len }, out = { NULL, 0 };

	if (name.len <= 2) {
		buf_text(to, "(empty)");
	} else if (gnutls_x509_rdn_get2(&in, &out, 0) == 0) {
		buf_bytes(to, (struct bytes){ out.data, out.size });
		gnutls_free(out.data);
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

	if (gnutls_hash_fast(GNUTLS_DIG_MD5, name.at, name.len, digest) < 0)
		return false;
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
	bool pending = false;
	size_t start = to->len;

	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.at[i];

		if (space(c)) {
			pending = to->len > start;
			continue;
		}
		if (pending)
			buf_byte(to, ' ');
		pending = false;
		buf_byte(to, c >= 'A' && c <= 'Z' ? c + 32u : c);
	}
}

static void canonical_part(const struct name_part *part, struct buf *to)
{
	struct buf value = { 0 }, text = { 0 }, pair = { 0 };

	der_write(&pair, DER_OID, part->oid);
	if (char_size(part->tag) >= 0) {
		name_value(part, &value);
		canonical_text(buf_view(&value), &text);
		der_write(&pair, DER_UTF8_STRING, buf_view(&text));
	} else {
		der_write(&pair, part->tag, part->value);
	}
	der_write(to, DER_SEQUENCE, buf_view(&pair));
	buf_done(&value);
	buf_done(&text);
	buf_done(&pair);
}

bool name_hash(struct bytes name, uint32_t *ret)
{
	struct buf all = { 0 }, set = { 0 };
	struct name_part part;
	uint8_t digest[20];
	size_t at = 0;
	bool ok;

	/* The sets one behind the other, without the SEQUENCE around them. */
	while (name_next(name, &at, &part)) {
		if (part.first && set.len > 0) {
			der_write(&all, DER_SET, buf_view(&set));
			set.len = 0;
		}
		canonical_part(&part, &set);
	}
	if (set.len > 0)
		der_write(&all, DER_SET, buf_view(&set));
	ok = name_valid(name) && gnutls_hash_fast(GNUTLS_DIG_SHA1, all.at, all.len, digest) == 0;
	if (ok)
		*ret = first_word(digest);
	buf_done(&all);
	buf_done(&set);
	return ok;
}
