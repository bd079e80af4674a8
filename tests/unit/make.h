/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Certificates made by the test that needs them. Keys are Ed25519 with seeds made
 * of a number, so that the same wishes give the same bytes on every machine.
 */
#ifndef UNIT_MAKE_H
#define UNIT_MAKE_H

#include "base/buf.h"

struct make {
	const char *cn;        /* the subject's common name; NULL: "Test" */
	const char *issuer;    /* NULL: issued by itself */
	unsigned key;          /* equal numbers are equal keys */
	unsigned issuer_key;   /* who signs, if there is an issuer */
	unsigned serial;       /* 0: 1 */
	bool leaf;             /* no CA */
	const char *usage;     /* the OID of an extKeyUsage, or NULL */
	const char *permitted; /* the DNS name of a name constraint, or NULL */
	const char *host;      /* a dNSName of its subject alternative name, or NULL */
	const char *fetch;     /* where its issuer is said to be (authorityInfoAccess), or NULL */
};

/* Appends the DER. */
void make_cert(const struct make *how, struct buf *to);

/* The SubjectPublicKeyInfo of a key. */
void make_spki(unsigned key, struct buf *to);

#endif
