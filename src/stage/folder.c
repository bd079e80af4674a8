/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "stage/folder.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/root.h"
#include "format/armor.h"
#include "format/format.h"
#include "format/persist.h"
#include "model/store.h"
#include "stage/put.h"

/* p11-kit reads these and no others; what is in a file of another kind is nothing to it. */
static bool p11_kit_reads(const struct format *format)
{
	return format == &format_p11kit || format == &format_pem || format == &format_trusted ||
	       format == &format_der;
}

/* Reads the bytes anew. A file that none of our formats reads has no entries. */
static void understand(struct folder_file *file)
{
	struct err err = { 0 };

	store_free(file->store);
	file->store = store_new(file->name);
	file->format = format_of(buf_view(&file->content));
	if (file->format != NULL && !p11_kit_reads(file->format))
		file->format = NULL;
	if (file->format != NULL && !file->format->read(buf_view(&file->content), file->store, &err))
		file->format = NULL;
}

static struct folder_file *add(struct folder *folder, const char *name, enum trust_part part)
{
	folder->all = mem_grow(folder->all, folder->count, sizeof(*folder->all));
	folder->all[folder->count] =
		(struct folder_file){ .name = mem_string(name, strlen(name)), .part = part };
	return &folder->all[folder->count++];
}

static bool has_part(const struct root *root, const char *path, enum trust_part part)
{
	char *folder = mem_print("%s/%s", path, trust_parts[part]);
	bool has = root_is_directory(root, folder);

	free(folder);
	return has;
}

enum trust_part folder_forbidding(const struct folder *folder)
{
	return folder->old ? TRUST_BLACKLIST : TRUST_BLOCKLIST;
}

/* What is made of the folder, and p11-kit when all is read back, would lack what cannot be read. */
static bool all_readable(const struct store *notes, struct err *err)
{
	for (size_t i = 0; i < notes->note_count; i++)
		if (notes->notes[i].level == NOTE_ERROR)
			return err_set(err, ERR_DAMAGED,
				       "%s: %s; what is made of the trust directories would lack it: mend or "
				       "remove it first",
				       notes->notes[i].file, notes->notes[i].text);
	return true;
}

bool folder_read(const struct root *root, const char *path, struct folder *ret, struct err *err)
{
	struct store *notes = store_new(path); /* the medium tells them again */
	struct trustdir dir = { 0 };
	struct folder folder = { .root = root, .path = path };
	bool ok = true;

	folder.old = has_part(root, path, TRUST_BLACKLIST) && !has_part(root, path, TRUST_BLOCKLIST);
	if (root_has(root, path))
		ok = (trustdir_scan(root, path, notes, &dir, err) || err_in(err, "%s", path)) &&
		     all_readable(notes, err);
	for (size_t i = 0; ok && i < dir.count; i++) {
		char *full = trustdir_file(&dir, &dir.files[i]);
		struct folder_file *file = add(&folder, dir.files[i].name, dir.files[i].part);

		ok = root_read(root, full, &file->content, err) || err_in(err, "%s", full);
		if (ok)
			understand(file);
		free(full);
	}
	trustdir_done(&dir);
	store_free(notes);
	if (ok)
		*ret = folder;
	else
		folder_done(&folder);
	return ok;
}

void folder_done(struct folder *folder)
{
	for (size_t i = 0; i < folder->count; i++) {
		free(folder->all[i].name);
		buf_done(&folder->all[i].content);
		store_free(folder->all[i].store);
	}
	free(folder->all);
	*folder = (struct folder){ 0 };
}

bool folder_changed(const struct folder *folder)
{
	for (size_t i = 0; i < folder->count; i++)
		if (folder->all[i].changed || (folder->all[i].gone && !folder->all[i].fresh) ||
		    (folder->old && folder->all[i].part == TRUST_BLACKLIST))
			return true;
	return false;
}

/* Whether the file has blocks that say themselves what they are trusted for. */
static bool says_trust(const struct folder_file *file)
{
	static const char begin[] = "-----BEGIN TRUSTED CERTIFICATE-----";

	return file->format == &format_p11kit ||
	       (file->content.len > 0 &&
		memmem(file->content.at, file->content.len, begin, sizeof(begin) - 1) != NULL);
}

void folder_meaning(const struct folder_file *file, const struct anchor *entry, struct anchor *ret)
{
	*ret = *entry;
	ret->label = "";
	ret->mozilla_policy = false;
	for (unsigned i = 0; i < PURPOSE_COUNT; i++)
		if (i != PURPOSE_SERVER_AUTH && i != PURPOSE_EMAIL)
			ret->distrust_after[i] = CLOCK_NONE;
	if (file->part == TRUST_BLOCKLIST || file->part == TRUST_BLACKLIST) {
		ret->trusted = 0;
		ret->distrusted = PURPOSES_ALL;
	} else if (file->part == TRUST_ANCHORS && ret->distrusted == 0 && ret->trusted == 0) {
		ret->trusted = PURPOSES_ALL; /* whatever the file says of it: it is in anchors/ */
	} else if (file->part == TRUST_TOP && !says_trust(file)) {
		ret->trusted = 0;
	}
}

static bool taken(const struct folder *folder, const char *name)
{
	char *path = mem_print("%s/%s", folder->path, name), *link = root_link(folder->root, path);
	bool found = link != NULL || root_has(folder->root, path);

	for (size_t i = 0; !found && i < folder->count; i++)
		found = strcmp(folder->all[i].name, name) == 0;
	free(link);
	free(path);
	return found;
}

const char *folder_put(struct folder *folder, enum trust_part part, const char *stem, const char *suffix,
		       const struct buf *content)
{
	const char *below = trust_parts[part], *slash = below[0] != '\0' ? "/" : "";
	char *name = mem_print("%s%s%s%s", below, slash, stem, suffix);
	struct folder_file *file;

	for (unsigned n = 1; taken(folder, name); n++) {
		free(name);
		name = mem_print("%s%s%s.%u%s", below, slash, stem, n, suffix);
	}
	file = add(folder, name, part);
	file->fresh = file->changed = true;
	file->turns = 1;
	buf_bytes(&file->content, buf_view(content));
	understand(file);
	free(name);
	return file->name;
}

/* Which entries go, by their index in the store. */
struct cut {
	const struct folder_file *file;
	bool *doomed;
};

static bool line_goes(const struct cut *cut, unsigned line)
{
	for (size_t i = 0; i < cut->file->store->count; i++)
		if (cut->doomed[i] && cut->file->store->anchors[i].origin.line == line)
			return true;
	return false;
}

/* Whether one with this key goes, and none stays to which what is stapled to it belongs. */
static bool key_goes(const struct cut *cut, struct bytes key)
{
	bool goes = false;

	for (size_t i = 0; i < cut->file->store->count; i++) {
		if (!bytes_equal(cut->file->store->anchors[i].cert.spki, key))
			continue;
		if (!cut->doomed[i])
			return false;
		goes = true;
	}
	return goes;
}

/* Sections of p11-kit's format, each up to the next, less those that go. */
static void cut_sections(const struct cut *cut, struct buf *to)
{
	struct bytes file = buf_view(&cut->file->content);
	struct store *notes = store_new("");
	struct persist_at at = { .file = file, .notes = notes };
	struct persist_object object;
	size_t from = 0;
	bool keep = true;

	while (persist_next(&at, &object)) {
		bool extension = persist_has(&object, ATTRIBUTE_PUBLIC_KEY) &&
				 persist_has(&object, ATTRIBUTE_OBJECT_ID);

		if (keep)
			buf_bytes(to, (struct bytes){ file.at + from, object.at - from });
		from = object.at;
		keep = extension ? !key_goes(cut, object.value[ATTRIBUTE_PUBLIC_KEY])
				 : !line_goes(cut, object.line);
	}
	if (keep)
		buf_bytes(to, bytes_skip(file, from));
	store_free(notes);
}

/* PEM blocks with the text before each, less those that go; what stands before the first stays. */
static void cut_blocks(const struct cut *cut, struct buf *to)
{
	struct bytes file = buf_view(&cut->file->content);
	struct armor_at at = { .line = 1 };
	struct armor block;
	size_t from = 0;

	while (armor_next(file, &at, &block)) {
		size_t begin = block.gap_at > 0 ? block.gap_at : block.at;

		if (!line_goes(cut, block.line))
			continue;
		buf_bytes(to, (struct bytes){ file.at + from, begin - from });
		from = at.pos;
	}
	buf_bytes(to, bytes_skip(file, from));
}

/* Whether what was read of the new bytes is what was there, less what was to go. */
static bool as_meant(const struct cut *cut, const struct store *now)
{
	const struct store *before = cut->file->store;
	size_t n = 0;

	for (size_t i = 0; i < before->count; i++) {
		if (cut->doomed[i])
			continue;
		if (n >= now->count || memcmp(before->anchors[i].id, now->anchors[n].id, ID_LEN) != 0 ||
		    before->anchors[i].attached_count != now->anchors[n].attached_count)
			return false;
		n++;
	}
	return n == now->count;
}

static bool cut_some(struct folder_file *file, const struct cut *cut, struct err *err)
{
	struct buf rest = { 0 };
	struct store *now = store_new(file->name);
	bool ok;

	if (file->format == &format_p11kit)
		cut_sections(cut, &rest);
	else
		cut_blocks(cut, &rest);
	ok = file->format->read(buf_view(&rest), now, err) &&
	     (as_meant(cut, now) || err_set(err, ERR_UNSUPPORTED,
					    "'%s' holds several certificates, and one of them cannot be "
					    "taken out without changing the "
					    "others; take it out by hand",
					    file->name));
	if (ok) {
		buf_done(&file->content);
		file->content = rest;
		rest = (struct buf){ 0 };
		file->changed = true;
		understand(file);
	}
	store_free(now);
	buf_done(&rest);
	return ok;
}

bool folder_cut(struct folder_file *file, bool (*goes)(const struct anchor *entry, const void *data),
		const void *data, struct err *err)
{
	struct cut cut = { file, NULL };
	size_t count = 0;
	bool ok = true;

	if (file->gone || file->format == NULL)
		return true;
	cut.doomed = mem_zero(file->store->count + 1);
	for (size_t i = 0; i < file->store->count; i++) {
		cut.doomed[i] = goes(&file->store->anchors[i], data);
		count += cut.doomed[i];
	}
	if (count > 0 && count == file->store->count)
		ok = file->gone = put_may_go(file->store, file->name, err);
	else if (count > 0)
		ok = cut_some(file, &cut, err);
	file->turns += count > 0;
	free(cut.doomed);
	return ok;
}
