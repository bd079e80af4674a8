/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a judgement rests on beside the certificates: read by others, borrowed here,
 * the same for every target of a run.
 */
#ifndef CHECK_EVIDENCE_H
#define CHECK_EVIDENCE_H

#include "model/proof.h"

/* What is known about the clock that gave question->at; see check/clock_doubt.h. */
struct clock_facts {
	bool given;          /* a person gave the time: it is right by definition */
	bool unsynchronised; /* the kernel says the clock is not kept by anything (adjtimex(2), STA_UNSYNC) */
	int64_t built;       /* when this program was built; CLOCK_NONE: unknown */
};

struct evidence {
	const struct proof *crls;
	size_t crl_count;
	const struct proof *ocsp;
	size_t ocsp_count;
	size_t stapled; /* the first of `ocsp` that came in the handshake */
	bool live;      /* the target's chain came from a handshake that asked for a stapled answer */
	struct clock_facts clock;
};

#endif
