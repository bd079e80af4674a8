/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/refreshing.h"

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/mem.h"
#include "base/text.h"
#include "check/refresh.h"
#include "check/roots.h"
#include "cmd/again.h"
#include "cmd/change.h"
#include "cmd/input.h"
#include "cmd/roots.h"
#include "cmd/warning.h"
#include "cmd/source.h"
#include "cmd/trusting.h"
#include "medium/medium.h"
#include "model/place.h"
#include "model/store.h"
#include "show/refresh.h"
#include "stage/brought.h"
#include "stage/certsconf.h"

enum { MOST_NAME = 100, FEW = 5 };

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
struct refreshed {
	size_t target; /* its index */
	struct store *store;
	struct kind kind; /* what it can say */
	struct read bases, locals, forbidden;
	struct brought brought;
	char *record, *was; /* the record's path; the edition that is here, or NULL */
	struct refresh refresh;
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
static bool read_deselected(const struct root *root, struct refreshed *one, struct err *err)
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
static void find_kind(const struct run *run, const struct target *target, struct refreshed *one)
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
	char *state = state_path(&r->run->root, r->changing->options->user, err);
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
static char *find_was(const struct refreshing *r, const struct refreshed *one)
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

/* What a policy asks for itself, beside its list, which gives way to it: else each of them would undo the
 * other. */
static struct store *asked(const struct changing *changing, bool trusted)
{
	struct store *ret = store_new("what is asked for");

	for (size_t i = 0; i < changing->requests.count; i++) {
		const struct request *request = &changing->requests.all[i];
		enum anchor_names names = request->anchor->names;

		if ((names == ANCHOR_CERTIFICATE || names == ANCHOR_FINGERPRINT) &&
		    request->kind != REQUEST_LIFT && (request->kind == REQUEST_TRUST) == trusted)
			store_add_fingerprint(ret, request->anchor->id);
	}
	store_finish(ret);
	return ret;
}

static bool read_one(struct refreshing *r, struct refreshed *one, struct err *err)
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
	take(&one->locals, asked(r->changing, true));
	take(&one->forbidden, asked(r->changing, false));
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

static void review(struct refreshing *r, struct refreshed *one)
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

/*
 * What comes tells whether the list is an old one, whatever it says of itself. One that is newer than what is
 * here may be older than the table, which then knows a little of it to have gone since.
 */
static void warn_of_old(struct refreshing *r, const struct refreshed *one)
{
	const char *name = r->changing->targets[one->target].name;
	bool compared = one->was != NULL && r->source.edition != NULL;
	size_t back = 0;

	for (size_t i = 0; i < one->refresh.count; i++) {
		const struct refresh_entry *entry = &one->refresh.all[i];

		back += entry->kind == REFRESH_ADDED &&
			(entry->cause == CAUSE_MOZILLA || entry->cause == CAUSE_EXPIRED);
	}
	if (back == 0 ||
	    (compared && (r->terms->allow_older || back * FEW < one->refresh.kinds[REFRESH_ADDED])))
		return;
	warnings_add(&r->changing->warnings, &change_warnings[WARNING_BRINGS_BACK], NULL,
		     "%s: of what %s adds, %zu %s expired or dropped by Mozilla: it may be an old list", name,
		     r->source.name, back, back == 1 ? "is" : "are")
		->advice = mem_print("the review above says which; take a newer list");
}

/* The requests, and the record, which is changed with the store. */
static void request(struct refreshing *r, const struct refreshed *one)
{
	struct changing *changing = r->changing;
	struct requests *wishes = &changing->tasks[one->target].requests, moves = { 0 };
	size_t first = wishes->count;
	struct buf line = { 0 };

	warn_of_old(r, one);
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
	struct refreshed *one;

	if (r->changing->targets[target].user != NULL)
		return err_set(err, ERR_USAGE,
			       "what a user trusts is the system's list and the user's own anchors: --from "
			       "refreshes "
			       "the system, or a store that is named");
	r->all = mem_grow(r->all, r->count, sizeof(*r->all));
	r->reviews = mem_grow(r->reviews, r->count, sizeof(*r->reviews));
	one = &r->all[r->count];
	*one = (struct refreshed){ .target = target };
	r->reviews[r->count++] = (struct reviewed){ .refresh = NULL };
	if (!read_one(r, one, err))
		return false;
	review(r, one);
	return true;
}

static void show_reviews(struct refreshing *r)
{
	for (size_t i = 0; i < r->count; i++) {
		const struct refreshed *one = &r->all[i];

		r->reviews[i] = (struct reviewed){ r->changing->targets[one->target].name, r->source.name,
						   one->was, r->source.edition, &one->refresh };
		show_refresh(&r->run->show, &r->reviews[i]);
	}
}

/* The first list that goes backwards ends it. */
static bool bounded(const struct refreshing *r, struct err *err)
{
	for (size_t i = 0; i < r->count; i++) {
		const struct refresh_bounds bounds = { r->all[i].was, r->source.edition, r->terms->max_shrink,
						       r->terms->allow_older, r->terms->allow_shrink };

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

bool refreshing_request(struct refreshing *r, enum status *ret)
{
	size_t targets = r->changing->count;
	struct err err = { 0 };
	bool ok = roots_load(NULL, &r->roots, &err) && source_read(r->run, &r->terms->source, &r->source);

	for (size_t i = 0; ok && i < targets; i++)
		ok = r->changing->targets[i].own || review_one(r, i, &err);
	*ret = STATUS_TROUBLE;
	if (!ok) {
		if (err.code != ERR_NONE)
			cmd_fail(r->run, &err);
		return false;
	}
	show_reviews(r);
	if (!bounded(r, &err)) {
		*ret = refuse(r, &err);
		return false;
	}
	for (size_t i = 0; i < r->count; i++)
		request(r, &r->all[i]);
	r->changing->reviews = r->reviews;
	r->changing->review_count = r->count;
	return true;
}

void refreshing_done(struct refreshing *r)
{
	for (size_t i = 0; i < r->count; i++) {
		struct refreshed *one = &r->all[i];

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
	again_done(&r->again);
	roots_done(&r->roots);
	source_done(&r->source);
}
