/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "change/tell.h"

#include "base/err.h"
#include "base/mem.h"
#include "base/root.h"
#include "change/apply.h"
#include "change/journal.h"
#include "change/program.h"
#include "change/state.h"
#include "medium/helper.h"

bool tell_any(const struct root *root, const struct entry *entry)
{
	for (size_t i = 0; root_is_host(root) && i < entry->count; i++)
		if (entry->all[i].kind == EDIT_RUN)
			return true;
	return false;
}

static bool tell(const struct touched *touched, struct texts *said)
{
	struct buf words = { 0 };
	struct err err = { 0 };
	bool ok = program_run(touched->path, buf_view(&touched->input), &words, &err);

	if (!ok)
		texts_take(said, mem_print("%s: %s", touched->path, err.text));
	if (words.len > 0)
		texts_take(said,
			   mem_print("%s said: %.*s", touched->path, (int)words.len, (const char *)words.at));
	buf_done(&words);
	return ok;
}

/* What is in a tree is not run: it may be made for another machine, and by anybody. */
bool tell_all(const struct root *root, const struct entry *entry, struct texts *said)
{
	bool ok = true;

	for (size_t i = 0; i < entry->count; i++) {
		const struct touched *touched = &entry->all[i];

		if (touched->kind != EDIT_RUN)
			continue;
		if (root_is_host(root))
			ok = tell(touched, said) && ok;
		else
			texts_take(said, mem_print("'%s' was not run, since programs of '%s' are not started "
						   "from outside; run it there",
						   touched->path, root->path));
	}
	return ok;
}

/* Each is told once by us: what it says against it is said, and the entry is done. */
static bool catch_up(struct state *state, unsigned id, struct texts *said, struct err *err)
{
	struct entry entry = { 0 };
	struct err why;
	bool ok;

	if (journal_read(state, id, &entry, &why))
		tell_all(state->root, &entry, said);
	else
		texts_take(said, mem_print("which programs were to hear of it cannot be read (%s); run the "
					   "distribution's own tool",
					   why.text));
	entry.id = id;
	entry.state = ENTRY_UNTOLD;
	ok = journal_finish(state, &entry, ENTRY_DONE, err);
	entry_done(&entry);
	return ok;
}

bool apply_catch_up(struct state *state, unsigned *ret_id, struct texts *ret_said, struct err *err)
{
	bool ok = true;
	unsigned id;

	*ret_id = 0;
	helper_hold();
	while (ok && (id = journal_first(state, ENTRY_UNTOLD)) != 0) {
		*ret_id = id;
		ok = catch_up(state, id, ret_said, err);
	}
	helper_release();
	return ok;
}
