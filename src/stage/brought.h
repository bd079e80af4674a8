/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What `refresh` brought to a store and took out of it, kept in a file beside the
 * history: by it the next refresh knows what is of a list and what people of this host
 * put there, and which edition the list was. A text; a line each, fields parted by
 * tabs, text as text_escape() has it:
 *
 *	list <TAB> publisher <TAB> edition <TAB> source
 *	+ <TAB> sha256 <TAB> name          it is there since a refresh
 *	- <TAB> sha256 <TAB> name          it is gone, or forbidden, since a refresh
 *
 * stager_brought changes it together with the store: its target's label is the first
 * line's fields, its requests are those of the store.
 */
#ifndef STAGE_BROUGHT_H
#define STAGE_BROUGHT_H

#include <stdbool.h>

struct err;
struct root;
struct stager;
struct store;

struct brought {
	char *publisher, *edition, *source; /* owned; NULL: there was no refresh */
	struct store *came, *went;          /* owned; fingerprints */
};

extern const struct stager stager_brought;

/* A file that is not there has nothing in it. Free with brought_done(). */
bool brought_read(const struct root *root, const char *path, struct brought *ret, struct err *err);
void brought_done(struct brought *brought);

#endif
