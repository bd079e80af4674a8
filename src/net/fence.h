/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A program that talks to strangers gives its rights away: of root it becomes
 * nobody; it gains none back; it reads what name resolution and TLS need and writes
 * no file (Landlock, where the kernel has it); it starts no program and no process,
 * takes no connections, and makes no sockets but those of the Internet and of the
 * name service (seccomp(2), on x86-64 and arm64). Elsewhere and under a sanitizer
 * there are the user and the limits alone.
 */
#ifndef NET_FENCE_H
#define NET_FENCE_H

#include <stdbool.h>

struct err;

/* Closes all descriptors from 3 on as well. False: root's rights could not be given away. */
bool fence_process(struct err *err);

/* Files on the disk can no longer be written, nor larger ones made: when memory files are in place. */
void fence_files(void);

#endif
