/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Why a path does not pass: one fixed list of codes, documented in
 * anchorage-verify(1). A reason names the certificate, the rule with its source,
 * and the values that clash. Rows stand in the order of how telling they are: of
 * several reasons the first row is told first.
 */
#ifndef CHECK_REASON_H
#define CHECK_REASON_H

#include "base/arena.h"

struct member;

enum reason_code {
	REASON_MALFORMED,
	REASON_REVOKED,
	REASON_DISTRUSTED,
	REASON_DISTRUST_AFTER,
	REASON_CLOCK_WRONG,
	REASON_EXPIRED,
	REASON_NOT_YET_VALID,
	REASON_BAD_SIGNATURE,
	REASON_SELF_SIGNED,
	REASON_INCOMPLETE_CHAIN,
	REASON_UNKNOWN_CA,
	REASON_HOSTNAME_MISMATCH,
	REASON_NO_SUBJECT_ALT_NAME,
	REASON_WRONG_PURPOSE,
	REASON_NOT_A_CA,
	REASON_KEY_USAGE,
	REASON_PATH_LENGTH,
	REASON_NAME_CONSTRAINT,
	REASON_POLICY,
	REASON_UNKNOWN_CRITICAL_EXTENSION,
	REASON_WEAK_SIGNATURE,
	REASON_WEAK_KEY,
	REASON_PROFILE, /* a lint rule of RFC 5280's profile; its name stands in the text */
	REASON_REVOCATION_UNKNOWN,
	REASON_MUST_STAPLE,
	REASON_TOO_DEEP,           /* more intermediates than --max-depth */
	REASON_SEARCH_LIMIT,       /* a stated budget was used up before an answer was found */
	REASON_STRICT_SERIAL_ZERO, /* from here on: only with --strict */
	REASON_STRICT_KEY_ID,
	REASON_STRICT_BASIC_CONSTRAINTS,
	REASON_STRICT_EXTENDED_KEY_USAGE,
	REASON_STRICT_LEAF_CA,
	REASON_STRICT_COMMON_NAME,
	REASON_ROWS,
};

struct reason_row {
	const char *code;   /* as in JSON and in the manual */
	const char *brief;  /* a clause for people */
	const char *remedy; /* what to do about it, where the reason itself says nothing better */
	int openssl;        /* X509_V_ERR_*, 0: it has none */
	unsigned gnutls;    /* gnutls_certificate_status_t bits, 0: it has none */
};
extern const struct reason_row reasons_table[REASON_ROWS];

struct reason {
	enum reason_code code;
	const struct member *member; /* NULL: the path as a whole */
	size_t depth;                /* where it stands in the path; 0 is the target */
	unsigned rule;               /* enum rule_id, whose rule it is; set by the judge */
	const char *source;          /* "RFC 5280 section 6.1.3 (a) (2)"; static text */
	const char *text;            /* what clashes, with the values; may hold bytes of certificates */
	const char *remedy;          /* NULL: by the code and the place, see reason_what_to_do() */
	int openssl;                 /* 0: the row's */
};

/* The reasons against one path. Zeroed memory is none. */
struct reasons {
	struct arena arena;
	struct reason *all; /* owned */
	size_t count;
};

/* Adds one. The text is formatted, and bounded by LIMIT_REASON. The result may be given a remedy. */
struct reason *reasons_add(struct reasons *reasons, enum reason_code code, const struct member *member,
			   size_t depth, const char *source, const char *fmt, ...)
	__attribute__((format(printf, 6, 7)));
void reason_remedy(struct reasons *reasons, struct reason *reason, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* What to do about it: its own remedy, or that of its row for a certificate that stands there. */
const char *reason_what_to_do(const struct reason *reason);
bool reasons_have(const struct reasons *reasons, enum reason_code code);
void reasons_sort(struct reasons *reasons); /* the most telling first, then from the target up */
void reasons_done(struct reasons *reasons);

#endif
