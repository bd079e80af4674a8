/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * PKCS#12 as keytool would write it, but for the encryption: the certificates are
 * no secret, so they stand in a part of plain data, as in the cacerts of JDK 18 and
 * later, under a MAC with the password that everybody knows. Every entry bears
 * Java's mark for anyExtendedKeyUsage, or it would not be seen.
 *
 * The salt is taken from the content: for a password that is no secret a random
 * one protects nothing, and so the same certificates give the same file.
 */
#include "base/buf.h"
#include "base/digest.h"
#include "base/err.h"
#include "format/alias.h"
#include "format/pbe.h"
#include "format/pkcs12.h"
#include "model/der.h"
#include "model/pick.h"
#include "model/store.h"

enum { SALT = 20, ROUNDS = 10000 }; /* keytool's */

/* Puts a header of this tag around all that the buffer holds. */
static void wrap(struct buf *buf, unsigned tag)
{
	struct buf whole = { 0 };

	der_write(&whole, tag, buf_view(buf));
	buf_done(buf);
	*buf = whole;
}

/* SEQUENCE { OID, SET { value } }, the value with its tag */
static void write_attribute(struct bytes oid, struct bytes value, struct buf *to)
{
	struct buf body = { 0 };

	der_write(&body, DER_OID, oid);
	der_write(&body, DER_SET, value);
	der_write(to, DER_SEQUENCE, buf_view(&body));
	buf_done(&body);
}

static void write_attributes(const char *alias, struct buf *to)
{
	static const uint8_t any[] = { 0x06, 0x04, 0x55, 0x1d, 0x25, 0x00 };
	struct buf set = { 0 }, name = { 0 };

	for (; *alias != '\0'; alias++)
		buf_be16(&name, (uint8_t)*alias);
	wrap(&name, DER_BMP_STRING);
	write_attribute(pkcs12_friendly_name, buf_view(&name), &set);
	write_attribute(pkcs12_trusted, (struct bytes){ any, sizeof(any) }, &set);
	der_write(to, DER_SET, buf_view(&set));
	buf_done(&set);
	buf_done(&name);
}

void pkcs12_write_bag(struct bytes der, const char *alias, struct buf *to)
{
	struct buf cert = { 0 }, bag = { 0 };

	der_write(&cert, DER_OCTET_STRING, der);
	wrap(&cert, DER_EXPLICIT(0));
	der_write(&bag, DER_OID, pkcs12_x509);
	buf_bytes(&bag, buf_view(&cert));
	wrap(&bag, DER_SEQUENCE);
	wrap(&bag, DER_EXPLICIT(0));
	cert.len = 0;
	der_write(&cert, DER_OID, pkcs12_cert_bag);
	buf_bytes(&cert, buf_view(&bag));
	write_attributes(alias, &cert);
	der_write(to, DER_SEQUENCE, buf_view(&cert));
	buf_done(&cert);
	buf_done(&bag);
}

/* Makes a ContentInfo of plain data of what the buffer holds. */
static void wrap_data(struct buf *buf)
{
	struct buf info = { 0 };

	wrap(buf, DER_OCTET_STRING);
	wrap(buf, DER_EXPLICIT(0));
	der_write(&info, DER_OID, pkcs12_data);
	buf_bytes(&info, buf_view(buf));
	buf_done(buf);
	*buf = info;
	wrap(buf, DER_SEQUENCE);
}

static void write_mac(const struct pbe_seal *seal, struct bytes mac, struct buf *to)
{
	struct buf info = { 0 }, hash = { 0 }, rounds = { 0 };

	buf_be64(&rounds, seal->rounds);
	der_write(&hash, DER_OID, seal->hash);
	der_write(&hash, DER_NULL, (struct bytes){ NULL, 0 });
	der_write(&info, DER_SEQUENCE, buf_view(&hash));
	der_write(&info, DER_OCTET_STRING, mac);
	wrap(&info, DER_SEQUENCE);
	der_write(&info, DER_OCTET_STRING, seal->salt);
	der_write(&info, DER_INTEGER, der_integer_trim(buf_view(&rounds)));
	der_write(to, DER_SEQUENCE, buf_view(&info));
	buf_done(&info);
	buf_done(&hash);
	buf_done(&rounds);
}

/* With the hash and the rounds of `like`, which whoever made the file can compute. */
static bool seal_content(struct bytes content, const struct pbe_seal *like, const struct pbe_word *word,
			 struct buf *to, struct err *err)
{
	uint8_t salt[32], mac[PBE_MAC];
	struct pbe_seal seal = { like->hash, { salt, SALT }, like->rounds };
	struct pbe pbe = { 0 };
	size_t len;

	digest_sha256(content, salt);
	if (!pbe_mac(&pbe, &seal, word, content, mac, &len, err))
		return false;
	write_mac(&seal, (struct bytes){ mac, len }, to);
	return true;
}

bool pkcs12_write_store(struct bytes bags, const struct pbe_seal *like, const struct pbe_word *word,
			struct buf *to, struct err *err)
{
	static const uint8_t version[] = { 3 };
	struct buf content = { 0 }, mac = { 0 }, pfx = { 0 };
	bool ok;

	buf_bytes(&content, bags);
	wrap(&content, DER_SEQUENCE);
	wrap_data(&content);
	wrap(&content, DER_SEQUENCE);
	ok = word == NULL || seal_content(buf_view(&content), like, word, &mac, err);
	wrap_data(&content);
	der_write(&pfx, DER_INTEGER, (struct bytes){ version, sizeof(version) });
	buf_bytes(&pfx, buf_view(&content));
	buf_bytes(&pfx, buf_view(&mac));
	if (ok)
		der_write(to, DER_SEQUENCE, buf_view(&pfx));
	buf_done(&content);
	buf_done(&mac);
	buf_done(&pfx);
	return ok;
}

bool pkcs12_write(const struct pick *from, const struct style *style, struct buf *to, struct err *err)
{
	const struct pbe_seal seal = { .hash = pbe_sha256, .rounds = ROUNDS };
	struct aliases aliases;
	struct buf bags = { 0 };
	bool ok;

	(void)style;
	aliases_for(from->count, &aliases);
	for (size_t i = 0; i < from->count; i++)
		if (from->anchors[i]->names == ANCHOR_CERTIFICATE)
			pkcs12_write_bag(from->anchors[i]->cert.der,
					 alias_new(&aliases, NULL, from->anchors[i]), &bags);
	aliases_done(&aliases);
	ok = pkcs12_write_store(buf_view(&bags), &seal, &pbe_words[0], to, err);
	buf_done(&bags);
	return ok;
}
