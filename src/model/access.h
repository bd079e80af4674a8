/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where more about an issuer is to be had: authorityInfoAccess (RFC 5280 section 4.2.2.1). Borrowed. */
#ifndef MODEL_ACCESS_H
#define MODEL_ACCESS_H

#include "base/bytes.h"

enum access_method { ACCESS_OTHER, ACCESS_OCSP, ACCESS_ISSUERS };

struct access {
	enum access_method method;
	struct bytes url; /* the URI; empty where it is another type of name */
};

/*
 * The next of the extension, `value` being extnValue's contents; *at starts at 0 and is
 * moved. False at the end, and where it is none.
 */
bool access_next(struct bytes value, size_t *at, struct access *ret);

#endif
