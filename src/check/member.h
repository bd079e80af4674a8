/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A certificate that may stand in a path: the target, one given beside it, or an
 * entry of the store. It borrows the bytes of the certificate; its canonical names
 * and its imported key belong to whoever made it (check/pool.h).
 */
#ifndef CHECK_MEMBER_H
#define CHECK_MEMBER_H

#include "model/cert.h"
#include "model/store.h"

enum member_from { MEMBER_TARGET, MEMBER_GIVEN, MEMBER_STORE };

struct member {
	struct cert cert; /* of one that is not readable only `der` */
	bool readable;
	enum member_from from;
	uint8_t id[ID_LEN]; /* SHA-256 of the DER */
	struct bytes subject,
		issuer; /* name_canonical(): equal bytes are equal names (RFC 5280 section 7.1) */
	const struct anchor *anchor; /* what the store says of exactly this certificate; NULL: nothing */
	const char *where;           /* where it stood, for people: "chain.pem:12"; any bytes, or NULL */
	void *key;                   /* check/signature.c: its public key, imported once; NULL: not yet */
};

/* What people call it: the short name of its subject, in quotes; any bytes, cut to the room. */
enum { MEMBER_NAME = 160 };
const char *member_name(const struct member *member, char ret[MEMBER_NAME]);

/* Issuer and subject are one name (RFC 5280 section 6.1: "self-issued"). Whether it signed itself is another
 * matter. */
static inline bool member_self_issued(const struct member *member)
{
	return bytes_equal(member->subject, member->issuer);
}

#endif
