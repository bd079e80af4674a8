/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From a path inside an archive to a store: opens it, has what is there read, and tells where it was. */
#ifndef MEDIUM_IMAGE_READ_H
#define MEDIUM_IMAGE_READ_H

#include "medium/medium.h"

struct image;

/* As struct medium's read(), for a place whose kind may not be known. */
typedef bool image_reader(const struct place *place, const struct root *root, struct store *into,
			  struct err *err);

/*
 * `archive` is a path in the root, `inner` one in the archive; `place` tells the kind.
 * "/" and an archive in the archive are every certificate file in it.
 */
bool image_read_inside(const struct place *place, const char *archive, const char *inner,
		       const struct root *root, image_reader *reader, struct store *into, struct err *err);

/*
 * A place of an image that is open, as medium_read() would; paths that it tells begin with the
 * archive's. `notes` are those of image_open(); it takes what concerns the place.
 */
struct store *image_read_place(const struct image *image, const char *archive, const struct store *notes,
			       const struct place *place, struct err *err);

#endif
