/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A request: what is to become true of one certificate in the stores concerned. A
 * wish, and no deed: stage/ makes edits of requests, change/ performs these.
 */
#ifndef MODEL_REQUEST_H
#define MODEL_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

struct anchor;

enum request_kind {
	REQUEST_TRUST, /* the store says of it what `anchor` says: purposes, constraints, dates; distrust goes
			*/
	REQUEST_REMOVE,   /* the store says nothing of it, or, where another's list has it, forbids it */
	REQUEST_DISTRUST, /* it is forbidden for all purposes; where a store cannot say so, it is absent */
	REQUEST_LIFT,     /* what forbids it is taken away; it is trusted again where a list has it */
	REQUEST_KINDS,
};
extern const char *const request_words[REQUEST_KINDS]; /* "trust", "remove", "distrust", "lift" */

struct request {
	enum request_kind kind;
	const struct anchor *anchor; /* borrowed; `names` may be without a certificate for the last three */
};

struct requests {
	struct request *all; /* owned; moves as it grows */
	size_t count;
};

/* Whether what the request names is this entry's certificate: by identity, issuer and serial number, or key.
 */
bool request_names(const struct request *request, const struct anchor *entry);

/* Whether the request at this index asks what one before it does. */
bool requests_repeat(const struct requests *requests, size_t index);

void requests_add(struct requests *requests, enum request_kind kind, const struct anchor *anchor);
void requests_join(struct requests *requests, const struct requests *more);
bool requests_about(const struct requests *requests,
		    const struct anchor *anchor); /* one is about this certificate */
void requests_done(struct requests *requests);

#endif
