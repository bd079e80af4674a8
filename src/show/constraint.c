/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "show/constraint.h"

#include "base/buf.h"
#include "base/crypto.h"
#include "base/text.h"
#include "check/host.h"
#include "model/cert.h"
#include "model/der.h"
#include "model/purpose.h"
#include "model/store.h"
#include "show/put.h"

static void key_usages(struct bytes value, struct buf *to)
{
	struct bytes oid;
	size_t at = 0;

	for (bool any = false; cert_oid_next(value, &at, &oid); any = true) {
		enum purpose purpose = purpose_of_oid(oid);

		buf_text(to, any ? "," : "");
		if (purpose < PURPOSE_ROWS)
			buf_text(to, purposes[purpose].name);
		else if (!der_oid_text(oid, to))
			buf_text(to, "?");
	}
}

static const char *name_type(unsigned type)
{
	switch (type) {
	case GNUTLS_SAN_DNSNAME:
		return "DNS";
	case GNUTLS_SAN_RFC822NAME:
		return "mail";
	case GNUTLS_SAN_IPADDRESS:
		return "IP";
	case GNUTLS_SAN_URI:
		return "URI";
	case GNUTLS_SAN_DN:
		return "directory";
	default:
		return "other";
	}
}

/* An address and its mask, of four or sixteen bytes, as people write networks. */
static void put_network(struct bytes bytes, struct buf *to)
{
	size_t len = bytes.len / 2, bits = 0;

	while (bits < 8 * len && (bytes.at[len + bits / 8] & (0x80 >> bits % 8)) != 0)
		bits++;
	for (size_t i = bits; i < 8 * len; i++)
		if ((bytes.at[len + i / 8] & (0x80 >> i % 8)) != 0) { /* RFC 4632 wants the ones in front */
			text_hex(bytes, to);
			return;
		}
	address_text((struct bytes){ bytes.at, len }, to);
	buf_print(to, "/%zu", bits);
}

/* Names in DER are shown as hex; the rest is text. */
static void put_name(unsigned type, const gnutls_datum_t *name, struct buf *to)
{
	struct bytes bytes = { name->data, name->size };

	buf_print(to, "%s ", name_type(type));
	if (type == GNUTLS_SAN_DNSNAME || type == GNUTLS_SAN_RFC822NAME || type == GNUTLS_SAN_URI)
		buf_bytes(to, bytes);
	else if (type == GNUTLS_SAN_IPADDRESS && (bytes.len == 8 || bytes.len == 32))
		put_network(bytes, to);
	else
		text_hex(bytes, to);
}

static void subtrees(gnutls_x509_name_constraints_t nc, const char *word,
		     int (*get)(gnutls_x509_name_constraints_t, unsigned, unsigned *, gnutls_datum_t *),
		     bool *any, struct buf *to)
{
	gnutls_datum_t name;
	unsigned type;

	for (unsigned i = 0; get(nc, i, &type, &name) == 0; i++) {
		buf_print(to, "%s%s ", *any ? "; " : "", word);
		put_name(type, &name, to);
		*any = true;
	}
}

static void name_constraints(struct bytes value, struct buf *to)
{
	gnutls_datum_t in = { (unsigned char *)(uintptr_t)value.at, (unsigned)value.len };
	gnutls_x509_name_constraints_t nc = NULL;
	bool any = false;

	if (crypto()->x509_name_constraints_init(&nc) == 0 &&
	    crypto()->x509_ext_import_name_constraints(&in, nc, 0) == 0) {
		subtrees(nc, "permitted", crypto()->x509_name_constraints_get_permitted, &any, to);
		subtrees(nc, "excluded", crypto()->x509_name_constraints_get_excluded, &any, to);
	}
	if (!any)
		buf_print(to, "%zu bytes", value.len);
	if (nc != NULL)
		crypto()->x509_name_constraints_deinit(nc);
}

void constraint_text(const struct extension *extension, struct buf *to)
{
	enum ext ext = 0;

	while (ext < EXT_ROWS && !bytes_equal(exts[ext].oid, extension->oid))
		ext++;
	if (ext < EXT_ROWS)
		buf_text(to, exts[ext].name);
	else if (!der_oid_text(extension->oid, to))
		buf_text(to, "?");
	buf_text(to, extension->critical ? " critical (" : " (");
	if (ext == EXT_EXTENDED_KEY_USAGE)
		key_usages(extension->value, to);
	else if (ext == EXT_NAME_CONSTRAINTS)
		name_constraints(extension->value, to);
	else
		buf_print(to, "%zu bytes", extension->value.len);
	buf_byte(to, ')');
}

void put_attached(struct show *show, const struct anchor *anchor)
{
	struct buf text = { 0 };

	for (size_t i = 0; i < anchor->attached_count; i++) {
		text.len = 0;
		constraint_text(&anchor->attached[i], &text);
		put(show, "      attached: ");
		put_escaped(show, buf_view(&text));
		put(show, "\n");
	}
	buf_done(&text);
}
