/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From the STOREs on a command line to stores that were read, with their notes shown. */
#ifndef CMD_INPUT_H
#define CMD_INPUT_H

#include "cmd/cmd.h"
#include "model/pick.h"

struct store;

/*
 * NULL on failure, which has been said. Of an inventory of several stores it has
 * these as parts; "FILE!NAME" is one of them.
 */
struct store *input_store(struct run *run, const char *text);

/* The same, and nothing is said: neither that it cannot be read, nor its notes. */
struct store *input_quietly(const struct run *run, const char *text);

/* The same, and what is wrong is the caller's to say. */
struct store *input_read(const struct run *run, const char *text, struct err *err);

/* What a file of this name with these bytes, which must last, would hold; NULL: it is no store. */
struct store *input_bytes(const char *path, struct bytes content);

struct inputs {
	struct store **stores; /* one for each store, also of an inventory of several; owned by `read` */
	size_t count;
	struct store **read; /* owned */
	size_t read_count;
	char **failed; /* owned; what was said of each that could not be read */
	size_t failed_count;
	bool incomplete; /* a store could not be read, or not all of it */
};

/* Reads each STORE, or "system" if there is none; those that cannot be read are said and left out. */
void input_stores(struct run *run, int argc, char **argv, struct inputs *ret);
void inputs_done(struct inputs *inputs);

/* --purpose: a name of the table, "any", or a dotted OID, whose DER goes to *ret_oid. NULL text: any. */
bool input_purpose(const char *text, struct wanted *ret, struct buf *ret_oid, struct err *err);

/* The words of --filter and the purposes with names, for tables of options. */
const char *input_filter_word(unsigned n);
const char *input_purpose_word(unsigned n);

#endif
