/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A root with the system's store or others in it: files to stage from, staging, and edits done in the
 * plainest way. */
#ifndef UNIT_SYSTEM_H
#define UNIT_SYSTEM_H

#include "base/err.h"
#include "base/root.h"
#include "model/request.h"
#include "model/staged.h"
#include "model/store.h"
#include "stage/stager.h"

struct system {
	char *dir;
	struct root root;
	struct store *store;      /* of the requests */
	struct requests requests; /* what system_stage() asks; system_wish() adds */
	struct terms terms;
	struct staged staged; /* of the last system_stage() */
	struct err err;
};

/* For cmocka_unit_test_setup_teardown(). */
int system_begin(void **state);
int system_end(void **state);

/* Directories above are made; what is there is replaced, a link itself. */
void system_file(const struct system *system, const char *path, struct bytes content);
void system_text(const struct system *system, const char *path, const char *content);
void system_link(const struct system *system, const char *path, const char *target);

/* The certificate with this name and key, as PEM behind what is in the buffer. */
void system_pem(const char *name, unsigned key, struct buf *to);
void system_cert(const struct system *system, const char *path, const char *name, unsigned key);
const struct anchor *system_anchor(struct system *system, const char *name, unsigned key);

/* One request; those before are forgotten. The certificate is not moved until the next. */
void system_wish(struct system *system, enum request_kind kind, const char *name, unsigned key);

/* By this stager, or that of a kind of store, and the edits are done. False: system->err. */
bool system_stage(struct system *system, const struct stager *stager);
bool system_stage_store(struct system *system, const char *kind, const char *path);

bool system_has(const struct system *system, const char *path); /* also a link that leads nowhere */
bool system_leads(const struct system *system, const char *link, const char *target);
bool system_holds(const struct system *system, const char *path, const char *text);
unsigned system_count(const struct system *system, const char *path, const char *text);
bool system_notes(const struct system *system, const char *words);
enum outcome_kind system_outcome(const struct system *system); /* of the only request */

#endif
