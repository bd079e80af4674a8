/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A spot is a place that was found on a host, with what is known of it before it
 * is read: who uses it, who owns it, whether it counts at all. One file is one
 * spot, by whatever names and links it is reached. find/ makes spots; what is in
 * them is a store's business.
 */
#ifndef MODEL_SPOT_H
#define MODEL_SPOT_H

#include "base/texts.h"
#include "model/place.h"

#include <stdint.h>

/* Whether programs read it. */
enum spot_state {
	SPOT_EFFECTIVE,
	SPOT_SHADOWED, /* something else is read in its stead */
	SPOT_DECOY,    /* its program was changed so that it never reads it */
	SPOT_SOURCE,   /* only what is made of it is read */
	SPOT_STATES,
};
extern const char *const spot_words[SPOT_STATES];

/* Another way to the same file: as a STORE and as a path. */
struct spot_alias {
	char *name, *path; /* owned; the name may be "" */
};

struct spot {
	struct place place; /* place.kind is NULL, or `kind` */
	char *site;         /* owned; the row of sites.conf by which it was found */
	char *kind;         /* owned or NULL */
	enum spot_state state;
	char *by; /* owned or NULL: what is read in its stead */
	struct spot_alias *aliases;
	size_t alias_count;
	struct texts feeds;   /* names of the spots that are made of it */
	struct texts used_by; /* software */
	struct texts notes;
	char *owner; /* owned or NULL: whose package it is */
	char *write; /* owned or NULL: how it may be changed, for people */
	bool writable;
	int64_t changed;        /* mtime; CLOCK_NONE where there is no file */
	uint64_t size;          /* of the file, in bytes */
	uint64_t device, inode; /* 0, 0: no file */
};

struct spots {
	struct spot *all; /* owned; moves as it grows */
	size_t count;
	bool cut; /* there are more than LIMIT_SPOTS */
};

struct spot *spots_add(struct spots *spots, const char *name, const char *kind); /* valid until the next */
void spot_alias(struct spot *spot, const char *name, const char *path);          /* unless it is known */
struct spot *spots_named(const struct spots *spots, const char *name); /* also by an alias; or NULL */
struct spot *spots_at(const struct spots *spots, uint64_t device, uint64_t inode); /* or NULL */
void spots_cut(struct spots *spots, size_t count); /* frees those behind the first `count` */
void spots_done(struct spots *spots);

#endif
