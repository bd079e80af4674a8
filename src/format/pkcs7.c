/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * PKCS#7 as a bag of certificates (RFC 2315 section 9.1, RFC 5652 section 5.1):
 * what Windows calls .p7b and `openssl crl2pkcs7 -nocrl` writes.
 *
 *   ContentInfo ::= SEQUENCE { OBJECT IDENTIFIER signedData, [0] SignedData }
 *   SignedData  ::= SEQUENCE { version INTEGER, digestAlgorithms SET, contentInfo SEQUENCE,
 *                   [0] IMPLICIT SET OF Certificate OPTIONAL, [1] IMPLICIT SET OF crl OPTIONAL,
 *                   signerInfos SET }
 *
 * It says nothing of purposes: each certificate is an anchor for all.
 *
 * Taking certificates out with GnuTLS costs the square of their number (0.04 s
 * for 2,000, 0.64 s for 5,000), and what it writes has contentInfo of the type
 * digestData. So DER is walked here; GnuTLS turns BER into DER, in linear time.
 */

#include "base/buf.h"
#include "base/crypto.h"
#include "base/err.h"
#include "base/limits.h"
#include "format/format.h"
#include "format/payload.h"
#include "model/der.h"
#include "model/pick.h"
#include "model/store.h"

static const uint8_t signed_data[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02 };
static const uint8_t data[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01 };
#define OID(array) ((struct bytes){ (array), sizeof(array) })

/* The first tags, in DER or BER, as the rest may be cut: SEQUENCE { OBJECT IDENTIFIER signedData. */
bool payload_is_pkcs7(struct bytes der)
{
	size_t head = der.len >= 2 && der.at[1] > 0x80 ? 2 + (der.at[1] & 0x7fu) : 2;
	struct cursor in = der_into(bytes_skip(der, head));

	return der.len >= 2 && der.at[0] == DER_SEQUENCE && head <= 6 &&
	       bytes_equal(der_take(&in, DER_OID), OID(signed_data));
}

/* Finds the sets of certificates and revocation lists. False: the frame is no DER. */
static bool find_sets(struct bytes der, struct bytes *ret_certs, struct bytes *ret_crls, size_t *ret_size)
{
	struct cursor file = der_into(der), info = der_into(der_take(&file, DER_SEQUENCE));
	struct bytes type = der_take(&info, DER_OID);
	struct cursor content = der_into(der_take(&info, DER_EXPLICIT(0)));
	struct cursor in = der_into(der_take(&content, DER_SEQUENCE));

	der_take(&in, DER_INTEGER);
	der_take(&in, DER_SET);
	der_take(&in, DER_SEQUENCE);
	*ret_certs = *ret_crls = (struct bytes){ NULL, 0 };
	if (der_peek(&in, DER_EXPLICIT(0)))
		*ret_certs = der_take(&in, DER_EXPLICIT(0));
	if (der_peek(&in, DER_EXPLICIT(1)))
		*ret_crls = der_take(&in, DER_EXPLICIT(1));
	der_take(&in, DER_SET);
	*ret_size = file.pos;
	return bytes_equal(type, OID(signed_data)) && der_ended(&in) && der_ended(&content) &&
	       der_ended(&info) && !file.bad;
}

/* A structure that is read: `exact` if its bytes are those of the file, from `at` on. */
struct bag {
	struct bytes der;
	size_t at, count;
	bool exact;
	struct store *into;
};

static size_t offset(const struct bag *bag, const uint8_t *part)
{
	return bag->exact ? bag->at + (size_t)(part - bag->der.at) : bag->at;
}

static void read_certificates(struct bag *bag, struct bytes set)
{
	struct cursor in = der_into(set);

	while (cursor_left(&in) > 0) {
		struct der one = der_next(&in);

		if (in.bad)
			store_note(bag->into, NOTE_ERROR, offset(bag, set.at + in.pos),
				   "the rest of the certificates, %zu bytes, is no DER", set.len - in.pos);
		else if (one.tag == DER_SEQUENCE)
			bag->count += payload_certificate(one.whole, offset(bag, one.whole.at), bag->into);
		else
			store_note(bag->into, NOTE_WARN, offset(bag, one.whole.at),
				   "an attribute certificate or one of an obsolete form is passed over");
	}
}

static void note_crls(const struct bag *bag, struct bytes set)
{
	struct cursor in = der_into(set);
	size_t count = 0;

	for (; cursor_left(&in) > 0; count++)
		der_next(&in);
	if (count > 0)
		store_note(bag->into, NOTE_INFO, offset(bag, set.at), "%zu revocation lists are not read",
			   count);
}

/* False: it is no DER, and nothing was added. */
static bool walk(struct bag *bag)
{
	struct bytes certs, crls;
	size_t size;

	if (!find_sets(bag->der, &certs, &crls, &size))
		return false;
	read_certificates(bag, certs);
	note_crls(bag, crls);
	if (bag->count == 0)
		store_note(bag->into, NOTE_WARN, bag->at, "a PKCS#7 structure without certificates");
	if (size < bag->der.len)
		store_note(bag->into, NOTE_WARN, offset(bag, bag->der.at + size),
			   "%zu bytes behind the PKCS#7 structure are not read", bag->der.len - size);
	return true;
}

/* BER, by way of GnuTLS, which writes as DER what it has read. */
static bool from_ber(struct bag *bag, struct err *err)
{
	gnutls_datum_t in = { (unsigned char *)(uintptr_t)bag->der.at, (unsigned)bag->der.len };
	gnutls_datum_t out = { NULL, 0 };
	gnutls_pkcs7_t pkcs7 = NULL;
	bool ok = false;
	int code;

	if (bag->der.len > LIMIT_BER_SIZE)
		return err_set(err, ERR_LIMIT, "PKCS#7 in BER of more than %zu MiB", LIMIT_BER_SIZE >> 20);
	code = crypto()->pkcs7_init(&pkcs7);
	if (code >= 0)
		code = crypto()->pkcs7_import(pkcs7, &in, GNUTLS_X509_FMT_DER);
	if (code >= 0)
		code = crypto()->pkcs7_export2(pkcs7, GNUTLS_X509_FMT_DER, &out);
	bag->der = (struct bytes){ out.data, out.size };
	bag->exact = false;
	if (code < 0)
		err_set(err, ERR_DAMAGED, "no PKCS#7 SignedData that can be read: %s",
			crypto()->strerror(code));
	else if (!walk(bag))
		err_set(err, ERR_DAMAGED, "no PKCS#7 SignedData that can be read");
	else
		ok = true;
	(*crypto()->free)(out.data);
	if (pkcs7 != NULL)
		crypto()->pkcs7_deinit(pkcs7);
	return ok;
}

static bool read_bag(struct bag *bag, struct err *err)
{
	size_t size = der_size(bag->der);

	if (size > bag->der.len)
		return err_set(err, ERR_DAMAGED, "the PKCS#7 structure is cut: %zu bytes of %zu",
			       bag->der.len, size);
	return walk(bag) || from_ber(bag, err);
}

size_t payload_pkcs7(struct bytes der, size_t at, struct store *into)
{
	struct bag bag = { .der = der, .at = at, .into = into };
	struct err err = { 0 };
	size_t before = into->count;

	if (!read_bag(&bag, &err))
		store_note(into, NOTE_ERROR, at, "a PKCS#7 block is not read: %s", err.text);
	for (; before < into->count; before++)
		into->anchors[before].origin.bag = true;
	return bag.count;
}

static int pkcs7_probe(struct bytes file)
{
	struct bytes type = payload_pem_type(file);

	if (payload_is_pkcs7(file))
		return 88;
	return bytes_equal(type, bytes_of("PKCS7")) || bytes_equal(type, bytes_of("PKCS #7 SIGNED DATA")) ||
			       bytes_equal(type, bytes_of("CMS"))
		       ? 64
		       : 0;
}

static bool pkcs7_read(struct bytes file, struct store *into, struct err *err)
{
	struct bag bag = { .der = file, .exact = true, .into = into };

	return payload_is_pkcs7(file) ? read_bag(&bag, err) : payload_pem(file, into, err);
}

/* ContentInfo around what `certs` holds: version 1, no digests, no content, no signers. */
static void write_frame(struct bytes certs, struct buf *to)
{
	static const uint8_t one[] = { 1 };
	struct bytes none = { NULL, 0 };
	struct buf body = { 0 }, info = { 0 }, part = { 0 };

	der_write(&part, DER_OID, OID(data));
	der_write(&body, DER_INTEGER, OID(one));
	der_write(&body, DER_SET, none);
	der_write(&body, DER_SEQUENCE, buf_view(&part));
	der_write(&body, DER_EXPLICIT(0), certs);
	der_write(&body, DER_SET, none);
	part.len = 0;
	der_write(&part, DER_SEQUENCE, buf_view(&body));
	der_write(&info, DER_OID, OID(signed_data));
	der_write(&info, DER_EXPLICIT(0), buf_view(&part));
	der_write(to, DER_SEQUENCE, buf_view(&info));
	buf_done(&body);
	buf_done(&info);
	buf_done(&part);
}

/* In the order of the pick, as everybody writes it, and not sorted as DER wants a SET OF. */
static bool pkcs7_write(const struct pick *from, const struct style *style, struct buf *to, struct err *err)
{
	struct buf certs = { 0 };
	bool ok = true;

	(void)style;
	for (size_t i = 0; ok && i < from->count; i++) {
		if (from->anchors[i]->names != ANCHOR_CERTIFICATE)
			continue;
		ok = payload_alone(from->anchors[i]->cert.der, err);
		buf_bytes(&certs, from->anchors[i]->cert.der);
	}
	if (ok)
		write_frame(buf_view(&certs), to);
	buf_done(&certs);
	return ok;
}

const struct format format_pkcs7 = {
	.kind = { "pkcs7", "PKCS#7 bundle (.p7b)", CAN_MANY },
	.probe = pkcs7_probe,
	.read = pkcs7_read,
	.write = pkcs7_write,
};
