/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The names, numbers and values of PKCS#11 attributes as p11-kit's persistence
 * format writes them (p11-kit's persist-format.txt). Values become what PKCS#11
 * would hold: one byte for a truth, eight for a number, else text or DER.
 */
#ifndef FORMAT_ATTRIBUTE_H
#define FORMAT_ATTRIBUTE_H

#include "base/bytes.h"

struct arena;
struct buf;

/* The attributes that are kept; the rows behind them are known by name only. */
enum attribute_row {
	ATTRIBUTE_CLASS,
	ATTRIBUTE_LABEL,
	ATTRIBUTE_VALUE,
	ATTRIBUTE_OBJECT_ID,
	ATTRIBUTE_CERTIFICATE_TYPE,
	ATTRIBUTE_ISSUER,
	ATTRIBUTE_SERIAL,
	ATTRIBUTE_TRUSTED,
	ATTRIBUTE_DISTRUSTED,
	ATTRIBUTE_PUBLIC_KEY,
	ATTRIBUTE_MOZILLA_POLICY,
	ATTRIBUTE_SERVER_AFTER,
	ATTRIBUTE_EMAIL_AFTER,
	ATTRIBUTE_ROWS,
};

/* Which classes of objects have an attribute; p11-kit drops an object that has a stranger. */
enum attribute_class {
	CLASS_CERTIFICATE = 1,
	CLASS_EXTENSION = 2,
	CLASS_DATA = 4,
	CLASS_TRUST = 8,
	CLASS_ANY = 15,
};

/* Values of `class`, CKO_*. */
#define OBJECT_DATA        UINT64_C(0)
#define OBJECT_CERTIFICATE UINT64_C(1)
#define OBJECT_NSS_TRUST   UINT64_C(0xce534353)
#define OBJECT_NSS_ROOTS   UINT64_C(0xce534354)
#define OBJECT_ASSERTION   UINT64_C(0xd8444764)
#define OBJECT_EXTENSION   UINT64_C(0xd84447c8)

struct attribute {
	const char *name;
	uint64_t type;    /* CKA_* */
	unsigned classes; /* set of enum attribute_class */
};
extern const struct attribute attributes[];

/* By its name, or by its number in decimal; NULL if it means nothing in a trust store. */
const struct attribute *attribute_of(struct bytes name);

/*
 * A value as it stands in a line, in the order in which p11-kit tries: a word, a
 * string, a truth, a number, an OID. *ret_why is why p11-kit cannot read it, or
 * NULL; false: nobody can.
 */
bool attribute_value(struct bytes text, struct arena *arena, struct bytes *ret, const char **ret_why);

/* YYMMDDHHMMSSZ or YYYYMMDDHHMMSSZ; one zero byte, which says that there is no date, is CLOCK_NONE. */
bool attribute_date(struct bytes text, int64_t *ret);
void attribute_write_date(int64_t date, struct buf *to);

#endif
