/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What was changed in stores that belong to packages (stage/overlay.h), asked for again by `refresh`. */
#ifndef CMD_AGAIN_H
#define CMD_AGAIN_H

#include "cmd/change.h"
#include "stage/overlay.h"

struct again {
	struct overlays overlays; /* what the requests borrow */
};

/*
 * Adds to each store that is changed what was changed in it before; with `all` the
 * stores in which something was changed are changed, too. False: said. Free with
 * again_done(), after the change.
 */
bool again_request(struct changing *changing, bool all, struct again *ret);
void again_done(struct again *again);

const struct overlay *again_of(const struct again *again, const char *path); /* or NULL */

#endif
