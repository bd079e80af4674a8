/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Changes a private copy of an NSS database by NSS's own softokn, in the helper
 * process (medium/helper.h): only that signs what is said of trust. What is as it
 * should be is not written again. Both kinds of trust objects are kept the same: NSS
 * before 3.114 knows only CKO_NSS_TRUST, later ones look at CKO_TRUST (PKCS#11 3.2) first.
 * The database is then opened anew, and must say what was wished.
 *
 * It opens no database of others and asks for no password: stage/nss.c copies.
 */
#ifndef MEDIUM_NSS_WRITE_H
#define MEDIUM_NSS_WRITE_H

#include <stdbool.h>
#include <stdint.h>

#include "model/request.h"

struct err;

/* The four purposes that an NSS database has a say about. */
extern const uint16_t nss_purposes;

struct nss_wish {
	enum request_kind kind;
	const struct anchor *anchor;
	const char *nickname; /* for a certificate that is not there yet; a clash is resolved */
	uint16_t trusted;     /* REQUEST_TRUST: for these of nss_purposes */
	bool at_least;        /* and for what it is trusted for already */
};

enum nss_did {
	NSS_ALREADY, /* it was so */
	NSS_DONE,
	NSS_KEPT,    /* of a removal: its trust went, the certificate of a private key stays */
	NSS_REFUSED, /* the text says why; nothing was changed for it */
};

struct nss_result {
	enum nss_did did;
	char *text; /* owned, or NULL; of NSS_REFUSED why, else the nickname */
};

struct nss_job {
	const char *module; /* set by nss_write() */
	int directory; /* of the copy; from 3 on. Without files: a new database, with an empty password */
	const char *password; /* NULL: none was given */
	const struct nss_wish *wishes;
	size_t count;
};

/*
 * `ret` has a place for each wish. False: the copy is of no use; a password that is
 * missing or wrong is ERR_USAGE. nss_results_done() in any case.
 */
bool nss_write(const struct nss_job *job, struct nss_result *ret, struct err *err);
void nss_results_done(struct nss_result *results, size_t count);

/* The path of NSS's softokn on this host, owned by the caller; NULL: the error says what to install. */
char *nss_softokn(struct err *err);

/* In the helper: does the job that `arg` is, and answers on `out`. */
void nss_change(const void *arg, int out);

#endif
