/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The PKCS#11 modules that an NSS database names in its pkcs11.txt: what programs
 * that use the database load besides. No store; only what they are called.
 */
#ifndef FORMAT_MODULES_H
#define FORMAT_MODULES_H

#include "base/bytes.h"

struct module {
	unsigned line;              /* its first, from 1 */
	struct bytes name, library; /* as they stand there; empty if they do not */
	bool internal;              /* NSS's own softokn, which reads the database */
};

/* Where the reader is; starts as { .text }. */
struct modules_at {
	struct bytes text;
	size_t pos;
	unsigned line; /* of `pos`, from 0 */
};

/* The next module; false: there is none. What is no line of a module is passed over, as by NSS. */
bool modules_next(struct modules_at *at, struct module *ret);

#endif
