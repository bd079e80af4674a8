/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What tests of archives and images share. */
#ifndef UNIT_IMAGES_H
#define UNIT_IMAGES_H

#include "base/root.h"
#include "feed.h"
#include "tarball.h"

/* A directory that is the root, and in it "tmp", in which nothing may be left. */
struct work {
	char *dir, *was; /* `was`: TMPDIR */
	struct root root;
};

int image_begin(void **state);
int image_end(void **state); /* fails if something was left behind */

void image_put(const struct work *work, const char *name, struct buf *content); /* and empties it */
void image_run(const struct work *work, const char *command);

/* Reads "/<what>", of a kind that is given or is not. */
struct store *image_read_kind(const struct work *work, const char *kind, const char *what, struct err *err);
struct store *image_read_well(const struct work *work, const char *what);

void image_refused(const struct work *work, const char *what, const char *words);

/* The names of all certificates are these: sorted, with a space behind each. */
void image_names_are(const struct store *store, const char *names);
void image_holds(const struct work *work, const char *what, const char *names);

/* Alder in a file of any name, Birch in a binary, Cedar as a bundle, Dogwood as DER, and what is none. */
void image_some(struct buf *to);

#endif
