/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A certificate that may stand in a path: the target, one given beside it, or an
 * entry of the store. It borrows the bytes of the certificate; its canonical names
 * and its memo belong to whoever made it (check/pool.h).
 */
#ifndef CHECK_MEMBER_H
#define CHECK_MEMBER_H

#include "model/cert.h"
#include "model/store.h"

enum member_from { MEMBER_TARGET, MEMBER_GIVEN, MEMBER_STORE };

/*
 * What a judge found out about a certificate, for all members that are this certificate.
 * `clean` holds rules that look at each certificate by itself and found nothing against
 * this one, so that an intermediate of many targets is looked at once. Notes are not
 * facts of the certificate but of it under this judge's question.
 */
struct member_memo {
	void *key;      /* check/signature.c: its public key, imported once; */
	unsigned age;   /* of the keys that it is among; another than theirs: not yet, or forgotten */
	uint32_t clean; /* set of enum member_clean */
};

enum member_clean {
	CLEAN_PROFILE = 1 << 0, /* four bits: by what it is in the path */
	CLEAN_STRICT = 1 << 4,  /* four bits */
	CLEAN_CRITICAL = 1 << 8,
	CLEAN_STRENGTH = 1 << 9, /* but for the signature, which does not count in an anchor */
};

struct member {
	struct cert cert; /* of one that is not readable only `der` */
	bool readable;
	enum member_from from;
	uint8_t id[ID_LEN]; /* SHA-256 of the DER */
	struct bytes subject,
		issuer; /* name_canonical(): equal bytes are equal names (RFC 5280 section 7.1) */
	const struct anchor *anchor; /* what the store says of exactly this certificate; NULL: nothing */
	const char *where;           /* where it stood, for people: "chain.pem:12"; any bytes, or NULL */
	struct member_memo *memo;    /* NULL: nothing is remembered */
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
