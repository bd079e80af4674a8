/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads the table of Mozilla's roots (check/roots.h) that comes with the program. */
#ifndef CMD_ROOTS_H
#define CMD_ROOTS_H

#include <stdbool.h>

struct err;
struct roots;
struct store;

/*
 * The one that is installed or lies in the build tree. Where none of the certificates of `about` is in it,
 * it is left unread, and *ret has no rows; NULL: it is read. Free with roots_done(), also after a failure.
 */
bool roots_load(const struct store *about, struct roots *ret, struct err *err);

#endif
