/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The helper's side of nss_write.h. Objects are found before they are made: softokn
 * answers a certificate that is there already with an error, and a trust object with
 * issuer and serial number that are there by changing that one
 * (sftkdb_lookupObject(), lib/softoken/sftkdb.c).
 */
#include "medium/nss_write.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "medium/asker.h"
#include "medium/nss_trust.h"
#include "model/anchor.h"
#include "model/der.h"

/* A certificate of the database, or one that is to be in it. */
struct subject {
	struct buf der, serial; /* the serial number with tag and length, as PKCS#11 has it */
	struct cert cert;
	bool readable;           /* and all of this is known */
	CK_OBJECT_HANDLE handle; /* 0: it is not there */
};

static void load(struct asker *a, const struct nss_job *job)
{
	/* Unless told, it asks for files that are not there for 33 ms to see how fast the disk is (sdb.c). */
	setenv("NSS_SDB_USE_CACHE", "no", 1);
	a->module = p11.module_load(job->module, P11_KIT_MODULE_UNMANAGED);
	if (a->module == NULL)
		asker_fail(a, ERR_UNSUPPORTED, "NSS's softokn '%s' cannot be loaded", job->module);
}

static void begin(struct asker *a, const struct nss_job *job)
{
	/* softokn takes its parameters where others have pReserved, and reads one pointer more. */
	char *arguments = mem_print(
		"configdir='sql:/proc/self/fd/%d' certPrefix='' keyPrefix='' secmod='' flags=noModDB",
		job->directory);
	struct {
		CK_C_INITIALIZE_ARGS args;
		void *none;
	} init = { .args = { .flags = CKF_OS_LOCKING_OK, .pReserved = arguments } };
	CK_RV rv = a->module->C_Initialize(&init);

	if (rv != CKR_OK)
		asker_fail(a, ERR_DAMAGED, "NSS cannot open the database (error 0x%lx)", rv);
}

/* A database that was never given a password, not even the empty one, signs nothing. */
static void give_password(struct asker *a)
{
	unsigned char none[1] = { 0 };
	CK_RV rv = a->module->C_Login(a->session, CKU_SO, none, 0);

	if (rv == CKR_OK)
		rv = a->module->C_InitPIN(a->session, none, 0);
	if (rv != CKR_OK)
		asker_fail(a, ERR_DAMAGED, "NSS cannot begin the database (error 0x%lx)", rv);
	a->module->C_Logout(a->session);
}

/* Without this, a certificate would be written, and what is said of it refused. */
static void log_in(struct asker *a, const char *password)
{
	size_t len = password != NULL ? strlen(password) : 0;
	unsigned char *pin;
	CK_RV rv;

	if (password == NULL)
		asker_fail(a, ERR_USAGE,
			   "the database has a password, without which NSS signs nothing that is written: "
			   "give it with --password-file");
	pin = mem_copy(password, len + 1);
	rv = a->module->C_Login(a->session, CKU_USER, pin, len);
	if (rv == CKR_PIN_INCORRECT)
		asker_fail(a, ERR_USAGE, "the password does not open the database");
	if (rv != CKR_OK)
		asker_fail(a, ERR_SYSTEM, "NSS does not take the password (error 0x%lx)", rv);
}

static void open_session(struct asker *a, const struct nss_job *job)
{
	enum { SLOT = 2 }; /* of the database; 1 has the algorithms */
	CK_TOKEN_INFO info = { .flags = 0 };
	CK_RV rv;

	begin(a, job);
	rv = a->module->C_GetTokenInfo(SLOT, &info);
	if (rv == CKR_OK)
		rv = a->module->C_OpenSession(SLOT, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL,
					      &a->session);
	if (rv != CKR_OK)
		asker_fail(a, ERR_DAMAGED, "NSS's softokn shows no database (error 0x%lx)", rv);
	if (!(info.flags & CKF_USER_PIN_INITIALIZED))
		give_password(a);
	else if (info.flags & CKF_LOGIN_REQUIRED)
		log_in(a, job->password);
}

static CK_ATTRIBUTE attribute(CK_ATTRIBUTE_TYPE type, struct bytes value)
{
	return (CK_ATTRIBUTE){ type, (void *)(uintptr_t)value.at, value.len };
}

size_t nss_find(struct asker *a, CK_ATTRIBUTE *like, size_t like_count, CK_OBJECT_HANDLE *ret, size_t room)
{
	CK_ULONG n = 0;
	CK_RV rv = a->module->C_FindObjectsInit(a->session, like, like_count);

	if (rv == CKR_OK)
		rv = a->module->C_FindObjects(a->session, ret, room, &n);
	a->module->C_FindObjectsFinal(a->session);
	if (rv != CKR_OK)
		asker_fail(a, ERR_DAMAGED, "NSS cannot search the database (error 0x%lx)", rv);
	return n;
}

/* False: it has no such attribute, or none that can be read. */
static bool get(struct asker *a, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type, struct buf *ret)
{
	CK_ATTRIBUTE attr = { .type = type };

	ret->len = 0;
	if (a->module->C_GetAttributeValue(a->session, object, &attr, 1) != CKR_OK ||
	    attr.ulValueLen == CK_UNAVAILABLE_INFORMATION || attr.ulValueLen > LIMIT_TOKEN_RECORD)
		return false;
	attr.pValue = buf_room(ret, attr.ulValueLen);
	if (a->module->C_GetAttributeValue(a->session, object, &attr, 1) != CKR_OK)
		return false;
	ret->len = attr.ulValueLen;
	return true;
}

/* What softokn looks for must be whole: an empty value would match what has none. */
static bool take(struct subject *subject, struct bytes der)
{
	struct err none = { 0 };

	subject->der.len = subject->serial.len = 0;
	buf_bytes(&subject->der, der);
	if (!cert_read(buf_view(&subject->der), &subject->cert, &none))
		return false;
	der_write(&subject->serial, DER_INTEGER, subject->cert.serial);
	return true;
}

static bool is_meant(const struct anchor *anchor, const struct cert *cert)
{
	uint8_t id[DIGEST_LEN];

	if (anchor->names == ANCHOR_ISSUER_SERIAL)
		return bytes_equal(anchor->cert.issuer, cert->issuer) &&
		       bytes_equal(anchor->cert.serial, cert->serial);
	if (anchor->names == ANCHOR_KEY)
		return bytes_equal(anchor->cert.spki, cert->spki);
	digest_sha256(cert->der, id);
	return memcmp(id, anchor->id, DIGEST_LEN) == 0;
}

static void find_named(struct asker *a, const struct anchor *anchor, struct subject *ret)
{
	enum { MOST = 1 << 16 };
	CK_OBJECT_CLASS class = CKO_CERTIFICATE;
	CK_ATTRIBUTE like[] = { { CKA_CLASS, &class, sizeof(class) } };
	CK_OBJECT_HANDLE *all = mem_zero(MOST * sizeof(*all));
	size_t count = nss_find(a, like, 1, all, MOST);
	struct buf value = { 0 };

	for (size_t i = 0; i < count && ret->handle == 0; i++)
		if (get(a, all[i], CKA_VALUE, &value) && take(ret, buf_view(&value)) &&
		    is_meant(anchor, &ret->cert))
			ret->handle = all[i];
	ret->readable = ret->handle != 0;
	if (!ret->readable && anchor->names == ANCHOR_ISSUER_SERIAL) {
		/* There may be a trust object without its certificate. */
		ret->cert = (struct cert){ .issuer = anchor->cert.issuer, .serial = anchor->cert.serial };
		ret->serial.len = 0;
		der_write(&ret->serial, DER_INTEGER, anchor->cert.serial);
	}
	free(all);
	buf_done(&value);
}

/* The certificate that is meant, whether it is there or not. */
static void find_subject(struct asker *a, const struct anchor *anchor, struct subject *ret)
{
	CK_OBJECT_CLASS class = CKO_CERTIFICATE;
	CK_ATTRIBUTE like[] = { { CKA_CLASS, &class, sizeof(class) },
				attribute(CKA_VALUE, anchor->cert.der) };

	if (anchor->names != ANCHOR_CERTIFICATE) {
		find_named(a, anchor, ret);
		return;
	}
	ret->readable = take(ret, anchor->cert.der);
	nss_find(a, like, 2, &ret->handle, 1);
}

/* NSS shares a nickname among the certificates of one subject, and among no others (sftkdb_checkConflicts()).
 */
static void name_it(struct asker *a, const struct subject *subject, const char *wanted, struct buf *ret)
{
	CK_OBJECT_CLASS class = CKO_CERTIFICATE;
	CK_OBJECT_HANDLE found[1];
	CK_ATTRIBUTE same[] = { { CKA_CLASS, &class, sizeof(class) },
				attribute(CKA_SUBJECT, subject->cert.subject) };

	if (nss_find(a, same, 2, found, 1) == 1 && get(a, found[0], CKA_LABEL, ret) && ret->len > 0)
		return;
	for (unsigned i = 1;; i++) {
		CK_ATTRIBUTE like[] = { { CKA_CLASS, &class, sizeof(class) }, { .type = CKA_LABEL } };

		ret->len = 0;
		buf_text(ret, wanted);
		if (i > 1)
			buf_print(ret, " #%u", i);
		like[1] = attribute(CKA_LABEL, buf_view(ret));
		if (nss_find(a, like, 2, found, 1) == 0)
			return;
	}
}

/* As NSS makes it (pk11_mkcertKeyID()): SHA-1 of the modulus, of a key that is no RSA of all of it. */
static void key_id(const struct cert *cert, uint8_t ret[DIGEST_SHA1_LEN])
{
	static const uint8_t rsa[] = { 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01 };
	struct cursor c = der_into(cert->key), inner = der_into(der_take(&c, DER_SEQUENCE));
	struct bytes modulus = der_take(&inner, DER_INTEGER);
	bool is_rsa = bytes_start(cert->key_algorithm, (struct bytes){ rsa, sizeof(rsa) }) && !inner.bad;

	while (is_rsa && modulus.len > 1 && modulus.at[0] == 0)
		modulus = bytes_skip(modulus, 1);
	digest_sha1(is_rsa ? modulus : cert->key, ret);
}

/* A reason why NSS will not have it, or NULL. */
static const char *make_certificate(struct asker *a, struct subject *subject, struct bytes nickname)
{
	CK_OBJECT_CLASS class = CKO_CERTIFICATE;
	CK_CERTIFICATE_TYPE x509 = CKC_X_509;
	CK_BBOOL yes = CK_TRUE;
	uint8_t id[DIGEST_SHA1_LEN];
	CK_OBJECT_HANDLE found[1];
	CK_ATTRIBUTE is[] = {
		{ CKA_CLASS, &class, sizeof(class) },
		attribute(CKA_ISSUER, subject->cert.issuer),
		attribute(CKA_SERIAL_NUMBER, buf_view(&subject->serial)),
		attribute(CKA_SUBJECT, subject->cert.subject),
		attribute(CKA_VALUE, buf_view(&subject->der)),
		attribute(CKA_LABEL, nickname),
		attribute(CKA_ID, (struct bytes){ id, sizeof(id) }),
		{ CKA_CERTIFICATE_TYPE, &x509, sizeof(x509) },
		{ CKA_TOKEN, &yes, sizeof(yes) },
	};
	CK_RV rv;

	if (nss_find(a, is, 3, found, 1) > 0)
		return "the database has another certificate with the same issuer and serial number, which "
		       "NSS "
		       "cannot tell apart; remove that first";
	key_id(&subject->cert, id);
	rv = a->module->C_CreateObject(a->session, is, sizeof(is) / sizeof(is[0]), &subject->handle);
	return rv == CKR_OK
		       ? NULL
		       : mem_print("NSS does not take the certificate (error 0x%lx); an NSS before 3.110 "
				   "takes none with an Ed25519 key",
				   rv);
}

/* Whether the database has the private key of the certificate: it is one's own, and no anchor of another. */
static bool has_key(struct asker *a, const struct subject *subject)
{
	CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
	struct buf id = { 0 };
	CK_OBJECT_HANDLE found[1];
	bool ret = false;

	if (get(a, subject->handle, CKA_ID, &id) && id.len > 0) {
		CK_ATTRIBUTE like[] = { { CKA_CLASS, &class, sizeof(class) },
					attribute(CKA_ID, buf_view(&id)) };

		ret = nss_find(a, like, 2, found, 1) > 0;
	}
	buf_done(&id);
	return ret;
}

static enum nss_did drop(struct asker *a, const struct nss_wish *wish, struct subject *subject,
			 const struct nss_trust *trust, struct buf *text)
{
	bool kept = subject->handle != 0 && has_key(a, subject), had = nss_trust_drop(a, trust);

	(void)wish;
	(void)text;
	if (subject->handle == 0 || kept)
		return !had ? NSS_ALREADY : kept ? NSS_KEPT : NSS_DONE;
	if (a->module->C_DestroyObject(a->session, subject->handle) != CKR_OK)
		asker_fail(a, ERR_DAMAGED, "NSS cannot remove a certificate of the database");
	return NSS_DONE;
}

/* The certificate is made first, as NSS itself does; if what is said of it is refused it goes again. */
static enum nss_did put(struct asker *a, const struct nss_wish *wish, struct subject *subject,
			const struct nss_trust *trust, struct buf *text)
{
	enum nss_say want[NSS_SAYS];
	bool made = subject->handle == 0;
	const char *why = NULL;

	if (made) {
		name_it(a, subject, wish->nickname, text);
		why = make_certificate(a, subject, buf_view(text));
	} else {
		get(a, subject->handle, CKA_LABEL, text);
	}
	nss_trust_want(wish, trust, want);
	if (why == NULL && nss_trust_is(trust, want))
		return made ? NSS_DONE : NSS_ALREADY;
	if (why == NULL)
		why = nss_trust_put(a, trust, want);
	if (why == NULL)
		return NSS_DONE;
	if (made && subject->handle != 0)
		a->module->C_DestroyObject(a->session, subject->handle);
	text->len = 0;
	buf_text(text, why);
	return NSS_REFUSED;
}

static enum nss_did lift(struct asker *a, const struct nss_wish *wish, struct subject *subject,
			 const struct nss_trust *trust, struct buf *text)
{
	enum nss_say want[NSS_SAYS];
	const char *why;

	(void)subject;
	if (!nss_trust_forbids(trust))
		return NSS_ALREADY;
	nss_trust_want(wish, trust, want);
	if (nss_trust_says_nothing(want)) {
		nss_trust_drop(a, trust);
		return NSS_DONE;
	}
	why = nss_trust_put(a, trust, want);
	if (why != NULL)
		buf_text(text, why);
	return why == NULL ? NSS_DONE : NSS_REFUSED;
}

/* What NSS cannot be told of it, or NULL. */
static const char *cannot(const struct nss_wish *wish, const struct subject *subject)
{
	bool wants = wish->kind == REQUEST_TRUST || wish->kind == REQUEST_DISTRUST;

	if (wish->anchor->names == ANCHOR_KEY)
		return "NSS says nothing of keys: name the certificates";
	if (subject->readable || (!wants && subject->handle == 0))
		return NULL;
	return wish->anchor->names == ANCHOR_CERTIFICATE
		       ? "NSS names a certificate by its issuer and serial number, which cannot be read in "
			 "this one"
		       : "NSS names a certificate by hashes of it: give the file with the certificate";
}

typedef enum nss_did deed(struct asker *a, const struct nss_wish *wish, struct subject *subject,
			  const struct nss_trust *trust, struct buf *text);

static deed *const deeds[REQUEST_KINDS] = {
	[REQUEST_TRUST] = put,
	[REQUEST_REMOVE] = drop,
	[REQUEST_DISTRUST] = put,
	[REQUEST_LIFT] = lift,
};

static enum nss_did grant(struct asker *a, const struct nss_wish *wish, struct buf *text)
{
	struct subject subject = { .handle = 0 };
	struct nss_trust trust = { .count = 0 };
	enum nss_did did = NSS_ALREADY;
	const char *why;

	find_subject(a, wish->anchor, &subject);
	why = cannot(wish, &subject);
	if (why != NULL) {
		buf_text(text, why);
		did = NSS_REFUSED;
	} else if (subject.readable || subject.serial.len > 0) {
		nss_trust_look(a, &subject.cert, buf_view(&subject.serial), &trust);
		did = deeds[wish->kind](a, wish, &subject, &trust, text);
	}
	buf_done(&subject.der);
	buf_done(&subject.serial);
	return did;
}

static void answer(struct asker *a, enum nss_did did, struct bytes text)
{
	size_t begun = wire_begin(&a->out, WIRE_CERTIFICATE);

	wire_put_number(&a->out, WIRE_NUMBER, did);
	wire_put(&a->out, WIRE_TEXT, text);
	wire_end(&a->out, begun);
	asker_flush(a);
}

/* Whether any wish had something to change. */
static bool pass(struct asker *a, const struct nss_job *job, bool answering)
{
	bool changed = false;

	open_session(a, job);
	for (size_t i = 0; i < job->count; i++) {
		struct buf text = { 0 };
		enum nss_did did = grant(a, &job->wishes[i], &text);

		changed |= did == NSS_DONE || did == NSS_KEPT;
		if (answering)
			answer(a, did, buf_view(&text));
		buf_done(&text);
	}
	a->module->C_Finalize(NULL); /* SQLite ends its journals */
	return changed;
}

void nss_change(const void *arg, int out)
{
	const struct nss_job *job = arg;
	struct asker a = { .fd = out, .nss = true };

	asker_begin(&a);
	load(&a, job);
	/* What is in the files now is wished once more, and must be so. */
	if (pass(&a, job, true) && pass(&a, job, false))
		asker_fail(&a, ERR_DAMAGED,
			   "NSS was told what to change, and does not say so when it is asked; nothing was "
			   "changed");
	asker_say(&a, WIRE_END, NULL, NULL);
}
