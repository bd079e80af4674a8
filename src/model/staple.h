/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What p11-kit and OpenSSL keep beside a certificate as lists of purposes, and
 * what an anchor says as sets of bits: the way from one to the other and back.
 * p11-kit staples both lists to the certificate's key as Extensions whose value
 * is an ExtKeyUsageSyntax (SEQUENCE OF OBJECT IDENTIFIER): extKeyUsage limits
 * what it is trusted for, and 1.3.6.1.4.1.3319.6.10.1 ("openssl-reject") names
 * what it is distrusted for. anyExtendedKeyUsage means all, as for OpenSSL.
 */
#ifndef MODEL_STAPLE_H
#define MODEL_STAPLE_H

#include "base/bytes.h"

struct anchor;
struct buf;
struct store;

extern const struct bytes staple_reject; /* the OID of the reject list, contents */
extern const struct bytes
	staple_nothing; /* 1.3.6.1.4.1.3319.6.10.16, a purpose that stands for an empty list */

/*
 * Attaches an Extension, given with tag and length, as p11-kit means it: an
 * extKeyUsage takes purposes off `trusted`, a reject list adds to `distrusted`
 * and stays attached only for OIDs that have no row. False if it is no Extension.
 */
bool staple_add(struct store *store, struct anchor *anchor, struct bytes whole);

/* Distrusts for each purpose of an ExtKeyUsageSyntax; every row of purposes[] together means all. */
void staple_add_rejects(struct store *store, struct anchor *anchor, struct bytes list);

/* Whether the anchor keeps a reject list that names this OID. */
bool staple_rejects(const struct anchor *anchor, struct bytes oid);

/*
 * The lists as contents of an ExtKeyUsageSyntax, appended to `to`. False: there
 * is no list, which means trusted for everything (or nothing at all, if it is
 * no anchor), and rejected for nothing.
 */
bool staple_write_purposes(const struct anchor *anchor, struct buf *to);
bool staple_write_rejects(const struct anchor *anchor, struct buf *to);

/* One Extension: OID contents, critical, and extnValue's contents. */
void staple_write_extension(struct bytes oid, bool critical, struct bytes value, struct buf *to);

#endif
