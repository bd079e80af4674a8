/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 *   Extensions ::= SEQUENCE SIZE (1..MAX) OF Extension
 */
#include "model/extension_reader.h"

#include "model/cert.h"
#include "model/der.h"

/* Whether an extension with this OID stands in front of `end`. */
static bool before(struct bytes extensions, struct bytes oid, size_t end)
{
	struct cursor in = der_into(extensions);

	while (in.pos < end && !in.bad) {
		struct cursor one = der_into(der_take(&in, DER_SEQUENCE));

		if (bytes_equal(der_take(&one, DER_OID), oid))
			return true;
	}
	return false;
}

const char *extensions_read(struct bytes all, const struct extension_reader *readers, size_t count, int most,
			    void *into, struct bytes *ret_critical)
{
	struct cursor in = der_into(all);

	for (int n = 0; cursor_left(&in) > 0; n++) {
		size_t at = in.pos, i = 0;
		struct extension one;
		bool odd;

		if (n >= most)
			return "too many extensions";
		if (!extension_read(der_take_whole(&in, DER_SEQUENCE), &one, &odd))
			return "an extension that is no DER Extension";
		if (before(all, one.oid, at))
			return "an extension that is there twice";
		while (i < count && !bytes_equal(one.oid, bytes_of(readers[i].oid)))
			i++;
		if (i < count && readers[i].read != NULL && !readers[i].read(one.value, into))
			return readers[i].wrong;
		if (i == count && one.critical && ret_critical->len == 0)
			*ret_critical = one.oid;
	}
	return all.len == 0 ? "an empty list of extensions" : NULL;
}

bool extension_value(struct bytes value, unsigned tag, struct bytes *ret)
{
	struct cursor in = der_into(value);

	*ret = der_take(&in, tag);
	return der_ended(&in);
}
