/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Systems whose sources are trust directories of p11-kit, and such a directory by
 * itself. What is to be trusted is worked out by p11-kit (stage/resulting.h); what
 * programs read is made of that.
 */
#ifndef STAGE_DIRECTORIES_H
#define STAGE_DIRECTORIES_H

#include <stdbool.h>

#include "stage/extract.h"

struct err;
struct requests;
struct root;
struct staged;
struct target;
struct terms;

enum { DIRECTORIES_MOST = 2 };

/* What leads programs to the outputs. A file in its place is told: nobody keeps it up to date. */
struct way {
	const char *path, *target;
	bool make; /* if there is nothing */
};

struct directories {
	const char *paths[DIRECTORIES_MOST]; /* the administrator's; the distribution's, or NULL */
	struct extract extract;
	const struct way *ways; /* ends with a row without a path; or NULL */
};

bool directories_are(const struct directories *directories, const struct root *root);

/* As struct stager's stage(). */
bool directories_stage(const struct directories *directories, const struct root *root,
		       const struct target *target, const struct requests *requests,
		       const struct terms *terms, struct staged *ret, struct err *err);

#endif
