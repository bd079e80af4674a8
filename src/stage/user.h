/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What one user trusts beside the system, without root:
 *
 *	DATA/anchorage/anchors/NAME.pem      own anchors: the source of all else
 *	DATA/anchorage/distrusted/NAME.pem   what is forbidden
 *	DATA/anchorage/ca-bundle.pem         the system's anchors for TLS servers, less the forbidden, and the
 *own DATA/anchorage/own.pem               the own alone, for variables that add
 *	CONFIG/environment.d/60-anchorage.conf  variables that lead programs there (stage/variables.h)
 *
 * and the user's NSS database, which Chromium reads. With the last anchor and the last
 * that is forbidden all these files go; the database stays.
 */
#ifndef STAGE_USER_H
#define STAGE_USER_H

#include <stdbool.h>

#include "stage/variables.h"

struct err;
struct root;
struct store;

/* All borrowed; paths absolute in the root. */
struct user_home {
	const char *home;           /* $HOME */
	const char *data;           /* $XDG_DATA_HOME, or HOME/.local/share */
	const char *config;         /* $XDG_CONFIG_HOME, or HOME/.config */
	const struct store *system; /* what the system trusts now; staging needs it */
};

/*
 * The variables that lead to what is kept now, for the check whether that is in effect: none where nothing
 * is kept.
 */
bool user_settings(const struct root *root, const struct user_home *home, struct settings *ret,
		   struct err *err);

char *user_variables_path(const struct user_home *home); /* the file of environment.d; yours */
char *user_nss_path(const struct root *root, const struct user_home *home); /* of the directory; yours */

#endif
