/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What another edition of a list means for a store: what would be added, removed and
 * changed, each with its reason, and what stays although the list says otherwise,
 * since people of this host put it there or forbade it. Pure; it borrows all stores.
 *
 * An entry of the store is another's, and goes with its list, if it is in one of
 * `bases`, in the new list, or in the table of public roots, and not in `locals`.
 * What is none of these is nobody's known list, and stays.
 */
#ifndef CHECK_REFRESH_H
#define CHECK_REFRESH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/request.h"

struct err;
struct kind;
struct roots;
struct store;

struct refresh_question {
	const struct store *store;        /* as it is */
	const struct kind *target;        /* what it can say */
	const struct store *next;         /* the new list */
	const char *source;               /* what the new list is called, for people */
	const struct store *const *bases; /* lists of others: of a package, or of the refresh before */
	size_t base_count;
	const struct store *const *locals; /* what people of this host made anchors */
	size_t local_count;
	const struct store *const *forbidden; /* what they forbade: every certificate in these */
	size_t forbidden_count;
	const struct roots *roots;
	int64_t at;
};

enum refresh_kind {
	REFRESH_REMOVED,
	REFRESH_ADDED,
	REFRESH_TRUST,          /* its purposes change */
	REFRESH_DISTRUST_AFTER, /* the date after which what it issued is not trusted */
	REFRESH_KEPT,           /* nothing changes, although the list says otherwise */
	REFRESH_KINDS,
};
extern const char *const refresh_words[REFRESH_KINDS]; /* as in JSON */

/* Why; the words are a contract, the sentence is in the entry. */
enum refresh_cause {
	CAUSE_NONE,
	CAUSE_DISTRUSTED, /* the list forbids it */
	CAUSE_EXPIRED,
	CAUSE_MOZILLA,        /* the table of roots says that Mozilla removed it */
	CAUSE_DISTRUST_AFTER, /* the list, or the table, trusts nothing new of it */
	CAUSE_PURPOSE,        /* it is in the list, and not for what the store is for */
	CAUSE_RENEWED,        /* another certificate of the same key is in the list */
	CAUSE_ABSENT,         /* it is not in the list, and no more is known */
	CAUSE_LOCAL,          /* kept: put here by people of this host */
	CAUSE_FORBIDDEN,      /* kept out: forbidden by people of this host */
	CAUSE_UNKNOWN,        /* kept: on no list that is known */
	CAUSE_CANNOT,         /* the store cannot say it */
	CAUSES,
};
extern const char *const cause_words[CAUSES];

struct refresh_entry {
	enum refresh_kind kind;
	enum refresh_cause cause;
	const struct anchor *before, *after; /* borrowed; NULL: it is not there */
	char *text;                          /* owned: why, for people; "" if there is nothing to say */
	bool asks;                           /* a request follows from it */
	enum request_kind request;
	struct anchor *wish; /* owned; its spans are borrowed: what the request is about */
};

struct refresh {
	struct refresh_entry *all; /* owned; by kind, then by name */
	size_t count;
	size_t kinds[REFRESH_KINDS];
	size_t before, after; /* anchors of another's list in the store now, and then */
	size_t unexplained;   /* of those that go, for which the list is the only reason */
};

void refresh_review(const struct refresh_question *question, struct refresh *ret);
void refresh_done(struct refresh *refresh);

/* The requests that follow; they borrow from the refresh. `moves`: of what comes and goes alone. */
void refresh_requests(const struct refresh *refresh, bool moves, struct requests *ret);

/* What a list may be: no older than the one before, not much smaller, and not another one altogether. */
struct refresh_bounds {
	const char *was, *is; /* editions of one publisher's list; NULL: not known */
	int max_shrink;       /* per cent */
	bool allow_older, allow_shrink;
};

/* False, and ERR_USAGE that names the option which allows it. */
bool refresh_bounded(const struct refresh *refresh, const struct refresh_bounds *bounds, struct err *err);

#endif
