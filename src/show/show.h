/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Conclusions as text for people or JSON for programs: the only user of standard
 * output. Everything that came out of a certificate, a file name or a label goes
 * through put_escaped() or json; nothing else reaches a terminal.
 */
#ifndef SHOW_SHOW_H
#define SHOW_SHOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/buf.h"

struct anchor;
struct diff;
struct hosts;
struct losses;
struct pick;
struct spot;
struct store;
struct wanted;

struct show {
	FILE *to;         /* data; NULL: it stays in `out` */
	FILE *notes;      /* diagnostics */
	const char *name; /* of the command, for JSON */
	bool json, color, notes_color, quiet;
	int verbose;
	unsigned columns; /* of the terminal; 0: it is none, and nothing is cut */
	int64_t at;       /* the time by which dates are judged */
	struct buf out;   /* what is not yet written */
	bool begun;       /* something was written */
};

enum show_color { SHOW_COLOR_AUTO, SHOW_COLOR_ALWAYS, SHOW_COLOR_NEVER };

/* The two standard streams, no colour, no width yet. */
void show_begin(struct show *show);

/* Colours as asked for, or where there is a terminal and no NO_COLOR; the width of the terminal. */
void show_tune(struct show *show, enum show_color color);

/* "<who>: <text>", escaped, on the stream of diagnostics. */
void show_say(const struct show *show, const char *who, const char *text);

/* "<question> [y/N] ", escaped, on the stream of diagnostics; what was shown before stands above it. */
void show_ask(const struct show *show, const char *question);

/* Diagnostics that show_say() and show_notes() of another `show` have made already. */
void show_said(const struct show *show, const char *text, size_t len);

bool show_begun(const struct show *show); /* something was shown, written or not */

/* Writes what is buffered. False if standard output took not all of it; errno says why. */
bool show_flush(struct show *show);
void show_done(struct show *show);

/* A store with what was picked from it, and the purpose it was picked by. */
struct listed {
	const struct store *store;
	struct pick *pick;
	const struct wanted *wanted;
};

/* `failed`: what was said of stores that could not be read, for JSON. */
void show_list(struct show *show, const struct listed *all, size_t count, char *const *failed,
	       size_t failed_count);

/* What the readers saw, as diagnostics; with JSON they are part of the data instead. */
void show_notes(const struct show *show, const struct store *store);

void show_diff(struct show *show, const struct store *before, const struct store *after,
	       const struct diff *diff);

void show_hosts(struct show *show, const struct store *before, const struct store *after,
		const struct hosts *hosts);

/*
 * One certificate, and what each store says of it: `in` has an anchor or NULL for
 * each store, and so has `issuer`, for who signed it; NULL: nobody asked for that.
 */
void show_certificate(struct show *show, const struct anchor *anchor, const struct store *const *stores,
		      const struct anchor *const *in, const struct anchor *const *issuer, size_t count);

/* A place that was found, and what was read there. */
struct surveyed {
	const struct spot *spot;
	struct store *store; /* NULL: not read, and `failed` says why */
	char *failed;
	bool read;               /* it was tried */
	const struct spot *twin; /* an earlier one with equal bytes, from which the store borrows; or NULL */
};

/* The same of all the places of a host. */
void show_matrix(struct show *show, const struct anchor *anchor, const struct surveyed *all,
		 const struct anchor *const *in, const struct anchor *const *issuer, size_t count);

/* What a scan of all files found besides; borrowed. */
struct scanned {
	struct unclaimed {
		const char *path, *kind;
		size_t count; /* of certificates; 0: not counted */
	} * all;
	size_t count;
	uint64_t files, bytes, unread;
};

/* `scanned` NULL: there was no scan. `in`: what paths are inside of, a root or an image; NULL: the host. */
void show_stores(struct show *show, const struct surveyed *all, size_t count, const struct scanned *scanned,
		 const char *in);

/* One line on a terminal that takes the place of the former; nothing elsewhere. "" ends it. */
void show_progress(const struct show *show, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* One line for each of several anchors that a name could mean, as diagnostics. */
void show_candidate(const struct show *show, const struct anchor *anchor, const struct store *store);

/* What an export to `target` cannot say, as diagnostics. */
void show_losses(const struct show *show, const struct losses *losses, const char *target);

/* The result of an export to a file or directory; `to` NULL: nothing was written. */
void show_exported(struct show *show, const struct pick *pick, const struct losses *losses,
		   const char *format, const char *to);

/*
 * "anchor", "anchor; not email", "server-auth,email", "distrusted", "none"; the
 * dates, "server-auth until 2024-11-30" or "none"; and both, with "; constrained"
 * behind them if the store attached limits. No escapes needed.
 */
void show_purposes(const struct anchor *anchor, struct buf *to);
void show_dates(const struct anchor *anchor, struct buf *to);
void show_trust(const struct anchor *anchor, struct buf *to);

#endif
