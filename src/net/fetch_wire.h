/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What anchorage and the program that fetches for it say to each other over two
 * pipes. Both are installed together, so there is no version; but what fetches has
 * spoken with strangers, so nothing that it says is believed.
 *
 *   message ::= be32 length of the rest, u8 type, field*
 *   field   ::= u8 which, be32 length, bytes             each at most once
 *
 * One FETCH_ASK goes out; FETCH_DATA*, then FETCH_END or FETCH_FAIL come back.
 */
#ifndef NET_FETCH_WIRE_H
#define NET_FETCH_WIRE_H

#include "base/buf.h"

enum fetch_type {
	FETCH_ASK = 1,
	FETCH_DATA, /* BYTES: the next of the body */
	FETCH_END,  /* STATUS, URL (the last one), SIZE: all of the body was told */
	FETCH_FAIL, /* CODE (an enum fetch_failure), TEXT */
	FETCH_TYPES,
};

enum fetch_field {
	FETCH_URL,
	FETCH_AUTHORITIES, /* PEM: who may sign the server's certificate */
	FETCH_PLAIN,       /* present: http is allowed, too */
	FETCH_MOST,        /* bytes of the body */
	FETCH_TOTAL_MS,
	FETCH_CONNECT_MS,
	FETCH_SLOW_BYTES, /* in each second, on the average of the next */
	FETCH_SLOW_SECONDS,
	FETCH_REDIRECTS,
	FETCH_BYTES,
	FETCH_STATUS,
	FETCH_SIZE,
	FETCH_CODE,
	FETCH_TEXT,
	FETCH_FIELDS,
};

/* What went wrong, for what to do next. */
enum fetch_failure {
	FETCH_OTHER,
	FETCH_BAD_URL,    /* not understood */
	FETCH_NOT_SECURE, /* http, asked for or sent on to */
	FETCH_UNFOUND,    /* the name has no address */
	FETCH_UNREACHED,  /* no connection */
	FETCH_UNTRUSTED,  /* the server's certificate does not verify */
	FETCH_REFUSED,    /* a status other than 200 */
	FETCH_TOO_LARGE,
	FETCH_TOO_SLOW,
	FETCH_TOO_FAR, /* redirects */
	FETCH_CUT,     /* fewer bytes than were promised */
	FETCH_FAILURES,
};

struct fetch_message {
	enum fetch_type type;
	uint32_t present; /* set of enum fetch_field */
	struct bytes field[FETCH_FIELDS];
};

static inline bool fetch_has(const struct fetch_message *message, enum fetch_field field)
{
	return message->present >> field & 1;
}

/* A message from fetch_begin() to fetch_finish(), which is given what the former returned. */
size_t fetch_begin(struct buf *to, enum fetch_type type);
void fetch_put(struct buf *to, enum fetch_field field, struct bytes value);
void fetch_put_number(struct buf *to, enum fetch_field field, uint64_t value);
void fetch_finish(struct buf *to, size_t begun);

uint64_t fetch_number(const struct fetch_message *message, enum fetch_field field); /* 0 if it is none */

enum fetch_got {
	FETCH_GOT,   /* *ret is the message at *at, which is moved behind it */
	FETCH_SHORT, /* more bytes are needed */
	FETCH_BAD,   /* no message, or larger than LIMIT_FETCH_MESSAGE */
};
enum fetch_got fetch_next(struct bytes all, size_t *at, struct fetch_message *ret);

#endif
