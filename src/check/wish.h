/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Evidence that was not there and would have helped: what a later fetch may bring.
 * `check` opens no socket; it says what it would ask for. Zeroed memory is none.
 */
#ifndef CHECK_WISH_H
#define CHECK_WISH_H

#include "base/arena.h"

struct member;

enum wish_kind {
	WISH_ISSUER, /* a certificate, from the authorityInfoAccess of `member` (RFC 5280 section 4.2.2.1) */
	WISH_CRL,    /* from its cRLDistributionPoints (section 4.2.1.13) */
	WISH_OCSP,   /* an answer to `request`, from its authorityInfoAccess (RFC 6960) */
};

struct wish {
	enum wish_kind kind;
	const struct member *member;
	const char *url;      /* as the certificate spells it: any bytes */
	struct bytes request; /* WISH_OCSP: the OCSPRequest in DER */
};

struct wishes {
	struct arena arena;
	struct wish *all; /* owned; no two alike */
	size_t count;
};

void wishes_add(struct wishes *wishes, enum wish_kind kind, const struct member *member, struct bytes url,
		struct bytes request);
void wishes_done(struct wishes *wishes);

#endif
