/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * OpenSSL's "trusted certificate": PEM blocks TRUSTED CERTIFICATE, each of two
 * DER values one behind the other.
 *
 *   Certificate
 *   CertAux ::= SEQUENCE {                                    may be absent
 *       trust   SEQUENCE OF OBJECT IDENTIFIER OPTIONAL,
 *       reject  [0] IMPLICIT SEQUENCE OF OBJECT IDENTIFIER OPTIONAL,
 *       alias   UTF8String OPTIONAL,
 *       keyid   OCTET STRING OPTIONAL,
 *       other   [1] IMPLICIT SEQUENCE OF AlgorithmIdentifier OPTIONAL }
 *
 * What it means is what OpenSSL makes of it, whose format it is: what is listed
 * in `reject` is distrusted; with `trust` the certificate is an anchor for what
 * is listed there, without `trust`, or without CertAux, for everything; an empty
 * `trust` is distrust of everything. p11-kit reads the same bytes otherwise: for
 * it a CertAux without `trust` is distrust, though its own export writes its
 * anchors just so, and without CertAux nothing is said. A file in one of its
 * directories is therefore read through its module, and not here.
 *
 * As p11-kit does, `trust` less `reject` becomes an attached critical extKeyUsage
 * and `keyid` an attached subjectKeyIdentifier. Writing is p11-kit's rule: a
 * certificate about which nothing is said gets an empty `trust`.
 */
#include "base/buf.h"
#include "base/limits.h"
#include "base/text.h"
#include "format/amend.h"
#include "format/armor.h"
#include "format/format.h"
#include "format/payload.h"
#include "model/anchor.h"
#include "model/der.h"
#include "model/pick.h"
#include "model/staple.h"
#include "model/store.h"

static const char block[] = "TRUSTED CERTIFICATE";

struct aux {
	bool has_trust, has_reject, has_keyid;
	struct bytes trust, reject; /* contents: OIDs */
	struct bytes alias;
	struct bytes keyid; /* with tag and length */
	struct bytes other;
};

static bool are_oids(struct bytes list)
{
	struct cursor in = der_into(list);

	if (list.len > LIMIT_PURPOSES_SIZE)
		return false;
	while (cursor_left(&in) > 0)
		der_take(&in, DER_OID);
	return !in.bad;
}

static bool aux_read(struct bytes der, struct aux *ret)
{
	struct cursor outer = der_into(der), in = der_into(der_take(&outer, DER_SEQUENCE));

	*ret = (struct aux){ .has_trust = der_peek(&in, DER_SEQUENCE) };
	if (ret->has_trust)
		ret->trust = der_take(&in, DER_SEQUENCE);
	ret->has_reject = der_peek(&in, DER_EXPLICIT(0));
	if (ret->has_reject)
		ret->reject = der_take(&in, DER_EXPLICIT(0));
	if (der_peek(&in, DER_UTF8_STRING))
		ret->alias = der_take(&in, DER_UTF8_STRING);
	ret->has_keyid = der_peek(&in, DER_OCTET_STRING);
	if (ret->has_keyid)
		ret->keyid = der_take_whole(&in, DER_OCTET_STRING);
	if (der_peek(&in, DER_EXPLICIT(1)))
		ret->other = der_take(&in, DER_EXPLICIT(1));
	return der_ended(&in) && der_ended(&outer) && are_oids(ret->trust) && are_oids(ret->reject);
}

static bool names(struct bytes list, struct bytes oid)
{
	struct cursor in = der_into(list);

	while (cursor_left(&in) > 0)
		if (bytes_equal(der_take(&in, DER_OID), oid))
			return true;
	return false;
}

static void attach(struct store *into, struct anchor *anchor, struct bytes oid, bool critical,
		   struct bytes value)
{
	struct buf whole = { 0 };

	staple_write_extension(oid, critical, value, &whole);
	staple_add(into, anchor, buf_view(&whole));
	buf_done(&whole);
}

/* The trusted purposes that are not rejected, in their order, as an extKeyUsage. */
static void trust(const struct aux *aux, struct store *into, struct anchor *anchor)
{
	struct cursor in = der_into(aux->trust);
	struct buf oids = { 0 }, list = { 0 };

	while (cursor_left(&in) > 0) {
		struct bytes oid = der_take(&in, DER_OID);

		if (!names(aux->reject, oid))
			der_write(&oids, DER_OID, oid);
	}
	if (oids.len > 0) {
		der_write(&list, DER_SEQUENCE, buf_view(&oids));
		attach(into, anchor, exts[EXT_EXTENDED_KEY_USAGE].oid, true, buf_view(&list));
	} else {
		anchor->trusted = 0;
		anchor->distrusted = PURPOSES_ALL;
	}
	buf_done(&oids);
	buf_done(&list);
}

static void aux_apply(const struct aux *aux, size_t at, struct store *into, struct anchor *anchor)
{
	struct buf list = { 0 };

	if (aux->has_trust)
		trust(aux, into, anchor);
	der_write(&list, DER_SEQUENCE, aux->reject);
	staple_add_rejects(into, anchor, buf_view(&list));
	buf_done(&list);
	if (aux->alias.len > 0)
		store_label(into, anchor, aux->alias);
	if (aux->has_keyid)
		attach(into, anchor, exts[EXT_SUBJECT_KEY_ID].oid, false, aux->keyid);
	if (aux->other.len > 0)
		store_note(into, NOTE_INFO, at,
			   "%zu bytes of other usages, which nobody defines, are not kept", aux->other.len);
}

size_t payload_trusted(struct bytes der, size_t at, struct store *into)
{
	size_t size = der_size(der);
	struct anchor *anchor;
	struct aux aux;

	if (size == 0 || size > der.len) {
		store_note(into, NOTE_ERROR, at, "a %s block that holds no DER is passed over", block);
		return 0;
	}
	if (payload_certificate((struct bytes){ der.at, size }, at, into) == 0) {
		store_note(into, NOTE_ERROR, at, "what a %s block rejects is not known", block);
		return 0;
	}
	anchor = &into->anchors[into->count - 1];
	if (size == der.len)
		return 1;
	if (aux_read(bytes_skip(der, size), &aux)) {
		aux_apply(&aux, at, into, anchor);
	} else {
		store_note(
			into, NOTE_ERROR, at,
			"what is trusted and rejected cannot be read: the certificate is taken for neither");
		anchor->trusted = 0;
	}
	return 1;
}

static int trusted_probe(struct bytes file)
{
	return bytes_equal(payload_pem_type(file), bytes_of(block)) ? 64 : 0;
}

static void write_lists(const struct anchor *anchor, struct buf *aux)
{
	bool distrust = anchor->distrusted == PURPOSES_ALL;
	struct buf list = { 0 };

	if (!distrust && (anchor->trusted == 0 || staple_write_purposes(anchor, &list)))
		der_write(aux, DER_SEQUENCE, buf_view(&list));
	list.len = 0;
	if (staple_write_rejects(anchor, &list))
		der_write(aux, DER_EXPLICIT(0), buf_view(&list));
	buf_done(&list);
}

static void write_aux(const struct anchor *anchor, struct bytes name, struct buf *to)
{
	const struct extension *keyid = anchor_attached(anchor, exts[EXT_SUBJECT_KEY_ID].oid);
	struct buf aux = { 0 }, text = { 0 };

	write_lists(anchor, &aux);
	text_utf8(name, &text);
	der_write(&aux, DER_UTF8_STRING, buf_view(&text));
	if (keyid != NULL && keyid->value.len > 0 && keyid->value.at[0] == DER_OCTET_STRING)
		buf_bytes(&aux, keyid->value);
	der_write(to, DER_SEQUENCE, buf_view(&aux));
	buf_done(&aux);
	buf_done(&text);
}

static bool trusted_write(const struct pick *from, const struct style *style, struct buf *to, struct err *err)
{
	struct buf name = { 0 }, body = { 0 };

	(void)err;
	for (size_t i = 0; i < from->count; i++) {
		const struct anchor *anchor = from->anchors[i];

		if (anchor->names != ANCHOR_CERTIFICATE)
			continue;
		name.len = body.len = 0;
		anchor_name(anchor, &name);
		buf_bytes(&body, anchor->cert.der);
		write_aux(anchor, buf_view(&name), &body);
		if (style->comments)
			armor_comment(to, buf_view(&name));
		armor_write(to, block, buf_view(&body));
	}
	buf_done(&name);
	buf_done(&body);
	return true;
}

const struct format format_trusted = {
	.kind = { "trusted", "OpenSSL's trusted certificates",
		  CAN_MANY | CAN_LABEL | CAN_PURPOSE | CAN_DISTRUST },
	.probe = trusted_probe,
	.read = payload_pem,
	.write = trusted_write,
	.amend = trusted_amend,
};
