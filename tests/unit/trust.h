/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Trust directories made by the test that needs them, and what a medium makes of them. */
#ifndef UNIT_TRUST_H
#define UNIT_TRUST_H

#include "base/err.h"
#include "make.h"
#include "model/store.h"

/* A new directory with anchors/, blocklist/ and blacklist/; feed_remove() it. */
char *trust_directory(void);

void trust_folder(const char *directory, const char *name);
void trust_pem(const char *directory, const char *name, const struct make *how);
void trust_der(const char *directory, const char *name, const struct make *how);
void trust_text(const char *directory, const char *name, const char *text);

/* A medium's store, finished, of one path inside `root` (NULL: the host); NULL on failure. */
struct store *trust_read(const char *kind, const char *root, const char *path, struct err *err);

/* The same for what has to be readable. */
struct store *trust_read_well(const char *kind, const char *root, const char *path);

/* The anchor that is made by `how`; fails the test if it is not there. */
const struct anchor *trust_anchor(const struct store *store, const struct make *how);

/* Whether there is a note about a file whose path ends so; "" for one without a file. */
bool trust_noted(const struct store *store, enum note_level level, const char *file, const char *words);

unsigned trust_notes(const struct store *store, enum note_level level);

const char *trust_fake(void);    /* the path of fake-module.so */
bool trust_module_is_here(void); /* p11-kit's; told aloud where it is not */

#endif
