/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where a newer list comes from: a STORE as everywhere, a package (.deb, .rpm, wheel)
 * in which the list is found, or a URL of any of these; and what vouches for it.
 */
#ifndef CMD_SOURCE_H
#define CMD_SOURCE_H

#include "check/edition.h"
#include "cmd/cmd.h"

struct store;

struct source_options {
	const char *from, *sha256, *signature, *signer, *keyring, *authorities;
	bool insecure;
};

struct source {
	char *name;          /* owned; what it is called, for people */
	struct store *store; /* owned */
	enum publisher publisher;
	char *edition; /* owned; NULL: not known */
};

/* False: said. Free with source_done(), also then. */
bool source_read(struct run *run, const struct source_options *options, struct source *ret);
void source_done(struct source *source);

/*
 * What a URL has, of which nothing is known but who served it: by `authorities`, a file of PEM, or NULL for
 * the CAs of this host. `insecure`: by http too. NULL: said. Yours.
 */
struct store *source_fetch(struct run *run, const char *url, const char *authorities, bool insecure);

/* NOLINTBEGIN(bugprone-macro-parentheses): offsetof() takes no parentheses */
#define SOURCE_OPTIONS(type, member)                                                                         \
	{ "from",                                                                                            \
	  0,                                                                                                 \
	  OPTION_TEXT,                                                                                       \
	  offsetof(type, member.from),                                                                       \
	  "SOURCE",                                                                                          \
	  NULL,                                                                                              \
	  "the newer list: a package, a file, a store, 'mozilla', or an https URL" },                        \
		{ "sha256",                                                                                  \
		  0,                                                                                         \
		  OPTION_TEXT,                                                                               \
		  offsetof(type, member.sha256),                                                             \
		  "DIGEST",                                                                                  \
		  NULL,                                                                                      \
		  "the source's SHA-256 digest, without which nothing is changed" },                         \
		{ "signature",                                                                               \
		  0,                                                                                         \
		  OPTION_TEXT,                                                                               \
		  offsetof(type, member.signature),                                                          \
		  "FILE",                                                                                    \
		  NULL,                                                                                      \
		  "a detached signature of the source: CMS with --signer, OpenPGP with --keyring" },         \
		{ "signer",                                                                                  \
		  0,                                                                                         \
		  OPTION_TEXT,                                                                               \
		  offsetof(type, member.signer),                                                             \
		  "FILE",                                                                                    \
		  NULL,                                                                                      \
		  "the certificate by whose key the CMS signature must be" },                                \
		{ "keyring",                                                                                 \
		  0,                                                                                         \
		  OPTION_TEXT,                                                                               \
		  offsetof(type, member.keyring),                                                            \
		  "FILE",                                                                                    \
		  NULL,                                                                                      \
		  "the OpenPGP keys by one of which the signature must be" },                                \
		{ "source-ca",                                                                               \
		  0,                                                                                         \
		  OPTION_TEXT,                                                                               \
		  offsetof(type, member.authorities),                                                        \
		  "FILE",                                                                                    \
		  NULL,                                                                                      \
		  "the CAs, as PEM, that the server of a URL is verified by, in the system's stead" },       \
	{                                                                                                    \
		"insecure-source", 0, OPTION_FLAG, offsetof(type, member.insecure), NULL, NULL,              \
			"take a URL without a digest or signature, or by http"                               \
	}
/* NOLINTEND(bugprone-macro-parentheses) */

#endif
