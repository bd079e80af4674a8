/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Environment variables that tell programs which CAs to trust. Most replace what a
 * program trusts, and are given a bundle with all; some add to it, and are given the
 * user's own alone. Pure: the environment is the caller's.
 */
#ifndef STAGE_VARIABLES_H
#define STAGE_VARIABLES_H

#include <stdbool.h>
#include <stddef.h>

struct buf;

enum variable_kind {
	VARIABLE_REPLACES, /* a file with all */
	VARIABLE_ADDS,     /* a file with one's own */
	VARIABLE_HIDES, /* a directory that is read beside the file; set only where something is forbidden */
};

struct variable {
	const char *name;
	enum variable_kind kind;
	const char *used_by;
};

extern const struct variable variables[]; /* ends with a row whose name is NULL */

struct settings {
	struct setting {
		const struct variable *row;
		char *value; /* owned: an absolute path */
	} * all;
	size_t count;
};

/* A kind whose path is NULL is left out. */
void settings_make(const char *all, const char *own, const char *directory, struct settings *ret);
void settings_done(struct settings *settings);

/* As environment.d(5) reads it, and as lines for a shell: export NAME='VALUE'. Appended. */
void settings_text(const struct settings *settings, struct buf *to);
void settings_shell(const struct settings *settings, struct buf *to);

/* A setting that an environment does not have. Both are borrowed. */
struct lack {
	const struct setting *setting;
	const char *has; /* NULL: it is not set */
};

/* `environment`: "NAME=value", ends with NULL. Yours to free(); settings->count at most. */
struct lack *settings_lacking(const struct settings *settings, char *const *environment, size_t *ret_count);

#endif
