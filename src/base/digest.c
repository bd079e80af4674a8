/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/digest.h"

#include <nettle/sha2.h>

void digest_sha256(struct bytes of, uint8_t ret[DIGEST_LEN])
{
	struct sha256_ctx context;

	sha256_init(&context);
	sha256_update(&context, of.len, of.at);
	sha256_digest(&context, DIGEST_LEN, ret);
}
