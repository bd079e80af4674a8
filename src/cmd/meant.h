/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a CERT on the command line means: one certificate of some stores. */
#ifndef CMD_MEANT_H
#define CMD_MEANT_H

#include "cmd/cmd.h"

struct anchor;
struct match;
struct store;

/* The certificates a CERT could mean, each once. Zeroed memory is none. */
struct meant {
	struct candidate {
		const struct anchor *anchor;
		const struct store *store;
	} * all; /* owned */
	size_t count;
};

/* Adds those of the store; NULL match: all of them. */
void meant_find(struct meant *meant, const struct store *store, const struct match *match);
void meant_done(struct meant *meant);

/* A CERT is a file if one of that name is there, or if it is written like a path. */
bool meant_file(const struct run *run, const char *text);

/* Says that there are several, and which. */
enum status meant_ambiguous(const struct run *run, const char *text, bool file, const struct meant *meant);

/* What to say behind "no certificate like 'text'"; "" if there is nothing. */
const char *meant_hint(const char *text);

#endif
