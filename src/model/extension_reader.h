/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Lists of extensions that are read all or not at all: of CRLs, of their entries, of OCSP
 * answers. Those of certificates are kept where they are odd; see model/cert.h.
 */
#ifndef MODEL_EXTENSION_READER_H
#define MODEL_EXTENSION_READER_H

#include "base/bytes.h"

/* What is known; `read` gets extnValue's contents, NULL where knowing is enough. */
struct extension_reader {
	const char *oid;   /* contents */
	const char *wrong; /* a clause for one that cannot be read */
	bool (*read)(struct bytes value, void *into);
};

/*
 * Reads `all`, the contents of an Extensions, which may hold at most `most` and none twice.
 * NULL if all is well, else a clause on what is wrong. *ret_critical is set to the OID contents
 * of the first critical one without a row, if it was empty.
 */
const char *extensions_read(struct bytes all, const struct extension_reader *readers, size_t count, int most,
			    void *into, struct bytes *ret_critical);

/* The contents of the one element of `value`, which must have this tag. */
bool extension_value(struct bytes value, unsigned tag, struct bytes *ret);

#endif
