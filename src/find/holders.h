/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which running processes still have what stood in a store before it was changed. Sure
 * is one that has the old file open or mapped; most programs read a store when they
 * start and close it, so that one that was started before the change and has a library
 * by which stores are read may have it in memory. One that sees another file under the
 * store's path, as in a container, is not meant.
 *
 * Of the host only. A process that ends meanwhile is passed over; one that may not be
 * looked into is counted. Programs with such a library inside, as those in Go, are not found.
 */
#ifndef FIND_HOLDERS_H
#define FIND_HOLDERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

/* A file as it was before the change; 0, 0: its number is not known, and the path alone counts. */
struct held {
	const char *path; /* absolute, as programs open it; with a slash */
	uint64_t device, inode;
};

struct holders_question {
	const char *proc; /* "/proc"; tests have another */
	const struct held *stores;
	size_t count;
	int64_t changed; /* when the change was done */
	int self;        /* this process, which is not told; 0: none */
};

enum hold { HOLD_SURE, HOLD_MAY };

struct holder {
	int pid;
	char *name;    /* owned; any bytes */
	char *unit;    /* owned or NULL: the service of systemd that it belongs to */
	char *command; /* owned or NULL: how that service is restarted; NULL: see pid and name */
	enum hold hold;
	char *why;  /* owned: a clause: "has /etc/ssl/certs/ca-certificates.crt open, as it was before" */
	bool again; /* the one before it is of the same service, whose sure ones come first */
};

struct holders {
	struct holder *all; /* owned; sure ones first, those of one service together */
	size_t count;
	unsigned unread;    /* processes that may not be looked into: more is known as root */
	unsigned elsewhere; /* that see another file under every store's path */
	bool cut;           /* there are more than LIMIT_PROCESSES, or one has more than LIMIT_MAPS */
};

/* False: `proc` is not there. Free with holders_done(). */
bool holders_find(const struct holders_question *question, struct holders *ret, struct err *err);
void holders_done(struct holders *holders);

#endif
