/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/facts.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"
#include "model/der.h"
#include "model/key.h"
#include "model/name.h"
#include "model/store.h"

static char *string_of(struct bytes from, void (*put)(struct bytes, struct buf *))
{
	struct buf text = { 0 };

	put(from, &text);
	buf_byte(&text, '\0');
	return (char *)text.at;
}

static char *copy(const char *text)
{
	return mem_string(text, strlen(text));
}

/* Self-issued, and its authorityKeyIdentifier, if it names a key, names its own. */
static bool self_signed(const struct cert *cert)
{
	struct cursor aki = der_into(cert->ext[EXT_AUTHORITY_KEY_ID]),
		      in = der_into(der_take(&aki, DER_SEQUENCE));
	struct cursor ski = der_into(cert->ext[EXT_SUBJECT_KEY_ID]);

	if (!cert->self_issued)
		return false;
	if (!cert_has(cert, EXT_AUTHORITY_KEY_ID) || !cert_has(cert, EXT_SUBJECT_KEY_ID) ||
	    !der_peek(&in, DER_CONTEXT(0)))
		return true;
	return bytes_equal(der_take(&in, DER_CONTEXT(0)), der_take(&ski, DER_OCTET_STRING));
}

static void from_told(const struct facts *told, struct facts *ret)
{
	*ret = *told;
	ret->subject = copy(told->subject);
	ret->issuer = copy(told->issuer);
	ret->serial = copy(told->serial);
	ret->key_type = copy(told->key_type);
	ret->curve = copy(told->curve);
	ret->signature = copy(told->signature);
}

void facts_of(const struct anchor *anchor, struct facts *ret)
{
	const struct cert *cert = &anchor->cert;
	struct key key = { .type = "" };
	char room[64] = "";

	if (anchor->told != NULL) {
		from_told(anchor->told, ret);
		return;
	}
	if (anchor->readable)
		key = key_of(cert);
	*ret = (struct facts){
		.subject = cert->subject.len > 0 ? string_of(cert->subject, name_text) : copy(""),
		.serial = string_of(cert->serial, text_hex),
		.key_type = copy(key.type),
		.curve = copy(key.curve != NULL ? key.curve : ""),
		.signature = copy(anchor->readable ? key_signature(cert, room) : ""),
		.key_bits = key.bits,
		.not_before = cert->not_before,
		.not_after = cert->not_after,
		.ca = cert->ca,
		.self_signed = anchor->readable && self_signed(cert),
		.known = anchor->readable,
	};
	/* Rendering a name is most of the work, and most anchors issued themselves. */
	if (cert->issuer.len > 0 && !cert->self_issued)
		ret->issuer = string_of(cert->issuer, name_text);
	else
		ret->issuer = copy(cert->issuer.len > 0 ? ret->subject : "");
}

void facts_done(struct facts *facts)
{
	free(facts->subject);
	free(facts->issuer);
	free(facts->serial);
	free(facts->key_type);
	free(facts->curve);
	free(facts->signature);
	*facts = (struct facts){ 0 };
}
