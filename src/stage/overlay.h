/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What was changed in a store that belongs to a package, whose next upgrade undoes it: kept in
 * a file of the state directory, one for each store, so that `refresh` asks for it again. A
 * stager keeps the file, which is changed, journalled and undone with the store.
 *
 *	file   ::= "store" KIND PATH, [ "label" TEXT ], record*      and comments, empty lines
 *	record ::= ( "trust" | "remove" | "distrust" ) ( "sha256:" HEX | newline PEM block )
 *
 * Blocks are OpenSSL's trusted certificates, which hold purposes. A file that is not so
 * is an error: nothing of it is passed over.
 */
#ifndef STAGE_OVERLAY_H
#define STAGE_OVERLAY_H

#include "model/request.h"

struct err;
struct root;
struct stager;
struct store;

#define OVERLAYS_NAME "overlays" /* in the state directory */

struct overlay {
	char *kind, *path; /* owned; of the store, as in struct target */
	char *label;       /* owned or NULL: prefix of names */
	struct record {
		enum request_kind kind;
		struct store *store; /* owned; its only entry is the request's anchor */
	} * all;
	size_t count;
};

struct overlays {
	struct overlay *all; /* owned; moves as it grows */
	size_t count;
};

/*
 * Stages what staging the requests in the store would make true there: target.path is
 * overlay_path()'s, target.label overlay_label()'s. What takes an earlier record back only
 * ends that, since the package's own store is then as it is wanted.
 */
extern const struct stager stager_overlay;

/* `state`: the state directory in the root. Both are yours. */
char *overlay_path(const char *state, const char *kind, const char *path);
char *overlay_label(const char *kind, const char *path, const char *label);

/* All of them, by the names of their files; without any there is none. Free with overlays_done(). */
bool overlays_read(const struct root *root, const char *state, struct overlays *ret, struct err *err);
void overlays_done(struct overlays *overlays);

/* What to ask for again; borrows from the overlay. Free with requests_done(). */
void overlay_requests(const struct overlay *overlay, struct requests *ret);

#endif
