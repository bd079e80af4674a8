/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/trusting.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "check/danger.h"
#include "check/roots.h"
#include "cmd/roots.h"
#include "check/limit.h"
#include "cmd/change.h"
#include "cmd/input.h"
#include "find/find.h"
#include "find/known.h"
#include "find/mozilla.h"
#include "find/system.h"
#include "medium/medium.h"
#include "medium/shared.h"
#include "model/anchor.h"
#include "model/der.h"
#include "model/known.h"
#include "model/place.h"
#include "model/staple.h"
#include "model/store.h"
#include "net/fetch.h"

/* An extKeyUsage that has all purposes that were named; none if any will do. */
static bool read_purposes(const struct trusting *trusting, struct buf *to, struct err *err)
{
	const struct option_list *list = &trusting->purposes;
	struct buf oids = { 0 }, value = { 0 };
	bool ok = true, any = list->count == 0;

	for (size_t i = 0; ok && i < list->count; i++) {
		struct wanted wanted;
		struct buf oid = { 0 };

		ok = input_purpose(list->all[i], &wanted, &oid, err);
		any = any || (ok && wanted.any);
		if (ok && !wanted.any)
			der_write(&oids, DER_OID,
				  wanted.purpose < PURPOSE_ROWS ? purposes[wanted.purpose].der : wanted.oid);
		buf_done(&oid);
	}
	if (ok && !any) {
		der_write(&value, DER_SEQUENCE, buf_view(&oids));
		staple_write_extension(exts[EXT_EXTENDED_KEY_USAGE].oid, true, buf_view(&value), to);
	}
	buf_done(&oids);
	buf_done(&value);
	return ok;
}

static bool read_limits(const struct trusting *trusting, struct buf *to, struct err *err)
{
	const struct limit limit = { trusting->dns.all,        trusting->dns.count, trusting->networks.all,
				     trusting->networks.count, trusting->mail.all,  trusting->mail.count };

	return !limit_any(&limit) || limit_write(&limit, to, err);
}

/* The date is for every purpose that it is trusted for and that a store has a date for. */
static void put_date(struct anchor *anchor, bool limited, int64_t not_after)
{
	for (size_t i = 0; not_after != CLOCK_NONE && i < PURPOSE_COUNT; i++)
		if ((anchor->trusted >> i & 1) &&
		    (limited || (i < PURPOSE_ROWS && purposes[i].distrust_after != 0)))
			anchor->distrust_after[i] = not_after;
}

/* What the file itself limits, as .p11-kit and TRUSTED CERTIFICATE do, stays unless something else was asked.
 */
static void inherit(const struct anchor *read, bool purposes_too, bool names_too, struct store *to,
		    struct anchor *anchor)
{
	if (purposes_too && anchor_trusted(read) != 0)
		anchor->trusted = anchor_trusted(read);
	for (size_t i = 0; i < read->attached_count; i++) {
		bool eku = bytes_equal(read->attached[i].oid, exts[EXT_EXTENDED_KEY_USAGE].oid);
		bool names = bytes_equal(read->attached[i].oid, exts[EXT_NAME_CONSTRAINTS].oid);

		if ((!eku || purposes_too) && (!names || names_too))
			store_attach(to, anchor, read->attached[i].whole);
	}
	for (size_t i = 0; i < PURPOSE_COUNT; i++)
		if (anchor->trusted >> i & 1)
			anchor->distrust_after[i] = read->distrust_after[i];
}

bool trusting_add(const struct trusting *trusting, const struct anchor *read, struct store *to,
		  struct err *err)
{
	struct buf eku = { 0 }, names = { 0 };
	bool ok = read_purposes(trusting, &eku, err) && read_limits(trusting, &names, err);

	if (ok) {
		struct anchor *anchor = store_add(to, read->cert.der, NOTE_NOWHERE);

		store_label(to, anchor, bytes_of(trusting->label != NULL ? trusting->label : read->label));
		anchor->trusted = PURPOSES_ALL;
		if (eku.len > 0)
			staple_add(to, anchor, buf_view(&eku));
		if (names.len > 0)
			store_attach(to, anchor, buf_view(&names));
		inherit(read, eku.len == 0, names.len == 0, to, anchor);
		put_date(anchor, eku.len > 0, trusting->not_after);
	}
	buf_done(&eku);
	buf_done(&names);
	return ok;
}

/* Quietly: what cannot be read is said when it is staged. */
static struct store *read_quietly(const struct run *run, const char *store)
{
	struct run quiet = *run;
	struct place *places = NULL;
	struct store *read = NULL;
	struct err ignored = { 0 };
	size_t count = 0;

	quiet.show.quiet = true;
	if (find_places(store, &quiet.root, medium_kind, &places, &count, &ignored))
		for (size_t i = system_is_bundle(&quiet.root, places, count); i < count && read == NULL; i++)
			read = medium_read(&places[i], &quiet.root, &ignored);
	find_done(places, count);
	return read;
}

/* To ask the module takes longer than most changes, and for most certificates it has nothing to say. */
static struct store *read_mozilla(const struct run *run, const struct store *wanted)
{
	return mozilla_may_know(&run->root, wanted) ? read_quietly(run, "mozilla") : NULL;
}

/* `about`: of which they are to tell; NULL: of all. */
static void load_tables(const struct changing *changing, const struct store *about, struct known *ret,
			struct roots *ret_roots)
{
	struct err err = { 0 };

	if (!known_load(NULL, about, ret, &err)) {
		err_in(&err, "known-bad keys are not looked for");
		cmd_fail(changing->run, &err);
	}
	if (ret_roots != NULL && !roots_load(about, ret_roots, &err))
		cmd_say(changing->run, "public roots are not looked for: %s", err.text);
}

/* What must be accepted by its name, and nothing else. */
static void warn_named(struct changing *changing, const struct candidate *candidate)
{
	struct candidate bare = { .anchor = candidate->anchor,
				  .source = candidate->source,
				  .file = candidate->file,
				  .known = candidate->known,
				  .at = candidate->at };
	struct warnings found = { 0 };

	danger_find(&bare, &found);
	for (size_t i = 0; i < found.count; i++)
		if (found.all[i].row->by_name && !warnings_have(&changing->warnings, &found.all[i]))
			warnings_add(&changing->warnings, found.all[i].row, found.all[i].anchor, "%s",
				     found.all[i].text);
	warnings_done(&found);
}

void trusting_warn_named(struct changing *changing, const struct requests *requests, size_t first,
			 const struct store *source, const char *file)
{
	struct known known = { 0 };

	load_tables(changing, NULL, &known, NULL);
	for (size_t i = first; i < requests->count; i++) {
		const struct request *request = &requests->all[i];

		if (request->kind == REQUEST_TRUST && request->anchor->names == ANCHOR_CERTIFICATE)
			warn_named(changing, &(struct candidate){ .anchor = request->anchor,
								  .source = source,
								  .file = file,
								  .known = &known,
								  .at = changing->run->show.at });
	}
	known_done(&known);
}

static void warn_one(struct changing *changing, const struct anchor *anchor, size_t from,
		     const struct origins *origins, struct candidate *candidate)
{
	const char *file;
	char *shared;

	if (from == SIZE_MAX) {
		candidate->anchor = anchor;
		warn_named(changing, candidate);
		return;
	}
	file = origins->files[from];

	candidate->anchor = anchor;
	candidate->source = origins->sources[from];
	candidate->file = strcmp(file, "-") == 0 ? NULL : file;
	shared =
		candidate->file != NULL && !fetch_is_url(file) ? shared_by(&changing->run->root, file) : NULL;
	candidate->shared = shared;
	danger_find(candidate, &changing->warnings);
	free(shared);
}

void trusting_warn(struct changing *changing, const struct store *wanted, const struct origins *origins)
{
	struct store *system = read_quietly(changing->run, "system");
	struct store *mozilla = read_mozilla(changing->run, wanted);
	const struct store *const stores[] = { system }, *const lists[] = { mozilla };
	struct known known = { 0 };
	struct roots roots = { 0 };
	struct candidate candidate = { .stores = stores,
				       .store_count = system != NULL,
				       .lists = lists,
				       .list_count = mozilla != NULL,
				       .known = &known,
				       .roots = &roots,
				       .at = changing->run->show.at };

	load_tables(changing, wanted, &known, &roots);
	for (size_t i = 0; i < wanted->count; i++)
		warn_one(changing, &wanted->anchors[i], origins->from[i], origins, &candidate);
	known_done(&known);
	roots_done(&roots);
	store_free(system);
	store_free(mozilla);
}
