/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * CRLs and OCSP responses of whatever libFuzzer thinks of: what is read can be walked to
 * its end, what is refused says why and where.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/proof.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void stop(const char *what)
{
	fprintf(stderr, "%s\n", what);
	abort();
}

static void walk_crl(const struct crl *crl)
{
	struct crl_entry entry, again;
	size_t count = 0;

	for (size_t at = 0; crl_next(crl, &at, &entry); count++) {
		struct crl_search search = { 0 };

		if (count < 16 && !crl_find(crl, entry.serial, &search, &again))
			stop("an entry that is there is not found");
	}
	if (count != crl->count)
		stop("an entry was read, and is not there any more");
}

static void walk_ocsp(const struct ocsp *ocsp)
{
	struct ocsp_single single;
	struct bytes cert;
	size_t at = 0;

	while (ocsp_next(ocsp, &at, &single))
		;
	if (at != ocsp->singles.len)
		stop("an answer was read, and is not there any more");
	for (at = 0; ocsp_cert_next(ocsp, &at, &cert);)
		;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = { 0 };
	struct proof proof;

	proof_read(PROOF_CRL, (struct bytes){ data, size }, NULL, &arena, &proof);
	if (proof.damage == NULL)
		walk_crl(&proof.crl);
	else if (strstr(proof.damage, "not a CertificateList: ") == NULL)
		stop("refused without a word");
	proof_read(PROOF_OCSP, (struct bytes){ data, size }, NULL, &arena, &proof);
	if (proof.damage == NULL)
		walk_ocsp(&proof.ocsp);
	else if (strstr(proof.damage, ", at byte ") == NULL)
		stop("refused without a word");
	arena_done(&arena);
	return 0;
}
