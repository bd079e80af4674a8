/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What stands in /etc/ssl/certs for the sources (stage/cafiles.h): a link for each file
 * that counts, under the name that the distribution's script gives it, and for each
 * certificate one file that holds just it, as OpenSSL's hash links need:
 *
 *	Corp.pem -> /usr/local/share/ca-certificates/Corp.crt
 *	Corp.3f02a1b94c5d6e70.pem    where two files have one name, the link of the other;
 *	                             where a file is not plain, a copy of a certificate in it
 *
 * The second kind has half of the SHA-256 of the certificate in its name, so that it
 * is the same each time, and a copy says in its first line that it is ours. What was not made
 * of these sources is not touched.
 */
#ifndef STAGE_CALINKS_H
#define STAGE_CALINKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct anchor;
struct cafile;
struct cafiles;
struct edits;
struct err;
struct root;
struct texts;

struct calink {
	char *name;                /* owned; in CA_CERTS */
	const struct cafile *file; /* borrowed */
	const struct anchor
		*anchor; /* the one certificate that it holds; NULL: it is of several, or no PEM */
	bool copy;       /* a file, and no link */
	bool theirs;     /* somebody's own file that holds the same: it stays */
	bool again;      /* an earlier one holds the same certificate */
};

/* What is in the directory now. */
struct present {
	char *name, *target; /* owned; target NULL: no symbolic link */
};

struct calinks {
	struct calink *all; /* in the order of the sources */
	size_t count;
	const struct calink **by_name; /* sorted */
	struct present *present;       /* sorted by name */
	size_t present_count;
};

bool calinks_plan(const struct cafiles *files, const struct root *root, struct calinks *ret,
		  struct texts *notes, struct err *err);
void calinks_done(struct calinks *links);

const struct calink *calinks_find(const struct calinks *links, const char *name); /* or NULL */
/* What a link that is there leads to, if that is one of these; or NULL. */
const struct calink *calinks_led(const struct calinks *links, const struct present *present);
const struct present *calinks_present(const struct calinks *links, const char *name); /* or NULL */

/* Whether it is a link into the sources, or a copy of ours: generated, and removed where it is not wanted. */
bool calinks_ours(const struct root *root, const struct present *present);

/* Whether the link is there and leads to its source, however it is spelled. */
bool calink_stands(const struct calinks *links, const struct calink *link);

/* Whether the file of this name holds this certificate and no other. */
bool calinks_hold(const struct root *root, const char *name, const struct anchor *anchor);

/* The edits of links and copies, but for hash links. Links that lead nowhere go with a note: nobody asked. */
bool calinks_stage(const struct calinks *links, const struct root *root, const char *store, struct edits *to,
		   struct texts *notes, struct err *err);

/* OpenSSL's hash links; in stage/hashlinks.c. Those to files of others stay. */
bool hashlinks_stage(const struct calinks *links, const struct root *root, const char *store,
		     struct edits *to, struct err *err);
/* The first of those that are there which is not of ours, stays, and leads to this certificate; or NULL. */
const struct present *hashlinks_foreign(const struct calinks *links, const struct root *root,
					const struct anchor *anchor);
/* Whether one of those that are there leads to the certificate of this link; true where it can have none. */
bool hashlinks_lead(const struct calinks *links, const struct calink *link);

#endif
