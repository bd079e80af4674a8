/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From what is requested of stores to what would be done to them, and what speaks against that. Writes
 * nothing. */
#ifndef CMD_STAGING_H
#define CMD_STAGING_H

#include "base/digest.h"
#include "cmd/change.h"

/*
 * Each store by itself; one that cannot be staged does not keep the others from it. With `round` those that
 * are skipped stay so.
 */
void staging_do(struct changing *changing, bool round);

/* Adds the warnings and sentences. False: a chain of --check-against cannot be read. */
bool staging_weigh(struct changing *changing, struct err *err);

/*
 * What is staged anew nobody has seen: what speaks against `staged`, and was not agreed to with the change
 * itself, must be accepted in advance.
 */
bool staging_passes(const struct changing *changing, const struct changing *staged, struct err *err);

/* Of all stores that change, in their order, programs last; the edits themselves stay where they are: free
 * ret->all alone. */
void staging_edits(const struct changing *changing, struct edits *ret);

void staging_id(const struct changing *changing, uint8_t ret[DIGEST_LEN]); /* whether it is still the same */
bool staging_changes(const struct changing *changing);                     /* anything */
size_t staging_failed(const struct changing *changing); /* of how many stores not all can be done */

#endif
