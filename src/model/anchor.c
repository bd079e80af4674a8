/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/anchor.h"

#include "base/buf.h"
#include "base/text.h"
#include "model/der.h"
#include "model/facts.h"
#include "model/name.h"
#include "model/staple.h"
#include "model/store.h"

uint16_t anchor_trusted(const struct anchor *anchor)
{
	return anchor->trusted & (uint16_t)~anchor->distrusted;
}

const struct extension *anchor_attached(const struct anchor *anchor, struct bytes oid)
{
	for (size_t i = 0; i < anchor->attached_count; i++)
		if (bytes_equal(anchor->attached[i].oid, oid))
			return &anchor->attached[i];
	return NULL;
}

bool anchor_issued(const struct anchor *issuer, const struct anchor *of)
{
	struct cursor aki = der_into(of->cert.ext[EXT_AUTHORITY_KEY_ID]),
		      in = der_into(der_take(&aki, DER_SEQUENCE));
	struct cursor ski = der_into(issuer->cert.ext[EXT_SUBJECT_KEY_ID]);

	if (!issuer->readable || !of->readable || !bytes_equal(issuer->cert.subject, of->cert.issuer))
		return false;
	if (!cert_has(&of->cert, EXT_AUTHORITY_KEY_ID) || !cert_has(&issuer->cert, EXT_SUBJECT_KEY_ID) ||
	    !der_peek(&in, DER_CONTEXT(0)))
		return true;
	return bytes_equal(der_take(&in, DER_CONTEXT(0)), der_take(&ski, DER_OCTET_STRING));
}

/* Whether an extKeyUsage names the purpose or all of them. */
static bool usage_names(struct bytes usage, struct bytes oid)
{
	struct bytes one;
	size_t at = 0;

	while (cert_oid_next(usage, &at, &one))
		if (bytes_equal(one, oid) || purpose_any(one))
			return true;
	return false;
}

bool anchor_serves(const struct anchor *anchor, enum purpose purpose, struct bytes oid)
{
	const struct extension *attached = anchor_attached(anchor, exts[EXT_EXTENDED_KEY_USAGE].oid);
	struct bytes wanted = purpose < PURPOSE_ROWS ? purposes[purpose].der : oid;

	if (anchor->distrusted & PURPOSE_BIT(purpose) || staple_rejects(anchor, wanted))
		return false;
	if (!(anchor->trusted & PURPOSE_BIT(purpose)))
		return false;
	if (attached != NULL)
		return usage_names(attached->value, wanted);
	return !cert_has(&anchor->cert, EXT_EXTENDED_KEY_USAGE) ||
	       usage_names(anchor->cert.ext[EXT_EXTENDED_KEY_USAGE], wanted);
}

bool anchor_authority(const struct anchor *anchor)
{
	const struct cert *cert = &anchor->cert;

	return anchor->readable && (cert->ca || (cert->version == 1 && cert->self_issued));
}

int64_t anchor_not_before(const struct anchor *anchor)
{
	return anchor->told != NULL ? anchor->told->not_before : anchor->cert.not_before;
}

int64_t anchor_not_after(const struct anchor *anchor)
{
	return anchor->told != NULL ? anchor->told->not_after : anchor->cert.not_after;
}

struct key anchor_key(const struct anchor *anchor)
{
	const struct facts *told = anchor->told;

	if (told != NULL)
		return (struct key){ told->key_type, told->curve, told->key_bits };
	return anchor->readable ? key_of(&anchor->cert) : (struct key){ .type = "" };
}

bool anchor_key_id(const struct anchor *anchor, uint8_t ret[ID_LEN])
{
	if (anchor->told_key != NULL)
		memcpy(ret, anchor->told_key, ID_LEN);
	else if (anchor->cert.spki.len > 0)
		digest_sha256(anchor->cert.spki, ret);
	else
		return false;
	return true;
}

void anchor_name(const struct anchor *anchor, struct buf *to)
{
	size_t start = to->len;
	uint8_t key_id[ID_LEN];

	if (anchor->label[0] != '\0')
		buf_text(to, anchor->label);
	else if (anchor->told != NULL)
		buf_text(to, anchor->told->subject);
	else if (anchor->cert.subject.len > 0)
		name_short(anchor->cert.subject, to);
	else if (anchor->names == ANCHOR_ISSUER_SERIAL) {
		name_short(anchor->cert.issuer, to);
		buf_text(to, ", serial ");
		text_hex(anchor->cert.serial, to);
	}
	if (to->len == start && anchor->names == ANCHOR_KEY) {
		buf_text(to, "key ");
		anchor_key_id(anchor, key_id);
		text_hex((struct bytes){ key_id, 8 }, to);
	}
	if (to->len == start)
		buf_text(to, "(no name)");
}
