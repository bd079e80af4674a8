/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A selection of a store's anchors, borrowed: what a listing shows and an export
 * writes. The filters are those of p11-kit's `trust`.
 */
#ifndef MODEL_PICK_H
#define MODEL_PICK_H

#include "base/bytes.h"
#include "model/purpose.h"

struct anchor;
struct store;

enum filter {
	FILTER_TRUST_POLICY, /* anchors and what is distrusted */
	FILTER_CA_ANCHORS,   /* anchors that are CAs */
	FILTER_BLOCKLIST,    /* what is distrusted */
	FILTER_CERTIFICATES, /* every certificate, also those nothing is said about */
	FILTER_ALL,          /* everything the store says */
	FILTER_COUNT,
};

struct filter_row {
	const char *name, *brief;
};
extern const struct filter_row filters[FILTER_COUNT];

/* A purpose to pick by: none, one with a row, or an OID's contents. */
struct wanted {
	bool any; /* no purpose asked for */
	enum purpose purpose;
	struct bytes oid;
};

struct pick {
	const struct anchor **anchors; /* owned array of borrowed anchors */
	size_t count;
};

/* Whether it is one of those that pick_from() would take. */
bool pick_takes(enum filter filter, const struct wanted *wanted, const struct anchor *anchor);

/* In the order of the store. */
void pick_from(const struct store *store, enum filter filter, const struct wanted *wanted, struct pick *ret);
void pick_done(struct pick *pick);

/* How a writer spells things; what it may not ask for itself. */
struct style {
	bool comments; /* a line with the label in front of each PEM block */
	int64_t at;    /* the time to write where a format has one */
};

#endif
