/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The aliases of a key store that is being written: each anchor gets one of its
 * own, since Java keeps one entry for each.
 */
#ifndef FORMAT_ALIAS_H
#define FORMAT_ALIAS_H

#include "base/bytes.h"

struct anchor;

/* Those that are taken: a hash table of 2^n places, never full. */
struct aliases {
	struct alias {
		char *text;    /* owned */
		unsigned next; /* the number to try for the next of this name */
	} * all;
	size_t mask;
};

void aliases_for(size_t most, struct aliases *ret); /* room for that many */

/*
 * As p11-kit makes them: the anchor's name in small ASCII letters, without spaces;
 * unlike p11-kit's, a number goes behind the name. `prefix`: NULL for none, stands before it in
 * the same letters. Lives as long as the table.
 */
const char *alias_new(struct aliases *aliases, const char *prefix, const struct anchor *anchor);

/* Notes a name that another entry has; Java does not tell large letters from small ones. */
void alias_taken(struct aliases *aliases, struct bytes text);
void aliases_done(struct aliases *aliases);

#endif
