/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What tests of files that are changed in place share. */
#ifndef UNIT_AMENDING_H
#define UNIT_AMENDING_H

#include "feed.h"
#include "model/request.h"

enum { NOW = 1795392000 };

void pem_of(const struct store *store, unsigned number, struct buf *to); /* appends its block */

/* One request; whether the file was changed. What is refused says why. */
bool amend(const struct format *format, struct bytes file, enum request_kind kind,
	   const struct anchor *anchor, const char *password, struct buf *to, struct err *err);

/* The same for what must be done, or be so already: then every byte stays. */
void amend_well(const struct format *format, struct bytes file, enum request_kind kind,
		const struct anchor *anchor, bool changes, struct buf *to);

#endif
