/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "stage/cahooks.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/root.h"
#include "base/texts.h"
#include "medium/listing.h"
#include "model/edit.h"
#include "model/hashlink.h"
#include "model/staged.h"
#include "model/store.h"
#include "stage/cafiles.h"
#include "stage/calinks.h"

/* File names in CA_CERTS. */
struct changes {
	struct texts came, renewed, went;
};

struct ids {
	const struct anchor **all; /* sorted */
	size_t count;
};

static int by_id(const void *key, const void *member)
{
	return memcmp(key, (*(const struct anchor *const *)member)->id, ID_LEN);
}

static bool have(const struct ids *ids, const struct anchor *anchor)
{
	return ids->count > 0 && bsearch(anchor->id, ids->all, ids->count, sizeof(*ids->all), by_id) != NULL;
}

/* A link that stands, of a certificate that the bundle or the hash links do not know: the file was renewed in
 * place. */
static void links_changed(const struct calinks *links, const struct ids *before, const struct root *root,
			  struct changes *to)
{
	for (size_t i = 0; i < links->count; i++) {
		const struct calink *link = &links->all[i];
		const struct present *present = calinks_present(links, link->name);
		bool stands =
			link->copy ? present != NULL && present->target == NULL : calink_stands(links, link);

		if (!stands)
			texts_add(&to->came, link->name);
		else if (link->anchor != NULL &&
			 (!have(before, link->anchor) || !hashlinks_lead(links, link)))
			texts_add(&to->renewed, link->name);
	}
	for (size_t i = 0; i < links->present_count; i++) {
		const struct present *present = &links->present[i];

		if (!hashlink_is(present->name) && calinks_find(links, present->name) == NULL &&
		    calinks_ours(root, present))
			texts_add(&to->went, present->name);
	}
}

/* Files that do not count any more, whose links went before without anybody hearing of it: the bundle still
 * has them. */
static void went_unheard(const struct cafiles *files, const struct calinks *links, const struct ids *before,
			 struct changes *to)
{
	for (size_t i = 0; i < files->count; i++) {
		const struct cafile *file = &files->all[i];
		char *stem, *name;

		if (file->on || file->count != 1 || !have(before, cafile_anchor(files, file, 0)))
			continue;
		stem = cafile_stem(files->family, file);
		name = mem_print("%s.pem", stem);
		if (calinks_find(links, name) == NULL && calinks_present(links, name) == NULL)
			texts_add_new(&to->went, name);
		free(name);
		free(stem);
	}
}

/* A line a name: one with a line break cannot be said, and would say something else. */
static void print(struct buf *to, char sign, const struct texts *names)
{
	for (size_t i = 0; i < names->count; i++)
		if (strchr(names->all[i], '\n') == NULL)
			buf_print(to, "%c%s/%s\n", sign, CA_CERTS, names->all[i]);
}

/* What a program hears, and what it hears when the change is taken back. */
static void tell(struct edit *edit, const struct changes *changes)
{
	print(&edit->content, '+', &changes->came);
	print(&edit->content, '+', &changes->renewed);
	print(&edit->content, '-', &changes->went);
	print(&edit->undo, '+', &changes->renewed);
	print(&edit->undo, '+', &changes->went);
	print(&edit->undo, '-', &changes->came);
}

/* run-parts(8) without options, and busybox's: other names are passed over in silence. */
static bool runs(const char *name)
{
	return strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-") ==
	       strlen(name);
}

static void stage_hook(const struct cafamily *family, const struct root *root, const char *name,
		       const struct changes *changes, struct staged *to)
{
	char *path = listing_path(CA_HOOKS, name);
	struct stat st;

	if (!root_stat(root, path, &st) || !S_ISREG(st.st_mode) || (st.st_mode & 0111) == 0) {
		staged_note(to, "'%s' is no program, and is not run", path);
	} else if (!runs(name)) {
		staged_note(
			to,
			"'%s' is not run: run-parts passes over names with other characters than letters, "
			"digits, '_' and '-'",
			path);
	} else if (!root_is_host(root)) {
		staged_note(to, "'%s' is not run, since this is not the running system: run it there", path);
	} else {
		struct edit *edit = edits_add(&to->edits, EDIT_RUN, path);

		if (family->told)
			tell(edit, changes);
	}
	free(path);
}

bool cahooks_stage(const struct cafiles *files, const struct calinks *links, const struct store *before,
		   const struct root *root, struct staged *to, struct err *err)
{
	struct ids ids = { store_by_id(before), before->count };
	struct changes changes = { 0 };
	struct listing listing = { 0 };
	bool ok = !root_is_directory(root, CA_HOOKS) || listing_read(root, CA_HOOKS, &listing, err) ||
		  err_in(err, "%s", CA_HOOKS);

	links_changed(links, &ids, root, &changes);
	went_unheard(files, links, &ids, &changes);
	for (size_t i = 0; ok && i < listing.count; i++)
		if (strcmp(listing.names[i], files->family->hook) != 0)
			stage_hook(files->family, root, listing.names[i], &changes, to);
	listing_done(&listing);
	texts_done(&changes.came);
	texts_done(&changes.renewed);
	texts_done(&changes.went);
	free(ids.all);
	return ok;
}
