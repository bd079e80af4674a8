/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A store is a fact: the anchors and the notes read from one place. It owns all
 * that they point to and is never changed after store_finish(): wishes live in a
 * plan, not here.
 *
 * An anchor is what the store says about one certificate (or about an issuer and
 * serial number, or a key): trusted for which purposes, distrusted for which,
 * until when, under which constraints. The certificate's own extensions are its
 * own business and stand in `cert`.
 */
#ifndef MODEL_STORE_H
#define MODEL_STORE_H

#include "base/arena.h"
#include "base/digest.h"
#include "model/cert.h"
#include "model/purpose.h"

enum { ID_LEN = DIGEST_LEN };

struct kind;
struct facts;

/* What an anchor is about. */
enum anchor_names {
	ANCHOR_CERTIFICATE,   /* `cert.der` is there */
	ANCHOR_FINGERPRINT,   /* a certificate of which only the hash and some facts are known */
	ANCHOR_ISSUER_SERIAL, /* cert.issuer and cert.serial */
	ANCHOR_KEY,           /* cert.spki */
};

/* Where the store says it; NULL and 0 where there is nothing of the kind. */
struct origin {
	const char *file;
	const char *alias; /* of a key store */
	const char *uri;   /* PKCS#11, RFC 7512 */
	unsigned line;     /* from 1 */
	size_t at;         /* byte offset in a file that has no lines; 0: not said */
	bool bag;          /* in PKCS#7, which readers of certificates as PEM pass over */
};

struct anchor {
	enum anchor_names names;
	bool readable;      /* the walk accepted the certificate: `cert` has more than der */
	uint8_t id[ID_LEN]; /* SHA-256 of the DER: the identity. Without a certificate a hash of what is named
			     */
	struct cert cert;   /* spans into the store */
	uint16_t trusted;   /* purposes it is an anchor for */
	uint16_t distrusted; /* purposes it must never be trusted for: wins */
	uint16_t spread; /* of those, what only another entry with the same key, or issuer and serial number,
			    says */
	int64_t distrust_after[PURPOSE_COUNT]; /* CLOCK_NONE: not said */
	bool mozilla_policy;                   /* CKA_NSS_MOZILLA_CA_POLICY: it is in Mozilla's program */
	struct extension *attached;            /* constraints kept by the store, none of the certificate's */
	size_t attached_count;
	const char *label; /* as the store spells it, any bytes; "" if it has none */
	struct origin origin;
	const struct facts *told; /* ANCHOR_FINGERPRINT: what an inventory told; else NULL */
	const uint8_t *told_key;  /* likewise the hash of the key: ask anchor_key_id() */
};

enum note_level {
	NOTE_INFO,  /* worth knowing */
	NOTE_WARN,  /* something was stepped over, or is not as it should be */
	NOTE_ERROR, /* a part of the place could not be read: the answer is incomplete */
};

#define NOTE_NOWHERE SIZE_MAX

/* Something the reader saw. */
struct note {
	enum note_level level;
	const char *file; /* NULL: the place itself */
	size_t at;        /* byte offset, or NOTE_NOWHERE */
	unsigned line;    /* from 1; 0: unknown, or no text. Set by the medium from `at` */
	const char *text;
};

struct store {
	const char *place; /* as the user would name it */
	const char *how;   /* by what it was read, for people: "p11-kit's trust policy"; NULL: plainly */
	const struct kind *kind; /* what the place can express; NULL until the medium knows */
	struct arena arena;
	struct anchor *anchors; /* in the order of the place */
	size_t count;
	struct note *notes;
	size_t note_count, note_room; /* note_room counts those beyond LIMIT_NOTES as well */
	struct store **parts; /* owned; an inventory of several stores: each of them, and no anchors here */
	size_t part_count;
	bool apart;  /* its programs go by certificates: distrust of one says nothing of another with its key
		      */
	bool unread; /* an inventory says of a place that it could not be read */
	bool private_key; /* a note began with NOTE_PRIVATE_KEY, be it one that was not kept */
};

/* How readers begin the note of a private key, which nobody may miss behind a thousand others. */
#define NOTE_PRIVATE_KEY "a PRIVATE KEY"

struct store *store_new(const char *place);
void store_free(struct store *store); /* NULL is fine */

/* A store within this one, which frees and finishes it too; it has no parts itself. */
struct store *store_part(struct store *store, const char *place);

/*
 * What equal bytes say at another place: the entries and notes of `of`, with `file`
 * where they have its `of_file`. It borrows from `of`, which must live longer.
 */
struct store *store_twin(const struct store *of, const char *of_file, const char *place, const char *file);

/*
 * A new anchor, neither trusted nor distrusted, valid until the next is added.
 * The bytes are copied. A certificate that the walk refuses is kept, known by
 * its hash, and noted with `at`.
 */
struct anchor *store_add(struct store *store, struct bytes der, size_t at);
struct anchor *store_add_issuer_serial(struct store *store, struct bytes issuer, struct bytes serial);
struct anchor *store_add_key(struct store *store, struct bytes spki);
struct anchor *store_add_fingerprint(struct store *store, const uint8_t id[ID_LEN]);

/* Copies; a label is cut at LIMIT_LABEL. */
void store_label(struct store *store, struct anchor *anchor, struct bytes label);

/*
 * Attaches an Extension, given with tag and length. False if it is none. One beyond
 * LIMIT_ATTACHED is a NOTE_ERROR.
 */
bool store_attach(struct store *store, struct anchor *anchor, struct bytes whole);

/*
 * The purposes that an extKeyUsage (a SEQUENCE OF OID) names: all of them for
 * anyExtendedKeyUsage, PURPOSE_OTHER for an OID without a row.
 */
uint16_t store_purposes_of(struct bytes extended_key_usage);

void store_note(struct store *store, enum note_level level, size_t at, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
void store_note_file(struct store *store, enum note_level level, const char *file, size_t at, const char *fmt,
		     ...) __attribute__((format(printf, 5, 6)));
bool store_incomplete(const struct store *store); /* has a NOTE_ERROR */

/*
 * Ends reading: entries about the same thing become one (trust and distrust are
 * joined, the earliest distrust-after counts), and distrust, also for purposes
 * without a row, spreads to every anchor with the same key or the same issuer and serial number, which is how
 * p11-kit treats its blocklist; not if the store is `apart`. Order is kept.
 */
void store_finish(struct store *store);

/* The anchors by identity; free() the array. */
const struct anchor **store_by_id(const struct store *store);

const struct anchor *store_find(const struct store *store, const uint8_t id[ID_LEN]); /* or NULL */

#endif
