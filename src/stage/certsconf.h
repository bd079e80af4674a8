/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * /etc/ca-certificates.conf, which says which of the packaged certificates count
 * (update-ca-certificates(8)): a path below /usr/share/ca-certificates on each line,
 * "!" in front of one that is deselected, "#" in front of a comment. Written back it is the
 * same bytes but for the "!" that were asked for.
 */
#ifndef STAGE_CERTSCONF_H
#define STAGE_CERTSCONF_H

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct err;
struct root;

struct certsconf_line {
	char *text;       /* owned; the line without its newline */
	const char *path; /* in `text`, up to its end or to white space; NULL: a comment or blank */
	size_t len;       /* of the path */
	bool off;         /* deselected */
};

struct certsconf {
	struct certsconf_line *lines;
	size_t count;
	bool there;   /* there is such a file */
	bool cut;     /* its last line has no newline */
	bool changed; /* by certsconf_switch() */
};

/* A missing file has no lines. Free with certsconf_done(). */
bool certsconf_read(const struct root *root, const char *path, struct certsconf *ret, struct err *err);
void certsconf_switch(struct certsconf *conf, size_t line, bool on);
void certsconf_write(const struct certsconf *conf, struct buf *to);
void certsconf_done(struct certsconf *conf);

#endif
