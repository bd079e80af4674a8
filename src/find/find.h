/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * From what the user typed to places. A STORE is a place's name ("system", "mozilla"),
 * KIND:PATH, a bare path, a PKCS#11 URI, or "-". Nothing is read here; it is only
 * looked whether a path is there.
 */
#ifndef FIND_FIND_H
#define FIND_FIND_H

#include <stdbool.h>
#include <stddef.h>

struct err;
struct kind;
struct place;
struct root;
struct survey;

/*
 * The candidates for one STORE, best first: the first that is there is the one.
 * Only "system" has more than one, as hosts differ in where they keep it. `kinds`
 * tells which words may stand in front of a colon, by index, NULL behind the
 * last. Free with find_done().
 */
bool find_places(const char *text, const struct root *root, const struct kind *(*kinds)(unsigned),
		 struct place **ret, size_t *ret_count, struct err *err);

/* The same in a root whose environment and homes are given; names of stores are those of that survey. */
bool find_places_of(const struct survey *survey, const char *text, const struct kind *(*kinds)(unsigned),
		    struct place **ret, size_t *ret_count, struct err *err);
void find_done(struct place *places, size_t count);

/* The name of a place that is always known, by index; NULL behind the last. For completion. */
const char *find_name(unsigned index);

#endif
