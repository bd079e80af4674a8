/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The lines of Mozilla's certdata.txt, and the objects they make up: a set of
 * PKCS#11 attributes each. What the attributes mean for trust is certdata.c's
 * business. What NSS's certdata.perl would stumble over is noted, and read on.
 */
#ifndef FORMAT_CERTDATA_TEXT_H
#define FORMAT_CERTDATA_TEXT_H

#include "base/arena.h"
#include "model/purpose.h"

struct store;

/* The attributes that are kept. */
enum certdata_row {
	CERTDATA_CLASS,
	CERTDATA_TYPE,
	CERTDATA_LABEL,
	CERTDATA_ISSUER,
	CERTDATA_SERIAL,
	CERTDATA_VALUE,
	CERTDATA_SHA1,
	CERTDATA_MD5,
	CERTDATA_POLICY,
	CERTDATA_SERVER_AFTER,
	CERTDATA_EMAIL_AFTER,
	CERTDATA_TRUST, /* one for each row of purposes[] */
	CERTDATA_ROWS = CERTDATA_TRUST + PURPOSE_ROWS,
};

struct certdata_object {
	size_t at;     /* of the line that says its class */
	unsigned line; /* from 1 */
	uint32_t has;  /* set of enum certdata_row */

	/* Bytes or text as they are meant; a truth is one byte, another constant its name. */
	struct bytes value[CERTDATA_ROWS];
};

/* Where the reader is: starts as { .file, .notes }. */
struct certdata_text {
	struct bytes file;
	struct store *notes; /* borrowed */
	size_t pos;
	unsigned line; /* of `pos`, from 0 */
	struct arena arena;
};

/* Whether a line of the file is that of a class. */
bool certdata_begins(struct bytes file);

/* The next object, valid until the next call. False: there is none, and what `text` holds is freed. */
bool certdata_next(struct certdata_text *text, struct certdata_object *ret);

static inline bool certdata_has(const struct certdata_object *object, unsigned row)
{
	return object->has >> row & 1;
}

#endif
