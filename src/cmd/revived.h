/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Certificates that an undo, or what forbids them being lifted, makes trusted where they are not now, and
 * that `add` would have accepted by their name only: so do these.
 */
#ifndef CMD_REVIVED_H
#define CMD_REVIVED_H

struct changing;

/* Of staged tasks: looks at the files that would be written, before and after, and at what is lifted. */
void revived_find(struct changing *changing);

#endif
