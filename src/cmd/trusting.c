/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/trusting.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/mem.h"
#include "check/danger.h"
#include "check/limit.h"
#include "cmd/change.h"
#include "cmd/input.h"
#include "model/anchor.h"
#include "model/der.h"
#include "model/staple.h"
#include "model/store.h"

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

/* Whether others than the owner may change what is read: the file, or the directory that it is in. */
static bool shared(const struct root *root, const char *path)
{
	enum { OTHERS = S_IWGRP | S_IWOTH };
	const char *slash = strrchr(path, '/');
	char *parent;
	struct stat st;
	bool yes;

	if (strcmp(path, "-") == 0 || !root_stat(root, path, &st) || !S_ISREG(st.st_mode))
		return false;
	if (st.st_mode & OTHERS)
		return true;
	parent = slash == NULL ? mem_string(".", 1) : mem_string(path, (size_t)(slash - path) + 1);
	yes = root_stat(root, parent, &st) && (st.st_mode & OTHERS) && !(st.st_mode & S_ISVTX);
	free(parent);
	return yes;
}

/* What is trusted now, quietly: what cannot be read is said when it is staged. */
static struct store *read_system(const struct run *run)
{
	struct run quiet = *run;

	quiet.show.quiet = true;
	return stager_system(&run->root) != NULL ? input_store(&quiet, "system") : NULL;
}

void trusting_warn(struct changing *changing, const struct store *wanted, const struct origins *origins)
{
	struct store *system = read_system(changing->run);
	const struct store *const stores[] = { system };

	for (size_t i = 0; i < wanted->count; i++) {
		bool here = origins->from[i] == SIZE_MAX;
		const char *file = here ? "-" : origins->files[origins->from[i]];
		struct candidate candidate = {
			.anchor = &wanted->anchors[i],
			.source = here ? NULL : origins->sources[origins->from[i]],
			.file = strcmp(file, "-") == 0 ? NULL : file,
			.shared = shared(&changing->run->root, file),
			.stores = stores,
			.store_count = system != NULL,
			.at = changing->run->show.at,
		};

		danger_find(&candidate, &changing->warnings);
	}
	store_free(system);
}
