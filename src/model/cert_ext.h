/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The part of cert_read() that looks into extensions (RFC 5280 section 4.2). */
#ifndef MODEL_CERT_EXT_H
#define MODEL_CERT_EXT_H

#include "model/cert.h"

struct err;

static inline void cert_mark(struct cert *cert, enum odd odd, bool is)
{
	if (is)
		cert->odd |= 1u << odd;
}

/*
 * Reads cert->extensions into `present`, `critical`, `ext`, `odd` and what follows
 * from them. False: one is no Extension, or there are two of a kind.
 */
bool cert_ext_read(struct cert *cert, struct err *err);

#endif
