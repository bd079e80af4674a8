/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/pick.h"

#include <stdlib.h>

#include "base/mem.h"
#include "model/anchor.h"
#include "model/store.h"

const struct filter_row filters[FILTER_COUNT] = {
	[FILTER_TRUST_POLICY] = { "trust-policy", "anchors, and what is distrusted" },
	[FILTER_CA_ANCHORS] = { "ca-anchors", "anchors that are certificate authorities" },
	[FILTER_BLOCKLIST] = { "blocklist", "what is distrusted" },
	[FILTER_CERTIFICATES] = { "certificates", "every certificate, trusted or not" },
	[FILTER_ALL] = { "all", "everything the store says" },
};

static bool passes(const struct anchor *anchor, enum filter filter)
{
	bool trusted = anchor_trusted(anchor) != 0;

	switch (filter) {
	case FILTER_CA_ANCHORS:
		return trusted && (anchor_authority(anchor) || !anchor->readable);
	case FILTER_BLOCKLIST:
		return anchor->distrusted != 0;
	case FILTER_ALL:
		return true;
	case FILTER_CERTIFICATES:
		return anchor->names == ANCHOR_CERTIFICATE || anchor->names == ANCHOR_FINGERPRINT;
	default:
		return trusted || anchor->distrusted != 0;
	}
}

/* A list of anchors must not hold what is distrusted for the purpose, nor a block list what is not. */
static bool wants(const struct wanted *wanted, enum filter filter, const struct anchor *anchor)
{
	bool serves, barred;

	if (wanted->any)
		return true;
	serves = anchor_serves(anchor, wanted->purpose, wanted->oid);
	barred = (anchor->distrusted & PURPOSE_BIT(wanted->purpose)) != 0;
	return filter == FILTER_CA_ANCHORS ? serves : filter == FILTER_BLOCKLIST ? barred : serves || barred;
}

bool pick_takes(enum filter filter, const struct wanted *wanted, const struct anchor *anchor)
{
	return passes(anchor, filter) && wants(wanted, filter, anchor);
}

void pick_from(const struct store *store, enum filter filter, const struct wanted *wanted, struct pick *ret)
{
	*ret = (struct pick){ .anchors = mem_zero((store->count + 1) * sizeof(const struct anchor *)) };
	for (size_t i = 0; i < store->count; i++)
		if (pick_takes(filter, wanted, &store->anchors[i]))
			ret->anchors[ret->count++] = &store->anchors[i];
}

void pick_done(struct pick *pick)
{
	free(pick->anchors);
	*pick = (struct pick){ 0 };
}
