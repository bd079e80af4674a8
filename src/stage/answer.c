/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "stage/answer.h"

#include "model/anchor.h"
#include "model/kind.h"
#include "model/request.h"
#include "model/staged.h"
#include "model/staple.h"

/* What the kind cannot say of this anchor; "" for nothing. */
static const char *unsaid(const struct anchor *anchor, unsigned can)
{
	bool purpose = (can & CAN_PURPOSE) == 0 && anchor_trusted(anchor) != PURPOSES_ALL, limited = false;

	for (size_t i = 0; (can & CAN_CONSTRAIN) == 0 && i < anchor->attached_count; i++)
		limited =
			limited || (!bytes_equal(anchor->attached[i].oid, exts[EXT_EXTENDED_KEY_USAGE].oid) &&
				    !bytes_equal(anchor->attached[i].oid, staple_reject));
	return purpose && limited ? "it is trusted for every purpose and without its constraints there"
	       : purpose          ? "it is trusted for every purpose there"
	       : limited          ? "it is trusted without its constraints there"
				  : "";
}

void answer(struct staged *staged, size_t index, const struct request *request, unsigned can, bool done,
	    bool forbidden)
{
	enum outcome_kind kind = done ? OUTCOME_DONE : OUTCOME_ALREADY;
	bool may = (can & CAN_DISTRUST) != 0;

	if (request->kind == REQUEST_TRUST)
		staged_outcome(staged, index, kind, "%s", unsaid(request->anchor, can));
	else if (request->kind == REQUEST_DISTRUST && !may)
		staged_outcome(staged, index, OUTCOME_ABSENT, "such a store cannot forbid");
	else if (request->kind == REQUEST_DISTRUST && !forbidden)
		staged_outcome(
			staged, index, OUTCOME_ABSENT,
			"only its name is known, and not the certificate, which this store would need to "
			"forbid it; it is left out");
	else if (request->kind == REQUEST_LIFT && !may)
		staged_outcome(staged, index, kind,
			       "such a store cannot forbid; 'anchorage add' puts a certificate back");
	else
		staged_outcome(staged, index, kind, "%s", "");
}
