/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Files with evidence of revocation: CRLs as DER or in PEM ("X509 CRL"), several in a
 * file, and OCSP responses as DER or in PEM ("OCSP RESPONSE"). What stands beside them
 * is passed over. It owns what it read; zeroed memory is none.
 */
#ifndef MEDIUM_EVIDENCE_H
#define MEDIUM_EVIDENCE_H

#include "model/proof.h"

struct err;
struct root;

struct evidence_files {
	struct proof *crls, *ocsp; /* for struct evidence; they move when a file is added */
	size_t crl_count, ocsp_count;
	struct arena arena;
	struct evidence_bytes *bytes; /* the DER of all */
};

/*
 * Adds what is in the file ("-": standard input). One that holds nothing of this kind is an
 * error that says what it looks like; the path is for the caller to put in front.
 */
bool evidence_read(const struct root *root, const char *path, enum proof_kind kind,
		   struct evidence_files *into, struct err *err);
/* For many targets: see crl_index(). */
void evidence_index(struct evidence_files *files);

void evidence_files_done(struct evidence_files *files);

#endif
