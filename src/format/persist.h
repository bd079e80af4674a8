/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The lines of p11-kit's persistence format, and the objects they make up: a set
 * of PKCS#11 attributes each. What the attributes mean for trust is p11kit.c's
 * business. Everything p11-kit itself stumbles over is noted, and read on.
 */
#ifndef FORMAT_PERSIST_H
#define FORMAT_PERSIST_H

#include "base/arena.h"
#include "format/attribute.h"

struct buf;
struct store;

struct persist_object {
	size_t at;     /* of the section's header */
	unsigned line; /* from 1 */
	uint32_t has;  /* set of enum attribute_row */
	struct bytes value[ATTRIBUTE_ROWS];
};

struct persist_at {
	struct bytes file;
	struct store *notes; /* borrowed */
	size_t pos, header;  /* `header`: of the object that is being read */
	unsigned line, header_line;
	bool open, skip; /* inside a section, or inside one of an unknown name */
	bool endless;    /* there is no END line any more */
	bool refused;    /* p11-kit does not read this file as its own format */
	struct arena arena;
};

/* Whether a line of the file is the header of a section of ours. */
bool persist_begins(struct bytes file);

/* The next object, valid until the next call. False: there is none, and what `at` holds is freed. */
bool persist_next(struct persist_at *at, struct persist_object *ret);

bool persist_has(const struct persist_object *object, enum attribute_row attribute); /* and it is not empty */
bool persist_true(const struct persist_object *object, enum attribute_row attribute);
bool persist_number(const struct persist_object *object, enum attribute_row attribute, uint64_t *ret);

/* Writing: the header, behind an empty line if it is not the first, and lines of it. Values that are no
 * booleans are percent-encoded. */
void persist_write_object(struct buf *to);
void persist_write_true(struct buf *to, enum attribute_row attribute);
void persist_write_word(struct buf *to, enum attribute_row attribute, const char *word);
void persist_write(struct buf *to, enum attribute_row attribute, struct bytes value);

#endif
