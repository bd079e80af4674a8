/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A certificate as spans of its DER (RFC 5280 section 4.1), found in one strict,
 * bounded walk. Nothing is copied: a cert borrows the bytes it was read from
 * and dies before them. Signatures, algorithm policy and the text of names are
 * not its business; GnuTLS does those for the certificates that are judged.
 *
 * Two grades of strictness. What leaves a field without one meaning is refused,
 * such as an extension that occurs twice: the certificate is then known by its
 * hash alone. What RFC 5280 or DER forbid but everyone reads alike, and an
 * extension that cannot be read, is kept and told as a set of `enum odd`; the
 * verifier decides what it means, a listing only shows it. tests/corpus/differential.c
 * lists where GnuTLS draws these lines elsewhere.
 */
#ifndef MODEL_CERT_H
#define MODEL_CERT_H

#include "base/bytes.h"

struct err;

/* Extensions with a place of their own; the rest is found by cert_extension(). */
enum ext {
	EXT_BASIC_CONSTRAINTS,
	EXT_KEY_USAGE,
	EXT_SUBJECT_KEY_ID,
	EXT_AUTHORITY_KEY_ID,
	EXT_EXTENDED_KEY_USAGE,
	EXT_SUBJECT_ALT_NAME,
	EXT_ISSUER_ALT_NAME,
	EXT_NAME_CONSTRAINTS,
	EXT_CERTIFICATE_POLICIES,
	EXT_POLICY_MAPPINGS,
	EXT_POLICY_CONSTRAINTS,
	EXT_INHIBIT_ANY_POLICY,
	EXT_CRL_DISTRIBUTION_POINTS,
	EXT_AUTHORITY_INFO_ACCESS,
	EXT_TLS_FEATURE, /* RFC 7633 */
	EXT_ROWS,
};

struct ext_row {
	const char *name; /* as RFC 5280 spells it */
	struct bytes oid; /* contents */
};
extern const struct ext_row exts[EXT_ROWS];

enum odd {
	ODD_SERIAL_NEGATIVE,
	ODD_SERIAL_ZERO,
	ODD_SERIAL_LONG,
	ODD_SERIAL_PADDED,
	ODD_DEFAULT_ENCODED,
	ODD_TIME_FORM,
	ODD_TIME_ORDER,
	ODD_ISSUER_EMPTY,
	ODD_NAME_PART_EMPTY,
	ODD_BASIC_CONSTRAINTS,
	ODD_KEY_USAGE,
	ODD_KEY_ID,
	ODD_EXTENDED_KEY_USAGE,
	ODD_ALT_NAME,
	ODD_UNIQUE_ID,
	ODD_ROWS,
};

struct odd_row {
	const char *name;   /* a word for JSON */
	const char *text;   /* a clause for people */
	const char *source; /* the rule it breaks */
};
extern const struct odd_row odds[ODD_ROWS];

/* Key usage, RFC 5280 section 4.2.1.3, by the bit's number. */
enum key_usage { USAGE_KEY_CERT_SIGN = 5, USAGE_CRL_SIGN = 6 };

struct cert {
	struct bytes der;                 /* all of it */
	struct bytes tbs;                 /* what is signed, with tag and length */
	struct bytes serial;              /* the INTEGER's contents */
	struct bytes issuer, subject;     /* Names, with tag and length */
	struct bytes spki;                /* SubjectPublicKeyInfo, with tag and length */
	struct bytes key_algorithm;       /* AlgorithmIdentifier of the key, contents */
	struct bytes key;                 /* subjectPublicKey, without the count of unused bits */
	struct bytes signature_algorithm; /* outer AlgorithmIdentifier, contents */
	struct bytes signature;           /* without the count of unused bits */
	struct bytes extensions;          /* contents of the SEQUENCE OF Extension */
	struct bytes ext[EXT_ROWS];       /* extnValue's contents; len 0: see `present` */
	int64_t not_before, not_after;
	uint32_t present, critical; /* sets of enum ext */
	uint32_t odd;               /* set of enum odd */
	int32_t path_len;           /* -1: no limit */
	uint16_t key_usage;         /* set of enum key_usage; meaningful if EXT_KEY_USAGE is present */
	uint8_t version;            /* 1, 2 or 3 */
	bool critical_other;        /* an extension without a place of its own is critical */
	bool ca;                    /* basicConstraints says so */
	bool self_issued;           /* issuer and subject are the same bytes */
};

/* False: refused, and err says by which rule. *ret then holds der and nothing else. */
bool cert_read(struct bytes der, struct cert *ret, struct err *err);

/* One Extension: OBJECT IDENTIFIER, critical, extnValue's contents, and the whole element. */
struct extension {
	struct bytes oid, value, whole;
	bool critical;
};

/* Reads one Extension with tag and length. False if it is none; *ret_odd: critical FALSE was written out. */
bool extension_read(struct bytes whole, struct extension *ret, bool *ret_odd);

/* The extension with these OID contents, false if there is none. */
bool cert_extension(const struct cert *cert, struct bytes oid, struct extension *ret);

/*
 * An OID of a list of them (extendedKeyUsage): *at starts at 0 and is moved.
 * False at the end, or where the list is no longer DER.
 */
bool cert_oid_next(struct bytes sequence_of, size_t *at, struct bytes *ret);

static inline bool cert_is_odd(const struct cert *cert, enum odd odd)
{
	return cert->odd >> odd & 1;
}

static inline bool cert_has(const struct cert *cert, enum ext ext)
{
	return cert->present >> ext & 1;
}

#endif
