/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "cmd/certs.h"
#include "cmd/change.h"
#include "cmd/cost.h"
#include "cmd/input.h"
#include "cmd/refreshing.h"
#include "cmd/retiring.h"
#include "cmd/summary.h"
#include "cmd/trusting.h"
#include "find/policy_file.h"
#include "model/anchor.h"
#include "model/match.h"
#include "model/store.h"

struct apply_options {
	struct change_options change;
	struct option_list against;
};

static const struct option options[] = {
	{ "check-against", 0, OPTION_LIST, offsetof(struct apply_options, against), "FILE|DIR", NULL,
	  "chains that must still verify afterwards; may be repeated" },
	CHANGE_OPTIONS(struct apply_options, change),
	{ 0 },
};

/* A policy on its way to requests. */
struct applying {
	struct run *run;
	struct policy_file policy;
	struct change_options change; /* with what the policy accepts */
	struct store **sources;       /* owned: what anchors and bans were read from */
	const char **files;
	size_t count;
	struct store *wanted; /* owned: the anchors as they are to be */
	size_t *from;
	struct certs certs;
	struct refresh_terms terms; /* of [base] */
	struct refreshing refreshing;
};

static struct option_list list_of(const struct texts *texts)
{
	return (struct option_list){ (const char **)(void *)texts->all, texts->count };
}

static bool read_time(const char *section, const char *key, const char *text, int64_t *ret, struct err *err)
{
	*ret = CLOCK_NONE;
	return text == NULL || clock_read(text, ret) ||
	       err_set(err, ERR_USAGE, "[%s]: %s = '%s' is no time; write a date, RFC 3339 or Unix seconds",
		       section, key, text);
}

/* The index of the store that the file, or for a fingerprint all stores of the host, were read into. */
static bool read_source(struct applying *applying, const char *file, size_t *ret, struct err *err)
{
	struct store *store = input_store(applying->run, file);

	if (store == NULL)
		return false;
	applying->sources = mem_grow(applying->sources, applying->count, sizeof(struct store *));
	applying->files = mem_grow(applying->files, applying->count, sizeof(*applying->files));
	applying->sources[applying->count] = store;
	applying->files[applying->count] = file;
	*ret = applying->count++;
	return !store_incomplete(store) ||
	       err_set(err, ERR_DAMAGED, "not all of '%s' could be read, so nothing is changed", file);
}

/* The certificates of a source that have the fingerprint; all if there is none. At least one. */
static bool select_from(const struct store *store, const char *file, const char *fingerprint,
			const struct anchor ***ret, size_t *ret_count, struct err *err)
{
	const struct anchor **all = mem_zero((store->count + 1) * sizeof(*all));
	struct match match = { 0 };
	size_t count = 0;

	if (fingerprint != NULL)
		match_read(fingerprint, &match);
	for (size_t i = 0; i < store->count; i++)
		if (store->anchors[i].names == ANCHOR_CERTIFICATE &&
		    (fingerprint == NULL || match_anchor(&match, &store->anchors[i])))
			all[count++] = &store->anchors[i];
	if (count == 0) {
		free(all);
		return err_set(err, ERR_ABSENT, "%s: no certificate%s%s in it; nothing was changed", file,
			       fingerprint != NULL ? " with the fingerprint " : "",
			       fingerprint != NULL ? fingerprint : "");
	}
	*ret = all;
	*ret_count = count;
	return true;
}

static bool as_wanted(const struct anchor *a, const struct anchor *b)
{
	bool same = a->trusted == b->trusted && a->attached_count == b->attached_count &&
		    memcmp(a->distrust_after, b->distrust_after, sizeof(a->distrust_after)) == 0;

	for (size_t i = 0; same && i < a->attached_count; i++)
		same = bytes_equal(a->attached[i].whole, b->attached[i].whole);
	return same;
}

static size_t index_wanted(const struct store *wanted, const struct anchor *anchor)
{
	size_t i = 0;

	while (i < wanted->count && memcmp(wanted->anchors[i].id, anchor->id, ID_LEN) != 0)
		i++;
	return i;
}

/* The same certificate in another section: it must be wanted alike, and is wanted once. */
static bool agrees(const struct trusting *trusting, const struct anchor *anchor, const struct anchor *before,
		   struct err *err)
{
	struct store *again = store_new("the policy, again");
	bool ok = trusting_add(trusting, anchor, again, err) &&
		  (as_wanted(before, &again->anchors[0]) ||
		   err_set(err, ERR_USAGE,
			   "another section requires the same certificate for other purposes, names or "
			   "times; nothing was changed. Say it once"));

	store_free(again);
	return ok;
}

/* A file may bring what is to be warned of, even where a store of the host has the certificate too. */
static bool trust_one(struct applying *applying, const struct policy_anchor *row, const struct anchor *anchor,
		      size_t source, struct err *err)
{
	struct trusting trusting = { list_of(&row->purposes), list_of(&row->dns), list_of(&row->networks),
				     list_of(&row->mail),     CLOCK_NONE,         row->label };
	size_t i = index_wanted(applying->wanted, anchor);
	bool ok = read_time(row->name, "not-after", row->not_after, &trusting.not_after, err);

	if (i < applying->wanted->count) {
		ok = ok && agrees(&trusting, anchor, &applying->wanted->anchors[i], err);
		if (applying->from[i] == SIZE_MAX)
			applying->from[i] = source;
	} else {
		applying->from = mem_grow(applying->from, i, sizeof(*applying->from));
		applying->from[i] = source;
		ok = ok && trusting_add(&trusting, anchor, applying->wanted, err);
	}
	return ok || err_in(err, "[anchor %s]", row->name);
}

static bool trust(struct applying *applying, const struct policy_anchor *row, size_t source, struct err *err)
{
	const struct anchor **found = NULL;
	size_t count = 0;
	bool ok = select_from(applying->sources[source], applying->files[source], row->fingerprint, &found,
			      &count, err);

	for (size_t i = 0; ok && i < count; i++)
		ok = trust_one(applying, row, found[i], source, err);
	free(found);
	return ok;
}

/* Of a file with a fingerprint beside it, only that certificate is meant. */
static bool request_one(struct applying *applying, struct changing *changing, enum request_kind kind,
			const char *file, const char *fingerprint, struct err *err)
{
	const struct anchor **found = NULL;
	size_t source, count = 0;
	bool ok = read_source(applying, file, &source, err) &&
		  select_from(applying->sources[source], file, fingerprint, &found, &count, err);

	for (size_t i = 0; ok && i < count; i++)
		ok = certs_ask(changing, kind, found[i]);
	free(found);
	return ok;
}

/* What is in no store needs no request, unless it is a file. */
static bool request_named(struct applying *applying, struct changing *changing, enum request_kind kind,
			  const char *file, const char *fingerprint, struct err *err)
{
	const struct anchor *anchor;
	char *words[1];
	bool ok;

	if (file == NULL)
		return certs_find(changing, fingerprint, &applying->certs, &anchor) &&
		       (anchor == NULL || certs_ask(changing, kind, anchor));
	if (fingerprint != NULL)
		return request_one(applying, changing, kind, file, fingerprint, err);
	words[0] = mem_string(file, strlen(file));
	ok = certs_request(changing, kind, 1, words, &applying->certs);
	free(words[0]);
	return ok;
}

/* An anchor that is named by its fingerprint alone must be in one store or another. */
static bool trust_known(struct applying *applying, struct changing *changing, const struct policy_anchor *row,
			struct err *err)
{
	const struct anchor *anchor;

	if (!certs_find(changing, row->fingerprint, &applying->certs, &anchor))
		return false;
	if (anchor == NULL)
		return err_set(err, ERR_ABSENT,
			       "[anchor %s]: no store here has the certificate %s; give its file", row->name,
			       row->fingerprint);
	return trust_one(applying, row, anchor, SIZE_MAX, err);
}

static bool read_anchor(struct applying *applying, struct changing *changing, const struct policy_anchor *row,
			struct err *err)
{
	int64_t retire;
	size_t source;

	if (!read_time(row->name, "retire-on", row->retire_on, &retire, err))
		return false;
	if (retire != CLOCK_NONE && retire <= applying->run->show.at)
		return request_named(applying, changing, REQUEST_REMOVE, row->file, row->fingerprint, err);
	if (row->file == NULL)
		return trust_known(applying, changing, row, err);
	return read_source(applying, row->file, &source, err) && trust(applying, row, source, err);
}

static bool read_rows(struct applying *applying, struct changing *changing, struct err *err)
{
	const struct policy_file *policy = &applying->policy;

	applying->wanted = store_new("the policy");
	for (size_t i = 0; i < policy->anchor_count; i++)
		if (!read_anchor(applying, changing, &policy->anchors[i], err))
			return false;
	store_finish(applying->wanted);
	for (size_t i = 0; i < applying->wanted->count; i++)
		if (!certs_ask(changing, REQUEST_TRUST, &applying->wanted->anchors[i]))
			return false;
	for (size_t i = 0; i < policy->ban_count; i++)
		if (!request_named(applying, changing, REQUEST_DISTRUST, policy->bans[i].file,
				   policy->bans[i].fingerprint, err))
			return false;
	return true;
}

/* Codes of the command line and of the policy. */
static void join_accepts(const struct change_options *given, struct applying *applying)
{
	struct change_options *change = &applying->change;
	const struct texts *more = &applying->policy.accept;
	const char **all = mem_zero((given->accept.count + more->count + 1) * sizeof(*all));

	*change = *given;
	change->accept = (struct option_list){ all, 0 };
	for (size_t i = 0; i < given->accept.count; i++)
		all[change->accept.count++] = given->accept.all[i];
	for (size_t i = 0; i < more->count; i++)
		all[change->accept.count++] = more->all[i];
}

static bool choose_targets(struct applying *applying, struct changing *changing)
{
	const struct texts *to = &applying->policy.to;

	if (applying->change.to.count > 0 || to->count == 0)
		return change_targets(changing);
	for (size_t i = 0; i < to->count; i++)
		if (!change_target(changing, to->all[i]))
			return false;
	return true;
}

/* The list that the stores are to have, if the policy names one. */
static bool read_base(struct applying *applying, struct changing *changing, enum status *ret)
{
	const struct policy_base *base = &applying->policy.base;
	struct refresh_terms *terms = &applying->terms;
	char *end = NULL;

	if (base->from == NULL)
		return true;
	*terms = (struct refresh_terms){ .source = { .from = base->from,
						     .sha256 = base->sha256,
						     .signature = base->signature,
						     .signer = base->signer,
						     .keyring = base->keyring },
					 .max_shrink = MAX_SHRINK };
	if (base->max_shrink != NULL)
		terms->max_shrink = (int)strtol(base->max_shrink, &end, 10);
	if (end != NULL &&
	    (*end != '\0' || end == base->max_shrink || terms->max_shrink < 0 || terms->max_shrink > 100)) {
		struct err err = { 0 };

		err_set(&err, ERR_USAGE, "[base]: max-shrink = '%s' is no percentage, from 0 to 100",
			base->max_shrink);
		cmd_fail(applying->run, &err);
		*ret = STATUS_TROUBLE;
		return false;
	}
	applying->refreshing =
		(struct refreshing){ .run = applying->run, .terms = terms, .changing = changing };
	return refreshing_request(&applying->refreshing, ret);
}

static void applying_done(struct applying *applying)
{
	policy_file_done(&applying->policy);
	for (size_t i = 0; i < applying->count; i++)
		store_free(applying->sources[i]);
	free(applying->sources);
	free(applying->files);
	free(applying->from);
	free(applying->change.accept.all);
	store_free(applying->wanted);
	certs_done(&applying->certs);
	if (applying->refreshing.run != NULL)
		refreshing_done(&applying->refreshing);
}

static enum status apply_policy(struct applying *applying, struct changing *changing, const char *path)
{
	const struct change_options *given = changing->options;
	enum status status = STATUS_TROUBLE;
	struct err err = { 0 };
	bool ok = path == NULL || policy_file_read(&applying->run->root, path, &applying->policy, &err);

	join_accepts(given, applying);
	changing->options = &applying->change;
	ok = ok && choose_targets(applying, changing) && read_rows(applying, changing, &err) &&
	     read_base(applying, changing, &status) && retiring_request(changing, &applying->certs, &err);
	if (!ok) {
		if (err.code != ERR_NONE)
			cmd_fail(applying->run, &err);
		return status;
	}
	cost_tell(changing, CLOCK_NONE);
	trusting_warn(changing, applying->wanted,
		      &(const struct origins){ applying->sources, applying->files, applying->from });
	changing->summary = summary_of(changing, "apply");
	return change_perform(changing);
}

/* What most people will call it. */
static const char usual[] = "/etc/anchorage/policy.conf";

static enum status apply_run(struct run *run, void *values, int argc, char **argv)
{
	const struct apply_options *o = values;
	struct applying applying = { .run = run, .certs.absent_ok = true };
	struct changing changing = {
		.run = run, .options = &o->change, .against = &o->against, .exact = true
	};
	enum status status;

	if (argc > 1)
		return cmd_usage(run, "one policy at a time");
	if (argc == 0 && root_has(&run->root, usual))
		cmd_say(run, "no policy is named: '%s' is not read by itself", usual);
	status = apply_policy(&applying, &changing, argc == 1 ? argv[0] : NULL);
	change_done(&changing);
	applying_done(&applying);
	return status;
}

const struct cmd cmd_apply = {
	.name = "apply",
	.args = "[POLICY]",
	.brief = "bring the stores to the state that a policy describes, and retire what is due",
	.options = options,
	.size = sizeof(struct apply_options),
	.changes = true,
	.run = apply_run,
};
