/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/access.h"

#include "model/der.h"

#define PKIX_AD "\x2b\x06\x01\x05\x05\x07\x30" /* 1.3.6.1.5.5.7.48 */

const struct bytes access_ocsp = { (const uint8_t *)PKIX_AD "\x01", 8 };
const struct bytes access_ca_issuers = { (const uint8_t *)PKIX_AD "\x02", 8 };

/* AuthorityInfoAccessSyntax ::= SEQUENCE OF SEQUENCE { method OID, location GeneralName } */
bool access_next(struct bytes access, struct bytes method, size_t *at, struct bytes *ret_url)
{
	struct cursor outer = der_into(access), in = der_into(der_take(&outer, DER_SEQUENCE));

	in.pos = *at;
	while (cursor_left(&in) > 0) {
		struct cursor one = der_into(der_take(&in, DER_SEQUENCE));
		struct bytes oid = der_take(&one, DER_OID), url;

		*at = in.pos;
		if (!der_peek(&one, DER_CONTEXT(6)))
			continue;
		url = der_take(&one, DER_CONTEXT(6));
		if (der_ended(&one) && bytes_equal(oid, method)) {
			*ret_url = url;
			return true;
		}
	}
	return false;
}
