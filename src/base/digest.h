/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * SHA-256, by which things are told apart. Made by nettle, which GnuTLS itself
 * rests on: a listing then needs nothing else of GnuTLS, and that is not started.
 */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include "base/bytes.h"

enum { DIGEST_LEN = 32 };

void digest_sha256(struct bytes of, uint8_t ret[DIGEST_LEN]);

/* For what others name by it: no proof of anything. */
enum { DIGEST_SHA1_LEN = 20 };
void digest_sha1(struct bytes of, uint8_t ret[DIGEST_SHA1_LEN]);
/* Of the parts, one behind the other. */
void digest_sha1_parts(const struct bytes *parts, size_t count, uint8_t ret[DIGEST_SHA1_LEN]);
enum { DIGEST_MD5_LEN = 16 };
void digest_md5(struct bytes of, uint8_t ret[DIGEST_MD5_LEN]);

#endif
