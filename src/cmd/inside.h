/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An archive or image as a root in which stores are found by the rows of sites.conf, as on a host. */
#ifndef CMD_INSIDE_H
#define CMD_INSIDE_H

#include "medium/image.h"

struct err;
struct run;
struct store;

/* What may be a store of it is there. Notes go to `notes`. Free with image_done(). */
bool inside_open(const struct run *run, const char *archive, struct store *notes, struct image *ret,
		 struct err *err);

/*
 * "ARCHIVE!NAME": the store that `stores ARCHIVE` lists by that name. `text` is the whole, as the
 * store is called. It is finished, and yours; NULL on failure.
 */
struct store *inside_store(const struct run *run, const char *text, const char *archive, const char *name,
			   struct err *err);

/* From now on a terminal shows how far the reading of images has come. `run` is borrowed for good. */
void inside_show_progress(const struct run *run);

#endif
