/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "stage/extract.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/root.h"
#include "format/format.h"
#include "medium/listing.h"
#include "model/edit.h"
#include "model/hashlink.h"
#include "model/staged.h"
#include "model/store.h"
#include "stage/output.h"
#include "stage/put.h"
#include "stage/resulting.h"
#include "stage/stager.h"

enum { FILE_MODE = 0444, DIRECTORY_MODE = 0555 }; /* as `trust extract` makes them */

/* One row in the making. */
struct making {
	const struct extract_row *row;
	const struct output *output;
	const struct root *root;
	const char *name; /* of the store, for people */
	const struct terms *terms;
	struct pick pick;
	struct staged *staged;
};

static bool same_text(const char *a, const char *b)
{
	return strcmp(a != NULL ? a : "", b != NULL ? b : "") == 0;
}

static bool same_anchor(const struct anchor *a, const struct anchor *b)
{
	if (memcmp(a->id, b->id, ID_LEN) != 0 || a->trusted != b->trusted || a->distrusted != b->distrusted ||
	    !same_text(a->label, b->label) || !same_text(a->origin.alias, b->origin.alias) ||
	    a->attached_count != b->attached_count)
		return false;
	for (size_t i = 0; i < a->attached_count; i++)
		if (!bytes_equal(a->attached[i].whole, b->attached[i].whole))
			return false;
	return true;
}

/* Whether both files say the same, in whatever order. */
static bool alike(const struct format *format, struct bytes a, struct bytes b)
{
	struct store *x = store_new("a"), *y = store_new("b");
	const struct anchor **all_x = NULL, **all_y = NULL;
	struct err err = { 0 };
	bool same = bytes_equal(a, b);

	if (!same && format->read(a, x, &err) && format->read(b, y, &err)) {
		size_t said_x = x->count, said_y = y->count;

		store_finish(x);
		store_finish(y);
		all_x = store_by_id(x);
		all_y = store_by_id(y);
		same = said_x == said_y && x->count == y->count && x->note_count == y->note_count;
		for (size_t i = 0; same && i < x->count; i++)
			same = same_anchor(all_x[i], all_y[i]);
	}
	free(all_x);
	free(all_y);
	store_free(x);
	store_free(y);
	return same;
}

static bool holds_any(const struct format *format, struct bytes file)
{
	struct store *store = store_new("old");
	struct err err = { 0 };
	bool any = format->read(file, store, &err) && store->count > 0;

	store_free(store);
	return any;
}

static bool refuse_empty(const struct making *m, struct err *err)
{
	return err_set(err, ERR_USAGE,
		       "nothing would be left in '%s', and it has certificates now; nothing is changed "
		       "(--allow-empty changes it all the same)",
		       m->row->path);
}

static bool put_above(const struct making *m, struct err *err)
{
	char *above = mem_string(m->row->path, (size_t)(strrchr(m->row->path, '/') - m->row->path));
	bool ok = put_directory(&m->staged->edits, m->root, m->name, above, err);

	free(above);
	return ok;
}

static bool make_file(const struct making *m, struct err *err)
{
	const struct format *format = format_named(m->output->format);
	const struct style style = { m->row->comments, m->terms->at };
	struct edits made = { 0 };
	struct buf now = { 0 }, content = { 0 };
	bool there = root_is_file(m->root, m->row->path), ok = false;

	if (there && !root_read(m->root, m->row->path, &now, err)) {
		err_in(err, "%s", m->row->path);
		goto out;
	}
	if (!output_stage(m->output, &m->pick, &style, &made, err)) {
		err_in(err, "%s", m->row->path);
		goto out;
	}
	if (m->row->head != NULL)
		buf_text(&content, m->row->head);
	buf_bytes(&content, buf_view(&made.all[0].content));
	if (m->pick.count == 0 && there && !m->terms->allow_empty && holds_any(format, buf_view(&now)))
		refuse_empty(m, err);
	else if (there && alike(format, buf_view(&now), buf_view(&content)))
		ok = true;
	else
		ok = put_above(m, err) && put_file(&m->staged->edits, m->root, m->name, m->row->path,
						   buf_view(&content), FILE_MODE, err);
out:
	edits_done(&made);
	buf_done(&now);
	buf_done(&content);
	return ok;
}

static bool put_edit(const struct making *m, const char *directory, const struct edit *edit, struct err *err)
{
	char *path = listing_path(directory, edit->path);
	struct edits *to = &m->staged->edits;
	bool ok = false;

	if (edit->kind == EDIT_FILE)
		ok = put_file(to, m->root, m->name, path, buf_view(&edit->content), FILE_MODE, err);
	else if (edit->kind == EDIT_LINK)
		ok = put_link(to, m->root, m->name, path, edit->target, err);
	else if (edit->kind == EDIT_REMOVE)
		ok = put_nothing(to, m->root, m->name, path, err);
	free(path);
	return ok;
}

/* The links of the other directory that lead here, by name, with where they lead. */
static bool mirrored(const struct making *m, struct edits *ret, struct err *err)
{
	struct listing listing;

	if (!listing_read(m->root, m->row->mirror, &listing, err))
		return err_in(err, "%s", m->row->mirror);
	for (size_t i = 0; i < listing.count; i++) {
		char *path = listing_path(m->row->mirror, listing.names[i]),
		     *target = root_link(m->root, path);

		if (target != NULL && bytes_start(bytes_of(target), bytes_of(m->row->back)))
			edits_add(ret, EDIT_REMOVE, listing.names[i]);
		free(target);
		free(path);
	}
	listing_done(&listing);
	return true;
}

/* A link that is ours, or none yet: what somebody else put there stays. */
static bool may_mirror(const struct making *m, const struct edits *there, const char *name)
{
	char *path = listing_path(m->row->mirror, name), *target = root_link(m->root, path);
	bool ours = edits_find(there, name) != NULL || (target == NULL && !root_has(m->root, path));

	free(target);
	free(path);
	return ours;
}

static bool make_mirror(const struct making *m, const struct edits *made, struct err *err)
{
	struct edits there = { 0 };
	bool ok;

	if (!root_is_directory(m->root, m->row->mirror))
		return true;
	ok = mirrored(m, &there, err);
	if (ok && m->row->hashes_only && there.count == 0)
		goto out;
	for (size_t i = 0; ok && i < made->count; i++) {
		const struct edit *edit = &made->all[i];
		const char *to = edit->kind == EDIT_LINK ? edit->target : edit->path;
		bool hash = hashlink_is(edit->path);
		struct edit link = { .kind = EDIT_LINK, .path = edit->path };

		if (edit->kind == EDIT_REMOVE || (edit->kind == EDIT_LINK && !hash) ||
		    (m->row->hashes_only && !hash) || !may_mirror(m, &there, edit->path))
			continue;
		link.target = mem_print("%s/%s", m->row->back, to);
		ok = put_edit(m, m->row->mirror, &link, err);
		free(link.target);
		if (edits_find(&there, edit->path) != NULL)
			edits_drop(&there, (size_t)(edits_find(&there, edit->path) - there.all));
	}
	for (size_t i = 0; ok && i < there.count; i++)
		ok = put_edit(m, m->row->mirror, &there.all[i], err);
out:
	edits_done(&there);
	return ok;
}

static bool make_directory(const struct making *m, struct err *err)
{
	const struct style style = { m->row->comments, m->terms->at };
	bool there = root_is_directory(m->root, m->row->path), ok;
	struct edits made = { 0 };
	unsigned foreign = 0;
	size_t wanted;

	for (size_t i = 0; i < EXTRACT_LINKS && m->row->links[i].name != NULL; i++)
		edits_add(&made, EDIT_LINK, m->row->links[i].name)->target =
			mem_string(m->row->links[i].target, strlen(m->row->links[i].target));
	ok = output_stage(m->output, &m->pick, &style, &made, err);
	wanted = made.count;
	ok = ok && (!there || output_stage_stale(m->output, m->root, m->row->path, &made, &foreign, err));
	if (!ok)
		err_in(err, "%s", m->row->path);
	if (foreign > 0)
		staged_note(m->staged, "%s: %u %s not made by extracting and left alone", m->row->path,
			    foreign, foreign == 1 ? "entry is" : "entries are");
	if (ok && m->pick.count == 0 && made.count > wanted && !m->terms->allow_empty)
		ok = refuse_empty(m, err);
	if (ok && !there) {
		ok = put_directory(&m->staged->edits, m->root, m->name, m->row->path, err);
		/* Only root can put files into it then. */
		if (ok && geteuid() == 0)
			edits_find(&m->staged->edits, m->row->path)->mode = DIRECTORY_MODE;
	}
	for (size_t i = 0; ok && i < made.count; i++)
		ok = put_edit(m, m->row->path, &made.all[i], err);
	if (ok && m->row->mirror != NULL)
		ok = make_mirror(m, &made, err);
	edits_done(&made);
	return ok;
}

/* What this release of the system's tool does not make is not wanted; where there is none, all is. */
static bool wanted(const struct extract *extract, const struct root *root, const char *path)
{
	const char *base = strrchr(path, '/') + 1;
	struct buf script = { 0 };
	struct err err = { 0 };
	bool named = extract->script == NULL || root_has(root, path) ||
		     !root_is_file(root, extract->script) ||
		     !root_read(root, extract->script, &script, &err) ||
		     memmem(script.at, script.len, base, strlen(base)) != NULL;

	buf_done(&script);
	return named;
}

bool extract_stage(const struct extract *extract, const struct root *root, const char *name,
		   const struct store *store, const struct terms *terms, struct staged *staged,
		   struct err *err)
{
	bool ok = true;

	for (const struct extract_row *row = extract->rows; ok && row->path != NULL; row++) {
		struct making m = { row, output_named(row->output), root, name, terms, { 0 }, staged };
		struct wanted purpose = { .any = row->purpose == EXTRACT_ANY };

		if (!wanted(extract, root, row->path))
			continue;
		if (!purpose.any) {
			purpose.purpose = (enum purpose)row->purpose;
			purpose.oid = purposes[row->purpose].der;
		}
		pick_from(store, row->filter, &purpose, &m.pick);
		resulting_sort(&m.pick);
		ok = m.output->layout == LAYOUT_FILE ? make_file(&m, err) : make_directory(&m, err);
		if (ok) {
			struct output_file *file = staged_file(staged, row->path, output_kind(m.output));

			file->filter = row->filter;
			file->wanted = purpose;
		}
		pick_done(&m.pick);
	}
	return ok;
}
