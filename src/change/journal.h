/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The history of changes: one file an entry, a tar archive that holds in entry.json
 * what was done by whom and when, with owner, mode, times and extended attributes of
 * everything it touched, and the contents as they were before and after. An entry
 * needs nothing else to be taken back. It is written and synced before anything else is
 * written (prepared), and renamed when all is on the disk (done; untold until programs of
 * the distribution have heard of it), or taken back after a death (rolled-back):
 *
 *	journal/000007.prepared.tar → [000007.untold.tar →] 000007.tar, 000007.rolled-back.tar
 *
 * Archives are written and read by libarchive in the helper process; what is read is
 * input like any other.
 */
#ifndef CHANGE_JOURNAL_H
#define CHANGE_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/texts.h"
#include "model/edit.h"

struct err;
struct state;

enum entry_state {
	ENTRY_PREPARED, /* it was interrupted, or is being done: apply_recover() is next */
	ENTRY_UNTOLD, /* done, and not all programs of the distribution have heard of it: apply_catch_up() */
	ENTRY_DONE,
	ENTRY_UNDONE,      /* a later entry took it back */
	ENTRY_ROLLED_BACK, /* it was interrupted, and what it had done was taken back */
	ENTRY_STATES,
};
extern const char *const entry_words[ENTRY_STATES];

struct touched {
	enum edit_kind kind;
	char *path, *store;         /* owned; store may be NULL */
	struct stand before, after; /* contents only where the entry was read with them; mtime only before */
	bool database;
	struct buf input, undo; /* of EDIT_RUN */
};

struct entry {
	unsigned id; /* from 1 */
	enum entry_state state;
	char *command; /* "add", "undo", ... */
	char *summary; /* a line for people: "trust Corp Root (1a2b…) in system" */
	char *who;     /* the user, and who became root by sudo */
	int64_t at;
	unsigned undoes, undone_by; /* another entry's id; 0: none */
	struct touched *all;        /* in the order in which they were done */
	size_t count;
};

struct entries {
	struct entry *all; /* oldest first */
	size_t count;
	struct texts notes; /* of files there that are no entries, or cannot be read */
};

bool entry_stands(const struct entry *entry); /* what it did is in force */
bool journal_list(const struct state *state, struct entries *ret, struct err *err); /* without contents */
bool journal_read(const struct state *state, unsigned id, struct entry *ret, struct err *err); /* with them */
void entry_done(struct entry *entry);
void entries_done(struct entries *entries);

/*
 * The next id; the entry as prepared, synced. Its id is set. The contents are taken
 * from the stands.
 */
bool journal_prepare(struct state *state, struct entry *entry, struct err *err);

/* From the state that it has. Older entries go where there are more than LIMIT_HISTORY or LIMIT_HISTORY_SIZE.
 */
bool journal_finish(struct state *state, struct entry *entry, enum entry_state as, struct err *err);

/* Nothing was done: it goes. Also one that could not be finished. */
bool journal_drop(struct state *state, unsigned id, struct err *err);

/* The first entry in this state of its file; 0: none. What a killed run had begun to write goes. */
unsigned journal_first(const struct state *state, enum entry_state in);

#endif
