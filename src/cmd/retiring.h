/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Anchors that are trusted until a day, since another has taken their place:
 * `add NEW --replaces OLD --retire-on DAY` notes it, `apply` does it.
 */
#ifndef CMD_RETIRING_H
#define CMD_RETIRING_H

#include "cmd/certs.h"
#include "cmd/change.h"

/* Has it noted beside the history, together with the change that makes the new one an anchor. */
bool retiring_note(struct changing *changing, int64_t on, const struct anchor *old, const struct anchor *new,
		   struct err *err);

/*
 * What is due: requests to remove the old ones from the stores that they were noted for, if their successors
 * are trusted there now and valid; and the note goes. False: err says what is missing, or it has been said.
 */
bool retiring_request(struct changing *changing, struct certs *certs, struct err *err);

#endif
