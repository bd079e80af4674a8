/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What p11-kit's own trust module makes of a directory or file: the peer that
 * decides whether a persistence file is right. It runs in a child process, as it
 * keeps its state for good and stops the process for some inputs.
 */
#ifndef UNIT_MODULE_H
#define UNIT_MODULE_H

#include "base/buf.h"

/*
 * Appends lines, sorted:
 *
 *   cert <value or -> trusted=0 distrusted=1 policy=0 server=<date or -> email=<date or ->
 *        issuer=<hex> serial=<hex> key=<hex> label=<hex>                (one line)
 *   ext <oid> key=<hex> value=<hex>
 *   nss issuer=<hex> serial=<hex> server=<a number> email=<a number> code=<a number>
 *
 * False: it could not be loaded, or died.
 */
bool module_read(const char *path, struct buf *to);

/* What the module says of trust for a purpose on an nss line. */
#define MODULE_ANCHOR  "ce534352"
#define MODULE_UNKNOWN "ce534355"
#define MODULE_NOT     "ce53435a"

#endif
