/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "change/loss.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "model/anchor.h"
#include "model/kind.h"
#include "model/pick.h"
#include "model/store.h"

static bool no_certificate(const struct anchor *anchor)
{
	return anchor->names == ANCHOR_ISSUER_SERIAL || anchor->names == ANCHOR_KEY;
}

static bool only_fingerprint(const struct anchor *anchor)
{
	return anchor->names == ANCHOR_FINGERPRINT;
}

static bool distrusted(const struct anchor *anchor)
{
	return anchor->names == ANCHOR_CERTIFICATE && anchor->distrusted != 0 && anchor_trusted(anchor) == 0;
}

static bool neutral(const struct anchor *anchor)
{
	return anchor->names == ANCHOR_CERTIFICATE && anchor->distrusted == 0 && anchor->trusted == 0;
}

static bool some_purposes(const struct anchor *anchor)
{
	uint16_t trusted = anchor_trusted(anchor);

	return anchor->names == ANCHOR_CERTIFICATE && trusted != 0 && trusted != PURPOSES_ALL;
}

static bool dated(const struct anchor *anchor)
{
	for (size_t i = 0; i < PURPOSE_COUNT; i++)
		if (anchor->distrust_after[i] != CLOCK_NONE)
			return true;
	return false;
}

/* Beyond what PKCS#11 has attributes for. */
static bool dated_otherwise(const struct anchor *anchor)
{
	for (size_t i = 0; i < PURPOSE_COUNT; i++)
		if (anchor->distrust_after[i] != CLOCK_NONE &&
		    (i >= PURPOSE_ROWS || purposes[i].distrust_after == 0))
			return true;
	return false;
}

/* An attached extKeyUsage is how purposes are kept, and counted there. */
static bool constrained(const struct anchor *anchor)
{
	for (size_t i = 0; i < anchor->attached_count; i++)
		if (!bytes_equal(anchor->attached[i].oid, exts[EXT_EXTENDED_KEY_USAGE].oid))
			return true;
	return false;
}

static bool labelled(const struct anchor *anchor)
{
	return anchor->label[0] != '\0';
}

static const struct loss_row loss_rows[] = {
	{ "no-certificate", CAN_NO_CERTIFICATE, 0, true, false, no_certificate,
	  "without a certificate, that forbid a key or an issuer and serial number", NULL },
	{ "fingerprint-only", 0, 0, true, false, only_fingerprint,
	  "from an inventory without certificates (export the store itself instead)", NULL },
	{ "distrust", CAN_DISTRUST, 0, true, false, distrusted, "distrusted", NULL },
	{ "neutral", CAN_NEUTRAL | CAN_DISTRUST, 0, false, false, neutral, "neither trusted nor distrusted",
	  "trusted" },
	{ "neutral", CAN_NEUTRAL, CAN_DISTRUST, false, false, neutral, "neither trusted nor distrusted",
	  "distrusted" },
	{ "purpose", CAN_PURPOSE, 0, false, false, some_purposes, "trusted for some purposes only",
	  "trusted for all" },
	{ "distrust-after", CAN_DISTRUST_AFTER, 0, false, false, dated,
	  "trusted only for what was issued before a date", "trusted without end" },
	{ "distrust-after", CAN_DISTRUST_AFTER_ANY, CAN_DISTRUST_AFTER, false, false, dated_otherwise,
	  "trusted for other purposes than TLS servers and mail only for what was issued before a date",
	  "trusted for those without end" },
	{ "constraints", CAN_CONSTRAIN, 0, false, false, constrained, "constrained by the store",
	  "trusted without constraints" },
	{ "label", CAN_LABEL, 0, false, true, labelled, "named by the store", "without that name" },
	{ 0 },
};

static bool loses(const struct loss_row *row, const struct anchor *anchor, const struct kind *target)
{
	if ((target->can & row->needs) != row->needs || (target->can & row->can) != 0)
		return false;
	return row->has(anchor);
}

void loss_find(const struct pick *pick, const struct kind *target, bool all, struct losses *ret)
{
	*ret = (struct losses){ 0 };
	for (const struct loss_row *row = loss_rows; row->name != NULL; row++) {
		struct loss loss = { .row = row, .dropped = row->dropped || (all && !row->small) };

		for (size_t i = 0; i < pick->count; i++) {
			if (!loses(row, pick->anchors[i], target))
				continue;
			loss.anchors = mem_grow(loss.anchors, loss.count, sizeof(const struct anchor *));
			loss.anchors[loss.count++] = pick->anchors[i];
		}
		if (loss.count == 0)
			continue;
		ret->all = mem_grow(ret->all, ret->count, sizeof(*ret->all));
		ret->all[ret->count++] = loss;
	}
}

void losses_done(struct losses *losses)
{
	for (size_t i = 0; i < losses->count; i++)
		free(losses->all[i].anchors);
	free(losses->all);
	*losses = (struct losses){ 0 };
}

bool loss_any(const struct losses *losses)
{
	for (size_t i = 0; i < losses->count; i++)
		if (!losses->all[i].row->small)
			return true;
	return false;
}

static bool drops(const struct anchor *anchor, const struct kind *target, bool all)
{
	for (const struct loss_row *row = loss_rows; row->name != NULL; row++)
		if ((row->dropped || (all && !row->small)) && loses(row, anchor, target))
			return true;
	return false;
}

void loss_drop(struct pick *pick, const struct kind *target, bool all)
{
	size_t kept = 0;

	for (size_t i = 0; i < pick->count; i++)
		if (!drops(pick->anchors[i], target, all))
			pick->anchors[kept++] = pick->anchors[i];
	pick->count = kept;
}
