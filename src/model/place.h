/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A place: what a store is called, where it is, and what kind of thing is there.
 * Data only; find/ makes places from what the user typed, medium/ reads them.
 */
#ifndef MODEL_PLACE_H
#define MODEL_PLACE_H

#include <stddef.h>

struct place {
	char *name;       /* owned; as the user would name it */
	const char *kind; /* a kind's name, borrowed from a table; NULL: recognise it from its bytes */
	char **paths;     /* owned; paths in the root, or one PKCS#11 URI, or "-" */
	size_t path_count;
	char *how; /* owned or NULL; said in the output: why this place is read this way */
};

/* Copies. The place starts without paths. */
void place_set(struct place *place, const char *name, const char *kind);
void place_add_path(struct place *place, const char *path);
void place_done(struct place *place);

#endif
