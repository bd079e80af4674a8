/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who goes on trusting what was removed or forbidden: other stores of the host, which are told to people. */
#ifndef CMD_OTHERS_H
#define CMD_OTHERS_H

#include "base/texts.h"
#include "cmd/change.h"

/*
 * Adds a sentence for each store that programs read and that trusts it, with the command that changes
 * it. `done`: the change is; else what it would change is left out. Reads all stores of the host;
 * those that cannot be read are passed over.
 */
void others_tell(const struct changing *changing, bool done, struct texts *ret);

#endif
