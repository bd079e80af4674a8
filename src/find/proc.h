/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the files of a process in /proc say (proc(5), cgroups(7)): texts in, facts out; nothing is opened. */
#ifndef FIND_PROC_H
#define FIND_PROC_H

#include "base/bytes.h"

/* A line of maps. */
struct proc_map {
	uint64_t device, inode; /* device as makedev(3) */
	struct bytes path;      /* without " (deleted)"; empty: no file */
	bool deleted;
};

/* The next line that maps a file; *at starts at 0. False at the end. Lines that are none are passed over. */
bool proc_map_next(struct bytes maps, size_t *at, struct proc_map *ret);

/* Takes " (deleted)" off the end of a path, as maps and links of fd/ have it. */
bool proc_deleted(struct bytes *path);

/* Ticks from boot to the start of the process, of its stat. False: it is none. The name may hold any bytes.
 */
bool proc_start(struct bytes stat, uint64_t *ret_ticks);

/* Seconds since 1970 at which the host was started, of /proc/stat. */
bool proc_boot(struct bytes stat, int64_t *ret);

/* The service of a process by its cgroup. */
struct proc_unit {
	struct bytes name; /* "nginx.service"; empty: none */
	struct bytes user; /* number of the user whose manager it is of; empty: of the system's */
};
void proc_unit(struct bytes cgroup, struct proc_unit *ret);

/* The library by which a program reads trust stores, for people ("OpenSSL"), by its file; NULL: it is none.
 */
const char *proc_library(struct bytes path);

#endif
