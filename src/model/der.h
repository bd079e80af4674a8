/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * DER (X.690 section 10) by a bounded cursor: definite, minimal lengths and
 * one-byte tags only, nothing copied. A reader that meets anything else makes
 * the cursor bad. Writing is for the few small structures that GnuTLS has no
 * call for. BER is not read here: GnuTLS makes DER of PKCS#7, format/ber.h of PKCS#12.
 */
#ifndef MODEL_DER_H
#define MODEL_DER_H

#include "base/cursor.h"

struct buf;

enum der_tag {
	DER_BOOLEAN = 0x01,
	DER_INTEGER = 0x02,
	DER_BIT_STRING = 0x03,
	DER_OCTET_STRING = 0x04,
	DER_NULL = 0x05,
	DER_OID = 0x06,
	DER_ENUMERATED = 0x0a,
	DER_UTF8_STRING = 0x0c,
	DER_NUMERIC_STRING = 0x12,
	DER_PRINTABLE_STRING = 0x13,
	DER_TELETEX_STRING = 0x14,
	DER_IA5_STRING = 0x16,
	DER_UTC_TIME = 0x17,
	DER_GENERALIZED_TIME = 0x18,
	DER_VISIBLE_STRING = 0x1a,
	DER_UNIVERSAL_STRING = 0x1c,
	DER_BMP_STRING = 0x1e,
	DER_SEQUENCE = 0x30,
	DER_SET = 0x31,
};
#define DER_CONTEXT(n)  (0x80 | (n)) /* [n] IMPLICIT of a primitive type */
#define DER_EXPLICIT(n) (0xa0 | (n)) /* [n] EXPLICIT, or IMPLICIT of a constructed type */

struct der {
	uint8_t tag;
	struct bytes body;  /* without tag and length */
	struct bytes whole; /* with them */
};

struct der der_next(struct cursor *c);                 /* any element; empty and bad if there is none */
struct bytes der_take(struct cursor *c, unsigned tag); /* the body of an element that must have this tag */
struct bytes der_take_whole(struct cursor *c, unsigned tag); /* the same with tag and length */
bool der_peek(const struct cursor *c, unsigned tag);         /* whether the next element has this tag */
bool der_ended(const struct cursor *c);                      /* everything was read, and well */

static inline struct cursor der_into(struct bytes body)
{
	return (struct cursor){ .all = body };
}

/* How many bytes the element at the start of `head` says it has, with tag and length; 0: no DER. */
size_t der_size(struct bytes head);

bool der_read_boolean(struct bytes body, bool *ret); /* 00 or ff, as DER wants */
bool der_read_unsigned(struct bytes body, uint64_t most,
		       uint64_t *ret); /* minimal, not negative, at most `most` */

bool der_integer_valid(struct bytes body);        /* contents of an INTEGER: there, and not padded */
struct bytes der_integer_trim(struct bytes body); /* the same number without padding */

/*
 * UTCTime YYMMDDHHMMSSZ or GeneralizedTime YYYYMMDDHHMMSSZ (RFC 5280 section 4.1.2.5). False: no
 * such time. *ret_odd is set to true for a GeneralizedTime before 2050, and for no seconds.
 */
bool der_take_time(struct cursor *c, int64_t *ret, bool *ret_odd);

struct bytes der_take_algorithm(struct cursor *c); /* AlgorithmIdentifier: an OID and at most one element */
/* A BIT STRING of whole octets, as keys and signatures are. */
struct bytes der_take_octets(struct cursor *c);
struct bytes der_take_bits(struct cursor *c,
			   unsigned tag); /* a BIT STRING without its count of unused bits */

void der_write(struct buf *to, unsigned tag, struct bytes body); /* tag, length, body */

bool der_oid_valid(struct bytes body); /* whether these are an OID's contents: whole, minimal arcs */

/* An OID's contents as dotted numbers, and back. False: no OID, or an arc that 64 bits do not hold. */
bool der_oid_text(struct bytes body, struct buf *to);
bool der_oid_read(const char *dotted, struct buf *to);

#endif
