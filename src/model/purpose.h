/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a certificate may be trusted for. One table joins the name people type,
 * the key purpose OID of RFC 5280 section 4.2.1.12 (or of its registrar), and
 * what PKCS#11 and Mozilla call it. Sets of purposes are bits; PURPOSE_OTHER
 * stands for every purpose that has no row, so that "all" means all.
 */
#ifndef MODEL_PURPOSE_H
#define MODEL_PURPOSE_H

#include "base/bytes.h"

enum purpose {
	PURPOSE_SERVER_AUTH,
	PURPOSE_CLIENT_AUTH,
	PURPOSE_EMAIL,
	PURPOSE_CODE_SIGNING,
	PURPOSE_IPSEC_END_SYSTEM,
	PURPOSE_IPSEC_TUNNEL,
	PURPOSE_IPSEC_USER,
	PURPOSE_TIME_STAMPING,
	PURPOSE_ROWS, /* how many have a row */
	PURPOSE_OTHER = PURPOSE_ROWS,
	PURPOSE_COUNT,
};

/* A set of purposes, as bits. */

#define PURPOSE_BIT(purpose) ((uint16_t)(1u << (purpose)))
#define PURPOSES_ALL         ((uint16_t)((1u << PURPOSE_COUNT) - 1))

struct purpose_row {
	const char *name;             /* as in --purpose=server-auth */
	const char *oid;              /* dotted */
	struct bytes der;             /* the OID's contents, without tag and length */
	unsigned long nss_trust;      /* CKA_NSS_TRUST_*, 0: none; pkcs11n.h */
	unsigned long trust;          /* CKA_TRUST_* of PKCS#11 3.2, 0: none */
	unsigned long distrust_after; /* CKA_NSS_*_DISTRUST_AFTER, 0: none */
	const char *mozilla;          /* the name in certdata.txt after CKA_TRUST_, or NULL */
	const char *brief;            /* for help and manual */
};

extern const struct purpose_row purposes[PURPOSE_ROWS];

/* The row of an OID's contents, or PURPOSE_OTHER. anyExtendedKeyUsage is none of them. */
enum purpose purpose_of_oid(struct bytes der);
bool purpose_any(struct bytes der); /* whether it is anyExtendedKeyUsage, 2.5.29.37.0 */

#endif
