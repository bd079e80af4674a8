/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <json-c/json.h>

#include "base/text.h"
#include "change/loss.h"
#include "model/json.h"
#include "model/store.h"
#include "show/change.h"
#include "show/put.h"
#include "show/refresh.h"
#include "show/show.h"

static void add_id(struct json_object *to, const struct anchor *anchor)
{
	json_add_hex(to, "sha256", (struct bytes){ anchor->id, ID_LEN });
}

static struct json_object *outcomes(const struct task *task)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < task->staged.outcome_count; i++) {
		const struct outcome *outcome = &task->staged.outcomes[i];
		const struct request *request = &task->requests.all[outcome->request];
		struct json_object *one = json_object_new_object();

		json_add_text(one, "request", request_words[request->kind]);
		add_id(one, request->anchor);
		json_add_text(one, "outcome", outcome_words[outcome->kind]);
		json_add_text(one, "text", outcome->text);
		json_object_array_add(list, one);
	}
	return list;
}

static struct json_object *edits(const struct task *task)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; !task->skipped && i < task->staged.edits.count; i++) {
		const struct edit *edit = &task->staged.edits.all[i];
		struct json_object *one = json_object_new_object();

		json_add_text(one, "do", edit_deeds[edit->kind]);
		json_add_text(one, "path", edit->path);
		json_add_text(one, "target", edit->target);
		json_object_array_add(list, one);
	}
	return list;
}

static struct json_object *texts(const struct texts *from)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; from != NULL && i < from->count; i++)
		json_object_array_add(list, json_text(bytes_of(from->all[i])));
	return list;
}

static struct json_object *plan(const struct changed *changed)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < changed->count; i++) {
		const struct task *task = &changed->tasks[i];
		struct json_object *one = json_object_new_object();

		json_add_text(one, "store", task->name);
		json_add_text(one, "kept_by", task->brief);
		json_add(one, "certificates", outcomes(task));
		json_add(one, "edits", edits(task));
		json_add(one, "notes", texts(&task->staged.notes));
		json_add_text(one, "declare", task->staged.declare);
		json_object_array_add(list, one);
	}
	return list;
}

static struct json_object *warnings(const struct warnings *from)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < from->count; i++) {
		const struct warning *warning = &from->all[i];
		struct json_object *one = json_object_new_object();

		json_add_text(one, "code", warning->row->code);
		json_add_text(one, "severity", severity_words[warning->row->severity]);
		if (warning->anchor != NULL)
			add_id(one, warning->anchor);
		json_add_text(one, "text", warning->text);
		json_add_text(one, "advice", warning->advice);
		json_object_array_add(list, one);
	}
	return list;
}

static struct json_object *losses(const struct changed *changed)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < changed->count; i++)
		for (size_t k = 0; k < changed->tasks[i].loss_count; k++) {
			const struct task_loss *loss = &changed->tasks[i].losses[k];
			struct json_object *one = json_object_new_object();

			json_add_text(one, "store", changed->tasks[i].name);
			json_add_text(one, "path", loss->path);
			json_add_text(one, "loss", loss->row->name);
			json_add_number(one, "count", (int64_t)loss->count);
			json_object_array_add(list, one);
		}
	return list;
}

/* The stores that were changed, and those that could not be. */
static void add_ends(const struct changed *changed, struct json_object *to)
{
	struct json_object *applied = json_object_new_array(), *failed = json_object_new_array();

	for (size_t i = 0; i < changed->count; i++) {
		const struct task *task = &changed->tasks[i];
		struct json_object *one;

		if (changed->end == CHANGE_DONE && task_changes(task))
			json_object_array_add(applied, json_text(bytes_of(task->name)));
		if (task->failed == NULL)
			continue;
		one = json_object_new_object();
		json_add_text(one, "store", task->name);
		json_add_text(one, "text", task->failed);
		json_object_array_add(failed, one);
	}
	json_add(to, "applied", applied);
	json_add(to, "failed", failed);
}

/* Whatever a request is about, once. */
static struct json_object *certificates(const struct changed *changed)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < changed->count; i++)
		for (size_t k = 0; k < changed->tasks[i].requests.count; k++) {
			const struct anchor *anchor = changed->tasks[i].requests.all[k].anchor;
			bool told = false;

			for (size_t j = 0; j < i && !told; j++)
				told = requests_about(&changed->tasks[j].requests, anchor);
			if (!told)
				json_object_array_add(list, json_anchor(anchor, false));
		}
	return list;
}

void show_changed_json(struct show *show, const struct changed *changed)
{
	static const char *const ends[] = { "dry-run", "nothing-to-do", "refused", "done", "failed" };
	struct json_object *root = json_object_new_object();
	const char *text;
	size_t len = 0;

	json_add(root, "schema", json_object_new_int(JSON_SCHEMA));
	json_add_text(root, "command", show->name);
	json_add_text(root, "result", ends[changed->end]);
	json_add_text(root, "error", changed->error);
	if (changed->review_count > 0)
		json_add(root, "reviews", refresh_json(changed->reviews, changed->review_count));
	json_add(root, "certificates", certificates(changed));
	json_add(root, "plan", plan(changed));
	json_add(root, "warnings", warnings(changed->warnings));
	json_add(root, "to_accept", texts(changed->accept));
	add_ends(changed, root);
	json_add(root, "losses", losses(changed));
	json_add(root, "said", texts(changed->said));
	json_add(root, "advice", texts(changed->advice));
	json_add(root, "journal", changed->id != 0 ? json_object_new_int64(changed->id) : NULL);
	text = json_object_to_json_string_length(
		root, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &len);
	put_json(show, (struct bytes){ (const uint8_t *)text, len });
	put(show, "\n");
	json_object_put(root);
}
