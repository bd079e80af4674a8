/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The history of changes, one change, and what stands in the way of taking it back. */
#ifndef SHOW_HISTORY_H
#define SHOW_HISTORY_H

#include <stdbool.h>
#include <stddef.h>

struct entries;
struct entry;
struct show;
struct stand;
struct store;

/* The newest `most` of them, the newest first. `where`: the directory it is kept in. */
void show_history(struct show *show, const struct entries *entries, size_t most, const char *where);

/* One of them, with all that it touched; -v tells owner, mode and hash. */
void show_entry(struct show *show, const struct entry *entry);
void show_history_json(struct show *show, const struct entries *entries, size_t most,
		       const struct entry *one);

/* A path as it was before, as it was left, and as it is now; stores where it holds anchors, or NULL. */
struct versions {
	const char *path, *how; /* how: "was changed since" */
	unsigned later;         /* the entry of ours that did it; 0: none */
	const struct stand *stands[3];
	const struct store *stores[3];
};
void show_versions(struct show *show, const struct versions *versions); /* text only */

#endif
