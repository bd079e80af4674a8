/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A directory in which each certificate has a file of its own, PEM, by names that
 * mean nothing: a file is known by what it holds. Files with another suffix are not
 * looked at. Nothing is written; edits are made.
 */
#ifndef STAGE_CERTDIR_H
#define STAGE_CERTDIR_H

#include "medium/listing.h"
#include "model/store.h"

struct edits;
struct err;
struct requests;
struct root;

struct certdir {
	const struct root *root; /* borrowed, as the next three */
	const char *path;
	const char *suffix; /* ".crt" */
	const char *store;  /* for people, or NULL */
	struct listing names;
	struct certdir_file {
		char *path;
		struct store *store;
	} * files; /* owned; in the order of their names */
	size_t count;
};

/* Fills in the rest of `dir`. A directory that is not there is empty; a file that is no PEM is an error. */
bool certdir_read(struct certdir *dir, struct err *err);
void certdir_done(struct certdir *dir);

const struct anchor *certdir_find(const struct certdir *dir, const uint8_t id[ID_LEN]); /* or NULL */

/* A new file, by the anchor's name behind `prefix` (NULL: none), and the directory where it is missing.
 * *ret_path is yours. */
bool certdir_add(const struct certdir *dir, const char *prefix, const struct anchor *anchor, int64_t at,
		 struct edits *edits, char **ret_path, struct err *err);

/* Takes out what the requests remove or distrust. A file of which nothing is left goes. */
bool certdir_drop(const struct certdir *dir, const struct requests *requests, int64_t at, struct edits *edits,
		  struct err *err);

#endif
