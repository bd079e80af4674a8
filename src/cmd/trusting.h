/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An anchor as it is to be: a certificate as it was read, with the purposes, limits and dates that were
 * typed. */
#ifndef CMD_TRUSTING_H
#define CMD_TRUSTING_H

#include <stdint.h>

#include "cmd/cmd.h"

struct anchor;
struct store;

struct trusting {
	struct option_list purposes, dns, networks, mail; /* as of --purpose, --permit-dns ... */
	int64_t not_after;                                /* CLOCK_NONE: not given */
	const char *label;                                /* NULL: the file's own */
};

/* Adds it to `to`, which the caller finishes. False: a text is none of its kind (ERR_USAGE). */
bool trusting_add(const struct trusting *trusting, const struct anchor *read, struct store *to,
		  struct err *err);

/* Adds what speaks against the anchors of `wanted` to the warnings; the i-th came from sources[from[i]], or,
 * for SIZE_MAX, from a store of this host: then only what must be accepted by its name. */
struct changing;
struct origins {
	struct store *const *sources;
	const char *const *files; /* as typed; "-" is standard input */
	const size_t *from;
};
void trusting_warn(struct changing *changing, const struct store *wanted, const struct origins *origins);

/* Of whole lists, from the first-th request on: only what must be accepted by its name. */
struct requests;
void trusting_warn_named(struct changing *changing, const struct requests *requests, size_t first,
			 const struct store *source, const char *file);

#endif
