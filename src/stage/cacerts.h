/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * /etc/ssl/certs/java/cacerts, as Debian's ca-certificates-java keeps it: a JKS with an
 * entry "debian:<name of the link>" for each certificate of the system, and beside them
 * whatever else was put there. Those others stay, byte for byte, whatever they are.
 */
#ifndef STAGE_CACERTS_H
#define STAGE_CACERTS_H

#include <stdbool.h>

struct calinks;
struct err;
struct root;
struct staged;
struct terms;

#define CACERTS_PATH     "/etc/ssl/certs/java/cacerts"
#define CACERTS_SETTINGS "/etc/default/cacerts"

/* False: it is there and is no JKS that its password opens. */
bool cacerts_stage(const struct calinks *links, const struct root *root, const char *store,
		   const struct terms *terms, struct staged *to, struct err *err);

#endif
