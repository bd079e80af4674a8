/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/edition.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct span {
	const char *at, *end;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* "~" is before the end, letters before all else. */
static int weight(const struct span *span)
{
	char c = span->at < span->end ? *span->at : '\0';

	if (c == '\0' || is_digit(c))
		return 0;
	if (c == '~')
		return -1;
	if ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'))
		return c;
	return (unsigned char)c + 256;
}

static bool in_words(const struct span *span)
{
	return span->at < span->end && !is_digit(*span->at);
}

/* A number of any length, which the span is moved behind, without the zeros in front. */
static struct span number(struct span *span)
{
	struct span digits;

	while (span->at < span->end && *span->at == '0')
		span->at++;
	digits = *span;
	while (span->at < span->end && is_digit(*span->at))
		span->at++;
	digits.end = span->at;
	return digits;
}

static int compare_span(struct span a, struct span b)
{
	while (a.at < a.end || b.at < b.end) {
		struct span x, y;
		int c;

		while (in_words(&a) || in_words(&b)) {
			if (weight(&a) != weight(&b))
				return weight(&a) - weight(&b);
			a.at++;
			b.at++;
		}
		x = number(&a);
		y = number(&b);
		if (x.end - x.at != y.end - y.at)
			return x.end - x.at < y.end - y.at ? -1 : 1;
		c = x.end > x.at ? memcmp(x.at, y.at, (size_t)(x.end - x.at)) : 0;
		if (c != 0)
			return c;
	}
	return 0;
}

/* epoch ":" upstream "-" revision, of which the outer two may be absent. */
static void parts(const char *text, struct span ret[3])
{
	const char *colon = strchr(text, ':'), *dash, *end = text + strlen(text);

	ret[0] = (struct span){ text, colon != NULL ? colon : text };
	if (colon != NULL)
		text = colon + 1;
	dash = strrchr(text, '-');
	ret[1] = (struct span){ text, dash != NULL ? dash : end };
	ret[2] = (struct span){ dash != NULL ? dash + 1 : end, end };
}

int edition_compare(const char *a, const char *b)
{
	struct span x[3], y[3];
	int c = 0;

	parts(a, x);
	parts(b, y);
	for (int i = 0; i < 3 && c == 0; i++)
		c = compare_span(x[i], y[i]);
	return c;
}
