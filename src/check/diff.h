/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What separates two stores, by identity (SHA-256) and by what each store says.
 * A certificate that went while another with the same key or the same subject
 * came is reissued. Labels count only where both stores carry one of their own,
 * since many formats have none. A diff borrows the anchors of both stores.
 */
#ifndef CHECK_DIFF_H
#define CHECK_DIFF_H

#include <stddef.h>
#include <stdint.h>

struct anchor;
struct store;
struct wanted;

enum diff_kind {
	DIFF_ADDED,
	DIFF_REMOVED,
	DIFF_REISSUED,
	DIFF_TRUST,
	DIFF_DISTRUST_AFTER,
	DIFF_CONSTRAINTS,
	DIFF_LABEL,
	DIFF_KINDS,
};

extern const char *const diff_words[DIFF_KINDS]; /* as in JSON */

struct diff_entry {
	enum diff_kind kind;
	const struct anchor *before; /* NULL if added */
	const struct anchor *after;  /* NULL if removed */
};

struct diff {
	struct diff_entry *entries; /* owned; by kind, then by name */
	size_t count;
	size_t kinds[DIFF_KINDS];    /* how many of each */
	size_t same;                 /* anchors that are equal in everything */
	const struct wanted *wanted; /* what was asked for; borrowed, only while it is made */
};

/*
 * With a purpose only what concerns it is compared: anchors that serve it and what is
 * distrusted for it, so that a bundle without purposes equals a store that has them.
 */
void diff_stores(const struct store *before, const struct store *after, const struct wanted *wanted,
		 struct diff *ret);
void diff_done(struct diff *diff);

#endif
