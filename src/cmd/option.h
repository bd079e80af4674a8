/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Options are rows of data, parsed in one place: --name, --name=VALUE, --name
 * VALUE, -n, -nVALUE, -n VALUE, letters joined, "--" ends them, operands may stand
 * between. Help and completion are made from the same rows.
 */
#ifndef CMD_OPTION_H
#define CMD_OPTION_H

#include <stdbool.h>
#include <stddef.h>

struct err;

enum option_kind {
	OPTION_FLAG,   /* bool: true */
	OPTION_COUNT,  /* int: how often it was given */
	OPTION_TEXT,   /* const char *: the last one given */
	OPTION_CHOICE, /* int: the index of the word in `words` */
	OPTION_TIME,   /* int64_t: clock_read() */
	OPTION_NUMBER, /* int: from 0 up */
	OPTION_LIST,   /* struct option_list: every one given */
};

/* The texts of a repeated option, in order; they are argv's. option_done() frees the array. */
struct option_list {
	const char **all;
	size_t count;
};

struct option {
	const char *name; /* NULL ends the table */
	char letter;      /* 0: none */
	enum option_kind kind;
	size_t offset;                    /* of the value in the struct that is filled */
	const char *arg;                  /* NULL for flags */
	const char *(*words)(unsigned n); /* of a choice: the n-th word, NULL behind the last */
	const char *help;
};

/* Where the values of a table go. */
struct option_set {
	const struct option *rows;
	void *values;
};

/*
 * Takes the options out of argv, which keeps the operands in order; *argc becomes
 * their number. With `stop` the first operand ends the options. False: ERR_USAGE,
 * of the first that is wrong; those that are right are taken all the same.
 */
bool option_parse(const struct option_set *sets, size_t set_count, bool stop, int *argc, char **argv,
		  struct err *err);

void option_done(const struct option_set *set); /* what the values own, also after a failure */

#endif
