/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Certificates made by hand, field by field, so that a test can break one of them.
 * Nothing is signed: the walk does not look.
 */
#ifndef UNIT_HAND_H
#define UNIT_HAND_H

#include "base/buf.h"

/* Fields are DER as hex digits, spaces allowed; hand_good() fills in all of them. */
struct hand {
	const char *version;          /* with [0]; "" leaves it out */
	const char *serial;           /* contents */
	const char *inner, *outer;    /* contents of the AlgorithmIdentifiers */
	const char *issuer, *subject; /* whole Names */
	const char *validity;         /* contents */
	const char *spki;             /* contents */
	const char *ids;              /* unique identifiers, whole */
	const char *extensions;       /* Extensions, one behind the other; NULL: no [3] at all */
	const char *signature;        /* contents of the BIT STRING */
};

struct hand hand_good(void);
void hand_hex(const char *hex, struct buf *to);

/* DER of hex digits, a tag's contents in braces: "30{ 020105 04{ ffff } }". */
void hand_tree(const char *text, struct buf *to);
void hand_cert(const struct hand *hand, struct buf *to);

/* One good certificate that differs from others by subject (and issuer), serial and key. */
void hand_root(const char *common_name, uint8_t serial, uint8_t key, struct buf *to);

/* An Extension of these OID contents and value, as hex; free() it. */
char *hand_extension(const char *oid, const char *critical, const char *value);

#endif
