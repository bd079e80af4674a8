/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/cost.h"

#include <stdlib.h>
#include <string.h>

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

/* One store before and after. */
struct cost {
	struct changing *changing;
	const char *name; /* of the store */
	struct trust *before, *after;
	size_t checked, broken;
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

static bool check_file(struct cost *cost, const char *path, struct err *err)
{
	struct chain chain = { 0 };
	struct buf why = { 0 };
	bool before, after, ok = chain_read(path, &cost->changing->run->root, &chain, err);

	if (ok) {
		cost->checked++;
		judge_with(cost, cost->before, &chain, &before, &why);
		why.len = 0;
		judge_with(cost, cost->after, &chain, &after, &why);
		if (before && !after) {
			cost->broken++;
			warnings_add(&cost->changing->warnings, &change_warnings[WARNING_BREAKS_CHAIN], NULL,
				     "%s verifies against %s now, and would not afterwards: %.*s", path,
				     cost->name, (int)why.len, why.at != NULL ? (const char *)why.at : "");
		}
	} else {
		err_in(err, "%s", path);
	}
	buf_done(&why);
	chain_done(&chain);
	return ok;
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

/* Entries with the same key go with it where it is distrusted. */
static void take_away(struct trust *trust, const struct store *store, const struct requests *requests)
{
	for (size_t k = 0; k < requests->count; k++) {
		const struct request *request = &requests->all[k];

		for (size_t i = 0; request->kind != REQUEST_TRUST && i < store->count; i++) {
			const struct anchor *anchor = &store->anchors[i];
			bool key = request->kind == REQUEST_DISTRUST && anchor->readable &&
				   request->anchor->readable &&
				   bytes_equal(anchor->cert.spki, request->anchor->cert.spki);

			if (key || request_names(request, anchor))
				trust_without(trust, anchor->id);
		}
	}
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
			  const struct store *store)
{
	for (size_t i = 0; i < requests->count; i++) {
		const struct anchor *in = store_find(store, requests->all[i].anchor->id);
		struct buf text = { 0 };

		if (in == NULL || anchor_trusted(in) == 0 || requests->all[i].kind == REQUEST_TRUST)
			continue;
		anchor_name(in, &text);
		buf_print(&text, ": what ends in %s is its trust for", name);
		put_purposes(in, &text);
		buf_byte(&text, '\0');
		texts_add(&changing->facts, (const char *)text.at);
		buf_done(&text);
	}
}

/* The chains, with the store as it is and as it would be. */
static bool try_chains(struct cost *cost, const struct option_list *against, struct err *err)
{
	bool ok = true;

	for (size_t i = 0; ok && i < against->count; i++)
		ok = check_path(cost, against->all[i], err);
	if (ok)
		texts_take(&cost->changing->facts,
			   mem_print("%zu of %zu chains given would no longer verify against %s",
				     cost->broken, cost->checked, cost->name));
	return ok;
}

static bool cost_of(struct changing *changing, size_t target, const struct option_list *against,
		    const struct store *store, const struct store *with, struct err *err)
{
	const struct requests *all = &changing->requests, *own = &changing->tasks[target].requests;
	struct cost cost = { .changing = changing, .name = changing->targets[target].name };
	bool ok = true;

	tell_purposes(changing, cost.name, all, store);
	tell_purposes(changing, cost.name, own, store);
	if (against->count == 0)
		return true;
	cost.before = trust_new(store);
	cost.after = trust_new(store);
	take_away(cost.after, store, all);
	take_away(cost.after, store, own);
	if (with != NULL)
		trust_with(cost.after, with);
	ok = try_chains(&cost, against, err);
	trust_free(cost.before);
	trust_free(cost.after);
	return ok;
}

bool cost_find(struct changing *changing, const struct option_list *against, const struct store *with)
{
	bool ok = true;

	for (size_t i = 0; ok && i < changing->count; i++) {
		struct run quiet = *changing->run;
		struct store *store;
		struct err err = { 0 };
		char *name;

		if (changing->targets[i].own)
			continue;
		quiet.show.quiet = true;
		name = change_reads(changing, &changing->targets[i]);
		/* Without chains nothing depends on it, and what is broken may be about to be mended. */
		store = name == NULL          ? NULL
			: against->count == 0 ? input_quietly(&quiet, name)
					      : input_store(&quiet, name);
		free(name);
		if (store == NULL)
			continue;
		ok = cost_of(changing, i, against, store, with, &err);
		if (!ok)
			cmd_fail(changing->run, &err);
		store_free(store);
	}
	return ok;
}

void cost_later(struct changing *changing)
{
	size_t kept = 0;

	for (size_t i = 0; i < changing->warnings.count; i++) {
		struct warning *warning = &changing->warnings.all[i];

		if (warning->row != &change_warnings[WARNING_BREAKS_CHAIN]) {
			changing->warnings.all[kept++] = *warning;
			continue;
		}
		texts_take(&changing->facts, mem_print("on that day: %s", warning->text));
		free(warning->text);
		free(warning->advice);
	}
	changing->warnings.count = kept;
}
