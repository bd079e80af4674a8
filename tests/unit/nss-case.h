/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* NSS databases for tests: made by certutil, changed by us, and seen by certutil. */
#ifndef UNIT_NSS_CASE_H
#define UNIT_NSS_CASE_H

#include "unit.h"

#include "base/err.h"
#include "model/store.h"
#include "stage/stager.h"

/* A certificate that is trusted for everything; its key is P-256. */
struct store *nss_make(const char *name, unsigned char serial, bool is_ca);

/* softokn and certutil; told aloud where they are not. */
bool nss_is_here(void);

#define NEEDS_NSS()                                                                                          \
	do {                                                                                                 \
		if (!nss_is_here())                                                                          \
			skip();                                                                              \
	} while (0)

/* A directory with an empty database in db/, and the password in a file; feed_remove() it. */
char *nss_database(const char *password);

/* What `certutil -L` shows of a nickname: "C,,", "" if it shows none. */
void nss_flags(const char *directory, const char *nickname, const char *want);

/* The edits for one request in db/. */
bool nss_stage_only(const char *directory, enum request_kind kind, const struct anchor *anchor,
		    const char *password, struct staged *ret, struct err *err);
void nss_perform(const struct edits *edits);

/* Stages, performs, and stages once more, which must find nothing to do. The number of edits. */
size_t nss_change_it(const char *directory, enum request_kind kind, const struct anchor *anchor,
		     enum outcome_kind outcome);

#endif
