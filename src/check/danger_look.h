/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the parts of danger_find() share: one look at a candidate. Each function looks
 * for the dangers of its matter and adds them; none stops the others. To add a danger:
 * its enum, its row in dangers[] of danger.c, a function that finds it, an item in
 * anchorage-add(1), and a pair in tests/unit/test-check-danger.c.
 */
#ifndef CHECK_DANGER_LOOK_H
#define CHECK_DANGER_LOOK_H

#include "check/danger.h"
#include "check/member.h"

/* The order is that of the table and, among those that are equally grave, of what is told. */
enum danger {
	DANGER_KNOWN_BAD,
	DANGER_PUBLISHED_KEY,
	DANGER_PRIVATE_KEY,
	DANGER_DISTRUSTED,
	DANGER_INTERCEPTION,
	DANGER_PUBLIC_SUBJECT,
	DANGER_UNREADABLE,
	DANGER_BAD_SIGNATURE,
	DANGER_NOT_A_CA,
	DANGER_EXPIRED,
	DANGER_WEAK_KEY,
	DANGER_GO_SERIAL,
	DANGER_UNCONSTRAINED,
	DANGER_SELF_SIGNED_LEAF,
	DANGER_INTERMEDIATE,
	DANGER_NO_BASIC_CONSTRAINTS,
	DANGER_NO_KEY_CERT_SIGN,
	DANGER_NOT_YET_VALID,
	DANGER_DROPPED_ROOT,
	DANGER_SAME_SUBJECT,
	DANGER_SEVERAL,
	DANGER_SHARED,
	DANGER_WEAK_SIGNATURE,
	DANGER_UNKNOWN_CRITICAL,
	DANGER_NO_NAME,
	DANGER_JAVA,
	DANGER_PYTHON,
	DANGER_BASIC_CONSTRAINTS_NOT_CRITICAL,
	DANGER_UNCHECKED_SIGNATURE,
	DANGER_EXPIRES_SOON,
	DANGER_LONG_VALIDITY,
	DANGER_ODD_KEY,
	DANGER_SAME_KEY,
	DANGER_PUBLIC_ROOT,
	DANGER_WEAK_SELF_SIGNATURE,
	DANGER_ROWS,
};

/* By whom it was issued: its own key is tried, and names alone prove nothing. */
enum issued {
	ISSUED_BY_ITSELF,
	ISSUED_BY_OTHER,     /* also by another key of the same name */
	ISSUED_BY_NONE,      /* it says that its own key signed it, and that is not so */
	ISSUED_BY_UNCHECKED, /* it says so, and GnuTLS cannot check it */
};

struct look {
	const struct candidate *candidate;
	const struct anchor *anchor;
	const struct cert *cert;
	const struct member *member;
	enum issued issued;
	bool leaf;   /* it is no CA, and does not look as if it were meant to be one */
	bool public; /* a public list trusts this certificate */
	struct warnings *ret;
};

struct warning *danger_add(const struct look *look, enum danger danger, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* NULL: there is nothing to advise on. */
void danger_advise(struct warning *warning, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

char *danger_name(const struct anchor *anchor);       /* what people call it; free() it */
char *danger_file(const struct candidate *candidate); /* its file as a word for a shell; free() it */

/* danger_form.c: what the certificate is. */
bool danger_is_leaf(const struct look *look);
void danger_look_issuer(const struct look *look);
void danger_look_authority(const struct look *look);
void danger_look_name(const struct look *look);
void danger_look_constraints(const struct look *look);
void danger_look_dates(const struct look *look);

/* danger_client.c: strength, and which programs will not take it. */
void danger_look_strength(const struct look *look);
void danger_look_key(const struct look *look);
void danger_look_critical(const struct look *look);
void danger_look_python(const struct look *look);
void danger_look_java(const struct look *look);
void danger_look_go(const struct look *look);

/* danger_place.c: where it came from, and what is known of it elsewhere. */
bool danger_is_public(const struct candidate *candidate);
void danger_look_file(const struct look *look);
void danger_look_known(const struct look *look);
void danger_look_product(const struct look *look);
void danger_look_others(const struct look *look);
void danger_look_distrust(const struct look *look);

#endif
