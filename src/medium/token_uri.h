/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The URI of a token's certificate, RFC 7512: where others find it. */
#ifndef MEDIUM_TOKEN_URI_H
#define MEDIUM_TOKEN_URI_H

struct token_said;
struct wire;

/* NULL: the token has none, and so has the certificate. free() it. */
char *token_uri(const struct token_said *said, const struct wire *wire);

#endif
