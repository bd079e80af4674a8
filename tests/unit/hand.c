/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hand.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "model/der.h"

/* CN=A */
#define NAME      "300c 310a 3008 0603550403 0c0141"
#define ALGORITHM "06082a8648ce3d040302" /* ecdsa-with-SHA256 */

struct hand hand_good(void)
{
	return (struct hand){
		.version = "a003 020102",
		.serial = "11",
		.inner = ALGORITHM,
		.outer = ALGORITHM,
		.issuer = NAME,
		.subject = NAME,
		/* 200101000000Z to 491231235959Z */
		.validity = "170d3230303130313030303030305a 170d3439313233313233353935395a",
		/* id-ecPublicKey, prime256v1, its generator as the point */
		.spki = "3013 06072a8648ce3d0201 06082a8648ce3d030107 0342 00"
			"046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c2964fe342e2fe1a7f9b8e"
			"e7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5",
		.ids = "",
		.extensions = NULL,
		.signature = "00 0102",
	};
}

static int digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

void hand_hex(const char *hex, struct buf *to)
{
	int high = -1;

	for (; *hex != '\0'; hex++) {
		if (*hex == ' ')
			continue;
		if (digit(*hex) < 0)
			abort(); /* the test is wrong */
		if (high >= 0)
			buf_byte(to, (unsigned)(high << 4 | digit(*hex)));
		high = high >= 0 ? -1 : digit(*hex);
	}
	if (high >= 0)
		abort();
}

/* As far as the brace that closes, or the end; returns what is behind it. */
static const char *tree(const char *text, struct buf *to)
{
	while (*text != '\0' && *text != '}') {
		struct buf body = { 0 };
		unsigned tag;

		if (*text == '{') {
			text = tree(text + 1, &body);
			tag = to->at != NULL ? to->at[--to->len] : 0;
			der_write(to, tag, buf_view(&body));
			buf_done(&body);
		} else if (*text == ' ') {
			text++;
		} else {
			if (digit(text[0]) < 0 || digit(text[1]) < 0)
				abort(); /* the test is wrong */
			buf_byte(to, (unsigned)(digit(text[0]) << 4 | digit(text[1])));
			text += 2;
		}
	}
	return *text == '}' ? text + 1 : text;
}

void hand_tree(const char *text, struct buf *to)
{
	if (*tree(text, to) != '\0')
		abort();
}

static void wrap(unsigned tag, const char *hex, struct buf *to)
{
	struct buf body = { 0 };

	hand_hex(hex, &body);
	der_write(to, tag, buf_view(&body));
	buf_done(&body);
}

static void write_extensions(const char *extensions, struct buf *to)
{
	struct buf list = { 0 };

	wrap(DER_SEQUENCE, extensions, &list);
	der_write(to, DER_EXPLICIT(3), buf_view(&list));
	buf_done(&list);
}

void hand_cert(const struct hand *hand, struct buf *to)
{
	struct buf tbs = { 0 }, all = { 0 };

	hand_hex(hand->version, &tbs);
	wrap(DER_INTEGER, hand->serial, &tbs);
	wrap(DER_SEQUENCE, hand->inner, &tbs);
	hand_hex(hand->issuer, &tbs);
	wrap(DER_SEQUENCE, hand->validity, &tbs);
	hand_hex(hand->subject, &tbs);
	wrap(DER_SEQUENCE, hand->spki, &tbs);
	hand_hex(hand->ids, &tbs);
	if (hand->extensions != NULL)
		write_extensions(hand->extensions, &tbs);
	der_write(&all, DER_SEQUENCE, buf_view(&tbs));
	wrap(DER_SEQUENCE, hand->outer, &all);
	wrap(DER_BIT_STRING, hand->signature, &all);
	der_write(to, DER_SEQUENCE, buf_view(&all));
	buf_done(&tbs);
	buf_done(&all);
}

static char *hex_of(struct buf *buf)
{
	struct buf hex = { 0 };

	text_hex(buf_view(buf), &hex);
	buf_byte(&hex, '\0');
	buf_done(buf);
	return (char *)hex.at;
}

void hand_root(const char *common_name, uint8_t serial, uint8_t key, struct buf *to)
{
	struct buf value = { 0 }, pair = { 0 }, set = { 0 }, name = { 0 };
	struct hand hand = hand_good();
	char *subject, number[3], spki[80];

	hand_hex("0603550403", &pair);
	der_write(&pair, DER_UTF8_STRING, bytes_of(common_name));
	der_write(&value, DER_SEQUENCE, buf_view(&pair));
	der_write(&set, DER_SET, buf_view(&value));
	der_write(&name, DER_SEQUENCE, buf_view(&set));
	hand.subject = hand.issuer = subject = hex_of(&name);
	snprintf(number, sizeof(number), "%02x", serial);
	snprintf(spki, sizeof(spki), "301306072a8648ce3d020106082a8648ce3d03010703040004%02x%02x", key, key);
	hand.serial = number;
	hand.spki = spki;
	hand.extensions = "300f 0603551d13 0101ff 0405 3003 0101ff"; /* basicConstraints, a CA */
	hand_cert(&hand, to);
	free(subject);
	buf_done(&value);
	buf_done(&pair);
	buf_done(&set);
}

char *hand_extension(const char *oid, const char *critical, const char *value)
{
	struct buf body = { 0 }, whole = { 0 };

	wrap(DER_OID, oid, &body);
	hand_hex(critical, &body);
	wrap(DER_OCTET_STRING, value, &body);
	der_write(&whole, DER_SEQUENCE, buf_view(&body));
	buf_done(&body);
	return hex_of(&whole);
}
