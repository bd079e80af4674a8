/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What kind of key a SubjectPublicKeyInfo holds and how large it is: enough to
 * show and to compare. Whether it is strong enough is GnuTLS's judgement.
 */
#ifndef MODEL_KEY_H
#define MODEL_KEY_H

struct cert;

struct key {
	const char *type;  /* "RSA", "EC", "Ed25519" …; "unknown" */
	const char *curve; /* of an EC key, NULL otherwise or if it has no name here */
	unsigned bits;     /* modulus or field size; 0: unknown */
};

struct key key_of(const struct cert *cert);

/* "RSA 4096", "EC P-256", "Ed25519"; "-" for an unknown one. */
enum { KEY_TEXT = 32 };
void key_text(const struct key *key, char ret[KEY_TEXT]);

/* The signature algorithm by GnuTLS's name ("RSA-SHA256"), or its dotted OID in `room`. */
const char *key_signature(const struct cert *cert, char room[64]);

#endif
