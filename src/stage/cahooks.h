/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What has changed in /etc/ssl/certs, and the programs in /etc/ca-certificates/update.d
 * that are to hear of it: a line for each file, "+path" or "-path", those that came first. A file
 * whose certificate is another one now came, too.
 */
#ifndef STAGE_CAHOOKS_H
#define STAGE_CAHOOKS_H

#include <stdbool.h>

struct cafiles;
struct calinks;
struct err;
struct root;
struct staged;
struct store;

/*
 * Adds an EDIT_RUN for each program, in the order and by the rule of names of run-parts(8). In
 * a tree none is run: a note names it. `before`: what the bundle held, sorted by store_by_id().
 */
bool cahooks_stage(const struct cafiles *files, const struct calinks *links, const struct store *before,
		   const struct root *root, struct staged *to, struct err *err);

#endif
