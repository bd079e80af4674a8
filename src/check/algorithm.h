/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * An AlgorithmIdentifier of a signature, as GnuTLS calls it. Parameters are read
 * strictly: NULL or nothing for RSA (RFC 4055 section 5), nothing for ECDSA, DSA (RFC
 * 5758) and EdDSA (RFC 8410), RSASSA-PSS-params with MGF1 of the same hash (RFC 4055
 * section 3.1) for PSS.
 */
#ifndef CHECK_ALGORITHM_H
#define CHECK_ALGORITHM_H

#include <gnutls/gnutls.h>

#include "base/bytes.h"

struct algorithm {
	gnutls_sign_algorithm_t sign; /* GNUTLS_SIGN_UNKNOWN: not known, or its parameters are off */
	bool pss;
	bool secure;                    /* GnuTLS takes it for certificates */
	gnutls_digest_algorithm_t hash; /* of PSS, and where `info` is */
	unsigned salt;                  /* of PSS, octets */
	struct bytes info; /* of RSA with PKCS #1 v1.5: what the signed DigestInfo has before the hash (RFC
			      8017 section 9.2, note 1); empty: not known here */
};

/* `contents` of the AlgorithmIdentifier: OID and parameters. */
struct algorithm algorithm_read(struct bytes contents);

/* The parameters that the AlgorithmIdentifier of a PSS key demands. False: it demands none. */
bool algorithm_of_key(struct bytes contents, struct algorithm *ret);

#endif
