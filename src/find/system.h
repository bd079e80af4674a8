/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where a system keeps what it trusts. On the host p11-kit's configured policy
 * comes first; in a root, and where there is no trust module, the distribution's
 * own directories and bundles, by one table.
 */
#ifndef FIND_SYSTEM_H
#define FIND_SYSTEM_H

#include <stdbool.h>
#include <stddef.h>

struct err;
struct place;
struct root;

/* False if none of the known places is there; err lists where was looked. */
bool system_places(const struct root *root, struct place **ret, size_t *ret_count, struct err *err);

/*
 * Whether the host's policy, as p11-kit is configured, is the bundle that is the second of its places,
 * and nothing else. That is read much faster than a policy.
 */
bool system_is_bundle(const struct root *root, const struct place *places, size_t count);

#endif
