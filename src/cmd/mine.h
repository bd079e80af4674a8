/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* --user: where this user's own things are, by the environment, and whether programs are led there. */
#ifndef CMD_MINE_H
#define CMD_MINE_H

#include "base/texts.h"
#include "stage/user.h"

struct err;
struct run;

struct mine {
	char *home, *data, *config; /* owned */
	struct store *system;       /* owned */
	struct user_home as;        /* of these */
};

/* Reads what the system trusts. Free with mine_free(). NULL: it is not known, or there is no $HOME. */
struct mine *mine_find(struct run *run, struct err *err);
void mine_free(struct mine *mine);

/* Sentences on what this environment lacks, and the line that mends it; nothing where nothing is kept. */
void mine_tell(const struct run *run, const struct mine *mine, struct texts *ret);

#endif
