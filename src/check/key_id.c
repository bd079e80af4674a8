/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/key_id.h"

#include "model/cert.h"
#include "model/der.h"

/* AuthorityKeyIdentifier ::= SEQUENCE { [0] keyIdentifier?, [1] GeneralNames?, [2] serial? } */
bool authority_read(struct bytes value, struct authority *ret)
{
	struct cursor outer = der_into(value), in = der_into(der_take(&outer, DER_SEQUENCE));
	struct authority all = { 0 };

	if (der_peek(&in, DER_CONTEXT(0)))
		all.key_id = der_take(&in, DER_CONTEXT(0));
	if (der_peek(&in, DER_EXPLICIT(1)))
		all.issuer = der_take(&in, DER_EXPLICIT(1));
	if (der_peek(&in, DER_CONTEXT(2)))
		all.serial = der_take(&in, DER_CONTEXT(2));
	if (!der_ended(&in) || !der_ended(&outer))
		return false;
	*ret = all;
	return true;
}

struct bytes subject_key_id(const struct cert *cert)
{
	struct cursor in = der_into(cert->ext[EXT_SUBJECT_KEY_ID]);

	return cert_has(cert, EXT_SUBJECT_KEY_ID) ? der_take(&in, DER_OCTET_STRING)
						  : (struct bytes){ NULL, 0 };
}

enum key_id_match key_id_compare(const struct cert *cert, const struct cert *issuer)
{
	struct bytes key_id = subject_key_id(issuer);
	struct authority authority;

	if (!cert_has(cert, EXT_AUTHORITY_KEY_ID) ||
	    !authority_read(cert->ext[EXT_AUTHORITY_KEY_ID], &authority) || authority.key_id.len == 0 ||
	    key_id.len == 0)
		return KEY_ID_UNKNOWN;
	return bytes_equal(authority.key_id, key_id) ? KEY_ID_MATCHES : KEY_ID_CLASHES;
}
