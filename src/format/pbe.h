/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a password does in PKCS#12: opens what is encrypted with it (RFC 8018's
 * PBES2, RFC 7292's older schemes) and proves that nothing was changed. Only the
 * passwords that everybody knows are tried. GnuTLS does the cryptography; the
 * way from a password to a key of RFC 7292 appendix B.2, which it keeps to
 * itself, is here.
 */
#ifndef FORMAT_PBE_H
#define FORMAT_PBE_H

#include "base/bytes.h"

struct buf;
struct err;

/* A password as the two ways to a key want it. */
struct pbe_word {
	struct bytes utf8;
	struct bytes bmp; /* UTF-16BE with a final zero; nothing at all for no password */
};

/* Java's usual one, the empty one, and none, which some writers tell from the empty one. */
enum { PBE_WORDS = 3 };
extern const struct pbe_word pbe_words[PBE_WORDS];

/* One that was given; it borrows, and `room` holds what is made of it. */
void pbe_word_of(const char *password, struct buf *room, struct pbe_word *ret);

/* What opening one file has cost; starts as zero. */
struct pbe {
	uint64_t rounds; /* at most LIMIT_PBE_ROUNDS */
};

/*
 * Decrypts `secret`, appended to `to`. `scheme` is the AlgorithmIdentifier's
 * contents. ERR_ABSENT: this is not the password, as far as the padding tells.
 */
bool pbe_open(struct pbe *pbe, struct bytes scheme, struct bytes secret, const struct pbe_word *word,
	      struct buf *to, struct err *err);

/* The MAC of RFC 7292 section 4 with the hash of these OID contents. */
enum { PBE_MAC = 64 };
struct pbe_seal {
	struct bytes hash, salt;
	uint64_t rounds;
};
bool pbe_mac(struct pbe *pbe, const struct pbe_seal *seal, const struct pbe_word *word, struct bytes content,
	     uint8_t ret[PBE_MAC], size_t *ret_len, struct err *err);

extern const struct bytes pbe_sha256; /* the OID's contents */

#endif
