/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/revived.h"

#include "cmd/change.h"
#include "cmd/input.h"
#include "cmd/trusting.h"
#include "model/anchor.h"
#include "model/store.h"

static bool trusts(const struct store *store, const struct anchor *anchor)
{
	const struct anchor *there = store != NULL ? store_find(store, anchor->id) : NULL;

	return there != NULL && anchor_trusted(there) != 0;
}

static void add(struct store *revived, const struct anchor *anchor)
{
	if (anchor->names == ANCHOR_CERTIFICATE && store_find(revived, anchor->id) == NULL)
		store_add(revived, anchor->cert.der, NOTE_NOWHERE);
}

/* `system`: what the user's own bundle has of it is trusted anyhow; NULL: nothing is. */
static void look(const struct run *run, const struct edit *edit, const struct store *system,
		 struct store *revived)
{
	struct store *after =
		edit->kind == EDIT_FILE ? input_bytes(edit->path, buf_view(&edit->content)) : NULL;
	struct store *before = after != NULL ? input_quietly(run, edit->path) : NULL;

	for (size_t i = 0; after != NULL && i < after->count; i++)
		if (anchor_trusted(&after->anchors[i]) != 0 && !trusts(before, &after->anchors[i]) &&
		    !trusts(system, &after->anchors[i]))
			add(revived, &after->anchors[i]);
	store_free(before);
	store_free(after);
}

/* Also of stores whose files cannot be read as they would be, as databases. */
static bool add_lifted(const struct requests *requests, struct store *revived)
{
	bool any = false;

	for (size_t i = 0; i < requests->count; i++)
		if (requests->all[i].kind == REQUEST_LIFT) {
			add(revived, requests->all[i].anchor);
			any = true;
		}
	return any;
}

void revived_find(struct changing *changing)
{
	struct store *revived = store_new("trusted again");
	struct requests wishes = { 0 };
	struct store *system = NULL;
	bool asked = !changing->options->user; /* to read it takes longer than most changes */

	for (size_t i = 0; i < changing->count; i++) {
		const struct task *task = &changing->tasks[i];

		if (!task_changes(task) || (!add_lifted(&task->requests, revived) && changing->undoes == 0))
			continue;
		if (!asked)
			system = input_quietly(changing->run, "system");
		asked = true;
		for (size_t k = 0; k < task->staged.edits.count; k++)
			look(changing->run, &task->staged.edits.all[k], system, revived);
	}
	store_free(system);
	store_finish(revived);
	for (size_t i = 0; i < revived->count; i++)
		requests_add(&wishes, REQUEST_TRUST, &revived->anchors[i]);
	if (wishes.count > 0)
		trusting_warn_named(changing, &wishes, 0, NULL, NULL);
	requests_done(&wishes);
	store_free(changing->revived);
	changing->revived = revived;
}
