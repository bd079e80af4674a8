/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A distinguished name (X.501 Name, RFC 5280 section 4.1.2.4) as it stands in a
 * certificate: DER with tag and length. GnuTLS renders the whole of it; what is
 * here is the structure, the one attribute that people call the certificate by,
 * and OpenSSL's hash of it.
 */
#ifndef MODEL_NAME_H
#define MODEL_NAME_H

#include "base/bytes.h"

struct buf;

/* One AttributeTypeAndValue. */
struct name_part {
	struct bytes oid;
	struct bytes value; /* contents */
	uint8_t tag;        /* of the value */
	bool first;         /* begins a new RelativeDistinguishedName */
};

/*
 * Whether it is RDNSequence down to the values, with no more than LIMIT_NAME_PARTS
 * of them. A RelativeDistinguishedName without parts, which X.501 forbids and all
 * pass over, is let through.
 */
bool name_valid(struct bytes name);
bool name_has_empty(struct bytes name); /* such a one is there */

/* The next part; *at starts at 0 and is moved. False at the end or where it is not valid. */
bool name_next(struct bytes name, size_t *at, struct name_part *ret);

/* A part's text as UTF-8, whatever string type it has; other types as "#" and hex. */
void name_value(const struct name_part *part, struct buf *to);

/* The common name, else the organisational unit, else the organisation, else the last part. */
void name_short(struct bytes name, struct buf *to);

/* RFC 4514, the most specific part first, by GnuTLS; "(empty)" for a name without parts. */
void name_text(struct bytes name, struct buf *to);

/*
 * The form in which two names are compared (RFC 5280 section 7.1): each relative
 * name as a SET, without the SEQUENCE around them; strings as UTF-8, ASCII letters
 * small, white space trimmed and folded, whatever string type they had. It is the
 * form OpenSSL hashes. False: a value is no string of its type.
 */
bool name_canonical(struct bytes name, struct buf *to);

/*
 * The eight hex digits under which OpenSSL looks a subject up in a directory:
 * since 1.0.0 SHA-1 of a canonical form, before that MD5 of the DER. False if
 * the name has no such form.
 */
bool name_hash(struct bytes name, uint32_t *ret);
bool name_hash_old(struct bytes name, uint32_t *ret);

#endif
