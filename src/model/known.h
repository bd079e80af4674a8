/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Certificates and keys that are known not to be fit as anchors: data/known-bad.tsv,
 * a row for each, in columns parted by tabs; lines that begin with "#" are comments
 * and the first of the others names the columns. A row names a certificate, a key, or
 * both; keys come back in other certificates, so a key counts wherever it stands.
 */
#ifndef MODEL_KNOWN_H
#define MODEL_KNOWN_H

#include "base/bytes.h"
#include "base/digest.h"

struct err;

enum known_category {
	KNOWN_PREINSTALLED_MITM,
	KNOWN_PREINSTALLED_KEY_LEAK,
	KNOWN_MITM_SOFTWARE,
	KNOWN_APPLIANCE_SHARED_KEY,
	KNOWN_PUBLISHED_KEY_TEST_CA,
	KNOWN_MALWARE,
	KNOWN_ROGUE_CA,
	KNOWN_STATE_MITM,
	KNOWN_COMPROMISED_CA,
	KNOWN_UNTRUSTED_CA,
	KNOWN_MISISSUED_INTERMEDIATE,
	KNOWN_MISISSUED_LEAF,
	KNOWN_NSS_PLACEHOLDER,
	KNOWN_CATEGORIES,
};

struct known_category_row {
	const char *name;  /* in the file */
	const char *means; /* a clause for people */
};
extern const struct known_category_row known_categories[KNOWN_CATEGORIES];

struct known_row {
	bool has_id, has_key;
	uint8_t id[DIGEST_LEN];  /* SHA-256 of the certificate */
	uint8_t key[DIGEST_LEN]; /* and of its SubjectPublicKeyInfo */
	enum known_category category;
	bool key_public;                           /* the private key can be had by anybody */
	const char *name, *subject, *why, *source; /* of struct known; "-": not known */
};

struct known {
	struct known_row *all; /* owned, in the order of the file */
	size_t count;
	char *text; /* owned */
};

/* `name` is what errors call the file; they name the line. Free with known_done(). */
bool known_read(struct bytes text, const char *name, struct known *ret, struct err *err);
void known_done(struct known *known);

/* The row of this certificate, or of this key; NULL: there is none. */
const struct known_row *known_certificate(const struct known *known, const uint8_t id[DIGEST_LEN]);
const struct known_row *known_key(const struct known *known, const uint8_t key[DIGEST_LEN]);

#endif
