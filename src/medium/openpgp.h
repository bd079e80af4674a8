/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A detached OpenPGP signature (RFC 9580), checked by a program that is installed for
 * it: sqv(1) or gpgv(1), looked for in the system's directories alone. The keys that
 * count are those of one keyring, and all of them.
 */
#ifndef MEDIUM_OPENPGP_H
#define MEDIUM_OPENPGP_H

#include <stdbool.h>

struct err;

/* Paths of the host. False: the signature does not hold, or nobody could say; `err` has the program's words.
 */
bool openpgp_verify(const char *data, const char *signature, const char *keyring, struct err *err);

#endif
