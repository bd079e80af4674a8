/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Key identifiers (RFC 5280 sections 4.2.1.1 and 4.2.1.2): hints on which of several
 * issuers of one name is meant. They order candidates and never rule one out.
 */
#ifndef CHECK_KEY_ID_H
#define CHECK_KEY_ID_H

#include "base/bytes.h"

struct cert;

/* Parts that are not there are empty. */
struct authority {
	struct bytes key_id;
	struct bytes issuer; /* GeneralNames, contents */
	struct bytes serial; /* INTEGER's contents */
};

/* The contents of an authorityKeyIdentifier. False: it is none. */
bool authority_read(struct bytes value, struct authority *ret);

struct bytes subject_key_id(const struct cert *cert); /* empty: it has none */

enum key_id_match { KEY_ID_CLASHES, KEY_ID_UNKNOWN, KEY_ID_MATCHES };

/* Whether the key that `cert` says it was signed with is that of `issuer`. */
enum key_id_match key_id_compare(const struct cert *cert, const struct cert *issuer);

#endif
