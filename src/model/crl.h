/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A certificate revocation list (RFC 5280 section 5) as spans of its DER, found in
 * one strict, bounded walk over all of it: an entry that is not well formed makes
 * the whole list unreadable, as half a list would call revoked certificates good.
 * Nothing is copied or allocated, however many entries there are; a crl borrows the
 * bytes it was read from. Signatures and what the list means are for check/.
 */
#ifndef MODEL_CRL_H
#define MODEL_CRL_H

#include "model/distribution_point.h"

struct arena;
struct err;

/* CRLReason (section 5.3.1). */
enum crl_reason { CRL_REASON_NONE = -1, CRL_REASON_HOLD = 6, CRL_REASON_REMOVE = 8, CRL_REASON_ROWS = 11 };

/* "keyCompromise" … as RFC 5280 spells them; "no reason given" for -1, "unknown" for what has no name. */
const char *crl_reason_word(int reason);

/* issuingDistributionPoint (section 5.2.5); zeroed where there is none, but for `reasons`. */
struct crl_scope {
	bool present, user_certs, ca_certs, attribute_certs, indirect;
	struct point_name name;
	uint16_t reasons; /* onlySomeReasons; all where it does not say */
	struct bytes der; /* extnValue's contents: a delta must have the same */
};

struct crl {
	struct bytes der, tbs;            /* all of it; what is signed, with tag and length */
	struct bytes algorithm;           /* AlgorithmIdentifier, contents; the inner is the same */
	struct bytes signature;           /* without the count of unused bits */
	struct bytes issuer;              /* Name, with tag and length */
	int64_t this_update, next_update; /* next_update: CLOCK_NONE where there is none */
	struct bytes entries;             /* revokedCertificates, contents */
	size_t count;                     /* of them */
	bool named;                       /* an entry has certificateIssuer: entries are read one by one */
	uint8_t version;                  /* 1 or 2 */
	struct bytes key_id;              /* authorityKeyIdentifier, extnValue's contents; empty: none */
	struct bytes number;              /* cRLNumber, contents of the INTEGER; empty: none */
	struct bytes base;                /* deltaCRLIndicator: BaseCRLNumber; empty: a complete CRL */
	const uint32_t *slots;            /* crl_index(); NULL: none */
	size_t slot_count;
	struct crl_scope scope;
	struct bytes critical; /* OID contents of a critical extension, also of an entry, that is unknown;
				  empty: none */
};

struct crl_entry {
	struct bytes serial;   /* contents of the INTEGER */
	int64_t when;          /* revocationDate */
	int64_t invalid_since; /* invalidityDate, CLOCK_NONE: not said */
	int reason;            /* CRLReason, or CRL_REASON_NONE */
	struct bytes issuers;  /* certificateIssuer: contents of GeneralNames; empty: as the entry before */
	struct bytes critical; /* OID contents of a critical extension that is unknown */
};

/* False: refused; err says why and at which byte of `der`. */
bool crl_read(struct bytes der, struct crl *ret, struct err *err);

/* The next entry; *at starts at 0 and is moved. False at the end. */
bool crl_next(const struct crl *crl, size_t *at, struct crl_entry *ret);

/* Where a search is; begins as { 0 }. */
struct crl_search {
	size_t at;
	struct bytes issuers; /* certificateIssuer of the entry found, said there or before; empty: the CRL's
				 own */
};

/*
 * For lists that many certificates are asked of: makes crl_find() independent of their length,
 * for 6 to 12 bytes an entry. Does nothing where entries name issuers, or are so many of one
 * serial number that it would not help.
 */
void crl_index(struct crl *crl, struct arena *arena);

/* The next entry with this serial number, by a search that hardly reads the others (section 5.3.3). */
bool crl_find(const struct crl *crl, struct bytes serial, struct crl_search *search, struct crl_entry *ret);

#endif
