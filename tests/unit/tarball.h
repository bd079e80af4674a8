/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Archives byte by byte, so that there may be in them what no program would write. */
#ifndef UNIT_TARBALL_H
#define UNIT_TARBALL_H

#include "base/buf.h"

enum { TAR_FILE = '0', TAR_HARD = '1', TAR_LINK = '2', TAR_DEVICE = '3', TAR_FOLDER = '5', TAR_FIFO = '6' };

/* An entry of a tar (POSIX ustar); `link` is NULL where there is none. Names up to 99 bytes. */
void tar_add(struct buf *to, const char *name, char type, const char *link, struct bytes content);
void tar_text(struct buf *to, const char *name, const char *text);
void tar_end(struct buf *to);

/* A PEM certificate of this name, with the key of this number. */
void tar_cert(struct buf *to, const char *name, const char *cn, unsigned key);

/* A file in the format of ar(1); begins the archive if `to` is empty. */
void ar_add(struct buf *to, const char *name, struct bytes content);

/* A file in the "newc" format of cpio(1); the name "TRAILER!!!" ends it. */
void cpio_add(struct buf *to, const char *name, struct bytes content);

/* PEM, appended. */
void pem_cert(struct buf *to, const char *cn, unsigned key);

#endif
