/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/general_name.h"

#include "model/der.h"

const char *const general_name_words[GENERAL_TYPES] = {
	[GENERAL_OTHER] = "otherName",
	[GENERAL_RFC822] = "rfc822Name",
	[GENERAL_DNS] = "dNSName",
	[GENERAL_X400] = "x400Address",
	[GENERAL_DIRECTORY] = "directoryName",
	[GENERAL_EDI_PARTY] = "ediPartyName",
	[GENERAL_URI] = "uniformResourceIdentifier",
	[GENERAL_IP] = "iPAddress",
	[GENERAL_REGISTERED_ID] = "registeredID",
};

/* Whether the type is tagged as constructed: a structure, or explicit as Name is a CHOICE. */
static bool constructed(enum general_name_type type)
{
	return type == GENERAL_OTHER || type == GENERAL_X400 || type == GENERAL_DIRECTORY ||
	       type == GENERAL_EDI_PARTY;
}

bool general_name_next(struct bytes names, size_t *at, struct general_name *ret)
{
	struct cursor in = { .all = names, .pos = *at };
	struct der name;

	if (*at >= names.len)
		return false;
	name = der_next(&in);
	for (enum general_name_type type = 0; !in.bad && type < GENERAL_TYPES; type++)
		if (name.tag == (constructed(type) ? DER_EXPLICIT(type) : DER_CONTEXT(type))) {
			*ret = (struct general_name){ type, name.body, name.whole };
			*at = in.pos;
			return true;
		}
	return false;
}

/* OtherName ::= SEQUENCE { type-id OBJECT IDENTIFIER, value [0] EXPLICIT ANY }; SmtpUTF8Mailbox ::=
 * UTF8String */
bool general_name_mailbox(const struct general_name *name, struct bytes *ret)
{
	static const struct bytes id = { (const uint8_t *)"\x2b\x06\x01\x05\x05\x07\x08\x09", 8 };
	struct cursor in = der_into(name->value), inner;
	struct bytes oid = der_take(&in, DER_OID), text;

	if (name->type != GENERAL_OTHER || !bytes_equal(oid, id))
		return false;
	inner = der_into(der_take(&in, DER_EXPLICIT(0)));
	text = der_take(&inner, DER_UTF8_STRING);
	*ret = der_ended(&in) && der_ended(&inner) ? text : (struct bytes){ NULL, 0 };
	return true;
}

bool general_names_valid(struct bytes names)
{
	struct general_name name;
	size_t at = 0;

	while (general_name_next(names, &at, &name))
		;
	return names.len > 0 && at == names.len;
}
