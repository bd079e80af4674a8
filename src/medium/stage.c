/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "medium/stage.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/root.h"
#include "format/format.h"
#include "medium/file.h"
#include "medium/listing.h"
#include "model/anchor.h"
#include "model/edit.h"
#include "model/name.h"
#include "model/pick.h"
#include "model/store.h"

const struct output outputs[] = {
	{ "pem-bundle", "one PEM file", "pem", LAYOUT_FILE, NULL, true },
	{ "pem-directory", "a PEM file for each certificate", "pem", LAYOUT_DIRECTORY, ".pem", false },
	{ "pem-directory-hash", "the same, with OpenSSL's hash links", "pem", LAYOUT_HASHED, ".pem", false },
	{ "openssl-bundle", "one file of TRUSTED CERTIFICATE blocks", "trusted", LAYOUT_FILE, NULL, true },
	{ "openssl-directory", "a file of each such block, with hash links", "trusted", LAYOUT_HASHED, ".pem",
	  false },
	{ "x509-directory", "a DER file for each certificate", "der", LAYOUT_DIRECTORY, ".cer", false },
	{ "java-cacerts", "a Java key store (JKS), password changeit", "jks", LAYOUT_FILE, NULL, false },
	{ "pkcs12", "a PKCS#12 trust store for Java, password changeit", "pkcs12", LAYOUT_FILE, NULL, false },
	{ "edk2-cacerts", "EFI signature lists for EDK II firmware", "edk2", LAYOUT_FILE, NULL, false },
	{ "p11-kit", "p11-kit's persistence format", "persist", LAYOUT_FILE, NULL, true },
	{ "pkcs7", "a PKCS#7 bundle (.p7b), DER", "pkcs7", LAYOUT_FILE, NULL, false },
	{ "der", "certificates as DER, one behind the other", "der", LAYOUT_FILE, NULL, false },
	{ "inventory", "JSON with everything, to compare or to read back", "inventory", LAYOUT_FILE, NULL,
	  true },
	{ 0 },
};

const struct output *stage_output_named(const char *name)
{
	for (size_t i = 0; outputs[i].name != NULL; i++)
		if (strcmp(outputs[i].name, name) == 0)
			return &outputs[i];
	return NULL;
}

const struct kind *stage_kind(const struct output *output)
{
	const struct format *format = format_named(output->format);

	return format != NULL ? &format->kind : NULL;
}

static int by_id(const void *a, const void *b)
{
	return memcmp((*(const struct anchor *const *)a)->id, (*(const struct anchor *const *)b)->id, ID_LEN);
}

/* Whether the store that was read back holds the anchors that were to be written, each once, and no other. */
static bool same_set(const struct store *store, const struct pick *pick)
{
	const struct anchor **got = store_by_id(store);
	const struct anchor **want = mem_copy(pick->anchors, pick->count * sizeof(*want));
	bool same = store->count == pick->count;

	if (pick->count > 1)
		qsort(want, pick->count, sizeof(*want), by_id);
	for (size_t i = 0; same && i < pick->count; i++)
		same = memcmp(got[i]->id, want[i]->id, ID_LEN) == 0;
	free(got);
	free(want);
	return same;
}

static bool write_checked(const struct format *format, const struct pick *pick, const struct style *style,
			  struct buf *to, struct err *err)
{
	struct store *back = NULL;
	bool ok = format->write(pick, style, to, err);

	if (ok) {
		back = store_new("what was written");
		ok = pick->count == 0 || format->read(buf_view(to), back, err);
	}
	if (ok) {
		store_finish(back);
		ok = same_set(back, pick) ||
		     err_set(err, ERR_DAMAGED,
			     "what was to be written as %s does not read back as the same %zu "
			     "certificates; nothing was changed",
			     format->kind.name, pick->count);
	}
	store_free(back);
	return ok;
}

/* Letters, digits, "-", "_" and "." of the name, everything else as "_"; never empty, never hidden. */
static char *file_stem(const struct anchor *anchor)
{
	enum { MOST = 200 };
	struct buf name = { 0 };

	anchor_name(anchor, &name);
	if (name.len > MOST)
		name.len = MOST;
	for (size_t i = 0; i < name.len; i++) {
		uint8_t c = name.at[i];
		bool plain = c < 0x80 && (isalnum(c) || c == '-' || c == '_' || c == '.');

		if (!plain || (i == 0 && (c == '.' || c == '-')))
			name.at[i] = '_';
	}
	buf_byte(&name, '\0');
	return (char *)name.at;
}

static bool taken(const struct edits *edits, const char *path)
{
	for (size_t i = 0; i < edits->count; i++)
		if (strcmp(edits->all[i].path, path) == 0)
			return true;
	return false;
}

/* "<stem><suffix>", or with ".1", ".2", … in between if that is taken. */
static char *free_name(const struct edits *edits, const char *stem, const char *suffix)
{
	char *name = mem_print("%s%s", stem, suffix);

	for (unsigned n = 1; taken(edits, name); n++) {
		free(name);
		name = mem_print("%s.%u%s", stem, n, suffix);
	}
	return name;
}

static void add_link(struct edits *edits, uint32_t hash, const char *target)
{
	char name[32];

	for (unsigned n = 0;; n++) {
		snprintf(name, sizeof(name), "%08x.%u", hash, n);
		if (!taken(edits, name))
			break;
	}
	edits_add(edits, EDIT_LINK, name)->target = mem_string(target, strlen(target));
}

static void add_links(struct edits *edits, const struct anchor *anchor, const char *target)
{
	uint32_t hash, old;
	bool has = name_hash(anchor->cert.subject, &hash);

	if (has)
		add_link(edits, hash, target);
	if (name_hash_old(anchor->cert.subject, &old) && !(has && old == hash))
		add_link(edits, old, target);
}

static bool stage_directory(const struct output *output, const struct format *format, const struct pick *pick,
			    const struct style *style, struct edits *ret, struct err *err)
{
	for (size_t i = 0; i < pick->count; i++) {
		const struct pick one = { &pick->anchors[i], 1 };
		char *stem = file_stem(pick->anchors[i]);
		char *name = free_name(ret, stem, output->suffix);
		struct edit *edit = edits_add(ret, EDIT_FILE, name);
		bool ok = write_checked(format, &one, style, &edit->content, err);

		if (!ok)
			err_in(err, "%s", name);
		else if (output->layout == LAYOUT_HASHED)
			add_links(ret, pick->anchors[i], name);
		free(name);
		free(stem);
		if (!ok)
			return false;
	}
	return true;
}

bool stage_output(const struct output *output, const struct pick *pick, const struct style *style,
		  struct edits *ret, struct err *err)
{
	const struct format *format = format_named(output->format);

	if (format == NULL || format->write == NULL)
		return err_set(err, ERR_UNSUPPORTED, "no writer for '%s'", output->name);
	if (output->layout == LAYOUT_FILE)
		return write_checked(format, pick, style, &edits_add(ret, EDIT_FILE, "")->content, err);
	return stage_directory(output, format, pick, style, ret, err);
}

static bool hash_link(const char *name)
{
	return strspn(name, "0123456789abcdef") == 8 && name[8] == '.' && name[9] != '\0' &&
	       strspn(name + 9, "0123456789") == strlen(name + 9);
}

static bool ends_with(const char *name, const char *suffix)
{
	size_t len = strlen(name), tail = strlen(suffix);

	return len > tail && strcmp(name + len - tail, suffix) == 0;
}

static bool holds_certificates(const struct root *root, const char *path)
{
	struct store *store = store_new(path);
	struct err err = { 0 };
	bool holds = file_read_entry(path, root, NULL, store, &err) && store->count > 0;

	store_free(store);
	return holds;
}

bool stage_stale(const struct output *output, const struct root *root, const char *path, struct edits *edits,
		 unsigned *ret_foreign, struct err *err)
{
	struct listing listing;

	*ret_foreign = 0;
	if (!listing_read(root, path, &listing, err))
		return false;
	for (size_t i = 0; i < listing.count; i++) {
		const char *name = listing.names[i];
		char *full = listing_path(path, name);

		if (taken(edits, name))
			;
		else if ((output->layout == LAYOUT_HASHED && hash_link(name)) ||
			 (ends_with(name, output->suffix) && holds_certificates(root, full)))
			edits_add(edits, EDIT_REMOVE, name);
		else
			++*ret_foreign;
		free(full);
	}
	listing_done(&listing);
	return true;
}
