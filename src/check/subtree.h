/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A NameConstraints extension (RFC 5280 section 4.2.1.10) read once into its subtrees,
 * and the names of a certificate that are held against them. Borrows the bytes of the
 * extension and the certificate; canonical names are in `arena`.
 */
#ifndef CHECK_SUBTREE_H
#define CHECK_SUBTREE_H

#include "base/arena.h"
#include "check/host.h"
#include "model/general_name.h"

struct member;

/* A name, or the base of a subtree: what of it is compared, prepared by its type. */
struct bound {
	enum general_name_type type;
	bool excluded;          /* of a subtree */
	const char *from;       /* of a name: where it stands if not in the subjectAltName; NULL */
	bool utf8;              /* a name that is an SmtpUTF8Mailbox */
	bool odd;               /* it is not what its type must be, and is held against nothing */
	struct bytes value;     /* as it stands; a directoryName in canonical form */
	struct mailbox mailbox; /* of a rfc822Name; of a subtree only if it is one mailbox */
	struct bytes host;      /* of a URI or a rfc822Name: the host, or the domain with its leading dot */
};

struct bounds {
	struct bound *all; /* owned */
	size_t count;
	size_t of[GENERAL_TYPES]; /* how many of each type */
	struct arena arena;
};

/*
 * False: it is malformed, and *ret_why says how: not DER, no subtree at all, an empty
 * list of them, a base that is none of its type, or minimum and maximum, which RFC 5280 does not use.
 */
bool bounds_subtrees(struct bytes name_constraints, struct bounds *ret, const char **ret_why);

/*
 * The names of a certificate: each subjectAltName, the subject as a directoryName, and its
 * emailAddress, also where there is a rfc822Name: some read the one, some the other. With
 * `common_name` a common name that looks like a host, where no dNSName is there:
 * clients that fall back to it must be bound too.
 */
void bounds_names(const struct member *member, bool common_name, struct bounds *ret);
void bounds_done(struct bounds *bounds);

/* Whether the name lies in the subtree; both of one type, and neither odd. */
bool bound_within(const struct bound *name, const struct bound *subtree);

/*
 * The same of a name that may stand for many: whether one of those that a wildcard
 * stands for lies in the subtree.
 */
bool bound_touches(const struct bound *name, const struct bound *subtree);

void bound_put(const struct bound *bound, struct buf *to); /* "dNSName 'example.com'" */

#endif
