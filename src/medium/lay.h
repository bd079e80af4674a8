/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * From what was unpacked to a directory: what each archive's files are in the end,
 * and those of them that have content, with the links that lead to them, as files
 * and links. An archive in an archive is a directory "NAME!".
 */
#ifndef MEDIUM_LAY_H
#define MEDIUM_LAY_H

#include "medium/layers.h"

struct image;

/*
 * Lays all out in the directory `dir`, and says in `image` what there is. `name` is
 * what notes call the archive. `asked` is looked up: *ret_again is the path to ask
 * for where it leads to a file whose content is not there, owned by the caller, or
 * NULL. False: files cannot be made.
 */
bool lay_out(const struct unpacked *unpacked, const char *name, const char *asked, int dir,
	     struct store *notes, struct image *image, char **ret_again, struct err *err);

#endif
