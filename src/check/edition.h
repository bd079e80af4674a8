/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which of two editions of a list is the older, by what their publisher calls them:
 * "20230311+deb12u1", "2026.05.20", "2.92", "2025-05-20". Only editions of one
 * publisher's list can be compared.
 */
#ifndef CHECK_EDITION_H
#define CHECK_EDITION_H

#include "base/bytes.h"

/*
 * Negative: `a` is older; 0: they are the same; else newer. By the rules of Debian's
 * policy, section 5.6.12, of which numbers parted by dots, and dates, are a case.
 */
int edition_compare(const char *a, const char *b);

/* Whose list it is, and where its edition stands in the bytes of a file. */
enum publisher {
	PUBLISHER_NONE,
	PUBLISHER_DEBIAN,   /* ca-certificates: the name of a .deb; dpkg's status */
	PUBLISHER_CERTIFI,  /* __init__.py: __version__ = "2026.05.20" */
	PUBLISHER_BUILTINS, /* libnssckbi.so: "NSS Builtin Trusted Root CAs 2.92" */
	PUBLISHER_CURL, /* cacert.pem: "Certificate data from Mozilla as of: Tue May 20 03:12:02 2025 GMT" */
	PUBLISHERS,
};
extern const char *const publisher_words[PUBLISHERS];

/* NULL: it says none. Yours. */
char *edition_of(enum publisher publisher, struct bytes file);

/* Of the name or URL of a file, "…/ca-certificates_20250419_all.deb"; NULL: it is none. Yours. */
char *edition_named(const char *name, enum publisher *ret_publisher);

#endif
