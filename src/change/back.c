/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "change/back.h"

#include "base/err.h"
#include "change/apply.h"
#include "change/draft.h"
#include "change/journal.h"
#include "change/state.h"
#include "medium/helper.h"

bool back_all(const struct root *root, const struct entry *entry, struct texts *left, struct err *err)
{
	struct folders folders = { .root = root };
	struct err one;
	bool ok = true;

	for (size_t i = entry->count; i-- > 0;) {
		struct draft draft;

		if (entry->all[i].kind == EDIT_RUN)
			continue;
		/* Opened here and not before: a directory may just have been made again. */
		if (draft_begin(&folders, entry->id, i, &entry->all[i], &draft, &one) &&
		    draft_back(&draft, left, &one))
			continue;
		if (ok)
			*err = one;
		ok = false;
	}
	if (!folders_sync(&folders, &one) && ok) {
		*err = one;
		ok = false;
	}
	folders_done(&folders);
	return ok;
}

/* What is damaged will be the next time too. */
static void tell(const struct state *state, unsigned id, struct err *err)
{
	struct err why = *err;

	err_in(err, "entry %u was interrupted, and cannot be taken back now", id);
	if (why.code == ERR_DAMAGED)
		err_set(err, ERR_DAMAGED,
			"entry %u was interrupted, and cannot be taken back: %.600s; to go on without, move "
			"'%.200s/journal/%06u.prepared.tar' away, and have 'anchorage refresh' mend what was "
			"half done",
			id, why.text, state->path, id);
}

bool apply_recover(struct state *state, unsigned *ret_id, struct texts *ret_left, struct err *err)
{
	bool ok = true;
	unsigned id;

	*ret_id = 0;
	helper_hold();
	while (ok && (id = journal_prepared(state)) != 0) {
		struct entry entry = { 0 };

		*ret_id = id;
		ok = journal_read(state, id, &entry, err) && back_all(state->root, &entry, ret_left, err) &&
		     journal_finish(state, &entry, ENTRY_ROLLED_BACK, err);
		if (!ok)
			tell(state, id, err);
		entry_done(&entry);
	}
	helper_release();
	return ok;
}
