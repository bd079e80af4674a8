/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A SQLite file that is replaced as a whole. That is right only while nobody has it
 * open: who has would go on with the old one. So its locks are taken as a writer takes
 * them, by https://www.sqlite.org/fileformat2.html and lockingv3.html, and a file
 * beside it that holds a part of it is an error.
 */
#ifndef CHANGE_DATABASE_H
#define CHANGE_DATABASE_H

#include <stdbool.h>

struct err;

/* A descriptor that holds the locks: close it. -1: somebody has it open; ERR_BUSY. */
int database_lock(int dir, const char *name, const char *path, struct err *err);

#endif
