/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Whether a file holds certificates, told from its bytes as they pass by, block by
 * block, and from its name where that is part of the format.
 */
#ifndef FIND_CONTENT_H
#define FIND_CONTENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The most that is kept of a block in front of the next. */
enum { CONTENT_KEPT = 64 };

struct content {
	const char *name; /* of the file, borrowed */
	const char *kind; /* NULL: nothing was found yet */
	size_t count;     /* of certificates in PEM */
	bool begun;
	bool program;  /* begins like an ELF file */
	uint64_t size; /* that the start of the file tells of it; 0: nothing */
};

void content_begin(struct content *content, const char *name);

/*
 * The next `len` bytes, which begin with what the call before kept. Moves what is to
 * be kept to the front, and returns how much that is.
 */
size_t content_look(struct content *content, uint8_t *block, size_t len);
void content_end(struct content *content, uint64_t size);

#endif
