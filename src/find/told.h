/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What programs are told to read instead of their own store, or besides it.
 *
 *   env    ::= VARIABLE effect [MARK] ["for" software]
 *   config ::= PATTERN KEY effect ["for" software]
 *   effect ::= "replaces" | "adds"
 *
 * A KEY "json:a.b" is looked up in JSON. MARK, which ends in "=", is what the path stands behind in a
 * variable that holds options. With "for" only that software is meant, and the site's store counts on.
 */
#ifndef FIND_TOLD_H
#define FIND_TOLD_H

#include <stdbool.h>

struct site;

struct told {
	const struct site *site;
	char *what;       /* the first word; owned, as the others */
	char *key;        /* of a configuration, or a mark; or NULL */
	const char *whom; /* behind "for", borrowed from the row; or NULL */
	bool replaces;
};

/* A row's line; `what` is NULL if there is none. Free with told_done(). */
void told_read(const struct site *site, const char *text, struct told *ret);
void told_done(struct told *told);

#endif
