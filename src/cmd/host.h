/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* All places of the root that a command runs in, found and, if asked for, read. */
#ifndef CMD_HOST_H
#define CMD_HOST_H

#include "cmd/cmd.h"
#include "model/spot.h"

struct host {
	struct spots spots;
	struct surveyed *all; /* one for each spot, by name; what it points to is the host's */
	size_t count;
	bool incomplete; /* a store could not be read, or not all of it */
};

/* Makes the directory `path` of the root the root. False: it cannot be, which has been said. */
bool host_enter(struct run *run, const char *path);

/* Where stores are. False: that could not be found out, which has been said. Free with host_done(). */
bool host_find(struct run *run, struct host *ret);

/* The files of an image are copies: when they were made, and whether they may be written, says nothing. */
void host_of_image(struct host *host);

/* And what is in them: files with equal contents are read once. */
void host_read(struct run *run, struct host *host);
void host_done(struct host *host);

#endif
