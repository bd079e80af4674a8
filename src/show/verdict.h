/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What was found out about a target, for people or as JSON: the verdict, each
 * reason with its rule and what to do, and the path. One row is one target held
 * against one store; several rows of a target are a matrix.
 */
#ifndef SHOW_VERDICT_H
#define SHOW_VERDICT_H

#include <stdbool.h>
#include <stddef.h>

struct question;
struct show;
struct store;
struct verdict;

struct judged {
	const char *target; /* as typed */
	const char *store;  /* as typed */
	const struct question *question;
	bool purpose_given;
	const struct verdict *verdict; /* NULL: it could not be answered */
	const char *trouble;           /* why not */
	const struct store *notes;     /* what the reader saw in the target's file, for JSON; or NULL */
};

/* Before the first target, between two and behind the last: what frames them in JSON. `lines`: each is an
 * object and a line of its own. */
void show_verdicts_begin(struct show *show, bool lines);
void show_verdicts_next(struct show *show, bool lines);
void show_verdicts_end(struct show *show, bool lines);

/* One target against `count` stores. `brief`: one of many targets, in few lines. */
void show_verdict(struct show *show, const struct judged *rows, size_t count, bool brief, bool lines);

/* "server-auth", or the dotted OID; no escapes needed. */
void show_asked_purpose(struct show *show, const struct question *question);

/* Names of others for a reason: "X509_V_ERR_CERT_HAS_EXPIRED", or NULL; GnuTLS's in `room`, "" if none. */
const char *verdict_openssl(int number);
enum { VERDICT_GNUTLS = 256 };
void verdict_gnutls(unsigned bits, char room[VERDICT_GNUTLS]);

/* The rows of one target as JSON objects, parted by commas; in verdict_json.c. */
void show_verdict_json(struct show *show, const struct judged *rows, size_t count, bool lines);

/* The words of enum revocation_mode, _state and CRLReason. */
extern const char *const verdict_modes[], *const verdict_states[];
const char *verdict_crl_reason(int reason);

#endif
