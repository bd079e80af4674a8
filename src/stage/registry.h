/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The directories in which programs that run containers look for a registry's CAs:
 * certs.d/HOST[:PORT]/, one file for each CA, NAME.crt (dockerd(8),
 * containers-certs.d(5), containerd's docs/hosts.md). What lies beside them
 * (client certificates, keys, hosts.toml) is not touched.
 */
#ifndef STAGE_REGISTRY_H
#define STAGE_REGISTRY_H

#include <stdbool.h>

struct err;

struct registry {
	const char *name;      /* as in docker:HOST[:PORT], and in sites.conf */
	const char *directory; /* certs.d below /etc or $XDG_CONFIG_HOME */
	const char *used_by;
};

/* The row that `target` begins with, "docker:…"; or NULL. */
const struct registry *registry_of(const char *target);

/*
 * For struct target.path: the directory of "docker:HOST[:PORT]" in /etc, or in `config`, a user's
 * $XDG_CONFIG_HOME, unless that is NULL; of "docker:/PATH", as `stores` prints it, that directory, or
 * that of the file. NULL: the host is none. free() it.
 */
char *registry_path(const char *target, const char *config, struct err *err);

#endif
