/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/refresh.h"

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/mem.h"
#include "base/text.h"
#include "check/roots.h"
#include "cmd/again.h"
#include "cmd/change.h"
#include "cmd/input.h"
#include "cmd/roots.h"
#include "cmd/source.h"
#include "cmd/trusting.h"
#include "medium/medium.h"
#include "model/place.h"
#include "model/store.h"
#include "show/refresh.h"
#include "stage/brought.h"
#include "stage/certsconf.h"

struct refresh_options {
	struct change_options change;
	struct source_options source;
	int max_shrink;
	bool allow_older, allow_shrink;
};

enum { MAX_SHRINK = 20, MOST_NAME = 100 };

static const struct option options[] = {
	SOURCE_OPTIONS(struct refresh_options, source),
	{ "max-shrink", 0, OPTION_NUMBER, offsetof(struct refresh_options, max_shrink), "PERCENT", NULL,
	  "how many anchors fewer a newer list may have (default: 20)" },
	{ "allow-shrink", 0, OPTION_FLAG, offsetof(struct refresh_options, allow_shrink), NULL, NULL,
	  "take a list that has fewer than that" },
	{ "allow-older", 0, OPTION_FLAG, offsetof(struct refresh_options, allow_older), NULL, NULL,
	  "take a list that is older than the one that is here" },
	CHANGE_OPTIONS(struct refresh_options, change),
	{ 0 },
};

static void preset(void *values)
{
	((struct refresh_options *)values)->max_shrink = MAX_SHRINK;
}

/* Lists that packages bring, and where people put their own; what of them is there. */
static const char *const base_paths[] = { "/usr/share/ca-certificates/mozilla",
					  "/usr/share/pki/ca-trust-source",
					  "/usr/share/ca-certificates/trust-source", "/usr/share/pki/trust",
					  NULL };
static const char *const local_paths[] = { "/usr/local/share/ca-certificates", "/etc/pki/ca-trust/source",
					   "/etc/ca-certificates/trust-source", "/etc/pki/trust", NULL };

/* Stores that were read for a review; owned. */
struct read {
	struct store **all;
	size_t count;
};

/* One store that is refreshed. */
struct one {
	size_t target; /* its index */
	struct store *store;
	struct kind kind; /* what it can say */
	struct read bases, locals, forbidden;
	struct brought brought;
	char *record, *was; /* the record's path; the edition that is here, or NULL */
	struct refresh refresh;
};

struct refreshing {
	struct run *run;
	const struct refresh_options *o;
	struct changing *changing;
	struct again again;
	struct source source;
	struct roots roots;
	struct one *all;
	struct reviewed *reviews; /* of each */
	size_t count;
};

/* --- what is here --- */

static void take(struct read *to, struct store *store)
{
	if (store == NULL)
		return;
	to->all = mem_grow(to->all, to->count, sizeof(struct store *));
	to->all[to->count++] = store;
}

static void read_done(struct read *read)
{
	for (size_t i = 0; i < read->count; i++)
		store_free(read->all[i]);
	free(read->all);
}

static struct store *read_path(const struct root *root, const char *path)
{
	struct place place = { 0 };
	struct store *store;
	struct err ignored = { 0 };

	if (!root_has(root, path))
		return NULL;
	place_set(&place, path, NULL);
	place_add_path(&place, path);
	store = medium_read(&place, root, &ignored);
	place_done(&place);
	return store;
}

/* What is in `from` and not in `but`. Frees `from`. */
static struct store *without(struct store *from, const struct store *but)
{
	struct store *rest;

	if (from == NULL || but->count == 0)
		return from;
	rest = store_new(from->place);
	for (size_t i = 0; i < from->count; i++)
		if (store_find(but, from->anchors[i].id) == NULL)
			store_add_fingerprint(rest, from->anchors[i].id);
	store_finish(rest);
	store_free(from);
	return rest;
}

/* What people deselected in ca-certificates.conf(5), and no refresh. */
static bool read_deselected(const struct root *root, struct one *one, struct err *err)
{
	struct certsconf conf;

	if (!certsconf_read(root, "/etc/ca-certificates.conf", &conf, err))
		return false;
	for (size_t i = 0; i < conf.count; i++) {
		const struct certsconf_line *line = &conf.lines[i];
		char *path;

		if (line->path == NULL || !line->off)
			continue;
		path = mem_print("/usr/share/ca-certificates/%.*s", (int)line->len, line->path);
		take(&one->forbidden, without(read_path(root, path), one->brought.went));
		free(path);
	}
	certsconf_done(&conf);
	return true;
}

/* All that its files can say together. */
static void find_kind(const struct run *run, const struct target *target, struct one *one)
{
	const struct requests none = { 0 };
	const struct terms terms = { .at = run->show.at, .allow_empty = true };
	struct staged staged = { 0 };
	struct err ignored = { 0 };

	one->kind = (struct kind){ target->name, "",
				   one->store->kind != NULL ? one->store->kind->can : CAN_MANY };
	if (target->path == NULL &&
	    target->stager->stage(&run->root, target, &none, &terms, &staged, &ignored)) {
		one->kind.can = 0;
		for (size_t i = 0; i < staged.file_count; i++)
			one->kind.can |= staged.files[i].kind->can;
		staged_done(&staged);
	}
}

/* Different names give different paths. NULL: there is no place for it. */
static char *record_path(const struct refreshing *r, const char *name, struct err *err)
{
	char *state = state_path(&r->run->root, r->o->change.user, err);
	struct buf path = { 0 };
	uint8_t id[DIGEST_LEN];

	if (state == NULL)
		return NULL;
	buf_print(&path, "%s/refresh/", state);
	free(state);
	for (const char *at = strlen(name) > MOST_NAME ? name + strlen(name) - MOST_NAME : name; *at != '\0';
	     at++)
		buf_byte(&path, (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') ||
						(*at >= '0' && *at <= '9')
					? (unsigned char)*at
					: '_');
	if (strcmp(name, "system") != 0) {
		digest_sha256(bytes_of(name), id);
		buf_byte(&path, '-');
		text_hex((struct bytes){ id, 8 }, &path);
	}
	buf_byte(&path, '\0');
	return (char *)path.at;
}

static char *edition_in(const struct root *root, const char *path, enum publisher publisher)
{
	struct buf file = { 0 };
	struct err ignored = { 0 };
	char *edition =
		root_read(root, path, &file, &ignored) ? edition_of(publisher, buf_view(&file)) : NULL;

	buf_done(&file);
	return edition;
}

/* The newest edition of the source's publisher that is known to be here. */
static char *find_was(const struct refreshing *r, const struct one *one)
{
	const struct target *target = &r->changing->targets[one->target];
	const char *slash = target->path != NULL ? strrchr(target->path, '/') : NULL;
	const struct brought *brought = &one->brought;
	char *was = NULL, *beside;

	if (r->source.publisher == PUBLISHER_DEBIAN && target->path == NULL)
		was = edition_in(&r->run->root, "/var/lib/dpkg/status", PUBLISHER_DEBIAN);
	if (r->source.publisher == PUBLISHER_CURL && target->path != NULL)
		was = edition_in(&r->run->root, target->path, PUBLISHER_CURL);
	if (r->source.publisher == PUBLISHER_CERTIFI && slash != NULL) {
		beside = mem_print("%.*s/__init__.py", (int)(slash - target->path), target->path);
		was = edition_in(&r->run->root, beside, PUBLISHER_CERTIFI);
		free(beside);
	}
	if (brought->publisher != NULL && brought->edition[0] != '\0' &&
	    strcmp(brought->publisher, publisher_words[r->source.publisher]) == 0 &&
	    (was == NULL || edition_compare(brought->edition, was) > 0)) {
		free(was);
		was = mem_string(brought->edition, strlen(brought->edition));
	}
	return was;
}

static bool read_one(struct refreshing *r, struct one *one, struct err *err)
{
	const struct target *target = &r->changing->targets[one->target];
	const struct root *root = &r->run->root;
	bool system = target->path == NULL;

	one->record = record_path(r, target->path != NULL ? target->path : target->name, err);
	one->store = one->record != NULL ? input_store(r->run, target->name) : NULL;
	if (one->store == NULL)
		return false;
	if (store_incomplete(one->store))
		return err_set(err, ERR_DAMAGED, "not all of '%s' could be read, so nothing is changed",
			       target->name);
	if (!brought_read(root, one->record, &one->brought, err))
		return false;
	for (size_t i = 0; base_paths[i] != NULL; i++)
		take(&one->bases, read_path(root, base_paths[i]));
	for (size_t i = 0; system && local_paths[i] != NULL; i++)
		take(&one->locals, without(read_path(root, local_paths[i]), one->brought.came));
	find_kind(r->run, target, one);
	one->was = find_was(r, one);
	return !system || read_deselected(root, one, err);
}

/* --- the review --- */

struct borrowed {
	const struct store **all; /* owned array */
	size_t count;
};

static void borrow(struct borrowed *to, const struct store *store)
{
	to->all = mem_grow(to->all, to->count, sizeof(const struct store *));
	to->all[to->count++] = store;
}

static void borrow_all(struct borrowed *to, const struct read *from)
{
	for (size_t i = 0; i < from->count; i++)
		borrow(to, from->all[i]);
}

static void review(struct refreshing *r, struct one *one)
{
	const struct overlay *overlay = again_of(&r->again, r->changing->targets[one->target].path);
	struct borrowed bases = { 0 }, locals = { 0 }, forbidden = { 0 };

	borrow_all(&bases, &one->bases);
	borrow_all(&locals, &one->locals);
	borrow_all(&forbidden, &one->forbidden);
	borrow(&bases, one->brought.came);
	for (size_t i = 0; overlay != NULL && i < overlay->count; i++)
		borrow(overlay->all[i].kind == REQUEST_TRUST ? &locals : &forbidden, overlay->all[i].store);
	refresh_review(
		&(struct refresh_question){
			.store = one->store,
			.target = &one->kind,
			.next = r->source.store,
			.source = r->source.name,
			.bases = bases.all,
			.base_count = bases.count,
			.locals = locals.all,
			.local_count = locals.count,
			.forbidden = forbidden.all,
			.forbidden_count = forbidden.count,
			.roots = &r->roots,
			.at = r->run->show.at,
		},
		&one->refresh);
	free(bases.all);
	free(locals.all);
	free(forbidden.all);
}

/* The requests, and the record, which is changed with the store. */
static void request(struct refreshing *r, const struct one *one)
{
	struct changing *changing = r->changing;
	struct requests *wishes = &changing->tasks[one->target].requests, moves = { 0 };
	size_t first = wishes->count;
	struct buf line = { 0 };

	refresh_requests(&one->refresh, false, wishes);
	trusting_warn_named(changing, wishes, first, r->source.store, r->source.name);
	refresh_requests(&one->refresh, true, &moves);
	if (moves.count > 0 || one->brought.publisher != NULL) {
		buf_print(&line, "%s\t%s\t", publisher_words[r->source.publisher],
			  r->source.edition != NULL ? r->source.edition : "");
		text_escape(bytes_of(r->source.name), &line);
		buf_byte(&line, '\0');
		change_file(changing, &stager_brought, one->record, (const char *)line.at);
		requests_join(&changing->tasks[changing->count - 1].requests, &moves);
	}
	buf_done(&line);
	requests_done(&moves);
}

static bool review_one(struct refreshing *r, size_t target, struct err *err)
{
	struct one *one;

	if (r->changing->targets[target].user != NULL)
		return err_set(err, ERR_USAGE,
			       "what a user trusts is the system's list and the user's own anchors: --from "
			       "refreshes "
			       "the system, or a store that is named");
	r->all = mem_grow(r->all, r->count, sizeof(*r->all));
	r->reviews = mem_grow(r->reviews, r->count, sizeof(*r->reviews));
	one = &r->all[r->count];
	*one = (struct one){ .target = target };
	r->reviews[r->count++] = (struct reviewed){ .refresh = NULL };
	if (!read_one(r, one, err))
		return false;
	review(r, one);
	return true;
}

static void show_reviews(struct refreshing *r)
{
	for (size_t i = 0; i < r->count; i++) {
		const struct one *one = &r->all[i];

		r->reviews[i] = (struct reviewed){ r->changing->targets[one->target].name, r->source.name,
						   one->was, r->source.edition, &one->refresh };
		show_refresh(&r->run->show, &r->reviews[i]);
	}
}

/* The first list that goes backwards ends it. */
static bool bounded(const struct refreshing *r, struct err *err)
{
	for (size_t i = 0; i < r->count; i++) {
		const struct refresh_bounds bounds = { r->all[i].was, r->source.edition, r->o->max_shrink,
						       r->o->allow_older, r->o->allow_shrink };

		if (!refresh_bounded(&r->all[i].refresh, &bounds, err))
			return err_in(err, "%s", r->changing->targets[r->all[i].target].name);
	}
	return true;
}

/* What is JSON must be told even so. */
static enum status refuse(const struct refreshing *r, const struct err *err)
{
	struct changed changed = { .warnings = &r->changing->warnings,
				   .reviews = r->reviews,
				   .review_count = r->count,
				   .end = CHANGE_REFUSED,
				   .error = err->text };

	cmd_fail(r->run, err);
	show_changed(&r->run->show, &changed);
	return STATUS_NO;
}

static enum status from_source(struct refreshing *r)
{
	size_t targets = r->changing->count;
	struct err err = { 0 };
	bool ok = roots_load(&r->roots, &err) && source_read(r->run, &r->o->source, &r->source);

	for (size_t i = 0; ok && i < targets; i++)
		ok = review_one(r, i, &err);
	if (!ok) {
		if (err.code != ERR_NONE)
			cmd_fail(r->run, &err);
		return STATUS_TROUBLE;
	}
	show_reviews(r);
	if (!bounded(r, &err))
		return refuse(r, &err);
	for (size_t i = 0; i < r->count; i++)
		request(r, &r->all[i]);
	r->changing->passing = true; /* a newer list of its own is to count */
	r->changing->reviews = r->reviews;
	r->changing->review_count = r->count;
	r->changing->summary = mem_print("refresh %s%s from %s", r->changing->targets[0].name,
					 targets > 1 ? " and others" : "", r->source.name);
	return change_perform(r->changing);
}

static void refreshing_done(struct refreshing *r)
{
	for (size_t i = 0; i < r->count; i++) {
		struct one *one = &r->all[i];

		refresh_done(&one->refresh);
		brought_done(&one->brought);
		read_done(&one->bases);
		read_done(&one->locals);
		read_done(&one->forbidden);
		store_free(one->store);
		free(one->record);
		free(one->was);
	}
	free(r->all);
	free(r->reviews);
	roots_done(&r->roots);
	source_done(&r->source);
}

static bool find_targets(struct changing *changing, int argc, char **argv)
{
	for (int i = 0; i < argc; i++)
		if (!change_target(changing, argv[i]))
			return false;
	if (argc > 0 && changing->options->to.count == 0)
		return true;
	/* Where only stores of packages were changed, no system need be known. */
	return (changing->count > 0 && stager_system(&changing->run->root) == NULL) ||
	       change_targets(changing);
}

static enum status refresh_run(struct run *run, void *values, int argc, char **argv)
{
	const struct refresh_options *o = values;
	struct changing changing = { .run = run, .options = &o->change };
	struct refreshing refreshing = { .run = run, .o = o, .changing = &changing };
	const bool named = argc > 0 || o->change.to.count > 0;
	enum status status = STATUS_TROUBLE;

	if (o->max_shrink > 100)
		return cmd_usage(run, "--max-shrink: it is a percentage, from 0 to 100");
	if (o->source.from == NULL && (o->source.sha256 != NULL || o->source.signature != NULL))
		return cmd_usage(run, "--sha256 and --signature are about what --from names");
	if ((!named && o->source.from == NULL && !again_request(&changing, true, &refreshing.again)) ||
	    !find_targets(&changing, argc, argv) ||
	    (named && !again_request(&changing, false, &refreshing.again))) {
	} else if (o->source.from != NULL) {
		status = from_source(&refreshing);
	} else {
		changing.summary = mem_print("repair %s%s", changing.targets[0].name,
					     changing.count > 1 ? " and others" : "");
		status = change_perform(&changing);
	}
	change_done(&changing);
	again_done(&refreshing.again);
	refreshing_done(&refreshing);
	return status;
}

const struct cmd cmd_refresh = {
	.name = "refresh",
	.args = "[STORE...]",
	.brief = "bring a store up to date from a reviewed source, or mend it",
	.options = options,
	.size = sizeof(struct refresh_options),
	.preset = preset,
	.run = refresh_run,
};
