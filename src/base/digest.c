/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/digest.h"

#include <nettle/md5.h>
#include <nettle/sha1.h>
#include <nettle/sha2.h>

void digest_sha256(struct bytes of, uint8_t ret[DIGEST_LEN])
{
	struct sha256_ctx context;

	sha256_init(&context);
	sha256_update(&context, of.len, of.at);
	sha256_digest(&context, DIGEST_LEN, ret);
}

void digest_sha1(struct bytes of, uint8_t ret[DIGEST_SHA1_LEN])
{
	digest_sha1_parts(&of, 1, ret);
}

void digest_sha1_parts(const struct bytes *parts, size_t count, uint8_t ret[DIGEST_SHA1_LEN])
{
	struct sha1_ctx context;

	sha1_init(&context);
	for (size_t i = 0; i < count; i++)
		sha1_update(&context, parts[i].len, parts[i].at);
	sha1_digest(&context, DIGEST_SHA1_LEN, ret);
}

void digest_md5(struct bytes of, uint8_t ret[DIGEST_MD5_LEN])
{
	struct md5_ctx context;

	md5_init(&context);
	md5_update(&context, of.len, of.at);
	md5_digest(&context, DIGEST_MD5_LEN, ret);
}
