/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The same conclusions as JSON (json-c), one object per run; keys are a contract. */
#ifndef SHOW_JSON_H
#define SHOW_JSON_H

#include <stddef.h>

struct anchor;
struct diff;
struct listed;
struct losses;
struct pick;
struct show;
struct store;

void show_list_json(struct show *show, const struct listed *all, size_t count, char *const *failed,
		    size_t failed_count);
void show_diff_json(struct show *show, const struct store *before, const struct store *after,
		    const struct diff *diff);
void show_certificate_json(struct show *show, const struct anchor *anchor, const struct store *const *stores,
			   const struct anchor *const *in, size_t count);
void show_exported_json(struct show *show, const struct pick *pick, const struct losses *losses,
			const char *format, const char *to);

#endif
