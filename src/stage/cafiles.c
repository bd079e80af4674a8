/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "stage/cafiles.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/root.h"
#include "base/text.h"
#include "format/armor.h"
#include "format/format.h"
#include "medium/file.h"
#include "model/anchor.h"
#include "model/der.h"
#include "model/request.h"
#include "stage/calocal.h"
#include "stage/output.h"
#include "stage/put.h"

/* One block of certificate that everybody reads, and nothing but text around it. */
static bool is_plain(struct bytes file)
{
	static const char *const types[] = { "CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE" };
	struct armor_at at = { .line = 1 };
	struct armor armor, none;
	bool known = false;
	size_t where;

	for (size_t i = 0; i < file.len; i++)
		if (file.at[i] < ' ' && file.at[i] != '\n' && file.at[i] != '\r' && file.at[i] != '\t')
			return false;
	if (!armor_next(file, &at, &armor) || armor.cut || armor.odd != NULL ||
	    armor_stray(armor.gap, false, &where) != NULL)
		return false;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		known = known || bytes_equal(armor.type, bytes_of(types[i]));
	return known && !armor_next(file, &at, &none) && armor_stray(none.gap, true, &where) == NULL;
}

static bool is_source(const struct format *format)
{
	return format == &format_pem || format == &format_der || format == &format_trusted ||
	       format == &format_pkcs7;
}

/* Certificates that the file forbids, or allows for some purposes where the outputs cannot say so, do not
 * count. */
static bool counts(struct cafiles *files, const struct cafile *file, const struct anchor *anchor)
{
	uint16_t trusted = anchor_trusted(anchor);

	if (trusted == PURPOSES_ALL || (trusted != 0 && file->plain))
		return true;
	texts_take(
		&files->notes,
		mem_print("'%s' says itself that a certificate in it is not to be trusted%s: it is left out",
			  file->path, trusted != 0 ? " for everything, which cannot be said here" : ""));
	return false;
}

static void parse(struct cafiles *files, struct cafile *file)
{
	const struct format *format = format_of(buf_view(&file->file));
	size_t first = files->store->count;
	struct err err = { 0 };

	free(file->certs);
	file->certs = NULL;
	file->count = 0;
	if (!is_source(format))
		texts_take(&files->notes, mem_print("'%s' holds no certificate: it is left out", file->path));
	else if (!file_read_bytes(file->path, buf_view(&file->file), format, files->store, &err))
		texts_take(&files->notes, mem_print("'%s': %s", file->path, err.text));
	file->plain = files->store->count == first + 1 && is_plain(buf_view(&file->file));
	for (size_t i = first; i < files->store->count; i++) {
		if (!counts(files, file, &files->store->anchors[i]))
			continue;
		file->certs = mem_grow(file->certs, file->count, sizeof(*file->certs));
		file->certs[file->count++] = i;
	}
}

static struct cafile *add(struct cafiles *files, const char *path, size_t line)
{
	struct cafile *file;

	files->all = mem_grow(files->all, files->count, sizeof(*files->all));
	file = &files->all[files->count++];
	*file = (struct cafile){ .path = mem_string(path, strlen(path)), .line = line, .on = true };
	return file;
}

/* A source that cannot be read would be missing in all that is made: nothing is made then. */
static bool read_source(struct cafiles *files, const struct root *root, struct cafile *file, struct err *err)
{
	struct err why = { 0 };

	if (!root_read(root, file->path, &file->file, &why))
		return err_set(err, why.code,
			       "cannot read '%s': %s; it must be readable, or be taken away, before "
			       "anything is changed",
			       file->path, why.text);
	parse(files, file);
	return true;
}

static bool read_packaged(struct cafiles *files, const struct root *root, struct err *err)
{
	bool ok = true;

	for (size_t i = 0; ok && i < files->conf.count; i++) {
		const struct certsconf_line *line = &files->conf.lines[i];
		char *path;

		if (line->path == NULL)
			continue;
		path = mem_print("%s/%.*s", CA_PACKAGED, (int)line->len, line->path);
		if (root_is_file(root, path)) {
			struct cafile *file = add(files, path, i);

			file->on = !line->off;
			ok = read_source(files, root, file, err);
		} else if (!line->off) {
			texts_take(&files->notes,
				   mem_print("'%s' is listed in %s and is not there", path, CA_CONF));
		}
		free(path);
	}
	return ok;
}

static bool read_local(struct cafiles *files, const struct root *root, struct err *err)
{
	struct calocal local = { 0 };
	bool ok = calocal_find(root, files->family->deep, &local, &files->notes, err);

	for (size_t i = 0; ok && i < local.count; i++) {
		struct cafile *file = add(files, local.all[i].path, CAFILE_LOCAL);

		file->linked = local.all[i].linked;
		ok = read_source(files, root, file, err);
		for (size_t k = 0; ok && k < file->count; k++)
			if (!anchor_authority(cafile_anchor(files, file, k)))
				texts_take(&files->notes,
					   mem_print("'%s' holds a certificate that is no CA's; it counts "
						     "all the same, as it was put there",
						     file->path));
	}
	calocal_done(&local);
	return ok;
}

bool cafiles_read(const struct cafamily *family, const struct root *root, struct cafiles *ret,
		  struct err *err)
{
	struct cafiles files = { .family = family, .store = store_new("the certificates of the system") };
	bool ok = certsconf_read(root, CA_CONF, &files.conf, err) && read_packaged(&files, root, err) &&
		  read_local(&files, root, err);

	for (size_t i = 0; ok && i < files.store->note_count; i++) {
		const struct note *note = &files.store->notes[i];

		if (note->level >= NOTE_WARN && note->text != NULL)
			texts_take(&files.notes,
				   mem_print("'%s': %s", note->file != NULL ? note->file : "?", note->text));
	}
	if (ok)
		*ret = files;
	else
		cafiles_done(&files);
	return ok;
}

static void file_done(struct cafile *file)
{
	free(file->path);
	free(file->certs);
	buf_done(&file->file);
}

void cafiles_done(struct cafiles *files)
{
	for (size_t i = 0; i < files->count; i++)
		file_done(&files->all[i]);
	free(files->all);
	certsconf_done(&files->conf);
	store_free(files->store);
	texts_done(&files->notes);
	*files = (struct cafiles){ 0 };
}

const struct anchor *cafile_anchor(const struct cafiles *files, const struct cafile *file, size_t index)
{
	return &files->store->anchors[file->certs[index]];
}

static bool concerns(const struct anchor *wish, const struct anchor *anchor)
{
	switch (wish->names) {
	case ANCHOR_ISSUER_SERIAL:
		return bytes_equal(wish->cert.issuer, anchor->cert.issuer) &&
		       bytes_equal(wish->cert.serial, anchor->cert.serial);
	case ANCHOR_KEY:
		return anchor->readable && bytes_equal(wish->cert.spki, anchor->cert.spki);
	case ANCHOR_CERTIFICATE:
	case ANCHOR_FINGERPRINT:
		break;
	}
	return memcmp(wish->id, anchor->id, ID_LEN) == 0;
}

bool cafile_concerns(const struct cafiles *files, const struct cafile *file, const struct request *request)
{
	for (size_t i = 0; i < file->count; i++)
		if (concerns(request->anchor, cafile_anchor(files, file, i)))
			return true;
	return false;
}

char *cafile_stem(const struct cafamily *family, const struct cafile *file)
{
	static const char suffix[] = ".crt", from[] = " (),", to[] = "_==_";
	const char *name = strrchr(file->path, '/') + 1, *found;
	size_t len = strlen(name), tail = strlen(suffix);
	char *stem;

	if (len > tail && strcmp(name + len - tail, suffix) == 0)
		len -= tail;
	stem = mem_print("%s%.*s", family->prefix, (int)len, name);
	for (char *c = stem; *c != '\0'; c++)
		if ((found = strchr(from, *c)) != NULL)
			*c = to[found - from];
	return stem;
}

/* Neither a file of that name is there nor another's link would have it. */
static bool name_is_free(const struct cafiles *files, const struct root *root, const char *name)
{
	char *path = mem_print("%s/%s.crt", CA_LOCAL, name);
	char *link = root_link(root, path);
	bool is_free = !root_has(root, path) && link == NULL;

	for (size_t i = 0; is_free && i < files->count; i++) {
		char *stem = cafile_stem(files->family, &files->all[i]);

		is_free = strcmp(stem + strlen(files->family->prefix), name) != 0 &&
			  strcmp(files->all[i].path, path) != 0;
		free(stem);
	}
	free(link);
	free(path);
	return is_free;
}

/* The last file goes among the local ones to where its path belongs. */
static void into_order(struct cafiles *files)
{
	size_t at = files->count - 1;
	struct cafile file = files->all[at];

	while (at > 0 && files->all[at - 1].line == CAFILE_LOCAL &&
	       strcmp(files->all[at - 1].path, file.path) > 0) {
		files->all[at] = files->all[at - 1];
		at--;
	}
	files->all[at] = file;
}

const char *cafiles_add(struct cafiles *files, const struct root *root, const struct anchor *anchor)
{
	enum { STEM = 120 }; /* of a file name, with a fingerprint behind it */
	char *name = output_stem(anchor, STEM), *path;
	struct buf hex = { 0 };
	struct cafile *file;

	text_hex((struct bytes){ anchor->id, ID_LEN }, &hex);
	for (size_t digits = 8; digits <= hex.len && !name_is_free(files, root, name); digits *= 2) {
		char *stem = output_stem(anchor, STEM);

		free(name);
		name = mem_print("%s-%.*s", stem, (int)digits, (const char *)hex.at);
		free(stem);
	}
	path = mem_print("%s/%s.crt", CA_LOCAL, name);
	file = add(files, path, CAFILE_LOCAL);
	free(path);
	path = file->path;
	file->fresh = true;
	armor_write(&file->file, "CERTIFICATE", anchor->cert.der);
	parse(files, file);
	into_order(files);
	free(name);
	buf_done(&hex);
	return path;
}

/* Whether the block is a certificate, trusted or not, that is to go. */
static bool block_goes(const struct armor *armor, const struct cafiles *files, const struct cafile *file,
		       const struct request *request)
{
	struct buf der = { 0 };
	uint8_t id[DIGEST_LEN];
	bool goes = false;
	size_t at, size;

	if (armor_decode(armor, &der, &at) && (size = der_size(buf_view(&der))) > 0 && size <= der.len) {
		digest_sha256((struct bytes){ der.at, size }, id);
		for (size_t i = 0; i < file->count && !goes; i++) {
			const struct anchor *anchor = cafile_anchor(files, file, i);

			goes = memcmp(anchor->id, id, ID_LEN) == 0 && concerns(request->anchor, anchor);
		}
	}
	buf_done(&der);
	return goes;
}

/* The PEM file without the blocks that go. *ret_left: how many blocks are left. */
static void cut_pem(const struct cafiles *files, const struct cafile *file, const struct request *request,
		    struct buf *to, size_t *ret_left)
{
	struct bytes all = buf_view(&file->file);
	struct armor_at at = { .line = 1 };
	struct armor armor;

	*ret_left = 0;
	while (armor_next(all, &at, &armor)) {
		buf_bytes(to, armor.gap);
		if (block_goes(&armor, files, file, request)) {
			while (at.pos < all.len && (all.at[at.pos] == '\r' || all.at[at.pos] == '\n'))
				at.pos++;
			continue;
		}
		buf_bytes(to, (struct bytes){ all.at + armor.at, at.pos - armor.at });
		++*ret_left;
	}
	buf_bytes(to, armor.gap);
}

/* What is no PEM is written as PEM without those that go. */
static void cut_other(const struct cafiles *files, const struct cafile *file, const struct request *request,
		      struct buf *to, size_t *ret_left)
{
	*ret_left = 0;
	for (size_t i = 0; i < file->count; i++) {
		const struct anchor *anchor = cafile_anchor(files, file, i);

		if (concerns(request->anchor, anchor))
			continue;
		armor_write(to, "CERTIFICATE", anchor->cert.der);
		++*ret_left;
	}
}

static void set_content(struct cafiles *files, struct cafile *file, struct buf content, size_t left)
{
	buf_done(&file->file);
	file->file = content;
	file->cut = true;
	file->gone = left == 0;
	file->on = left > 0;
	if (left > 0) {
		parse(files, file);
		return;
	}
	free(file->certs);
	file->certs = NULL;
	file->count = 0;
}

void cafiles_cut(struct cafiles *files, struct cafile *file, const struct request *request)
{
	const struct format *format = format_of(buf_view(&file->file));
	struct buf rest = { 0 };
	size_t left;

	if (format == &format_pem || format == &format_trusted) {
		cut_pem(files, file, request, &rest, &left);
		set_content(files, file, rest, left);
		if (!cafile_concerns(files, file, request))
			return;
		rest = (struct buf){ 0 }; /* it is within PKCS#7 */
	}
	cut_other(files, file, request, &rest, &left);
	set_content(files, file, rest, left);
}

bool cafiles_stage(const struct cafiles *files, const struct root *root, const char *store, struct edits *to,
		   struct err *err)
{
	struct buf conf = { 0 };
	bool ok = true;

	for (size_t i = 0; ok && i < files->count; i++) {
		const struct cafile *file = &files->all[i];

		if (file->gone && !file->fresh)
			ok = put_nothing(to, root, store, file->path, err);
		else if (!file->gone && (file->fresh || file->cut))
			ok = put_directory(to, root, store, CA_LOCAL, err) &&
			     put_file(to, root, store, file->path, buf_view(&file->file), 0644, err);
	}
	if (ok && files->conf.changed) {
		certsconf_write(&files->conf, &conf);
		ok = put_file(to, root, store, CA_CONF, buf_view(&conf), 0644, err);
	}
	buf_done(&conf);
	return ok;
}
