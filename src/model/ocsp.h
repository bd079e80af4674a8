/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * An OCSP response (RFC 6960 section 4.2) as spans of its DER, found in one strict,
 * bounded walk; and the request that asks for one. An ocsp borrows the bytes it was
 * read from. Signatures, signers and freshness are for check/.
 */
#ifndef MODEL_OCSP_H
#define MODEL_OCSP_H

#include "base/bytes.h"

struct buf;
struct err;

enum ocsp_status { OCSP_SUCCESSFUL = 0 }; /* OCSPResponseStatus */

/* "tryLater" … as RFC 6960 spells them. */
const char *ocsp_status_word(int status);

struct ocsp {
	struct bytes der;
	int status;             /* OCSPResponseStatus; only of a successful one there is more */
	struct bytes tbs;       /* tbsResponseData, with tag and length */
	struct bytes algorithm; /* AlgorithmIdentifier, contents */
	struct bytes signature; /* without the count of unused bits */
	struct bytes certs;     /* contents of the SEQUENCE OF Certificate */
	struct bytes by_name;   /* the responder: Name with tag and length, or */
	struct bytes by_key;    /* SHA-1 of its key */
	int64_t produced_at;
	struct bytes singles;  /* contents of the SEQUENCE OF SingleResponse */
	struct bytes critical; /* OID contents of the first critical extension that is unknown; empty: none */
};

enum ocsp_state { OCSP_GOOD, OCSP_REVOKED, OCSP_UNKNOWN };

struct ocsp_single {
	struct bytes hash;                /* OID contents of CertID's hash algorithm */
	struct bytes name_hash, key_hash; /* of the issuer */
	struct bytes serial;              /* contents of the INTEGER */
	enum ocsp_state state;
	int64_t when;                     /* revocationTime, CLOCK_NONE */
	int reason;                       /* CRLReason; CRL_REASON_NONE: not said */
	int64_t this_update, next_update; /* next_update: CLOCK_NONE where there is none */
	struct bytes critical; /* OID contents of the first critical extension that is unknown; empty: none */
};

/* False: refused; err says why and at which byte of `der`. */
bool ocsp_read(struct bytes der, struct ocsp *ret, struct err *err);

/* The next answer; *at starts at 0 and is moved. False at the end. */
bool ocsp_next(const struct ocsp *ocsp, size_t *at, struct ocsp_single *ret);

/* The next certificate that came with it, with tag and length; *at starts at 0 and is moved. */
bool ocsp_cert_next(const struct ocsp *ocsp, size_t *at, struct bytes *ret);

/*
 * An OCSPRequest for one certificate, without nonce, in DER. `name_hash` and `key_hash` are
 * SHA-1 of the issuer's Name and of its key's bits, which is what every responder knows.
 */
void ocsp_request(struct bytes name_hash, struct bytes key_hash, struct bytes serial, struct buf *to);

#endif
