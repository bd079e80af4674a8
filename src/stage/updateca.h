/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the programs called update-ca-certificates of Debian and Alpine have in common:
 * sources (stage/cafiles.h) to links (stage/calinks.h), hash links, a bundle, Java's key
 * store, and programs that are told. All is made here; neither program is run.
 *
 * A tree on which the distribution's program ended well stays as it is. What it leaves
 * wrong comes right: certificates renewed in place, removed, in DER, several in a
 * file, files of one name, and bytes in the bundle that are no certificate.
 */
#ifndef STAGE_UPDATECA_H
#define STAGE_UPDATECA_H

#include <stdbool.h>

struct cafamily;
struct err;
struct requests;
struct root;
struct staged;
struct target;
struct terms;

/* As struct stager's stage(). */
bool updateca_stage(const struct cafamily *family, const struct root *root, const struct target *target,
		    const struct requests *requests, const struct terms *terms, struct staged *ret,
		    struct err *err);

/* Whether such a program, or its configuration, is in the root. */
bool updateca_is_there(const struct root *root);

#endif
