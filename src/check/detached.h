/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A detached CMS (PKCS#7, RFC 5652) signature over bytes, by the key of one certificate
 * that the host was told to trust for it. No chain is built: that certificate is the
 * trust. Its dates count; what it is for does not.
 */
#ifndef CHECK_DETACHED_H
#define CHECK_DETACHED_H

#include <stdint.h>

#include "base/bytes.h"

struct anchor;
struct err;

/* `signature`: DER or PEM. False: none of its signatures is by this certificate's key over these bytes. */
bool detached_verify(struct bytes data, struct bytes signature, const struct anchor *signer, int64_t at,
		     struct err *err);

#endif
