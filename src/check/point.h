/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Whether the octets of an EC public key are a point of its curve (SEC 1 section 2.3.4, curves of FIPS
 * 186-4): GnuTLS looks at that only when a key signs, and the key of a target never does. P-256, P-384 and
 * P-521 alone, whose points are all of the right order. Keys are public: nothing here hides its time.
 */
#ifndef CHECK_POINT_H
#define CHECK_POINT_H

#include "base/bytes.h"

enum point_form {
	POINT_GOOD,
	POINT_UNKNOWN,    /* of another curve, which is not looked at */
	POINT_INFINITY,   /* it is no key */
	POINT_FORM,       /* neither uncompressed (4) nor compressed (2, 3), or not as long as those are */
	POINT_COORDINATE, /* not below the prime of the field */
	POINT_OFF_CURVE,
	POINT_FORMS,
};
extern const char *const point_words[POINT_FORMS]; /* clauses for people */

/* `curve` as model/key.h names it, or NULL. */
enum point_form point_form(const char *curve, struct bytes octets);

#endif
