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
	const struct texts *image; /* what the configuration of the image that is the root sets; or NULL */
	bool everybody;            /* homes of all users, and not only $HOME */
	const char
		*sites; /* the file of rows, on the host; NULL: the program\'s own, and the root\'s sites.d */
};

/* This process's environment, and everybody if it is root's; in a root that is no host both are the root's.
 */
void survey_here(const struct root *root, struct survey *ret);

/* False if sites.conf cannot be read. What cannot be looked into is left out. Free with spots_done(). */
bool survey_find(const struct survey *survey, struct spots *ret, struct err *err);

/*
 * The patterns, as of glob(7), of all files that survey_find() looks for or into,
 * with "/root" and the directories of "/home" as homes; "**" at the end is all below a
 * directory. Other users' homes and what variables name are not among them. For who
 * must choose what to unpack of an image. `root` and `sites` as in struct survey.
 */
bool survey_patterns(const struct root *root, const char *sites, struct texts *ret, struct err *err);

/* The same, made ready to be asked for many paths. */
struct wanted_paths {
	struct wanted_path *all; /* owned; those whose last part is plain first, by that part */
	size_t count, plain;
};
bool survey_wanted(const struct root *root, const char *sites, struct wanted_paths *ret, struct err *err);
bool survey_wants(const struct wanted_paths *wanted, const char *path);
void wanted_done(struct wanted_paths *wanted);

/*
 * The spot that a STORE names: one that survey_find() finds, or, behind a row's
 * name and a colon, a directory such as it would be in. *ret has that one or none;
 * *ret_known: the row is known. Free with spots_done().
 */
bool survey_named(const struct survey *survey, const char *name, struct spots *ret, bool *ret_known,
		  struct err *err);

#endif
