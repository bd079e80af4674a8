/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Extensions that belong to a key: p11-kit staples them to every certificate
 * with that key, wherever in the file it stands. They are collected until all
 * certificates are known, and then given to the anchors.
 */
#ifndef FORMAT_STAPLER_H
#define FORMAT_STAPLER_H

#include "base/arena.h"

struct staple;
struct store;

struct stapler {
	size_t first;       /* the store's first anchor that they could belong to */
	struct staple *all; /* owned */
	size_t count;
	struct arena arena;
};

/* Copies a SubjectPublicKeyInfo and an Extension that extension_read() accepts; `at` and `line` are for
 * notes. */
void stapler_add(struct stapler *stapler, struct bytes key, struct bytes whole, size_t at, unsigned line);

/* Gives all away, and frees. A key that no anchor has becomes one of its own, so that nothing is lost. */
void stapler_join(struct stapler *stapler, struct store *into);

#endif
