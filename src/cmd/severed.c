/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/severed.h"

#include <sys/stat.h>

#include "cmd/change.h"
#include "cmd/warning.h"

static nlink_t names_of(const struct root *root, const struct edit *edit)
{
	struct stat st;

	return edit->kind == EDIT_FILE && edit->was.kind == WAS_FILE && root_stat(root, edit->path, &st)
		       ? st.st_nlink
		       : 0;
}

static void look(struct changing *changing, const struct task *task)
{
	const char *first = NULL;
	size_t others = 0, files = 0;

	for (size_t i = 0; i < task->staged.edits.count; i++) {
		const nlink_t names = names_of(&changing->run->root, &task->staged.edits.all[i]);

		if (names < 2)
			continue;
		if (files++ == 0) {
			first = task->staged.edits.all[i].path;
			others = names - 1;
		}
	}
	if (files == 1)
		warnings_add(&changing->warnings, &change_warnings[WARNING_HARD_LINKS], NULL,
			     "'%s' has %zu other name%s: what is there stays as it is", first, others,
			     others == 1 ? "" : "s");
	else if (files > 1)
		warnings_add(&changing->warnings, &change_warnings[WARNING_HARD_LINKS], NULL,
			     "'%s' and %zu more files have other names: what is there stays as it is", first,
			     files - 1);
}

void severed_find(struct changing *changing)
{
	for (size_t i = 0; i < changing->count; i++)
		if (task_changes(&changing->tasks[i]))
			look(changing, &changing->tasks[i]);
}
