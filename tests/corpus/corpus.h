/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the corpus tests read: the third-party cases that unpack.sh finds, the
 * stores of this machine, and the fixtures beside this file. Files are visited in
 * the order of their names, so that two runs say the same. TAP is printed here.
 */
#ifndef CORPUS_CORPUS_H
#define CORPUS_CORPUS_H

#include "base/bytes.h"

struct corpus {
	char **dirs; /* owned */
	size_t count;
	char *missing; /* owned; why there are none, or NULL */
};

struct corpus corpus_find(void);
void corpus_done(struct corpus *corpus);

/* The directory of that name among them, or NULL. */
const char *corpus_named(const struct corpus *corpus, const char *name);

/* Where the machine keeps certificates in files, ends with NULL. Not all of them exist. */
extern const char *const machine_stores[];

typedef void visit_fn(const char *path, struct bytes file, void *data);

/* Every regular file below `path`, or `path` itself, links followed; nothing if it does not exist. */
void corpus_each(const char *path, visit_fn *visit, void *data);

/* Called with every byte string of a file that could be a certificate; the same one may come twice. */
typedef void found_fn(struct bytes der, void *data);
void corpus_harvest(struct bytes file, found_fn *found, void *data);

/* A set of SHA-256 digests. Starts zeroed. */
struct seen {
	uint8_t (*slots)[32];
	bool *used;
	size_t room, count;
};
bool seen_before(struct seen *seen, struct bytes bytes); /* and puts it in */
void seen_done(struct seen *seen);

/* "/path/of/fixtures/<name>", for free(). */
char *corpus_fixture(const char *name);

/* TAP: one line for each, tap_end() prints the plan; the status is what main() returns. */
bool tap(bool ok, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void tap_skip(const char *what, const char *reason);
void tap_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
int tap_end(void);

#endif
