/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A p11-kit trust directory whose files may change before anything is written: each
 * file with its bytes and what our own formats find in it, and the requests made true
 * by putting, cutting and dropping files. What p11-kit makes of the result is asked
 * of p11-kit (stage/resulting.h); here is only what each file says by itself and by
 * the folder it is in.
 */
#ifndef STAGE_FOLDER_H
#define STAGE_FOLDER_H

#include "base/buf.h"
#include "medium/trustdir.h"

struct anchor;
struct err;
struct format;
struct root;
struct store;

struct folder_file {
	char *name;           /* below the folder: "anchors/x.pem" */
	enum trust_part part; /* where it is: what its entries mean */
	struct buf content;   /* as it is to be */
	struct store *store;  /* what is in `content`, unfinished: an entry said twice is there twice */
	const struct format *format; /* NULL: none of ours, nothing is in it */
	bool gone, changed;          /* against what is on the disk */
	bool fresh;                  /* it is not on the disk */
	unsigned turns;              /* how often it was put or cut */
};

struct folder {
	const struct root *root; /* borrowed, as is the path */
	const char *path;
	struct folder_file *all;
	size_t count;
	bool old; /* it has blacklist/ and no blocklist/: it is kept for a p11-kit before 0.24, which reads
		     that */
};

/* Where what is to be forbidden belongs. */
enum trust_part folder_forbidding(const struct folder *folder);

/* A directory that is not there has no files. */
bool folder_read(const struct root *root, const char *path, struct folder *ret, struct err *err);
void folder_done(struct folder *folder);

/* What an entry of the file means there, as `ret` with label and place taken off: purposes, limits, dates. */
void folder_meaning(const struct folder_file *file, const struct anchor *entry, struct anchor *ret);

/* A file under a name that is free, made of `stem` and `suffix`; its store is read back. Returns its name. */
const char *folder_put(struct folder *folder, enum trust_part part, const char *stem, const char *suffix,
		       const struct buf *content);

/*
 * Takes the entries for which `goes` says so out of the file, which goes itself if
 * nothing is left. False: the rest would not stay as it is.
 */
bool folder_cut(struct folder_file *file, bool (*goes)(const struct anchor *entry, const void *data),
		const void *data, struct err *err);

/* Whether p11-kit has to be asked about a copy. */
bool folder_changed(const struct folder *folder);

#endif
