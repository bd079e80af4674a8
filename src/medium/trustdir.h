/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A p11-kit trust directory as p11-kit reads it: every file in it, in anchors/
 * and in blocklist/ (blacklist/ before 0.24), and nothing deeper. p11-kit passes
 * over what it cannot read without a word, also where that forbids something:
 * so its files are listed here and held against those that made an object.
 */
#ifndef MEDIUM_TRUSTDIR_H
#define MEDIUM_TRUSTDIR_H

#include "base/bytes.h"

struct err;
struct root;
struct scratch;
struct store;

enum trust_part { TRUST_TOP, TRUST_ANCHORS, TRUST_BLOCKLIST, TRUST_BLACKLIST, TRUST_PARTS };
extern const char *const trust_parts[TRUST_PARTS]; /* the folder, "" for the top */

struct trust_file {
	char *name; /* below the directory: "anchors/x.pem" */
	char *why;  /* what p11-kit said of it, or NULL */
	enum trust_part part;
	bool told;           /* it made an object */
	bool blamed;         /* there is a note about it already */
	size_t certificates; /* that it made */
};

struct trustdir {
	const struct root *root; /* borrowed, as is the path */
	const char *path;
	struct trust_file *files; /* by name */
	size_t count;
	bool odd;   /* there are FIFOs or devices, which p11-kit would wait for */
	bool alone; /* `path` is a file, and all of it an anchor; its name here is "" */
};

/* Lists `path`, with notes on what is no file. False: it is no directory, or cannot be read. */
bool trustdir_scan(const struct root *root, const char *path, struct store *into, struct trustdir *ret,
		   struct err *err);
void trustdir_alone(const struct root *root, const char *path, struct trustdir *ret);
void trustdir_done(struct trustdir *dir);

char *trustdir_file(const struct trustdir *dir, const struct trust_file *file); /* its path; free() it */

/*
 * `count` of the files from `first` on in a private directory, under their names, so that
 * p11-kit reads what we opened inside the root, and no more than that: an absolute link in a
 * root would lead it to the host's file. What cannot be read is left out: it will be among
 * the files that made no object.
 */
bool trustdir_copy(const struct trustdir *dir, size_t first, size_t count, struct scratch *ret,
		   struct err *err);

/* The file `rest` ("/anchors/x.pem") made an object, which may be a certificate. */
void trustdir_tell(struct trustdir *dir, struct bytes rest, bool certificate);

/* Keeps a line that p11-kit printed for the report. False: it is about none of the files. */
bool trustdir_hear(struct trustdir *dir, struct bytes line);

/*
 * Notes on every file that has not been told of, and on every certificate in a
 * file that is not among the anchors of the store, which is not yet finished.
 */
void trustdir_report(const struct trustdir *dir, struct store *into);

#endif
