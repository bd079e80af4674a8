/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A warning is a reason why a change may not be what is wanted: a code, how grave it
 * is, and a sentence about this certificate or store. What each code means is a row.
 */
#ifndef MODEL_WARNING_H
#define MODEL_WARNING_H

#include <stdbool.h>
#include <stddef.h>

struct anchor;

enum severity {
	SEVERITY_INFO,
	SEVERITY_LOW,
	SEVERITY_MEDIUM, /* --yes accepts up to this */
	SEVERITY_HIGH,
	SEVERITY_CRITICAL,
	SEVERITIES,
};
extern const char *const severity_words[SEVERITIES];

struct warning_row {
	const char *code; /* as in --accept=CODE */
	enum severity severity;
	bool by_name;      /* must be accepted by its own code, on a terminal too */
	const char *means; /* a sentence or two: why it matters, for the manual and -v */
};

struct warning {
	const struct warning_row *row; /* borrowed from a table */
	const struct anchor *anchor;   /* borrowed; NULL: about a store */
	char *text;                    /* owned: what was seen, with its values */
	char *advice;                  /* owned or NULL: what to do, a command where there is one */
};

struct warnings {
	struct warning *all; /* owned; moves as it grows */
	size_t count;
};

struct warning *warnings_add(struct warnings *warnings, const struct warning_row *row,
			     const struct anchor *anchor, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));                                   /* valid until the next */
bool warnings_have(const struct warnings *warnings, const struct warning *like); /* the same words */
void warnings_done(struct warnings *warnings);

#endif
