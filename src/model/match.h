/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How people name a certificate: a SHA-256 fingerprint or a prefix of eight or
 * more hex digits (colons and case do not matter), or words of the subject or
 * the label. A file is the third way; reading it is not done here.
 */
#ifndef MODEL_MATCH_H
#define MODEL_MATCH_H

#include "base/bytes.h"

struct anchor;

struct match {
	char hex[65];      /* the digits, lower case; "" if it is words */
	const char *words; /* borrowed: what was typed */
};

void match_read(const char *text, struct match *ret);
bool match_anchor(const struct match *match, const struct anchor *anchor);

#endif
