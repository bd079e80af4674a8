/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "medium/nss_trust.h"

#include <string.h>

#include "base/cursor.h"
#include "base/err.h"
#include "base/mem.h"
#include "medium/nss_write.h"
#include "model/anchor.h"

static const enum purpose says_of[NSS_SAYS] = { PURPOSE_SERVER_AUTH, PURPOSE_CLIENT_AUTH, PURPOSE_EMAIL,
						PURPOSE_CODE_SIGNING };

/* The names of PKCS#11 3.2, which p11-kit's header does not have. */
#define CLASS_TRUST         0x0bul
#define HASH_OF_CERTIFICATE 0x635ul
#define MECHANISM_SHA256    0x250ul
#define NO_NUMBER           (~0ul)

static const struct generation {
	CK_OBJECT_CLASS class;
	CK_ATTRIBUTE_TYPE hash;
	CK_ULONG numbers[NSS_SAY_WORDS];
} generations[NSS_GENERATIONS] = {
	{ CKO_NSS_TRUST,
	  CKA_CERT_SHA1_HASH,
	  { CKT_NSS_TRUST_UNKNOWN, CKT_NSS_MUST_VERIFY_TRUST, CKT_NSS_VALID_DELEGATOR,
	    CKT_NSS_TRUSTED_DELEGATOR, CKT_NSS_TRUSTED, CKT_NSS_NOT_TRUSTED, NO_NUMBER } },
	{ CLASS_TRUST, HASH_OF_CERTIFICATE, { 0, 4, 4, 2, 1, 3, NO_NUMBER } },
};

static CK_ATTRIBUTE_TYPE type_of(size_t generation, size_t i)
{
	return generation == 0 ? purposes[says_of[i]].nss_trust : purposes[says_of[i]].trust;
}

static CK_ATTRIBUTE attribute(CK_ATTRIBUTE_TYPE type, struct bytes value)
{
	return (CK_ATTRIBUTE){ type, (void *)(uintptr_t)value.at, value.len };
}

static struct bytes hash_of(const struct nss_trust *trust, size_t generation)
{
	return generation == 0 ? (struct bytes){ trust->sha1, sizeof(trust->sha1) }
			       : (struct bytes){ trust->sha256, sizeof(trust->sha256) };
}

/* A softokn from before PKCS#11 3.2 gives the newer numbers as they are kept: four bytes, big-endian. */
static enum nss_say say_of(struct asker *a, CK_OBJECT_HANDLE object, size_t generation, size_t i)
{
	uint8_t room[sizeof(CK_ULONG)];
	CK_ATTRIBUTE attr = { type_of(generation, i), room, sizeof(room) };
	CK_RV rv = a->module->C_GetAttributeValue(a->session, object, &attr, 1);
	struct cursor c = { .all = { room, 4 } };
	CK_ULONG number = NO_NUMBER;

	if (rv == CKR_ATTRIBUTE_TYPE_INVALID)
		return NSS_SAY_UNKNOWN;
	if (rv == CKR_OK && attr.ulValueLen == sizeof(number))
		memcpy(&number, room, sizeof(number));
	else if (rv == CKR_OK && attr.ulValueLen == 4)
		number = cursor_be32(&c);
	for (unsigned say = 0; say < NSS_SAY_NO_WORD && number != NO_NUMBER; say++)
		if (generations[generation].numbers[say] == number)
			return say;
	return NSS_SAY_NO_WORD;
}

static bool has_hash(struct asker *a, CK_OBJECT_HANDLE object, size_t generation, struct bytes hash)
{
	uint8_t room[DIGEST_LEN];
	CK_ATTRIBUTE attr = { generations[generation].hash, room, hash.len };

	return a->module->C_GetAttributeValue(a->session, object, &attr, 1) == CKR_OK &&
	       bytes_equal((struct bytes){ room, attr.ulValueLen }, hash);
}

void nss_trust_look(struct asker *a, const struct cert *cert, struct bytes serial, struct nss_trust *ret)
{
	*ret = (struct nss_trust){ .cert = cert, .serial = serial };
	digest_sha1(cert->der, ret->sha1);
	digest_md5(cert->der, ret->md5);
	digest_sha256(cert->der, ret->sha256);
	for (size_t g = 0; g < NSS_GENERATIONS; g++) {
		CK_OBJECT_CLASS class = generations[g].class;
		CK_ATTRIBUTE like[] = { { CKA_CLASS, &class, sizeof(class) },
					attribute(CKA_ISSUER, cert->issuer),
					attribute(CKA_SERIAL_NUMBER, serial) };
		CK_OBJECT_HANDLE found[1];

		if (nss_find(a, like, 3, found, 1) == 0)
			continue;
		ret->count++;
		ret->all[g].handle = found[0];
		ret->all[g].ours = has_hash(a, found[0], g, hash_of(ret, g));
		for (size_t i = 0; i < NSS_SAYS; i++)
			ret->all[g].says[i] = say_of(a, found[0], g, i);
	}
}

/* What an NSS of today finds. */
static const enum nss_say *now(const struct nss_trust *trust)
{
	static const enum nss_say nothing[NSS_SAYS] = { NSS_SAY_UNKNOWN };

	for (size_t g = NSS_GENERATIONS; g-- > 0;)
		if (trust->all[g].handle != 0 && trust->all[g].ours)
			return trust->all[g].says;
	return nothing;
}

/* A certificate that is no CA is trusted itself. */
static enum nss_say trusted_as(const struct nss_wish *wish)
{
	return anchor_authority(wish->anchor) ? NSS_SAY_ANCHOR : NSS_SAY_PEER;
}

static enum nss_say want_one(const struct nss_wish *wish, enum purpose purpose, enum nss_say was)
{
	uint16_t bit = PURPOSE_BIT(purpose);
	bool trusts = was == NSS_SAY_ANCHOR || was == NSS_SAY_PEER;
	bool forbids = was == NSS_SAY_DISTRUST || was == NSS_SAY_NO_WORD;

	if (wish->kind == REQUEST_DISTRUST)
		return NSS_SAY_DISTRUST;
	if (wish->kind == REQUEST_LIFT)
		return forbids ? NSS_SAY_UNKNOWN : was;
	if (wish->anchor->distrusted & bit)
		return NSS_SAY_DISTRUST;
	if (wish->trusted & bit)
		return trusted_as(wish);
	return forbids || (trusts && !wish->at_least) || was == NSS_SAY_UNKNOWN ? NSS_SAY_VERIFY : was;
}

void nss_trust_want(const struct nss_wish *wish, const struct nss_trust *trust, enum nss_say ret[NSS_SAYS])
{
	const enum nss_say *was = now(trust);

	for (size_t i = 0; i < NSS_SAYS; i++)
		ret[i] = want_one(wish, says_of[i], was[i]);
}

static bool is(const struct nss_trust *trust, size_t g, const enum nss_say want[NSS_SAYS])
{
	for (size_t i = 0; i < NSS_SAYS; i++) {
		enum nss_say says = trust->all[g].says[i];

		if (says == NSS_SAY_NO_WORD ||
		    generations[g].numbers[says] != generations[g].numbers[want[i]])
			return false;
	}
	return trust->all[g].ours;
}

bool nss_trust_is(const struct nss_trust *trust, const enum nss_say want[NSS_SAYS])
{
	return trust->all[0].handle != 0 && is(trust, 0, want) &&
	       (trust->all[1].handle == 0 || is(trust, 1, want));
}

bool nss_trust_forbids(const struct nss_trust *trust)
{
	for (size_t g = 0; g < NSS_GENERATIONS; g++)
		for (size_t i = 0; trust->all[g].handle != 0 && i < NSS_SAYS; i++)
			if (trust->all[g].says[i] == NSS_SAY_DISTRUST)
				return true;
	return false;
}

bool nss_trust_says_nothing(const enum nss_say says[NSS_SAYS])
{
	for (size_t i = 0; i < NSS_SAYS; i++)
		if (says[i] != NSS_SAY_UNKNOWN && says[i] != NSS_SAY_VERIFY)
			return false;
	return true;
}

enum { MOST = 16 };

/* What an object of this generation has, and says. */
static size_t fill(const struct nss_trust *trust, size_t g, const CK_ULONG *numbers, CK_ATTRIBUTE *ret)
{
	static CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
	static CK_ULONG sha256 = MECHANISM_SHA256;
	size_t n = 0;

	ret[n++] = (CK_ATTRIBUTE){ CKA_CLASS, (void *)(uintptr_t)&generations[g].class,
				   sizeof(generations[g].class) };
	ret[n++] = (CK_ATTRIBUTE){ CKA_TOKEN, &yes, sizeof(yes) };
	ret[n++] = attribute(CKA_ISSUER, trust->cert->issuer);
	ret[n++] = attribute(CKA_SERIAL_NUMBER, trust->serial);
	ret[n++] = attribute(generations[g].hash, hash_of(trust, g));
	if (g == 0) {
		ret[n++] = attribute(CKA_CERT_MD5_HASH, (struct bytes){ trust->md5, sizeof(trust->md5) });
		ret[n++] = (CK_ATTRIBUTE){ CKA_TRUST_STEP_UP_APPROVED, &no, sizeof(no) };
	} else {
		ret[n++] = (CK_ATTRIBUTE){ CKA_NAME_HASH_ALGORITHM, &sha256, sizeof(sha256) };
	}
	for (size_t i = 0; i < NSS_SAYS; i++)
		ret[n++] =
			(CK_ATTRIBUTE){ type_of(g, i), (void *)(uintptr_t)&numbers[i], sizeof(numbers[i]) };
	return n;
}

static CK_RV put_one(struct asker *a, const struct nss_trust *trust, size_t g,
		     const enum nss_say want[NSS_SAYS])
{
	CK_ULONG numbers[NSS_SAYS];
	CK_ATTRIBUTE attrs[MOST];
	CK_OBJECT_HANDLE made;

	for (size_t i = 0; i < NSS_SAYS; i++)
		numbers[i] = generations[g].numbers[want[i]];
	return a->module->C_CreateObject(a->session, attrs, fill(trust, g, numbers, attrs), &made);
}

/*
 * A softokn from before 3.114 cannot write the newer kind: then that goes, and all NSS finds the
 * older.
 */
const char *nss_trust_put(struct asker *a, const struct nss_trust *trust, const enum nss_say want[NSS_SAYS])
{
	CK_RV rv = put_one(a, trust, 0, want);

	if (rv != CKR_OK)
		return mem_print("NSS does not take what is said of its trust (error 0x%lx)", rv);
	if (put_one(a, trust, 1, want) == CKR_OK || trust->all[1].handle == 0)
		return NULL;
	if (a->module->C_DestroyObject(a->session, trust->all[1].handle) != CKR_OK)
		asker_fail(a, ERR_DAMAGED, "NSS can neither change nor remove what a newer NSS says");
	return NULL;
}

bool nss_trust_drop(struct asker *a, const struct nss_trust *trust)
{
	for (size_t g = 0; g < NSS_GENERATIONS; g++)
		if (trust->all[g].handle != 0 &&
		    a->module->C_DestroyObject(a->session, trust->all[g].handle) != CKR_OK)
			asker_fail(a, ERR_DAMAGED, "NSS cannot remove what is said of a certificate's trust");
	return trust->count > 0;
}
