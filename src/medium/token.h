/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What PKCS#11 modules say, asked in a helper process: p11-kit's trust module
 * aborts on some files, and any other may hang or lie. token_ask() starts as
 * many helpers as it takes to read every slot that can be read; a slot in which
 * a helper died is told with how it died.
 *
 * Asking is done in token_helper.c, the only user of p11-kit; making anchors of
 * the answers in token_store.c. A configured module may run programs of its own;
 * they end with the helper.
 */
#ifndef MEDIUM_TOKEN_H
#define MEDIUM_TOKEN_H

#include "base/buf.h"
#include "medium/helper.h"

struct err;
struct store;
struct token_slot;

enum token_from {
	TOKEN_POLICY, /* the trust-policy modules of p11-kit's configuration */
	TOKEN_PATHS,  /* p11-kit's trust module on `fds`: one slot each, in this order */
	TOKEN_URI,    /* what `uri` names in its module, or in all configured ones */
	TOKEN_NSS,    /* NSS's softokn, which is `module`, on the database in the directory `fds[0]` */
};

struct token_question {
	enum token_from from;
	const char *uri;
	const char *module;
	bool writable;  /* TOKEN_NSS: it is a copy of ours */
	const int *fds; /* from 3 on */
	size_t fd_count;
	const struct token_slot *skip; /* not to be looked at again */
	size_t skip_count;
	int silence_ms;
};

/* One slot. All owned. */
struct token_slot {
	char *module;      /* its name or path */
	char *description; /* of p11-kit's trust module: the path, cut after 64 bytes */
	char *label;       /* of the token; "" if it was not told */
	char *uri;         /* of the token, "pkcs11:…", or "" */
	uint64_t id;
	bool p11kit;        /* p11-kit's trust module */
	bool matched;       /* its token was asked for */
	bool silent;        /* the helper did not die but hung */
	char *death;        /* how the helper ended in this slot; NULL: all was read */
	struct buf records; /* of WIRE_CERTIFICATE, _EXTENSION, _TRUST, _FILE and _NOTE */
};

struct token_answer {
	struct token_slot *slots;
	size_t count;
	struct buf notes;   /* WIRE_NOTE, about no slot */
	struct buf said;    /* lines that the modules printed, of the helpers that did not die */
	char *death;        /* how a helper died in no slot, which ended the asking; or NULL */
	struct helper last; /* heard out, and ending while the answer is worked on */
};

/* False: there is no answer at all. Free with token_answer_done(), also after a failure. */
bool token_ask(const struct token_question *question, struct token_answer *ret, struct err *err);
bool token_ask_once(const struct token_question *question, struct token_answer *ret,
		    struct err *err); /* of one helper */
void token_answer_done(struct token_answer *answer);

/* What one token said, possibly in pieces. */
struct token_said {
	struct bytes records;
	const char *place; /* a path that files are told relative to, and that notes are about; or NULL */
	const char *label; /* of the token, for notes where there is no path; or NULL */
	const char *uri;   /* of the token, or "" */
	const char *query; /* what ends the URI of an object, "?module-path=…", or "" */
	bool partly;       /* records are only what an URI names: there is no more to be said about others */
};

/*
 * Adds anchors and notes to a store that is not finished. The URI of an object
 * is made only where the token has one.
 */
void token_store(const struct token_said *said, struct store *into);

/* In the helper: answers on `out`. */
void token_helper(const void *question, int out);

/* What tests change. */
extern struct token_tuning {
	int silence_ms, retry_ms;
	const char *trust_module; /* a name that p11-kit finds, or a path */
	const char *softokn;      /* a name in the library directories, or a path */
} token_tuning;

#endif
