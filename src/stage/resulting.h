/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What p11-kit will say of trust directories once they are changed: where nothing
 * changes it is asked about them, else about a private copy with the changes made.
 * So no rule of p11-kit's has to be known here, and none can be got wrong.
 */
#ifndef STAGE_RESULTING_H
#define STAGE_RESULTING_H

#include <stddef.h>

struct err;
struct folder;
struct pick;
struct store;

/*
 * Finished and yours; NULL on failure. Files are named by where they are or will be.
 * A place that is read in part only is a failure: what is made of it would lack the rest.
 */
struct store *resulting_store(const struct folder *folders, size_t count, struct err *err);

/* In an order that does not depend on how a file system lists a directory: by file, as they stand in it. */
void resulting_sort(struct pick *pick);

#endif
