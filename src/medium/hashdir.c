/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A directory as OpenSSL looks certificates up in it (CApath, SSL_CERT_DIR): by
 * <hash of the subject>.0, .1, … without a gap. What OpenSSL would not find is
 * listed as neither trusted nor distrusted, with a note that says why: a file
 * without a link, a link under another name's hash, a number behind a gap, a
 * link by the hash of OpenSSL before 1.0 alone, a file that is no PEM. What
 * stands in one file with what it finds is trusted as soon as it found that.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/root.h"
#include "medium/file.h"
#include "medium/listing.h"
#include "medium/medium.h"
#include "model/hashlink.h"
#include "model/name.h"
#include "model/place.h"
#include "model/store.h"

/* Whether OpenSSL looks for it: "….r0" is a CRL, "….00" is not looked for. */
static bool parse_link(const char *name, uint32_t *ret_hash, unsigned *ret_number)
{
	return hashlink_read(name, ret_hash, ret_number) && *ret_number != HASHLINK_NEVER;
}

static bool listed(const struct listing *listing, const char *name)
{
	size_t low = 0, high = listing->count;

	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = strcmp(listing->names[middle], name);

		if (order == 0)
			return true;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

/* What is read, and what is remembered from one link to the next. */
struct links {
	const struct listing *listing;
	const struct root *root;
	struct store *into;
	bool known; /* `gap` is that of `hash`: links of one hash follow one another */
	uint32_t hash;
	unsigned gap;                      /* the first number that is not there */
	struct said {                      /* a note about the file that a link leads to */
		const char *target, *text; /* in the store's memory */
		size_t at;
		size_t note;
	} * said;
	size_t said_count;
};

/* OpenSSL asks for .0, .1, … and stops at the first that is not there. */
static bool behind_gap(struct links *links, uint32_t hash, unsigned number)
{
	char name[HASHLINK_NAME];

	if (!links->known || links->hash != hash)
		for (links->gap = 0;; links->gap++) {
			hashlink_name(hash, links->gap, name);
			if (!listed(links->listing, name))
				break;
		}
	links->known = true;
	links->hash = hash;
	return number > links->gap;
}

/* Whether OpenSSL looks for this certificate by this hash. */
static bool found_by(const struct anchor *anchor, uint32_t hash)
{
	uint32_t is = 0;

	return anchor->readable && name_hash(anchor->cert.subject, &is) && is == hash;
}

/* Whether OpenSSL before 1.0 did. */
static bool found_once(const struct anchor *anchor, uint32_t hash)
{
	uint32_t is = 0;

	return anchor->readable && !found_by(anchor, hash) && name_hash_old(anchor->cert.subject, &is) &&
	       is == hash;
}

/* Why OpenSSL does not find this certificate under this name, or NULL if it does. */
static const char *unfound(const struct anchor *anchor, uint32_t hash, bool gap)
{
	if (gap)
		return "a lower number is missing, so OpenSSL stops before it";
	if (anchor->origin.line == 0)
		return "it is no PEM, and OpenSSL reads nothing else here";
	if (anchor->origin.bag)
		return "it is in PKCS#7, of which OpenSSL reads nothing here";
	if (!anchor->readable)
		return "the certificate cannot be read";
	if (found_by(anchor, hash))
		return NULL;
	return "the name is not the hash of this certificate's subject, so OpenSSL does not find it here";
}

/* Whether OpenSSL, looking for one of the certificates from `first` on, reads the file they stand in. */
static bool opened(const struct store *store, size_t first, uint32_t hash, bool gap)
{
	for (; first < store->count; first++)
		if (unfound(&store->anchors[first], hash, gap) == NULL)
			return true;
	return false;
}

/* Remembers that the notes from `first` on are about the file that this link leads to, whatever its name. */
static void remember(struct links *links, const char *path, size_t first)
{
	struct store *into = links->into;
	char *target = first < into->note_count ? root_link(links->root, path) : NULL;
	const char *kept = target != NULL ? arena_text(&into->arena, bytes_of(target)) : NULL;

	for (; kept != NULL && first < into->note_count; first++) {
		links->said = mem_grow(links->said, links->said_count, sizeof(*links->said));
		links->said[links->said_count++] =
			(struct said){ kept, into->notes[first].text, into->notes[first].at, first };
	}
	free(target);
}

static void read_link(struct links *links, const char *path, const char *name)
{
	struct store *into = links->into;
	struct err err = { 0 };
	size_t before = into->count, notes = into->note_count;
	uint32_t hash = 0;
	unsigned number = 0;
	bool gap = parse_link(name, &hash, &number) && behind_gap(links, hash, number), along;

	if (!file_read_entry(path, links->root, NULL, into, &err)) {
		store_note_file(into, err.code == ERR_SYSTEM ? NOTE_ERROR : NOTE_WARN, path, NOTE_NOWHERE,
				"%s%s", err.text,
				err.code == ERR_ABSENT ? ": remove it, or make the links again" : "");
		if (err.code != ERR_ABSENT) /* each dangling link is to be removed */
			remember(links, path, notes);
		return;
	}
	remember(links, path, notes);
	along = opened(into, before, hash, gap);
	for (size_t i = before; i < into->count; i++) {
		const char *why = unfound(&into->anchors[i], hash, gap);

		if (why == NULL)
			continue;
		if (along && !into->anchors[i].origin.bag)
			why = "OpenSSL does not look for it by this name, but trusts it as soon as it "
			      "looked for another of this file";
		else
			into->anchors[i].trusted = 0;
		if (found_once(&into->anchors[i], hash)) /* told below, if that is all */
			continue;
		store_note_file(into, NOTE_WARN, path, NOTE_NOWHERE, "%s", why);
	}
}

static int by_words(const struct said *x, const struct said *y)
{
	int order = strcmp(x->target, y->target);

	order = order != 0 ? order : strcmp(x->text, y->text);
	return order != 0 ? order : (x->at > y->at) - (x->at < y->at);
}

static int by_said(const void *a, const void *b)
{
	const struct said *x = a, *y = b;
	int order = by_words(x, y);

	return order != 0 ? order : (x->note > y->note) - (x->note < y->note);
}

/* What is wrong with a file is said once, and not for each link that leads to it. */
static void join_notes(struct links *links)
{
	struct store *into = links->into;
	bool *again = mem_zero((into->note_count + 1) * sizeof(*again));
	size_t kept = 0, end;

	if (links->said_count > 1)
		qsort(links->said, links->said_count, sizeof(*links->said), by_said);
	for (size_t i = 0; i < links->said_count; i = end) {
		struct note *first = &into->notes[links->said[i].note];
		char *text;

		for (end = i + 1;
		     end < links->said_count && by_words(&links->said[i], &links->said[end]) == 0; end++)
			again[links->said[end].note] = true;
		if (end == i + 1)
			continue;
		text = mem_print("%s (%zu links lead to it)", first->text, end - i);
		first->text = arena_text(&into->arena, bytes_of(text));
		free(text);
	}
	for (size_t i = 0; i < into->note_count; i++)
		if (!again[i])
			into->notes[kept++] = into->notes[i];
	into->note_room -= into->note_count - kept;
	into->note_count = kept;
	free(again);
}

/* Whether the link that led to it has the hash of OpenSSL before 1.0. */
static bool by_old_link(const struct anchor *anchor)
{
	const char *slash = anchor->origin.file != NULL ? strrchr(anchor->origin.file, '/') : NULL;
	uint32_t hash;
	unsigned number;

	return slash != NULL && parse_link(slash + 1, &hash, &number) && found_once(anchor, hash);
}

/*
 * A certificate has a link by its new hash and often one by the old: that it is
 * reached twice is as it should be, and not worth the note of store_finish(). Of
 * those with one identity the first that is trusted stays.
 */
static void drop_second_links(struct store *into)
{
	const struct anchor **all = store_by_id(into);
	bool *again = mem_zero((into->count + 1) * sizeof(*again));
	size_t kept = 0;

	for (size_t i = 0, next; i < into->count; i = next) {
		size_t first = i;

		for (next = i; next < into->count && memcmp(all[next]->id, all[i]->id, ID_LEN) == 0; next++)
			if (all[first]->trusted == 0 && all[next]->trusted != 0)
				first = next;
		for (size_t k = i; k < next; k++)
			again[all[k] - into->anchors] =
				k != first && (all[k]->trusted == all[first]->trusted ||
					       (all[k]->trusted == 0 && by_old_link(all[k])));
	}
	for (size_t i = 0; i < into->count; i++)
		if (!again[i])
			into->anchors[kept++] = into->anchors[i];
	into->count = kept;
	free(again);
	free(all);
}

static void note_old_links(struct store *into)
{
	for (size_t i = 0; i < into->count; i++)
		if (into->anchors[i].trusted == 0 && by_old_link(&into->anchors[i]))
			store_note_file(into, NOTE_WARN, into->anchors[i].origin.file, NOTE_NOWHERE,
					"the name is the hash that OpenSSL took before 1.0; what is in use "
					"now does not find it (openssl rehash makes the links)");
}

/* The identities of what has a link, sorted. */
struct linked {
	uint8_t (*ids)[ID_LEN]; /* owned */
	size_t count;
};

static void linked_of(const struct store *store, struct linked *ret)
{
	const struct anchor **all = store_by_id(store);

	*ret = (struct linked){ mem_zero((store->count + 1) * ID_LEN), store->count };
	for (size_t i = 0; i < store->count; i++)
		memcpy(ret->ids[i], all[i]->id, ID_LEN);
	free(all);
}

static int by_id(const void *a, const void *b)
{
	return memcmp(a, b, ID_LEN);
}

static bool is_linked(const struct linked *linked, const struct anchor *anchor)
{
	return bsearch(anchor->id, linked->ids, linked->count, ID_LEN, by_id) != NULL;
}

/* A certificate file that is here without a link is worth a note, if no link reaches the same certificate. */
static void read_other(const char *path, const struct root *root, const struct linked *linked,
		       struct store *into)
{
	struct store *store = store_new(path);
	struct err err = { 0 };

	if (file_read_entry(path, root, NULL, store, &err)) {
		for (size_t i = 0; i < store->count; i++) {
			struct anchor *one;

			if (store->anchors[i].names != ANCHOR_CERTIFICATE ||
			    is_linked(linked, &store->anchors[i]))
				continue;
			one = store_add(into, store->anchors[i].cert.der, NOTE_NOWHERE);
			one->origin.file = arena_text(&into->arena, bytes_of(path));
			one->origin.line = store->anchors[i].origin.line;
			store_note_file(into, NOTE_WARN, path, NOTE_NOWHERE,
					"a certificate without a hash link: programs that use this directory "
					"do not find it "
					"(openssl rehash makes the links)");
		}
	} else if (err.code == ERR_SYSTEM || err.code == ERR_LIMIT) {
		store_note_file(into, NOTE_ERROR, path, NOTE_NOWHERE, "%s", err.text);
	}
	store_free(store);
}

static void read_names(struct links *links, const char *dir, bool are_links, const struct linked *linked)
{
	uint32_t hash;
	unsigned number;

	for (size_t i = 0; i < links->listing->count; i++) {
		const char *name = links->listing->names[i];
		char *path = listing_path(dir, name);

		if (parse_link(name, &hash, &number) != are_links)
			;
		else if (are_links)
			read_link(links, path, name);
		else
			read_other(path, links->root, linked, links->into);
		free(path);
	}
}

static bool hashdir_read(const struct place *place, const struct root *root, struct store *into,
			 struct err *err)
{
	struct listing listing;
	struct links links = { .listing = &listing, .root = root, .into = into };
	struct linked linked = { 0 };
	const char *dir = place->paths[0];

	if (!listing_read(root, dir, &listing, err))
		return false;
	read_names(&links, dir, true, NULL);
	join_notes(&links);
	drop_second_links(into);
	note_old_links(into);
	linked_of(into, &linked);
	read_names(&links, dir, false, &linked);
	free(links.said);
	free(linked.ids);
	listing_done(&listing);
	return true;
}

const struct medium medium_hashdir = {
	.kind = { "hashdir", "OpenSSL hashed directory (CApath)", CAN_MANY },
	.read = hashdir_read,
};
