/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Patterns of sites.conf to paths inside a root: "~/" is each home, "$NAME/" a
 * variable of the environment that is given, "*", "?" and "[…]" are those of
 * glob(7). Each directory is listed once. Nothing is opened but directories.
 */
#ifndef FIND_EXPAND_H
#define FIND_EXPAND_H

#include "base/texts.h"

struct root;

struct expand {
	const struct root *root;   /* borrowed */
	char *const *environment;  /* "NAME=value", ends with NULL; or NULL */
	const struct texts *homes; /* borrowed */
	struct expand_dir *dirs;   /* a hash table of 2^n places, by path */
	size_t mask, used;
};

void expand_begin(struct expand *expand, const struct root *root, char *const *environment,
		  const struct texts *homes);

/*
 * Adds the paths that fit, sorted for each home. A path without wildcards is
 * added unless it is known that it is not there: whoever uses it looks.
 */
void expand_path(struct expand *expand, const char *pattern, struct texts *to);

const char *expand_value(const struct expand *expand,
			 const char *name); /* of a variable; NULL: unset or empty */
void expand_done(struct expand *expand);

#endif
