/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 *   AuthorityInfoAccessSyntax ::= SEQUENCE OF SEQUENCE { accessMethod OID, accessLocation GeneralName }
 */
#include "model/access.h"

#include "model/der.h"
#include "model/general_name.h"

/* id-ad, 1.3.6.1.5.5.7.48 */
#define ID_AD "\x2b\x06\x01\x05\x05\x07\x30"

static enum access_method method_of(struct bytes oid)
{
	return bytes_equal(oid, bytes_of(ID_AD "\x01"))   ? ACCESS_OCSP
	       : bytes_equal(oid, bytes_of(ID_AD "\x02")) ? ACCESS_ISSUERS
							  : ACCESS_OTHER;
}

bool access_next(struct bytes value, size_t *at, struct access *ret)
{
	struct cursor outer = der_into(value), in = der_into(der_take(&outer, DER_SEQUENCE)), one;
	struct general_name where;
	size_t begin = 0;

	if (!der_ended(&outer) || *at >= in.all.len)
		return false;
	in.pos = *at;
	one = der_into(der_take(&in, DER_SEQUENCE));
	*ret = (struct access){ method_of(der_take(&one, DER_OID)), { NULL, 0 } };
	if (in.bad || one.bad || !general_name_next(bytes_skip(one.all, one.pos), &begin, &where) ||
	    begin != cursor_left(&one))
		return false;
	if (where.type == GENERAL_URI)
		ret->url = where.value;
	*at = in.pos;
	return true;
}
