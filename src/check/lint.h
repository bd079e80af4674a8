/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What RFC 5280's profile forbids and a path may pass nevertheless: one row each. Those
 * on by default break no certificate of 332 servers of the Web nor of Debian's roots; the strict
 * ones do, and each has a code of its own (strict-...). What a purpose demands of the form of a certificate
 * is held only where somebody asked for that purpose. A row's name stands in the reason.
 * Not here: weak keys and signatures (RULE_STRENGTH), and wildcards over public suffixes,
 * for which there is no list.
 */
#ifndef CHECK_LINT_H
#define CHECK_LINT_H

#include "check/member.h"
#include "check/reason.h"

struct buf;
struct question;

/* Where in a path a row looks. A target that is itself an anchor is LINT_ALONE and nothing else. */
enum lint_where {
	LINT_LEAF = 1 << 0,
	LINT_INTERMEDIATE = 1 << 1,
	LINT_ANCHOR = 1 << 2,
	LINT_ALONE = 1 << 3,
	LINT_GIVEN = LINT_LEAF | LINT_INTERMEDIATE,
	LINT_ALL = LINT_GIVEN | LINT_ANCHOR | LINT_ALONE,
};

struct lint_view {
	const struct question *question;
	const struct member *member;
	const struct cert *cert;
	unsigned where; /* one of enum lint_where */
};

struct lint {
	const char *name;   /* a word, for text, manual and tests */
	const char *source; /* where it is written */
	unsigned where;     /* set of enum lint_where */
	bool strict;        /* RULE_STRICT, else RULE_PROFILE */
	enum reason_code code;
	const char *text; /* a clause for people */
	/* Whether it is broken; *more may be given values that stand behind the text. */
	bool (*broken)(const struct lint_view *view, struct buf *more);
};

extern const struct lint lints[];
extern const size_t lint_count; /* at most 64 */

/* lint_extension.c */
bool lint_authority_key_id_missing(const struct lint_view *view, struct buf *more);
bool lint_authority_key_id_critical(const struct lint_view *view, struct buf *more);
bool lint_authority_key_id_empty(const struct lint_view *view, struct buf *more);
bool lint_authority_key_id_half(const struct lint_view *view, struct buf *more);
bool lint_authority_key_id_other(const struct lint_view *view, struct buf *more);
bool lint_subject_key_id_missing(const struct lint_view *view, struct buf *more);
bool lint_subject_key_id_critical(const struct lint_view *view, struct buf *more);
bool lint_authority_info_critical(const struct lint_view *view, struct buf *more);
bool lint_extension_malformed(const struct lint_view *view, struct buf *more);
bool lint_purposes_critical(const struct lint_view *view, struct buf *more);
bool lint_purposes_any(const struct lint_view *view, struct buf *more);
bool lint_cert_sign_without_ca(const struct lint_view *view, struct buf *more);
bool lint_constraints_in_leaf(const struct lint_view *view, struct buf *more);
bool lint_policy_constraints_not_critical(const struct lint_view *view, struct buf *more);
bool lint_ca_without_basic_constraints(const struct lint_view *view, struct buf *more);
bool lint_ca_without_cert_sign(const struct lint_view *view, struct buf *more);
bool lint_purposes_missing(const struct lint_view *view, struct buf *more);
bool lint_basic_constraints_not_critical(const struct lint_view *view, struct buf *more);
bool lint_leaf_ca(const struct lint_view *view, struct buf *more);
bool lint_root_key_id_strict(const struct lint_view *view, struct buf *more);

/* lint_field.c */
bool lint_ca_without_subject(const struct lint_view *view, struct buf *more);
bool lint_serial_long(const struct lint_view *view, struct buf *more);
bool lint_serial_negative(const struct lint_view *view, struct buf *more);
bool lint_serial_zero(const struct lint_view *view, struct buf *more);
bool lint_version(const struct lint_view *view, struct buf *more);
bool lint_key_dsa(const struct lint_view *view, struct buf *more);
bool lint_key_modulus(const struct lint_view *view, struct buf *more);
bool lint_key_malformed(const struct lint_view *view, struct buf *more);
bool lint_key_curve(const struct lint_view *view, struct buf *more);
bool lint_alt_name_not_critical(const struct lint_view *view, struct buf *more);
bool lint_alt_name_critical(const struct lint_view *view, struct buf *more);
bool lint_alt_name_malformed(const struct lint_view *view, struct buf *more);
bool lint_common_name_address(const struct lint_view *view, struct buf *more);
bool lint_common_name_idn(const struct lint_view *view, struct buf *more);
bool lint_common_name_literal(const struct lint_view *view, struct buf *more);

#endif
