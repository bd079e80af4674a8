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

/* It was whole when it was put there: the disk has lost it, and only a person can decide to go on. */
static bool unreadable(const struct state *state, unsigned id, struct err *err)
{
	struct err why = *err;

	return err_set(
		err, why.code,
		"%.700s; what it had begun is to be looked at by hand, and its file in '%s/journal' (%06u) "
		"to be moved away",
		why.text, state->path, id);
}

bool apply_recover(struct state *state, unsigned *ret_id, struct texts *ret_left, struct err *err)
{
	bool ok = true;
	unsigned id;

	*ret_id = 0;
	helper_hold();
	while (ok && (id = journal_first(state, ENTRY_PREPARED)) != 0) {
		struct entry entry = { 0 };

		*ret_id = id;
		ok = (journal_read(state, id, &entry, err) || unreadable(state, id, err)) &&
		     back_all(state->root, &entry, ret_left, err) &&
		     journal_finish(state, &entry, ENTRY_ROLLED_BACK, err);
		if (!ok)
			err_in(err, "entry %u was interrupted, and cannot be taken back now", id);
		entry_done(&entry);
	}
	helper_release();
	return ok;
}
