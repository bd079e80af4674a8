/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/signature.h"

#include <stdlib.h>

#include "base/crypto.h"
#include "base/limits.h"
#include "base/mem.h"
#include "check/algorithm.h"
#include "check/index.h"
#include "check/member.h"
#include "model/der.h"
#include "model/key.h"

enum { ALGORITHMS = 16, PSS_FORMS = 4, INFO_MOST = 19 + 64 /* SHA-512 */ };

/* A key for PSS with parameters other than its own: GnuTLS keeps them in the key. */
struct pss_form {
	gnutls_pubkey_t key;
	gnutls_digest_algorithm_t hash;
	unsigned salt;
};

struct key_slot {
	struct bytes spki;
	gnutls_pubkey_t key; /* NULL: GnuTLS does not take it */
	unsigned cost;       /* of a check, in those of an ordinary key */
	bool demands;        /* a PSS key with parameters */
	struct algorithm demanded;
	struct pss_form pss[PSS_FORMS];
	unsigned pss_count;
};

/* What is known of one certificate and one key. */
struct link {
	uint8_t id[ID_LEN];
	const struct key_slot *key; /* NULL: nothing stands here */
	enum signature_answer answer;
};

struct known_algorithm {
	struct bytes contents; /* owned */
	struct algorithm algorithm;
};

struct signatures {
	unsigned left, made;
	bool refused;
	struct index keys;     /* by SPKI */
	struct key_slot **all; /* owned, as are the slots */
	size_t key_count;
	unsigned age;       /* grows whenever all keys are forgotten; what memos have of before is void */
	struct link *links; /* open addressing */
	size_t link_count, link_room;
	struct known_algorithm algorithms[ALGORITHMS];
	unsigned algorithm_count;
};

struct signatures *signatures_new(unsigned budget)
{
	struct signatures *s = mem_zero(sizeof(*s));

	s->left = budget;
	s->age = 1;
	s->link_room = 64;
	s->links = mem_zero(s->link_room * sizeof(*s->links));
	return s;
}

static void slot_free(struct key_slot *slot)
{
	for (unsigned i = 0; i < slot->pss_count; i++)
		crypto()->pubkey_deinit(slot->pss[i].key);
	if (slot->key != NULL)
		crypto()->pubkey_deinit(slot->key);
	free((void *)(uintptr_t)slot->spki.at);
	free(slot);
}

static void free_keys(struct signatures *s)
{
	for (size_t i = 0; i < s->key_count; i++)
		slot_free(s->all[i]);
	index_done(&s->keys);
	free(s->all);
	s->all = NULL;
	s->key_count = 0;
}

static void forget_links(struct signatures *s)
{
	memset(s->links, 0, s->link_room * sizeof(*s->links));
	s->link_count = 0;
}

void signatures_refill(struct signatures *s, unsigned budget)
{
	if (s->key_count >= LIMIT_KEYS) { /* what is needed will be imported again */
		free_keys(s);
		forget_links(s);
		s->age++;
	}
	s->left = budget;
	s->made = 0;
	s->refused = false;
}

void signatures_allow(struct signatures *s, unsigned more)
{
	s->left += more;
}

void signatures_free(struct signatures *s)
{
	if (s == NULL)
		return;
	free_keys(s);
	for (unsigned i = 0; i < s->algorithm_count; i++)
		free((void *)(uintptr_t)s->algorithms[i].contents.at);
	free(s->links);
	free(s);
}

unsigned signatures_made(const struct signatures *s)
{
	return s->made;
}

bool signatures_refused(const struct signatures *s)
{
	return s->refused;
}

const struct algorithm *signature_algorithm(struct signatures *s, struct bytes contents)
{
	struct known_algorithm *one;

	for (unsigned i = 0; i < s->algorithm_count; i++)
		if (bytes_equal(s->algorithms[i].contents, contents))
			return &s->algorithms[i].algorithm;
	one = &s->algorithms[s->algorithm_count % ALGORITHMS];
	if (s->algorithm_count == ALGORITHMS) { /* hostile variety: the last is read anew each time */
		one = &s->algorithms[ALGORITHMS - 1];
		free((void *)(uintptr_t)one->contents.at);
	} else {
		s->algorithm_count++;
	}
	one->contents = (struct bytes){ mem_copy(contents.at, contents.len), contents.len };
	one->algorithm = algorithm_read(contents);
	return &one->algorithm;
}

static gnutls_pubkey_t import(struct bytes spki)
{
	const gnutls_datum_t der = { (unsigned char *)(uintptr_t)spki.at, (unsigned)spki.len };
	gnutls_pubkey_t key;

	if (crypto()->pubkey_init(&key) < 0)
		mem_out();
	if (crypto()->pubkey_import(key, &der, GNUTLS_X509_FMT_DER) < 0) {
		crypto()->pubkey_deinit(key);
		return NULL;
	}
	return key;
}

/* RSAPublicKey ::= SEQUENCE { modulus INTEGER, publicExponent INTEGER } */
static bool exponent_is_small(struct bytes key)
{
	struct cursor outer = der_into(key), in = der_into(der_take(&outer, DER_SEQUENCE));

	der_take(&in, DER_INTEGER);
	return der_take(&in, DER_INTEGER).len <= LIMIT_RSA_EXPONENT;
}

/* Dss-Parms ::= SEQUENCE { p INTEGER, q INTEGER, g INTEGER }, behind the OID; q is the exponents' length. */
static bool order_is_small(struct bytes algorithm)
{
	struct cursor outer = der_into(algorithm), in;

	der_take(&outer, DER_OID);
	in = der_into(der_take(&outer, DER_SEQUENCE));
	der_take(&in, DER_INTEGER);
	return der_take(&in, DER_INTEGER).len <= LIMIT_DSA_ORDER;
}

/*
 * What a check costs, or 0 for a key that is made to cost: the time of RSA grows with the
 * square of the modulus and with the exponent, and that of DSA with the cube. GnuTLS has no limits.
 */
static unsigned cost_of(const struct cert *cert)
{
	const struct key key = key_of(cert);

	if (strncmp(key.type, "RSA", 3) == 0)
		return key.bits <= LIMIT_RSA_BITS && exponent_is_small(cert->key)
			       ? 1 + key.bits / 4096 * (key.bits / 4096)
			       : 0;
	if (strcmp(key.type, "DSA") == 0)
		return key.bits <= LIMIT_DSA_BITS && order_is_small(cert->key_algorithm) ? 1 + key.bits / 256
											 : 0;
	return key.bits > 384 ? 4 : 1;
}

/* The imported key of a member; found by its bytes where the member does not know it yet. */
static struct key_slot *key_of_member(struct signatures *s, const struct member *member)
{
	const struct cert *cert = &member->cert;
	struct key_slot *slot;
	size_t at = 0;

	if (member->memo != NULL && member->memo->age == s->age)
		return member->memo->key;
	slot = (struct key_slot *)(uintptr_t)index_next(&s->keys, cert->spki, &at);
	if (slot == NULL) {
		slot = mem_zero(sizeof(*slot));
		slot->spki = (struct bytes){ mem_copy(cert->spki.at, cert->spki.len), cert->spki.len };
		slot->cost = cost_of(cert);
		slot->key = slot->cost > 0 ? import(cert->spki) : NULL;
		slot->demands = algorithm_of_key(cert->key_algorithm, &slot->demanded);
		s->all = mem_grow(s->all, s->key_count, sizeof(struct key_slot *));
		s->all[s->key_count++] = slot;
		index_add(&s->keys, slot->spki, slot);
	}
	if (member->memo != NULL) {
		member->memo->key = slot;
		member->memo->age = s->age;
	}
	return slot;
}

static gnutls_pubkey_t with_parameters(struct bytes spki, const struct algorithm *algorithm)
{
	gnutls_pubkey_t key = import(spki);
	gnutls_x509_spki_t parameters;

	if (key == NULL)
		return NULL;
	if (crypto()->x509_spki_init(&parameters) < 0)
		mem_out();
	crypto()->x509_spki_set_rsa_pss_params(parameters, algorithm->hash, algorithm->salt);
	if (crypto()->pubkey_set_spki(key, parameters, 0) < 0) {
		crypto()->pubkey_deinit(key);
		key = NULL;
	}
	crypto()->x509_spki_deinit(parameters);
	return key;
}

/* The key in the form that these PSS parameters need; NULL: it is not for them (RFC 4055 section 3.3). */
static gnutls_pubkey_t pss_key(struct key_slot *slot, const struct algorithm *algorithm)
{
	gnutls_pubkey_t key;

	if (slot->demands &&
	    (slot->demanded.hash != algorithm->hash || slot->demanded.salt > algorithm->salt))
		return NULL;
	for (unsigned i = 0; i < slot->pss_count; i++)
		if (slot->pss[i].hash == algorithm->hash && slot->pss[i].salt == algorithm->salt)
			return slot->pss[i].key;
	key = with_parameters(slot->spki, algorithm);
	if (key == NULL)
		return NULL;
	if (slot->pss_count == PSS_FORMS)
		crypto()->pubkey_deinit(slot->pss[--slot->pss_count].key);
	slot->pss[slot->pss_count++] = (struct pss_form){ key, algorithm->hash, algorithm->salt };
	return key;
}

/*
 * GnuTLS's answer about RSA with PKCS #1 v1.5, which is made as it makes it itself, but for the DigestInfo:
 * GnuTLS builds it as a tree, anew for each signature, with fifty allocations that are a tenth of its time.
 * The flag is that of TLS 1.0, which signs bytes that the caller has put together: all of them, and all of
 * the padding, must be equal as ever.
 */
static int verify_pkcs1(const struct algorithm *algorithm, gnutls_pubkey_t key, const gnutls_datum_t *what,
			const gnutls_datum_t *by)
{
	const struct bytes start = algorithm->info;
	const unsigned len = crypto()->hash_get_len(algorithm->hash);
	uint8_t info[INFO_MOST];
	const gnutls_datum_t signed_info = { info, (unsigned)start.len + len };
	int code;

	memcpy(info, start.at, start.len);
	code = crypto()->hash_fast(algorithm->hash, what->data, what->size, info + start.len);
	return code < 0 ? code
			: crypto()->pubkey_verify_hash2(key, algorithm->sign, GNUTLS_VERIFY_USE_TLS1_RSA,
							&signed_info, by);
}

/* Also with algorithms that GnuTLS takes for broken: whether they are good enough is not asked here. */
static enum signature_answer verify(struct signatures *s, struct bytes data, struct bytes algorithm_der,
				    struct bytes signature, struct key_slot *slot)
{
	const struct algorithm *algorithm = signature_algorithm(s, algorithm_der);
	const gnutls_datum_t what = { (unsigned char *)(uintptr_t)data.at, (unsigned)data.len };
	const gnutls_datum_t by = { (unsigned char *)(uintptr_t)signature.at, (unsigned)signature.len };
	gnutls_pubkey_t key = slot->key;
	int code = GNUTLS_E_UNIMPLEMENTED_FEATURE;

	if (algorithm->sign == GNUTLS_SIGN_UNKNOWN || key == NULL)
		return SIGNATURE_UNSUPPORTED;
	if (algorithm->pss)
		key = pss_key(slot, algorithm);
	if (key == NULL ||
	    !crypto()->sign_supports_pk_algorithm(
		    algorithm->sign, (gnutls_pk_algorithm_t)crypto()->pubkey_get_pk_algorithm(key, NULL)))
		return SIGNATURE_BAD;
	if (s->left < slot->cost) {
		s->refused = true;
		return SIGNATURE_BUDGET;
	}
	s->left -= slot->cost;
	s->made++;
	if (algorithm->info.len > 0)
		code = verify_pkcs1(algorithm, key, &what, &by);
	/* A GnuTLS that does not do it so, as one may in FIPS mode, is asked as usual. */
	if (code < 0 && code != GNUTLS_E_PK_SIG_VERIFY_FAILED)
		code = crypto()->pubkey_verify_data2(
			key, algorithm->sign, GNUTLS_VERIFY_ALLOW_BROKEN | GNUTLS_VERIFY_ALLOW_SIGN_WITH_SHA1,
			&what, &by);
	if (code == GNUTLS_E_UNSUPPORTED_SIGNATURE_ALGORITHM || code == GNUTLS_E_UNKNOWN_HASH_ALGORITHM ||
	    code == GNUTLS_E_UNIMPLEMENTED_FEATURE)
		return SIGNATURE_UNSUPPORTED;
	return code >= 0 ? SIGNATURE_GOOD : SIGNATURE_BAD;
}

static struct link *link_at(struct signatures *s, const uint8_t id[ID_LEN], const struct key_slot *key)
{
	uint64_t hash;

	memcpy(&hash, id, sizeof(hash)); /* of a SHA-256: nothing is left to mix */
	hash ^= (uint64_t)(uintptr_t)key >> 4;
	for (;; hash++) {
		struct link *link = &s->links[hash & (s->link_room - 1)];

		if (link->key == NULL || (link->key == key && memcmp(link->id, id, ID_LEN) == 0))
			return link;
	}
}

static void grow_links(struct signatures *s)
{
	struct link *old = s->links;
	size_t room = s->link_room;

	if (room >= LIMIT_PROVEN) { /* forget: what is needed will be found out again */
		forget_links(s);
		return;
	}
	s->link_room = 4 * room;
	s->links = mem_zero(s->link_room * sizeof(*s->links));
	for (size_t i = 0; i < room; i++)
		if (old[i].key != NULL)
			*link_at(s, old[i].id, old[i].key) = old[i];
	free(old);
}

/* What is known of these bytes and this key, or else found out now and kept. */
static enum signature_answer answer_for(struct signatures *s, const uint8_t id[ID_LEN], struct key_slot *slot,
					struct bytes data, struct bytes algorithm, struct bytes signature)
{
	struct link *link = link_at(s, id, slot);
	enum signature_answer answer;

	if (link->key != NULL)
		return link->answer;
	answer = verify(s, data, algorithm, signature, slot);
	if (answer == SIGNATURE_BUDGET)
		return answer;
	if (2 * s->link_count >= s->link_room) {
		grow_links(s);
		link = link_at(s, id, slot);
	}
	memcpy(link->id, id, ID_LEN);
	link->key = slot;
	link->answer = answer;
	s->link_count++;
	return answer;
}

enum signature_answer signature_of(struct signatures *s, const struct member *member,
				   const struct member *issuer)
{
	const struct cert *cert = &member->cert;

	return answer_for(s, member->id, key_of_member(s, issuer), cert->tbs, cert->signature_algorithm,
			  cert->signature);
}

/* Known by where they lie, which no SHA-256 will equal. */
enum signature_answer signature_over(struct signatures *s, struct bytes data, struct bytes algorithm,
				     struct bytes signature, const struct member *signer)
{
	uint64_t where[4] = { (uintptr_t)data.at * UINT64_C(0x9e3779b97f4a7c15), data.len,
			      (uintptr_t)signature.at, (uintptr_t)algorithm.at };
	uint8_t id[ID_LEN];

	memcpy(id, where, sizeof(id));
	return answer_for(s, id, key_of_member(s, signer), data, algorithm, signature);
}
