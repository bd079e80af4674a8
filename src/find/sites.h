/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The rows of sites.conf(5): which software keeps trust anchors where, and what
 * it makes of them. Data; looking for the files is survey.c's business. Rows are
 * an INI file, read with inih; a line that is not understood is an error that
 * names file and line, never passed over.
 */
#ifndef FIND_SITES_H
#define FIND_SITES_H

#include "base/texts.h"

struct bytes;
struct err;
struct root;

/* Directories that several sites have in common: each base with each tail. */
struct group {
	char *name;
	struct texts bases, tails; /* patterns */
	char *code;                /* what finds more of them, a name in survey.c; or NULL */
};

struct site {
	char *name;
	char *prefix; /* what stands before the colon in a STORE; NULL: the name */
	char *kind;   /* NULL: recognised */
	char *group;  /* whose directories the paths are relative to; NULL: paths are absolute or of a home */
	char *at;     /* "directory": the place is the directory of the file that was matched */
	char *source; /* "yes": programs read only what is made of it */
	char *besides; /* "yes": programs read it besides the system's store */
	char *owner, *write;
	struct texts paths, used_by, env, config, from, unless, decoys, notes;
};

struct sites {
	struct site *all; /* in the order of the files */
	size_t count;
	struct group *groups;
	size_t group_count;
};

/* Adds the rows of one file's text; `name` is what errors call it. A section that is known is added to. */
bool sites_read(struct bytes text, const char *name, struct sites *into, struct err *err);

/*
 * The file of the host `path`; NULL: the one that is installed or lies in the build
 * tree, then those of sites.d in the root.
 */
bool sites_load(const struct root *root, const char *path, struct sites *ret, struct err *err);

const struct group *sites_group(const struct sites *sites, const char *name); /* or NULL */
void sites_done(struct sites *sites);

#endif
