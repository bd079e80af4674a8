/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What was changed in stores that belong to packages, whose next upgrade undoes it: kept
 * in a file of the state directory, so that `refresh` asks for it again. The file is
 * changed by an edit of the same change, and so journalled and undone with it.
 *
 *	file   ::= ( comment | empty | store record* )*
 *	store  ::= "store" KIND PATH
 *	record ::= ( "trust" | "remove" | "distrust" ) ( "sha256:" HEX | newline PEM block )
 *	           | "label" TEXT
 *
 * Blocks are OpenSSL's trusted certificates, which hold purposes. A file that is not so
 * is an error: nothing of it is passed over.
 */
#ifndef STAGE_OVERLAY_H
#define STAGE_OVERLAY_H

#include "model/request.h"

struct edits;
struct err;
struct root;
struct staged;
struct store;
struct target;

#define OVERLAY_NAME "overlays" /* in the state directory */

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

/* `state`: the state directory in the root. Without a file there is none. Free with overlays_done(). */
bool overlays_read(const struct root *root, const char *state, struct overlays *ret, struct err *err);
void overlays_done(struct overlays *overlays);

/*
 * Notes what staging made true in this store. What takes an earlier record back only ends
 * that, since the package's own store is then as it is wanted. False: the path has a
 * character that no line holds.
 */
bool overlay_record(struct overlays *overlays, const struct target *target, const struct requests *requests,
		    const struct staged *staged, struct err *err);

/* What to ask for again; borrows from the overlay. Free with requests_done(). */
void overlay_requests(const struct overlay *overlay, struct requests *ret);

/* The edit of the file, if it would change; without a record the file goes. */
bool overlays_put(const struct overlays *overlays, const struct root *root, const char *state,
		  struct edits *edits, struct err *err);

#endif
