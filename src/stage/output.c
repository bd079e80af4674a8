/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "stage/output.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/root.h"
#include "format/format.h"
#include "medium/file.h"
#include "medium/listing.h"
#include "model/anchor.h"
#include "model/edit.h"
#include "model/hashlink.h"
#include "model/name.h"
#include "model/pick.h"
#include "model/store.h"
#include "stage/checked.h"

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

const struct output *output_named(const char *name)
{
	for (size_t i = 0; outputs[i].name != NULL; i++)
		if (strcmp(outputs[i].name, name) == 0)
			return &outputs[i];
	return NULL;
}

const struct kind *output_kind(const struct output *output)
{
	const struct format *format = format_named(output->format);

	return format != NULL ? &format->kind : NULL;
}

char *output_stem(const struct anchor *anchor, size_t most)
{
	struct buf name = { 0 };

	anchor_name(anchor, &name);
	if (name.len > most)
		name.len = most;
	for (size_t i = 0; i < name.len; i++) {
		uint8_t c = name.at[i];
		bool plain = c < 0x80 && (isalnum(c) || c == '-' || c == '_' || c == '.');

		if (!plain || (i == 0 && (c == '.' || c == '-')))
			name.at[i] = '_';
	}
	buf_byte(&name, '\0');
	return (char *)name.at;
}

/* The paths of edits: a hash table of 2^n places, never full. Certificates of one name may be many. */
struct names {
	struct name {
		const char *path; /* of the edit, borrowed; NULL: the place is free */
		unsigned next;    /* the number to try for the next of this name */
	} * all;
	size_t mask;
};

/* Where the path is, or may be put. By a digest, as names are what somebody chose. */
static struct name *name_place(const struct names *names, const char *path)
{
	uint8_t digest[DIGEST_LEN];
	size_t at;

	digest_sha256(bytes_of(path), digest);
	memcpy(&at, digest, sizeof(at));
	while (names->all[at & names->mask].path != NULL &&
	       strcmp(names->all[at & names->mask].path, path) != 0)
		at++;
	return &names->all[at & names->mask];
}

/* Room for `more` beside the paths that are there. */
static void names_of(const struct edits *edits, size_t more, struct names *ret)
{
	ret->mask = 1;
	while (ret->mask < 2 * (edits->count + more))
		ret->mask = 2 * ret->mask + 1;
	ret->all = mem_zero((ret->mask + 1) * sizeof(*ret->all));
	for (size_t i = 0; i < edits->count; i++)
		name_place(ret, edits->all[i].path)->path = edits->all[i].path;
}

/* An edit of "<stem><first><rest>", or with ".1", ".2", … instead of `first` if that is taken. */
static struct edit *add_edit(struct edits *edits, struct names *names, enum edit_kind kind, const char *stem,
			     const char *first, const char *rest)
{
	char *path = mem_print("%s%s%s", stem, first, rest);
	struct name *found = name_place(names, path), *place = found;
	struct edit *edit;

	while (place->path != NULL) {
		free(path);
		path = mem_print("%s.%u%s", stem, ++found->next, rest);
		place = name_place(names, path);
	}
	edit = edits_add(edits, kind, path);
	place->path = edit->path;
	free(path);
	return edit;
}

static void add_link(struct edits *edits, struct names *names, uint32_t hash, const char *target)
{
	char stem[9];

	snprintf(stem, sizeof(stem), "%08x", hash);
	add_edit(edits, names, EDIT_LINK, stem, ".0", "")->target = mem_string(target, strlen(target));
}

static void add_links(struct edits *edits, struct names *names, const struct anchor *anchor,
		      const char *target)
{
	uint32_t hash, old;
	bool has = name_hash(anchor->cert.subject, &hash);

	if (has)
		add_link(edits, names, hash, target);
	if (name_hash_old(anchor->cert.subject, &old) && !(has && old == hash))
		add_link(edits, names, old, target);
}

static bool stage_directory(const struct output *output, const struct format *format, const struct pick *pick,
			    const struct style *style, struct edits *ret, struct err *err)
{
	enum { EACH = 3 }; /* a file and two links */
	struct names names;
	bool ok = true;

	names_of(ret, EACH * pick->count, &names);
	for (size_t i = 0; ok && i < pick->count; i++) {
		const struct pick one = { &pick->anchors[i], 1 };
		char *stem = output_stem(pick->anchors[i], OUTPUT_STEM);
		struct edit *edit = add_edit(ret, &names, EDIT_FILE, stem, "", output->suffix);

		ok = checked_write(format, &one, style, &edit->content, err);
		if (!ok)
			err_in(err, "%s", edit->path);
		else if (output->layout == LAYOUT_HASHED)
			add_links(ret, &names, pick->anchors[i], edit->path);
		free(stem);
	}
	free(names.all);
	return ok;
}

bool output_stage(const struct output *output, const struct pick *pick, const struct style *style,
		  struct edits *ret, struct err *err)
{
	const struct format *format = format_named(output->format);

	if (format == NULL || format->write == NULL)
		return err_set(err, ERR_UNSUPPORTED, "no writer for '%s'", output->name);
	if (output->layout == LAYOUT_FILE)
		return checked_write(format, pick, style, &edits_add(ret, EDIT_FILE, "")->content, err);
	return stage_directory(output, format, pick, style, ret, err);
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

bool output_stage_stale(const struct output *output, const struct root *root, const char *path,
			struct edits *edits, unsigned *ret_foreign, struct err *err)
{
	struct listing listing;
	struct names names;

	*ret_foreign = 0;
	if (!listing_read(root, path, &listing, err))
		return false;
	names_of(edits, 0, &names);
	for (size_t i = 0; i < listing.count; i++) {
		const char *name = listing.names[i];
		char *full = listing_path(path, name);

		if (name_place(&names, name)->path != NULL)
			;
		else if ((output->layout == LAYOUT_HASHED && hashlink_is(name)) ||
			 (ends_with(name, output->suffix) && holds_certificates(root, full)))
			edits_add(edits, EDIT_REMOVE, name);
		else
			++*ret_foreign;
		free(full);
	}
	free(names.all);
	listing_done(&listing);
	return true;
}
