/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The name under which OpenSSL looks a certificate up in a directory: the hash of its
 * subject (name_hash()) in eight small hex digits, a dot, and a number, of which it tries
 * 0, 1, … up to the first that is not there (X509_LOOKUP_hash_dir(3)). "….r0" is a CRL's.
 */
#ifndef MODEL_HASHLINK_H
#define MODEL_HASHLINK_H

#include <stdbool.h>
#include <stdint.h>

/* A number that OpenSSL never comes to: written with a zero in front, or with more than nine digits. */
#define HASHLINK_NEVER UINT32_MAX

enum { HASHLINK_NAME = 24 }; /* room for a name and its NUL */

void hashlink_name(uint32_t hash, unsigned number, char ret[HASHLINK_NAME]);

/* Whether `openssl rehash` takes the name for one of its links; a number of its own may be HASHLINK_NEVER. */
bool hashlink_read(const char *name, uint32_t *ret_hash, unsigned *ret_number);
bool hashlink_is(const char *name); /* the same, where the name is enough */

#endif
