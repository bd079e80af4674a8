/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The shapes a store can be exported to, and the edits that would make them. The
 * names are those of `trust extract` where it has them. Nothing is written here:
 * change/ performs the edits.
 */
#ifndef STAGE_OUTPUT_H
#define STAGE_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

struct anchor;
struct edits;
struct err;
struct kind;
struct pick;
struct root;
struct style;

enum layout {
	LAYOUT_FILE,      /* one file holds all */
	LAYOUT_DIRECTORY, /* a file for each certificate */
	LAYOUT_HASHED,    /* the same, with OpenSSL's hash links, new and old */
};

struct output {
	const char *name; /* as in --format=pem-bundle */
	const char *brief;
	const char *format; /* name of the format's kind */
	enum layout layout;
	const char *suffix; /* of the files in a directory */
	bool text;          /* may go to a terminal */
};

extern const struct output outputs[]; /* ends with a row whose name is NULL */

const struct output *output_named(const char *name);         /* or NULL */
const struct kind *output_kind(const struct output *output); /* what it can say */

/*
 * A file name for it without suffix, of so many bytes at the most: letters, digits, "-", "_" and "." of
 * its name, everything else as "_"; never empty, never hidden, never like an option. free() it.
 */
enum { OUTPUT_STEM = 200 }; /* leaves room for a suffix */
char *output_stem(const struct anchor *anchor, size_t most);

/*
 * The edits that make `output` of the picked anchors, with paths relative to the
 * target: one edit with an empty path for a file. What will be written has been
 * read back and holds exactly the certificates picked, or it is an error.
 */
bool output_stage(const struct output *output, const struct pick *pick, const struct style *style,
		  struct edits *ret, struct err *err);

/*
 * Adds the removal of what an export left in the directory `path` before and
 * `edits` does not replace: hash links, and files with the output's suffix that
 * hold certificates. Everything else there is left alone and counted.
 */
bool output_stage_stale(const struct output *output, const struct root *root, const char *path,
			struct edits *edits, unsigned *ret_foreign, struct err *err);

#endif
