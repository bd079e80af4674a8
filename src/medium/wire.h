/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a PKCS#11 helper process tells its parent: records of fields, over a
 * pipe. Nothing of PKCS#11 is left in it. Both ends are the same program, so
 * there is no version; but the writer shares its memory with a foreign module,
 * so the reader believes nothing.
 *
 *   record ::= be32 length of the rest, u8 type, field*
 *   field  ::= u8 which, be32 length, bytes         each at most once
 */
#ifndef MEDIUM_WIRE_H
#define MEDIUM_WIRE_H

#include "base/buf.h"
#include "model/purpose.h"

enum wire_type {
	WIRE_MODULE = 1,  /* NAME: what is asked from now on */
	WIRE_SLOT,        /* ID, TEXT (its description): the slot that is looked at from now on */
	WIRE_TOKEN,       /* NAME (its label), URI, P11KIT: the token in it */
	WIRE_CERTIFICATE, /* a certificate, or what is distrusted without one */
	WIRE_EXTENSION,   /* KEY, VALUE (an Extension), FILE */
	WIRE_TRUST,       /* an NSS or PKCS#11 3.2 trust object */
	WIRE_FILE,        /* FILE: some object came from it */
	WIRE_NOTE,        /* NUMBER (an enum note_level), TEXT */
	WIRE_SLOT_END,    /* all of the slot was told */
	WIRE_FAIL,        /* NUMBER (an enum err_code), TEXT: nothing can be read */
	WIRE_END,         /* all was told */
	WIRE_TYPES,
};

enum wire_field {
	WIRE_NAME,
	WIRE_TEXT,
	WIRE_NUMBER,
	WIRE_ID,    /* CKA_ID; of a slot its number */
	WIRE_LABEL, /* CKA_LABEL */
	WIRE_VALUE,
	WIRE_ISSUER,
	WIRE_SERIAL, /* an INTEGER with tag and length */
	WIRE_KEY,    /* a SubjectPublicKeyInfo */
	WIRE_HASH,   /* of the certificate: SHA-1 or SHA-256, by its length */
	WIRE_ORIGIN, /* a file, as the module names it */
	WIRE_REST,   /* a file, as the path behind the slot's description */
	WIRE_URI,
	WIRE_P11KIT,     /* present: a token of p11-kit's trust module */
	WIRE_NEW_TRUST,  /* present: a trust object of PKCS#11 3.2 and not of NSS */
	WIRE_CONTEXT,    /* present: not what the URI names, but it may distrust that */
	WIRE_MOZILLA,    /* present: of Mozilla's own list */
	WIRE_TRUSTED,    /* a set of purposes */
	WIRE_DISTRUSTED, /* a set of purposes */
	WIRE_PEER,       /* a set of purposes: NSS trusts the certificate itself, and none that it issued */
	WIRE_FORGED,     /* a set of purposes of which the signature of a trust object does not hold */
	WIRE_AFTER,      /* + a purpose: the distrust-after attribute */
	WIRE_FIELDS = WIRE_AFTER + PURPOSE_ROWS,
};

struct wire {
	enum wire_type type;
	uint32_t present; /* set of enum wire_field */
	struct bytes field[WIRE_FIELDS];
};

static inline bool wire_has(const struct wire *wire, unsigned field)
{
	return wire->present >> field & 1;
}

/* A record from wire_begin() to wire_end(), which is given what the former returned. */
size_t wire_begin(struct buf *to, enum wire_type type);
void wire_put(struct buf *to, unsigned field, struct bytes value);
void wire_put_number(struct buf *to, unsigned field, uint64_t value);
void wire_end(struct buf *to, size_t begun);

uint64_t wire_number(const struct wire *wire, unsigned field); /* 0 if it is none */

enum wire_got {
	WIRE_GOT,   /* *ret is the record at *at, which is moved behind it */
	WIRE_SHORT, /* more bytes are needed; at the end of all: nothing is left */
	WIRE_BAD,   /* this is no record, or larger than LIMIT_TOKEN_RECORD */
};
enum wire_got wire_next(struct bytes all, size_t *at, struct wire *ret);

#endif
