/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/key.h"

#include <stdio.h>

#include "base/buf.h"
#include "base/crypto.h"
#include "model/cert.h"
#include "model/der.h"

#define OID(text)                                                                                            \
	{                                                                                                    \
		(const uint8_t *)(text), sizeof(text) - 1                                                    \
	}

static const struct {
	struct bytes oid;
	const char *name;
	unsigned bits;
} curves[] = {
	{ OID("\x2a\x86\x48\xce\x3d\x03\x01\x07"), "P-256", 256 },
	{ OID("\x2b\x81\x04\x00\x22"), "P-384", 384 },
	{ OID("\x2b\x81\x04\x00\x23"), "P-521", 521 },
	{ OID("\x2a\x86\x48\xce\x3d\x03\x01\x01"), "P-192", 192 },
	{ OID("\x2b\x81\x04\x00\x21"), "P-224", 224 },
	{ OID("\x2b\x81\x04\x00\x0a"), "secp256k1", 256 },
	{ OID("\x2b\x24\x03\x03\x02\x08\x01\x01\x07"), "brainpoolP256r1", 256 },
	{ OID("\x2b\x24\x03\x03\x02\x08\x01\x01\x0b"), "brainpoolP384r1", 384 },
	{ OID("\x2b\x24\x03\x03\x02\x08\x01\x01\x0d"), "brainpoolP512r1", 512 },
};

/* How many bits an INTEGER's contents have, without leading zeros. */
static unsigned integer_bits(struct bytes n)
{
	unsigned bits;

	while (n.len > 0 && n.at[0] == 0)
		n = bytes_skip(n, 1);
	if (n.len == 0)
		return 0;
	bits = (unsigned)(n.len - 1) * 8;
	for (unsigned top = n.at[0]; top > 0; top >>= 1)
		bits++;
	return bits;
}

static void rsa(const struct cert *cert, struct bytes parameters, struct key *key)
{
	struct cursor outer = der_into(cert->key), in = der_into(der_take(&outer, DER_SEQUENCE));

	(void)parameters;
	key->bits = integer_bits(der_take(&in, DER_INTEGER));
}

static void dsa(const struct cert *cert, struct bytes parameters, struct key *key)
{
	struct cursor outer = der_into(parameters), in = der_into(der_take(&outer, DER_SEQUENCE));

	(void)cert;
	key->bits = integer_bits(der_take(&in, DER_INTEGER));
}

static void ec(const struct cert *cert, struct bytes parameters, struct key *key)
{
	struct cursor in = der_into(parameters);
	struct bytes oid = der_take(&in, DER_OID);

	(void)cert;
	for (size_t i = 0; i < sizeof(curves) / sizeof(curves[0]); i++)
		if (bytes_equal(curves[i].oid, oid)) {
			key->curve = curves[i].name;
			key->bits = curves[i].bits;
		}
}

static const struct {
	struct bytes oid;
	const char *type;
	unsigned bits;
	void (*read)(const struct cert *cert, struct bytes parameters, struct key *key);
} kinds[] = {
	{ OID("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"), "RSA", 0, rsa },
	{ OID("\x55\x08\x01\x01"), "RSA", 0, rsa }, /* X.509's own OID, 2.5.8.1.1 */
	{ OID("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a"), "RSA-PSS", 0, rsa },
	{ OID("\x2a\x86\x48\xce\x3d\x02\x01"), "EC", 0, ec },
	{ OID("\x2a\x86\x48\xce\x38\x04\x01"), "DSA", 0, dsa },
	{ OID("\x2b\x65\x70"), "Ed25519", 256, NULL },
	{ OID("\x2b\x65\x71"), "Ed448", 456, NULL },
	{ OID("\x2b\x65\x6e"), "X25519", 256, NULL },
	{ OID("\x2b\x65\x6f"), "X448", 448, NULL },
	/* FIPS 204; their names say how strong they are, and not a number of bits. */
	{ OID("\x60\x86\x48\x01\x65\x03\x04\x03\x11"), "ML-DSA-44", 0, NULL },
	{ OID("\x60\x86\x48\x01\x65\x03\x04\x03\x12"), "ML-DSA-65", 0, NULL },
	{ OID("\x60\x86\x48\x01\x65\x03\x04\x03\x13"), "ML-DSA-87", 0, NULL },
	{ OID("\x2a\x85\x03\x02\x02\x13"), "GOST R 34.10-2001", 256, NULL },
	{ OID("\x2a\x85\x03\x07\x01\x01\x01\x01"), "GOST R 34.10-2012-256", 256, NULL },
	{ OID("\x2a\x85\x03\x07\x01\x01\x01\x02"), "GOST R 34.10-2012-512", 512, NULL },
};

struct key key_of(const struct cert *cert)
{
	struct key key = { .type = "unknown" };
	struct cursor in = der_into(cert->key_algorithm);
	struct bytes oid = der_take(&in, DER_OID);

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (!bytes_equal(kinds[i].oid, oid))
			continue;
		key.type = kinds[i].type;
		key.bits = kinds[i].bits;
		if (kinds[i].read != NULL)
			kinds[i].read(cert, bytes_skip(cert->key_algorithm, in.pos), &key);
		break;
	}
	return key;
}

void key_text(const struct key *key, char ret[KEY_TEXT])
{
	if (key->curve != NULL && key->curve[0] != '\0')
		snprintf(ret, KEY_TEXT, "%s %s", key->type, key->curve);
	else if (strncmp(key->type, "Ed", 2) == 0 || key->bits == 0)
		snprintf(ret, KEY_TEXT, "%s", key->type[0] != '\0' ? key->type : "-");
	else
		snprintf(ret, KEY_TEXT, "%s %u", key->type, key->bits);
}

const char *key_signature(const struct cert *cert, char room[64])
{
	struct cursor in = der_into(cert->signature_algorithm);
	struct bytes oid = der_take(&in, DER_OID);
	struct buf text = { 0 };
	const char *name = NULL;

	if (der_oid_text(oid, &text)) {
		snprintf(room, 64, "%.*s", (int)text.len, (const char *)text.at);
		name = crypto()->sign_get_name(crypto()->oid_to_sign(room));
	} else {
		snprintf(room, 64, "unknown");
	}
	buf_done(&text);
	return name != NULL ? name : room;
}
