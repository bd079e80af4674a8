/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The textual wrapping of RFC 7468, read as leniently as the most lenient of
 * OpenSSL, GnuTLS and p11-kit: CRLF, CR alone, a byte order mark, BEGIN anywhere
 * on a line, missing final newline, blank lines and headers of RFC 1421, blocks
 * that are cut. Where one of the others would not read a block, `odd` says so.
 * Knows no certificates.
 */
#ifndef FORMAT_ARMOR_H
#define FORMAT_ARMOR_H

#include "base/bytes.h"

struct buf;

struct armor {
	struct bytes gap;  /* what stands between the block before and this one */
	struct bytes type; /* "CERTIFICATE" */
	struct bytes body; /* base64, without headers */
	size_t gap_at, at; /* offsets of the gap and of the BEGIN line */
	unsigned line;     /* of the BEGIN line, from 1 */
	bool cut;          /* there is no END line of this type before the next block or the end */
	const char *odd;   /* why some readers pass over the block or the file, for people; or NULL */
};

/* Where the reader is; starts as { .line = 1 }. */
struct armor_at {
	size_t pos, counted; /* `counted`: up to where lines were counted */
	unsigned line;
};

/* The next block. False: there is none, and ret->gap is what was left. */
bool armor_next(struct bytes file, struct armor_at *at, struct armor *ret);

/*
 * What stands in a gap as if a block had been damaged: an END line without its
 * BEGIN line, or, if the gap is the file's last, the start of a BEGIN line. A
 * clause for people and *ret_at, its offset in the gap; NULL: nothing of the kind.
 */
const char *armor_stray(struct bytes gap, bool last, size_t *ret_at);

/*
 * Appends the body's bytes to `to`. False if it is no base64: *ret_at is the
 * offset in the file of what was wrong.
 */
bool armor_decode(const struct armor *armor, struct buf *to, size_t *ret_at);

void armor_write(struct buf *to, const char *type, struct bytes body);

/*
 * "# label" on a line of its own, made safe for a line, behind an empty line if it
 * is not the first: what `trust extract --comment` writes.
 */
void armor_comment(struct buf *to, struct bytes label);

#endif
