/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "stage/updateca.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/root.h"
#include "format/armor.h"
#include "format/format.h"
#include "medium/file.h"
#include "medium/medium.h"
#include "model/request.h"
#include "model/staged.h"
#include "model/store.h"
#include "stage/cacerts.h"
#include "stage/cafiles.h"
#include "stage/cahooks.h"
#include "stage/calinks.h"
#include "stage/put.h"
#include "stage/stager.h"

struct work {
	const struct root *root;
	const char *store; /* of edits, for people */
	const struct terms *terms;
	struct cafiles files;
	struct calinks links;
	struct staged staged;
};

static void switch_on(struct cafiles *files, struct cafile *file, bool on)
{
	certsconf_switch(&files->conf, file->line, on);
	file->on = on;
}

static void trust(struct work *work, size_t index, const struct request *request)
{
	const struct anchor *anchor = request->anchor;
	struct cafiles *files = &work->files;
	struct cafile *off = NULL;

	if (anchor->names != ANCHOR_CERTIFICATE || !anchor->readable) {
		staged_outcome(&work->staged, index, OUTCOME_CANNOT,
			       "there is no certificate, or none that can be read");
		return;
	}
	for (size_t i = 0; i < files->count; i++) {
		struct cafile *file = &files->all[i];

		if (!cafile_concerns(files, file, request))
			continue;
		if (file->on) {
			staged_outcome(&work->staged, index, OUTCOME_ALREADY, "it is in '%s'", file->path);
			return;
		}
		if (off == NULL && file->line != CAFILE_LOCAL)
			off = file;
	}
	if (off != NULL) {
		switch_on(files, off, true);
		staged_outcome(&work->staged, index, OUTCOME_DONE,
			       "it comes with the system and was deselected: '%s' is selected again in %s",
			       off->path, CA_CONF);
	} else {
		staged_outcome(&work->staged, index, OUTCOME_DONE, "in '%s'",
			       cafiles_add(files, work->root, anchor));
	}
}

/* What became of the files that hold it. */
struct gone {
	unsigned local, packaged;
	const char *beyond; /* a file that is not ours to change */
};

static void take_out(struct work *work, const struct request *request, struct gone *ret)
{
	struct cafiles *files = &work->files;

	for (size_t i = 0; i < files->count; i++) {
		struct cafile *file = &files->all[i];

		if (!file->on || !cafile_concerns(files, file, request))
			continue;
		if (file->line != CAFILE_LOCAL) {
			switch_on(files, file, false);
			ret->packaged++;
		} else if (file->linked) {
			ret->beyond = file->path;
		} else {
			cafiles_cut(files, file, request);
			ret->local++;
		}
	}
}

static void take_away(struct work *work, size_t index, const struct request *request)
{
	bool distrust = request->kind == REQUEST_DISTRUST;
	struct gone gone = { 0 };

	take_out(work, request, &gone);
	if (gone.beyond != NULL)
		staged_outcome(&work->staged, index, OUTCOME_CANNOT,
			       "'%s' lies behind a link that leads out of the directory: remove it there",
			       gone.beyond);
	else if (distrust)
		staged_outcome(&work->staged, index, OUTCOME_ABSENT, "%s%s",
			       gone.packaged > 0 ? "it is deselected in " CA_CONF
			       : gone.local > 0  ? "its file is removed"
						 : "it is not here",
			       "; nothing here keeps it from being added again");
	else if (gone.packaged > 0)
		staged_outcome(&work->staged, index, OUTCOME_FORBIDDEN,
			       "it comes with the system and is deselected in %s", CA_CONF);
	else
		staged_outcome(&work->staged, index, gone.local > 0 ? OUTCOME_DONE : OUTCOME_ALREADY, "%s",
			       "");
}

static void lift(struct work *work, size_t index, const struct request *request)
{
	struct cafiles *files = &work->files;
	unsigned lifted = 0;

	for (size_t i = 0; i < files->count; i++) {
		struct cafile *file = &files->all[i];

		if (file->on || file->line == CAFILE_LOCAL || !cafile_concerns(files, file, request))
			continue;
		switch_on(files, file, true);
		lifted++;
	}
	if (lifted > 0)
		staged_outcome(&work->staged, index, OUTCOME_DONE, "it is selected again in %s", CA_CONF);
	else
		staged_outcome(&work->staged, index, OUTCOME_ALREADY, "nothing deselects it here");
}

static void do_request(struct work *work, size_t index, const struct request *request)
{
	static void (*const deeds[REQUEST_KINDS])(struct work *, size_t, const struct request *) = {
		[REQUEST_TRUST] = trust,
		[REQUEST_REMOVE] = take_away,
		[REQUEST_DISTRUST] = take_away,
		[REQUEST_LIFT] = lift,
	};

	deeds[request->kind](work, index, request);
}

/* Each certificate once, where it came first. A plain file goes in as it is, as the scripts do it. */
static size_t write_bundle(const struct work *work, struct buf *to)
{
	size_t count = 0;

	for (size_t i = 0; i < work->links.count; i++) {
		const struct calink *link = &work->links.all[i];

		if (link->anchor == NULL || link->again)
			continue;
		count++;
		if (link->copy) {
			armor_write(to, "CERTIFICATE", link->anchor->cert.der);
			continue;
		}
		buf_bytes(to, buf_view(&link->file->file));
		if (to->len > 0 && to->at[to->len - 1] != '\n')
			buf_byte(to, '\n');
	}
	return count;
}

/* Whether the bundle reads back as what it was made of. */
static bool check_bundle(const struct work *work, struct bytes bundle, size_t count, struct err *err)
{
	struct store *back = store_new(CA_BUNDLE);
	bool ok = count == 0 || format_pem.read(bundle, back, err);
	size_t at = 0;

	for (size_t i = 0; ok && i < work->links.count; i++) {
		const struct calink *link = &work->links.all[i];

		if (link->anchor == NULL || link->again)
			continue;
		ok = at < back->count && memcmp(back->anchors[at].id, link->anchor->id, ID_LEN) == 0;
		at++;
	}
	ok = ok && at == back->count;
	store_free(back);
	return ok || err_set(err, ERR_DAMAGED,
			     "'%s' would not read back as the %zu certificates that it is made of; nothing "
			     "was changed",
			     CA_BUNDLE, count);
}

static int by_id(const void *a, const void *b)
{
	return memcmp((*(const struct anchor *const *)a)->id, (*(const struct anchor *const *)b)->id, ID_LEN);
}

/* Whether the store holds what the bundle is made of, each once. */
static bool same_set(const struct work *work, const struct store *store, size_t count)
{
	const struct anchor **want = mem_zero((count + 1) * sizeof(*want)), **have = store_by_id(store);
	size_t at = 0;
	bool same = store->count == count;

	for (size_t i = 0; i < work->links.count; i++)
		if (work->links.all[i].anchor != NULL && !work->links.all[i].again)
			want[at++] = work->links.all[i].anchor;
	if (count > 1)
		qsort(want, count, sizeof(*want), by_id);
	for (size_t i = 0; same && i < count; i++)
		same = memcmp(want[i]->id, have[i]->id, ID_LEN) == 0;
	free(want);
	free(have);
	return same;
}

/* The bundle that is there differs from ours by its order alone: Debian's script sorts as the language of
 * whoever ran it does, and Alpine's program not at all. */
static bool stands_in_another_order(const struct work *work, struct bytes ours, size_t count)
{
	struct store *store = store_new(CA_BUNDLE);
	struct buf file = { 0 };
	struct err err;
	bool same = root_read(work->root, CA_BUNDLE, &file, &err) && file.len == ours.len && count > 0 &&
		    memcmp(file.at, ours.at, ours.len) != 0 &&
		    format_pem.read(buf_view(&file), store, &err) && same_set(work, store, count);

	store_free(store);
	buf_done(&file);
	return same;
}

static bool is_empty(const struct root *root)
{
	struct buf file = { 0 };
	struct err err;
	bool empty = !root_has(root, CA_BUNDLE) || (root_read(root, CA_BUNDLE, &file, &err) && file.len == 0);

	buf_done(&file);
	return empty;
}

static bool stage_bundle(struct work *work, struct err *err)
{
	struct edits *edits = &work->staged.edits;
	size_t edits_before = edits->count, count;
	struct buf bundle = { 0 };
	bool ok = true;

	count = write_bundle(work, &bundle);
	if (count == 0 && !is_empty(work->root) && !work->terms->allow_empty)
		ok = err_set(err, ERR_UNSUPPORTED,
			     "no certificate is selected in %s and none is in %s: '%s' would be empty, and "
			     "nothing be trusted; select some, or allow it (--allow-empty)",
			     CA_CONF, CA_LOCAL, CA_BUNDLE);
	else if ((count > 0 || root_has(work->root, CA_BUNDLE)) &&
		 !stands_in_another_order(work, buf_view(&bundle), count))
		ok = put_directory(edits, work->root, work->store, CA_CERTS, err) &&
		     put_file(edits, work->root, work->store, CA_BUNDLE, buf_view(&bundle), 0644, err);
	if (ok && edits->count > edits_before)
		ok = check_bundle(work, buf_view(&bundle), count, err);
	buf_done(&bundle);
	staged_file(&work->staged, CA_BUNDLE, &format_pem.kind);
	staged_file(&work->staged, CA_CERTS, &medium_hashdir.kind);
	return ok;
}

static bool stage_hooks(struct work *work, struct err *err)
{
	struct store *before = store_new(CA_BUNDLE);
	struct err odd;
	bool ok;

	if (root_has(work->root, CA_BUNDLE)) /* what cannot be read of it, it did not hold */
		(void)file_read_entry(CA_BUNDLE, work->root, &format_pem, before, &odd);
	ok = cahooks_stage(&work->files, &work->links, before, work->root, &work->staged, err);
	store_free(before);
	return ok;
}

static bool stage_outputs(struct work *work, struct err *err)
{
	struct edits *edits = &work->staged.edits;
	const struct cafamily *family = work->files.family;
	char *hook = mem_print("%s/%s", CA_HOOKS, family->hook);
	bool ok = cafiles_stage(&work->files, work->root, work->store, edits, err) &&
		  calinks_plan(&work->files, work->root, &work->links, &work->files.notes, err) &&
		  stage_bundle(work, err) &&
		  calinks_stage(&work->links, work->root, work->store, edits, &work->files.notes, err) &&
		  hashlinks_stage(&work->links, work->root, work->store, edits, err);

	if (ok && family->java && root_is_file(work->root, hook))
		ok = cacerts_stage(&work->links, work->root, work->store, work->terms, &work->staged, err);
	if (ok && edits->count > 0)
		ok = stage_hooks(work, err);
	free(hook);
	return ok;
}

/* A copy that somebody put there himself is found by OpenSSL also when the sources have it no more. */
static void note_left(struct work *work, const struct requests *requests)
{
	for (size_t i = 0; i < requests->count; i++) {
		const struct request *request = &requests->all[i];
		const struct present *left;

		if (request->kind != REQUEST_REMOVE && request->kind != REQUEST_DISTRUST)
			continue;
		left = hashlinks_foreign(&work->links, work->root, request->anchor);
		if (left != NULL)
			staged_note(
				&work->staged,
				"'%s/%s' leads to the certificate too, in a file that is not made from the "
				"sources: OpenSSL finds it until that is taken away",
				CA_CERTS, left->target != NULL ? left->target : left->name);
	}
}

/* p11-kit may have been given directories of its own here; what they say then counts for its users. */
static void note_p11kit(struct work *work)
{
	static const char *const files[] = { "/etc/pkcs11/modules/p11-kit-trust.module",
					     "/usr/share/p11-kit/modules/p11-kit-trust.module" };
	static const char key[] = "paths=";

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct buf file = { 0 };
		const char *paths;
		struct err err;

		if (!root_has(work->root, files[i]) || !root_read(work->root, files[i], &file, &err))
			continue;
		buf_byte(&file, '\0');
		paths = strstr((const char *)file.at, key);
		if (paths != NULL) {
			paths += strlen(key);
			staged_note(
				&work->staged,
				"p11-kit is told by '%s' to read %.*s, which is not changed with the rest",
				files[i], (int)strcspn(paths, "\r\n"), paths);
		}
		buf_done(&file);
	}
}

bool updateca_stage(const struct cafamily *family, const struct root *root, const struct target *target,
		    const struct requests *requests, const struct terms *terms, struct staged *ret,
		    struct err *err)
{
	struct work work = { .root = root, .store = target->name, .terms = terms };
	bool ok = cafiles_read(family, root, &work.files, err);

	for (size_t i = 0; ok && i < requests->count; i++)
		do_request(&work, i, &requests->all[i]);
	ok = ok && stage_outputs(&work, err);
	if (ok) {
		note_p11kit(&work);
		note_left(&work, requests);
		for (size_t i = 0; i < work.files.notes.count; i++)
			staged_note(&work.staged, "%s", work.files.notes.all[i]);
		*ret = work.staged;
	} else {
		staged_done(&work.staged);
	}
	calinks_done(&work.links);
	cafiles_done(&work.files);
	return ok;
}

bool updateca_is_there(const struct root *root)
{
	static const char *const programs[] = { "/usr/sbin/update-ca-certificates",
						"/usr/bin/update-ca-certificates",
						"/sbin/update-ca-certificates" };

	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++)
		if (root_is_file(root, programs[i]))
			return true;
	return root_is_file(root, CA_CONF);
}
