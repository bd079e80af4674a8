/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The certificates of one file in the order in which they stand: what is given to
 * be verified. Every format is read. A file that holds nothing but certificates in
 * plain PEM, or one in DER, is read without making a store of it, as thousands of
 * targets have to be read in the time that their signatures take.
 */
#ifndef MEDIUM_CHAIN_H
#define MEDIUM_CHAIN_H

#include "base/arena.h"
#include "base/buf.h"

struct err;
struct root;
struct store;

struct chain_cert {
	struct bytes der;  /* not looked into */
	const char *where; /* "chain.pem:12"; any bytes */
};

struct chain {
	struct chain_cert *all; /* owned, as are all bytes */
	size_t count;
	struct store *store; /* what the file was read into if it is not plain; its notes tell what is odd */
	unsigned lost; /* the line where something stands before the first of them that was meant to be one,
			  and cannot be read; 0: nothing */
	struct arena arena;
	struct buf bytes, file;
};

/* False: it cannot be read, or holds no certificate; `err` leaves the path to the caller. "-": standard
 * input. Free with chain_done(), also after a failure. */
bool chain_read(const char *path, const struct root *root, struct chain *ret, struct err *err);

/* The same, in the memory of the last one. The chain was read before, or is zeroed. */
bool chain_read_next(const char *path, const struct root *root, struct chain *chain, struct err *err);
void chain_done(struct chain *chain);

#endif
