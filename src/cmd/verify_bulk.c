/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Each thread takes the next target, judges and renders it; whoever finishes the
 * target that is to be shown next shows it and all behind it that are done. No thread
 * is started before all stores are read, as a PKCS#11 helper wants its parent alone.
 */
#include "cmd/verify.h"

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/root.h"
#include "medium/chain.h"
#include "model/store.h"
#include "show/put.h"
#include "show/verdict.h"

enum { MOST_THREADS = 64, STACK = 16 << 20, PROGRESS_EVERY = 50 };

/* One target, done. */
struct result {
	bool done, passed_over;
	bool directory; /* it is one, and not done */
	struct buf out; /* for standard output */
	char *said;     /* for standard error, or NULL */
	size_t said_len;
};

struct bulk {
	struct run *run;
	const struct verify_options *options;
	const struct verify_case *it;
	struct targets *targets;
	struct result *results;
	struct show into; /* as run->show, into memory: each thread takes a copy */
	bool brief, progress;
	pthread_mutex_t lock; /* of all below */
	size_t next, shown;
	size_t accepted, rejected, unknown, told;
	bool incomplete;  /* something of a target could not be read */
	bool directories; /* some are, and wait for being opened */
};

/* What a thread has of its own. */
struct worker {
	struct bulk *bulk;
	struct judge **judges; /* for each store; made when first needed */
	struct chain chain;    /* of the target under way */
	struct given *given;
	size_t room;
	struct judged *rows;
	struct verdict *verdicts;
};

static void worker_begin(struct worker *w, struct bulk *bulk)
{
	size_t stores = bulk->it->store_count;

	*w = (struct worker){ .bulk = bulk };
	w->judges = mem_zero(stores * sizeof(struct judge *));
	w->rows = mem_zero(stores * sizeof(*w->rows));
	w->verdicts = mem_zero(stores * sizeof(*w->verdicts));
}

static void worker_done(struct worker *w)
{
	for (size_t i = 0; i < w->bulk->it->store_count; i++) {
		judge_free(w->judges[i]);
	}
	free(w->judges);
	free(w->rows);
	free(w->verdicts);
	free(w->given);
	chain_done(&w->chain);
}

static struct judge *judge_of(struct worker *w, size_t store)
{
	const struct verify_case *it = w->bulk->it;

	if (w->judges[store] == NULL) {
		w->judges[store] = judge_new(it->stores[store].trust, &it->question, &it->evidence);
		judge_add(w->judges[store], it->given, it->given_count);
	}
	return w->judges[store];
}

static void give(struct worker *w)
{
	const struct chain *chain = &w->chain;

	if (chain->count > w->room) {
		free(w->given);
		w->room = 2 * chain->count;
		w->given = mem_zero(w->room * sizeof(*w->given));
	}
	for (size_t i = 0; i < chain->count; i++)
		w->given[i] = (struct given){ chain->all[i].der, chain->all[i].where };
}

/* Fills rows and verdicts; `trouble` says why the target has no chain, or is NULL. */
static void judge_all(struct worker *w, const char *target, const char *trouble)
{
	const struct verify_case *it = w->bulk->it;

	give(w);
	for (size_t i = 0; i < it->store_count; i++) {
		const struct verify_store *store = &it->stores[i];
		struct judged *row = &w->rows[i];

		*row = (struct judged){
			.target = target,
			.store = store->name,
			.question = &it->question,
			.purpose_given = w->bulk->options->purpose != NULL,
			.trouble = trouble != NULL ? trouble : "the store could not be read",
			.notes = w->chain.store,
		};
		if (trouble != NULL || store->store == NULL)
			continue;
		judge_try(judge_of(w, i), w->given, w->chain.count, &w->verdicts[i]);
		row->verdict = &w->verdicts[i];
	}
}

/* Renders into the result: the streams themselves are for whoever shows it. */
static void render(struct worker *w, const struct err *err, struct result *result)
{
	const struct chain *chain = &w->chain;
	struct show show = w->bulk->into;
	FILE *notes = NULL;

	if (chain->store != NULL || err->code != ERR_NONE)
		notes = open_memstream(&result->said, &result->said_len);
	if (notes != NULL) {
		show.notes = notes;
		if (err->code != ERR_NONE && !(result->passed_over && show.quiet))
			show_say(&show, result->passed_over ? "anchorage: passed over" : "anchorage",
				 err->text);
		/* what is there instead of a certificate is what somebody wants to know */
		if (err->code == ERR_ABSENT && show.verbose == 0)
			show.verbose = 1;
		if (chain->store != NULL && !result->passed_over)
			show_notes(&show, chain->store);
		show.verbose = w->bulk->into.verbose;
		(void)fclose(notes);
	}
	if (result->passed_over)
		return;
	/* Of one target that cannot be read all is said on standard error. */
	if (err->code == ERR_NONE || show.json || w->bulk->brief)
		show_verdict(&show, w->rows, w->bulk->it->store_count, w->bulk->brief,
			     w->bulk->options->json_lines);
	result->out = show.out;
}

/* With the lock held. */
static void show_done_ones(struct bulk *bulk)
{
	struct show *show = &bulk->run->show;

	while (bulk->shown < bulk->targets->count && bulk->results[bulk->shown].done) {
		struct result *result = &bulk->results[bulk->shown];

		if (result->said_len > 0) {
			show_flush(show);
			show_said(show, result->said, result->said_len);
		}
		if (!result->passed_over && bulk->told++ > 0)
			show_verdicts_next(show, bulk->options->json_lines);
		buf_bytes(&show->out, buf_view(&result->out));
		put(show, ""); /* writes what has grown */
		buf_done(&result->out);
		free(result->said);
		bulk->shown++;
		if (bulk->progress && bulk->shown % PROGRESS_EVERY == 0)
			show_progress(show, "%zu of %zu", bulk->shown, bulk->targets->count);
	}
}

static void count(struct bulk *bulk, const struct judged *rows)
{
	bool rejected = false, unknown = false;

	for (size_t i = 0; i < bulk->it->store_count; i++) {
		unknown = unknown || rows[i].verdict == NULL;
		rejected =
			rejected || (rows[i].verdict != NULL && rows[i].verdict->outcome == OUTCOME_REJECTED);
	}
	bulk->unknown += unknown;
	bulk->rejected += rejected && !unknown;
	bulk->accepted += !rejected && !unknown;
}

/* What is there was meant as a certificate. */
static bool damaged(const struct chain *chain)
{
	return chain->store != NULL && store_incomplete(chain->store);
}

static bool read_target(struct worker *w, const char *path, struct err *err)
{
	if (!chain_read_next(path, &w->bulk->run->root, &w->chain, err))
		return false;
	if (w->chain.lost > 0)
		return err_set(
			err, ERR_DAMAGED,
			"line %u: the first certificate, which is the one to judge, cannot be read; get a "
			"good copy of it",
			w->chain.lost);
	return true;
}

/* All that is listed before what is in it will have been shown by then. */
static void leave_directory(struct worker *w, struct result *result)
{
	struct bulk *bulk = w->bulk;

	pthread_mutex_lock(&bulk->lock);
	result->directory = bulk->directories = true;
	pthread_mutex_unlock(&bulk->lock);
}

static void work_on(struct worker *w, size_t n)
{
	struct bulk *bulk = w->bulk;
	const struct target *target = &bulk->targets->all[n];
	struct result *result = &bulk->results[n];
	struct err err = { 0 }, trouble;

	if (!read_target(w, target->path, &err)) {
		if (target->unseen && root_is_directory(&bulk->run->root, target->path)) {
			leave_directory(w, result);
			return;
		}
		trouble = err;
		judge_all(w, target->path, trouble.text);
		err_in(&err, "%s", strcmp(target->path, "-") == 0 ? "standard input" : target->path);
		result->passed_over = target->listed && !damaged(&w->chain) &&
				      (err.code == ERR_ABSENT || err.code == ERR_UNKNOWN);
	} else {
		judge_all(w, target->path, NULL);
	}
	render(w, &err, result);
	pthread_mutex_lock(&bulk->lock);
	if (!result->passed_over)
		count(bulk, w->rows);
	bulk->incomplete = bulk->incomplete || (!result->passed_over && damaged(&w->chain));
	result->done = true;
	show_done_ones(bulk);
	pthread_mutex_unlock(&bulk->lock);
	for (size_t i = 0; i < bulk->it->store_count; i++)
		if (w->rows[i].verdict != NULL)
			judge_forget(w->judges[i], &w->verdicts[i]);
}

static void *work(void *data)
{
	struct bulk *bulk = data;
	struct worker w;

	worker_begin(&w, bulk);
	for (;;) {
		size_t n;

		pthread_mutex_lock(&bulk->lock);
		while (bulk->next < bulk->targets->count && bulk->results[bulk->next].done)
			bulk->next++;
		n = bulk->next < bulk->targets->count ? bulk->next++ : SIZE_MAX;
		pthread_mutex_unlock(&bulk->lock);
		if (n == SIZE_MAX)
			break;
		work_on(&w, n);
	}
	worker_done(&w);
	return NULL;
}

static size_t processors(void)
{
	cpu_set_t set;
	long count = sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set)
								  : sysconf(_SC_NPROCESSORS_ONLN);

	return count < 1 ? 1 : count > MOST_THREADS ? MOST_THREADS : (size_t)count;
}

/* This thread works too; where no other can be started it works alone. */
static void work_together(struct bulk *bulk)
{
	pthread_t threads[MOST_THREADS];
	pthread_attr_t attr;
	size_t most = processors(), started = 0;

	if (most > bulk->targets->count)
		most = bulk->targets->count;
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK);
	while (started + 1 < most && pthread_create(&threads[started], &attr, work, bulk) == 0)
		started++;
	pthread_attr_destroy(&attr);
	work(bulk);
	for (size_t i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
}

/* The files in each directory take its place. Only this thread is left. */
static void open_directories(struct bulk *bulk)
{
	struct targets *targets = bulk->targets, old = *targets;
	struct result *results = NULL, none = { 0 };

	targets->all = NULL;
	targets->count = 0;
	for (size_t i = 0; i < old.count; i++) {
		struct err err = { 0 };
		size_t from = targets->count;

		if (!bulk->results[i].directory) {
			targets_add_take(targets, old.all[i]);
		} else {
			if (!targets_add_directory(bulk->run, old.all[i].path, targets, &err)) {
				cmd_fail(bulk->run, &err);
				bulk->incomplete = true;
			}
			free(old.all[i].path);
		}
		for (size_t n = from; n < targets->count; n++) {
			results = mem_grow(results, n, sizeof(*results));
			results[n] = bulk->results[i].directory ? none : bulk->results[i];
		}
	}
	free(old.all);
	free(bulk->results);
	bulk->results = results;
	bulk->next = bulk->shown;
	bulk->directories = false;
	show_done_ones(bulk);
}

static void put_sum(struct bulk *bulk)
{
	struct show *show = &bulk->run->show;

	if (show->json || show->quiet || !bulk->brief)
		return;
	put_print(show, "%zu targets: %zu accepted, %zu rejected", bulk->told, bulk->accepted,
		  bulk->rejected);
	if (bulk->unknown > 0)
		put_print(show, ", %zu without an answer", bulk->unknown);
	put(show, "\n");
}

enum status verify_bulk(struct run *run, const struct verify_options *options, const struct verify_case *it,
			struct targets *targets)
{
	struct bulk bulk = {
		.run = run,
		.options = options,
		.it = it,
		.targets = targets,
		.results = mem_zero(targets->count * sizeof(*bulk.results)),
		.brief = targets->count > 1,
		.progress = targets->count > PROGRESS_EVERY && !run->show.quiet &&
			    isatty(fileno(run->show.notes)) && !isatty(fileno(run->show.to)),
	};

	bulk.into = run->show;
	bulk.into.to = NULL;
	bulk.into.out = (struct buf){ 0 };
	pthread_mutex_init(&bulk.lock, NULL);
	show_verdicts_begin(&run->show, options->json_lines);
	work_together(&bulk);
	if (bulk.directories) {
		open_directories(&bulk);
		work_together(&bulk);
	}
	if (bulk.progress)
		show_progress(&run->show, "%s", "");
	show_verdicts_end(&run->show, options->json_lines);
	put_sum(&bulk);
	pthread_mutex_destroy(&bulk.lock);
	free(bulk.results);
	if (bulk.told == 0)
		return cmd_usage(run, "there is nothing to verify: no certificate in what was named");
	return bulk.unknown > 0 || bulk.incomplete ? STATUS_TROUBLE
	       : bulk.rejected > 0                 ? STATUS_NO
						   : STATUS_OK;
}
