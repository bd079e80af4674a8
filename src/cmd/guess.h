/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a mistyped word was probably meant to be: a candidate that begins with it, or
 * the one with the fewest letters changed, added, left out or swapped, if those are
 * few; or what other programs call it.
 */
#ifndef CMD_GUESS_H
#define CMD_GUESS_H

#include <stddef.h>

struct guess {
	const char *typed;
	size_t len;
	const char *best; /* NULL: nothing is near; else one of those that were offered */
	size_t changes;
};

/* Begins with .typed and .len set and the rest zero. */
void guess_offer(struct guess *guess, const char *candidate);

/* What another program calls one of ours; ends with NULL. */
struct guess_word {
	const char *theirs, *ours;
};

/* Offers the candidate if `words` have what was typed for it. After the others are offered. */
void guess_translate(struct guess *guess, const struct guess_word *words, const char *candidate);

/* "; did you mean '--json'?" with the dashes in front of the best one, or "". */
enum { GUESS_TEXT = 96 };
const char *guess_text(const struct guess *guess, const char *dashes, char room[GUESS_TEXT]);

#endif
