/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What all changing commands have in common: options, the stores that are meant, and
 * the way from requests to a changed host: stage, show, have accepted, lock, perform,
 * read back. A command says what is requested and what speaks against it.
 */
#ifndef CMD_CHANGE_H
#define CMD_CHANGE_H

#include "cmd/cmd.h"
#include "change/state.h"
#include "model/request.h"
#include "model/warning.h"
#include "show/change.h"
#include "stage/stager.h"

struct mine;

struct change_options {
	bool dry_run, check, yes, user, allow_empty;
	struct option_list to, accept;
	int lossy; /* enum change_lossy + 1; 0: not given */
	const char *password_file;
};

enum change_lossy { CHANGE_LOSSY_KEEP = 1, CHANGE_LOSSY_SKIP, CHANGE_LOSSY_FAIL };

const char *change_lossy_word(unsigned n);
const char *change_warning_word(unsigned n);

/* NOLINTBEGIN(bugprone-macro-parentheses): offsetof() takes no parentheses */
/* Rows of a table of options; `member` is the struct change_options in `type`. */
#define CHANGE_OPTIONS(type, member)                                                                         \
	{ "to",                                                                                              \
	  't',                                                                                               \
	  OPTION_LIST,                                                                                       \
	  offsetof(type, member.to),                                                                         \
	  "STORE",                                                                                           \
	  NULL,                                                                                              \
	  "the store that is changed; may be repeated (default: the system's, and all it feeds)" },          \
		{ "dry-run",                                                                                 \
		  'n',                                                                                       \
		  OPTION_FLAG,                                                                               \
		  offsetof(type, member.dry_run),                                                            \
		  NULL,                                                                                      \
		  NULL,                                                                                      \
		  "show what would be done, and do nothing" },                                               \
		{ "check",                                                                                   \
		  0,                                                                                         \
		  OPTION_FLAG,                                                                               \
		  offsetof(type, member.check),                                                              \
		  NULL,                                                                                      \
		  NULL,                                                                                      \
		  "as --dry-run, with status 1 if something would change" },                                 \
		{ "yes",                                                                                     \
		  'y',                                                                                       \
		  OPTION_FLAG,                                                                               \
		  offsetof(type, member.yes),                                                                \
		  NULL,                                                                                      \
		  NULL,                                                                                      \
		  "do not ask; accepts warnings up to medium" },                                             \
		{ "accept",                                                                                  \
		  0,                                                                                         \
		  OPTION_LIST,                                                                               \
		  offsetof(type, member.accept),                                                             \
		  "WARNING[,...]",                                                                           \
		  change_warning_word,                                                                       \
		  "accept these warnings, whatever their severity" },                                        \
		{ "on-lossy",                                                                                \
		  0,                                                                                         \
		  OPTION_CHOICE,                                                                             \
		  offsetof(type, member.lossy),                                                              \
		  "WHAT",                                                                                    \
		  change_lossy_word,                                                                         \
		  "where a store cannot say all that is asked: warn (default), keep, skip it, fail" },       \
		{ "password-file",                                                                           \
		  0,                                                                                         \
		  OPTION_TEXT,                                                                               \
		  offsetof(type, member.password_file),                                                      \
		  "FILE",                                                                                    \
		  NULL,                                                                                      \
		  "the password of the key stores or databases, in its first line" },                        \
		{ "allow-empty",                                                                             \
		  0,                                                                                         \
		  OPTION_FLAG,                                                                               \
		  offsetof(type, member.allow_empty),                                                        \
		  NULL,                                                                                      \
		  NULL,                                                                                      \
		  "a store may be left without any anchor" },                                                \
	{                                                                                                    \
		"user", 0, OPTION_FLAG, offsetof(type, member.user), NULL, NULL,                             \
			"what this user trusts, and not the system: needs no root"                           \
	}
/* NOLINTEND(bugprone-macro-parentheses) */

/* A change that is under way. Zeroed but for what the command fills in; change_done() frees it. */
struct changing {
	struct run *run;
	const struct change_options *options;
	struct requests requests;       /* by the command: of every store */
	struct warnings warnings;       /* by the command; those of the stores are added */
	const struct reviewed *reviews; /* by `refresh` */
	size_t review_count;
	struct texts facts;                /* by the command: sentences that belong to the plan */
	const struct option_list *against; /* by the command: of --check-against, for cost_weigh(); or NULL */
	char *summary;                     /* by the command, owned: the line of the history */
	unsigned undoes;                   /* by `undo`: the entry that is taken back */
	bool always;                       /* the plan is worth showing even if nothing is to be done */
	bool exact;   /* by `add`, `apply`: what is trusted for more than was asked is not as it should be */
	bool wider;   /* that is so somewhere */
	bool passing; /* by `refresh`: what belongs to software may go with its next upgrade */

	struct target *targets; /* parallel to tasks, whose requests are first those of this store alone */
	struct task *tasks;
	size_t count;
	char *password;
	struct mine *mine;     /* owned; of the target "user"; or NULL */
	struct store *revived; /* owned: what warnings are about that revived_find() added; or NULL */
};

/* Resolves --to, or takes the system's store. False: said. */
bool change_targets(struct changing *changing);

/* Adds one store by its name or path as on the command line. False: said. */
bool change_target(struct changing *changing, const char *text);

/* The index of a store that is concerned; one that was not yet is added. False: said. */
bool change_target_index(struct changing *changing, const char *text, size_t *ret);

/* The STORE that is read for what a target holds now, for input_store(); NULL: there is nothing yet. Yours.
 */
char *change_reads(const struct changing *changing, const struct target *target);

/* A file in which anchorage itself keeps something, changed with the stores. The texts are copied. */
void change_file(struct changing *changing, const struct stager *stager, const char *path, const char *line);

/* All the rest. The status is the command's. */
enum status change_perform(struct changing *changing);
void change_done(struct changing *changing);

#endif
