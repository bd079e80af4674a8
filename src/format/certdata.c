/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Mozilla's certdata.txt, from which NSS's built-in root list is compiled.
 *
 *   file      = header [ "BEGINDATA" ] *object      # begins a comment
 *   object    = "CKA_CLASS CK_OBJECT_CLASS" class, *attribute up to the next CKA_CLASS
 *   attribute = name "UTF8" quoted string | name "CK_…" constant
 *             | name "MULTILINE_OCTAL", lines of \ooo, "END"
 *
 * A CKO_CERTIFICATE says nothing of trust. A CKO_NSS_TRUST says it for each
 * purpose, and names the certificate by issuer and serial number, with SHA-1 and
 * MD5 of it; labels are not unique. Without a certificate it can still distrust.
 * CKA_NSS_*_DISTRUST_AFTER is absent, CK_FALSE or a date, on either object: the
 * builtins 2.86 to 2.88 have Izenpe's on the trust object alone.
 *
 * Before NSS 3.13 (2011) the words were CKO_NETSCAPE_* and CKT_NETSCAPE_*.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/err.h"
#include "base/mem.h"
#include "format/attribute.h"
#include "format/certdata_text.h"
#include "format/format.h"
#include "format/payload.h"
#include "model/der.h"
#include "model/name.h"
#include "model/store.h"

enum { SHA1 = 20, MD5 = 16 };

/* Which certificate is meant: by issuer, serial number (contents) and, where it is given, a hash. */
struct meant {
	struct bytes issuer, serial, hash; /* SHA-1, else MD5, else empty */
};

/* A trust object. */
struct trust {
	struct meant meant;
	struct bytes label;
	size_t at;
	unsigned line;
	uint16_t trusted, distrusted;
	int64_t after[PURPOSE_COUNT];
	bool used;
};

/* The certificate of an anchor, as its object names it. */
struct named {
	size_t anchor, at;
	struct meant meant;
	bool joined;
};

struct reader {
	struct store *into;
	struct trust *trusts; /* owned */
	size_t trust_count;
	struct named *named; /* owned */
	size_t named_count;
	const struct certdata_object *object;
};

static const struct after {
	unsigned row;
	enum purpose purpose;
} afters[] = {
	{ CERTDATA_SERVER_AFTER, PURPOSE_SERVER_AUTH },
	{ CERTDATA_EMAIL_AFTER, PURPOSE_EMAIL },
};

/* What a word behind CKT_NSS_ or CKT_NETSCAPE_ says. */
static const struct says {
	const char *word;
	bool trusted, distrusted;
	const char *note; /* why it is worth one */
} words[] = {
	{ "TRUSTED_DELEGATOR", true, false, NULL },
	{ "NOT_TRUSTED", false, true, NULL },
	{ "MUST_VERIFY_TRUST", false, false, NULL },
	{ "MUST_VERIFY", false, false, NULL },
	{ "TRUST_UNKNOWN", false, false, NULL },
	{ "VALID_DELEGATOR", false, false, NULL },
	{ "TRUSTED", false, false, "trusts a certificate itself, not as an issuer: no anchor" },
	{ "VALID", false, false, "stands for a certificate that needs no issuer: no anchor" },
	/* The number of MUST_VERIFY_TRUST, and what NSS wrote where no flag was set. */
	{ "UNTRUSTED", false, false, "is a word from before 2011 that is no distrust for NSS" },
};

static void note(const struct reader *r, enum note_level level, const char *text)
{
	struct bytes label = r->object->value[CERTDATA_LABEL];

	store_note(r->into, level, r->object->at, "'%.*s': %s", label.len < 64 ? (int)label.len : 64,
		   (const char *)label.at, text);
}

static bool is(const struct certdata_object *object, unsigned row, const char *word)
{
	return bytes_equal(object->value[row], bytes_of(word));
}

static void read_afters(const struct reader *r, int64_t *to)
{
	for (size_t i = 0; i < sizeof(afters) / sizeof(afters[0]); i++)
		if (certdata_has(r->object, afters[i].row) &&
		    !attribute_date(r->object->value[afters[i].row], &to[afters[i].purpose]))
			note(r, NOTE_ERROR,
			     "a distrust-after that is no date: what it was to forbid is not known");
}

/* The contents of the INTEGER; what is none is taken as it is. */
static struct bytes serial_of(struct bytes whole)
{
	struct cursor in = der_into(whole);
	struct bytes body = der_take(&in, DER_INTEGER);

	return der_ended(&in) ? body : whole;
}

static struct meant meant_by(const struct reader *r)
{
	const struct bytes *value = r->object->value;

	return (struct meant){
		.issuer = arena_bytes(&r->into->arena, value[CERTDATA_ISSUER]),
		.serial = arena_bytes(&r->into->arena, serial_of(value[CERTDATA_SERIAL])),
	};
}

static void read_certificate(struct reader *r)
{
	const struct certdata_object *object = r->object;
	struct named named = { .at = object->at, .meant = meant_by(r) };
	struct anchor *anchor;

	if (certdata_has(object, CERTDATA_TYPE) && !is(object, CERTDATA_TYPE, "CKC_X_509")) {
		note(r, NOTE_WARN, "a certificate that is not X.509 is passed over");
		return;
	}
	if (!certdata_has(object, CERTDATA_VALUE)) {
		note(r, NOTE_WARN, "a certificate object without a certificate is passed over");
		return;
	}
	if (payload_certificate(object->value[CERTDATA_VALUE], object->at, r->into) == 0)
		return;
	named.anchor = r->into->count - 1;
	anchor = &r->into->anchors[named.anchor];
	anchor->trusted = 0;
	anchor->origin.line = object->line;
	anchor->mozilla_policy =
		certdata_has(object, CERTDATA_POLICY) && object->value[CERTDATA_POLICY].at[0] != 0;
	store_label(r->into, anchor, object->value[CERTDATA_LABEL]);
	read_afters(r, anchor->distrust_after);
	if (certdata_has(object, CERTDATA_POLICY) && !anchor->mozilla_policy)
		note(r, NOTE_INFO, "it is not in Mozilla's program (CKA_NSS_MOZILLA_CA_POLICY is false)");
	if (anchor->readable) {
		if ((named.meant.issuer.len > 0 && !bytes_equal(named.meant.issuer, anchor->cert.issuer)) ||
		    (named.meant.serial.len > 0 && !bytes_equal(named.meant.serial, anchor->cert.serial)))
			note(r, NOTE_WARN,
			     "the issuer or serial number that is written out is not the certificate's");
		named.meant = (struct meant){ .issuer = anchor->cert.issuer, .serial = anchor->cert.serial };
	}
	r->named = mem_grow(r->named, r->named_count, sizeof(*r->named));
	r->named[r->named_count++] = named;
}

static const struct says *says_of(struct bytes word)
{
	static const char *const prefixes[] = { "CKT_NSS_", "CKT_NETSCAPE_" };

	for (size_t p = 0; p < 2; p++)
		for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
			if (bytes_start(word, bytes_of(prefixes[p])) &&
			    bytes_equal(bytes_skip(word, strlen(prefixes[p])), bytes_of(words[i].word)))
				return &words[i];
	return NULL;
}

static void read_purposes(const struct reader *r, struct trust *trust)
{
	static const enum purpose always[] = { PURPOSE_SERVER_AUTH, PURPOSE_EMAIL, PURPOSE_CODE_SIGNING };

	for (unsigned p = 0; p < PURPOSE_ROWS; p++) {
		struct bytes word = r->object->value[CERTDATA_TRUST + p];
		const struct says *says = says_of(word);

		if (!certdata_has(r->object, CERTDATA_TRUST + p))
			continue;
		if (says == NULL || says->note != NULL)
			store_note(r->into, says != NULL ? NOTE_WARN : NOTE_ERROR, r->object->at,
				   "'%.*s' for %s %s", word.len < 64 ? (int)word.len : 64,
				   (const char *)word.at, purposes[p].name,
				   says != NULL ? says->note : "is no word that is known here");
		if (says != NULL && says->trusted)
			trust->trusted |= PURPOSE_BIT(p);
		if (says != NULL && says->distrusted)
			trust->distrusted |= PURPOSE_BIT(p);
	}
	for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++)
		if (!certdata_has(r->object, CERTDATA_TRUST + always[i]))
			store_note(r->into, NOTE_INFO, r->object->at,
				   "a trust object that says nothing about %s", purposes[always[i]].name);
}

static void read_trust(struct reader *r)
{
	const struct certdata_object *object = r->object;
	struct trust trust = { .at = object->at, .line = object->line, .meant = meant_by(r) };

	for (size_t i = 0; i < PURPOSE_COUNT; i++)
		trust.after[i] = CLOCK_NONE;
	read_purposes(r, &trust);
	read_afters(r, trust.after);
	if (trust.meant.serial.len == 0 || !name_valid(trust.meant.issuer)) {
		note(r, trust.distrusted != 0 ? NOTE_ERROR : NOTE_WARN,
		     "a trust object without issuer and serial number has no effect");
		return;
	}
	trust.label = arena_bytes(&r->into->arena, object->value[CERTDATA_LABEL]);
	if (object->value[CERTDATA_SHA1].len == SHA1)
		trust.meant.hash = arena_bytes(&r->into->arena, object->value[CERTDATA_SHA1]);
	else if (object->value[CERTDATA_MD5].len == MD5)
		trust.meant.hash = arena_bytes(&r->into->arena, object->value[CERTDATA_MD5]);
	r->trusts = mem_grow(r->trusts, r->trust_count, sizeof(*r->trusts));
	r->trusts[r->trust_count++] = trust;
}

static void read_object(struct reader *r)
{
	const struct certdata_object *object = r->object;
	struct bytes class = object->value[CERTDATA_CLASS];

	if (is(object, CERTDATA_CLASS, "CKO_CERTIFICATE"))
		read_certificate(r);
	else if (is(object, CERTDATA_CLASS, "CKO_NSS_TRUST") ||
		 is(object, CERTDATA_CLASS, "CKO_NETSCAPE_TRUST"))
		read_trust(r);
	else if (!is(object, CERTDATA_CLASS, "CKO_NSS_BUILTIN_ROOT_LIST") &&
		 !is(object, CERTDATA_CLASS, "CKO_NETSCAPE_BUILTIN_ROOT_LIST"))
		store_note(r->into, NOTE_ERROR, object->at, "an object of the class '%.*s' is not read",
			   class.len < 64 ? (int)class.len : 64, (const char *)class.at);
}

static int order(struct bytes a, struct bytes b)
{
	if (a.len != b.len)
		return a.len < b.len ? -1 : 1;
	return a.len > 0 ? memcmp(a.at, b.at, a.len) : 0;
}

static int by_name(const struct meant *a, const struct meant *b)
{
	int n = order(a->serial, b->serial);

	return n != 0 ? n : order(a->issuer, b->issuer);
}

static int by_meant(const void *a, const void *b)
{
	const struct trust *x = a, *y = b;
	int n = by_name(&x->meant, &y->meant);

	return n != 0 ? n : order(x->meant.hash, y->meant.hash);
}

static int by_meant_and_place(const void *a, const void *b)
{
	const struct trust *x = a, *y = b;
	int n = by_meant(a, b);

	return n != 0 ? n : (x->at > y->at) - (x->at < y->at);
}

static int by_place(const void *a, const void *b)
{
	const struct trust *x = a, *y = b;

	return (x->at > y->at) - (x->at < y->at);
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a == CLOCK_NONE ? b : b == CLOCK_NONE ? a : a < b ? a : b;
}

/* Sorts; of several trust objects for the same certificate one is left, with what all of them say. */
static void combine(struct reader *r)
{
	size_t kept = 0;

	if (r->trust_count > 1)
		qsort(r->trusts, r->trust_count, sizeof(*r->trusts), by_meant_and_place);
	for (size_t i = 0; i < r->trust_count; i++) {
		struct trust *last = kept > 0 ? &r->trusts[kept - 1] : NULL, *one = &r->trusts[i];

		if (last == NULL || by_meant(last, one) != 0) {
			r->trusts[kept++] = *one;
			continue;
		}
		store_note(r->into, NOTE_WARN, one->at, "a second trust object; the first is in line %u",
			   last->line);
		last->trusted |= one->trusted;
		last->distrusted |= one->distrusted;
		for (size_t p = 0; p < PURPOSE_COUNT; p++)
			last->after[p] = earlier(last->after[p], one->after[p]);
	}
	r->trust_count = kept;
}

/* What the trust object that means this certificate says, if there is one. */
static void apply(struct reader *r, struct named *named, struct bytes hash)
{
	struct trust like = { .meant = named->meant };
	struct anchor *anchor = &r->into->anchors[named->anchor];
	struct trust *hit = NULL;

	like.meant.hash = hash;
	if (r->trust_count > 0)
		hit = bsearch(&like, r->trusts, r->trust_count, sizeof(like), by_meant);
	if (hit == NULL)
		return;
	hit->used = named->joined = true;
	anchor->trusted |= hit->trusted;
	anchor->distrusted |= hit->distrusted;
	for (size_t p = 0; p < PURPOSE_COUNT; p++)
		anchor->distrust_after[p] = earlier(anchor->distrust_after[p], hit->after[p]);
}

/* A hash that is not to be had (FIPS mode) finds nothing, and the trust object is noted. */
static void apply_hashed(struct reader *r, struct named *named, gnutls_digest_algorithm_t with, size_t len)
{
	struct bytes der = r->into->anchors[named->anchor].cert.der;
	uint8_t room[SHA1];

	if (crypto()->hash_fast(with, der.at, der.len, room) >= 0)
		apply(r, named, (struct bytes){ room, len });
}

static void join(struct reader *r)
{
	for (size_t i = 0; i < r->named_count; i++) {
		struct named *named = &r->named[i];

		apply(r, named, (struct bytes){ NULL, 0 });
		apply_hashed(r, named, GNUTLS_DIG_SHA1, SHA1);
		apply_hashed(r, named, GNUTLS_DIG_MD5, MD5);
		if (!named->joined)
			store_note(r->into, NOTE_WARN, named->at,
				   "'%s': nothing is said of its trust, so it is neutral",
				   r->into->anchors[named->anchor].label);
	}
}

static int named_by_name(const void *a, const void *b)
{
	return by_name(&((const struct named *)a)->meant, &((const struct named *)b)->meant);
}

/* Trust objects without their certificate; what they distrust is kept. */
static void tell_unused(struct reader *r)
{
	if (r->named_count > 1)
		qsort(r->named, r->named_count, sizeof(*r->named), named_by_name);
	if (r->trust_count > 1)
		qsort(r->trusts, r->trust_count, sizeof(*r->trusts), by_place);
	for (size_t i = 0; i < r->trust_count; i++) {
		const struct trust *trust = &r->trusts[i];
		struct named like = { .meant = trust->meant };
		bool other = r->named_count > 0 &&
			     bsearch(&like, r->named, r->named_count, sizeof(like), named_by_name) != NULL;
		struct anchor *anchor;

		if (trust->used)
			continue;
		if (other || trust->distrusted == 0)
			store_note(
				r->into, trust->trusted != 0 || other ? NOTE_WARN : NOTE_INFO, trust->at,
				"'%.*s': %s", trust->label.len < 64 ? (int)trust->label.len : 64,
				(const char *)trust->label.at,
				other ? "its hash is not that of the certificate with this issuer and serial "
					"number"
				      : "a trust object whose certificate is not here");
		if (trust->distrusted == 0)
			continue;
		anchor = store_add_issuer_serial(r->into, trust->meant.issuer, trust->meant.serial);
		anchor->distrusted = trust->distrusted;
		anchor->origin.line = trust->line;
		store_label(r->into, anchor, trust->label);
	}
}

/* A line in the text of a PEM bundle must not hide the bundle: certdata.txt holds no PEM. */
static int certdata_probe(struct bytes file)
{
	return certdata_begins(file) && payload_pem_type(file).len == 0 ? 208 : 0;
}

static bool certdata_read(struct bytes file, struct store *into, struct err *err)
{
	struct certdata_text text = { .file = file, .notes = into };
	struct certdata_object object;
	struct reader r = { .into = into, .object = &object };
	size_t before = into->count;

	if (!certdata_begins(file))
		return err_set(err, ERR_DAMAGED, "no object: no line 'CKA_CLASS CK_OBJECT_CLASS …'");
	while (certdata_next(&text, &object))
		read_object(&r);
	combine(&r);
	join(&r);
	tell_unused(&r);
	free(r.trusts);
	free(r.named);
	if (into->count == before)
		store_note(into, NOTE_WARN, 0, "there is no certificate and no distrust in it");
	return true;
}

const struct format format_certdata = {
	.kind = { "certdata", "Mozilla's certdata.txt, the source of NSS's root list",
		  CAN_ALL & ~(unsigned)(CAN_CONSTRAIN | CAN_DISTRUST_AFTER_ANY) },
	.probe = certdata_probe,
	.read = certdata_read,
};
