/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a newer list would change in a store, and why: reviewed before it is a plan. */
#ifndef SHOW_REFRESH_H
#define SHOW_REFRESH_H

#include <stddef.h>

struct json_object;
struct refresh;
struct show;

struct reviewed {
	const char *store, *source;
	const char *was, *is; /* editions; NULL: not known */
	const struct refresh *refresh;
};

void show_refresh(struct show *show, const struct reviewed *reviewed); /* text only */

/* The array "reviews" of the object that a change shows. */
struct json_object *refresh_json(const struct reviewed *all, size_t count);

#endif
