/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Systems that are not changed in place: those made from a configuration (NixOS), and
 * places on file systems that nobody writes to. Nothing is edited there; what is to be
 * written into the configuration is told instead.
 */
#ifndef STAGE_DECLARED_H
#define STAGE_DECLARED_H

struct root;
struct staged;

/*
 * Looks whether all edits of `staged` could be made. If one lies where nothing can be
 * written, the edits go, each outcome that needed them becomes OUTCOME_CANNOT, and
 * `declare` tells what to do. The rights of this process do not matter.
 */
void declared_instead(const struct root *root, struct staged *staged);

#endif
