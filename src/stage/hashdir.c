/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Directories of certificate files, plain and with OpenSSL's hash links. A certificate
 * gets a file of its own, and its links: by the hash in use now, and by the one before
 * OpenSSL 1.0 where the directory has such. All links are looked at in any case: those
 * that lead nowhere or to another name's certificate go, numbers have no gaps, and a
 * file with one certificate has its link. That is the repair of the directory.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/root.h"
#include "format/format.h"
#include "medium/file.h"
#include "medium/listing.h"
#include "medium/medium.h"
#include "model/anchor.h"
#include "model/hashlink.h"
#include "model/name.h"
#include "model/pick.h"
#include "model/place.h"
#include "stage/answer.h"
#include "stage/checked.h"
#include "stage/output.h"
#include "stage/put.h"
#include "stage/stager.h"

/* A name in the directory. */
struct item {
	char *name, *path;     /* owned */
	char *target;          /* owned or NULL: where it points, if it is a link */
	struct store *held;    /* what is in it, owned; NULL: nothing, or `to` knows */
	const struct item *to; /* the item that a link points to */
	struct buf content;    /* new, if it has any */
	bool slot;             /* named as by a hash */
	uint32_t hash;
	unsigned number;
	bool gone, kept; /* goes; stays as it is, whatever else happens */
};

struct directory {
	const struct root *root;
	const struct target *target;
	const struct terms *terms;
	const struct kind *kind;
	char *path;        /* owned, resolved */
	struct item **all; /* owned; the first `listed` are there, sorted by name */
	size_t count, listed;
	bool hashed, missing, old; /* with links; it is not there; has links of before OpenSSL 1.0 */
	struct staged staged;
};

static struct item *add_item(struct directory *f, const char *name)
{
	struct item *item = mem_zero(sizeof(*item));

	f->all = mem_grow(f->all, f->count, sizeof(*f->all));
	f->all[f->count++] = item;
	item->name = mem_string(name, strlen(name));
	item->path = listing_path(f->path, name);
	item->slot = f->hashed && hashlink_read(name, &item->hash, &item->number);
	return item;
}

static void item_free(struct item *item)
{
	free(item->name);
	free(item->path);
	free(item->target);
	store_free(item->held);
	buf_done(&item->content);
	free(item);
}

static int by_name(const void *key, const void *item)
{
	return strcmp(key, (*(struct item *const *)item)->name);
}

static struct item *listed_as(const struct directory *f, const char *name)
{
	struct item **hit = f->listed > 0 ? bsearch(name, f->all, f->listed, sizeof(*f->all), by_name) : NULL;

	return hit != NULL ? *hit : NULL;
}

static bool has_name(const struct directory *f, const char *name)
{
	for (size_t i = f->listed; i < f->count; i++)
		if (strcmp(f->all[i]->name, name) == 0)
			return true;
	return listed_as(f, name) != NULL;
}

static const struct store *held_by(const struct item *item)
{
	return item->to != NULL ? item->to->held : item->held;
}

static size_t held_count(const struct item *item)
{
	const struct store *held = item->gone || (item->to != NULL && item->to->gone) ? NULL : held_by(item);

	return held != NULL ? held->count : 0;
}

static bool load_item(const struct directory *f, struct item *item, struct err *err)
{
	struct err why = { 0 };

	item->kept = root_is_directory(f->root, item->path);
	if (item->kept)
		return true;
	if (item->target != NULL && item->slot && strchr(item->target, '/') == NULL)
		item->to = listed_as(f, item->target);
	if (item->to != NULL && item->to != item && !item->to->slot)
		return true;
	item->to = NULL;
	item->held = store_new(item->path);
	if (file_read_entry(item->path, f->root, NULL, item->held, &why))
		return true;
	if (why.code == ERR_ABSENT && item->slot) /* a link that leads nowhere */
		return true;
	item->kept = true;
	return (why.code != ERR_SYSTEM && why.code != ERR_LIMIT) ||
	       (*err = why, err_in(err, "%s", item->path));
}

/* Whether the hash is that which OpenSSL took before 1.0, and no other. */
static bool is_old(const struct item *item)
{
	const struct store *held = held_by(item);
	uint32_t now, then;

	for (size_t i = 0; item->slot && held != NULL && i < held->count; i++)
		if (held->anchors[i].readable && name_hash_old(held->anchors[i].cert.subject, &then) &&
		    then == item->hash && !(name_hash(held->anchors[i].cert.subject, &now) && now == then))
			return true;
	return false;
}

/* The certificate of an item that OpenSSL, of now or then, looks for by this hash; or NULL. */
static const struct anchor *found_by(const struct item *item, uint32_t hash)
{
	const struct store *held = held_by(item);
	uint32_t is;

	for (size_t i = 0; i < held_count(item); i++)
		if (held->anchors[i].readable &&
		    ((name_hash(held->anchors[i].cert.subject, &is) && is == hash) ||
		     (name_hash_old(held->anchors[i].cert.subject, &is) && is == hash)))
			return &held->anchors[i];
	return NULL;
}

/* A certificate by a name that nobody looks for is no link, and not ours to take away. */
static void keep_misnamed(struct directory *f, struct item *item)
{
	if (!item->slot || item->target != NULL || item->kept || held_count(item) == 0 ||
	    found_by(item, item->hash) != NULL)
		return;
	item->kept = true;
	staged_note(&f->staged,
		    "'%s' is named by a hash that is not that of its certificate: OpenSSL does not find it; "
		    "rename it",
		    item->path);
}

static bool load(struct directory *f, struct err *err)
{
	struct listing listing = { 0 };
	bool ok;

	f->path = root_resolve(f->root, f->target->path);
	if (f->path == NULL)
		return err_set(err, ERR_SYSTEM, "%s", strerror(errno));
	if (!listing_read(f->root, f->path, &listing, err)) {
		f->missing = err->code == ERR_ABSENT && !f->hashed && !root_has(f->root, f->path);
		return f->missing;
	}
	for (size_t i = 0; i < listing.count; i++) {
		struct item *item = add_item(f, listing.names[i]);

		item->target = root_link(f->root, item->path);
	}
	f->listed = f->count;
	ok = true;
	for (size_t i = 0; ok && i < f->count; i++)
		ok = load_item(f, f->all[i], err);
	for (size_t i = 0; ok && i < f->count; i++)
		keep_misnamed(f, f->all[i]), f->old = f->old || is_old(f->all[i]);
	listing_done(&listing);
	return ok;
}

static const struct anchor *named_in(const struct item *item, const struct request *request)
{
	const struct store *held = item->gone || item->to != NULL ? NULL : item->held;

	for (size_t i = 0; held != NULL && i < held->count; i++)
		if (request_names(request, &held->anchors[i]))
			return &held->anchors[i];
	return NULL;
}

/* One certificate that OpenSSL reads, so that a link leads to that and nothing else. */
static bool is_alone(const struct item *item)
{
	const struct store *held = item->held;

	return !item->gone && !item->kept && held != NULL && held->count == 1 && held->anchors[0].readable &&
	       held->anchors[0].origin.line > 0 && !held->anchors[0].origin.bag;
}

/* What is new has the suffix of what is there; update-ca-certificates and Docker want .crt. */
static const char *suffix_of(const struct directory *f)
{
	size_t pem = 0, crt = 0;

	for (size_t i = 0; i < f->listed; i++) {
		const char *dot = strrchr(f->all[i]->name, '.');

		pem += dot != NULL && strcmp(dot, ".pem") == 0 && held_count(f->all[i]) > 0;
		crt += dot != NULL && strcmp(dot, ".crt") == 0 && held_count(f->all[i]) > 0;
	}
	return f->hashed || pem > crt ? ".pem" : ".crt";
}

static bool add_file(struct directory *f, const struct anchor *anchor, struct err *err)
{
	const struct style style = { .at = f->terms->at };
	const struct pick one = { &anchor, 1 };
	char *stem = output_stem(anchor, OUTPUT_STEM), *name = mem_print("%s%s", stem, suffix_of(f));
	struct item *item;

	for (unsigned number = 1; has_name(f, name); number++) {
		free(name);
		name = mem_print("%s.%u%s", stem, number, suffix_of(f));
	}
	item = add_item(f, name);
	free(name);
	free(stem);
	item->held = store_new(item->path);
	return checked_write(&format_pem, &one, &style, &item->content, err) &&
	       file_read_bytes(item->path, buf_view(&item->content), &format_pem, item->held, err);
}

static bool is_linked(const struct directory *f, const struct item *file)
{
	for (size_t i = 0; i < f->listed; i++)
		if (f->all[i]->to == file && found_by(f->all[i], f->all[i]->hash) != NULL)
			return true;
	return false;
}

/* Whether OpenSSL finds the certificate in another file than this, or will. */
static bool is_found(const struct directory *f, const struct item *but, const struct anchor *anchor)
{
	for (size_t i = 0; i < f->count; i++) {
		const struct item *item = f->all[i];
		const struct anchor *found = item->slot       ? found_by(item, item->hash)
					     : is_alone(item) ? &item->held->anchors[0]
							      : NULL;

		if (item != but && item->to != but && found != NULL &&
		    memcmp(found->id, anchor->id, ID_LEN) == 0)
			return true;
	}
	return false;
}

/* A file of several has no link, unless somebody made one by hand; one that is left alone would get it. */
static bool stays_unfound(const struct directory *f, const struct item *item, const struct store *left,
			  struct err *err)
{
	return !f->hashed || item->slot || left->count != 1 || is_linked(f, item) ||
	       is_found(f, item, &left->anchors[0]) ||
	       err_set(err, ERR_UNSUPPORTED,
		       "it holds this certificate and one that OpenSSL does not find now, and would find "
		       "when "
		       "that is left alone: take the file away, or make a file of each that is to be "
		       "trusted");
}

/* A file of several loses one of them. */
static bool shrink(struct directory *f, struct item *item, const struct request *request, struct err *err)
{
	const struct amend_terms how = { .at = f->terms->at, .password = f->terms->password };
	struct request copy = *request;
	const struct requests requests = { &copy, 1 };
	const struct format *format;
	struct buf old = { 0 }, new = { 0 };
	struct store *left = NULL;
	bool done = false, ok;

	if (item->content.len > 0)
		buf_bytes(&old, buf_view(&item->content));
	ok = old.len > 0 || root_read(f->root, item->path, &old, err);
	format = ok ? format_of(buf_view(&old)) : NULL;
	if (ok && (format == NULL || format->amend == NULL))
		ok = err_set(
			err, ERR_UNSUPPORTED,
			"it holds this certificate and others, and such files are not changed; make a PEM "
			"file of it");
	ok = ok && checked_amend(format, buf_view(&old), &requests, &how, &done, &new, &left, err);
	ok = ok && stays_unfound(f, item, left, err) &&
	     (left->count > 0 || put_may_go(left, item->path, err));
	buf_done(&old);
	if (!ok) {
		buf_done(&new);
		store_free(left);
		return err_in(err, "%s", item->name);
	}
	buf_done(&item->content);
	item->content = new;
	store_free(item->held);
	item->held = left;
	item->gone = left->count == 0;
	return true;
}

static bool drop(struct directory *f, const struct request *request, bool *ret_any, struct err *err)
{
	for (size_t i = 0; i < f->count; i++) {
		struct item *item = f->all[i];

		if (named_in(item, request) == NULL)
			continue;
		*ret_any = true;
		item->gone = item->held->count == 1 && put_may_go(item->held, item->path, err);
		if (!item->gone && (item->held->count == 1 || !shrink(f, item, request, err)))
			return false;
	}
	return true;
}

static bool take(struct directory *f, const struct request *request, bool *ret_any, struct err *err)
{
	if (request->anchor->names != ANCHOR_CERTIFICATE)
		return err_set(err, ERR_USAGE,
			       "only its name is known; to trust a certificate, give its file");
	for (size_t i = 0; i < f->count; i++) {
		const struct item *item = f->all[i];

		if (named_in(item, request) == NULL || item->kept)
			continue;
		if (!f->hashed || (item->slot && found_by(item, item->hash) != NULL))
			return true;
		if (!item->slot && is_alone(item)) {
			*ret_any = !is_linked(f, item);
			return true;
		}
	}
	*ret_any = true;
	return add_file(f, request->anchor, err);
}

/* A link as it is to be. */
struct link {
	uint32_t hash;
	unsigned order;    /* the number that it has; UINT32_MAX: none yet */
	struct item *item; /* the slot, or the file that a new one leads to */
	const uint8_t *id;
};

struct links {
	struct link *all; /* owned */
	size_t count;
};

static void add_link(struct links *links, uint32_t hash, unsigned order, struct item *item, const uint8_t *id)
{
	links->all = mem_grow(links->all, links->count, sizeof(*links->all));
	links->all[links->count++] = (struct link){ hash, order, item, id };
}

static int by_hash(const void *a, const void *b)
{
	const struct link *x = a, *y = b;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	if (x->order != y->order)
		return x->order < y->order ? -1 : 1;
	return strcmp(x->item->name, y->item->name);
}

static void collect(const struct directory *f, struct links *links)
{
	for (size_t i = 0; i < f->count; i++) {
		struct item *item = f->all[i];
		const struct anchor *anchor = item->slot && !item->kept ? found_by(item, item->hash) : NULL;
		uint32_t hash, old;

		if (anchor != NULL)
			add_link(links, item->hash, item->number, item, anchor->id);
		if (item->slot || !is_alone(item))
			continue;
		anchor = &item->held->anchors[0];
		if (name_hash(anchor->cert.subject, &hash))
			add_link(links, hash, UINT32_MAX, item, anchor->id);
		if (f->old && name_hash_old(anchor->cert.subject, &old))
			add_link(links, old, UINT32_MAX, item, anchor->id);
	}
	if (links->count > 1)
		qsort(links->all, links->count, sizeof(*links->all), by_hash);
}

/* One link: where it is, nothing; else it is made, from a file that is named by a hash as well. */
static bool put_slot(struct directory *f, const struct link *link, const char *path, struct err *err)
{
	const struct item *item = link->item;
	struct edits *edits = &f->staged.edits;
	struct buf content = { 0 };
	bool ok;

	if (!item->slot)
		return put_link(edits, f->root, f->target->name, path, item->name, err);
	if (item->content.len > 0)
		return put_file(edits, f->root, f->target->name, path, buf_view(&item->content), 0, err);
	if (strcmp(item->path, path) == 0)
		return true;
	if (item->target != NULL)
		return put_link(edits, f->root, f->target->name, path, item->target, err);
	ok = root_read(f->root, item->path, &content, err) &&
	     put_file(edits, f->root, f->target->name, path, buf_view(&content), 0, err);
	buf_done(&content);
	return ok;
}

/* Gives the links of each hash their numbers, each certificate one; marks the names in use. */
static bool number(struct directory *f, struct links *links, struct texts *names, struct err *err)
{
	unsigned next = 0;
	size_t first = 0;

	for (size_t i = 0; i < links->count; i++) {
		const struct link *link = &links->all[i];
		char name[HASHLINK_NAME], *path;
		bool again = false, ok;

		if (link->hash != links->all[first].hash) {
			first = i;
			next = 0;
		}
		for (size_t k = first; !again && k < i; k++)
			again = memcmp(links->all[k].id, link->id, ID_LEN) == 0;
		if (again)
			continue;
		do
			hashlink_name(link->hash, next++, name);
		while (listed_as(f, name) != NULL && listed_as(f, name)->kept);
		path = listing_path(f->path, name);
		ok = put_slot(f, link, path, err);
		texts_add(names, name);
		free(path);
		if (!ok)
			return false;
	}
	texts_sort(names);
	return true;
}

static int by_text(const void *key, const void *text)
{
	return strcmp(key, *(char *const *)text);
}

static bool put_links(struct directory *f, size_t *ret_count, struct err *err)
{
	struct links links = { 0 };
	struct texts names = { 0 };
	bool ok;

	collect(f, &links);
	ok = number(f, &links, &names, err);
	for (size_t i = 0; ok && i < f->listed; i++) {
		const struct item *item = f->all[i];

		if (item->slot && !item->kept &&
		    (names.count == 0 ||
		     bsearch(item->name, names.all, names.count, sizeof(*names.all), by_text) == NULL))
			ok = put_nothing(&f->staged.edits, f->root, f->target->name, item->path, err);
	}
	*ret_count = names.count;
	texts_done(&names);
	free(links.all);
	return ok;
}

static bool put_files(struct directory *f, size_t *ret_count, struct err *err)
{
	struct edits *edits = &f->staged.edits;
	bool ok = true;

	if (f->missing && f->count > 0)
		ok = put_directory(edits, f->root, f->target->name, f->path, err);
	for (size_t i = 0; ok && i < f->count; i++) {
		const struct item *item = f->all[i];

		*ret_count += held_count(item);
		if (item->gone && !item->slot)
			ok = put_nothing(edits, f->root, f->target->name, item->path, err);
		else if (!item->gone && !item->slot && item->content.len > 0)
			ok = put_file(edits, f->root, f->target->name, item->path, buf_view(&item->content),
				      0, err);
	}
	return ok;
}

static size_t held_in_all(const struct directory *f)
{
	size_t count = 0;

	for (size_t i = 0; i < f->count; i++)
		count += held_count(f->all[i]);
	return count;
}

static bool fulfil(struct directory *f, const struct requests *requests, struct err *err)
{
	for (size_t i = 0; i < requests->count; i++) {
		const struct request *request = &requests->all[i];
		bool any = false, ok = true;

		if (request->kind == REQUEST_TRUST)
			ok = take(f, request, &any, err);
		else if (request->kind != REQUEST_LIFT)
			ok = drop(f, request, &any, err);
		if (!ok)
			return false;
		answer(&f->staged, i, request, f->kind->can, any, false);
	}
	return true;
}

static bool stage(struct directory *f, const struct requests *requests, struct err *err)
{
	size_t before, links = 0, after = 0;

	if (!load(f, err))
		return false;
	before = held_in_all(f);
	if (!fulfil(f, requests, err) || !put_files(f, &after, err) ||
	    (f->hashed && !put_links(f, &links, err)))
		return false;
	if (!f->terms->allow_empty && before > 0 && (after == 0 || (f->hashed && links == 0)))
		return err_set(err, ERR_USAGE,
			       "it would be left without anchors, and what uses it would accept nobody; "
			       "--allow-empty does it all the same");
	staged_file(&f->staged, f->path, f->kind);
	if (strcmp(f->path, f->target->path) != 0)
		staged_note(&f->staged, "'%s' is reached through a link; the directory is '%s'",
			    f->target->path, f->path);
	return true;
}

static bool stage_directory(const struct kind *kind, bool hashed, const struct root *root,
			    const struct target *target, const struct requests *requests,
			    const struct terms *terms, struct staged *ret, struct err *err)
{
	struct directory f = {
		.root = root, .target = target, .terms = terms, .kind = kind, .hashed = hashed
	};
	bool ok = stage(&f, requests, err);

	if (ok)
		*ret = f.staged;
	else
		staged_done(&f.staged);
	for (size_t i = 0; i < f.count; i++)
		item_free(f.all[i]);
	free(f.all);
	free(f.path);
	return ok || err_in(err, "%s", target->path);
}

static bool stage_dir(const struct root *root, const struct target *target, const struct requests *requests,
		      const struct terms *terms, struct staged *ret, struct err *err)
{
	return stage_directory(&medium_dir.kind, false, root, target, requests, terms, ret, err);
}

static bool stage_hashdir(const struct root *root, const struct target *target,
			  const struct requests *requests, const struct terms *terms, struct staged *ret,
			  struct err *err)
{
	return stage_directory(&medium_hashdir.kind, true, root, target, requests, terms, ret, err);
}

const struct stager stager_dir = { .name = "dir",
				   .brief = "a directory of certificate files",
				   .stage = stage_dir };
const struct stager stager_hashdir = { .name = "hashdir",
				       .brief = "a directory with OpenSSL's hash links",
				       .stage = stage_hashdir };
