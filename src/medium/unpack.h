/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One pass over an archive and all archives in it, in a helper process, which
 * says over a pipe what is there, with the content of what is wanted. A process
 * of its own, since libarchive has had its share of memory errors and is given
 * bytes of strangers by root: it is sealed (medium/seal.h) and has limits. It costs a
 * fork, 0.2 ms; and libarchive, which brings libxml2 and ICU along, is
 * loaded there and by nobody else. Its answer is input like any other.
 *
 * Each archive is a unit: 0 is what was given, the others stand in one another.
 * What layers and links mean, and what hides what, is not its business.
 *
 *   record ::= u8 type, be32 unit, be64 number, be32 length of path, be32 length of text, path, text
 */
#ifndef MEDIUM_UNPACK_H
#define MEDIUM_UNPACK_H

#include "base/buf.h"

struct image_want;

enum unpack_type {
	UNPACK_OTHER = 1, /* path: a regular file that is not wanted */
	UNPACK_ODD,       /* path: neither file, directory nor link */
	UNPACK_DIRECTORY, /* path; number 1: it is wanted */
	UNPACK_LINK,      /* path; text: where a symbolic link points to */
	UNPACK_HARD,      /* path; text: the path of which it is another name */
	UNPACK_FILE,      /* path: a file that is wanted; what follows is its content */
	UNPACK_DATA,      /* text: bytes of it; number: where */
	UNPACK_FILE_END,  /* number: its size */
	UNPACK_UNIT,      /* path: a regular file, an archive which is unit `number` from now on */
	UNPACK_NOTE,      /* number: an enum note_level; path: what it is about, from the top, or empty */
	UNPACK_ALIVE,     /* it goes on; number: bytes that have come out. Once a second */
	UNPACK_STOP,      /* number: an enum err_code; text: why it goes no further */
	UNPACK_ELSEWHERE, /* process `number` says what comes next, see unpack_share.h */
	UNPACK_BACK,      /* and has said it; number: as of UNPACK_ALIVE */
	UNPACK_END,       /* all was told; number: as of UNPACK_ALIVE */
	UNPACK_TYPES,
};

enum { UNPACK_HEAD = 21, UNPACK_MOST = 1 << 20 }; /* bytes before the path; path and text together */

struct unpack_record {
	enum unpack_type type;
	uint32_t unit;
	uint64_t number;
	struct bytes path, text;
};

/* What is to be read: one archive, or files that are taken for those of one. */
struct unpack_input {
	int fd;     /* from 3 on */
	char *path; /* "/blobs/sha256/…"; NULL: it is the archive */
};

struct unpack_job {
	const struct unpack_input *inputs; /* borrowed */
	size_t count;
	const struct image_want *want;
	unsigned share, shares; /* which of the processes that do it together this is; 0: it is alone */
};

void unpack_run(const void *job_of, int out); /* in the helper, of a struct unpack_job */

enum unpack_got { UNPACK_GOT, UNPACK_SHORT, UNPACK_BAD };

/* The record at *at, which is moved behind it. */
enum unpack_got unpack_next(struct bytes all, size_t *at, struct unpack_record *ret);

#endif
