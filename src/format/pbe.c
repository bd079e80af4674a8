/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 *   PBES2   SEQUENCE { SEQUENCE { pbkdf2 OID, PBKDF2 }, SEQUENCE { cipher OID, iv OCTET STRING } }
 *   PBKDF2  SEQUENCE { salt OCTET STRING, rounds INTEGER, key length INTEGER OPTIONAL,
 *           SEQUENCE { HMAC's OID, ... } DEFAULT HMAC-SHA1 }
 *   older   SEQUENCE { salt OCTET STRING, rounds INTEGER }
 */
#include "format/pbe.h"

#include "base/buf.h"
#include "base/crypto.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/text.h"
#include "model/der.h"

enum { KEY_MOST = 32, BLOCK_MOST = 16, HASH_MOST = 64, HASH_BLOCK = 128 };
enum { FOR_KEY = 1, FOR_IV = 2, FOR_MAC = 3 };

#define BYTES(text)                                                                                          \
	{                                                                                                    \
		(const uint8_t *)(text), sizeof(text) - 1                                                    \
	}

const struct pbe_word pbe_words[PBE_WORDS] = {
	{ BYTES("changeit"), BYTES("\0c\0h\0a\0n\0g\0e\0i\0t\0\0") },
	{ BYTES(""), BYTES("\0\0") },
	{ BYTES(""), BYTES("") },
};

const struct bytes pbe_sha256 = BYTES("\x60\x86\x48\x01\x65\x03\x04\x02\x01");
static const struct bytes pbes2 = BYTES("\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0d"),
			  pbkdf2 = BYTES("\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0c");

/* Hashes, alone and as HMAC; `block` as HMAC pads to. */
static const struct hash {
	struct bytes oid, hmac;
	gnutls_digest_algorithm_t digest;
	gnutls_mac_algorithm_t mac;
	size_t block;
} hashes[] = {
	{ BYTES("\x2b\x0e\x03\x02\x1a"), BYTES("\x2a\x86\x48\x86\xf7\x0d\x02\x07"), GNUTLS_DIG_SHA1,
	  GNUTLS_MAC_SHA1, 64 },
	{ BYTES("\x60\x86\x48\x01\x65\x03\x04\x02\x04"), BYTES("\x2a\x86\x48\x86\xf7\x0d\x02\x08"),
	  GNUTLS_DIG_SHA224, GNUTLS_MAC_SHA224, 64 },
	{ BYTES("\x60\x86\x48\x01\x65\x03\x04\x02\x01"), BYTES("\x2a\x86\x48\x86\xf7\x0d\x02\x09"),
	  GNUTLS_DIG_SHA256, GNUTLS_MAC_SHA256, 64 },
	{ BYTES("\x60\x86\x48\x01\x65\x03\x04\x02\x02"), BYTES("\x2a\x86\x48\x86\xf7\x0d\x02\x0a"),
	  GNUTLS_DIG_SHA384, GNUTLS_MAC_SHA384, 128 },
	{ BYTES("\x60\x86\x48\x01\x65\x03\x04\x02\x03"), BYTES("\x2a\x86\x48\x86\xf7\x0d\x02\x0b"),
	  GNUTLS_DIG_SHA512, GNUTLS_MAC_SHA512, 128 },
};

/* Ciphers, all of them CBC; `legacy` ones are schemes of RFC 7292 appendix C by themselves. */
static const struct cipher {
	struct bytes oid;
	gnutls_cipher_algorithm_t id;
	size_t key, block;
	bool legacy;
} ciphers[] = {
	{ BYTES("\x60\x86\x48\x01\x65\x03\x04\x01\x02"), GNUTLS_CIPHER_AES_128_CBC, 16, 16, false },
	{ BYTES("\x60\x86\x48\x01\x65\x03\x04\x01\x16"), GNUTLS_CIPHER_AES_192_CBC, 24, 16, false },
	{ BYTES("\x60\x86\x48\x01\x65\x03\x04\x01\x2a"), GNUTLS_CIPHER_AES_256_CBC, 32, 16, false },
	{ BYTES("\x2a\x86\x48\x86\xf7\x0d\x03\x07"), GNUTLS_CIPHER_3DES_CBC, 24, 8, false },
	{ BYTES("\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01\x03"), GNUTLS_CIPHER_3DES_CBC, 24, 8, true },
	{ BYTES("\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01\x06"), GNUTLS_CIPHER_RC2_40_CBC, 5, 8, true },
};

static const struct hash *hash_of(struct bytes oid, bool hmac)
{
	for (size_t i = 0; i < sizeof(hashes) / sizeof(hashes[0]); i++)
		if (bytes_equal(oid, hmac ? hashes[i].hmac : hashes[i].oid))
			return &hashes[i];
	return NULL;
}

static const struct cipher *cipher_of(struct bytes oid, bool legacy)
{
	for (size_t i = 0; i < sizeof(ciphers) / sizeof(ciphers[0]); i++)
		if (ciphers[i].legacy == legacy && bytes_equal(oid, ciphers[i].oid))
			return &ciphers[i];
	return NULL;
}

static bool unknown(const char *what, struct bytes oid, struct err *err)
{
	struct buf text = { 0 };

	if (!der_oid_text(oid, &text))
		buf_text(&text, "?");
	err_set(err, ERR_UNSUPPORTED, "%s %.*s is not known here", what, (int)(text.len > 64 ? 64 : text.len),
		(const char *)text.at);
	buf_done(&text);
	return false;
}

/* Whether a derivation may be afforded: so many rounds for each of so many hashes. */
static bool afford(struct pbe *pbe, uint64_t rounds, size_t count, struct err *err)
{
	if (rounds < 1 || rounds > LIMIT_PBE_ROUNDS || rounds * count > LIMIT_PBE_ROUNDS - pbe->rounds)
		return err_set(err, ERR_LIMIT,
			       "a password is to be hashed %llu times; for one file %d times are the limit",
			       (unsigned long long)rounds, LIMIT_PBE_ROUNDS);
	pbe->rounds += rounds * count;
	return true;
}

/* `from` over and over until whole blocks are full; nothing if it is empty. */
static void fill(struct buf *to, struct bytes from, size_t block)
{
	for (size_t i = 0; i < (from.len + block - 1) / block * block; i++)
		buf_byte(to, from.at[i % from.len]);
}

/* Adds B + 1 to each block of I, as big-endian numbers. */
static void step(struct buf *in, const uint8_t *out, size_t len, size_t block)
{
	for (size_t at = 0; at < in->len; at += block) {
		unsigned carry = 1;

		for (size_t i = block; i-- > 0;) {
			carry += in->at[at + i] + out[i % len];
			in->at[at + i] = (uint8_t)carry;
			carry >>= 8;
		}
	}
}

/* One block of output: the hash of D and I, hashed again until it was hashed `rounds` times. */
static int hash_rounds(const struct hash *hash, unsigned purpose, struct bytes in, uint64_t rounds,
		       uint8_t ret[HASH_MOST])
{
	uint8_t head[HASH_BLOCK];
	gnutls_hash_hd_t handle;
	size_t len = crypto()->hash_get_len(hash->digest);
	int code;

	code = crypto()->hash_init(&handle, hash->digest);
	if (code < 0)
		return code;
	memset(head, (int)purpose, sizeof(head));
	code = crypto()->hash(handle, head, hash->block);
	if (code >= 0 && in.len > 0)
		code = crypto()->hash(handle, in.at, in.len);
	crypto()->hash_output(handle, ret);
	for (uint64_t i = 1; i < rounds && code >= 0; i++) {
		code = crypto()->hash(handle, ret, len);
		crypto()->hash_output(handle, ret);
	}
	crypto()->hash_deinit(handle, NULL);
	return code;
}

/* RFC 7292 appendix B.2 */
static bool derive(struct pbe *pbe, const struct hash *hash, unsigned purpose, const struct pbe_seal *from,
		   const struct pbe_word *word, uint8_t *ret, size_t want, struct err *err)
{
	size_t len = crypto()->hash_get_len(hash->digest);
	struct buf in = { 0 };
	uint8_t out[HASH_MOST] = { 0 };
	int code = 0;

	if (!afford(pbe, from->rounds, (want + len - 1) / len, err))
		return false;
	fill(&in, from->salt, hash->block);
	fill(&in, word->bmp, hash->block);
	for (size_t done = 0; done < want && code >= 0; done += len) {
		code = hash_rounds(hash, purpose, buf_view(&in), from->rounds, out);
		memcpy(ret + done, out, want - done < len ? want - done : len);
		step(&in, out, len, hash->block);
	}
	buf_done(&in);
	return code >= 0 || err_set(err, ERR_SYSTEM, "no %s here: %s",
				    crypto()->digest_get_name(hash->digest), crypto()->strerror(code));
}

/* A cipher with all it needs. */
struct opener {
	const struct cipher *cipher;
	uint8_t key[KEY_MOST], iv[BLOCK_MOST];
};

static bool derive_pbkdf2(struct pbe *pbe, struct bytes params, const struct pbe_word *word,
			  struct opener *opener, struct err *err)
{
	struct cursor in = der_into(params);
	struct bytes salt = der_take(&in, DER_OCTET_STRING), prf = hashes[0].hmac;
	gnutls_datum_t secret = { (uint8_t *)(uintptr_t)word->utf8.at, (unsigned)word->utf8.len },
		       grain = { (uint8_t *)(uintptr_t)salt.at, (unsigned)salt.len };
	size_t want = opener->cipher->key, len;
	uint64_t rounds = 0, length = want;
	bool ok = der_read_unsigned(der_take(&in, DER_INTEGER), UINT32_MAX, &rounds);
	const struct hash *hash;
	int code;

	if (der_peek(&in, DER_INTEGER))
		ok = der_read_unsigned(der_take(&in, DER_INTEGER), UINT32_MAX, &length) && ok;
	if (der_peek(&in, DER_SEQUENCE)) {
		struct cursor alg = der_into(der_take(&in, DER_SEQUENCE));

		prf = der_take(&alg, DER_OID);
		ok = ok && !alg.bad;
	}
	if (!ok || in.bad || length != want)
		return err_set(err, ERR_DAMAGED, "the parameters of PBKDF2 cannot be read");
	hash = hash_of(prf, true);
	if (hash == NULL)
		return unknown("the hash", prf, err);
	len = crypto()->hash_get_len(hash->digest);
	if (!afford(pbe, rounds, 2 * ((want + len - 1) / len), err))
		return false;
	code = crypto()->pbkdf2(hash->mac, &secret, &grain, (unsigned)rounds, opener->key, want);
	return code >= 0 || err_set(err, ERR_SYSTEM, "no PBKDF2 here: %s", crypto()->strerror(code));
}

static bool prepare_pbes2(struct pbe *pbe, struct bytes params, const struct pbe_word *word,
			  struct opener *ret, struct err *err)
{
	struct cursor in = der_into(params), kdf = der_into(der_take(&in, DER_SEQUENCE)),
		      cipher = der_into(der_take(&in, DER_SEQUENCE));
	struct bytes how = der_take(&kdf, DER_OID), how_params = der_take(&kdf, DER_SEQUENCE),
		     oid = der_take(&cipher, DER_OID), iv;

	if (in.bad || kdf.bad || cipher.bad)
		return err_set(err, ERR_DAMAGED, "the parameters of PBES2 cannot be read");
	ret->cipher = cipher_of(oid, false);
	if (!bytes_equal(how, pbkdf2))
		return unknown("the way from a password to a key", how, err);
	if (ret->cipher == NULL)
		return unknown("the cipher", oid, err);
	iv = der_take(&cipher, DER_OCTET_STRING);
	if (iv.len != ret->cipher->block)
		return err_set(err, ERR_DAMAGED, "the cipher has an initial vector of %zu bytes", iv.len);
	memcpy(ret->iv, iv.at, iv.len);
	return derive_pbkdf2(pbe, how_params, word, ret, err);
}

static bool prepare_legacy(struct pbe *pbe, struct bytes params, const struct pbe_word *word,
			   struct opener *ret, struct err *err)
{
	struct cursor in = der_into(params);
	struct pbe_seal from = { .salt = der_take(&in, DER_OCTET_STRING) };
	const struct hash *sha1 = &hashes[0];

	if (!der_read_unsigned(der_take(&in, DER_INTEGER), UINT32_MAX, &from.rounds) || in.bad)
		return err_set(err, ERR_DAMAGED, "the parameters of the encryption cannot be read");
	return derive(pbe, sha1, FOR_KEY, &from, word, ret->key, ret->cipher->key, err) &&
	       derive(pbe, sha1, FOR_IV, &from, word, ret->iv, ret->cipher->block, err);
}

static bool decrypt(struct opener *opener, struct bytes secret, uint8_t *ret, struct err *err)
{
	gnutls_cipher_hd_t handle;
	gnutls_datum_t key = { opener->key, (unsigned)opener->cipher->key },
		       iv = { opener->iv, (unsigned)opener->cipher->block };
	int code;

	code = crypto()->cipher_init(&handle, opener->cipher->id, &key, &iv);
	if (code < 0)
		return err_set(err, ERR_SYSTEM, "no %s here: %s",
			       crypto()->cipher_get_name(opener->cipher->id), crypto()->strerror(code));
	code = crypto()->cipher_decrypt2(handle, secret.at, secret.len, ret, secret.len);
	crypto()->cipher_deinit(handle);
	return code >= 0 || err_set(err, ERR_SYSTEM, "decryption failed: %s", crypto()->strerror(code));
}

/* How many bytes of padding end it (RFC 8018 section 6.1.1); 0: it is none. */
static size_t padding(struct bytes plain, size_t block)
{
	size_t count = plain.at[plain.len - 1];

	if (count < 1 || count > block)
		return 0;
	for (size_t i = 1; i <= count; i++)
		if (plain.at[plain.len - i] != count)
			return 0;
	return count;
}

bool pbe_open(struct pbe *pbe, struct bytes scheme, struct bytes secret, const struct pbe_word *word,
	      struct buf *to, struct err *err)
{
	struct cursor in = der_into(scheme);
	struct bytes oid = der_take(&in, DER_OID), params = der_take(&in, DER_SEQUENCE);
	struct opener opener = { .cipher = cipher_of(oid, true) };
	uint8_t *room;
	size_t pad;
	bool ok;

	if (!bytes_equal(oid, pbes2) && opener.cipher == NULL)
		return unknown("the encryption", oid, err);
	if (in.bad)
		return err_set(err, ERR_DAMAGED, "the parameters of the encryption cannot be read");
	ok = opener.cipher == NULL ? prepare_pbes2(pbe, params, word, &opener, err)
				   : prepare_legacy(pbe, params, word, &opener, err);
	if (!ok)
		return false;
	if (secret.len == 0 || secret.len % opener.cipher->block != 0)
		return err_set(err, ERR_DAMAGED, "%zu encrypted bytes, which is no number of whole blocks",
			       secret.len);
	room = buf_room(to, secret.len);
	if (!decrypt(&opener, secret, room, err))
		return false;
	pad = padding((struct bytes){ room, secret.len }, opener.cipher->block);
	to->len += pad > 0 ? secret.len - pad : 0;
	return pad > 0 || err_set(err, ERR_ABSENT, "not the password");
}

bool pbe_mac(struct pbe *pbe, const struct pbe_seal *seal, const struct pbe_word *word, struct bytes content,
	     uint8_t ret[PBE_MAC], size_t *ret_len, struct err *err)
{
	const struct hash *hash = hash_of(seal->hash, false);
	uint8_t key[HASH_MOST];
	size_t len;
	int code;

	if (hash == NULL)
		return unknown("the digest", seal->hash, err);
	len = crypto()->hash_get_len(hash->digest);
	if (!derive(pbe, hash, FOR_MAC, seal, word, key, len, err))
		return false;
	code = crypto()->hmac_fast(hash->mac, key, len, content.at, content.len, ret);
	if (code < 0)
		return err_set(err, ERR_SYSTEM, "no HMAC here: %s", crypto()->strerror(code));
	*ret_len = len;
	return true;
}

void pbe_word_of(const char *password, struct buf *room, struct pbe_word *ret)
{
	text_utf16(bytes_of(password), room);
	buf_be16(room, 0);
	*ret = (struct pbe_word){ bytes_of(password), buf_view(room) };
}
