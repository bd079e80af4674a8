/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Every place of a root in which anchors are kept, by the rows of sites.conf. Its
 * answer follows from the root and the environment that it is given and from
 * nothing else; no store is read. What it opens are directories, profiles.ini,
 * passwd, the configuration files that rows name, and files that tell a decoy.
 */
#ifndef FIND_SURVEY_H
#define FIND_SURVEY_H

#include <stdbool.h>

#include "base/texts.h"

struct err;
struct root;
struct spots;

struct survey {
	const struct root *root; /* borrowed */
	char *const
		*environment; /* "NAME=value", ends with NULL; NULL: what the root's /etc/environment says */
	bool everybody;       /* homes of all users, and not only $HOME */
};

/* False if sites.conf cannot be read. What cannot be looked into is left out. Free with spots_done(). */
bool survey_find(const struct survey *survey, struct spots *ret, struct err *err);

/*
 * The patterns, as of glob(7), of all files that survey_find() looks for or into,
 * with "/root" and the directories of "/home" as homes; "**" at the end is all below a
 * directory. For who must choose what to unpack of an image.
 */
bool survey_patterns(const struct root *root, struct texts *ret, struct err *err);

/* The name of a row, by index, NULL behind the last; for completion. Reads sites.conf at the first call. */
const char *survey_site(unsigned index);

/* Whether what stands before the colon of a STORE is a row's. */
bool survey_knows(const struct root *root, const char *name, size_t len);

#endif
