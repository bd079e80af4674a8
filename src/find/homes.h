/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The homes of the users that a root's /etc/passwd knows (passwd(5)); no network is asked for more. */
#ifndef FIND_HOMES_H
#define FIND_HOMES_H

#include "base/texts.h"

struct root;

/* Homes that are directories, each once, without "/" and what is no home; `own` first unless NULL. */
void homes_find(const struct root *root, const char *own, bool everybody, struct texts *ret);

#endif
