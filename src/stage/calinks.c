/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "stage/calinks.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/root.h"
#include "base/text.h"
#include "base/texts.h"
#include "format/armor.h"
#include "medium/file.h"
#include "medium/listing.h"
#include "model/hashlink.h"
#include "model/store.h"
#include "stage/cafiles.h"
#include "stage/put.h"

#define MARK "# made by anchorage from "
enum { DIGITS = 16, STEM = 200 }; /* of the certificate's hash in a name, and of the file's own name */

/* The path that a link's target means, without "." and "..", by its words alone; free() it. */
static char *meant(const char *target)
{
	char *full =
		target[0] == '/' ? mem_string(target, strlen(target)) : mem_print("%s/%s", CA_CERTS, target);
	struct buf path = { 0 };

	for (const char *at = full; *at != '\0';) {
		size_t len = strcspn(at, "/");

		if (len == 2 && memcmp(at, "..", 2) == 0) {
			while (path.len > 0 && path.at[--path.len] != '/')
				;
		} else if (len > 0 && !(len == 1 && *at == '.')) {
			buf_byte(&path, '/');
			buf_bytes(&path, (struct bytes){ (const uint8_t *)at, len });
		}
		at += len + (at[len] == '/');
	}
	buf_byte(&path, '\0');
	free(full);
	return (char *)path.at;
}

static bool leads_to(const char *target, const char *path)
{
	char *a = meant(target), *b = meant(path);
	bool same = strcmp(a, b) == 0;

	free(a);
	free(b);
	return same;
}

static bool below(const char *path, const char *dir)
{
	size_t len = strlen(dir);

	return strncmp(path, dir, len) == 0 && path[len] == '/';
}

/* Into the sources; or, where an image was built under another path, into what were the sources there. */
static bool into_sources(const struct root *root, const struct present *present)
{
	char *path = meant(present->target), *self;
	bool into = below(path, CA_PACKAGED) || below(path, CA_LOCAL);

	if (!into && (strstr(path, CA_PACKAGED "/") != NULL || strstr(path, CA_LOCAL "/") != NULL)) {
		self = listing_path(CA_CERTS, present->name);
		into = !root_has(root, self);
		free(self);
	}
	free(path);
	return into;
}

/* A copy's name: "<stem>.<16 hex digits>.pem". */
static bool has_digits(const char *name)
{
	size_t len = strlen(name);

	return len > DIGITS + 5 && strcmp(name + len - 4, ".pem") == 0 &&
	       strspn(name + len - 4 - DIGITS, "0123456789abcdef") == DIGITS && name[len - 5 - DIGITS] == '.';
}

static bool is_copy(const struct root *root, const char *name)
{
	char *path = listing_path(CA_CERTS, name);
	struct buf file = { 0 };
	struct err err;
	bool copy = root_read(root, path, &file, &err) && bytes_start(buf_view(&file), bytes_of(MARK));

	buf_done(&file);
	free(path);
	return copy;
}

bool calinks_ours(const struct root *root, const struct present *present)
{
	if (present->target != NULL)
		return into_sources(root, present);
	return has_digits(present->name) && is_copy(root, present->name);
}

static bool read_present(const struct root *root, struct calinks *ret, struct err *err)
{
	struct listing listing = { 0 };

	if (!root_is_directory(root, CA_CERTS))
		return true;
	if (!listing_read(root, CA_CERTS, &listing, err))
		return err_in(err, "%s", CA_CERTS);
	ret->present = mem_zero((listing.count + 1) * sizeof(*ret->present));
	ret->present_count = listing.count;
	for (size_t i = 0; i < listing.count; i++) {
		char *path = listing_path(CA_CERTS, listing.names[i]);

		ret->present[i] = (struct present){ listing.names[i], root_link(root, path) };
		free(path);
	}
	free(listing.names);
	return true;
}

static int by_present(const void *a, const void *b)
{
	return strcmp(((const struct present *)a)->name, ((const struct present *)b)->name);
}

const struct present *calinks_present(const struct calinks *links, const char *name)
{
	struct present key = { .name = (char *)name };

	return links->present_count == 0
		       ? NULL
		       : bsearch(&key, links->present, links->present_count, sizeof(key), by_present);
}

static int by_link(const void *a, const void *b)
{
	return strcmp((*(const struct calink *const *)a)->name, (*(const struct calink *const *)b)->name);
}

const struct calink *calinks_find(const struct calinks *links, const char *name)
{
	struct calink key = { .name = (char *)name };
	const struct calink *at = &key, *const * found;

	if (links->count == 0)
		return NULL;
	found = bsearch(&at, links->by_name, links->count, sizeof(at), by_link);
	return found != NULL ? *found : NULL;
}

const struct calink *calinks_led(const struct calinks *links, const struct present *present)
{
	const struct calink *led = NULL;
	char *path;

	if (present->target == NULL || strchr(present->target, '/') == NULL)
		return present->target != NULL ? calinks_find(links, present->target) : NULL;
	path = meant(present->target);
	if (below(path, CA_CERTS) && strchr(path + strlen(CA_CERTS "/"), '/') == NULL)
		led = calinks_find(links, path + strlen(CA_CERTS "/"));
	free(path);
	return led;
}

static void index_names(struct calinks *links)
{
	links->by_name = mem_zero((links->count + 1) * sizeof(*links->by_name));
	for (size_t i = 0; i < links->count; i++)
		links->by_name[i] = &links->all[i];
	if (links->count > 1)
		qsort(links->by_name, links->count, sizeof(*links->by_name), by_link);
}

/* A file that counts, under the name that the script would give its link. */
struct claim {
	const struct cafile *file;
	char *stem, *name;
	bool wins;   /* the name is its own: the script's last link of that name is the one that stays */
	bool theirs; /* it is somebody's own file, of the same certificate */
	const struct cafile *winner; /* whose the name is; NULL: nobody's here */
};

static int by_claim(const void *a, const void *b)
{
	const struct claim *x = *(const struct claim *const *)a, *y = *(const struct claim *const *)b;
	int names = strcmp(x->name, y->name);

	return names != 0 ? names : (x > y) - (x < y);
}

/* Whether the name is somebody else's: a file, or a link that leads elsewhere and to something. */
static bool is_foreign(const struct root *root, const struct calinks *links, const char *name)
{
	const struct present *present = calinks_present(links, name);
	char *path = listing_path(CA_CERTS, name);
	bool foreign = present != NULL && !calinks_ours(root, present) &&
		       (present->target == NULL || root_has(root, path));

	free(path);
	return foreign;
}

bool calinks_hold(const struct root *root, const char *name, const struct anchor *anchor)
{
	char *path = listing_path(CA_CERTS, name);
	struct store *store = store_new(path);
	struct err err;
	bool hold = file_read_entry(path, root, NULL, store, &err) && store->count == 1 &&
		    memcmp(store->anchors[0].id, anchor->id, ID_LEN) == 0;

	store_free(store);
	free(path);
	return hold;
}

static void settle(const struct cafiles *files, struct claim *claims, size_t count, const struct root *root,
		   const struct calinks *links, struct texts *notes)
{
	struct claim **sorted = mem_zero((count + 1) * sizeof(*sorted));

	for (size_t i = 0; i < count; i++)
		sorted[i] = &claims[i];
	if (count > 1)
		qsort(sorted, count, sizeof(*sorted), by_claim);
	for (size_t i = count; i-- > 0;) {
		bool last = i + 1 == count || strcmp(sorted[i]->name, sorted[i + 1]->name) != 0;

		if (!last) {
			sorted[i]->winner = sorted[i + 1]->winner;
			continue;
		}
		sorted[i]->wins = true;
		sorted[i]->winner = sorted[i]->file;
		if (!is_foreign(root, links, sorted[i]->name))
			continue;
		sorted[i]->theirs =
			sorted[i]->file->plain &&
			calinks_hold(root, sorted[i]->name, cafile_anchor(files, sorted[i]->file, 0));
		if (sorted[i]->theirs)
			continue;
		sorted[i]->wins = false;
		sorted[i]->winner = NULL;
		texts_take(notes, mem_print("'%s/%s' is not made from '%s' and stays; its "
					    "certificate gets another name there",
					    CA_CERTS, sorted[i]->name, sorted[i]->file->path));
	}
	free(sorted);
}

static void add(struct calinks *links, char *name, const struct cafile *file, const struct anchor *anchor,
		bool copy)
{
	for (size_t i = links->count; i-- > 0 && links->all[i].file == file;) {
		if (strcmp(links->all[i].name, name) == 0) {
			free(name); /* the same certificate twice in one file */
			return;
		}
	}
	links->all = mem_grow(links->all, links->count, sizeof(*links->all));
	links->all[links->count++] =
		(struct calink){ .name = name, .file = file, .anchor = anchor, .copy = copy };
}

static char *name_with_id(const char *stem, const struct anchor *anchor)
{
	struct buf hex = { 0 };
	char *name;

	text_hex((struct bytes){ anchor->id, DIGITS / 2 }, &hex);
	name = mem_print("%.*s.%.*s.pem", STEM, stem, DIGITS, (const char *)hex.at);
	buf_done(&hex);
	return name;
}

/* A name more for what the file of the same name holds too would be of no use. */
static bool is_same(const struct cafiles *files, const struct cafile *a, const struct cafile *b)
{
	return a != b && b != NULL && a->plain && b->plain &&
	       memcmp(cafile_anchor(files, a, 0)->id, cafile_anchor(files, b, 0)->id, ID_LEN) == 0;
}

static void add_claim(const struct cafiles *files, struct calinks *links, struct claim *claim)
{
	const struct cafile *file = claim->file;

	if (is_same(files, file, claim->winner))
		return;

	if (claim->wins) {
		add(links, claim->name, file, file->plain ? cafile_anchor(files, file, 0) : NULL, false);
		links->all[links->count - 1].theirs = claim->theirs;
		claim->name = NULL;
	}
	for (size_t k = 0; k < file->count && !(claim->wins && file->plain); k++) {
		const struct anchor *anchor = cafile_anchor(files, file, k);

		add(links, name_with_id(claim->stem, anchor), file, anchor, !file->plain);
	}
}

static int by_id(const void *a, const void *b)
{
	const struct calink *x = *(const struct calink *const *)a, *y = *(const struct calink *const *)b;
	int ids = memcmp(x->anchor->id, y->anchor->id, ID_LEN);

	return ids != 0 ? ids : (x > y) - (x < y);
}

static void mark_again(struct calinks *links)
{
	struct calink **sorted = mem_zero((links->count + 1) * sizeof(*sorted));
	size_t count = 0;

	for (size_t i = 0; i < links->count; i++)
		if (links->all[i].anchor != NULL)
			sorted[count++] = &links->all[i];
	if (count > 1)
		qsort(sorted, count, sizeof(*sorted), by_id);
	for (size_t i = 1; i < count; i++)
		sorted[i]->again = memcmp(sorted[i]->anchor->id, sorted[i - 1]->anchor->id, ID_LEN) == 0;
	free(sorted);
}

/* Two files of the same name may hold the same certificate: then they want the same second name. */
static void drop_equal_names(struct calinks *links)
{
	bool *drop = mem_zero(links->count + 1);
	size_t kept = 0;

	index_names(links);
	for (size_t i = 0; i < links->count; i++)
		drop[i] = calinks_find(links, links->all[i].name) != &links->all[i];
	for (size_t i = 0; i < links->count; i++) {
		if (drop[i])
			free(links->all[i].name);
		else
			links->all[kept++] = links->all[i];
	}
	links->count = kept;
	free(links->by_name);
	free(drop);
}

bool calinks_plan(const struct cafiles *files, const struct root *root, struct calinks *ret,
		  struct texts *notes, struct err *err)
{
	struct claim *claims = mem_zero((files->count + 1) * sizeof(*claims));
	struct calinks links = { 0 };
	size_t count = 0;
	bool ok = read_present(root, &links, err);

	for (size_t i = 0; ok && i < files->count; i++) {
		const struct cafile *file = &files->all[i];

		if (!file->on || file->count == 0)
			continue;
		claims[count] = (struct claim){ .file = file, .stem = cafile_stem(files->family, file) };
		claims[count].name = mem_print("%s.pem", claims[count].stem);
		count++;
	}
	settle(files, claims, count, root, &links, notes);
	for (size_t i = 0; i < count; i++) {
		add_claim(files, &links, &claims[i]);
		free(claims[i].name);
		free(claims[i].stem);
	}
	free(claims);
	drop_equal_names(&links);
	mark_again(&links);
	index_names(&links);
	if (ok)
		*ret = links;
	else
		calinks_done(&links);
	return ok;
}

void calinks_done(struct calinks *links)
{
	for (size_t i = 0; i < links->count; i++)
		free(links->all[i].name);
	for (size_t i = 0; i < links->present_count; i++) {
		free(links->present[i].name);
		free(links->present[i].target);
	}
	free(links->all);
	free(links->by_name);
	free(links->present);
	*links = (struct calinks){ 0 };
}

bool calink_stands(const struct calinks *links, const struct calink *link)
{
	const struct present *present = calinks_present(links, link->name);

	return link->theirs || (present != NULL && !link->copy && present->target != NULL &&
				leads_to(present->target, link->file->path));
}

/* In a tree, one that leads to the same file from inside of it and from outside. */
static char *target_for(const struct root *root, const char *path)
{
	static const char *const above[] = { "/etc", "/etc/ssl", CA_CERTS };
	bool plain = !root_is_host(root);
	char *link = NULL, *full, *target;

	for (size_t i = 0; plain && i < sizeof(above) / sizeof(above[0]); i++) {
		link = root_link(root, above[i]);
		plain = link == NULL;
		free(link);
	}
	if (!plain)
		return mem_string(path, strlen(path));
	full = meant(path);
	target = mem_print("../../..%s", full);
	free(full);
	return target;
}

static bool stage_copy(const struct calink *link, const struct root *root, const char *store,
		       const char *path, struct edits *to, struct err *err)
{
	struct buf content = { 0 };
	bool ok;

	buf_print(&content, MARK "%s\n", strrchr(link->file->path, '/') + 1);
	for (size_t i = 0; i + 1 < content.len; i++)
		if (content.at[i] < ' ')
			content.at[i] = '_';
	armor_write(&content, "CERTIFICATE", link->anchor->cert.der);
	ok = put_file(to, root, store, path, buf_view(&content), 0644, err);
	buf_done(&content);
	return ok;
}

static bool stage_one(const struct calinks *links, const struct calink *link, const struct root *root,
		      const char *store, struct edits *to, struct err *err)
{
	char *path = listing_path(CA_CERTS, link->name), *target;
	bool ok = true;

	if (link->copy) {
		ok = stage_copy(link, root, store, path, to, err);
	} else if (!calink_stands(links, link)) {
		target = target_for(root, link->file->path);
		ok = put_link(to, root, store, path, target, err);
		free(target);
	}
	free(path);
	return ok;
}

bool calinks_stage(const struct calinks *links, const struct root *root, const char *store, struct edits *to,
		   struct texts *notes, struct err *err)
{
	bool ok = links->count == 0 || put_directory(to, root, store, CA_CERTS, err);
	size_t dangling = 0;
	char *first = NULL;

	for (size_t i = 0; ok && i < links->count; i++)
		ok = stage_one(links, &links->all[i], root, store, to, err);
	for (size_t i = 0; ok && i < links->present_count; i++) {
		const struct present *present = &links->present[i];
		char *path;

		if (hashlink_is(present->name) || calinks_find(links, present->name) != NULL ||
		    !calinks_ours(root, present))
			continue;
		path = listing_path(CA_CERTS, present->name);
		if (present->target != NULL && !root_has(root, path) && dangling++ == 0)
			first = mem_print("'%s' goes: it leads to '%s', which is not there", path,
					  present->target);
		ok = put_nothing(to, root, store, path, err);
		free(path);
	}
	if (dangling > 1)
		texts_take(notes, mem_print("%s, and so it is with %zu more", first, dangling - 1));
	else if (dangling > 0)
		texts_add(notes, first);
	free(first);
	return ok;
}
