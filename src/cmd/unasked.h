/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Anchors that would go although no request is about them: what is generated is made again from its sources,
 * and these may have lost them since. Told with the plan; where it is much of a store, a warning.
 */
#ifndef CMD_UNASKED_H
#define CMD_UNASKED_H

struct changing;

/*
 * Of staged tasks: looks at the files that would be replaced, before and after. An undo is passed
 * over, and what is made of nothing but itself (`closed`).
 */
void unasked_find(struct changing *changing);

#endif
