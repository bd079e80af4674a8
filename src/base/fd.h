/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Descriptors, whatever they are of. Where something fails, errno says why. */
#ifndef BASE_FD_H
#define BASE_FD_H

#include "base/bytes.h"

/* The same file from 3 on, where it is in no standard descriptor's place; the other is closed. -1: -1. */
int fd_above(int fd);

bool fd_write(int fd, struct bytes content); /* all of it */

/* A new file in the directory, readable by its owner. False: it may be there in part. */
bool fd_write_new(int directory, const char *name, struct bytes content);

#endif
