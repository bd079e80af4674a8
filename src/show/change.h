/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A change as people and programs see it: who the certificates are, what speaks
 * against it, what would be done to which store, what a store cannot say, and how it
 * came out. Text is shown in steps, JSON once at the end.
 */
#ifndef SHOW_CHANGE_H
#define SHOW_CHANGE_H

#include <stdbool.h>
#include <stddef.h>

#include "model/request.h"
#include "model/staged.h"
#include "model/warning.h"

struct loss_row;
struct reviewed;
struct show;

/* One store that is concerned. */
struct task {
	const char *name, *brief; /* as `stores` prints it; how it is kept: "Debian's ca-certificates" */
	struct requests requests; /* owned: what is asked of this store */
	struct staged staged;
	char *failed; /* owned: why it could not be staged; NULL: it could */
	struct task_loss {
		const struct loss_row *row;
		const char *path; /* borrowed from staged.files */
		size_t count;     /* of certificates */
	} * losses;               /* owned */
	size_t loss_count;
	bool skipped; /* left out since it cannot say all (--on-lossy=skip) */
};

enum change_end {
	CHANGE_SHOWN,   /* a dry run */
	CHANGE_NOTHING, /* all is as it should be */
	CHANGE_REFUSED, /* a warning was not accepted, or the answer was no */
	CHANGE_DONE,
	CHANGE_FAILED, /* nothing was changed; with an id: it was, and is not as it should be */
};

struct changed {
	const struct warnings *warnings;
	const struct reviewed
		*reviews; /* of `refresh`: what newer lists say, which is shown already as text */
	size_t review_count;
	const struct texts *facts; /* further sentences for people: what would happen elsewhere */
	const struct task *tasks;
	size_t count;
	enum change_end end;
	unsigned id;                /* of the journal's entry; 0: none */
	const char *undo;           /* CHANGE_DONE: the command that takes it back, without the number */
	bool planned;               /* the plan was shown, also if there is nothing to do */
	bool program_failed;        /* one of the distribution's, which was to be told */
	const struct texts *said;   /* what programs of the distribution complained of; may be NULL */
	const char *error;          /* CHANGE_FAILED, CHANGE_REFUSED: why; or NULL */
	const struct texts *accept; /* codes that would have to be accepted */
	const struct texts *advice; /* who will not see it, who must be restarted: sentences; may be NULL */
};

/* Who it is: subject, fingerprint, key, dates, constraints; of an anchor with what the store is to attach. */
void show_subject(struct show *show, const struct anchor *anchor);

void show_warnings(struct show *show, const struct warnings *warnings);
void show_plan(struct show *show, const struct changed *changed);    /* text only */
void show_changed(struct show *show, const struct changed *changed); /* the end, and with --json everything */
void show_changed_json(struct show *show, const struct changed *changed);

bool task_changes(const struct task *task); /* it has edits, and is not left out */

#endif
