/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* authorityInfoAccess (RFC 5280 section 4.2.2.1): where to ask about a certificate. */
#ifndef MODEL_ACCESS_H
#define MODEL_ACCESS_H

#include "base/bytes.h"

extern const struct bytes access_ca_issuers; /* 1.3.6.1.5.5.7.48.2, OID contents */
extern const struct bytes access_ocsp;       /* 1.3.6.1.5.5.7.48.1 */

/*
 * The next URI under one method, `access` being the extension's value; *at starts at 0
 * and is moved. False at the end, or where it is no longer DER. The URI is any ASCII.
 */
bool access_next(struct bytes access, struct bytes method, size_t *at, struct bytes *ret_url);

#endif
