/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A list of strings that owns them, in the order in which they came. */
#ifndef BASE_TEXTS_H
#define BASE_TEXTS_H

#include <stdbool.h>
#include <stddef.h>

struct texts {
	char **all; /* owned, as each string */
	size_t count;
};

void texts_add(struct texts *texts, const char *text); /* a copy */
void texts_take(struct texts *texts, char *text);      /* the string itself */
bool texts_have(const struct texts *texts, const char *text);
void texts_add_new(struct texts *texts, const char *text); /* unless it is there */
void texts_sort(struct texts *texts);                      /* by bytes */
void texts_done(struct texts *texts);

#endif
