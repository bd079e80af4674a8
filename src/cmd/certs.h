/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The CERTs of `remove` and `distrust`: what of the stores that are changed, or of all stores here, is meant.
 */
#ifndef CMD_CERTS_H
#define CMD_CERTS_H

#include "cmd/change.h"
#include "cmd/host.h"

struct anchor;
struct store;

struct certs {
	struct store **read; /* owned: what the anchors are of */
	size_t read_count;
	struct host host; /* read if the stores that are changed do not have it */
	bool host_read, targets_read;
	bool absent_ok; /* what is in no store needs no request */
};

/*
 * Adds a request for each CERT: a file (each certificate in it), a fingerprint or words.
 * What means several certificates is an error, as is what means none. False: said.
 */
bool certs_request(struct changing *changing, enum request_kind kind, int argc, char **argv,
		   struct certs *ret);
/* The one certificate that is meant; *ret is NULL if it is nowhere and absent_ok. False: said. */
bool certs_find(struct changing *changing, const char *text, struct certs *certs, const struct anchor **ret);

/* Adds the request, unless it is there. False: said; another is about the same certificate, as a policy may
 * require and forbid it. */
bool certs_ask(struct changing *changing, enum request_kind kind, const struct anchor *anchor);

void certs_done(struct certs *certs);

#endif
