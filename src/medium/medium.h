/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where bytes live. medium_read() is the one way from a place to a store: it
 * opens what is there, inside the root, and has a format make sense of it.
 *
 * To add a medium: write medium/<name>.c with one `const struct medium`, name it
 * in medium/table.c. A medium reads; how its stores are changed is for stage/.
 */
#ifndef MEDIUM_MEDIUM_H
#define MEDIUM_MEDIUM_H

#include <stdbool.h>

#include "model/kind.h"

struct err;
struct place;
struct root;
struct store;

struct medium {
	struct kind kind;
	bool no_lines; /* it tells the file of an anchor and not the line: medium_read() looks */

	/*
	 * Fills `into`, which medium_read() finishes. False: nothing of the place
	 * could be read; what could be read in part is true with a NOTE_ERROR.
	 */
	bool (*read)(const struct place *place, const struct root *root, struct store *into, struct err *err);
};

extern const struct medium medium_dir, medium_hashdir, medium_image, medium_nss, medium_p11kit, medium_pkcs11,
	medium_policy;

/* All media that are a kind of their own, ends with NULL; a plain file has its format's kind. */
extern const struct medium *const media[];

/* The store, finished and yours; NULL on failure, with err naming the place. */
struct store *medium_read(const struct place *place, const struct root *root, struct err *err);

/* What a directory is read as, by the names in it: "nss", "p11-kit", "hashdir" or "dir". */
const char *medium_directory_kind(const char *path, const struct root *root);

/* A kind that may stand in KIND:PATH, by index; NULL behind the last. Formats and media. */
const struct kind *medium_kind(unsigned index);

#endif
