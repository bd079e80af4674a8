/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/guess.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { SHORT = 3, LONG = 5, MOST = 24 };

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* The distance of Damerau and Levenshtein, with swaps of neighbours only. Both are at most MOST long. */
static size_t distance(const char *a, size_t n, const char *b, size_t m)
{
	size_t d[MOST + 1][MOST + 1];

	for (size_t i = 0; i <= n; i++)
		d[i][0] = i;
	for (size_t k = 0; k <= m; k++)
		d[0][k] = k;
	for (size_t i = 1; i <= n; i++)
		for (size_t k = 1; k <= m; k++) {
			d[i][k] = least(d[i - 1][k - 1] + (a[i - 1] != b[k - 1]),
					1 + least(d[i - 1][k], d[i][k - 1]));
			if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1])
				d[i][k] = least(d[i][k], d[i - 2][k - 2] + 1);
		}
	return d[n][m];
}

/* A beginning is no mistake: it counts more than any change, and the shortest word more than longer ones. */
static bool begins(const struct guess *guess, const char *candidate)
{
	return guess->len >= SHORT && strncmp(guess->typed, candidate, guess->len) == 0;
}

/* Of two letters both must be in it, in any order: else too much is near. */
static bool too_short(const struct guess *guess, const char *candidate)
{
	return guess->len < 2 || (guess->len < SHORT && (strchr(candidate, guess->typed[0]) == NULL ||
							 strchr(candidate, guess->typed[1]) == NULL));
}

static void take(struct guess *guess, const char *candidate, size_t changes)
{
	guess->best = candidate;
	guess->changes = changes;
}

void guess_offer(struct guess *guess, const char *candidate)
{
	size_t len = strlen(candidate), most = guess->len > LONG ? 2 : 1, changes;

	if (begins(guess, candidate)) {
		if (guess->best == NULL || guess->changes > 0 || len < strlen(guess->best))
			take(guess, candidate, 0);
		return;
	}
	if (too_short(guess, candidate) || guess->len > MOST || len > MOST)
		return;
	changes = distance(guess->typed, guess->len, candidate, len);
	if (changes <= most && (guess->best == NULL || changes < guess->changes))
		take(guess, candidate, changes);
}

void guess_translate(struct guess *guess, const struct guess_word *words, const char *candidate)
{
	for (size_t i = 0; words[i].theirs != NULL; i++)
		if (strlen(words[i].theirs) == guess->len &&
		    strncmp(words[i].theirs, guess->typed, guess->len) == 0 &&
		    strcmp(words[i].ours, candidate) == 0)
			take(guess, candidate, 0);
}

const char *guess_text(const struct guess *guess, const char *dashes, char room[GUESS_TEXT])
{
	room[0] = '\0';
	if (guess->best != NULL)
		snprintf(room, GUESS_TEXT, "; did you mean '%s%s'?", dashes, guess->best);
	return room;
}
