/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The sources of a system that is kept by a program of update-ca-certificates' family
 * (Debian, Ubuntu, Void, Gentoo; Alpine): the packaged certificates that
 * /etc/ca-certificates.conf lists, and the administrator's own. In memory they are
 * changed as requests ask; cafiles_stage() makes the edits of that.
 *
 * Files may hold anything: several certificates, DER, PKCS#7. "Plain" is one that all
 * readers read alike, as packages have them; only such a file goes into a bundle as it is.
 */
#ifndef STAGE_CAFILES_H
#define STAGE_CAFILES_H

#include "base/buf.h"
#include "base/texts.h"
#include "stage/certsconf.h"

struct anchor;
struct edits;
struct err;
struct request;
struct root;
struct store;

#define CA_CONF     "/etc/ca-certificates.conf"
#define CA_PACKAGED "/usr/share/ca-certificates"
#define CA_LOCAL    "/usr/local/share/ca-certificates"
#define CA_CERTS    "/etc/ssl/certs"
#define CA_BUNDLE   CA_CERTS "/ca-certificates.crt"
#define CA_HOOKS    "/etc/ca-certificates/update.d"

/* What the members of the family do each in their own way. */
struct cafamily {
	const char *prefix; /* of the links' names */
	const char *hook;   /* the one whose work is done here, and better */
	bool deep;          /* the local directory: *.crt, in all directories below; else each file in it */
	bool told;          /* hooks hear of what has changed */
	bool java;          /* the hook keeps Java's key store */
};

struct cafile {
	char *path;            /* owned; in the root */
	size_t line;           /* of the configuration; CAFILE_LOCAL: the administrator's */
	bool on;               /* it counts */
	bool plain;            /* one certificate, in PEM that all read alike */
	bool linked;           /* a directory on the way to it is a symbolic link */
	bool fresh, cut, gone; /* made, rewritten, removed by a request */
	struct buf file;       /* its bytes */
	size_t *certs;         /* owned; indexes of the store's anchors that count, in order */
	size_t count;
};
#define CAFILE_LOCAL SIZE_MAX

struct cafiles {
	const struct cafamily *family; /* borrowed */
	struct certsconf conf;
	struct cafile *all; /* packaged in the order of the configuration, then local by their paths */
	size_t count;
	struct store *store; /* never finished: an entry for each certificate that was read */
	struct texts notes;
};

/* False: something is there and cannot be read. Free with cafiles_done(). */
bool cafiles_read(const struct cafamily *family, const struct root *root, struct cafiles *ret,
		  struct err *err);
void cafiles_done(struct cafiles *files);

const struct anchor *cafile_anchor(const struct cafiles *files, const struct cafile *file, size_t index);
/* Whether one of its certificates is what the request names. */
bool cafile_concerns(const struct cafiles *files, const struct cafile *file, const struct request *request);

/* The name of its link without ".pem", as the scripts mangle it; free() it. */
char *cafile_stem(const struct cafamily *family, const struct cafile *file);

/* A new local file of this certificate. The path lives as long as the files. */
const char *cafiles_add(struct cafiles *files, const struct root *root, const struct anchor *anchor);
/* The file without what the request names; all else in it stays as it stands. */
void cafiles_cut(struct cafiles *files, struct cafile *file, const struct request *request);

/* The edits of the sources themselves. */
bool cafiles_stage(const struct cafiles *files, const struct root *root, const char *store, struct edits *to,
		   struct err *err);

#endif
