/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Persistence files to try: everything they can say, and every fault that is known. */
#ifndef UNIT_PERSIST_CASES_H
#define UNIT_PERSIST_CASES_H

#include "base/buf.h"
#include "model/store.h"

struct make;

#define HEADER "[p11-kit-object-v1]\n"

/* An extKeyUsage for e-mail alone, as a value. */
#define EMAIL_USAGE "\"%30%16%06%03%55%1d%25%01%01%ff%04%0c%30%0a%06%08%2b%06%01%05%05%07%03%04\"\n"

/* A new anchor for everything. */
struct anchor *persist_add(struct store *store, const struct make *how, const char *label);

/* Everything that the format can say, once. */
struct store *persist_everything(void);

/* A file made of text, in which CERT and KEY stand for the PEM of the key 1, and OTHER for a key 2. */
void persist_expand(const char *text, struct buf *to);

/* A fault, what is said of it, and what p11-kit does: gives up the file, or all from the object on. */
struct fault {
	const char *text, *words;
	enum note_level level;
	bool refused, dropped;
	size_t count;
};
extern const struct fault faults[];
extern const size_t fault_count;

#endif
