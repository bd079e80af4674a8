/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What staging one store came to: the edits that would make the requests true
 * there, what becomes of each request, and who reads what is written. Nothing has
 * been done yet. No edits: the store is as it should be.
 */
#ifndef MODEL_STAGED_H
#define MODEL_STAGED_H

#include "base/texts.h"
#include "model/edit.h"
#include "model/pick.h"

struct kind;

enum outcome_kind {
	OUTCOME_DONE,      /* the edits make it so */
	OUTCOME_ALREADY,   /* it is so */
	OUTCOME_ABSENT,    /* of a distrust: this store cannot forbid, and leaves it out */
	OUTCOME_FORBIDDEN, /* of a removal: it is in another's list, and is forbidden instead */
	OUTCOME_CANNOT,    /* not here; the text says why, and what to do */
	OUTCOME_KINDS,
};
extern const char *const outcome_words[OUTCOME_KINDS];

struct outcome {
	size_t request; /* its index */
	enum outcome_kind kind;
	char *text; /* owned or NULL: what people must know of it */
};

/* A file or directory of the store that programs read: what it cannot say is lost for them. */
struct output_file {
	char *path;              /* owned; in the root */
	const struct kind *kind; /* borrowed from a table */
	enum filter filter;      /* what of the store is in it; the rest of it is not lost there */
	struct wanted wanted;
};

struct staged {
	struct edits edits;
	struct outcome *outcomes; /* owned; one for each request at least */
	size_t outcome_count;
	struct output_file *files; /* owned; also those that do not change */
	size_t file_count;
	struct texts notes; /* odd things that were seen, each a sentence for people */
	char *declare; /* owned or NULL: the store is made from a configuration, and this is to be written
			  there */
};

void staged_outcome(struct staged *staged, size_t request, enum outcome_kind kind, const char *fmt, ...)
	__attribute__((format(printf, 4, 5))); /* "%s", "": no text */
/* With all that the store says in it; the row, to be narrowed before the next one is added. */
struct output_file *staged_file(struct staged *staged, const char *path, const struct kind *kind);
void staged_note(struct staged *staged, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void staged_done(struct staged *staged);

#endif
