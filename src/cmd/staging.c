/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/staging.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cmd/accept.h"
#include "cmd/cost.h"
#include "cmd/lossy.h"
#include "cmd/revived.h"
#include "cmd/severed.h"
#include "cmd/unasked.h"
#include "model/store.h"

void staging_do(struct changing *changing, bool round)
{
	const struct terms terms = { .at = changing->run->show.at,
				     .password = changing->password,
				     .allow_empty = changing->options->allow_empty };

	for (size_t i = 0; i < changing->count; i++) {
		struct task *task = &changing->tasks[i];
		struct target *target = &changing->targets[i];
		struct err err = { 0 };

		if (round && task->skipped)
			continue;
		staged_done(&task->staged);
		free(task->failed);
		task->failed = NULL;
		if (!target->stager->stage(&changing->run->root, target, &task->requests, &terms,
					   &task->staged, &err))
			task->failed = mem_string(err.text, strlen(err.text));
		else
			lossy_find(task);
	}
}

bool staging_weigh(struct changing *changing, struct err *err)
{
	for (size_t i = 0; i < changing->count; i++)
		lossy_weigh(changing, &changing->tasks[i]);
	unasked_find(changing);
	revived_find(changing);
	severed_find(changing);
	return cost_weigh(changing, err);
}

bool staging_passes(const struct changing *changing, const struct changing *staged, struct err *err)
{
	struct changing anew = *staged;
	bool ok;

	anew.undoes = changing->undoes;
	anew.warnings = (struct warnings){ 0 };
	anew.facts = (struct texts){ 0 };
	anew.revived = NULL;
	ok = staging_weigh(&anew, err);
	for (size_t i = 0; ok && i < anew.warnings.count; i++) {
		const struct warning *warning = &anew.warnings.all[i];

		ok = warnings_have(&changing->warnings, warning) ||
		     accept_is(changing->options, warning, false) ||
		     err_set(err, ERR_CHANGED,
			     "others changed the stores meanwhile; %s; to go on all the same: --accept %s",
			     warning->text, warning->row->code);
	}
	warnings_done(&anew.warnings);
	texts_done(&anew.facts);
	store_free(anew.revived);
	return ok;
}

void staging_edits(const struct changing *changing, struct edits *ret)
{
	*ret = (struct edits){ 0 };
	for (int programs = 0; programs < 2; programs++)
		for (size_t i = 0; i < changing->count; i++) {
			const struct task *task = &changing->tasks[i];

			for (size_t k = 0; task_changes(task) && k < task->staged.edits.count; k++) {
				const struct edit *edit = &task->staged.edits.all[k];

				if ((edit->kind == EDIT_RUN) != (programs == 1))
					continue;
				ret->all = mem_grow(ret->all, ret->count, sizeof(*ret->all));
				ret->all[ret->count++] = *edit;
			}
		}
}

void staging_id(const struct changing *changing, uint8_t ret[DIGEST_LEN])
{
	struct buf all = { 0 };
	struct edits edits;

	staging_edits(changing, &edits);
	for (size_t i = 0; i < edits.count; i++) {
		uint8_t id[DIGEST_LEN];

		digest_sha256(buf_view(&edits.all[i].content), id);
		buf_print(&all, "%d %d %s ", (int)edits.all[i].kind, (int)edits.all[i].was.kind,
			  edits.all[i].target != NULL ? edits.all[i].target : "");
		buf_bytes(&all, (struct bytes){ id, DIGEST_LEN });
		buf_bytes(&all, (struct bytes){ edits.all[i].was.id, DIGEST_LEN });
		buf_text(&all, edits.all[i].path);
	}
	digest_sha256(buf_view(&all), ret);
	free(edits.all);
	buf_done(&all);
}

bool staging_changes(const struct changing *changing)
{
	for (size_t i = 0; i < changing->count; i++)
		if (task_changes(&changing->tasks[i]))
			return true;
	return false;
}

size_t staging_failed(const struct changing *changing)
{
	size_t failed = 0;

	for (size_t i = 0; i < changing->count; i++) {
		const struct staged *staged = &changing->tasks[i].staged;
		bool cannot = changing->tasks[i].failed != NULL;

		for (size_t k = 0; !cannot && k < staged->outcome_count; k++)
			cannot = staged->outcomes[k].kind == OUTCOME_CANNOT;
		failed += cannot;
	}
	return failed;
}
