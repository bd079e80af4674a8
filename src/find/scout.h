/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the parts of a survey share while it lasts. For find/ alone; survey.h is what others see. */
#ifndef FIND_SCOUT_H
#define FIND_SCOUT_H

#include "find/expand.h"
#include "find/sites.h"
#include "model/spot.h"

struct buf;
struct survey;

/* A directory that paths of a site are relative to, and what the user would call it. */
struct base {
	char *name, *dir;     /* owned */
	const char *unlisted; /* why its program does not use it, or NULL */
};

struct bases {
	struct base *all; /* owned */
	size_t count;
	bool known;
};

struct scout {
	const struct survey *survey; /* borrowed */
	const struct root *root;     /* the survey's */
	struct sites sites;
	struct texts homes, environment;
	char **variables; /* `environment` with a final NULL, owned */
	struct expand expand;
	struct bases *bases; /* one for each group, made when it is needed */
	struct spots *spots;
};

/* The directories of a group, each once. */
const struct bases *scout_bases(struct scout *scout, const struct group *group);
void scout_bases_at(struct scout *scout, const struct group *group, const char *base, struct bases *ret);
void bases_done(struct bases *bases);

/* What the environment and configuration files say, once all else is found. */
void scout_told(struct scout *scout);

/*
 * The spot of a file by `path`, made if it is none yet, else known by another name;
 * *ret_new: it was made. NULL: there is no such file or directory.
 */
struct spot *scout_spot(struct scout *scout, const char *name, const char *kind, const char *path,
			bool *ret_new);

/*
 * All of a small regular file that some user may have put there: nothing waits for
 * a pipe's other end, nor is more than LIMIT_CONFIG_SIZE taken. False: there is none.
 */
bool scout_read(const struct root *root, const char *path, struct buf *ret);

/* Whether what is written at all may be written by this process. */
bool scout_may_write(const struct scout *scout, const struct spot *spot);

#endif
