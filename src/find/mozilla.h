/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Mozilla's root list as it is compiled into NSS's module libnssckbi.so, which is
 * looked for in the host's library directories. It is a program: it is read
 * through PKCS#11 in the helper process, and never out of a root.
 *
 * Where p11-kit's trust module has taken the module's name, as on Arch and
 * Fedora, that is not it: what it would show is the system's list.
 */
#ifndef FIND_MOZILLA_H
#define FIND_MOZILLA_H

#include <stdbool.h>
#include <stddef.h>

struct err;
struct place;
struct root;
struct store;

/* One place, of the kind pkcs11. ERR_ABSENT says what to install. */
bool mozilla_places(const struct root *root, struct place **ret, size_t *ret_count, struct err *err);

/*
 * Whether the list may have a certificate with the name or key of one of these, or forbid one; false is
 * sure, also where there is no list. The module's file is searched and not run: it has each certificate, and
 * each name whose certificates it forbids, as it is.
 */
bool mozilla_may_know(const struct root *root, const struct store *certificates);

#endif
