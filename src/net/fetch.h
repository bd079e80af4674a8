/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One file from an https server, fetched by a program of its own (anchorage-fetch,
 * net/fetcher.c) that alone links libcurl, has no rights left and is told everything
 * over a pipe. Redirects are followed to https only; size, time and slowness have
 * limits (LIMIT_FETCH_*). Proxies are those of the environment, as curl(1) has them.
 *
 * That the bytes came from that server is all it says: who needs more compares a
 * digest or a signature. No cookies, no passwords, no cache.
 */
#ifndef NET_FETCH_H
#define NET_FETCH_H

#include "base/buf.h"

struct err;

struct fetch_wish {
	const char *url;
	struct bytes authorities; /* PEM: the certificates that the server's must lead to; none other count */
	bool plain;               /* http is good enough; https is verified all the same */
	const char *program;      /* NULL: the installed one, or the one beside this program */
};

struct fetched {
	struct buf body;
	char *url; /* owned: where it came from in the end */
};

/* False: ERR_ABSENT if the server has no such thing; the text says what to do. Free with fetched_done(). */
bool fetch_file(const struct fetch_wish *wish, struct fetched *ret, struct err *err);
void fetched_done(struct fetched *fetched);

/* "https://..." or "http://...", in any case of letters. */
bool fetch_is_url(const char *text);

#endif
