/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Java KeyStore, what keytool wrote before PKCS#12 became its default, and what
 * Debian's and Fedora's cacerts still are. Big-endian (JavaKeyStore.java).
 *
 *   file:   be32 magic, be32 version, be32 count, entry * count, seal[20]
 *   entry:  be32 tag, str alias, be64 created, ms since 1970, then
 *     KEY:  blob key, be32 n, cert * n
 *     CERT: cert
 *     SECRET: a serialized Java object, in JCEKS only
 *   cert:   str type (not in version 1), blob der
 *   str:    be16 length, modified UTF-8           blob: be32 length, bytes
 *   seal:   SHA-1(password in UTF-16BE, "Mighty Aphrodite", all bytes before)
 *
 * JCEKS is the same under a magic of its own (com.sun.crypto.provider.JceKeyStore).
 * The length of a SECRET is known only to who deserializes it, so reading ends there.
 *
 * Only CERT entries are anchors; JKS knows no purposes, so they serve them all.
 * The seal shows damage, not origin: everybody's password is "changeit".
 */
#include <stdlib.h>

#include "base/buf.h"
#include "base/cursor.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/text.h"
#include "format/alias.h"
#include "format/amend.h"
#include "format/format.h"
#include "format/payload.h"
#include "model/pick.h"
#include "model/request.h"
#include "model/store.h"

#define MAGIC       UINT32_C(0xfeedfeed)
#define MAGIC_JCEKS UINT32_C(0xcececece)
enum { TAG_KEY = 1, TAG_CERT = 2, TAG_SECRET = 3, SEAL = DIGEST_SHA1_LEN };
static const char cert_type[] = "X.509", password[] = "changeit";

struct reader {
	struct cursor in;
	uint32_t version, count;
	bool jceks;
	bool stopped; /* by what cannot be stepped over */
	struct store *into;
};

static struct bytes str(struct cursor *in)
{
	return cursor_take(in, cursor_be16(in));
}

static struct bytes blob(struct cursor *in)
{
	return cursor_take(in, cursor_be32(in));
}

/* Modified UTF-8 as UTF-8: characters above U+FFFF are written as two surrogates (java.io.DataInput). */
static void alias_text(struct bytes from, struct buf *to)
{
	for (size_t i = 0; i < from.len; i++) {
		const uint8_t *s = from.at + i;

		if (from.len - i < 6 || s[0] != 0xed || s[1] >> 4 != 0xa || s[3] != 0xed ||
		    s[4] >> 4 != 0xb) {
			buf_byte(to, s[0]);
			continue;
		}
		uint32_t rune = 0x10000 + (((s[1] & 0xfu) << 6 | (s[2] & 0x3fu)) << 10) +
				((s[4] & 0xfu) << 6 | (s[5] & 0x3fu));

		buf_byte(to, 0xf0 | rune >> 18);
		buf_byte(to, 0x80 | (rune >> 12 & 0x3f));
		buf_byte(to, 0x80 | (rune >> 6 & 0x3f));
		buf_byte(to, 0x80 | (rune & 0x3f));
		i += 5;
	}
}

static void read_key(struct reader *r, size_t start, struct bytes alias)
{
	struct bytes key = blob(&r->in);
	uint32_t count = cursor_be32(&r->in);

	for (uint32_t i = 0; i < count && !r->in.bad; i++) {
		if (r->version > 1)
			str(&r->in);
		blob(&r->in);
	}
	if (r->in.bad)
		return;
	store_note(r->into, NOTE_WARN, start,
		   "a PRIVATE KEY of %zu bytes under the alias '%.*s': a trust store must not hold one; it "
		   "and its "
		   "chain of %u certificates are passed over",
		   key.len, (int)(alias.len > 64 ? 64 : alias.len), (const char *)alias.at, count);
}

static void read_cert(struct reader *r, struct bytes alias)
{
	struct bytes type = r->version > 1 ? str(&r->in) : bytes_of(cert_type), der = blob(&r->in);
	struct store *into = r->into;
	struct buf text = { 0 };

	if (r->in.bad)
		return;
	if (!bytes_equal(type, bytes_of(cert_type))) {
		store_note(into, NOTE_WARN, r->in.pos - der.len,
			   "a certificate of the type '%.*s' is passed over",
			   (int)(type.len > 64 ? 64 : type.len), (const char *)type.at);
		return;
	}
	if (payload_certificate(der, r->in.pos - der.len, into) == 0)
		return;
	alias_text(alias, &text);
	store_label(into, &into->anchors[into->count - 1], buf_view(&text));
	into->anchors[into->count - 1].origin.alias = into->anchors[into->count - 1].label;
	buf_done(&text);
}

static void read_secret(struct reader *r, size_t start, uint32_t number)
{
	r->stopped = true;
	store_note(r->into, NOTE_ERROR, start,
		   "entry %u of %u is a SECRET KEY, whose length is known to Java alone: only the %u entries "
		   "before it were read; delete it with 'keytool -delete' to read them all",
		   number, r->count, number - 1);
}

static bool read_entry(struct reader *r, uint32_t number, struct err *err)
{
	size_t start = r->in.pos;
	uint32_t tag = cursor_be32(&r->in);
	struct bytes alias = str(&r->in);

	cursor_be64(&r->in); /* when it was added; few writers keep this right */
	if (tag == TAG_KEY)
		read_key(r, start, alias);
	else if (tag == TAG_CERT)
		read_cert(r, alias);
	else if (tag == TAG_SECRET && r->jceks && !r->in.bad)
		read_secret(r, start, number);
	else if (!r->in.bad)
		return err_set(err, ERR_DAMAGED, "it begins at byte %zu and is of the unknown kind %u", start,
			       tag);
	return !r->in.bad || err_set(err, ERR_DAMAGED, "it begins at byte %zu and is cut", start);
}

/* The seal of `body` under a password in UTF-8. */
static void seal_of(struct bytes body, const char *word, uint8_t ret[SEAL])
{
	struct buf units = { 0 };

	text_utf16(bytes_of(word), &units);
	digest_sha1_parts((struct bytes[]){ buf_view(&units), bytes_of("Mighty Aphrodite"), body }, 3, ret);
	buf_done(&units);
}

static void check_seal(struct reader *r)
{
	static const char *const words[] = { password, "" };
	struct bytes body = { r->in.all.at, r->in.pos }, seal = cursor_take(&r->in, cursor_left(&r->in));
	uint8_t ours[SEAL];

	if (seal.len != SEAL) {
		store_note(r->into, NOTE_WARN, body.len, "%zu bytes where the %d of the digest belong",
			   seal.len, SEAL);
		return;
	}
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		seal_of(body, words[i], ours);
		if (bytes_equal(seal, (struct bytes){ ours, SEAL }))
			return;
	}
	store_note(r->into, NOTE_INFO, body.len, "the password is unknown, so the integrity was not checked");
}

static int jks_probe(struct bytes file)
{
	struct cursor in = { .all = file };
	uint32_t magic = cursor_be32(&in);

	return magic == MAGIC || magic == MAGIC_JCEKS ? 32 : 0;
}

static bool jks_read(struct bytes file, struct store *into, struct err *err)
{
	struct reader r = { .in = { .all = file }, .into = into };
	uint32_t magic = cursor_be32(&r.in);

	r.jceks = magic == MAGIC_JCEKS;
	r.version = cursor_be32(&r.in);
	r.count = cursor_be32(&r.in);
	if (r.in.bad || (magic != MAGIC && !r.jceks))
		return err_set(err, ERR_DAMAGED, "no JKS header");
	if (r.version != 1 && r.version != 2)
		return err_set(err, ERR_UNSUPPORTED, "JKS version %u is not read, only 1 and 2", r.version);
	for (uint32_t i = 1; i <= r.count && !r.stopped; i++)
		if (!read_entry(&r, i, err))
			return err_in(err, "entry %u of %u", i, r.count);
	if (r.count == 0)
		store_note(into, NOTE_INFO, 0, "a key store without entries");
	if (!r.stopped)
		check_seal(&r);
	return true;
}

static void write_str(struct buf *to, struct bytes text)
{
	buf_be16(to, (unsigned)text.len);
	buf_bytes(to, text);
}

static void write_entry(const char *alias, int64_t at, uint32_t version, struct bytes der, struct buf *to)
{
	buf_be32(to, TAG_CERT);
	write_str(to, bytes_of(alias));
	buf_be64(to, at > 0 ? (uint64_t)at * 1000 : 0);
	if (version > 1)
		write_str(to, bytes_of(cert_type));
	buf_be32(to, (uint32_t)der.len);
	buf_bytes(to, der);
}

static bool jks_write(const struct pick *from, const struct style *style, struct buf *to, struct err *err)
{
	struct aliases aliases;
	size_t start = to->len, count = 0;
	uint8_t seal[SEAL];

	(void)err;
	aliases_for(from->count, &aliases);
	for (size_t i = 0; i < from->count; i++)
		count += from->anchors[i]->names == ANCHOR_CERTIFICATE;
	buf_be32(to, MAGIC);
	buf_be32(to, 2);
	buf_be32(to, (uint32_t)count);
	for (size_t i = 0; i < from->count; i++) {
		const struct anchor *anchor = from->anchors[i];

		if (anchor->names != ANCHOR_CERTIFICATE)
			continue;
		write_entry(alias_new(&aliases, NULL, anchor), style->at, 2, anchor->cert.der, to);
	}
	seal_of(bytes_skip(buf_view(to), start), password, seal);
	buf_bytes(to, (struct bytes){ seal, SEAL });
	aliases_done(&aliases);
	return true;
}

/* A file that is being changed: its entries as they stand. */
struct keystore {
	struct bytes file;
	uint32_t magic, version;
	const char *word; /* the password that fits */
	struct raw {
		struct bytes whole, alias;
		size_t anchor; /* in `seen`, if it is a certificate */
		bool is_cert, gone;
	} * all;
	size_t count;
	struct store *seen;
	struct aliases aliases;
	struct buf more; /* new entries */
	uint32_t more_count;
};

static bool take_entry(struct keystore *k, struct reader *r, uint32_t number, struct err *err)
{
	size_t start = r->in.pos, before = k->seen->count;
	struct cursor peek = { .all = bytes_skip(k->file, start + 4) };
	struct raw *raw;

	if (!read_entry(r, number, err))
		return err_in(err, "entry %u of %u", number, r->count);
	if (r->stopped)
		return err_set(
			err, ERR_UNSUPPORTED,
			"entry %u of %u is a SECRET KEY, which only Java can step over, so the file is "
			"not changed; use 'keytool -importcert -storetype JCEKS' or 'keytool -delete'",
			number, r->count);
	k->all = mem_grow(k->all, k->count, sizeof(*k->all));
	raw = &k->all[k->count++];
	*raw = (struct raw){ .whole = { k->file.at + start, r->in.pos - start },
			     .alias = str(&peek),
			     .anchor = before,
			     .is_cert = k->seen->count > before };
	return true;
}

/* The password, by the digest of what stands there: what is sealed again must have been whole. */
static bool find_word(struct keystore *k, const struct reader *r, const char *given, struct err *err)
{
	const char *const words[] = { given != NULL ? given : password, given != NULL ? given : "" };
	struct bytes body = { k->file.at, r->in.pos }, seal = bytes_skip(k->file, r->in.pos);
	uint8_t ours[SEAL];

	if (seal.len != SEAL)
		return err_set(err, ERR_DAMAGED,
			       "%zu bytes where the %d of the digest belong: it is cut, or no key store",
			       seal.len, SEAL);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		seal_of(body, words[i], ours);
		if (bytes_equal(seal, (struct bytes){ ours, SEAL })) {
			k->word = words[i];
			return true;
		}
	}
	return given != NULL
		       ? err_set(err, ERR_USAGE,
				 "the password of --password-file is not that of this key store, or the "
				 "key store is damaged")
		       : err_set(err, ERR_USAGE,
				 "the password is neither 'changeit' nor empty, or the key store is "
				 "damaged; give the password by --password-file");
}

static bool keystore_read(struct keystore *k, const struct amend_terms *terms, struct err *err)
{
	struct reader r = { .in = { .all = k->file }, .into = k->seen };

	k->magic = cursor_be32(&r.in);
	r.jceks = k->magic == MAGIC_JCEKS;
	k->version = r.version = cursor_be32(&r.in);
	r.count = cursor_be32(&r.in);
	if (r.in.bad || (k->magic != MAGIC && !r.jceks) || (r.version != 1 && r.version != 2))
		return err_set(err, ERR_DAMAGED, "no header of a JKS that is known here");
	for (uint32_t i = 1; i <= r.count; i++)
		if (!take_entry(k, &r, i, err))
			return false;
	return find_word(k, &r, terms->password, err);
}

/* Whether the store was changed for it. */
static bool fulfil(struct keystore *k, const struct request *request, const struct amend_terms *terms)
{
	bool any = false, wants = amend_wants(request);

	if (request->kind == REQUEST_LIFT)
		return false;
	for (size_t i = 0; i < k->count; i++) {
		struct raw *raw = &k->all[i];

		if (!raw->is_cert || raw->gone || !request_names(request, &k->seen->anchors[raw->anchor]))
			continue;
		if (wants)
			return false;
		any = raw->gone = true;
	}
	if (!wants)
		return any;
	write_entry(alias_new(&k->aliases, terms->prefix, request->anchor), terms->at, k->version,
		    request->anchor->cert.der, &k->more);
	k->more_count++;
	return true;
}

static void keystore_write(const struct keystore *k, struct buf *to)
{
	size_t start = to->len, count = k->more_count;
	uint8_t seal[SEAL];

	for (size_t i = 0; i < k->count; i++)
		count += !k->all[i].gone;
	buf_be32(to, k->magic);
	buf_be32(to, k->version);
	buf_be32(to, (uint32_t)count);
	for (size_t i = 0; i < k->count; i++)
		if (!k->all[i].gone)
			buf_bytes(to, k->all[i].whole);
	buf_bytes(to, buf_view(&k->more));
	seal_of(bytes_skip(buf_view(to), start), k->word, seal);
	buf_bytes(to, (struct bytes){ seal, SEAL });
}

static bool jks_amend(struct bytes file, const struct requests *requests, const struct amend_terms *terms,
		      bool *done, struct buf *to, struct err *err)
{
	struct keystore k = { .file = file, .seen = store_new("the key store") };
	bool ok = keystore_read(&k, terms, err), any = false;

	aliases_for(k.count + requests->count, &k.aliases);
	for (size_t i = 0; i < k.count; i++)
		alias_taken(&k.aliases, k.all[i].alias);
	for (size_t i = 0; ok && i < requests->count; i++) {
		ok = amend_can(&requests->all[i], err);
		done[i] = ok && !requests_repeat(requests, i) && fulfil(&k, &requests->all[i], terms);
		any = any || done[i];
	}
	if (ok && !any)
		buf_bytes(to, file);
	else if (ok)
		keystore_write(&k, to);
	aliases_done(&k.aliases);
	buf_done(&k.more);
	free(k.all);
	if (ok && terms->ret_seen != NULL)
		*terms->ret_seen = k.seen;
	else
		store_free(k.seen);
	return ok;
}

const struct format format_jks = {
	.kind = { "jks", "Java KeyStore (cacerts), JKS or JCEKS", CAN_MANY | CAN_LABEL },
	.probe = jks_probe,
	.read = jks_read,
	.write = jks_write,
	.amend = jks_amend,
};
