/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/cost.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "check/evidence.h"
#include "check/judge.h"
#include "check/question.h"
#include "cmd/input.h"
#include "cmd/warning.h"
#include "medium/chain.h"
#include "medium/listing.h"
#include "model/anchor.h"
#include "model/store.h"

/* What a program that reads the store, or one file of it, trusts now and afterwards. */
struct view {
	char *name;                   /* owned */
	struct store *before, *after; /* owned; `after` NULL: `before` with what is asked done to it */
	struct trust *trusts, *to_trust;
};

/* One store. */
struct cost {
	struct changing *changing;
	const char *name;
	struct view *views; /* owned */
	size_t count;
	size_t checked, broken; /* chains */
};

static void judge_with(const struct cost *cost, const struct trust *trust, const struct chain *chain,
		       bool *ret_accepted, struct buf *why)
{
	static const uint8_t any_purpose[] = { 0x55, 0x1d, 0x25, 0x00 };
	const struct question question = { .purpose = PURPOSE_OTHER,
					   .purpose_oid = { any_purpose, sizeof(any_purpose) },
					   .purpose_implied = true,
					   .at = cost->changing->run->show.at,
					   .max_depth = -1 };
	const struct evidence evidence = { .clock = { .given = true } };
	struct given *given = mem_zero(chain->count * sizeof(*given));
	struct judge *judge = judge_new(trust, &question, &evidence);
	struct verdict verdict;

	for (size_t i = 0; i < chain->count; i++)
		given[i] = (struct given){ chain->all[i].der, chain->all[i].where };
	judge_try(judge, given, chain->count, &verdict);
	*ret_accepted = verdict.outcome == OUTCOME_ACCEPTED;
	if (!*ret_accepted && verdict.best != NULL && verdict.best->reasons.count > 0)
		buf_text(why, verdict.best->reasons.all[0].text);
	verdict_done(&verdict);
	judge_free(judge);
	free(given);
}

static bool breaks(const struct cost *cost, const struct view *view, const char *path,
		   const struct chain *chain)
{
	struct buf why = { 0 };
	bool before, after = true;

	judge_with(cost, view->trusts, chain, &before, &why);
	if (before)
		judge_with(cost, view->to_trust, chain, &after, &why);
	if (!after)
		warnings_add(&cost->changing->warnings, &change_warnings[WARNING_BREAKS_CHAIN], NULL,
			     "%s verifies against %s now, and would not afterwards: %.*s", path, view->name,
			     (int)why.len, why.at != NULL ? (const char *)why.at : "");
	buf_done(&why);
	return !after;
}

/* Once is enough for each chain and store. */
static bool check_file(struct cost *cost, const char *path, struct err *err)
{
	struct chain chain = { 0 };
	bool broken = false, ok = chain_read(path, &cost->changing->run->root, &chain, err);

	for (size_t i = 0; ok && !broken && i < cost->count; i++)
		broken = breaks(cost, &cost->views[i], path, &chain);
	cost->checked += ok;
	cost->broken += broken;
	chain_done(&chain);
	return ok || err_in(err, "%s", path);
}

static bool check_path(struct cost *cost, const char *path, struct err *err)
{
	const struct root *root = &cost->changing->run->root;
	struct listing listing = { 0 };
	bool ok;

	if (!root_is_directory(root, path))
		return check_file(cost, path, err);
	ok = listing_read(root, path, &listing, err) || err_in(err, "%s", path);
	for (size_t i = 0; ok && i < listing.count; i++) {
		char *below = listing_path(path, listing.names[i]);

		ok = !root_is_file(root, below) || check_file(cost, below, err);
		free(below);
	}
	listing_done(&listing);
	return ok;
}

static bool ends_trust(const struct request *request)
{
	return request->kind == REQUEST_REMOVE || request->kind == REQUEST_DISTRUST;
}

/* Entries with the same key go with it where it is distrusted. */
static void take_away(struct trust *trust, const struct store *store, const struct requests *requests)
{
	for (size_t k = 0; k < requests->count; k++) {
		const struct request *request = &requests->all[k];

		for (size_t i = 0; ends_trust(request) && i < store->count; i++) {
			const struct anchor *anchor = &store->anchors[i];
			bool key = request->kind == REQUEST_DISTRUST && anchor->readable &&
				   request->anchor->readable &&
				   bytes_equal(anchor->cert.spki, request->anchor->cert.spki);

			if (key || request_names(request, anchor))
				trust_without(trust, anchor->id);
		}
	}
}

static void put_in(struct trust *trust, const struct requests *requests)
{
	struct anchor *all = mem_zero((requests->count + 1) * sizeof(*all));
	struct store borrowed = { .anchors = all };

	for (size_t i = 0; i < requests->count; i++)
		if (requests->all[i].kind == REQUEST_TRUST)
			all[borrowed.count++] = *requests->all[i].anchor;
	if (borrowed.count > 0)
		trust_with(trust, &borrowed);
	free(all);
}

static void put_purposes(const struct anchor *anchor, struct buf *to)
{
	size_t count = 0;

	for (size_t k = 0; k < PURPOSE_ROWS; k++)
		count += anchor_serves(anchor, (enum purpose)k, purposes[k].der);
	if (count == PURPOSE_ROWS)
		buf_text(to, " all purposes");
	for (size_t k = 0; count < PURPOSE_ROWS && k < PURPOSE_ROWS; k++)
		if (anchor_serves(anchor, (enum purpose)k, purposes[k].der))
			buf_print(to, " %s", purposes[k].name);
}

static void tell_purposes(struct changing *changing, const char *name, const struct requests *requests,
			  const struct store *store, int64_t on)
{
	char date[CLOCK_TEXT] = "";

	if (on != CLOCK_NONE)
		clock_date(on, date);
	for (size_t i = 0; i < requests->count; i++) {
		const struct anchor *in = store_find(store, requests->all[i].anchor->id);
		struct buf text = { 0 };

		if (in == NULL || anchor_trusted(in) == 0 || !ends_trust(&requests->all[i]))
			continue;
		anchor_name(in, &text);
		buf_print(&text, ": what ends in %s%s%s is its trust for", name,
			  on != CLOCK_NONE ? " on " : "", date);
		put_purposes(in, &text);
		buf_byte(&text, '\0');
		texts_add(&changing->facts, (const char *)text.at);
		buf_done(&text);
	}
}

/* NOLINTNEXTLINE(readability-non-const-parameter): the name is the view's from now on */
static struct view *add_view(struct cost *cost, char *name, struct store *before, struct store *after)
{
	struct view *view;

	cost->views = mem_grow(cost->views, cost->count, sizeof(*cost->views));
	view = &cost->views[cost->count++];
	*view = (struct view){ .before = before,
			       .after = after,
			       .trusts = trust_new(before),
			       .to_trust = trust_new(after != NULL ? after : before) };
	view->name = name;
	return view;
}

/* The store, with what is asked done to it. */
static bool view_requests(struct cost *cost, size_t index, struct err *err)
{
	const struct changing *changing = cost->changing;
	const char *path = changing->targets[index].path;
	char *name = path == NULL || root_has(&changing->run->root, path)
			     ? change_reads(changing, &changing->targets[index])
			     : NULL;
	struct store *store = name != NULL ? input_read(changing->run, name, err) : NULL;
	struct view *view;
	bool none = name == NULL;

	free(name);
	if (store == NULL)
		return none;
	view = add_view(cost, mem_string(cost->name, strlen(cost->name)), store, NULL);
	take_away(view->to_trust, store, &changing->requests);
	take_away(view->to_trust, store, &changing->tasks[index].requests);
	put_in(view->to_trust, &changing->requests);
	put_in(view->to_trust, &changing->tasks[index].requests);
	return true;
}

/* Each file that would be replaced: what it is made of may have lost more than what is asked. */
static void view_files(struct cost *cost, const struct task *task)
{
	for (size_t i = 0; task_changes(task) && i < task->staged.edits.count; i++) {
		const struct edit *edit = &task->staged.edits.all[i];
		struct store *before, *after;

		if (edit->kind != EDIT_FILE || edit->was.kind != WAS_FILE)
			continue;
		before = input_quietly(cost->changing->run, edit->path);
		after = before != NULL ? input_bytes(edit->path, buf_view(&edit->content)) : NULL;
		if (after != NULL)
			add_view(cost, mem_print("%s of %s", edit->path, cost->name), before, after);
		else
			store_free(before);
	}
}

static void cost_done(struct cost *cost)
{
	for (size_t i = 0; i < cost->count; i++) {
		trust_free(cost->views[i].trusts);
		trust_free(cost->views[i].to_trust);
		store_free(cost->views[i].before);
		store_free(cost->views[i].after);
		free(cost->views[i].name);
	}
	free(cost->views);
}

static bool try_chains(struct changing *changing, size_t index, const struct option_list *against,
		       struct err *err)
{
	struct cost cost = { .changing = changing, .name = changing->targets[index].name };
	bool ok = view_requests(&cost, index, err);

	if (ok)
		view_files(&cost, &changing->tasks[index]);
	for (size_t i = 0; ok && i < against->count; i++)
		ok = check_path(&cost, against->all[i], err);
	if (ok)
		texts_take(&changing->facts,
			   mem_print("%zu of %zu chains given would no longer verify against %s", cost.broken,
				     cost.checked, cost.name));
	cost_done(&cost);
	return ok;
}

static bool try_all(struct changing *changing, const struct option_list *against, struct err *err)
{
	bool ok = true;

	for (size_t i = 0; ok && against != NULL && against->count > 0 && i < changing->count; i++)
		ok = changing->targets[i].own || changing->tasks[i].failed != NULL ||
		     try_chains(changing, i, against, err);
	return ok;
}

bool cost_weigh(struct changing *changing, struct err *err)
{
	return try_all(changing, changing->against, err);
}

bool cost_later(struct changing *changing, const struct option_list *against, struct err *err)
{
	size_t kept = changing->warnings.count;
	bool ok = try_all(changing, against, err);

	for (size_t i = kept; i < changing->warnings.count; i++) {
		struct warning *warning = &changing->warnings.all[i];

		texts_take(&changing->facts, mem_print("on that day: %s", warning->text));
		free(warning->text);
		free(warning->advice);
	}
	changing->warnings.count = kept;
	return ok;
}

void cost_tell(struct changing *changing, int64_t on)
{
	for (size_t i = 0; i < changing->count; i++) {
		char *name = changing->targets[i].own ? NULL : change_reads(changing, &changing->targets[i]);
		/* Nothing depends on it, and what is broken may be about to be mended. */
		struct store *store = name != NULL ? input_quietly(changing->run, name) : NULL;

		if (store != NULL) {
			tell_purposes(changing, changing->targets[i].name, &changing->requests, store, on);
			tell_purposes(changing, changing->targets[i].name, &changing->tasks[i].requests,
				      store, on);
		}
		store_free(store);
		free(name);
	}
}
