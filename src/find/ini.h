/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * An INI file whose sections fill structs by tables of keys (inih). What is not
 * understood is an error that names file and line, never passed over.
 */
#ifndef FIND_INI_H
#define FIND_INI_H

#include <stddef.h>

#include "base/bytes.h"

struct err;

enum ini_kind {
	INI_TEXT,  /* char *: one value, the last */
	INI_LIST,  /* struct texts: a line is an element */
	INI_WORDS, /* struct texts: a word is an element */
	INI_ONE,   /* char *: one value, not empty; that it is given again is an error */
	INI_SOME,  /* struct texts: words, and no line without any */
};

struct ini_key {
	const char *name; /* NULL ends the table */
	enum ini_kind kind;
	size_t offset; /* of the member in the row */
};

/* The struct that a section fills, and its keys; NULL: there is no such section, and err says so. */
typedef void *ini_section(void *user, const char *name, const struct ini_key **ret_keys, struct err *err);

/* `name`: of the file, for errors; `page`: of the manual that has the keys. */
bool ini_read(struct bytes text, const char *name, const char *page, ini_section *section, void *user,
	      struct err *err);

#endif
