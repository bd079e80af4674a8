/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * PKCS#12 (RFC 7292) as a trust store: what keytool writes since JDK 9, and what
 * JDK 18 and later ship as cacerts, without a password.
 *
 *   PFX          SEQUENCE { version INTEGER 3, ContentInfo, MacData OPTIONAL }
 *   ContentInfo  SEQUENCE { data, [0] OCTET STRING }, or SEQUENCE { encryptedData, [0] ... };
 *                the outer one holds a SEQUENCE OF ContentInfo, each of those SafeContents
 *   SafeContents SEQUENCE OF SEQUENCE { bag type OID, [0] value, SET OF attribute OPTIONAL }
 *   CertBag      SEQUENCE { x509Certificate, [0] OCTET STRING }
 *   attribute    SEQUENCE { OID, SET OF value }
 *   MacData      SEQUENCE { SEQUENCE { hash, OCTET STRING }, salt OCTET STRING, rounds INTEGER DEFAULT 1 }
 *
 * The format itself says nothing of trust. Java does, by an attribute with the
 * purposes (2.16.840.1.113894.746875.1.1, PKCS12KeyStore.java); without it keytool
 * lists no entry, and no JVM trusts the certificate. So the rule, whatever else the
 * file holds, a private key or nothing: with the attribute an anchor for what it
 * names, without it neutral, and a note says so.
 *
 * BER, as NSS writes it, is made DER of first. GnuTLS's own reader is not used: it stops at 32 certificates
 * without a word, and drops the attribute.
 */
#include "format/pkcs12.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "format/amend.h"
#include "format/ber.h"
#include "format/format.h"
#include "format/payload.h"
#include "format/pbe.h"
#include "model/der.h"
#include "model/staple.h"
#include "model/store.h"

#define OID(text)                                                                                            \
	{                                                                                                    \
		(const uint8_t *)(text), sizeof(text) - 1                                                    \
	}
const struct bytes pkcs12_data = OID("\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01");
const struct bytes pkcs12_cert_bag = OID("\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x0a\x01\x03");
const struct bytes pkcs12_x509 = OID("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x16\x01");
const struct bytes pkcs12_friendly_name = OID("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x14");
const struct bytes pkcs12_trusted = OID("\x60\x86\x48\x01\x86\xf9\x66\xad\xca\x7b\x01\x01");

static const struct bytes signed_data = OID("\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"),
			  enveloped_data = OID("\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03"),
			  encrypted_data = OID("\x2a\x86\x48\x86\xf7\x0d\x01\x07\x06");

struct reader {
	struct bytes file;
	struct store *into;
	struct pbe pbe;
	const struct pbe_word *word; /* the password, once it is known */
	size_t at;                   /* of the encrypted part that is read; 0: of none, offsets are exact */
	unsigned depth;
	bool ber;                         /* something that DER would not say was met */
	bool converted;                   /* the file was BER: offsets are not those of the file */
	struct arena arena;               /* of what was converted */
	size_t end;                       /* of the store in the file */
	size_t marked, unmarked, limited; /* certificates */
	size_t opened, closed, closed_at; /* encrypted parts; closed_at: the first of those not read */
	struct err why;                   /* it was not read */
	const struct pbe_word *words;     /* the passwords to try */
	size_t word_count;
	struct pkcs12_parts *parts; /* to be told, or NULL */
	bool more;                  /* something else than certificates was met */
};

/* What a bag says of itself. */
struct entry {
	size_t at;
	struct bytes value;
	struct buf name; /* UTF-8 */
	bool marked;
	struct bytes purposes; /* SET OF OBJECT IDENTIFIER, contents */
};

static struct bytes take(struct reader *r, struct cursor *in, unsigned tag)
{
	struct bytes rest = bytes_skip(in->all, in->pos);

	/* an indefinite length, or an OCTET STRING in pieces */
	if (!in->bad && rest.len >= 2 && rest.at != NULL)
		r->ber = r->ber || rest.at[1] == 0x80 ||
			 (tag == DER_OCTET_STRING && rest.at[0] == (DER_OCTET_STRING | 0x20));
	return der_take(in, tag);
}

static size_t offset(const struct reader *r, const uint8_t *part)
{
	return r->converted ? NOTE_NOWHERE : r->at > 0 ? r->at : (size_t)(part - r->file.at);
}

/* A part of a file that is BER may be BER as well; where that cannot be read, what reads it will say so. */
static struct bytes as_der(struct reader *r, struct bytes part)
{
	struct buf der = { 0 };
	size_t used;

	if (r->converted && ber_to_der(part, &used, &der) && used == part.len)
		part = arena_bytes(&r->arena, buf_view(&der));
	buf_done(&der);
	return part;
}

/* Why something is not read: a clause behind "that". */
static const char *no_der(const struct reader *r)
{
	return r->ber ? "is BER, as NSS writes it, and not DER ('openssl pkcs12 -nokeys' makes PEM of it),"
		      : "is no DER of a PKCS#12 store";
}

/* The same for all of it. */
static bool refuse(const struct reader *r, struct err *err)
{
	return r->ber ? err_set(err, ERR_UNSUPPORTED,
				"a PKCS#12 store in BER, as NSS writes it, and not DER; make PEM of it with "
				"'openssl pkcs12 -nokeys'")
		      : err_set(err, ERR_DAMAGED, "no DER of a PKCS#12 store");
}

static void read_attributes(struct reader *r, struct cursor *in, struct entry *entry)
{
	struct cursor set = der_into(take(r, in, DER_SET));

	while (cursor_left(&set) > 0) {
		struct cursor attribute = der_into(take(r, &set, DER_SEQUENCE));
		struct bytes oid = take(r, &attribute, DER_OID), values = take(r, &attribute, DER_SET);

		if (bytes_equal(oid, pkcs12_friendly_name)) {
			struct cursor value = der_into(values);

			entry->name.len = 0;
			text_from_utf16(take(r, &value, DER_BMP_STRING), &entry->name);
		} else if (bytes_equal(oid, pkcs12_trusted) && !attribute.bad) {
			entry->marked = true;
			entry->purposes = values;
		}
		set.bad = set.bad || attribute.bad;
	}
	in->bad = in->bad || set.bad;
}

/* Java trusts whatever bears the mark; the purposes in it are what the writer wanted. */
static void trust(struct reader *r, const struct entry *entry, struct anchor *anchor)
{
	struct cursor in = der_into(entry->purposes);
	bool all = entry->purposes.len == 0;
	struct buf oids = { 0 }, list = { 0 }, extension = { 0 };

	while (cursor_left(&in) > 0) {
		struct bytes oid = der_take(&in, DER_OID);

		all = all || purpose_any(oid);
		der_write(&oids, DER_OID, oid);
	}
	der_write(&list, DER_SEQUENCE, buf_view(&oids));
	staple_write_extension(exts[EXT_EXTENDED_KEY_USAGE].oid, true, buf_view(&list), &extension);
	if (in.bad || (!all && !staple_add(r->into, anchor, buf_view(&extension)))) {
		anchor->trusted = 0;
		store_note(r->into, NOTE_WARN, entry->at,
			   "the purposes of a trusted entry cannot be read: it is taken for none");
	}
	r->limited += !all;
	buf_done(&oids);
	buf_done(&list);
	buf_done(&extension);
}

static void read_cert(struct reader *r, const struct entry *entry)
{
	struct cursor value = der_into(entry->value), bag = der_into(take(r, &value, DER_SEQUENCE));
	struct bytes type = take(r, &bag, DER_OID);
	struct cursor content = der_into(take(r, &bag, DER_EXPLICIT(0)));
	struct bytes der = take(r, &content, DER_OCTET_STRING);
	struct anchor *anchor;

	if (content.bad || !bytes_equal(type, pkcs12_x509)) {
		store_note(r->into, NOTE_WARN, entry->at, "a certificate that %s is passed over",
			   content.bad ? no_der(r) : "is not of the kind X.509");
		return;
	}
	if (payload_certificate(der, offset(r, der.at), r->into) == 0)
		return;
	anchor = &r->into->anchors[r->into->count - 1];
	if (entry->marked)
		trust(r, entry, anchor);
	else
		anchor->trusted = 0;
	r->marked += entry->marked;
	r->unmarked += !entry->marked;
	store_label(r->into, anchor, buf_view(&entry->name));
	if (anchor->label[0] != '\0')
		anchor->origin.alias = anchor->label;
}

static void read_key(struct reader *r, const struct entry *entry)
{
	bool named = entry->name.len > 0;

	store_note(r->into, NOTE_WARN, entry->at,
		   "a PRIVATE KEY%s%.*s%s: a trust store must not hold one; it is passed over",
		   named ? " under the name '" : "", (int)(entry->name.len > 64 ? 64 : entry->name.len),
		   named ? (const char *)entry->name.at : "", named ? "'" : "");
}

static void read_crl(struct reader *r, const struct entry *entry)
{
	store_note(r->into, NOTE_INFO, entry->at, "a revocation list is not read");
}

static void read_secret(struct reader *r, const struct entry *entry)
{
	store_note(r->into, NOTE_WARN, entry->at,
		   "a SECRET of %zu bytes: a trust store must not hold one; it is passed over",
		   entry->value.len);
}

static void read_contents(struct reader *r, struct bytes contents);

static void read_nested(struct reader *r, const struct entry *entry)
{
	if (r->depth == LIMIT_PKCS12_DEPTH) {
		store_note(r->into, NOTE_ERROR, entry->at,
			   "bags within bags, deeper than %d, which is the limit, are not read",
			   LIMIT_PKCS12_DEPTH);
		return;
	}
	r->depth++;
	read_contents(r, entry->value);
	r->depth--;
}

/* By the last arc of the bag's type, RFC 7292 appendix D. */
static void (*const bags[])(struct reader *r, const struct entry *entry) = {
	NULL, read_key, read_key, read_cert, read_crl, read_secret, read_nested,
};

static void add_part(struct reader *r, struct bytes whole, size_t first, bool marked)
{
	struct pkcs12_parts *parts = r->parts;

	parts->all = mem_grow(parts->all, parts->count, sizeof(*parts->all));
	parts->all[parts->count++] = (struct pkcs12_bag){ arena_bytes(&parts->arena, whole), first,
							  r->into->count - first, marked };
}

static void read_bag(struct reader *r, struct cursor *in)
{
	size_t before = in->pos, last = pkcs12_cert_bag.len - 1, first = r->into->count;
	struct cursor bag = der_into(take(r, in, DER_SEQUENCE));
	struct bytes type = take(r, &bag, DER_OID);
	struct entry entry = { .at = offset(r, in->all.at + before),
			       .value = take(r, &bag, DER_EXPLICIT(0)) };

	if (cursor_left(&bag) > 0)
		read_attributes(r, &bag, &entry);
	if (in->bad || bag.bad)
		store_note(r->into, NOTE_ERROR, entry.at, "an entry that %s is not read", no_der(r));
	else if (type.len == last + 1 && memcmp(type.at, pkcs12_cert_bag.at, last) == 0 &&
		 type.at[last] > 0 && type.at[last] < sizeof(bags) / sizeof(bags[0]))
		bags[type.at[last]](r, &entry);
	else
		store_note(r->into, NOTE_WARN, entry.at, "an entry of an unknown kind is passed over");
	if (in->bad || bag.bad || !bytes_equal(type, pkcs12_cert_bag))
		r->more = true;
	else if (r->parts != NULL)
		add_part(r, (struct bytes){ in->all.at + before, in->pos - before }, first, entry.marked);
	buf_done(&entry.name);
}

static void read_contents(struct reader *r, struct bytes contents)
{
	struct cursor all = der_into(as_der(r, contents)), in = der_into(take(r, &all, DER_SEQUENCE));

	if (all.bad)
		store_note(r->into, NOTE_ERROR, offset(r, contents.at), "a part that %s is not read",
			   no_der(r));
	while (cursor_left(&in) > 0)
		read_bag(r, &in);
}

/* Whether these bytes are one SEQUENCE: what a wrong password makes is not. */
static bool is_contents(struct reader *r, struct bytes plain)
{
	plain = as_der(r, plain);
	return plain.len > 0 && plain.at[0] == DER_SEQUENCE && der_size(plain) == plain.len;
}

static bool open_part(struct reader *r, struct bytes scheme, struct bytes secret, struct buf *plain,
		      struct err *err)
{
	for (size_t i = 0; i < r->word_count; i++) {
		const struct pbe_word *word = &r->words[i];

		plain->len = 0;
		if (r->word != NULL && !bytes_equal(r->word->utf8, word->utf8))
			continue;
		if (pbe_open(&r->pbe, scheme, secret, word, plain, err) && is_contents(r, buf_view(plain))) {
			r->word = word;
			return true;
		}
		if (err->code != ERR_NONE && err->code != ERR_ABSENT)
			return false;
	}
	return err_set(err, ERR_UNSUPPORTED,
		       "a password is needed that is not known here; 'changeit' and none were tried; "
		       "'openssl pkcs12 -nokeys' makes PEM of it");
}

/* The bytes of OCTET STRINGs, one behind the other: an implicit tag hides from ber_to_der() that it is one.
 */
static struct bytes joined(struct reader *r, struct bytes pieces)
{
	struct cursor in = der_into(pieces);
	struct buf all = { 0 };
	struct bytes ret;

	while (cursor_left(&in) > 0)
		buf_bytes(&all, take(r, &in, DER_OCTET_STRING));
	ret = arena_bytes(&r->arena, buf_view(&all));
	buf_done(&all);
	return ret;
}

static void read_encrypted(struct reader *r, struct bytes content)
{
	struct cursor all = der_into(content), data = der_into(take(r, &all, DER_SEQUENCE)), info;
	struct bytes scheme, secret;
	struct buf plain = { 0 };
	struct err err = { 0 };
	bool ok;

	take(r, &data, DER_INTEGER);
	info = der_into(take(r, &data, DER_SEQUENCE));
	take(r, &info, DER_OID);
	scheme = take(r, &info, DER_SEQUENCE);
	if (r->converted && der_peek(&info, DER_EXPLICIT(0))) {
		secret = joined(r, take(r, &info, DER_EXPLICIT(0)));
	} else {
		r->ber = r->ber || der_peek(&info, DER_EXPLICIT(0)); /* in pieces */
		secret = take(r, &info, DER_CONTEXT(0));
	}
	ok = info.bad ? refuse(r, &err) : open_part(r, scheme, secret, &plain, &err);
	r->opened += ok;
	if (ok) {
		r->at = offset(r, secret.at);
		read_contents(r, buf_view(&plain));
		r->at = 0;
	} else if (r->closed++ == 0) {
		r->closed_at = offset(r, content.at);
		r->why = err;
	}
	buf_done(&plain);
}

static void read_part(struct reader *r, struct cursor *in)
{
	size_t at = offset(r, in->all.at + in->pos);
	struct cursor info = der_into(take(r, in, DER_SEQUENCE)), content;
	struct bytes type = take(r, &info, DER_OID);

	content = der_into(take(r, &info, DER_EXPLICIT(0)));
	if (in->bad || info.bad) {
		store_note(r->into, NOTE_ERROR, at, "a part that %s is not read", no_der(r));
	} else if (bytes_equal(type, encrypted_data)) {
		read_encrypted(r, content.all);
	} else if (bytes_equal(type, pkcs12_data)) {
		struct bytes data = take(r, &content, DER_OCTET_STRING);

		if (content.bad)
			store_note(r->into, NOTE_ERROR, at, "a part that %s is not read", no_der(r));
		else
			read_contents(r, data);
	} else {
		store_note(r->into, NOTE_ERROR, at, "a part %s is not read",
			   bytes_equal(type, enveloped_data) ? "that is encrypted for somebody's key"
							     : "of an unknown kind");
	}
}

static bool read_seal(struct reader *r, struct bytes mac, struct pbe_seal *ret, struct bytes *ret_mac)
{
	struct cursor in = der_into(mac), info = der_into(take(r, &in, DER_SEQUENCE)),
		      hash = der_into(take(r, &info, DER_SEQUENCE));

	ret->hash = take(r, &hash, DER_OID);
	*ret_mac = take(r, &info, DER_OCTET_STRING);
	ret->salt = take(r, &in, DER_OCTET_STRING);
	ret->rounds = 1;
	return !hash.bad && !info.bad && !in.bad &&
	       (cursor_left(&in) == 0 ||
		der_read_unsigned(take(r, &in, DER_INTEGER), UINT32_MAX, &ret->rounds));
}

/* Looks for the password that the MAC was made with. False: there is none to be found; err says why. */
static bool find_word(struct reader *r, struct bytes mac, struct bytes content, struct err *err)
{
	struct pbe_seal seal;
	struct bytes theirs;
	uint8_t ours[PBE_MAC];
	size_t len;

	if (!read_seal(r, mac, &seal, &theirs))
		return err_set(err, ERR_DAMAGED, "the MAC cannot be read");
	if (r->parts != NULL)
		r->parts->seal = seal;
	for (size_t i = 0; i < r->word_count && r->word == NULL; i++) {
		if (!pbe_mac(&r->pbe, &seal, &r->words[i], content, ours, &len, err))
			return false;
		if (bytes_equal(theirs, (struct bytes){ ours, len }))
			r->word = &r->words[i];
	}
	return r->word != NULL || err_set(err, ERR_ABSENT, "the MAC fits no password that is known here");
}

/* What is said of the whole. */
static void sum_up(struct reader *r, size_t end, bool sealed, const struct err *seal)
{
	size_t all = r->marked + r->unmarked;

	if (!sealed && seal->code == ERR_ABSENT && r->opened > 0)
		store_note(r->into, NOTE_WARN, end,
			   "the MAC is not that of the content, which was damaged or changed");
	else if (!sealed)
		store_note(r->into, NOTE_INFO, end, "%s, so the integrity was not checked", seal->text);
	if (r->unmarked > 0)
		store_note(r->into, r->marked > 0 ? NOTE_INFO : NOTE_WARN, NOTE_NOWHERE,
			   "%zu of %zu certificates without Java's mark of a trusted entry: keytool does not "
			   "list them, and they are neutral here",
			   r->unmarked, all);
	if (r->limited > 0)
		store_note(r->into, NOTE_INFO, NOTE_NOWHERE,
			   "%zu certificates are marked for some purposes only; Java trusts them for all",
			   r->limited);
	if (r->closed > 0)
		store_note(r->into, NOTE_ERROR, r->closed_at, "encrypted parts that are not read: %zu; %s",
			   r->closed, r->why.text);
	if (all == 0 && r->closed == 0)
		store_note(r->into, NOTE_WARN, NOTE_NOWHERE, "a PKCS#12 store without certificates");
}

/* What begins inside a SEQUENCE, in DER or BER, however much of it is there. */
static struct bytes inside(struct bytes der)
{
	size_t head = der.len >= 2 && der.at[1] > 0x80 ? 2 + (der.at[1] & 0x7fu) : 2;

	return bytes_skip(der, der.len >= 2 && der.at[0] == DER_SEQUENCE && head <= 6 ? head : der.len);
}

/* SEQUENCE { INTEGER 3, SEQUENCE { OBJECT IDENTIFIER: the first tags, as the rest may be cut. */
static int pkcs12_probe(struct bytes file)
{
	static const struct bytes version = OID("\x02\x01\x03");
	struct bytes pfx = inside(file);
	struct cursor in = der_into(inside(bytes_skip(pfx, version.len)));
	struct bytes type = der_take(&in, DER_OID);

	return bytes_start(pfx, version) && (bytes_equal(type, pkcs12_data) || bytes_equal(type, signed_data))
		       ? 112
		       : 0;
}

struct frame {
	struct bytes safe, mac; /* a SEQUENCE OF ContentInfo, which the MAC is of; MacData's contents */
	bool has_mac;
	size_t end;
};

static bool read_frame(struct reader *r, struct frame *ret, struct err *err)
{
	struct cursor all = der_into(r->file), pfx = der_into(take(r, &all, DER_SEQUENCE)), info, content;
	size_t size = der_size(r->file);
	struct bytes type;

	if (size > r->file.len)
		return err_set(err, ERR_DAMAGED, "the PKCS#12 store is cut: %zu bytes of %zu", r->file.len,
			       size);
	take(r, &pfx, DER_INTEGER);
	info = der_into(take(r, &pfx, DER_SEQUENCE));
	type = take(r, &info, DER_OID);
	if (bytes_equal(type, signed_data))
		return err_set(err, ERR_UNSUPPORTED,
			       "a PKCS#12 store that is signed, instead of having a MAC, is not read");
	content = der_into(take(r, &info, DER_EXPLICIT(0)));
	ret->safe = take(r, &content, DER_OCTET_STRING);
	ret->has_mac = cursor_left(&pfx) > 0;
	if (ret->has_mac)
		ret->mac = take(r, &pfx, DER_SEQUENCE);
	ret->end = all.pos;
	return (!content.bad && !info.bad && !pfx.bad && bytes_equal(type, pkcs12_data)) || refuse(r, err);
}

static bool read_store(struct reader *r, struct err *err)
{
	struct err seal = { .code = ERR_NONE, .text = "there is no MAC" };
	struct frame frame = { 0 };
	struct cursor safe, parts;
	bool sealed;

	if (!read_frame(r, &frame, err))
		return false;
	sealed = frame.has_mac && find_word(r, frame.mac, frame.safe, &seal);
	safe = der_into(as_der(r, frame.safe));
	parts = der_into(take(r, &safe, DER_SEQUENCE));
	if (safe.bad)
		return refuse(r, err);
	while (cursor_left(&parts) > 0)
		read_part(r, &parts);
	if (r->closed > 0 && r->marked + r->unmarked == 0) {
		*err = r->why;
		return false;
	}
	sum_up(r, r->converted ? NOTE_NOWHERE : frame.end, sealed, &seal);
	r->end = r->converted ? r->end : frame.end;
	return true;
}

static bool read_with(struct bytes file, const struct pbe_word *words, size_t count, struct store *into,
		      struct err *err)
{
	struct reader r = { .file = file, .into = into, .words = words, .word_count = count };
	struct frame frame = { 0 };
	struct err none;
	struct buf der = { 0 };
	bool ok = read_frame(&r, &frame, &none) || !r.ber;

	if (!ok) {
		r = (struct reader){ .into = into, .converted = true, .words = words, .word_count = count };
		ok = ber_to_der(file, &r.end, &der) ||
		     err_set(err, ERR_DAMAGED,
			     "a PKCS#12 store in BER, as NSS writes it, that is cut or damaged");
		r.file = buf_view(&der);
	}
	ok = ok && read_store(&r, err);
	if (ok && r.end < file.len)
		store_note(into, NOTE_WARN, r.end, "%zu bytes behind the PKCS#12 store are not read",
			   file.len - r.end);
	arena_done(&r.arena);
	buf_done(&der);
	return ok;
}

static bool pkcs12_read(struct bytes file, struct store *into, struct err *err)
{
	return read_with(file, pbe_words, PBE_WORDS, into, err);
}

static bool pkcs12_read_with(struct bytes file, const char *password, struct store *into, struct err *err)
{
	struct buf room = { 0 };
	struct pbe_word word;
	bool ok;

	pbe_word_of(password, &room, &word);
	ok = read_with(file, &word, 1, into, err);
	buf_done(&room);
	return ok;
}

bool pkcs12_take(struct bytes file, const struct pbe_word *given, struct store *into,
		 struct pkcs12_parts *ret, struct err *err)
{
	struct pkcs12_parts parts = { 0 };
	struct reader r = { .file = file, .into = into, .parts = &parts };
	struct frame frame = { 0 };
	bool ok;

	r.words = given != NULL ? given : pbe_words;
	r.word_count = given != NULL ? 1 : PBE_WORDS;
	ok = read_frame(&r, &frame, err) && (read_store(&r, err) || r.closed > 0);
	parts.more = r.more || r.closed > 0 || r.end < file.len || store_incomplete(into);
	parts.mac = frame.has_mac;
	parts.word = r.word;
	if (ok)
		*ret = parts;
	else
		pkcs12_parts_done(&parts);
	arena_done(&r.arena);
	return ok;
}

const struct format format_pkcs12 = {
	.kind = { "pkcs12", "PKCS#12 trust store (Java's cacerts, .p12)", CAN_MANY | CAN_LABEL },
	.probe = pkcs12_probe,
	.read = pkcs12_read,
	.read_with = pkcs12_read_with,
	.write = pkcs12_write,
	.amend = pkcs12_amend,
};
