/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* --user: what one user trusts beside the system, and whether it is in effect. */
#ifndef CMD_USER_H
#define CMD_USER_H

#include "cmd/change.h"
#include "stage/user.h"

/* The user's directories and what the system trusts; zeroed memory is none. */
struct user_own {
	struct user_home home;
	char *data, *config;
	struct store *system;
};

/* False: err says what is missing. */
bool user_find(struct run *run, struct user_own *ret, struct err *err);
void user_own_done(struct user_own *own);

/* Adds a sentence if the variables are not in this process's environment: until the next login they are not.
 */
void user_advice(const struct run *run, const struct user_own *own, struct texts *ret);

#endif
