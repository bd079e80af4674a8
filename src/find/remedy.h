/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Who does not see a store that was changed, because it has one of its own, and the one
 * line that mends it: a variable of the environment, as sites.conf(5) has them, or a command.
 * Made of spots alone; reads nothing.
 */
#ifndef FIND_REMEDY_H
#define FIND_REMEDY_H

#include <stdbool.h>
#include <stddef.h>

struct sites;
struct spot;
struct spots;

enum remedy_kind {
	REMEDY_VARIABLE, /* NAME=value, for the environment of the software */
	REMEDY_COMMAND,  /* to be run; what it changes is the software's own store */
};

struct remedy {
	char *software;          /* owned */
	const struct spot *spot; /* borrowed: what it reads now */
	char *line;              /* owned */
	enum remedy_kind kind;
	bool adds; /* to what it reads; else it reads that instead */
};

struct remedies {
	struct remedy *all; /* owned; moves as it grows */
	size_t count;
};

/*
 * For all software of a host whose store is neither the spot named `changed`, nor feeds it, nor is
 * fed with it. A variable leads to a file of those, so nothing is said where it already does.
 */
void remedies_for(const struct sites *sites, const struct spots *spots, const char *changed,
		  struct remedies *ret);

void remedies_done(struct remedies *remedies);

#endif
