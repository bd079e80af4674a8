/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What people and programs are told about a certificate: text and numbers, made
 * on demand from its DER, or read from an inventory that holds no certificates.
 * Strings are never NULL; "" where there is nothing. They may hold any bytes.
 */
#ifndef MODEL_FACTS_H
#define MODEL_FACTS_H

#include "base/bytes.h"

struct anchor;

struct facts {
	char *subject, *issuer; /* RFC 4514 */
	char *serial;           /* hex of the INTEGER's contents */
	char *key_type, *curve;
	char *signature; /* the algorithm's name */
	unsigned key_bits;
	int64_t not_before, not_after; /* CLOCK_NONE: unknown */
	bool ca;
	bool self_signed; /* issued by the name and key it carries, as its own identifiers say; the signature
			     is not checked */
	bool known;       /* false: the certificate could not be read, and nothing above is meant */
};

/* Owned by the caller: facts_done(). */
void facts_of(const struct anchor *anchor, struct facts *ret);
void facts_done(struct facts *facts);

#endif
