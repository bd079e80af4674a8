/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Bytes into stores and back, and what every format has to hold. */
#ifndef UNIT_FEED_H
#define UNIT_FEED_H

#include "base/buf.h"
#include "base/err.h"
#include "model/pick.h"
#include "model/store.h"

struct format;

/* What a format makes of a copy that ends where it ends; the store is not finished. Never NULL. */
struct store *feed(const struct format *format, struct bytes file, struct err *err);

/* The same for a file that has to be readable. */
struct store *feed_well(const struct format *format, struct bytes file);

/* All anchors of a store as the format writes them, without comments, at 2026-11-23. */
void feed_write(const struct format *format, const struct store *store, struct buf *to);

/* That many certificates, "Root 1" and so on with the labels "root1" and so on, trusted for everything. */
struct store *feed_roots(unsigned count);

/* Fails unless both have the same anchors in the same order, in everything a format could say. */
void feed_same(const struct store *a, const struct store *b);
void feed_same_key(const struct anchor *a, const struct anchor *b); /* or neither has one */

bool feed_noted(const struct store *store, enum note_level level, const char *words);

/* Writes, reads back and compares. */
void feed_round(const struct format *format, const struct store *store);

/*
 * Cuts the file at every byte: no crash, and whoever returns fewer anchors says
 * so, unless `whole` tells that the file could have ended there.
 */
void feed_cut(const struct format *format, struct bytes file, bool (*whole)(struct bytes cut));

/* Runs a shell command: true if it exits with 0. What it prints is appended to `to` unless that is NULL. */
bool feed_run(struct buf *to, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Is p11-kit's trust module here? Where it is, nothing that it does is a reason to skip a test. */
bool feed_has_trust_module(void);

/* A new empty directory, removed by feed_remove(), which frees the name; and files for it. */
char *feed_directory(void);
void feed_remove(char *directory);
void feed_file(const char *directory, const char *name, struct bytes content);
void feed_load(const char *directory, const char *name, struct buf *to);

#endif
