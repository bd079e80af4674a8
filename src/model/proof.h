/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Evidence of revocation as it was given: a CRL or an OCSP response, where it came from,
 * and what was read of it, once for all that is judged. One that is damaged stays
 * evidence that was there, so that its damage can be told where it is missed.
 */
#ifndef MODEL_PROOF_H
#define MODEL_PROOF_H

#include "base/arena.h"
#include "model/crl.h"
#include "model/ocsp.h"

enum proof_kind { PROOF_CRL, PROOF_OCSP };

struct proof {
	enum proof_kind kind;
	struct bytes der;    /* borrowed */
	const char *where;   /* for people: "revoked.pem:12"; borrowed, any bytes */
	const char *damage;  /* NULL: it could be read; in the arena it was read into */
	struct bytes issuer; /* of a CRL: name_canonical(); there too */
	union {
		struct crl crl;
		struct ocsp ocsp;
	};
};

void proof_read(enum proof_kind kind, struct bytes der, const char *where, struct arena *arena,
		struct proof *ret);

#endif
