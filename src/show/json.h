/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The same conclusions as JSON (json-c), one object per run; keys are a contract. */
#ifndef SHOW_JSON_H
#define SHOW_JSON_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

struct anchor;
struct diff;
struct hosts;
struct listed;
struct losses;
struct pick;
struct show;
struct store;
struct scanned;
struct spot;
struct surveyed;

/* Of a command that came to no result; `error` may be NULL. */
void show_error_json(struct show *show, const char *error);

void show_list_json(struct show *show, const struct listed *all, size_t count, char *const *failed,
		    size_t failed_count);
void show_diff_json(struct show *show, const struct store *before, const struct store *after,
		    const struct diff *diff);
void show_hosts_json(struct show *show, const struct store *before, const struct store *after,
		     const struct hosts *hosts);
void show_certificate_json(struct show *show, const struct anchor *anchor, const struct store *const *stores,
			   const struct anchor *const *in, const struct anchor *const *issuer, size_t count);
void show_matrix_json(struct show *show, const struct anchor *anchor, const struct surveyed *all,
		      const struct anchor *const *in, const struct anchor *const *issuer, size_t count);
void show_stores_json(struct show *show, const struct surveyed *all, size_t count,
		      const struct scanned *scanned);

/*
 * The name for a table that says `file` in another column: if it is the name's end, only what is before, with
 * the colon. Borrows from the spot.
 */
struct bytes show_name(const struct spot *spot, const char *file);

/* What both views of a store of a host tell. */
const char *show_kind(const struct surveyed *one); /* "" if it is not known */
const char *
show_state(const struct anchor *in); /* "trusted", "distrusted", "present" or, for NULL, "absent" */
size_t show_trusted(const struct store *store); /* how many entries are anchors */
int64_t show_newest(const struct store *store); /* of all notBefore; CLOCK_NONE if there is none */

void show_exported_json(struct show *show, const struct pick *pick, const struct losses *losses,
			const char *format, const char *to);

#endif
