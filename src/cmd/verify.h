/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The parts of `anchorage verify`: what was asked and what it is judged by
 * (verify_case.c), which targets (verify_targets.c), and many of them on all
 * processors (verify_bulk.c).
 */
#ifndef CMD_VERIFY_H
#define CMD_VERIFY_H

#include "base/arena.h"
#include "check/evidence.h"
#include "check/judge.h"
#include "check/question.h"
#include "cmd/cmd.h"
#include "medium/evidence.h"

struct chain;

struct verify_options {
	struct option_list stores, intermediates, crls, ocsp, with, without, policies;
	const char *purpose, *name;
	int revocation, max_depth;
	bool explicit_policy, inhibit_mapping, inhibit_any, strict, null, json_lines;
};

/* A store that targets are held against. */
struct verify_store {
	const char *name;    /* as typed */
	struct store *store; /* owned; NULL: it could not be read, which has been said */
	struct trust *trust; /* owned */
};

/* Everything but the targets, read once; owned, and borrowed by all judges. Zeroed memory is none. */
struct verify_case {
	struct question question;
	struct evidence evidence;
	struct verify_store *stores;
	size_t store_count;
	struct given *given; /* --intermediates */
	size_t given_count;
	bool incomplete; /* not all of a store could be read */
	struct evidence_files files;
	struct chain *chains; /* what `given` borrows */
	size_t chain_count;
	struct store **extra; /* --with */
	size_t extra_count;
	struct bytes *policies;
	struct arena arena;
};

/* False: it was said what is wrong. Free with verify_case_done(), also then. */
bool verify_case_read(struct run *run, const struct verify_options *options, struct verify_case *ret);
void verify_case_done(struct verify_case *it);

/* The files to be verified, in the order of the command line, directories opened. All owned. */
struct targets {
	struct target {
		char *path;
		bool listed; /* in a directory: if it has no certificate, nobody meant it */
		bool unseen; /* may be a directory: of many nobody asked yet */
	} * all;
	size_t count;
	bool incomplete; /* one could not be listed, which has been said */
};
bool targets_find(struct run *run, bool null, int argc, char **argv, struct targets *ret);
bool targets_add_directory(struct run *run, const char *path, struct targets *targets, struct err *err);
void targets_add_take(struct targets *targets, struct target target); /* its path */
void targets_done(struct targets *targets);

/* Judges and shows all, in order; what turns out to be a directory is opened. */
enum status verify_bulk(struct run *run, const struct verify_options *options, const struct verify_case *it,
			struct targets *targets);

#endif
